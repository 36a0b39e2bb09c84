#include "alert/when.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "base/units.h"

enum sign { SIGN_EQ, SIGN_NE, SIGN_GE, SIGN_GT, SIGN_LE, SIGN_LT };

struct node {
	enum when_kind kind;
	uint16_t child, next; /* numbers of nodes; 0: none, since the first node is never another's */
	enum measure measure;
	enum sign sign;
	double number;
	uint16_t at, len; /* of the condition behind a measure's name */
};

struct when {
	const char *text;
	struct node nodes[WHEN_NODES_MAX]; /* nodes[0] is the root */
	size_t n;
};

/* --- reading --- */

struct reader {
	const char *text, *p;
	struct arena *arena;
	struct when_fault *fault;
	struct when *w;
	int depth;
	bool failed;
};

static const char *const words[] = {"and", "or", "not"};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static void blanks(struct reader *r)
{
	r->p += strspn(r->p, " \t\n");
}

/* What stands here: a word, or one character of whatever else; "" at the end. */
static size_t token(const char *p)
{
	size_t n = 0;

	while (is_word(p[n]))
		n++;
	if (n || !*p)
		return n;
	for (n = 1; ((unsigned char)p[n] & 0xC0) == 0x80; n++) /* a whole code point */
		;
	return n;
}

static uint16_t fail(struct reader *r, const char *at, enum text_id text, const char *guess)
{
	if (r->failed)
		return 0;
	r->failed = true;
	*r->fault = (struct when_fault){
		.text = text,
		.at = (size_t)(at - r->text),
		.found = arena_memdup0(r->arena, at, token(at)),
		.guess = guess,
	};
	return 0;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	blanks(r);
	if (strncmp(r->p, word, n) != 0 || is_word(r->p[n]))
		return false;
	r->p += n;
	return true;
}

static struct node *add(struct reader *r, enum when_kind kind, uint16_t *ret)
{
	if (r->w->n == WHEN_NODES_MAX) {
		fail(r, r->p, TEXT_WHEN_LONG, NULL);
		return NULL;
	}
	*ret = (uint16_t)r->w->n++;
	r->w->nodes[*ret] = (struct node){.kind = kind};
	return &r->w->nodes[*ret];
}

static bool take_sign(struct reader *r, enum sign *ret)
{
	static const struct {
		const char *text;
		enum sign sign;
	} signs[] = {{"==", SIGN_EQ}, {"!=", SIGN_NE}, {">=", SIGN_GE},
		     {"<=", SIGN_LE}, {">", SIGN_GT},  {"<", SIGN_LT}};
	size_t i;

	blanks(r);
	for (i = 0; i < ARRAY_LEN(signs); i++)
		if (strncmp(r->p, signs[i].text, strlen(signs[i].text)) == 0) {
			r->p += strlen(signs[i].text);
			*ret = signs[i].sign;
			return true;
		}
	return false;
}

/* 20, 2.5 */
static bool read_number(const char *text, double *ret)
{
	size_t whole = strspn(text, "0123456789"),
	       rest = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

	if (!whole || whole > 12 || rest > 6 || (text[whole] == '.' && !rest) ||
	    text[whole + (rest ? rest + 1 : 0)] != '\0')
		return false;
	*ret = strtod(text, NULL);
	return true;
}

static bool read_value(enum measure m, const char *text, double *ret)
{
	bool minus = m == MEASURE_PERCENT_RISE && *text == '-';
	int64_t ms;

	switch (measure_unit(m)) {
	case MEASURE_PART:
		if (units_part(text + minus, ret) != 0)
			return false;
		*ret = minus ? -*ret : *ret;
		return true;
	case MEASURE_DURATION:
		if (units_duration(text, &ms) != 0)
			return false;
		*ret = (double)ms;
		return true;
	default:
		return read_number(text, ret);
	}
}

static enum text_id want_value(enum measure m)
{
	return measure_unit(m) == MEASURE_PART       ? TEXT_WHEN_WANT_PART
	       : measure_unit(m) == MEASURE_DURATION ? TEXT_WHEN_WANT_DURATION
						     : TEXT_WHEN_WANT_NUMBER;
}

static uint16_t comparison(struct reader *r, uint16_t number, const char *from)
{
	struct node *node = &r->w->nodes[number];
	char *value;
	size_t len;

	if (!take_sign(r, &node->sign))
		return fail(r, r->p, TEXT_WHEN_WANT_SIGN, NULL);
	blanks(r);
	len = strspn(r->p, "0123456789.%-abcdefghijklmnopqrstuvwxyz_");
	value = arena_memdup0(r->arena, r->p, len);
	if (!read_value(node->measure, value, &node->number)) {
		fail(r, r->p, want_value(node->measure), NULL);
		if (len)
			r->fault->found = value;
		return 0;
	}
	r->p += len;
	node->at = (uint16_t)(from - r->text);
	node->len = (uint16_t)(r->p - from);
	return number;
}

static uint16_t leaf(struct reader *r)
{
	const char *from = r->p, *name;
	size_t len = token(from), i;
	struct node *node;
	uint16_t number = 0;

	if (!len)
		return fail(r, from, TEXT_WHEN_ENDS, NULL);
	name = arena_memdup0(r->arena, from, len);
	for (i = 0; i < MEASURES && strcmp(measure_names[i], name) != 0; i++)
		;
	for (size_t k = 0; k < ARRAY_LEN(words); k++)
		if (strcmp(words[k], name) == 0)
			return fail(r, from, TEXT_WHEN_WANT_MEASURE, NULL);
	if (i == MEASURES)
		return fail(r, from, is_word(*from) ? TEXT_WHEN_NO_MEASURE : TEXT_WHEN_WANT_MEASURE,
			    suggest(name, measure_names, MEASURES, sizeof(*measure_names)));
	node = add(r, WHEN_LEAF, &number);
	if (!node)
		return 0;
	node->measure = (enum measure)i;
	r->p += len;
	blanks(r);
	if (measure_unit(node->measure) == MEASURE_YES_NO)
		return strchr("=<>!", *r->p) && *r->p ? fail(r, r->p, TEXT_WHEN_ALONE, NULL) : number;
	return comparison(r, number, r->p);
}

static uint16_t disjunction(struct reader *r);

static uint16_t primary(struct reader *r)
{
	const char *from;
	uint16_t number = 0, child;

	blanks(r);
	from = r->p;
	if (r->depth == WHEN_DEPTH_MAX)
		return fail(r, from, TEXT_WHEN_LONG, NULL);
	if (take_word(r, "not")) {
		if (!add(r, WHEN_NOT, &number))
			return 0;
		r->depth++;
		child = primary(r);
		r->depth--;
		r->w->nodes[number].child = child;
		return number;
	}
	if (*r->p != '(')
		return leaf(r);
	r->p++;
	r->depth++;
	number = disjunction(r);
	r->depth--;
	blanks(r);
	if (!r->failed && *r->p != ')')
		return fail(r, *r->p ? r->p : from, TEXT_WHEN_WANT_CLOSE, NULL);
	r->p += !r->failed;
	return number;
}

/* One, or several joined by a word: a node over them all. It comes behind its children, which are bound to it by number. */
static uint16_t joined(struct reader *r, const char *word, enum when_kind kind, uint16_t (*part)(struct reader *r))
{
	uint16_t first = part(r), last = first, more, number;

	if (r->failed || !take_word(r, word))
		return first;
	if (!add(r, kind, &number))
		return 0;
	r->w->nodes[number].child = first;
	do {
		more = part(r);
		if (r->failed)
			return 0;
		r->w->nodes[last].next = more;
		last = more;
	} while (take_word(r, word));
	return number;
}

static uint16_t conjunction(struct reader *r)
{
	return joined(r, "and", WHEN_AND, primary);
}

static uint16_t disjunction(struct reader *r)
{
	return joined(r, "or", WHEN_OR, conjunction);
}

int when_parse(const char *text, struct arena *a, struct when_fault *ret_fault, struct when **ret)
{
	struct when *w = ARENA_NEW(a, struct when);
	struct reader r = {.arena = a, .fault = ret_fault, .w = w};
	uint16_t root;

	w->text = arena_strdup(a, text);
	w->n = 1; /* nodes[0] becomes the root */
	r.text = r.p = w->text;
	if (strlen(text) > WHEN_MAX_BYTES) {
		fail(&r, r.p, TEXT_WHEN_LONG, NULL);
		return WHEN_E_INVALID;
	}
	root = disjunction(&r);
	blanks(&r);
	if (!r.failed && *r.p)
		fail(&r, r.p, TEXT_WHEN_WANT_AND, suggest(arena_memdup0(a, r.p, token(r.p)), words, 2, sizeof(*words)));
	if (r.failed)
		return WHEN_E_INVALID;
	w->nodes[0] = w->nodes[root];
	w->nodes[0].next = 0;
	*ret = w;
	return 0;
}

/* --- judging --- */

static bool compare(double left, enum sign sign, double right)
{
	switch (sign) {
	case SIGN_EQ:
		return left == right;
	case SIGN_NE:
		return left != right;
	case SIGN_GE:
		return left >= right;
	case SIGN_GT:
		return left > right;
	case SIGN_LE:
		return left <= right;
	case SIGN_LT:
		return left < right;
	}
	return false;
}

static bool leaf_holds(const struct node *node, const struct measured *m)
{
	double value = m->v[node->measure];

	if (!measure_known(m, node->measure) || isnan(value))
		return false;
	return measure_unit(node->measure) == MEASURE_YES_NO ? value > 0 : compare(value, node->sign, node->number);
}

static bool holds(const struct when *w, size_t number, const struct measured *m)
{
	const struct node *node = &w->nodes[number];
	size_t child;

	if (node->kind == WHEN_LEAF)
		return leaf_holds(node, m);
	if (node->kind == WHEN_NOT)
		return !holds(w, node->child, m);
	for (child = node->child; child; child = w->nodes[child].next)
		if (holds(w, child, m) == (node->kind == WHEN_OR))
			return node->kind == WHEN_OR;
	return node->kind == WHEN_AND;
}

bool when_holds(const struct when *w, const struct measured *m)
{
	return holds(w, 0, m);
}

uint32_t when_measures(const struct when *w)
{
	uint32_t bits = 0;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->nodes[i].kind == WHEN_LEAF)
			bits |= UINT32_C(1) << w->nodes[i].measure;
	return bits;
}

const char *when_text(const struct when *w)
{
	return w->text;
}

/* --- explaining --- */

static void each(const struct when *w, size_t number, int depth, const struct measured *m,
		 void (*on_part)(void *arg, const struct when_part *part), void *arg)
{
	const struct node *node = &w->nodes[number];
	struct when_part part = {.kind = node->kind, .depth = depth, .holds = holds(w, number, m)};
	size_t child;

	if (node->kind == WHEN_LEAF) {
		part.measure = node->measure;
		part.value = m->v[node->measure];
		part.known = measure_known(m, node->measure) && !isnan(part.value);
		part.condition = w->text + node->at;
		part.condition_len = node->len;
	}
	on_part(arg, &part);
	for (child = node->kind == WHEN_LEAF ? 0 : node->child; child; child = w->nodes[child].next)
		each(w, child, depth + 1, m, on_part, arg);
}

void when_each(const struct when *w, const struct measured *m, void (*on_part)(void *arg, const struct when_part *part),
	       void *arg)
{
	each(w, 0, 0, m, on_part, arg);
}

struct explanation {
	enum text_lang lang;
	struct buf *b;
};

static void explain(void *arg, const struct when_part *part)
{
	static const enum text_id joints[] = {
		[WHEN_AND] = TEXT_WHEN_ALL, [WHEN_OR] = TEXT_WHEN_ANY, [WHEN_NOT] = TEXT_WHEN_NONE};
	const struct explanation *e = arg;
	const char *verdict = text_raw(e->lang, part->holds ? TEXT_WHEN_YES : TEXT_WHEN_NO);
	char value[MEASURE_TEXT_SIZE];

	buf_printf(e->b, "%*s", 2 * part->depth, "");
	if (part->kind != WHEN_LEAF) {
		buf_printf(e->b, "%s: %s\n", text_raw(e->lang, joints[part->kind]), verdict);
		return;
	}
	buf_puts(e->b, measure_names[part->measure]);
	if (part->condition_len || !part->known)
		buf_printf(e->b, " %s",
			   part->known ? measure_text(part->measure, part->value, e->lang, value)
				       : text_raw(e->lang, TEXT_WHEN_ABSENT));
	if (part->condition_len)
		buf_printf(e->b, " %.*s", (int)part->condition_len, part->condition);
	buf_printf(e->b, ": %s\n", verdict);
}

void when_explain(const struct when *w, const struct measured *m, enum text_lang lang, struct buf *b)
{
	struct explanation e = {lang, b};

	when_each(w, m, explain, &e);
}
