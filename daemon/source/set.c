/* source/set: which sources there are, by name: those of the configuration and those that lists name, as they come and go. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "platform/params.h"
#include "source/config.h"
#include "source/inside.h"
#include "source/marks.h"

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct source *const *)a)->name, (*(struct source *const *)b)->name);
}

/* Where the first of v[0..n) stands whose name is greater; equal: or the same. */
static size_t place_of(const struct sources *s, size_t n, const char *name, bool equal)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;
		int order = strcmp(s->v[middle]->name, name);

		if (order < 0 || (order == 0 && !equal))
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

struct source *source_find(const struct sources *s, const char *name)
{
	size_t at = place_of(s, s->sorted, name, true);

	return at < s->sorted && strcmp(s->v[at]->name, name) == 0 ? s->v[at] : NULL;
}

enum { ORIGIN_MAX_BYTES = 1024 };

/* Where a platform is asked; NULL: nowhere. */
static char *origin_of(const struct params *params)
{
	struct buf b = BUF_INIT(ORIGIN_MAX_BYTES);
	char *origin = params_origin(&b, params) ? buf_steal(&b) : NULL;

	buf_done(&b);
	return origin;
}

struct source *source_add(struct sources *s, const char *name, const char *url, const struct source_config *config)
{
	struct source *x = NEW(struct source);

	x->all = s;
	x->name = xstrdup(name);
	x->url = url ? xstrdup(url) : config->params ? origin_of(config->params) : NULL;
	x->config = config;
	if (config->platform == SOURCE_FILE)
		x->known = NEW(struct files_known);
	x->ok_ms = x->next_ms = TIME_NONE;
	x->kept = true;
	s->v = GROW(s->v, s->n, &s->cap);
	s->v[s->n++] = x;
	s->changes++;
	return x;
}

/* A few into very many: one search and one move of memory each, where sorting all would hold the loop. */
void sources_merge(struct sources *s)
{
	size_t fresh = s->n - s->sorted, high = s->sorted, at;
	cleanup(freep) struct source **v = NULL;

	if (!fresh)
		return;
	v = xcalloc(fresh, sizeof(struct source *));
	memcpy(v, s->v + s->sorted, fresh * sizeof(*v));
	qsort(v, fresh, sizeof(*v), by_name);
	while (fresh--) { /* from the last on, what stands behind it moves once to its place */
		at = place_of(s, high, v[fresh]->name, false);
		memmove(s->v + at + fresh + 1, s->v + at, (high - at) * sizeof(*s->v));
		s->v[at + fresh] = v[fresh];
		high = at;
	}
	s->sorted = s->n;
}

/* --- those that go --- */

static const struct source_config nowhere = {.every_ms = 0}; /* theirs is not there any more */

static void leave(struct sources *s, struct source *x)
{
	feeds_close(x);
	if (x->poll)
		source_abandon(x);
	x->config = &nowhere;
	x->of = NULL;
	x->left = true;
	marks_drop(x);
	s->left = GROW(s->left, s->n_left, &s->cap_left);
	s->left[s->n_left++] = x;
}

/* Some of them, and the others in later turns: a list may have named very many. */
static void let_go(void *arg)
{
	struct sources *s = arg;
	size_t n;

	for (n = 0; s->n_left && n < SET_SLICE; n++) {
		struct source *x = s->left[--s->n_left];

		if (!source_find(s, x->name)) /* else it has only moved */
			source_end_deafness(x);
		source_free(x);
	}
	if (s->n_left)
		loop_timer_set(s->left_timer, 0);
	sources_plan(s);
}

void sources_sweep(struct sources *s)
{
	size_t i, n = 0;

	sources_merge(s);
	for (i = 0; i < s->n; i++) { /* the order stays */
		struct source *x = s->v[i];

		if (x->kept)
			s->v[n++] = x;
		else
			leave(s, x);
	}
	s->changes += s->n - n;
	s->n = s->sorted = n;
	let_go(s);
}

void set_open(struct sources *s)
{
	s->left_timer = loop_timer_new(s->loop, let_go, s);
}

void set_close(struct sources *s)
{
	size_t i;

	loop_timer_free(s->left_timer);
	for (i = 0; i < s->n_left; i++)
		source_free(s->left[i]);
	for (i = 0; i < s->n; i++)
		source_free(s->v[i]);
	free(s->left);
	free(s->v);
}

/* --- a configuration --- */

/* The same source as it is configured now. */
static void rebind(struct sources *s, struct source *x, const struct source_config *config)
{
	bool sooner = config->every_ms < x->config->every_ms;

	if (x->poll) {
		poll_rebind(x->poll, config);
	} else if (x->config->every_ms != config->every_ms && x->item.place && !x->gone && !s->once) {
		x->planned = false; /* when its turn comes, the log says when it was polled last … */
		if (sooner)         /* … and that is now, if it may be due already */
			schedule_advance(s->schedule, &x->item, clock_steady_ms());
	}
	x->config = config;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether a poll of the old may go on as one of the new. */
static bool same_place(const struct source_config *a, const struct source_config *b)
{
	return a->platform == b->platform && same(a->url, b->url) && same(a->path, b->path) &&
	       params_same(a->params, b->params);
}

static void configure_one(struct sources *s, const struct source_config *config)
{
	struct source *x = source_find(s, config->name);
	bool moved = x && !same_place(x->config, config);

	if (x && !moved) {
		x->kept = true;
		rebind(s, x, config);
		return;
	}
	x = source_add(s, config->name, config->url, config);
	if (config->platform == SOURCE_OPML)
		feeds_open(x);
	else
		source_schedule(x, 0);
	if (moved && x->item.place) /* who mends an address wants to see it work */
		schedule_at_once(s->schedule, &x->item, clock_steady_ms());
}

void sources_configure(struct sources *s, const struct source_config *v, size_t n)
{
	size_t i, old = s->n;

	for (i = 0; i < old; i++)
		s->v[i]->kept = false;
	for (i = 0; i < n; i++)
		configure_one(s, &v[i]);
	for (i = 0; i < old; i++) { /* a list's feeds stay and go with their list */
		struct source *x = s->v[i];

		if (!x->of)
			continue;
		x->kept = x->of->source->kept;
		if (x->kept)
			rebind(s, x, x->of->source->config);
	}
	sources_spread(s, SOURCES_RUNNING_MAX);
	sources_sweep(s);
}

/* --- who looks at them --- */

size_t sources_count(const struct sources *s)
{
	return s->n;
}

uint64_t sources_changes(const struct sources *s)
{
	return s->changes;
}

void sources_each(const struct sources *s, const char *after,
		  bool (*on_source)(void *arg, const struct source_status *status), void *arg)
{
	size_t i = after ? place_of(s, s->sorted, after, false) : 0;
	struct source_status status;

	for (; i < s->n; i++) {
		source_status(s->v[i], &status);
		if (!on_source(arg, &status))
			return;
	}
}

void sources_unheard(const struct sources *s, bool (*on_source)(void *arg, const struct source_status *status),
		     void *arg)
{
	struct source_status status;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (!s->v[i]->error && !s->v[i]->health.told_ms)
			continue;
		source_status(s->v[i], &status);
		if (!on_source(arg, &status))
			return;
	}
}

void sources_glance(const struct sources *s, void (*on_source)(void *arg, const struct source_glance *glance),
		    void *arg)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct source *x = s->v[i];
		const struct source_glance glance = {
			.name = x->name,
			.url = x->url,
			.platform = x->config->params ? source_platform_name(x->config) : NULL,
			.standing = source_stands(x),
			.ok_ms = x->ok_ms,
			.deaf = x->health.told_ms ? (enum health_kind)x->health.kind : HEALTH_WELL,
			.deaf_ms = x->health.deaf_ms,
			.missing = x->missing,
			.missing_ms = x->missing_ms,
			.means = x->means,
		};

		on_source(arg, &glance);
	}
}
