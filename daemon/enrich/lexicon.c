#include "enrich/lexicon.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/schema.h"
#include "enrich/post.h"
#include "match/forms.h"
#include "match/forms_list.h"

enum { ARENA_MAX_BYTES = 64 * 1024 * 1024, GROUPS_MAX = 2 * LEXICON_WEIGHT_MAX + 1 };

/* A slot of the table. A phrase's beginnings stand in it, too: with `more`, and the kind NONE where they are nothing else. */
struct entry {
	uint64_t hash; /* 0: free */
	int8_t weight;
	uint8_t kind;
	bool more;  /* longer phrases begin with it */
	bool given; /* written as it is: a form of another word does not change it */
};

struct lexicon {
	char *name;
	struct lexicon_measured measured;
	struct entry *v;
	size_t n, cap; /* cap: a power of two */
	size_t terms;
};

/* --- the file --- */

struct group {
	const char *weight, *block;
	const struct yaml_node *node;
};
struct measured {
	double r, f;
	const char *on;
};
struct file {
	const char *name;
	bool forms;
	const struct measured *measured;
	const char *block[LEXICON_TURN + 1];
	const struct yaml_node *node[LEXICON_TURN + 1];
	struct group *terms, *emoji, *emoticons;
	size_t n_terms, n_emoji, n_emoticons;
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

#define GROUPS(k, member)                                                                                              \
	{                                                                                                              \
		.key = k, .type = SCHEMA_NAMED, .at = offsetof(struct file, member),                                   \
		.n_at = offsetof(struct file, n_##member), .item = &group_item, .max = GROUPS_MAX                      \
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

static const struct schema_row file_rows[] = {
	{.key = "lexicon", .type = SCHEMA_NAME, .at = offsetof(struct file, name), .required = true},
	{.key = "forms", .type = SCHEMA_BOOL, .at = offsetof(struct file, forms), .def = "false"},
	{.key = "measured", .type = SCHEMA_OBJECT, .at = offsetof(struct file, measured), .table = &measured_table},
	BLOCK("negators", LEXICON_NEGATOR),
	BLOCK("stronger", LEXICON_STRONGER),
	BLOCK("weaker", LEXICON_WEAKER),
	BLOCK("turns", LEXICON_TURN),
	GROUPS("terms", terms),
	GROUPS("emoji", emoji),
	GROUPS("emoticons", emoticons),
};
static const struct schema_table file_table = SCHEMA_TABLE(struct file, file_rows);

/* --- the table --- */

static struct entry *slot(struct entry *v, size_t cap, uint64_t hash)
{
	size_t i = hash & (cap - 1);

	while (v[i].hash && v[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static struct entry *entry_at(struct lexicon *x, uint64_t hash)
{
	struct entry *e;
	size_t i;

	hash += !hash;
	if (2 * (x->n + 1) > x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 1024;
		struct entry *v = xcalloc(cap, sizeof(*v));

		for (i = 0; i < x->cap; i++)
			if (x->v[i].hash)
				*slot(v, cap, x->v[i].hash) = x->v[i];
		free(x->v);
		x->v = v;
		x->cap = cap;
	}
	e = slot(x->v, x->cap, hash);
	if (!e->hash) {
		e->hash = hash;
		x->n++;
	}
	return e;
}

static const struct entry *entry_get(const struct lexicon *x, uint64_t hash)
{
	const struct entry *e = slot(x->v, x->cap, hash + !hash);

	return e->hash ? e : NULL;
}

struct reading {
	struct lexicon *x;
	const struct file *file;
	const struct yaml_doc *doc;
	struct arena *a;
	struct diag *d;
	struct post post;
	bool failed;
};

static void fail(struct reading *r, const struct yaml_node *node, size_t at, enum text_id text, const char *arg)
{
	r->failed = true;
	diag_error(r->d, yaml_pos_at(r->doc, node, at), NULL, NULL, text, arg);
}

/* What the hash stands for, once; false: it stands for something else already. */
static bool entry_set(struct lexicon *x, uint64_t hash, enum lexicon_kind kind, int weight, bool given)
{
	struct entry *e = entry_at(x, hash);

	if (e->given || (e->kind != LEXICON_NONE && !given))
		return !given || (e->kind == (uint8_t)kind && e->weight == weight);
	e->kind = (uint8_t)kind;
	e->weight = (int8_t)weight;
	e->given = given;
	return true;
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
			entry_set(r->x, form.v[0].hash, LEXICON_TERM, weight, false);
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
		entry_at(r->x, hash)->more = true;
		hash = post_phrase(hash, p->v[i].hash);
	}
	if (!entry_set(r->x, hash, kind, weight, true))
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

	post_read(p, item, len);
	if (p->n != 1 || (p->v[0].kind != TOKEN_PICTURE && p->v[0].kind != TOKEN_EMOTICON))
		fail(r, node, at, TEXT_LEXICON_NO_SIGN, arena_printf(r->a, "%.*s", (int)len, item));
	else if (!entry_set(r->x, p->v[0].hash, kind, weight, true))
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

static void file_take(struct reading *r)
{
	const struct file *f = r->file;
	enum lexicon_kind kind;
	size_t i;
	int weight;

	for (kind = LEXICON_NEGATOR; kind <= LEXICON_TURN; kind++)
		if (f->node[kind])
			items_each(r, f->node[kind], "\n", kind, 0, item_add);
	for (i = 0; i < f->n_terms; i++)
		if (weight_of(r, &f->terms[i], &weight))
			items_each(r, f->terms[i].node, "\n", LEXICON_TERM, weight, item_add);
	/* last: what is written is stronger than what is a form of something written */
	for (i = 0; f->forms && i < f->n_terms; i++)
		if (weight_of(r, &f->terms[i], &weight))
			items_each(r, f->terms[i].node, "\n", LEXICON_TERM, weight, item_forms);
	signs_read(r, f->emoji, f->n_emoji);
	signs_read(r, f->emoticons, f->n_emoticons);
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
		r = (struct reading){.x = NEW(struct lexicon), .file = &f, .doc = doc, .a = a, .d = d};
		r.x->name = xstrdup(f.name);
		if (f.measured)
			r.x->measured = (struct lexicon_measured){true, f.measured->r, f.measured->f};
		entry_at(r.x, 1); /* a table is never empty */
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

struct lexicon *lexicon_free(struct lexicon *x)
{
	if (x) {
		free(x->name);
		free(x->v);
		free(x);
	}
	return NULL;
}

const char *lexicon_name(const struct lexicon *x)
{
	return x->name;
}

struct lexicon_measured lexicon_measured(const struct lexicon *x)
{
	return x->measured;
}

size_t lexicon_terms(const struct lexicon *x)
{
	return x->terms;
}

struct lexicon_found lexicon_find(const struct lexicon *x, const struct post *p, size_t i)
{
	struct lexicon_found found = {.kind = LEXICON_NONE, .words = 1};
	const struct token *first = &p->v[i];
	const struct entry *e;
	uint64_t hash = first->hash;
	size_t n = 1;

	if (first->kind != TOKEN_WORD && first->kind != TOKEN_PICTURE && first->kind != TOKEN_EMOTICON)
		return found;
	while ((e = entry_get(x, hash))) {
		if (e->kind != LEXICON_NONE)
			found = (struct lexicon_found){e->kind, e->weight, n};
		if (!e->more || i + n == p->n || p->v[i + n].kind != TOKEN_WORD)
			break;
		hash = post_phrase(hash, p->v[i + n].hash);
		n++;
	}
	return found;
}
