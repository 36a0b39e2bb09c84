#include "match/regex_ways.h"

#include <stdbool.h>
#include <string.h>

#include "match/pattern.h"
#include "match/regex_token.h"

struct walk {
	struct {
		uint64_t done, now;       /* of the alternatives before, of this one */
	} groups[PATTERN_PARENS_MAX + 1]; /* [0] is the whole, behind it those that are open */
	size_t depth;
	uint64_t longest;
};

static uint64_t held(uint64_t n)
{
	return n < REGEX_WAYS_MAX ? n : REGEX_WAYS_MAX; /* factors are below 2^32: nothing overflows */
}

static bool quantifier(struct walk *w, const struct rx_token *x, bool of_group)
{
	uint64_t *now = &w->groups[w->depth].now;

	if (x->max == RX_NO_MAX)
		return false;
	*now = held(*now * (x->max > x->min ? (uint64_t)x->max - x->min + 1 : 1));
	w->longest = held(w->longest + x->max);
	return !of_group || x->max <= 1;
}

/* false: of this piece nobody can say. */
static bool add(struct walk *w, const struct rx_token *x, bool of_group)
{
	uint64_t *now = &w->groups[w->depth].now, *done = &w->groups[w->depth].done;

	switch (x->kind) {
	case RX_QUANT:
		return quantifier(w, x, of_group);
	case RX_OPEN:
		if (w->depth == PATTERN_PARENS_MAX)
			return false;
		w->depth++;
		w->groups[w->depth].now = 1;
		w->groups[w->depth].done = 0;
		return true;
	case RX_ALT:
		*done = held(*done + *now);
		*now = 1;
		return true;
	case RX_CLOSE:
		if (!w->depth)
			return false;
		w->depth--;
		w->groups[w->depth].now = held(w->groups[w->depth].now * held(*done + *now));
		return true;
	case RX_SET:
		return strchr("wWdDsShHvV", (int)x->c) != NULL; /* \X and \R are of many characters */
	default:
		return x->kind != RX_OTHER;
	}
}

struct regex_ways regex_ways(const struct rx_token *v, size_t n)
{
	struct walk w = {.groups = {{.now = 1}}, .longest = held(n)};
	bool known = true;
	size_t i;

	for (i = 0; i < n && known; i++)
		known = add(&w, &v[i], i && v[i - 1].kind == RX_CLOSE);
	if (!known || w.depth)
		return (struct regex_ways){.ways = 0};
	return (struct regex_ways){.ways = held(w.groups[0].done + w.groups[0].now), .longest = w.longest};
}
