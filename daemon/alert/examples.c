#include "alert/examples.h"

#include <stdlib.h>
#include <string.h>

#include "mention/mention.h"
#include "mention/series.h"

struct example {
	char *title, *url, *author, *source;
	double reach;
	uint64_t story;
	int64_t at_ms;
	bool negative;
};

struct examples {
	struct example v[EXAMPLES_MAX]; /* as they came */
	size_t n;
};

struct examples *examples_new(void)
{
	return NEW(struct examples);
}

static void drop(struct example *x)
{
	free(x->title);
	free(x->url);
	free(x->author);
	free(x->source);
}

struct examples *examples_free(struct examples *e)
{
	size_t i;

	for (i = 0; e && i < e->n; i++)
		drop(&e->v[i]);
	free(e);
	return NULL;
}

/* Cut between letters; NULL stays NULL. */
static char *copy(const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (!len)
		return NULL;
	if (len > EXAMPLE_TEXT_MAX_BYTES)
		for (len = EXAMPLE_TEXT_MAX_BYTES; len && (s[len] & 0xC0) == 0x80; len--)
			;
	return xstrndup(s, len);
}

/* The oldest that is not negative goes; where all are, the oldest but the first, which is asked for as long as it may be picked. */
static void make_room(struct examples *e, int64_t now_ms)
{
	size_t i;

	if (e->n < EXAMPLES_MAX)
		return;
	for (i = 0; i < e->n && e->v[i].negative; i++)
		;
	i = i < e->n ? i : e->v[0].at_ms >= now_ms - EXAMPLES_AGE_MS;
	drop(&e->v[i]);
	memmove(&e->v[i], &e->v[i + 1], (--e->n - i) * sizeof(e->v[0]));
}

void examples_add(struct examples *e, const struct mention *m)
{
	const char *name = m->author.name && *m->author.name ? m->author.name : m->author.handle;

	make_room(e, series_time(m));
	e->v[e->n++] = (struct example){.title = copy(m->title && *m->title ? m->title : m->text),
					.url = copy(m->url),
					.author = copy(name),
					.source = copy(m->source),
					.reach = m->author.followers > 0 ? (double)m->author.followers : 0,
					.story = m->place.story,
					.at_ms = series_time(m),
					.negative = series_tone(m) == SERIES_NEGATIVE};
}

/* --- picking --- */

struct choice {
	const struct examples *e;
	int64_t from_ms;
	bool negative;
	bool taken[EXAMPLES_MAX];
	struct incident_example *ret;
	size_t n;
};

static bool stands(const struct choice *c, size_t i)
{
	const struct example *x = &c->e->v[i];

	return !c->taken[i] && x->at_ms >= c->from_ms && (x->negative || !c->negative);
}

static void take(struct choice *c, size_t i, enum incident_telling why)
{
	const struct example *x = &c->e->v[i];

	if (i == c->e->n || c->n == INCIDENT_EXAMPLES)
		return;
	c->taken[i] = true;
	c->ret[c->n++] = (struct incident_example){x->title, x->url, x->author, x->source, x->reach, why};
}

/* The one of which value() is largest, and above least; n: none is. */
static size_t best(const struct choice *c, double (*value)(const struct choice *c, size_t i), double least)
{
	size_t i, found = c->e->n;

	for (i = 0; i < c->e->n; i++) {
		double v = stands(c, i) ? value(c, i) : least;

		if (v > least) {
			least = v;
			found = i;
		}
	}
	return found;
}

static double reach(const struct choice *c, size_t i)
{
	return c->e->v[i].reach;
}

/* How many others tell the same story. */
static double likeness(const struct choice *c, size_t i)
{
	size_t k, n = 0;

	for (k = 0; c->e->v[i].story && k < c->e->n; k++)
		n += k != i && c->e->v[k].at_ms >= c->from_ms && c->e->v[k].story == c->e->v[i].story;
	return (double)n;
}

static double age(const struct choice *c, size_t i)
{
	return -(double)c->e->v[i].at_ms;
}

static double youth(const struct choice *c, size_t i)
{
	return (double)c->e->v[i].at_ms;
}

size_t examples_pick(const struct examples *e, int64_t now_ms, struct incident_example ret[INCIDENT_EXAMPLES])
{
	struct choice c = {.e = e, .from_ms = now_ms - EXAMPLES_AGE_MS, .ret = ret};
	size_t i;

	for (i = 0; i < e->n; i++)
		c.negative = c.negative || (e->v[i].negative && e->v[i].at_ms >= c.from_ms);
	take(&c, best(&c, reach, 0), TELLING_REACH);
	take(&c, best(&c, likeness, 0), TELLING_TYPICAL);
	take(&c, best(&c, age, -1e300), TELLING_FIRST);
	for (i = c.n; i < INCIDENT_EXAMPLES; i++) /* where nobody is known by reach or likeness, the newest */
		take(&c, best(&c, youth, -1e300), TELLING_NEW);
	return c.n;
}

size_t examples_from(const struct examples *e, bool (*is)(void *arg, const char *source), void *arg, size_t *ret_all)
{
	size_t i, n = 0;

	for (i = 0; i < e->n; i++)
		n += e->v[i].source && is(arg, e->v[i].source);
	*ret_all = e->n;
	return n;
}
