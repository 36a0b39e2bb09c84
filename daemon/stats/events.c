#include "stats/events.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BIN_MS = 5 * 60 * 1000 };

struct kept {
	int64_t at_ms;
	uint64_t author, story;
	float reach;
	uint32_t first_name;
	uint16_t n_names;
	uint8_t tone;
	bool again;
};

/* Five minutes: forgotten as a whole. */
struct bin {
	int64_t number; /* at_ms / BIN_MS */
	struct kept *v;
	size_t n, cap;
	uint16_t *names;
	size_t n_names, cap_names;
};

/* A set of hashes, emptied by a new round rather than by clearing it. */
struct set {
	uint64_t *key;
	uint32_t *round;
	size_t cap, n; /* cap: a power of two, or 0 */
	uint32_t now;
};

struct events {
	struct bin *bins; /* ascending */
	size_t n_bins, cap_bins, n;
	int64_t since_ms;
	struct set authors, stories;
};

struct events *events_new(void)
{
	struct events *e = NEW(struct events);

	e->since_ms = INT64_MIN;
	return e;
}

static void bin_done(struct bin *b)
{
	free(b->v);
	free(b->names);
}

static void set_done(struct set *s)
{
	free(s->key);
	free(s->round);
}

struct events *events_free(struct events *e)
{
	size_t i;

	if (!e)
		return NULL;
	for (i = 0; i < e->n_bins; i++)
		bin_done(&e->bins[i]);
	free(e->bins);
	set_done(&e->authors);
	set_done(&e->stories);
	free(e);
	return NULL;
}

static int64_t bin_number(int64_t at_ms)
{
	return at_ms / BIN_MS - (at_ms % BIN_MS < 0);
}

/* Where a bin of this number stands, or would. */
static size_t bin_place(const struct events *e, int64_t number)
{
	size_t i = e->n_bins;

	while (i && e->bins[i - 1].number >= number) /* what comes is nearly always the newest */
		i--;
	return i;
}

static struct bin *bin_at(struct events *e, int64_t number)
{
	size_t i = bin_place(e, number);

	if (i < e->n_bins && e->bins[i].number == number)
		return &e->bins[i];
	e->bins = GROW(e->bins, e->n_bins, &e->cap_bins);
	memmove(&e->bins[i + 1], &e->bins[i], (e->n_bins - i) * sizeof(*e->bins));
	e->n_bins++;
	e->bins[i] = (struct bin){.number = number};
	return &e->bins[i];
}

static void drop_first_bins(struct events *e, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		e->n -= e->bins[i].n;
		bin_done(&e->bins[i]);
	}
	if (n) {
		e->since_ms = (e->bins[n - 1].number + 1) * BIN_MS;
		memmove(e->bins, e->bins + n, (e->n_bins - n) * sizeof(*e->bins));
	}
	e->n_bins -= n;
}

void events_add(struct events *e, const struct event *event)
{
	struct bin *b;
	size_t i;

	if (event->at_ms < e->since_ms)
		return;
	if (e->n == EVENTS_MAX)
		drop_first_bins(e, 1);
	b = bin_at(e, bin_number(event->at_ms));
	b->v = GROW(b->v, b->n, &b->cap);
	b->v[b->n] = (struct kept){.at_ms = event->at_ms,
				   .author = event->author,
				   .story = event->story,
				   .reach = (float)event->reach,
				   .tone = (uint8_t)event->tone,
				   .again = event->again,
				   .first_name = (uint32_t)b->n_names};
	for (i = 0; i < event->n_names && i < EVENT_NAMES_MAX; i++) {
		b->names = GROW(b->names, b->n_names, &b->cap_names);
		b->names[b->n_names++] = event->names[i];
		b->v[b->n].n_names++;
	}
	b->n++;
	e->n++;
}

void events_forget(struct events *e, int64_t before_ms)
{
	drop_first_bins(e, bin_place(e, bin_number(before_ms)));
	if (e->since_ms < before_ms)
		e->since_ms = bin_number(before_ms) * BIN_MS;
}

int64_t events_since_ms(const struct events *e)
{
	return e->since_ms;
}

size_t events_len(const struct events *e)
{
	return e->n;
}

static void set_begin(struct set *s, size_t most)
{
	size_t cap = 64;

	while (cap < most * 2)
		cap *= 2;
	if (cap > s->cap || s->now == UINT32_MAX) {
		set_done(s);
		s->cap = cap > s->cap ? cap : s->cap;
		s->key = xcalloc(s->cap, sizeof(*s->key));
		s->round = xcalloc(s->cap, sizeof(*s->round));
		s->now = 0;
	}
	s->now++;
	s->n = 0;
}

static void set_put(struct set *s, uint64_t key)
{
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->cap - 1); /* Fibonacci hashing */

	while (s->round[i] == s->now && s->key[i] != key)
		i = (i + 1) & (s->cap - 1);
	s->n += s->round[i] != s->now;
	s->round[i] = s->now;
	s->key[i] = key;
}

static bool is_of(const struct bin *b, const struct kept *k, int of)
{
	size_t i;

	if (of == EVENTS_ALL)
		return !k->again;
	if (of < 0)
		return !k->again && k->tone == (of == EVENTS_NEGATIVE ? EVENT_NEGATIVE : EVENT_POSITIVE);
	for (i = 0; i < k->n_names; i++)
		if (b->names[k->first_name + i] == of)
			return true;
	return false;
}

static void count_bin(struct events *e, const struct bin *b, int of, int64_t from_ms, int64_t until_ms,
		      struct events_count *ret)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		const struct kept *k = &b->v[i];

		if (k->at_ms < from_ms || k->at_ms >= until_ms)
			continue;
		ret->mentions += !k->again;
		if (!is_of(b, k, of))
			continue;
		ret->matching++;
		ret->reach += k->reach;
		if (k->at_ms > ret->last_ms)
			ret->last_ms = k->at_ms;
		set_put(&e->authors, k->author);
		set_put(&e->stories, k->story);
	}
}

void events_count(struct events *e, int of, int64_t from_ms, int64_t until_ms, struct events_count *ret)
{
	size_t first = bin_place(e, bin_number(from_ms)), i, most = 0;

	*ret = (struct events_count){.last_ms = INT64_MIN};
	for (i = first; i < e->n_bins && e->bins[i].number * BIN_MS < until_ms; i++)
		most += e->bins[i].n;
	set_begin(&e->authors, most);
	set_begin(&e->stories, most);
	for (i = first; i < e->n_bins && e->bins[i].number * BIN_MS < until_ms; i++)
		count_bin(e, &e->bins[i], of, from_ms, until_ms, ret);
	ret->authors = e->authors.n;
	ret->stories = e->stories.n;
}

static uint64_t key_of(const struct kept *k)
{
	return k->author ^ (uint64_t)k->at_ms * UINT64_C(0x9e3779b97f4a7c15);
}

static bool is_within(const struct kept *k, int64_t from_ms, int64_t until_ms)
{
	return k->at_ms >= from_ms && k->at_ms < until_ms && !k->again;
}

size_t events_shared(struct events *e, const struct events *other, int64_t from_ms, int64_t until_ms, size_t *ret_all)
{
	size_t b, i, most = 0, mine;

	*ret_all = 0;
	for (b = bin_place(e, bin_number(from_ms)); b < e->n_bins; b++)
		most += e->bins[b].n;
	for (b = bin_place(other, bin_number(from_ms)); b < other->n_bins; b++)
		most += other->bins[b].n;
	set_begin(&e->authors, most);
	for (b = bin_place(e, bin_number(from_ms)); b < e->n_bins; b++)
		for (i = 0; i < e->bins[b].n; i++)
			if (is_within(&e->bins[b].v[i], from_ms, until_ms))
				set_put(&e->authors, key_of(&e->bins[b].v[i]));
	*ret_all = mine = e->authors.n;
	for (b = bin_place(other, bin_number(from_ms)); b < other->n_bins; b++)
		for (i = 0; i < other->bins[b].n; i++) {
			size_t before = e->authors.n;

			if (!is_within(&other->bins[b].v[i], from_ms, until_ms))
				continue;
			set_put(&e->authors, key_of(&other->bins[b].v[i]));
			mine -= e->authors.n == before;
		}
	return *ret_all - mine;
}

void events_steps(const struct events *e, int64_t until_ms, int64_t step_ms, size_t n, uint32_t *ret_all,
		  uint32_t *ret_negative)
{
	const int64_t from_ms = until_ms - (int64_t)n * step_ms;
	size_t i, k;

	memset(ret_all, 0, n * sizeof(*ret_all));
	memset(ret_negative, 0, n * sizeof(*ret_negative));
	for (i = bin_place(e, bin_number(from_ms)); i < e->n_bins; i++)
		for (k = 0; k < e->bins[i].n; k++) {
			const struct kept *x = &e->bins[i].v[k];
			size_t at;

			if (x->again || x->at_ms < from_ms || x->at_ms >= until_ms)
				continue;
			at = (size_t)((x->at_ms - from_ms) / step_ms);
			ret_all[at]++;
			ret_negative[at] += x->tone == EVENT_NEGATIVE;
		}
}
