#include "main/ctl_backtest_alerts.h"

#include <string.h>

#include "alert/hours.h"
#include "base/clock.h"
#include "base/zone.h"
#include "main/alert_judge.h"
#include "main/config.h"
#include "main/crisis_place.h"
#include "main/ctl_backtest_said.h"
#include "main/series_said.h"
#include "mention/catalogue.h"
#include "stats/topic.h"
#include "store/replay.h"

struct one {
	struct topic *topic;
	int64_t from_ms; /* known since; TIME_NONE: nothing was ever said of it */
	bool said;       /* since it was judged */
	struct series_late late;
	int64_t late_told_ms; /* hours up to this one were told as late; 0: none */
};

struct open {
	struct incident incident;
	size_t row; /* of opened; BACKTEST_OPENED_MAX: it is not told of */
};

struct backtest_alerts {
	const struct backtest_alerts_ask *ask; /* while it runs */
	const struct catalogue *catalogue;
	struct zone *zone;
	struct one *topics;
	size_t n_topics;
	struct open *open[CRISES_MAX];
	size_t n_open;
	uint64_t last_id;
	struct backtest_opened *opened;
	size_t n_opened, cap_opened;
	uint64_t left;
	int64_t now_ms, learnt_ms;
	int64_t end_ms;   /* of the open bin */
	int64_t judge_ms; /* TIME_NONE: nothing was said since */
	size_t at_down;   /* of ask->down: the first that is not over */
	bool down;
};

static struct topic *topic_called(void *arg, const char *name)
{
	const struct backtest_alerts *a = arg;
	const struct catalogue_topic *t = catalogue_topic(a->catalogue, name);

	return t ? a->topics[t - a->catalogue->topics].topic : NULL;
}

static struct zone_time local(const struct backtest_alerts *a, int64_t at_ms)
{
	struct zone_time t;

	zone_local(a->zone, at_ms, &t);
	return t;
}

/* --- incidents --- */

static struct backtest_opened *row_of(struct backtest_alerts *a, const struct open *x)
{
	return x->row < BACKTEST_OPENED_MAX ? &a->opened[x->row] : NULL;
}

static void note_alerts(struct backtest_opened *row, const struct incident *in)
{
	for (; row->n_alerts < in->n_facets; row->n_alerts++)
		memcpy(row->alerts[row->n_alerts], in->facets[row->n_alerts].alert, FACET_NAME_SIZE);
}

/* What a step decided: messages are nobody's here. */
static void after(struct backtest_alerts *a, struct open *x, const struct incident_actions *actions)
{
	struct backtest_opened *row = row_of(a, x);
	size_t i;

	for (i = 0; i < actions->n; i++)
		if (actions->v[i].kind == INCIDENT_REARM)
			topic_rearm(topic_called(a, x->incident.topic));
	if (!row)
		return;
	note_alerts(row, &x->incident);
	row->severity = x->incident.peak;
	if (x->incident.state == INCIDENT_CLOSED && row->closed_ms == TIME_NONE)
		row->closed_ms = a->now_ms;
}

static void step(struct backtest_alerts *a, struct open *x, const struct incident_event *e)
{
	struct incident_actions actions = {.n = 0};

	incident_step(&x->incident, e, a->now_ms, &actions);
	after(a, x, &actions);
}

static size_t row_new(struct backtest_alerts *a, const char *topic, const struct incident_event *e, uint32_t reasons)
{
	struct backtest_opened *row;

	if (a->n_opened == BACKTEST_OPENED_MAX) {
		a->left += a->now_ms >= a->ask->since_ms;
		return BACKTEST_OPENED_MAX;
	}
	a->opened = GROW(a->opened, a->n_opened, &a->cap_opened);
	row = &a->opened[a->n_opened];
	*row = (struct backtest_opened){.reasons = reasons,
					.opened_ms = a->now_ms,
					.closed_ms = TIME_NONE,
					.mentions = (uint64_t)(e->late ? e->size : e->window),
					.late = e->late};
	memcpy(row->topic, topic, strlen(topic) + 1);
	return a->n_opened++;
}

static void begin(struct backtest_alerts *a, const char *topic, const struct incident_event *e, uint32_t reasons)
{
	struct incident_actions actions = {.n = 0};
	struct open *x;

	if (a->n_open == CRISES_MAX || strlen(topic) >= INCIDENT_NAME_SIZE) {
		a->left++;
		return;
	}
	x = a->open[a->n_open++] = NEW(struct open);
	x->row = row_new(a, topic, e, reasons);
	incident_open(&x->incident, ++a->last_id, topic, e, a->now_ms, &actions);
	after(a, x, &actions);
}

static void drop_ended(struct backtest_alerts *a)
{
	size_t i = 0;

	while (i < a->n_open) {
		struct open *x = a->open[i];

		if (x->incident.state != INCIDENT_CLOSED || incident_due(&x->incident) != TIME_NONE) {
			i++;
			continue;
		}
		free(x);
		a->open[i] = a->open[--a->n_open];
	}
}

/* --- judging --- */

struct judging {
	struct backtest_alerts *a;
	struct one *one;
	int64_t at_ms; /* the end of the hour that is judged */
};

static size_t place(const struct judging *j, const struct incident_event *e)
{
	struct backtest_alerts *a = j->a;
	struct crisis_places all = {.n = a->n_open, .catalogue = a->catalogue, .topic = topic_called, .arg = a};
	size_t i;

	for (i = 0; i < a->n_open; i++)
		all.v[i] = &a->open[i]->incident;
	return crisis_place(&all, j->one->topic, e, a->now_ms);
}

static void on_judged(void *arg, const struct incident_event *e, uint32_t reasons)
{
	const struct judging *j = arg;
	struct backtest_alerts *a = j->a;
	const char *topic = topic_name(j->one->topic);
	size_t i = place(j, e);
	struct incident_event named = *e;
	struct backtest_opened *row;
	char facet[FACET_NAME_SIZE];

	if (i == a->n_open) {
		if (!e->met || (e->late && j->at_ms <= j->one->late_told_ms))
			return;
		if (e->late)
			j->one->late_told_ms = j->at_ms;
		begin(a, topic, e, reasons);
		return;
	}
	row = row_of(a, a->open[i]);
	if (row && e->met && e->severity > a->open[i]->incident.severity)
		row->reasons |= reasons;
	named.alert = crisis_facet_name(&a->open[i]->incident, topic, e->alert, facet);
	step(a, a->open[i], &named);
}

static void judge_alerts(struct judging *j, bool late, const struct judge_verdict *verdict)
{
	const struct zone_time t = local(j->a, j->at_ms);
	const struct alert_judging at = {.config = j->a->ask->config,
					 .catalogue = j->a->catalogue,
					 .topic = j->one->topic,
					 .now_ms = j->at_ms,
					 .wall_ms = j->a->now_ms,
					 .hour = t.hour,
					 .day = hours_day(&t),
					 .late = late,
					 .arg = j,
					 .on_judged = on_judged};

	alert_judge(&at, verdict);
}

static void judge_one(struct backtest_alerts *a, struct one *one)
{
	struct judging j = {.a = a, .one = one, .at_ms = a->now_ms};
	struct judge_facts facts;
	struct judge_verdict verdict;
	size_t i;

	one->said = false;
	topic_judge(one->topic, a->now_ms, local(a, a->now_ms).hour, &facts, &verdict);
	judge_alerts(&j, false, &verdict);
	for (i = 0; i < one->late.n; i++) {
		j.at_ms = one->late.bins[i] - 1;
		topic_judge_late(one->topic, one->late.bins[i], local(a, j.at_ms).hour, &facts, &verdict);
		judge_alerts(&j, true, &verdict);
	}
	one->late.n = 0;
}

/* --- the clock --- */

/* Whether nothing was heard in a part of the bin. */
static bool was_down(const struct backtest_alerts *a, int64_t from_ms, int64_t to_ms)
{
	const struct backtest_alerts_ask *ask = a->ask;
	size_t i;

	for (i = a->at_down ? a->at_down - 1 : 0; i < ask->n_down && ask->down[i].from_ms < to_ms; i++)
		if (ask->down[i].to_ms > from_ms)
			return true;
	return false;
}

static void close_bin(struct backtest_alerts *a)
{
	int64_t from_ms = a->end_ms - SERIES_BIN_MS;
	bool down = was_down(a, from_ms, a->end_ms);
	int hour = local(a, a->end_ms - 1).hour;
	size_t i;

	for (i = 0; i < a->n_topics; i++) {
		struct one *one = &a->topics[i];

		if (one->from_ms == TIME_NONE || one->from_ms >= a->end_ms)
			continue;
		if (down || one->from_ms > from_ms)
			topic_skip(one->topic, a->end_ms);
		else
			topic_close(one->topic, a->end_ms, hour);
		if (!a->down)
			judge_one(a, one);
	}
	a->end_ms += SERIES_BIN_MS;
}

static void judge_said(struct backtest_alerts *a)
{
	size_t i;

	a->judge_ms = TIME_NONE;
	for (i = 0; i < a->n_topics; i++)
		if (a->topics[i].said)
			judge_one(a, &a->topics[i]);
}

/* While nobody listens nothing recovers. */
static void turn_down(struct backtest_alerts *a)
{
	const struct incident_event e = {.kind = INCIDENT_EV_HEARD, .met = a->down};
	size_t i;

	a->down = !a->down;
	a->at_down += !a->down;
	for (i = 0; i < a->n_open; i++)
		step(a, a->open[i], &e);
}

static void incidents_due(struct backtest_alerts *a)
{
	static const struct incident_event due = {.kind = INCIDENT_EV_DUE};
	size_t i;

	for (i = 0; i < a->n_open; i++) {
		int64_t due_ms = incident_due(&a->open[i]->incident);

		if (due_ms != TIME_NONE && due_ms <= a->now_ms)
			step(a, a->open[i], &due);
	}
	drop_ended(a);
}

static int64_t next_down(const struct backtest_alerts *a)
{
	const struct backtest_alerts_ask *ask = a->ask;

	if (a->at_down == ask->n_down)
		return INT64_MAX;
	return a->down ? ask->down[a->at_down].to_ms : ask->down[a->at_down].from_ms;
}

static int64_t next_due(const struct backtest_alerts *a)
{
	int64_t next_ms = INT64_MAX;
	size_t i;

	for (i = 0; i < a->n_open; i++) {
		int64_t due_ms = incident_due(&a->open[i]->incident);

		if (due_ms != TIME_NONE && due_ms < next_ms)
			next_ms = due_ms;
	}
	return next_ms;
}

/* What is due up to to_ms, each at its time. */
static void go_to(struct backtest_alerts *a, int64_t to_ms)
{
	for (;;) {
		int64_t bin_ms = a->end_ms + SERIES_GRACE_MS, down_ms = next_down(a), due_ms = next_due(a),
			judge_ms = a->judge_ms == TIME_NONE ? INT64_MAX : a->judge_ms, next_ms = bin_ms;

		next_ms = down_ms < next_ms ? down_ms : next_ms;
		next_ms = due_ms < next_ms ? due_ms : next_ms;
		next_ms = judge_ms < next_ms ? judge_ms : next_ms;
		if (next_ms > to_ms)
			break;
		a->now_ms = next_ms > a->now_ms ? next_ms : a->now_ms; /* spans may overlap */
		if (next_ms == down_ms)
			turn_down(a);
		else if (next_ms == judge_ms)
			judge_said(a);
		else if (next_ms == due_ms)
			incidents_due(a);
		else
			close_bin(a);
	}
	a->now_ms = to_ms > a->now_ms ? to_ms : a->now_ms;
}

static void say(struct backtest_alerts *a, const struct backtest_said_one *s)
{
	struct one *one = &a->topics[s->topic];
	size_t i;

	topic_say(one->topic, &s->said);
	if (s->said.late)
		(void)series_late_add(&one->late, s->said.at_ms, a->now_ms);
	one->said = true;
	if (a->judge_ms == TIME_NONE)
		a->judge_ms = a->now_ms + SERIES_JUDGE_MS;
	for (i = 0; i < a->n_open; i++) {
		struct backtest_opened *row = row_of(a, a->open[i]);

		if (row && row->closed_ms == TIME_NONE &&
		    strcmp(a->open[i]->incident.topic, topic_name(one->topic)) == 0)
			row->mentions++;
	}
}

/* --- the topics --- */

static int64_t longest_window(const struct config *c)
{
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < c->n_alerts; i++)
		ms = c->alerts[i].over_ms > ms ? c->alerts[i].over_ms : ms;
	return ms;
}

/* Where the log has hits alone, a topic whose rules are new has none before its first one for want of looking; that is no
 * silence to be learnt. */
static void find_beginnings(struct backtest_alerts *a)
{
	const struct backtest_alerts_ask *ask = a->ask;
	size_t i;

	for (i = 0; i < a->n_topics; i++) {
		int64_t *from_ms = &a->topics[i].from_ms;

		*from_ms = backtest_said_first_ms(ask->said, i);
		if (ask->plain_ms != TIME_NONE && (*from_ms == TIME_NONE || *from_ms > ask->plain_ms))
			*from_ms = ask->plain_ms;
		if (*from_ms != TIME_NONE && (a->learnt_ms == TIME_NONE || *from_ms < a->learnt_ms))
			a->learnt_ms = *from_ms;
	}
}

static void topics_new(struct backtest_alerts *a)
{
	const struct config *c = a->ask->config;
	const struct catalogue_tone *tone = catalogue_tone(a->catalogue, c->language == TEXT_ES ? "es" : "en");
	size_t i;

	a->n_topics = a->catalogue->n_topics;
	a->topics = xcalloc(a->n_topics + 1, sizeof(*a->topics));
	for (i = 0; i < a->n_topics; i++) {
		const struct catalogue_topic *t = &a->catalogue->topics[i];
		struct one *one = &a->topics[i];

		one->topic = topic_new(t->name, strcmp(t->role, "brand") == 0);
		topic_set_keep(one->topic, longest_window(c));
		if (tone)
			topic_set_tone(one->topic, &(struct share_tone){.r = tone->r, .f = tone->f});
	}
}

/* --- the whole --- */

/* Those that were over before what is asked for go. */
static void forget_older(struct backtest_alerts *a)
{
	size_t i, n = 0;

	for (i = 0; i < a->n_opened; i++)
		if (a->opened[i].closed_ms == TIME_NONE || a->opened[i].closed_ms >= a->ask->since_ms)
			a->opened[n++] = a->opened[i];
	a->n_opened = n;
}

static void run(struct backtest_alerts *a)
{
	const struct backtest_alerts_ask *ask = a->ask;
	size_t i, n = backtest_said_len(ask->said);

	a->now_ms = a->learnt_ms;
	a->end_ms = series_bin_end(a->learnt_ms);
	for (i = 0; i < n; i++) {
		const struct backtest_said_one s = backtest_said_at(ask->said, i);

		go_to(a, s.seen_ms);
		say(a, &s);
	}
	go_to(a, ask->until_ms);
	forget_older(a);
}

struct backtest_alerts *backtest_alerts_run(const struct backtest_alerts_ask *ask)
{
	struct backtest_alerts *a = NEW(struct backtest_alerts);

	a->ask = ask;
	a->catalogue = backtest_said_catalogue(ask->said);
	a->learnt_ms = a->judge_ms = TIME_NONE;
	if (zone_load(ask->config->timezone, &a->zone) != 0)
		a->zone = NULL; /* UTC */
	topics_new(a);
	find_beginnings(a);
	if (a->learnt_ms != TIME_NONE)
		run(a);
	a->ask = NULL;
	return a;
}

struct backtest_alerts *backtest_alerts_free(struct backtest_alerts *a)
{
	size_t i;

	if (!a)
		return NULL;
	for (i = 0; i < a->n_topics; i++)
		topic_free(a->topics[i].topic);
	for (i = 0; i < a->n_open; i++)
		free(a->open[i]);
	free(a->topics);
	free(a->opened);
	zone_free(a->zone);
	free(a);
	return NULL;
}

const struct backtest_opened *backtest_alerts_opened(const struct backtest_alerts *a, size_t *ret_n)
{
	*ret_n = a->n_opened;
	return a->opened;
}

uint64_t backtest_alerts_left(const struct backtest_alerts *a)
{
	return a->left;
}

int64_t backtest_alerts_learnt_ms(const struct backtest_alerts *a)
{
	return a->learnt_ms;
}

/* --- what there really was --- */

static bool speaks_of(const struct backtest_opened *row, const char *topic)
{
	size_t len = strlen(topic), i;

	if (strcmp(row->topic, topic) == 0)
		return true;
	for (i = 0; i < row->n_alerts; i++) /* another brand's, that has joined it */
		if (strncmp(row->alerts[i], topic, len) == 0 && row->alerts[i][len] == ':')
			return true;
	return false;
}

static bool is_same(const struct backtest_opened *row, const struct replay_incident *i)
{
	return speaks_of(row, i->topic) &&
	       (i->closed_ms == TIME_NONE || row->opened_ms <= i->closed_ms + BACKTEST_SAME_MS) &&
	       (row->closed_ms == TIME_NONE || i->opened_ms <= row->closed_ms + BACKTEST_SAME_MS);
}

void backtest_alerts_match(struct backtest_alerts *a, const struct replay_incident *v, size_t n, size_t *ret_again)
{
	size_t i, k;

	for (k = 0; k < n; k++) {
		ret_again[k] = 0;
		for (i = 0; i < a->n_opened; i++) {
			struct backtest_opened *row = &a->opened[i];

			if (!is_same(row, &v[k]))
				continue;
			ret_again[k] = ret_again[k] ? ret_again[k] : i + 1;
			row->was = row->was ? row->was : v[k].id;
			row->false_alarm |= v[k].end == INCIDENT_FALSE_ALARM;
		}
	}
}
