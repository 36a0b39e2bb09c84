/* What was learnt of each topic: kept, found again at a start, and brought up to date by what the log has counted since. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wire.h"
#include "base/zone.h"
#include "main/app_quiet.h"
#include "main/app_series_inside.h"
#include "mention/mention.h"
#include "store/series.h"
#include "store/store.h"

enum {
	SAID_ROWS = 500, /* read from the log at once */
	STATE_MAX_BYTES = STORE_TOPIC_STATE_MAX_BYTES,
	SECONDS_AN_HOUR = 3600,
};

/* --- by whose hours --- */

void series_take_zone(struct app_series *s, const char *name)
{
	struct zone *zone = NULL;

	if (s->zone_name && strcmp(s->zone_name, name) == 0)
		return;
	if (zone_load(name, &zone) != 0) /* the configuration found it a moment ago */
		LOG_WARN("series.no_zone", LOG_S("zone", name));
	zone_free(s->zone);
	free(s->zone_name);
	s->zone = zone;
	s->zone_name = xstrdup(name);
}

static int32_t offset_of(const struct zone *zone, int64_t at_ms)
{
	struct zone_time t;

	zone_local(zone, at_ms, &t);
	return t.offset_s;
}

/* What was learnt by the hours of another zone is turned to those of this one. */
void series_take_clock(struct app_series *s, struct topic *t)
{
	cleanup(zone_freep) struct zone *was = NULL;
	const char *before = topic_clock(t);
	int64_t now_ms = clock_wall_ms();

	if (before && strcmp(before, s->zone_name) != 0 && zone_load(before, &was) == 0) {
		int32_t seconds = offset_of(s->zone, now_ms) - offset_of(was, now_ms), half = SECONDS_AN_HOUR / 2;
		int hours = (int)((seconds + (seconds < 0 ? -half : half)) / SECONDS_AN_HOUR);

		topic_turn(t, hours);
		LOG_INFO("series.turned", LOG_S("topic", topic_name(t)), LOG_S("from", before),
			 LOG_S("to", s->zone_name), LOG_I("hours", hours));
	}
	topic_set_clock(t, s->zone_name);
}

/* --- kept --- */

static void on_kept(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "series.keep", r);
}

void app_series_keep(struct app_series *s)
{
	cleanup(arena_freep) struct arena *a = arena_new(SERIES_ANSWER_MAX_BYTES);
	struct topic_state *v;
	size_t i, n = 0;

	s->to_keep = SERIES_KEEP_BINS;
	if (!s->known)
		return;
	v = ARENA_ARRAY(a, struct topic_state, s->n + 1);
	for (i = 0; i < s->n && n < STORE_TOPICS_MAX; i++) {
		struct buf b = BUF_INIT(STATE_MAX_BYTES);

		topic_put(s->v[i].topic, &b);
		app_quiet_put(s->app->quiet, topic_name(s->v[i].topic), &b);
		if (!b.full)
			v[n++] = (struct topic_state){.topic = topic_name(s->v[i].topic),
						      .at_ms = s->end_ms - SERIES_BIN_MS,
						      .state = arena_memdup0(a, buf_str(&b), b.len),
						      .len = b.len};
		buf_done(&b);
	}
	store_topic_states_put(s->app->store, v, n, on_kept, s->app);
}

/* --- found again --- */

/* What was learnt of a topic that went with other rules, and is there again. */
static void on_states_again(void *arg, int r, const struct topic_state *v, size_t n)
{
	struct app_series *s = arg;
	size_t i;

	if (s->stopped)
		return;
	if (r < 0)
		app_log_failed(s->app, "series.states", r);
	for (i = 0; i < n; i++) {
		struct one *one = series_find(s, v[i].topic);
		struct wire_in in = WIRE_IN((const char *)v[i].state, v[i].len);

		if (!one || !one->is_new)
			continue;
		if (topic_get(one->topic, &in) != 0)
			LOG_WARN("series.unreadable", LOG_S("topic", v[i].topic));
		series_take_clock(s, one->topic);
	}
	for (i = 0; i < s->n; i++)
		s->v[i].is_new = false;
}

void series_ask_states_again(struct app_series *s)
{
	store_topic_states(s->app->store, on_states_again, s);
}

static void remember(struct one *one, const struct mention *m, const struct said *said)
{
	(void)m;
	topic_remember(one->topic, said);
}

static void on_said(void *arg, int r, const struct mention *const *v, size_t n, struct stream_id last)
{
	struct app_series *s = arg;
	size_t i;

	if (s->stopped)
		return;
	if (r < 0)
		app_log_failed(s->app, "series.said", r);
	for (i = 0; i < n; i++)
		series_each_topic(s, v[i], remember);
	if (r < 0 || stream_id_cmp(last, s->read) == 0) {
		series_begin(s);
		return;
	}
	s->read = last;
	store_said(s->app->store, s->read, SAID_ROWS, on_said, s);
}

/* Closes the bins up to at_ms of those topics that had not learnt them yet. */
static void close_up_to(struct app_series *s, int64_t *end_ms, int64_t at_ms)
{
	size_t i;

	for (; *end_ms <= at_ms; *end_ms += SERIES_BIN_MS)
		for (i = 0; i < s->n; i++)
			if (s->v[i].kept_ms < *end_ms)
				topic_close(s->v[i].topic, *end_ms, series_hour(s, *end_ms - 1));
}

/* How many of the rows are of whole bins: of the last one there may be more. All, if there is no other. */
static size_t whole_bins(const struct series_row *rows, size_t n)
{
	size_t i = n;

	while (i > 0 && rows[i - 1].at_ms == rows[n - 1].at_ms)
		i--;
	return i ? i : n;
}

static void learn(struct app_series *s, const struct series_row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct one *one = series_find(s, rows[i].topic);

		if (!s->learn_ms)
			s->learn_ms = rows[i].at_ms + SERIES_BIN_MS;
		close_up_to(s, &s->learn_ms, rows[i].at_ms);
		s->heard_ms = rows[i].at_ms;
		if (one && one->kept_ms <= rows[i].at_ms)
			topic_count(one->topic, rows[i].kind, rows[i].name, (uint32_t)rows[i].n);
	}
}

static void on_bins(void *arg, int r, const struct series_row *rows, size_t n, bool more);

static void ask_for_bins(struct app_series *s, int64_t from_ms)
{
	store_series(s->app->store,
		     &(struct store_series_ask){.from_ms = from_ms, .to_ms = clock_wall_ms() + SERIES_BIN_MS}, on_bins,
		     s);
}

static void bins_are_learnt(struct app_series *s)
{
	int64_t now_ms = clock_wall_ms();
	size_t i;

	s->end_ms = series_bin_end(now_ms);
	if (s->learn_ms && s->end_ms > s->heard_ms + SERIES_BIN_MS) /* what was not heard since: no lesson */
		for (i = 0; i < s->n; i++)
			topic_skip(s->v[i].topic, s->end_ms - SERIES_BIN_MS);
	s->whole = false;
	s->read = (struct stream_id){.ms = now_ms - TOPIC_LATE_KEPT_MS - TOPIC_HOUR_MS};
	if (s->read.ms > now_ms - series_longest_window(s->app->config))
		s->read.ms = now_ms - series_longest_window(s->app->config);
	store_said(s->app->store, s->read, SAID_ROWS, on_said, s);
}

/* The bins that were closed after what was learnt was kept last, and the open one. */
static void on_bins(void *arg, int r, const struct series_row *rows, size_t n, bool more)
{
	struct app_series *s = arg;
	size_t whole = more ? whole_bins(rows, n) : n;

	if (s->stopped)
		return;
	if (r < 0)
		app_log_failed(s->app, "series.bins", r);
	learn(s, rows, whole);
	if (!more) {
		bins_are_learnt(s);
		return;
	}
	if (whole == n) /* one bin has more than an answer */
		LOG_WARN("series.cut", LOG_I("bins", (int64_t)n));
	ask_for_bins(s, whole == n ? rows[n - 1].at_ms + 1 : rows[whole].at_ms);
}

static void on_states(void *arg, int r, const struct topic_state *v, size_t n)
{
	struct app_series *s = arg;
	int64_t now_ms = clock_wall_ms(), from_ms = now_ms;
	size_t i;

	if (s->stopped)
		return;
	if (r < 0)
		app_log_failed(s->app, "series.states", r);
	for (i = 0; i < n; i++) {
		struct wire_in in = WIRE_IN((const char *)v[i].state, v[i].len);
		struct one *one = series_find(s, v[i].topic);

		if (!one) /* of a clock that was ahead, or that is behind now: it is what there is */
			continue;
		if (topic_get(one->topic, &in) != 0) {
			LOG_WARN("series.unreadable", LOG_S("topic", v[i].topic));
			continue;
		}
		series_take_clock(s, one->topic);
		one->kept_ms = v[i].at_ms;
		app_quiet_get(s->app->quiet, v[i].topic, &in);
	}
	for (i = 0; i < s->n; i++)
		if (s->v[i].kept_ms < from_ms)
			from_ms = s->v[i].kept_ms;
	if (from_ms < now_ms - SERIES_REPLAY_HOURS * HOUR_MS)
		from_ms = now_ms - SERIES_REPLAY_HOURS * HOUR_MS;
	ask_for_bins(s, from_ms);
}

void series_ask_states(struct app_series *s)
{
	store_topic_states(s->app->store, on_states, s);
}
