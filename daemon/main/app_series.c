#include "main/app_series.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "main/app_quiet.h"
#include "main/app_series_inside.h"
#include "mention/mention.h"
#include "mention/source_state.h"

enum {
	BINS_BEHIND = 3, /* the clock jumped, or we slept: more than so many are not closed one by one */
};

/* --- topics --- */

struct one *series_find(const struct app_series *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(topic_name(s->v[i].topic), name) == 0)
			return &s->v[i];
	return NULL;
}

int series_hour(const struct app_series *s, int64_t at_ms)
{
	struct zone_time t;

	zone_local(s->zone, at_ms, &t);
	return t.hour;
}

int64_t series_longest_window(const struct config *c)
{
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < c->n_alerts; i++)
		ms = c->alerts[i].over_ms > ms ? c->alerts[i].over_ms : ms;
	return ms;
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

static void free_topics(struct app_series *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		topic_free(s->v[i].topic);
		free(s->v[i].late);
	}
	free(s->v);
}

/* A topic that stays keeps what it learnt; one that is new begins with what the log has of it, mostly nothing. */
void app_series_configure(struct app_series *s)
{
	const struct catalogue *c = &s->app->catalogue;
	const struct catalogue_tone *tone = catalogue_tone(c, app_lang(s->app) == TEXT_ES ? "es" : "en");
	struct one *v = xcalloc(c->n_topics + 1, sizeof(*v));
	int64_t keep_ms = series_longest_window(s->app->config);
	size_t i, n_new = 0;

	keep_those_that_go(s, c);
	series_take_zone(s, s->app->config->timezone);
	for (i = 0; i < c->n_topics; i++) {
		bool brand = strcmp(c->topics[i].role, "brand") == 0;
		struct one *before = series_find(s, c->topics[i].name);

		if (before) {
			v[i] = *before;
			before->topic = topic_new("", false); /* one to be freed in its place */
			before->late = NULL;
			topic_set_brand(v[i].topic, brand);
		} else {
			v[i].topic = topic_new(c->topics[i].name, brand);
			v[i].is_new = s->known;
			n_new += s->known;
		}
		topic_set_keep(v[i].topic, keep_ms);
		series_take_clock(s, v[i].topic);
		if (tone)
			topic_set_tone(v[i].topic, &(struct share_tone){.r = tone->r, .f = tone->f});
	}
	free_topics(s);
	s->v = v;
	s->n = c->n_topics;
	if (n_new)
		series_ask_states_again(s);
}

/* --- what is said --- */

void series_each_topic(struct app_series *s, const struct mention *m, series_say *say)
{
	struct said said;
	size_t i;

	if (!series_counts(m))
		return;
	said = series_said(m);
	for (i = 0; i < m->n_hits; i++) {
		struct one *one = series_find(s, m->hits[i].topic);

		if (!one)
			continue;
		series_said_names(&said, &m->hits[i]);
		say(one, m, &said);
		one->said = true;
		if (s->app->crisis)
			app_crisis_said(s->app->crisis, m->hits[i].topic, m);
	}
}

static void note_late(struct one *one, const struct mention *m, const struct said *said)
{
	if (!one->late)
		one->late = NEW(struct late_said);
	if (series_late_add(&one->late->hours, said->at_ms, clock_wall_ms()))
		app_crisis_late_add(&one->late->news, said->at_ms, m->source);
}

static void say(struct one *one, const struct mention *m, const struct said *said)
{
	topic_say(one->topic, said);
	if (said->late)
		note_late(one, m, said);
}

/* What a mention has met since it was said counts now, as the log counts it. */
static void gain(struct app_series *s, const struct poll_gain *gain)
{
	const struct mention *m = gain->m;
	struct said said;
	size_t i;

	if (!series_counts(m))
		return;
	said = series_said(m);
	said.at_ms = clock_wall_ms();
	said.late = false;
	for (i = 0; i < m->n_hits; i++) {
		struct one *one = series_find(s, m->hits[i].topic);

		if (!one)
			continue;
		series_said_names(&said, &m->hits[i]);
		(i < gain->n_new ? topic_say : topic_gain)(one->topic, &said);
		series_judge_soon(s, one);
	}
}

void series_judge_soon(struct app_series *s, struct one *one)
{
	one->said = true;
	if (s->known && !loop_timer_is_set(s->judge))
		loop_timer_set(s->judge, SERIES_JUDGE_MS);
}

void app_series_said(struct app_series *s, const struct poll_result *result)
{
	size_t i;

	if (!s->known)
		return;
	for (i = 0; i < result->n_entered; i++)
		series_each_topic(s, result->entered[i], say);
	for (i = 0; i < result->n_gained; i++)
		gain(s, &result->gained[i]);
	if (result->n_entered && !loop_timer_is_set(s->judge))
		loop_timer_set(s->judge, SERIES_JUDGE_MS);
	if (result->counted)
		series_growth_counted(s);
}

/* --- judging --- */

static void reasons(const struct judge_verdict *v, struct buf *b)
{
	int i;

	for (i = 0; i < JUDGE_REASONS; i++)
		if (v->by[i])
			buf_printf(b, "%s%s", b->len ? "," : "", judge_reason_names[i]);
}

/* What came late is judged in its own hours, as often as one of them ends with something of it. */
static void judge_late(struct app_series *s, struct one *one)
{
	cleanup(freep) struct late_said *late = TAKE(one->late);
	struct judge_facts facts;
	struct judge_verdict verdict;
	size_t i;

	for (i = 0; late && s->app->crisis && i < late->hours.n; i++) {
		int hour = series_hour(s, late->hours.bins[i] - 1);

		topic_judge_late(one->topic, late->hours.bins[i], hour, &facts, &verdict);
		app_crisis_judged_late(s->app->crisis, one->topic, &verdict, late->hours.bins[i], hour, &late->news);
	}
}

static void judge_one(struct app_series *s, struct one *one)
{
	int64_t now_ms = clock_wall_ms();
	struct judge_facts facts;
	struct judge_verdict verdict;

	one->said = false;
	topic_judge(one->topic, now_ms, series_hour(s, now_ms), &facts, &verdict);
	if (verdict.severity > one->severity) {
		struct buf why = BUF_INIT(1024);

		reasons(&verdict, &why);
		LOG_INFO("topic.unusual", LOG_S("topic", topic_name(one->topic)),
			 LOG_S("severity", judge_severity_names[verdict.severity]), LOG_S("why", buf_str(&why)));
		buf_done(&why);
	}
	one->severity = verdict.severity;
	if (s->app->crisis)
		app_crisis_judged(s->app->crisis, one->topic, &verdict, series_hour(s, now_ms));
	judge_late(s, one);
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

static void wait_for_bin(struct app_series *s)
{
	loop_timer_set(s->bin, s->end_ms + SERIES_GRACE_MS - clock_wall_ms());
}

static void close_bin(struct app_series *s)
{
	int hour = series_hour(s, s->end_ms - 1);
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
		s->end_ms = series_bin_end(now_ms);
		s->whole = false;
	} else if (s->end_ms - now_ms > 2 * SERIES_BIN_MS) { /* the clock went back: what was closed stays closed */
		s->end_ms = series_bin_end(now_ms);
		s->whole = false;
	}
	s->to_keep -= closed < s->to_keep ? (unsigned)closed : s->to_keep;
	if (!s->to_keep)
		app_series_keep(s);
	series_growth_bin(s);
	wait_for_bin(s);
}

/* --- life --- */

void series_begin(struct app_series *s)
{
	s->known = true;
	s->to_keep = SERIES_KEEP_BINS;
	wait_for_bin(s);
	loop_timer_set(s->judge, SERIES_JUDGE_MS);
	series_growth_counted(s);
	app_quiet_known(s->app->quiet);
	s->on_known(s->app);
}

struct app_series *app_series_new(struct app *a, void (*on_known)(struct app *a))
{
	struct app_series *s = NEW(struct app_series);

	s->app = a;
	s->on_known = on_known;
	s->bin = loop_timer_new(a->loop, on_bin, s);
	s->judge = loop_timer_new(a->loop, on_judge, s);
	series_growth_init(s);
	app_series_configure(s);
	series_ask_states(s);
	return s;
}

void app_series_stop(struct app_series *s)
{
	app_series_keep(s);
	s->stopped = true;
}

struct app_series *app_series_free(struct app_series *s)
{
	if (!s)
		return NULL;
	free_topics(s);
	series_growth_done(s);
	zone_free(s->zone);
	free(s->zone_name);
	loop_timer_free(s->bin);
	loop_timer_free(s->judge);
	free(s);
	return NULL;
}

struct topic *app_series_topic(const struct app_series *s, const char *name, int *ret_hour)
{
	const struct one *one = series_find(s, name);

	*ret_hour = series_hour(s, clock_wall_ms());
	return one ? one->topic : NULL;
}

bool app_series_known(const struct app_series *s)
{
	return s->known;
}
