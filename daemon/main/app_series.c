#include "main/app_series.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/wire.h"
#include "base/zone.h"
#include "main/app_crisis.h"
#include "main/app_inside.h"
#include "main/app_quiet.h"
#include "mention/source_state.h"
#include "mention/voice.h"
#include "serve/serve.h"
#include "stats/topic.h"
#include "store/series.h"
#include "store/store.h"

enum {
	GRACE_MS = 2000,   /* what was fetched within a bin is committed soon after it */
	JUDGE_MS = 1000,   /* hits that come together are judged together */
	KEEP_BINS = 12,    /* what was learnt is kept once so many bins … */
	REPLAY_HOURS = 48, /* … and learnt anew from the log as far back as that */
	SAID_ROWS = 500,   /* read from the log at once */
	BINS_BEHIND = 3,   /* the clock jumped, or we slept: more than so many are not closed one by one */
	STATE_MAX_BYTES = STORE_TOPIC_STATE_MAX_BYTES,
	ANSWER_MAX_BYTES = 16 << 20,
	DAY_HOURS = 24,
};

struct one {
	struct topic *topic;
	int64_t kept_ms; /* up to there it was learnt, by the log */
	enum judge_severity severity;
	bool said;   /* since it was judged */
	bool is_new; /* since a reload; the log is asked whether it knows it */
};

struct app_series {
	struct app *app;
	void (*on_known)(struct app *a);
	bool known;
	struct one *v;
	size_t n;
	struct zone *zone;
	char *zone_name;
	struct loop_timer *bin, *judge;
	int64_t end_ms;             /* of the open bin */
	unsigned to_keep;           /* bins until what was learnt is kept */
	bool whole;                 /* the open bin was heard from its beginning */
	bool stopped;               /* what the log still answers is nobody's */
	int64_t learn_ms, heard_ms; /* a start: the end of the bin that is learnt, the last one with anything in it */
	struct stream_id read;
};

/* --- topics --- */

static struct one *find(const struct app_series *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(topic_name(s->v[i].topic), name) == 0)
			return &s->v[i];
	return NULL;
}

static int hour_of(const struct app_series *s, int64_t at_ms)
{
	struct zone_time t;

	zone_local(s->zone, at_ms, &t);
	return t.hour;
}

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
		struct one *one = find(s, v[i].topic);
		struct wire_in in = WIRE_IN((const char *)v[i].state, v[i].len);

		if (!one || !one->is_new)
			continue;
		if (topic_get(one->topic, &in) != 0)
			LOG_WARN("series.unreadable", LOG_S("topic", v[i].topic));
	}
	for (i = 0; i < s->n; i++)
		s->v[i].is_new = false;
}

/* Of a topic that goes the log has what was learnt, for when it comes again. */
static void keep_those_that_go(struct app_series *s, const struct catalogue *c)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (catalogue_topic(c, topic_name(s->v[i].topic)))
			continue;
		app_series_keep(s);
		return;
	}
}

static void take_zone(struct app_series *s, const char *name)
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

static int64_t longest_window(const struct config *c)
{
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < c->n_alerts; i++)
		ms = c->alerts[i].over_ms > ms ? c->alerts[i].over_ms : ms;
	return ms;
}

/* A topic that stays keeps what it learnt; one that is new begins with what the log has of it, mostly nothing. */
void app_series_configure(struct app_series *s)
{
	const struct catalogue *c = &s->app->catalogue;
	const struct catalogue_tone *tone = catalogue_tone(c, app_lang(s->app) == TEXT_ES ? "es" : "en");
	struct one *v = xcalloc(c->n_topics + 1, sizeof(*v));
	int64_t keep_ms = longest_window(s->app->config);
	size_t i, n_new = 0;

	keep_those_that_go(s, c);
	take_zone(s, s->app->config->timezone);
	for (i = 0; i < c->n_topics; i++) {
		bool brand = strcmp(c->topics[i].role, "brand") == 0;
		struct one *before = find(s, c->topics[i].name);

		if (before) {
			v[i] = *before;
			before->topic = topic_new("", false); /* one to be freed in its place */
			topic_set_brand(v[i].topic, brand);
		} else {
			v[i].topic = topic_new(c->topics[i].name, brand);
			v[i].is_new = s->known;
			n_new += s->known;
		}
		topic_set_keep(v[i].topic, keep_ms);
		if (tone)
			topic_set_tone(v[i].topic, &(struct share_tone){.r = tone->r, .f = tone->f});
	}
	for (i = 0; i < s->n; i++)
		topic_free(s->v[i].topic);
	free(s->v);
	s->v = v;
	s->n = c->n_topics;
	if (n_new)
		store_topic_states(s->app->store, on_states_again, s);
}

/* --- what is said --- */

static enum event_tone tone_of(const struct mention *m)
{
	enum series_kind kind = series_tone(m);

	return kind == SERIES_NEGATIVE ? EVENT_NEGATIVE : kind == SERIES_POSITIVE ? EVENT_POSITIVE : EVENT_NEUTRAL;
}

/* Calls say() for each topic that a mention counts in. */
static void each_topic(struct app_series *s, const struct mention *m,
		       void (*say)(struct topic *t, const struct said *said))
{
	struct said said;
	size_t i;

	if (!series_counts(m))
		return;
	said = (struct said){.at_ms = series_time(m),
			     .late = series_is_late(m),
			     .author = voice_in_story(m),
			     .story = m->place.story,
			     .reach = m->author.followers > 0 ? (double)m->author.followers : 0,
			     .tone = tone_of(m)};
	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];
		struct one *one = find(s, h->topic);

		if (!one)
			continue;
		said.intents = h->intents;
		said.n_intents = h->n_intents;
		said.tags = h->tags;
		said.n_tags = h->n_tags;
		said.rules = h->rules;
		said.n_rules = h->n_rules;
		say(one->topic, &said);
		one->said = true;
		if (s->app->crisis)
			app_crisis_said(s->app->crisis, h->topic, m);
	}
}

void app_series_said(struct app_series *s, const struct poll_result *result)
{
	size_t i;

	if (!s->known)
		return;
	for (i = 0; i < result->n_entered; i++)
		each_topic(s, result->entered[i], topic_say);
	if (result->n_entered && !loop_timer_is_set(s->judge))
		loop_timer_set(s->judge, JUDGE_MS);
}

/* --- judging --- */

static void reasons(const struct judge_verdict *v, struct buf *b)
{
	int i;

	for (i = 0; i < JUDGE_REASONS; i++)
		if (v->by[i])
			buf_printf(b, "%s%s", b->len ? "," : "", judge_reason_names[i]);
}

static void judge_one(struct app_series *s, struct one *one)
{
	int64_t now_ms = clock_wall_ms();
	struct judge_facts facts;
	struct judge_verdict verdict;

	one->said = false;
	topic_judge(one->topic, now_ms, hour_of(s, now_ms), &facts, &verdict);
	if (verdict.severity > one->severity) {
		struct buf why = BUF_INIT(1024);

		reasons(&verdict, &why);
		LOG_INFO("topic.unusual", LOG_S("topic", topic_name(one->topic)),
			 LOG_S("severity", judge_severity_names[verdict.severity]), LOG_S("why", buf_str(&why)));
		buf_done(&why);
	}
	one->severity = verdict.severity;
	if (s->app->crisis)
		app_crisis_judged(s->app->crisis, one->topic, &verdict, hour_of(s, now_ms));
}

static void on_judge(void *arg)
{
	struct app_series *s = arg;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].said)
			judge_one(s, &s->v[i]);
}

/* --- bins --- */

static int64_t bin_end(int64_t at_ms)
{
	return (at_ms / SERIES_BIN_MS + 1) * SERIES_BIN_MS;
}

static void wait_for_bin(struct app_series *s)
{
	loop_timer_set(s->bin, s->end_ms + GRACE_MS - clock_wall_ms());
}

static void on_kept(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "series.keep", r);
}

void app_series_keep(struct app_series *s)
{
	cleanup(arena_freep) struct arena *a = arena_new(ANSWER_MAX_BYTES);
	struct topic_state *v;
	size_t i, n = 0;

	s->to_keep = KEEP_BINS;
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

static void close_bin(struct app_series *s)
{
	int hour = hour_of(s, s->end_ms - 1);
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->whole)
			topic_close(s->v[i].topic, s->end_ms, hour);
		else
			topic_skip(s->v[i].topic, s->end_ms);
		judge_one(s, &s->v[i]);
	}
	s->end_ms += SERIES_BIN_MS;
	s->whole = true;
}

static void on_bin(void *arg)
{
	struct app_series *s = arg;
	int64_t now_ms = clock_wall_ms();
	size_t closed;

	for (closed = 0; s->end_ms <= now_ms && closed < BINS_BEHIND; closed++)
		close_bin(s);
	if (s->end_ms <= now_ms) { /* nothing was heard meanwhile, or nothing that is worth a lesson */
		s->end_ms = bin_end(now_ms);
		s->whole = false;
	} else if (s->end_ms - now_ms > 2 * SERIES_BIN_MS) { /* the clock went back: what was closed stays closed */
		s->end_ms = bin_end(now_ms);
		s->whole = false;
	}
	s->to_keep -= closed < s->to_keep ? (unsigned)closed : s->to_keep;
	if (!s->to_keep)
		app_series_keep(s);
	wait_for_bin(s);
}

/* --- a start --- */

static void is_known(struct app_series *s)
{
	s->known = true;
	s->to_keep = KEEP_BINS;
	wait_for_bin(s);
	loop_timer_set(s->judge, JUDGE_MS);
	app_quiet_known(s->app->quiet);
	s->on_known(s->app);
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
		each_topic(s, v[i], topic_remember);
	if (r < 0 || stream_id_cmp(last, s->read) == 0) {
		is_known(s);
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
				topic_close(s->v[i].topic, *end_ms, hour_of(s, *end_ms - 1));
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
		struct one *one = find(s, rows[i].topic);

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

	s->end_ms = bin_end(now_ms);
	if (s->learn_ms && s->end_ms > s->heard_ms + SERIES_BIN_MS) /* what was not heard since: no lesson */
		for (i = 0; i < s->n; i++)
			topic_skip(s->v[i].topic, s->end_ms - SERIES_BIN_MS);
	s->whole = false;
	s->read = (struct stream_id){.ms = now_ms - TOPIC_LATE_KEPT_MS - TOPIC_HOUR_MS};
	if (s->read.ms > now_ms - longest_window(s->app->config))
		s->read.ms = now_ms - longest_window(s->app->config);
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
		struct one *one = find(s, v[i].topic);

		if (!one) /* of a clock that was ahead, or that is behind now: it is what there is */
			continue;
		if (topic_get(one->topic, &in) != 0) {
			LOG_WARN("series.unreadable", LOG_S("topic", v[i].topic));
			continue;
		}
		one->kept_ms = v[i].at_ms;
		app_quiet_get(s->app->quiet, v[i].topic, &in);
	}
	for (i = 0; i < s->n; i++)
		if (s->v[i].kept_ms < from_ms)
			from_ms = s->v[i].kept_ms;
	if (from_ms < now_ms - REPLAY_HOURS * HOUR_MS)
		from_ms = now_ms - REPLAY_HOURS * HOUR_MS;
	ask_for_bins(s, from_ms);
}

struct app_series *app_series_new(struct app *a, void (*on_known)(struct app *a))
{
	struct app_series *s = NEW(struct app_series);

	s->app = a;
	s->on_known = on_known;
	s->bin = loop_timer_new(a->loop, on_bin, s);
	s->judge = loop_timer_new(a->loop, on_judge, s);
	app_series_configure(s);
	store_topic_states(a->store, on_states, s);
	return s;
}

void app_series_stop(struct app_series *s)
{
	app_series_keep(s);
	s->stopped = true;
}

struct app_series *app_series_free(struct app_series *s)
{
	size_t i;

	if (!s)
		return NULL;
	for (i = 0; i < s->n; i++)
		topic_free(s->v[i].topic);
	free(s->v);
	zone_free(s->zone);
	free(s->zone_name);
	loop_timer_free(s->bin);
	loop_timer_free(s->judge);
	free(s);
	return NULL;
}

struct topic *app_series_topic(const struct app_series *s, const char *name, int *ret_hour)
{
	const struct one *one = find(s, name);

	*ret_hour = hour_of(s, clock_wall_ms());
	return one ? one->topic : NULL;
}

bool app_series_known(const struct app_series *s)
{
	return s->known;
}

/* --- the API --- */

static void say_number(struct json *j, const char *key, double value)
{
	if (value >= 0)
		json_double(j, key, round(value * 10) / 10);
}

static void say_window(struct json *j, const char *key, struct topic *t, enum series_kind kind, int64_t now_ms,
		       int hour)
{
	struct topic_window w;

	topic_window(t, kind, NULL, now_ms, HOUR_MS, hour, &w);
	json_begin_object(j, key);
	json_int(j, "hour", (int64_t)w.count.matching);
	say_number(j, "usual", w.usual);
	json_int(j, "authors", (int64_t)w.count.authors);
	json_int(j, "stories", (int64_t)w.count.stories);
	if (kind != SERIES_ALL) {
		say_number(j, "percent", w.percent);
		say_number(j, "percent_usual", w.percent_usual);
	}
	json_end_object(j);
}

/* The last day's hours, the oldest first. */
static void say_day(struct json *j, const char *key, struct topic *t, enum series_kind kind, int64_t now_ms)
{
	int h;

	json_begin_array(j, key);
	for (h = DAY_HOURS - 1; h >= 0; h--) {
		struct topic_window w;

		topic_window(t, kind, NULL, now_ms - h * HOUR_MS, HOUR_MS, 0, &w);
		json_int(j, NULL, (int64_t)w.count.matching);
	}
	json_end_array(j);
}

static void say_topic(struct app_series *s, const struct one *one, int64_t now_ms, struct json *j)
{
	const struct catalogue_topic *known = catalogue_topic(&s->app->catalogue, topic_name(one->topic));
	int hour = hour_of(s, now_ms), i;
	struct judge_facts facts;
	struct judge_verdict verdict;
	struct topic_window w;

	topic_judge(one->topic, now_ms, hour, &facts, &verdict);
	topic_window(one->topic, SERIES_ALL, NULL, now_ms, HOUR_MS, hour, &w);
	json_begin_object(j, NULL);
	json_text(j, "topic", topic_name(one->topic));
	json_text(j, "role", known ? known->role : NULL);
	json_text(j, "severity", judge_severity_names[verdict.severity]);
	json_begin_array(j, "why");
	for (i = 0; i < JUDGE_REASONS; i++)
		if (verdict.by[i])
			json_text(j, NULL, judge_reason_names[i]);
	json_end_array(j);
	json_bool(j, "early", w.early);
	say_window(j, "mentions", one->topic, SERIES_ALL, now_ms, hour);
	say_window(j, "negative", one->topic, SERIES_NEGATIVE, now_ms, hour);
	say_window(j, "positive", one->topic, SERIES_POSITIVE, now_ms, hour);
	say_day(j, "day", one->topic, SERIES_ALL, now_ms);
	say_day(j, "day_negative", one->topic, SERIES_NEGATIVE, now_ms);
	json_end_object(j);
}

void app_series_ask(void *arg, struct reply *reply)
{
	struct app *a = arg;
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	int64_t now_ms = clock_wall_ms();
	size_t i;

	json_begin_object(&j, NULL);
	json_begin_array(&j, "topics");
	for (i = 0; a->series && a->series->known && i < a->series->n; i++)
		say_topic(a->series, &a->series->v[i], now_ms, &j);
	json_end_array(&j);
	json_end_object(&j);
	reply_json(reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}
