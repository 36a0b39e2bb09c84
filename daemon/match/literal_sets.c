#include "match/literal_sets.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"

enum {
	WORTH_NOTHING = -1,
	WORTH_PER_BYTE = 3,   /* a byte more is about eight times rarer */
	WORTH_MAX_BYTES = 10, /* no two words of a language are still alike by then */
};

static struct literal no_text = {.s = "", .len = 0};

static const struct literal_set only_empty = {.v = &no_text, .n = 1};
static const struct literal_set nothing = {.n = 0};

static bool is_empty_text(const struct literal_set *s)
{
	return s->n == 1 && !s->v[0].len;
}

/* Bytes that make it rare; a lone letter, digit or space is in every text. */
static size_t rarity(const struct literal *l)
{
	size_t n = 0, i;

	for (i = 0; i < l->len; i++)
		n += l->s[i] != ' ';
	if (n == 1 && l->len == 1 && !ispunct((unsigned char)l->s[0]))
		return 0;
	return n;
}

int literals_worth(const struct literal_set *set)
{
	size_t least = WORTH_MAX_BYTES, i, n;
	int worth;

	for (i = 0; i < set->n; i++) {
		size_t bytes = rarity(&set->v[i]);

		if (!bytes)
			return WORTH_NOTHING;
		if (bytes < least)
			least = bytes;
	}
	if (!set->n)
		return WORTH_NOTHING;
	worth = (int)least * WORTH_PER_BYTE;
	for (n = set->n; n > 1; n /= 2)
		worth--;
	return worth > 0 ? worth : 0;
}

static struct literal_set better(const struct literal_set *x, const struct literal_set *y)
{
	int a = literals_worth(x), b = literals_worth(y);

	if (a == WORTH_NOTHING && b == WORTH_NOTHING)
		return nothing;
	return b > a ? *y : *x;
}

/* --- one part --- */

struct part part_empty(void)
{
	return (struct part){.exact = true, .all = only_empty};
}

struct part part_unknown(void)
{
	return (struct part){.exact = false};
}

struct part part_text(struct arena *a, const char *s, size_t len)
{
	struct part p = {.exact = true, .all = {.v = ARENA_NEW(a, struct literal), .n = 1}};

	p.all.v[0] = (struct literal){arena_memdup0(a, s, len), len};
	return p;
}

struct literal_set part_need(const struct part *p)
{
	return p->exact ? better(&p->need, &p->all) : better(&p->need, &nothing);
}

/* --- one behind another --- */

/* All of x with all of y behind; false: too many, or too long. */
static bool cross(struct arena *a, const struct literal_set *x, const struct literal_set *y, struct literal_set *ret)
{
	struct literal_set set = {.n = x->n * y->n};
	size_t i, k;

	if (is_empty_text(x) || is_empty_text(y)) {
		*ret = is_empty_text(x) ? *y : *x;
		return true;
	}
	if (x->n > 1 && y->n > 1 && set.n > LITERALS_CROSS_MAX)
		return false;
	for (i = 0; i < x->n; i++)
		for (k = 0; k < y->n; k++)
			if (x->v[i].len + y->v[k].len > LITERAL_MAX_BYTES)
				return false;
	set.v = ARENA_ARRAY(a, struct literal, set.n);
	for (i = 0; i < x->n; i++) {
		for (k = 0; k < y->n; k++) {
			struct literal *to = &set.v[i * y->n + k];
			char *s = arena_alloc(a, x->v[i].len + y->v[k].len + 1);

			memcpy(s, x->v[i].s, x->v[i].len);
			memcpy(s + x->v[i].len, y->v[k].s, y->v[k].len);
			*to = (struct literal){s, x->v[i].len + y->v[k].len};
		}
	}
	*ret = set;
	return true;
}

void chain_init(struct chain *c)
{
	*c = (struct chain){.exact = true, .run = only_empty};
}

void chain_add(struct chain *c, struct arena *a, const struct part *p)
{
	c->need = better(&c->need, &p->need);
	if (p->exact && cross(a, &c->run, &p->all, &c->run))
		return;
	c->exact = false;
	c->need = better(&c->need, &c->run);
	c->run = p->exact ? p->all : only_empty;
}

struct part chain_end(const struct chain *c)
{
	if (c->exact)
		return (struct part){.exact = true, .all = c->run, .need = c->need};
	return (struct part){.need = better(&c->need, &c->run)};
}

/* --- beside each other --- */

void choice_init(struct choice *c)
{
	*c = (struct choice){.exact = true, .known = true};
}

/* False: there are too many. */
static bool set_add(struct arena *a, struct literal_set *to, size_t *cap, const struct literal_set *from)
{
	if (to->n + from->n > LITERALS_MAX)
		return false;
	if (to->n + from->n > *cap) {
		struct literal *old = to->v;

		*cap = 2 * (to->n + from->n);
		to->v = ARENA_ARRAY(a, struct literal, *cap);
		if (to->n)
			memcpy(to->v, old, to->n * sizeof(*old));
	}
	if (from->n)
		memcpy(to->v + to->n, from->v, from->n * sizeof(*from->v));
	to->n += from->n;
	return true;
}

void choice_add(struct choice *c, struct arena *a, const struct part *p)
{
	struct literal_set need = part_need(p);

	c->begun = true;
	c->exact = c->exact && p->exact && set_add(a, &c->all, &c->cap_all, &p->all);
	c->known = c->known && need.n && set_add(a, &c->need, &c->cap_need, &need);
}

struct part choice_end(const struct choice *c)
{
	struct part p = {.exact = c->exact && c->begun};

	if (p.exact)
		p.all = c->all;
	if (c->known && c->begun)
		p.need = c->need;
	return p;
}

/* --- repeated --- */

struct part part_repeat(struct arena *a, const struct part *p, size_t min, size_t max)
{
	struct chain c;
	size_t i;

	if (max == 0)
		return part_empty();
	if (min == 0 && max == 1 && p->exact) {
		struct choice either;
		struct part empty = part_empty(), bare = {.exact = true, .all = p->all};

		choice_init(&either);
		choice_add(&either, a, &bare);
		choice_add(&either, a, &empty);
		return choice_end(&either);
	}
	if (p->exact && is_empty_text(&p->all)) /* a place, however often */
		return (struct part){.exact = true, .all = p->all, .need = min ? p->need : nothing};
	if (min == 0)
		return part_unknown();
	chain_init(&c);
	for (i = 0; i < min && i < LITERAL_MAX_BYTES; i++)
		chain_add(&c, a, p);
	if (i < max || !p->exact) { /* more of it, or something else, may follow */
		struct part more = part_unknown();

		chain_add(&c, a, &more);
	}
	return chain_end(&c);
}
