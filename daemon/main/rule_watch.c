#include "main/rule_watch.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "mention/answer.h"

void rule_watch_begin(struct rule_watch *w)
{
	*w = (struct rule_watch){.texts = 0};
}

static bool is(const struct rule_watched *x, const struct answer_limit *l)
{
	return !strcmp(x->topic, l->topic) && !strcmp(x->pattern, l->pattern);
}

/* Its place; a free one, or one whose pattern has been quiet, where it has none. NULL: none is left. */
static struct rule_watched *place_of(struct rule_watch *w, const struct answer_limit *l)
{
	struct rule_watched *free_one = NULL, *quiet = NULL;
	size_t i;

	for (i = 0; i < RULE_WATCH_PATTERNS; i++) {
		struct rule_watched *x = &w->v[i];

		if (is(x, l))
			return x;
		if (!*x->pattern && !free_one)
			free_one = x;
		else if (!x->off && !x->now && !x->before && !quiet)
			quiet = x;
	}
	if (!free_one)
		free_one = quiet;
	if (!free_one || strlen(l->topic) >= RULE_WATCH_NAME_BYTES || strlen(l->pattern) >= RULE_WATCH_NAME_BYTES)
		return NULL;
	*free_one = (struct rule_watched){.off = false};
	snprintf(free_one->topic, sizeof(free_one->topic), "%s", l->topic);
	snprintf(free_one->pattern, sizeof(free_one->pattern), "%s", l->pattern);
	return free_one;
}

static void source_seen(struct rule_watched *x, uint64_t source)
{
	size_t i;

	for (i = 0; i < x->n_sources; i++)
		if (x->sources[i] == source)
			return;
	if (x->n_sources < RULE_WATCH_SOURCES)
		x->sources[x->n_sources++] = source;
}

static void span_end(struct rule_watch *w)
{
	size_t i;

	for (i = 0; i < RULE_WATCH_PATTERNS; i++) {
		w->v[i].before = w->v[i].now;
		w->v[i].now = 0;
		if (!w->v[i].before)
			w->v[i].n_sources = 0;
	}
	w->texts = 0;
}

size_t rule_watch_judged(struct rule_watch *w, const char *source, size_t texts, const struct answer_limit *limits,
			 size_t n, size_t n_sources, const struct rule_watched *ret[RULE_WATCH_PATTERNS])
{
	const struct hash_part part = {source, strlen(source)};
	size_t enough = n_sources && n_sources < RULE_WATCH_SOURCES ? n_sources : RULE_WATCH_SOURCES, n_off = 0, i;
	uint64_t hash = n ? hash_u64(&part, 1) : 0;

	if (w->texts >= RULE_WATCH_SPAN)
		span_end(w);
	w->texts += texts;
	for (i = 0; i < n; i++) {
		/* a reader counts texts that it did not try any more, too, and titles beside texts */
		unsigned times = limits[i].count < texts ? limits[i].count : (unsigned)texts;
		struct rule_watched *x = place_of(w, &limits[i]);

		if (!x)
			continue;
		x->times += times;
		x->now += times;
		source_seen(x, hash);
		if (x->off || x->now + x->before < RULE_WATCH_OFF || x->n_sources < enough)
			continue;
		x->off = true;
		ret[n_off++] = x;
	}
	return n_off;
}
