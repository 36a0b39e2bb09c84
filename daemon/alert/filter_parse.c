/* The condition of a delivery, read: its tree, and its values in the form that is compared. */
#include <stdlib.h>
#include <string.h>

#include "alert/filter_inside.h"
#include "base/arena.h"
#include "base/suggest.h"
#include "base/utf8.h"

struct reader {
	const char *text, *p;
	struct arena *arena;
	struct when_fault *fault;
	struct filter *f;
	int depth;
	bool failed;
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static void blanks(struct reader *r)
{
	r->p += strspn(r->p, " \t\n");
}

/* What stands here: a word, or one character of whatever else; 0 at the end. */
static size_t token(const char *p)
{
	const char *next = p;
	size_t n = 0;

	while (is_word(p[n]))
		n++;
	if (n || !*p)
		return n;
	utf8_next(&next, p + strlen(p));
	return (size_t)(next - p);
}

static uint16_t fail(struct reader *r, const char *at, enum text_id text, const char *guess)
{
	if (r->failed)
		return 0;
	r->failed = true;
	*r->fault = (struct when_fault){.text = text,
					.at = (size_t)(at - r->text),
					.found = arena_memdup0(r->arena, at, token(at)),
					.guess = guess};
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

static bool take_sign(struct reader *r, const char *sign)
{
	blanks(r);
	if (strncmp(r->p, sign, strlen(sign)) != 0)
		return false;
	r->p += strlen(sign);
	return true;
}

static struct node *add(struct reader *r, enum node_kind kind, uint16_t *ret)
{
	if (r->f->n == FILTER_NODES_MAX) {
		fail(r, r->p, TEXT_WHEN_LONG, NULL);
		return NULL;
	}
	*ret = (uint16_t)r->f->n++;
	r->f->nodes[*ret] = (struct node){.kind = kind};
	return &r->f->nodes[*ret];
}

/* complaint, 'a b', "a b"; false: told. */
static bool take_value(struct reader *r, const struct node *node, const char **ret)
{
	char room[FILTER_VALUE_MAX_BYTES];
	const char *from, *end;
	size_t n;

	blanks(r);
	from = r->p;
	if (*from == '\'' || *from == '"') {
		end = strchr(from + 1, *from);
		n = end ? (size_t)(end - from - 1) : 0;
		from++;
		r->p = end ? end + 1 : r->p;
	} else {
		n = strcspn(from, " \t\n,[](){}'\"=<>!");
		r->p += n;
	}
	n = n && n < FILTER_VALUE_MAX_BYTES / 2 ? filter_normal(node->fact, from, n, room) : 0;
	if (!n) {
		fail(r, from, TEXT_FILTER_WANT_VALUE, NULL);
		return false;
	}
	*ret = arena_memdup0(r->arena, room, n);
	return true;
}

static bool take_number(struct reader *r, struct node *node)
{
	const char *from;
	char *end;

	blanks(r);
	from = r->p;
	if (node->fact == FILTER_VERIFIED) {
		node->number = take_word(r, "true");
		return node->number > 0 || take_word(r, "false") || fail(r, from, TEXT_FILTER_WANT_YES_NO, NULL);
	}
	node->number = strtod(from, &end);
	if (*from < '0' || *from > '9' || strspn(from, "0123456789.") != (size_t)(end - from) || is_word(*end)) {
		fail(r, from, TEXT_WHEN_WANT_NUMBER, NULL);
		return false;
	}
	r->p = end;
	return true;
}

static uint16_t list(struct reader *r, uint16_t number)
{
	struct node *node = &r->f->nodes[number];

	if (!take_sign(r, "["))
		return fail(r, r->p, TEXT_FILTER_WANT_LIST, NULL);
	if (node->fact >= FILTER_WORDS)
		return fail(r, r->p, TEXT_FILTER_NO_LIST, NULL);
	node->values = ARENA_ARRAY(r->arena, const char *, FILTER_VALUES_MAX);
	do {
		if (node->n_values == FILTER_VALUES_MAX)
			return fail(r, r->p, TEXT_WHEN_LONG, NULL);
		if (!take_value(r, node, &node->values[node->n_values++]))
			return 0;
	} while (take_sign(r, ","));
	return take_sign(r, "]") ? number : fail(r, r->p, TEXT_FILTER_WANT_LIST_END, NULL);
}

static uint16_t comparison(struct reader *r, uint16_t number)
{
	static const struct {
		const char *text;
		enum sign sign;
	} signs[] = {{"==", SIGN_EQ}, {"!=", SIGN_NE}, {">=", SIGN_GE},
		     {"<=", SIGN_LE}, {">", SIGN_GT},  {"<", SIGN_LT}};
	struct node *node = &r->f->nodes[number];
	const char *from = r->p;
	size_t i;

	if (take_word(r, "in"))
		return list(r, number);
	for (i = 0; i < ARRAY_LEN(signs) && !take_sign(r, signs[i].text); i++)
		;
	if (i == ARRAY_LEN(signs))
		return fail(r, r->p, TEXT_FILTER_WANT_SIGN, NULL);
	node->sign = signs[i].sign;
	if (node->sign > SIGN_NE && (node->fact < FILTER_WORDS || node->fact == FILTER_VERIFIED)) {
		r->p = from;
		blanks(r);
		return fail(r, r->p, TEXT_FILTER_NO_ORDER, NULL);
	}
	if (node->fact >= FILTER_WORDS)
		return take_number(r, node) ? number : 0;
	node->values = ARENA_ARRAY(r->arena, const char *, 1);
	return take_value(r, node, &node->values[node->n_values++]) ? number : 0;
}

/* The fact that is named here; FILTER_FACTS: told. */
static enum filter_fact take_fact(struct reader *r)
{
	static const char *const joints[] = {"and", "or", "not", "in"};
	const char *from, *name;
	size_t len, i;

	blanks(r);
	from = r->p;
	len = token(from);
	name = arena_memdup0(r->arena, from, len);
	for (i = 0; i < ARRAY_LEN(joints); i++)
		if (!len || strcmp(joints[i], name) == 0) {
			fail(r, from, len ? TEXT_FILTER_WANT_FACT : TEXT_WHEN_ENDS, NULL);
			return FILTER_FACTS;
		}
	for (i = 0; i < FILTER_FACTS && strcmp(filter_names[i], name) != 0; i++)
		;
	if (i == FILTER_FACTS)
		fail(r, from, is_word(*from) ? TEXT_FILTER_NO_FACT : TEXT_FILTER_WANT_FACT,
		     suggest(name, filter_names, FILTER_FACTS, sizeof(*filter_names)));
	else
		r->p += len;
	return (enum filter_fact)i;
}

static uint16_t leaf(struct reader *r)
{
	const char *from = r->p;
	bool known = take_word(r, "known") && take_sign(r, "(");
	struct node *node;
	uint16_t number = 0;

	if (!known)
		r->p = from;
	node = add(r, known ? NODE_KNOWN : NODE_TEST, &number);
	if (!node)
		return 0;
	node->fact = take_fact(r);
	if (node->fact == FILTER_FACTS)
		return 0;
	if (!known)
		return comparison(r, number);
	return take_sign(r, ")") ? number : fail(r, r->p, TEXT_WHEN_WANT_CLOSE, NULL);
}

static uint16_t disjunction(struct reader *r);

static uint16_t primary(struct reader *r)
{
	const char *from;
	uint16_t number = 0, child;

	blanks(r);
	from = r->p;
	if (r->depth == FILTER_DEPTH_MAX)
		return fail(r, from, TEXT_WHEN_LONG, NULL);
	r->depth++;
	if (take_word(r, "not")) {
		if (add(r, NODE_NOT, &number)) {
			child = primary(r);
			r->f->nodes[number].child = child;
		}
	} else if (take_sign(r, "(")) {
		number = disjunction(r);
		if (!r->failed && !take_sign(r, ")"))
			fail(r, *r->p ? r->p : from, TEXT_WHEN_WANT_CLOSE, NULL);
	} else {
		number = leaf(r);
	}
	r->depth--;
	return r->failed ? 0 : number;
}

/* One, or several joined by a word: a node over them all. */
static uint16_t joined(struct reader *r, const char *word, enum node_kind kind, uint16_t (*part)(struct reader *r))
{
	uint16_t first = part(r), last = first, more, number;

	if (r->failed || !take_word(r, word))
		return first;
	if (!add(r, kind, &number))
		return 0;
	r->f->nodes[number].child = first;
	do {
		more = part(r);
		if (r->failed)
			return 0;
		r->f->nodes[last].next = more;
		last = more;
	} while (take_word(r, word));
	return number;
}

static uint16_t conjunction(struct reader *r)
{
	return joined(r, "and", NODE_AND, primary);
}

static uint16_t disjunction(struct reader *r)
{
	return joined(r, "or", NODE_OR, conjunction);
}

int filter_parse(const char *text, struct arena *a, struct when_fault *ret_fault, struct filter **ret)
{
	static const char *const joints[] = {"and", "or"};
	struct filter *f = ARENA_NEW(a, struct filter);
	struct reader r = {.arena = a, .fault = ret_fault, .f = f};
	uint16_t root;

	f->text = arena_strdup(a, text);
	f->n = 1; /* nodes[0] becomes the root */
	r.text = r.p = f->text;
	if (strlen(text) > FILTER_MAX_BYTES) {
		fail(&r, r.p, TEXT_WHEN_LONG, NULL);
		return FILTER_E_INVALID;
	}
	root = disjunction(&r);
	blanks(&r);
	if (!r.failed && *r.p)
		fail(&r, r.p, TEXT_WHEN_WANT_AND,
		     suggest(arena_memdup0(a, r.p, token(r.p)), joints, 2, sizeof(*joints)));
	if (r.failed)
		return FILTER_E_INVALID;
	f->nodes[0] = f->nodes[root];
	f->nodes[0].next = 0;
	*ret = f;
	return 0;
}
