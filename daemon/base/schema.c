#include "base/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/schema_run.h"
#include "base/suggest.h"

size_t schema_size(const struct schema_row *row)
{
	switch (row->type) {
	case SCHEMA_BOOL:
		return sizeof(bool);
	case SCHEMA_INT:
	case SCHEMA_DURATION:
	case SCHEMA_SIZE:
		return sizeof(int64_t);
	case SCHEMA_PART:
		return sizeof(double);
	case SCHEMA_ENUM:
		return sizeof(int);
	case SCHEMA_OBJECT:
		return row->table->size;
	case SCHEMA_CUSTOM:
		return row->item_size;
	default:
		return sizeof(void *);
	}
}

static void *member(void *object, size_t at_plus_one)
{
	return (char *)object + at_plus_one - 1;
}

/* --- the path of keys, "sources[2].every" --- */

static size_t path_push(struct schema_run *run, const char *key)
{
	size_t len = run->path.len;

	buf_printf(&run->path, "%s%s", len ? "." : "", key);
	return len;
}

static size_t path_push_index(struct schema_run *run, size_t i)
{
	size_t len = run->path.len;

	buf_printf(&run->path, "[%zu]", i);
	return len;
}

static void path_pop(struct schema_run *run, size_t len)
{
	run->path.len = len;
	run->path.full = false;
	if (run->path.data)
		run->path.data[len] = '\0';
}

const char *schema_key(const struct schema_run *run)
{
	return buf_str(&run->path);
}

struct arena *schema_arena(const struct schema_run *run)
{
	return run->arena;
}

const struct yaml_doc *schema_doc(const struct schema_run *run)
{
	return run->doc;
}

struct diag *schema_diag(const struct schema_run *run)
{
	return run->diag;
}

void **schema_slot(struct schema_run *run, size_t i)
{
	return &run->slots[i];
}

/* --- findings --- */

bool schema_fail_at(struct schema_run *run, struct diag_pos pos, const char *below, const char *guess,
		    enum text_id text, const char *const args[])
{
	size_t mark = below ? path_push(run, below) : run->path.len;

	diag_add(run->diag, DIAG_ERROR, pos, run->path.len ? buf_str(&run->path) : NULL, guess, text, args);
	path_pop(run, mark);
	run->wrong = true;
	run->n_findings++;
	return false;
}

bool schema_fail(struct schema_run *run, const struct yaml_node *node, const char *below, const char *guess,
		 enum text_id text, const char *const args[])
{
	run->wrong = true;
	return !node->wrong && schema_fail_at(run, node->pos, below, guess, text, args);
}

void schema_warn(struct schema_run *run, const struct yaml_node *node, const char *below, enum text_id text,
		 const char *const args[])
{
	size_t mark = below ? path_push(run, below) : run->path.len;

	diag_add(run->diag, DIAG_WARNING, node->pos, run->path.len ? buf_str(&run->path) : NULL, NULL, text, args);
	path_pop(run, mark);
}

static bool out_of_count(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, size_t n)
{
	char bound[24], found[24];

	snprintf(found, sizeof(found), "%zu", n);
	if ((int64_t)n < row->min) {
		snprintf(bound, sizeof(bound), "%lld", (long long)row->min);
		SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_ITEMS_LEAST, bound, found);
		return true;
	}
	if (row->max && (int64_t)n > row->max) {
		snprintf(bound, sizeof(bound), "%lld", (long long)row->max);
		SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_ITEMS_MOST, bound, found);
		return true;
	}
	return false;
}

/* --- lists and maps of items --- */

struct named {
	const char *name;
	struct diag_pos pos;
	size_t index;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The objects of a list may not share a name. */
static bool names_unique(struct schema_run *run, const struct yaml_node *list, const struct schema_table *table,
			 char *items, size_t n)
{
	cleanup(freep) struct named *names = xmalloc(n * sizeof(*names));
	size_t i, n_names = 0, first = 0;
	bool right = true;

	for (i = 0; i < n; i++) {
		const char *name = *(const char **)member(items + i * table->size, table->name_at);
		const struct yaml_node *item = list->kind == YAML_LIST ? list->items[i] : list;
		const struct yaml_node *at = yaml_get(item, "name");

		if (name)
			names[n_names++] = (struct named){name, at ? at->pos : item->pos, i};
	}
	qsort(names, n_names, sizeof(*names), by_name);
	for (i = 1; i < n_names; i++) {
		char line[16];

		if (strcmp(names[first].name, names[i].name) != 0) {
			first = i;
			continue;
		}
		snprintf(line, sizeof(line), "%u", names[first].pos.line);
		right = schema_fail_at(run, names[i].pos, NULL, NULL, TEXT_SCHEMA_TWICE,
				       TEXT_ARGS(names[i].name, line));
	}
	return right;
}

static bool decode_item(struct schema_run *run, const struct yaml_node *node, const struct schema_row *item, void *ret)
{
	if (item->type == SCHEMA_OBJECT)
		return schema_object(run, node, item->table, ret);
	return schema_value(run, node, item, ret);
}

static bool decode_list(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret,
			size_t *ret_n)
{
	const struct schema_row *item = row->item;
	bool single = row->one_or_list && node->kind != YAML_LIST, right = true;
	size_t n = single ? 1 : node->n, size = schema_size(item), i;
	char *items;

	if (!single && node->kind != YAML_LIST)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_WANT_LIST);
	if (out_of_count(run, node, row, n))
		return false;
	items = arena_alloc(run->arena, n * size);
	for (i = 0; i < n; i++) {
		size_t mark = single ? run->path.len : path_push_index(run, i);

		right &= decode_item(run, single ? node : node->items[i], item, items + i * size);
		path_pop(run, mark);
	}
	if (item->type == SCHEMA_OBJECT && item->table->name_at && n > 1)
		right &= names_unique(run, node, item->table, items, n);
	*(void **)ret = items;
	*ret_n = n;
	return right;
}

static bool decode_named(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret,
			 size_t *ret_n)
{
	static const struct schema_row name_row = {.type = SCHEMA_NAME};
	const struct schema_row *item = row->item;
	size_t name_at = item->type == SCHEMA_OBJECT ? item->table->name_at : item->name_at;
	size_t size = schema_size(item), i;
	bool right = true;
	char *items;

	if (node->kind != YAML_MAP)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_WANT_MAP);
	if (out_of_count(run, node, row, node->n))
		return false;
	items = arena_alloc(run->arena, node->n * size);
	for (i = 0; i < node->n; i++) {
		const struct yaml_pair *pair = &node->pairs[i];
		size_t mark = path_push(run, pair->key->text);
		const char *name = NULL;

		right &= schema_value(run, pair->key, &name_row, &name);
		if (name_at)
			*(const char **)member(items + i * size, name_at) = name;
		right &= decode_item(run, pair->value, item, items + i * size);
		path_pop(run, mark);
	}
	*(void **)ret = items;
	*ret_n = node->n;
	return right;
}

/* --- objects --- */

/* One member of an object. */
static bool decode_member(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			  char *object)
{
	void *ret = object + row->at;

	if (row->pos_at)
		*(struct diag_pos *)member(object, row->pos_at) = node->pos;
	if (row->node_at)
		*(const struct yaml_node **)member(object, row->node_at) = node;
	if (node->wrong)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_NO_VALUE); /* told already: says nothing */
	if (yaml_empty(node) && row->type != SCHEMA_NODE)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_NO_VALUE);
	switch (row->type) {
	case SCHEMA_OBJECT:
		*(void **)ret = arena_alloc(run->arena, row->table->size);
		return schema_object(run, node, row->table, *(void **)ret);
	case SCHEMA_LIST:
		return decode_list(run, node, row, ret, (size_t *)(object + row->n_at));
	case SCHEMA_NAMED:
		return decode_named(run, node, row, ret, (size_t *)(object + row->n_at));
	default:
		return schema_value(run, node, row, ret);
	}
}

/* What a row's def says, read by the same code; a def that is wrong is a mistake in the table, which every test meets. */
static bool decode_default(struct schema_run *run, const struct schema_row *row, char *object)
{
	struct yaml_node text = {.kind = YAML_TEXT, .pos.file = run->doc->file}, *node = &text;
	struct yaml_doc *doc;

	if (strchr("[{", *row->def)) {
		if (yaml_parse(NULL, row->def, strlen(row->def), run->arena, NULL, &doc) != 0)
			abort();
		node = doc->root;
		node->pos = text.pos;
	} else { /* the many: no parser for each */
		text.text = row->def;
		text.n = strlen(row->def);
		node = arena_alloc(run->arena, sizeof(text));
		*node = text;
	}
	return decode_member(run, node, row, object);
}

static const struct schema_row *find_row(const struct schema_table *table, const char *key)
{
	size_t i;

	for (i = 0; i < table->n; i++) {
		if (strcmp(table->rows[i].key, key) == 0)
			return &table->rows[i];
	}
	return NULL;
}

static bool unknown_key(struct schema_run *run, const struct yaml_node *key, const struct schema_table *table)
{
	const char *const *later = table->later;
	const char *guess;

	for (; later && *later; later++) {
		if (strcmp(*later, key->text) == 0)
			return SCHEMA_FAIL(run, key, key->text, NULL, TEXT_SCHEMA_LATER);
	}
	guess = table->n && run->n_findings < DIAG_MAX
			? suggest(key->text, &table->rows[0].key, table->n, sizeof(*table->rows))
			: NULL;
	return SCHEMA_FAIL(run, key, key->text, guess, TEXT_SCHEMA_UNKNOWN);
}

static bool other_key(struct schema_run *run, const struct yaml_node *map, const struct yaml_pair *pair,
		      const struct schema_table *table, void *object)
{
	bool wrong = run->wrong, known = false;
	size_t mark;

	if (table->other && !pair->key->wrong) {
		mark = path_push(run, pair->key->text);
		run->wrong = false;
		known = table->other(run, map, pair, object);
		path_pop(run, mark);
	}
	if (!known)
		return unknown_key(run, pair->key, table);
	known = !run->wrong;
	run->wrong |= wrong;
	return known;
}

static bool absent(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *object)
{
	if (row->required)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_MISSING, row->key);
	if (row->def) {
		size_t mark = path_push(run, row->key);
		bool right = decode_default(run, row, object);

		path_pop(run, mark);
		return right;
	}
	return true;
}

bool schema_object(struct schema_run *run, const struct yaml_node *node, const struct schema_table *table, void *ret)
{
	bool right = !node->wrong;
	size_t i;

	if (node->kind != YAML_MAP)
		return SCHEMA_FAIL(run, node, NULL, NULL,
				   yaml_empty(node) ? TEXT_SCHEMA_NO_VALUE : TEXT_SCHEMA_WANT_MAP);
	if (table->pos_at)
		*(struct diag_pos *)member(ret, table->pos_at) = node->pos;
	for (i = 0; i < node->n; i++) {
		const struct yaml_pair *pair = &node->pairs[i];
		const struct schema_row *row = pair->key->wrong ? NULL : find_row(table, pair->key->text);
		size_t mark;

		if (!row) {
			right &= other_key(run, node, pair, table, ret);
			continue;
		}
		mark = path_push(run, row->key);
		right &= decode_member(run, pair->value, row, ret);
		path_pop(run, mark);
	}
	for (i = 0; i < table->n; i++) {
		if (!yaml_get(node, table->rows[i].key))
			right &= absent(run, node, &table->rows[i], ret);
	}
	return right && table->check ? table->check(run, node, ret) : right;
}

int schema_decode_partly(const struct yaml_doc *doc, const struct schema_table *table, struct arena *a, struct diag *d,
			 void *ret)
{
	struct schema_run run = {.doc = doc, .arena = a, .diag = d, .path = BUF_INIT(SCHEMA_PATH_MAX_BYTES)};
	bool right;

	memset(ret, 0, table->size);
	right = schema_object(&run, doc->root, table, ret);
	buf_done(&run.path);
	return right && !run.wrong && !doc->wrong ? 0 : SCHEMA_E_INVALID;
}

int schema_decode(const struct yaml_doc *doc, const struct schema_table *table, struct arena *a, struct diag *d,
		  void *ret)
{
	void *object = arena_alloc(a, table->size);
	int r = schema_decode_partly(doc, table, a, d, object);

	if (!r)
		memcpy(ret, object, table->size);
	return r;
}

/* --- the keys themselves --- */

static void each(const struct schema_table *table, const char *prefix,
		 void (*on_key)(const char *key, const struct schema_row *row, void *arg), void *arg)
{
	size_t i;

	for (i = 0; i < table->n; i++) {
		const struct schema_row *row = &table->rows[i];
		const struct schema_table *inner = row->item ? row->item->table : row->table;
		const char *inside = row->type == SCHEMA_LIST ? "[]" : row->type == SCHEMA_NAMED ? ".NAME" : "";
		cleanup(freep) char *key = xasprintf("%s%s", prefix, row->key);
		cleanup(freep) char *below = xasprintf("%s%s.", key, inside);

		on_key(key, row, arg);
		if (inner)
			each(inner, below, on_key, arg);
	}
}

void schema_each(const struct schema_table *table,
		 void (*on_key)(const char *key, const struct schema_row *row, void *arg), void *arg)
{
	each(table, "", on_key, arg);
}
