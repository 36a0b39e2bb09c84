#include "main/ctl_backtest_said.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "main/ctl_backtest_run.h"
#include "main/series_said.h"
#include "mention/catalogue.h"
#include "mention/mention.h"

enum { CATALOGUE_MAX_BYTES = 256 << 20 };

struct row {
	int64_t seen_ms, at_ms;
	uint64_t author, story;
	double reach;
	uint32_t names; /* where they begin: intents, tags, rules */
	uint16_t topic, n_intents, n_tags, n_rules;
	uint8_t tone;
	bool late;
	uint32_t order; /* of what was seen at the same time, the last that was given was the first */
};

struct backtest_said {
	struct arena *arena; /* the catalogue's */
	struct catalogue catalogue;
	int64_t *first_ms; /* by topic */
	struct row *v;
	size_t n, cap, max;
	const char **names; /* the catalogue's own */
	size_t n_names, cap_names, names_max;
	int64_t cut_ms;
};

struct backtest_said *backtest_said_new(size_t max, size_t names_max)
{
	struct backtest_said *s = NEW(struct backtest_said);

	s->arena = arena_new(SIZE_MAX);
	s->max = max;
	s->names_max = names_max;
	s->cut_ms = TIME_NONE;
	return s;
}

struct backtest_said *backtest_said_free(struct backtest_said *s)
{
	if (!s)
		return NULL;
	arena_free(s->arena);
	free(s->v);
	free(s->names);
	free(s);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_names(const char **v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_name);
}

void backtest_said_begin(struct backtest_said *s, const struct catalogue *c)
{
	struct buf b = BUF_INIT(CATALOGUE_MAX_BYTES);
	size_t i;

	catalogue_put(&b, c);
	if (catalogue_get(buf_str(&b), b.len, s->arena, &s->catalogue) != 0)
		s->catalogue.n_topics = 0;
	buf_done(&b);
	s->first_ms = ARENA_ARRAY(s->arena, int64_t, s->catalogue.n_topics + 1);
	for (i = 0; i < s->catalogue.n_topics; i++) { /* so that a name is found at once */
		struct catalogue_topic *t = &s->catalogue.topics[i];

		s->first_ms[i] = TIME_NONE;
		sort_names(t->intents, t->n_intents);
		sort_names(t->tags, t->n_tags);
		sort_names(t->rules, t->n_rules);
	}
}

const struct catalogue *backtest_said_catalogue(const struct backtest_said *s)
{
	return &s->catalogue;
}

/* Those of v that the catalogue has; returns how many. */
static uint16_t take_names(struct backtest_said *s, const char **known, size_t n_known, const char *const *v, size_t n)
{
	uint16_t taken = 0;
	size_t i;

	for (i = 0; i < n && taken < UINT16_MAX; i++) {
		const char **found = n_known ? bsearch(&v[i], known, n_known, sizeof(*known), by_name) : NULL;

		if (!found)
			continue;
		s->names = GROW(s->names, s->n_names, &s->cap_names);
		s->names[s->n_names++] = *found;
		taken++;
	}
	return taken;
}

static void add(struct backtest_said *s, const struct mention *m, const struct said *said, size_t topic)
{
	const struct catalogue_topic *t = &s->catalogue.topics[topic];
	struct row *row;

	if (s->n == s->max || s->n_names + said->n_intents + said->n_tags + said->n_rules > s->names_max)
		s->cut_ms = s->n ? s->v[s->n - 1].seen_ms : m->seen_ms;
	if (s->cut_ms != TIME_NONE)
		return;
	s->v = GROW(s->v, s->n, &s->cap);
	row = &s->v[s->n];
	*row = (struct row){.seen_ms = m->seen_ms,
			    .at_ms = said->at_ms,
			    .author = said->author,
			    .story = said->story,
			    .reach = said->reach,
			    .names = (uint32_t)s->n_names,
			    .topic = (uint16_t)topic,
			    .tone = (uint8_t)said->tone,
			    .late = said->late,
			    .order = (uint32_t)s->n++};
	row->n_intents = take_names(s, t->intents, t->n_intents, said->intents, said->n_intents);
	row->n_tags = take_names(s, t->tags, t->n_tags, said->tags, said->n_tags);
	row->n_rules = take_names(s, t->rules, t->n_rules, said->rules, said->n_rules);
}

void backtest_said_add(struct backtest_said *s, const struct mention *m, const struct backtest_hits *hits)
{
	struct said said;
	size_t i;

	if (hits->unknown || s->cut_ms != TIME_NONE)
		return;
	said = series_said(m);
	for (i = 0; i < hits->n; i++) {
		const struct catalogue_topic *t = catalogue_topic(&s->catalogue, hits->v[i].topic);
		size_t topic = t ? (size_t)(t - s->catalogue.topics) : 0;

		if (!t)
			continue;
		if (s->first_ms[topic] == TIME_NONE || m->seen_ms < s->first_ms[topic])
			s->first_ms[topic] = m->seen_ms;
		series_said_names(&said, &hits->v[i]);
		if (series_counts(m))
			add(s, m, &said, topic);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->seen_ms != y->seen_ms)
		return x->seen_ms < y->seen_ms ? -1 : 1;
	return (x->order < y->order) - (x->order > y->order);
}

void backtest_said_sort(struct backtest_said *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_time);
}

size_t backtest_said_len(const struct backtest_said *s)
{
	return s->n;
}

struct backtest_said_one backtest_said_at(const struct backtest_said *s, size_t i)
{
	const struct row *row = &s->v[i];
	const char *const *names = s->names ? s->names + row->names : NULL;

	return (struct backtest_said_one){.seen_ms = row->seen_ms,
					  .topic = row->topic,
					  .said = {.at_ms = row->at_ms,
						   .late = row->late,
						   .author = row->author,
						   .story = row->story,
						   .reach = row->reach,
						   .tone = (enum event_tone)row->tone,
						   .intents = names,
						   .n_intents = row->n_intents,
						   .tags = names + row->n_intents,
						   .n_tags = row->n_tags,
						   .rules = names + row->n_intents + row->n_tags,
						   .n_rules = row->n_rules}};
}

int64_t backtest_said_first_ms(const struct backtest_said *s, size_t topic)
{
	return s->first_ms[topic];
}

int64_t backtest_said_cut_ms(const struct backtest_said *s)
{
	return s->cut_ms;
}
