/* enrich/lexicon, the file: what it says, checked, and put into the table. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/schema.h"
#include "enrich/lexicon_inside.h"
#include "enrich/post.h"
#include "match/forms.h"
#include "match/forms_list.h"

enum { ARENA_MAX_BYTES = 64 * 1024 * 1024, GROUPS_MAX = 2 * LEXICON_WEIGHT_MAX + 1 };

/* --- the file --- */

struct group {
	const char *weight, *block;
	const struct yaml_node *node;
};
struct measured {
	double r, f;
	const char *on;
};
struct country {
	const char *code;
	struct diag_pos at;
	struct group *terms;
	size_t n_terms;
};
struct file {
	const char *name;
	bool forms;
	int64_t entries;
	struct diag_pos entries_at;
	const struct measured *measured;
	const char *block[LEXICON_TURN + 1];
	const struct yaml_node *node[LEXICON_TURN + 1];
	struct group *terms, *emoji, *emoticons;
	struct country *countries;
	size_t n_terms, n_emoji, n_emoticons, n_countries;
};

static const struct schema_row group_rows[] = {{.key = NULL, .type = SCHEMA_STRING}};

static bool group_decode(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct group *g = ret;

	(void)row;
	g->node = node;
	return schema_value(run, node, &group_rows[0], &g->block);
}

static const struct schema_row group_item = {
	.type = SCHEMA_CUSTOM,
	.decode = group_decode,
	.item_size = sizeof(struct group),
	.name_at = SCHEMA_AT(struct group, weight),
};

#define GROUPS(k, type_, member)                                                                                       \
	{                                                                                                              \
		.key = k, .type = SCHEMA_NAMED, .at = offsetof(type_, member), .n_at = offsetof(type_, n_##member),    \
		.item = &group_item, .max = GROUPS_MAX                                                                 \
	}
#define BLOCK(k, kind)                                                                                                 \
	{                                                                                                              \
		.key = k, .type = SCHEMA_STRING, .at = offsetof(struct file, block[kind]),                             \
		.node_at = SCHEMA_AT(struct file, node[kind])                                                          \
	}
static const struct schema_row measured_rows[] = {
	{.key = "r", .type = SCHEMA_PART, .at = offsetof(struct measured, r), .required = true},
	{.key = "f", .type = SCHEMA_PART, .at = offsetof(struct measured, f), .required = true},
	{.key = "on", .type = SCHEMA_STRING, .at = offsetof(struct measured, on), .required = true},
};
static const struct schema_table measured_table = SCHEMA_TABLE(struct measured, measured_rows);

static const struct schema_row country_rows[] = {GROUPS("terms", struct country, terms)};
static const struct schema_table country_table =
	SCHEMA_TABLE(struct country, country_rows, .pos_at = SCHEMA_AT(struct country, at),
		     .name_at = SCHEMA_AT(struct country, code));
static const struct schema_row country_item = {.type = SCHEMA_OBJECT, .table = &country_table};

static const struct schema_row file_rows[] = {
	{.key = "lexicon", .type = SCHEMA_NAME, .at = offsetof(struct file, name), .required = true},
	{.key = "forms", .type = SCHEMA_BOOL, .at = offsetof(struct file, forms), .def = "false"},
	{.key = "entries",
	 .type = SCHEMA_INT,
	 .at = offsetof(struct file, entries),
	 .pos_at = SCHEMA_AT(struct file, entries_at),
	 .min = 0,
	 .max = LEXICON_TERMS_MAX,
	 .def = "0"},
	{.key = "measured", .type = SCHEMA_OBJECT, .at = offsetof(struct file, measured), .table = &measured_table},
	BLOCK("negators", LEXICON_NEGATOR),
	BLOCK("stronger", LEXICON_STRONGER),
	BLOCK("weaker", LEXICON_WEAKER),
	BLOCK("turns", LEXICON_TURN),
	GROUPS("terms", struct file, terms),
	GROUPS("emoji", struct file, emoji),
	GROUPS("emoticons", struct file, emoticons),
	{.key = "countries",
	 .type = SCHEMA_NAMED,
	 .at = offsetof(struct file, countries),
	 .n_at = offsetof(struct file, n_countries),
	 .item = &country_item,
	 .max = LEXICON_COUNTRIES_MAX},
};
static const struct schema_table file_table = SCHEMA_TABLE(struct file, file_rows);

struct reading {
	struct lexicon *x;
	const struct file *file;
	const struct yaml_doc *doc;
	struct arena *a;
	struct diag *d;
	struct post post;
	int64_t entries;
	bool failed;
};

static void fail(struct reading *r, const struct yaml_node *node, size_t at, enum text_id text, const char *arg)
{
	r->failed = true;
	diag_error(r->d, yaml_pos_at(r->doc, node, at), NULL, NULL, text, arg);
}

/* --- words and phrases --- */

/* The forms of the one word that the post is. */
static void forms_set(struct reading *r, int weight)
{
	const struct post *p = &r->post;
	bool accented =
		p->fold.text_len != p->fold.len; /* a letter with an accent has two bytes, and one when folded */
	struct forms_list l;
	struct post form;
	size_t i;

	if (!forms_of(p->fold.bytes + p->v[0].from, p->v[0].to - p->v[0].from, accented, &l))
		return;
	post_init(&form);
	for (i = 0; i < l.n && r->x->n < LEXICON_FORMS_MAX; i++) {
		post_read(&form, l.v[i], strcspn(l.v[i], FORM_PRONOUNS));
		if (form.n == 1)
			lexicon_set(r->x, form.v[0].hash, LEXICON_TERM, weight, false);
	}
	post_done(&form);
}

/* The words of the item as one phrase; its beginnings say that more may come. */
static void item_add(struct reading *r, const struct yaml_node *node, size_t at, const char *item, size_t len,
		     enum lexicon_kind kind, int weight)
{
	struct post *p = &r->post;
	const char *shown = arena_printf(r->a, "%.*s", (int)len, item);
	uint64_t hash;
	size_t i;

	r->entries++;
	post_read(p, item, len);
	for (i = 0; i < p->n && p->v[i].kind == TOKEN_WORD; i++)
		;
	/* "a+" would be an "a": what is read over at an end was meant */
	if (!p->n || i < p->n || p->v[0].from || p->v[p->n - 1].to < p->fold.len) {
		fail(r, node, at, TEXT_LEXICON_SIGNS, shown);
		return;
	}
	if (p->n > LEXICON_PHRASE_MAX) {
		fail(r, node, at, TEXT_LEXICON_LONG, shown);
		return;
	}
	hash = p->v[0].hash;
	for (i = 1; i < p->n; i++) {
		lexicon_entry(r->x, hash)->more = true;
		hash = post_phrase(hash, p->v[i].hash);
	}
	if (!lexicon_set(r->x, hash, kind, weight, true))
		fail(r, node, at, TEXT_LEXICON_TWICE, shown);
	if (kind == LEXICON_TERM)
		r->x->terms++;
}

/* Each item of a block that is parted by one of the given signs. */
static void items_each(struct reading *r, const struct yaml_node *node, const char *parts, enum lexicon_kind kind,
		       int weight,
		       void (*on_item)(struct reading *r, const struct yaml_node *node, size_t at, const char *item,
				       size_t len, enum lexicon_kind kind, int weight))
{
	const char *s = node->text;
	size_t n = 0;

	while (*s) {
		size_t len = strcspn(s, parts), blank = strspn(s, " \t");

		if (blank < len && n++ < LEXICON_TERMS_MAX)
			on_item(r, node, (size_t)(s - node->text), s + blank, len - blank, kind, weight);
		s += len + (s[len] != '\0');
	}
	if (n > LEXICON_TERMS_MAX)
		fail(r, node, 0, TEXT_LEXICON_MANY, "50000");
}

static void item_forms(struct reading *r, const struct yaml_node *node, size_t at, const char *item, size_t len,
		       enum lexicon_kind kind, int weight)
{
	(void)node;
	(void)at;
	(void)kind;
	post_read(&r->post, item, len);
	if (r->post.n == 1)
		forms_set(r, weight);
}

/* One sign, of whichever kind the file says it is. */
static void sign_add(struct reading *r, const struct yaml_node *node, size_t at, const char *item, size_t len,
		     enum lexicon_kind kind, int weight)
{
	struct post *p = &r->post;

	r->entries++;
	post_read(p, item, len);
	if (p->n != 1 || (p->v[0].kind != TOKEN_PICTURE && p->v[0].kind != TOKEN_EMOTICON))
		fail(r, node, at, TEXT_LEXICON_NO_SIGN, arena_printf(r->a, "%.*s", (int)len, item));
	else if (!lexicon_set(r->x, p->v[0].hash, kind, weight, true))
		fail(r, node, at, TEXT_LEXICON_TWICE, arena_printf(r->a, "%.*s", (int)len, item));
}

static bool weight_of(struct reading *r, const struct group *g, int *ret)
{
	const char *s = g->weight;
	bool minus = *s == '-';

	s += minus;
	if (*s < '0' || *s > '0' + LEXICON_WEIGHT_MAX || s[1]) {
		fail(r, g->node, 0, TEXT_LEXICON_WEIGHT, g->weight);
		return false;
	}
	*ret = minus ? '0' - *s : *s - '0';
	return true;
}

static void signs_read(struct reading *r, const struct group *v, size_t n)
{
	size_t i;
	int weight;

	for (i = 0; i < n; i++)
		if (weight_of(r, &v[i], &weight))
			items_each(r, v[i].node, " \n", LEXICON_TERM, weight, sign_add);
}

static void terms_read(struct reading *r, const struct group *v, size_t n)
{
	size_t i;
	int weight;

	for (i = 0; i < n; i++)
		if (weight_of(r, &v[i], &weight))
			items_each(r, v[i].node, "\n", LEXICON_TERM, weight, item_add);
	/* last: what is written is stronger than what is a form of something written */
	for (i = 0; r->file->forms && i < n; i++)
		if (weight_of(r, &v[i], &weight))
			items_each(r, v[i].node, "\n", LEXICON_TERM, weight, item_forms);
}

static void country_read(struct reading *r, const struct country *c)
{
	struct lexicon *all = r->x, *x = lexicon_table(c->code);

	x->everywhere = all;
	all->countries[all->n_countries++] = x;
	if (strlen(c->code) != 2 || !isalpha((uint8_t)c->code[0]) || !isalpha((uint8_t)c->code[1])) {
		r->failed = true;
		diag_error(r->d, c->at, NULL, NULL, TEXT_LEXICON_COUNTRY, c->code);
	}
	r->x = x;
	terms_read(r, c->terms, c->n_terms);
	r->x = all;
	all->terms += x->terms;
}

/* A file that ends early may well be good YAML: its own count tells. Who adds words need not count them. */
static void entries_check(struct reading *r)
{
	const struct file *f = r->file;

	if (r->entries >= f->entries)
		return;
	r->failed = true;
	diag_error(r->d, f->entries_at, NULL, NULL, TEXT_LEXICON_SHORT, arena_printf(r->a, "%" PRId64, f->entries),
		   arena_printf(r->a, "%" PRId64, r->entries));
}

static void file_take(struct reading *r)
{
	const struct file *f = r->file;
	enum lexicon_kind kind;
	size_t i;

	for (kind = LEXICON_NEGATOR; kind <= LEXICON_TURN; kind++)
		if (f->node[kind])
			items_each(r, f->node[kind], "\n", kind, 0, item_add);
	terms_read(r, f->terms, f->n_terms);
	signs_read(r, f->emoji, f->n_emoji);
	signs_read(r, f->emoticons, f->n_emoticons);
	if (f->n_countries)
		r->x->countries = xcalloc(f->n_countries, sizeof(struct lexicon *));
	for (i = 0; i < f->n_countries; i++)
		country_read(r, &f->countries[i]);
	entries_check(r);
}

int lexicon_new(const char *file, const char *text, struct diag *d, struct lexicon **ret)
{
	struct arena *a = arena_new(ARENA_MAX_BYTES);
	struct file f = {.name = NULL};
	struct yaml_doc *doc;
	struct reading r;
	int error;

	error = text ? yaml_parse(file, text, strlen(text), a, d, &doc) : yaml_read(file, a, d, &doc);
	if (!error)
		error = schema_decode(doc, &file_table, a, d, &f);
	if (!error) {
		r = (struct reading){.x = lexicon_table(f.name), .file = &f, .doc = doc, .a = a, .d = d};
		if (f.measured)
			r.x->measured = (struct lexicon_measured){true, f.measured->r, f.measured->f};
		post_init(&r.post);
		file_take(&r);
		post_done(&r.post);
		error = r.failed ? LEXICON_E_INVALID : 0;
		if (error)
			lexicon_free(r.x);
		else
			*ret = r.x;
	}
	arena_free(a);
	return error < 0 ? error : error ? LEXICON_E_INVALID : 0;
}
