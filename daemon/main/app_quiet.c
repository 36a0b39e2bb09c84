#include "main/app_quiet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/wire.h"
#include "main/app_inside.h"
#include "main/app_series.h"
#include "main/rule_quiet.h"
#include "main/telling.h"
#include "mention/series.h"
#include "mention/source_state.h"
#include "store/store.h"

enum { MONTH_DAYS = 30 };

struct of_topic {
	char *topic;
	struct rule_quiet *rules;
};

struct app_quiet {
	struct app *app;
	bool known;   /* what was kept is read */
	bool changed; /* something was told: it is kept at once, so that it isn't told again */
	struct of_topic *v;
	size_t n;
};

struct app_quiet *app_quiet_new(struct app *a)
{
	struct app_quiet *q = NEW(struct app_quiet);

	q->app = a;
	return q;
}

static void topics_free(struct of_topic *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		rule_quiet_free(v[i].rules);
		free(v[i].topic);
	}
	free(v);
}

struct app_quiet *app_quiet_free(struct app_quiet *q)
{
	if (!q)
		return NULL;
	topics_free(q->v, q->n);
	free(q);
	return NULL;
}

static struct of_topic *find(const struct app_quiet *q, const char *topic)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (q->v[i].rules && !strcmp(q->v[i].topic, topic))
			return &q->v[i];
	return NULL;
}

/* --- what is told --- */

/* Whom on_say() speaks of. */
struct told {
	struct app_quiet *q;
	const char *topic;
	int64_t now_ms;
};

static void on_put(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "quiet.put", r);
}

static void tell(struct app *a, const char *subject, enum rule_quiet_say say, const struct told *t,
		 const struct rule_quiet_one *one)
{
	static const enum telling_state states[] = {[RULE_QUIET_BEGINS] = TELLING_BEGINS,
						    [RULE_QUIET_LASTS] = TELLING_LASTS,
						    [RULE_QUIET_FINDS] = TELLING_OVER,
						    [RULE_QUIET_ENDED] = TELLING_OVER};
	bool daily = one->usual_a_day >= 1;
	char usual[24];

	snprintf(usual, sizeof(usual), "%.0f", fmax(1, daily ? one->usual_a_day : one->usual_a_day * MONTH_DAYS));
	app_tell_operators(a, &(struct telling){.kind = "rule_quiet",
						.subject = subject,
						.state = states[say],
						.since_ms = one->since_ms,
						.until_ms = states[say] == TELLING_OVER ? t->now_ms : TIME_NONE,
						.text = say == RULE_QUIET_FINDS   ? TEXT_TELL_RULE_FINDS
							: say == RULE_QUIET_ENDED ? TEXT_TELL_RULE_UNWATCHED
							: daily                   ? TEXT_TELL_RULE_QUIET_DAY
										  : TEXT_TELL_RULE_QUIET_MONTH,
						.args = TEXT_ARGS(one->rule, t->topic, usual)});
}

static void on_say(void *arg, enum rule_quiet_say say, const struct rule_quiet_one *one)
{
	const struct told *t = arg;
	struct app *a = t->q->app;
	bool over = say == RULE_QUIET_FINDS || say == RULE_QUIET_ENDED;
	const struct deaf_mark mark = {.kind = "rule", .from_ms = one->since_ms, .to_ms = over ? t->now_ms : TIME_NONE};
	cleanup(freep) char *subject = xasprintf("%s/%s", t->topic, one->rule);

	LOG_INFO(over ? "rule.finds" : "rule.quiet", LOG_S("topic", t->topic), LOG_S("rule", one->rule),
		 LOG_I("quiet_s", (t->now_ms - one->since_ms) / SECOND_MS), LOG_I("again", say == RULE_QUIET_LASTS),
		 LOG_I("unwatched", say == RULE_QUIET_ENDED));
	store_deaf_put(a->store, subject, &mark, on_put, a);
	tell(a, subject, say, t, one);
	t->q->changed = true;
}

/* Not from within on_say(): a topic of another pass may still change. */
static void keep_changes(struct app_quiet *q)
{
	if (q->changed && q->app->series)
		app_series_keep(q->app->series);
	q->changed = false;
}

/* --- topics --- */

static void forget_others(struct app_quiet *q, struct of_topic *x, const struct catalogue_topic *topic)
{
	struct told t = {q, x->topic, clock_wall_ms()};

	rule_quiet_keep(x->rules, topic ? topic->rules : NULL, topic ? topic->n_rules : 0, on_say, &t);
}

void app_quiet_configure(struct app_quiet *q)
{
	const struct catalogue *c = &q->app->catalogue;
	struct of_topic *v = xcalloc(c->n_topics + 1, sizeof(*v));
	size_t i;

	for (i = 0; i < c->n_topics; i++) {
		struct of_topic *before = find(q, c->topics[i].name);

		v[i].topic = xstrdup(c->topics[i].name);
		v[i].rules = before ? TAKE(before->rules) : rule_quiet_new();
		if (before)
			forget_others(q, &v[i], &c->topics[i]);
	}
	for (i = 0; i < q->n; i++)
		if (q->v[i].rules)
			forget_others(q, &q->v[i], NULL);
	topics_free(q->v, q->n);
	q->v = v;
	q->n = c->n_topics;
	keep_changes(q);
}

void app_quiet_known(struct app_quiet *q)
{
	size_t i;

	q->known = true;
	for (i = 0; i < q->n; i++)
		forget_others(q, &q->v[i], catalogue_topic(&q->app->catalogue, q->v[i].topic));
	keep_changes(q);
}

/* --- what is said --- */

static uint64_t hash_of(const char *source)
{
	const struct hash_part part = {source, strlen(source)};

	return hash_u64(&part, 1);
}

static void found(struct app_quiet *q, const struct mention *m, int64_t now_ms)
{
	uint64_t source = hash_of(m->source ? m->source : "");
	size_t i, k;

	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];
		struct of_topic *x = find(q, h->topic);

		for (k = 0; x && k < h->n_rules; k++)
			rule_quiet_found(x->rules, h->rules[k], source, now_ms);
	}
}

void app_quiet_said(struct app_quiet *q, const char *source, const struct poll_result *result)
{
	int64_t now_ms = clock_wall_ms();
	size_t i;

	if (!q->known || q->app->once)
		return;
	for (i = 0; source && result->new_mentions && i < q->n; i++)
		rule_quiet_texts(q->v[i].rules, hash_of(source), result->new_mentions);
	for (i = 0; i < result->n_entered; i++)
		if (!result->entered[i]->baseline)
			found(q, result->entered[i], now_ms);
}

void app_quiet_look(struct app_quiet *q)
{
	struct told t = {q, NULL, clock_wall_ms()};
	size_t i;

	if (!q->known || q->app->once)
		return;
	for (i = 0; i < q->n; i++) {
		t.topic = q->v[i].topic;
		rule_quiet_look(q->v[i].rules, t.now_ms, on_say, &t);
	}
	keep_changes(q);
}

/* --- kept --- */

void app_quiet_put(const struct app_quiet *q, const char *topic, struct buf *b)
{
	const struct of_topic *x = find(q, topic);

	if (x)
		rule_quiet_put(x->rules, b);
}

void app_quiet_get(struct app_quiet *q, const char *topic, struct wire_in *in)
{
	struct of_topic *x = find(q, topic);

	if (x && !wire_done(in) && rule_quiet_get(x->rules, in) != 0)
		LOG_WARN("quiet.unreadable", LOG_S("topic", topic));
}

/* --- who asks --- */

struct shown {
	struct json *json;
	const char *topic;
	size_t n;
};

static void put_one(void *arg, const struct rule_quiet_one *one)
{
	struct shown *s = arg;

	json_begin_object(s->json, NULL);
	json_text(s->json, "topic", s->topic);
	json_text(s->json, "rule", one->rule);
	json_time(s->json, "since", one->since_ms, false);
	json_double(s->json, "usual_a_day", round(one->usual_a_day * 100) / 100);
	json_end_object(s->json);
}

void app_quiet_status(const struct app_quiet *q, struct json *j)
{
	struct shown s = {.json = j};
	size_t i;

	json_begin_array(j, "quiet");
	for (i = 0; i < q->n; i++) {
		s.topic = q->v[i].topic;
		rule_quiet_each(q->v[i].rules, put_one, &s);
	}
	json_end_array(j);
}

static void count_one(void *arg, const struct rule_quiet_one *one)
{
	(void)one;
	(*(size_t *)arg)++;
}

size_t app_quiet_count(const struct app_quiet *q)
{
	size_t i, n = 0;

	for (i = 0; i < q->n; i++)
		rule_quiet_each(q->v[i].rules, count_one, &n);
	return n;
}
