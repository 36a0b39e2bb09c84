#include "match/regex_steps.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "match/pattern.h"
#include "match/regex_chars.h"
#include "match/regex_token.h"

/* --- the expression as a tree --- */

enum node_kind { NODE_PIECE, NODE_NOTHING, NODE_PLACE, NODE_LOOK, NODE_GROUP, NODE_TURNS };

struct node {
	enum node_kind kind;
	struct regex_chars chars; /* of a piece */
	uint32_t min, max;        /* of turns */
	struct node
		*child; /* of turns: what is repeated; of a group and a look: the last node of its first alternative */
	struct node *before;  /* a chain is known by its last node */
	struct node *or_else; /* of a chain's last: the last of the next alternative */
};

struct tree {
	const char *regex;
	const struct rx_token *v;
	size_t i;
	struct node *room; /* two a piece, and one for an empty alternative */
	size_t n;
	unsigned depth;
	bool lost;
};

static struct node *node_new(struct tree *t, enum node_kind kind)
{
	struct node *x = &t->room[t->n++];

	*x = (struct node){.kind = kind};
	return x;
}

static struct node *alternatives(struct tree *t);

/* "(?i:" and the like change what is meant by what is inside. */
static bool has_options(const struct tree *t, const struct rx_token *x)
{
	const char *s = t->regex + x->at;
	unsigned char c = x->len > 3 && s[1] == '?' ? (unsigned char)s[2] : ':';

	return (isalpha(c) && !(c == 'P' && s[3] == '<')) || c == '^' || c == '-';
}

static struct node *group(struct tree *t, const struct rx_token *x)
{
	struct node *g = node_new(t, x->c == 'l' ? NODE_LOOK : NODE_GROUP);

	if (!x->c || has_options(t, x) || t->depth == PATTERN_PARENS_MAX) {
		t->lost = true;
		return g;
	}
	t->depth++;
	g->child = alternatives(t);
	t->depth--;
	t->lost |= t->v[t->i].kind != RX_CLOSE;
	t->i += !t->lost;
	return g;
}

static struct node *atom(struct tree *t)
{
	const struct rx_token *x = &t->v[t->i++];
	struct node *piece;

	switch (x->kind) {
	case RX_OPEN:
		return group(t, x);
	case RX_BOUND:
	case RX_CARET:
	case RX_DOLLAR:
		return node_new(t, NODE_PLACE);
	case RX_SET:
		t->lost |= x->c == 'R'; /* of one character or two */
					/* fallthrough */
	case RX_LITERAL:
	case RX_CLASS:
	case RX_DOT:
		piece = node_new(t, NODE_PIECE);
		piece->chars = regex_chars_of(t->regex, x);
		return piece;
	default:
		t->lost = true;
		return node_new(t, NODE_PLACE);
	}
}

static struct node *sequence(struct tree *t)
{
	struct node *last = NULL;

	while (!t->lost && t->v[t->i].kind != RX_END && t->v[t->i].kind != RX_ALT && t->v[t->i].kind != RX_CLOSE) {
		struct node *x = atom(t);

		if (!t->lost && t->v[t->i].kind == RX_QUANT) {
			struct node *turns = node_new(t, NODE_TURNS);

			turns->min = t->v[t->i].min;
			turns->max = t->v[t->i++].max;
			turns->child = x;
			x = turns;
		}
		x->before = last;
		last = x;
	}
	return last ? last : node_new(t, NODE_NOTHING);
}

static struct node *alternatives(struct tree *t)
{
	struct node *first = sequence(t), *x = first;

	while (!t->lost && t->v[t->i].kind == RX_ALT) {
		t->i++;
		x = x->or_else = sequence(t);
	}
	return first;
}

/* --- its cost --- */

static uint64_t held(uint64_t n)
{
	return n < REGEX_STEPS_MAX ? n : REGEX_STEPS_MAX; /* factors are no larger: nothing overflows */
}

static struct regex_chars node_first(const struct node *x, struct regex_chars behind);

static struct regex_chars chain_first(const struct node *x, struct regex_chars behind)
{
	for (; x; x = x->before)
		behind = node_first(x, behind);
	return behind;
}

/* What a node, or else what is behind it, can begin with. */
static struct regex_chars node_first(const struct node *x, struct regex_chars behind)
{
	struct regex_chars all = {.far = 0};

	switch (x->kind) {
	case NODE_PIECE:
		return x->chars;
	case NODE_NOTHING:
		return behind;
	case NODE_GROUP:
		for (x = x->child; x; x = x->or_else)
			all = regex_chars_joined(all, chain_first(x, behind));
		return all;
	case NODE_TURNS:
		all = node_first(x->child, behind);
		return x->min ? all : regex_chars_joined(all, behind);
	case NODE_PLACE: /* it may fail: behind the last one, too, something is still asked */
		return regex_chars_none(behind) ? regex_chars_all : behind;
	default: /* what looks takes steps before what is behind it is asked */
		return regex_chars_all;
	}
}

struct cost {
	bool empty; /* it can match without a character */
	uint64_t ways, steps;
};

static struct cost node_cost(const struct node *x, struct regex_chars behind, uint32_t bytes);

/* Nodes one behind the other, from the last on. */
static struct cost chain_cost(const struct node *x, struct regex_chars behind, uint32_t bytes)
{
	struct cost all = {.empty = true, .ways = 1};

	for (; x; x = x->before) {
		struct cost one = node_cost(x, behind, bytes);

		all.steps = held(one.steps + one.ways * all.steps);
		all.ways = held(one.ways * all.ways);
		all.empty &= one.empty;
		behind = node_first(x, behind);
	}
	return all;
}

/* All alternatives. Where no two can begin alike, one of them is the way on. */
static struct cost either_cost(const struct node *x, struct regex_chars behind, uint32_t bytes)
{
	struct cost all = {.ways = 0};
	struct regex_chars seen = {.far = 0};

	for (; x; x = x->or_else) {
		struct cost one = chain_cost(x, behind, bytes);
		struct regex_chars first = chain_first(x, behind);

		if (regex_chars_none(first) || !regex_chars_apart(first, seen)) {
			all.ways = held(all.ways + one.ways);
			all.steps = held(all.steps + one.steps + 1);
		} else {
			all.ways = one.ways > all.ways ? one.ways : all.ways;
			all.steps = held((one.steps > all.steps ? one.steps : all.steps) + 1);
		}
		all.empty |= one.empty;
		seen = regex_chars_joined(seen, first);
	}
	return all;
}

static struct cost turns_cost(const struct node *x, struct regex_chars behind, uint32_t bytes)
{
	struct regex_chars first = node_first(x->child, behind);
	struct cost once = node_cost(x->child, x->max > 1 ? regex_chars_joined(first, behind) : behind, bytes);
	struct cost all = {.empty = once.empty || !x->min, .ways = x->min ? 0 : 1, .steps = 1};
	uint32_t max = x->max < bytes ? x->max : bytes, i;
	bool one_way = regex_chars_apart(first, behind);
	uint64_t ways = 1;

	if (once.empty && x->max > 1) {
		all.ways = all.steps = REGEX_STEPS_MAX;
		return all;
	}
	if (x->child->kind == NODE_PIECE && regex_chars_none(behind)) /* found, as soon as there are enough */
		max = x->min;
	for (i = 1; i <= max && all.steps < REGEX_STEPS_MAX; i++) {
		if (i > x->min || x->child->kind != NODE_PIECE) /* the first few pieces are no place to come back to */
			all.steps = held(all.steps + ways * (once.steps + 1));
		ways = held(ways * once.ways);
		if (i >= x->min)
			all.ways = one_way ? (ways > all.ways ? ways : all.ways) : held(all.ways + ways);
	}
	all.ways += !all.ways; /* more are asked for than the text has */
	return all;
}

/* behind: what all that comes behind the node can begin with. */
static struct cost node_cost(const struct node *x, struct regex_chars behind, uint32_t bytes)
{
	struct cost c = {.empty = x->kind != NODE_PIECE, .ways = 1};

	if (x->kind == NODE_GROUP)
		return either_cost(x->child, behind, bytes);
	if (x->kind == NODE_TURNS)
		return turns_cost(x, behind, bytes);
	if (x->kind == NODE_LOOK) /* it is left behind whole, and found without what is behind it */
		c.steps = held(either_cost(x->child, (struct regex_chars){.far = 0}, bytes).steps + 1);
	return c;
}

uint64_t regex_steps(const char *regex, const struct rx_token *v, size_t n, uint32_t bytes)
{
	struct tree t = {.regex = regex, .v = v, .room = xcalloc(3 * n + 1, sizeof(*t.room))};
	struct node *whole = alternatives(&t);
	uint64_t steps = REGEX_STEPS_MAX;

	if (!t.lost && v[t.i].kind == RX_END)
		steps = either_cost(whole, (struct regex_chars){.far = 0}, bytes).steps;
	free(t.room);
	return steps;
}
