#include "main/app_crisis.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alert/drill.h"
#include "alert/examples.h"
#include "alert/lately.h"
#include "alert/rota.h"
#include "base/clock.h"
#include "base/log.h"
#include "main/app_crisis_inside.h"
#include "main/app_mutes.h"
#include "main/app_series.h"
#include "main/config_oncall.h"
#include "main/telling.h"
#include "source/sources.h"
#include "stats/topic.h"
#include "store/incident.h"

/* --- what there is --- */

bool crisis_is_drill(const struct one_crisis *x)
{
	return strcmp(x->alert, DRILL_ALERT) == 0;
}

struct one_crisis *crisis_of_topic(struct app_crisis *k, const char *topic)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->v[i]->crisis.incident.state != INCIDENT_CLOSED && !crisis_is_drill(k->v[i]) &&
		    strcmp(k->v[i]->crisis.incident.topic, topic) == 0)
			return k->v[i];
	return NULL;
}

struct one_crisis *crisis_of_id(struct app_crisis *k, uint64_t id)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->v[i]->crisis.incident.id == id)
			return k->v[i];
	return NULL;
}

struct said_of *crisis_said_of(struct app_crisis *k, const char *topic)
{
	size_t i;

	for (i = 0; i < k->n_said; i++)
		if (strcmp(k->said[i].topic, topic) == 0)
			return &k->said[i];
	return NULL;
}

void app_crisis_said(struct app_crisis *k, const char *topic, const struct mention *m)
{
	struct said_of *of = crisis_said_of(k, topic);

	if (!of)
		return;
	examples_add(of->examples, m);
	lately_add(of->lately, m, series_time(m), crisis_of_topic(k, topic) != NULL);
}

void app_crisis_forget_examples(struct app_crisis *k)
{
	size_t i;

	for (i = 0; i < k->n_said; i++) {
		examples_free(k->said[i].examples);
		lately_free(k->said[i].lately);
		k->said[i].examples = examples_new();
		k->said[i].lately = lately_new();
	}
}

/* Of the alert; that of the defaults for those that every topic has; else nobody is told. */
static const struct escalation_config *policy_of(const struct config *c, const char *alert)
{
	static const struct escalation_config nobody = {.name = ""};
	size_t i;

	for (i = 0; i < c->n_alerts; i++)
		if (strcmp(c->alerts[i].name, alert) == 0 && c->alerts[i].escalation)
			return c->alerts[i].escalation;
	return c->defaults && c->defaults->escalation ? c->defaults->escalation : &nobody;
}

static int64_t muted_until(void *arg, const char *topic, enum severity severity)
{
	return app_mutes_until(arg, topic, severity);
}

struct escalation_by crisis_by(struct app_crisis *k, const char *alert, const char *topic)
{
	const struct config *c = k->app->config;

	return (struct escalation_by){.topic = topic,
				      .muted_until = muted_until,
				      .muted_arg = k->app,
				      .policy = policy_of(c, alert),
				      .rotas = k->rotas,
				      .people = c->people,
				      .n_people = c->n_people,
				      .wall_ms = clock_wall_ms()};
}

bool app_crisis_by(struct app_crisis *k, const char *topic, struct escalation_by *ret)
{
	if (!k || !k->known)
		return false;
	*ret = crisis_by(k, "", topic);
	return true;
}

/* --- waits --- */

static bool is_over(const struct one_crisis *x)
{
	return crisis_ended(&x->crisis) && x->kept_ms != TIME_NONE;
}

/* When it ends by itself; TIME_NONE: it is none, or over. */
static int64_t drill_ends(const struct one_crisis *x)
{
	const struct incident *in = &x->crisis.incident;

	return crisis_is_drill(x) && in->state != INCIDENT_CLOSED ? in->opened_ms + x->drill_ms : TIME_NONE;
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
	if (a_ms == TIME_NONE || b_ms == TIME_NONE)
		return a_ms == TIME_NONE ? b_ms : a_ms;
	return a_ms < b_ms ? a_ms : b_ms;
}

static void wait_for_next(struct app_crisis *k)
{
	int64_t now_ms = clock_steady_ms(), ms = CRISIS_LOOK_MS;
	size_t i;

	for (i = 0; i < k->n; i++) {
		int64_t due_ms = sooner(crisis_due(&k->v[i]->crisis), drill_ends(k->v[i]));

		if (due_ms != TIME_NONE && due_ms - now_ms < ms)
			ms = due_ms > now_ms ? due_ms - now_ms : 0;
		if (is_over(k->v[i]))
			ms = 0;
	}
	if (k->n)
		loop_timer_set(k->timer, ms);
	else
		loop_timer_stop(k->timer);
}

static void drop_ended(struct app_crisis *k)
{
	size_t i = 0;

	while (i < k->n) {
		if (!is_over(k->v[i])) {
			i++;
			continue;
		}
		free(k->v[i]);
		k->v[i] = k->v[--k->n];
	}
}

static struct topic *topic_of(const struct app_crisis *k, const char *name)
{
	int hour;

	return k->app->series ? app_series_topic(k->app->series, name, &hour) : NULL;
}

/* --- steps --- */

static void after(struct app_crisis *k, struct one_crisis *x, const struct crisis_before *before,
		  const struct crisis_actions *actions, const struct store_incident_line *line)
{
	struct topic *t = actions->rearm ? topic_of(k, x->crisis.incident.topic) : NULL;

	if (t)
		topic_rearm(t);
	crisis_keep(k, x, before, actions, line);
	wait_for_next(k);
}

void crisis_do(struct app_crisis *k, struct one_crisis *x, const struct crisis_event *e,
	       const struct store_incident_line *line)
{
	const struct escalation_by by = crisis_by(k, x->alert, x->crisis.incident.topic);
	const struct crisis_before before = crisis_before(x);
	struct crisis_actions actions;

	crisis_step(&x->crisis, e, &by, clock_steady_ms(), &actions);
	after(k, x, &before, &actions, line);
}

void crisis_join(struct app_crisis *k, struct one_crisis *into, struct one_crisis *from,
		 const struct store_incident_line *line)
{
	const struct escalation_by by = crisis_by(k, into->alert, into->crisis.incident.topic);
	const struct crisis_before was_into = crisis_before(into), was_from = crisis_before(from);
	struct crisis_actions into_actions, from_actions;

	crisis_merge(&into->crisis, &from->crisis, &by, clock_steady_ms(), &into_actions, &from_actions);
	into->reasons |= from->reasons;
	after(k, into, &was_into, &into_actions, line); /* a crash between the two leaves both: it can be said again */
	after(k, from, &was_from, &from_actions, line);
}

/* There is no room for it: told once a day, since it is judged again with each hit. */
static void tell_dropped(struct app_crisis *k, const char *topic, const struct incident_event *first)
{
	int64_t now_ms = clock_steady_ms();
	cleanup(freep) char *most = xasprintf("%d", CRISES_MAX);

	LOG_LIMITED("incident.dropped", LOG_S("topic", topic), LOG_S("alert", first->alert));
	if (k->dropped_ms != TIME_NONE && now_ms - k->dropped_ms < DAY_MS)
		return;
	k->dropped_ms = now_ms;
	app_tell_operators(k->app, &(struct telling){.kind = "incident_dropped",
						     .subject = topic,
						     .state = TELLING_HAPPENED,
						     .since_ms = clock_wall_ms(),
						     .until_ms = TIME_NONE,
						     .text = TEXT_TELL_INCIDENT_DROPPED,
						     .args = TEXT_ARGS(topic, most)});
}

static struct one_crisis *begin(struct app_crisis *k, const char *topic, const struct incident_event *first,
				const struct one_crisis *as, const char *who)
{
	const struct escalation_by by = crisis_by(k, first->alert, topic);
	const struct crisis_before before = {.is_new = true};
	const struct store_incident_line line = {
		.at_ms = clock_wall_ms(), .what = "opened", .who = who, .text = first->alert};
	struct crisis_actions actions;
	struct one_crisis *x;

	if (k->n == CRISES_MAX) {
		tell_dropped(k, topic, first);
		return NULL;
	}
	x = k->v[k->n++] = NEW(struct one_crisis);
	snprintf(x->alert, sizeof(x->alert), "%s", first->alert);
	x->reasons = x->opened_by = as->reasons;
	x->late = as->late;
	x->drill_ms = as->drill_ms;
	x->opened_ms = clock_steady_ms() + k->ahead_ms;
	crisis_open(&x->crisis, ++k->last_id, topic, first, &by, clock_steady_ms(), &actions);
	LOG_WARN("incident.opened", LOG_I("incident", (int64_t)x->crisis.incident.id), LOG_S("topic", topic),
		 LOG_S("severity", severity_names[first->severity]), LOG_S("alert", first->alert));
	after(k, x, &before, &actions, &line);
	return x;
}

struct one_crisis *crisis_begin(struct app_crisis *k, const char *topic, const struct incident_event *first,
				uint32_t reasons, const struct app_crisis_late *late, const char *who)
{
	struct one_crisis as = {.reasons = reasons};

	if (late)
		as.late = *late;
	return begin(k, topic, first, &as, who);
}

struct one_crisis *crisis_begin_drill(struct app_crisis *k, const char *topic, int64_t drill_ms, const char *who)
{
	const struct incident_event first = {
		.kind = INCIDENT_EV_TAKEN, .alert = DRILL_ALERT, .severity = SEVERITY_CRITICAL, .met = true};
	const struct one_crisis as = {.drill_ms = drill_ms};

	return begin(k, topic, &first, &as, who);
}

/* A wall clock that was set: what waits for an hour of the day looks again. */
static void look_at_clock(struct app_crisis *k)
{
	static const struct crisis_event clock = {.kind = CRISIS_EV_CLOCK};
	int64_t ahead_ms = clock_wall_ms() - clock_steady_ms(), moved_ms = ahead_ms - k->ahead_ms;
	size_t i;

	k->ahead_ms = ahead_ms;
	if (moved_ms > -CRISIS_JUMP_MS && moved_ms < CRISIS_JUMP_MS)
		return;
	for (i = k->n; i-- > 0;)
		crisis_do(k, k->v[i], &clock, NULL);
}

static void end_drills(struct app_crisis *k)
{
	static const struct crisis_event closed = {.kind = CRISIS_EV_INCIDENT,
						   .incident = {.kind = INCIDENT_EV_CLOSED}};
	size_t i;

	for (i = k->n; i-- > 0;) {
		int64_t ends_ms = drill_ends(k->v[i]);

		if (ends_ms != TIME_NONE && ends_ms <= clock_steady_ms())
			crisis_do(k, k->v[i], &closed, NULL);
	}
}

static void on_timer(void *arg)
{
	static const struct crisis_event due = {.kind = CRISIS_EV_DUE};
	struct app_crisis *k = arg;
	size_t i;

	drop_ended(k);
	look_at_clock(k);
	end_drills(k);
	for (i = k->n; i-- > 0;) {
		int64_t due_ms = crisis_due(&k->v[i]->crisis);
		bool again = k->v[i]->kept_ms == TIME_NONE;

		if (again || (due_ms != TIME_NONE && due_ms <= clock_steady_ms()))
			crisis_do(k, k->v[i], &due, NULL);
	}
	wait_for_next(k);
}

void app_crisis_person(struct app_crisis *k, const char *matter, const char *person, const char *channel)
{
	struct one_crisis *x = crisis_of_id(k, strtoull(matter, NULL, 10));
	const struct crisis_event e = {.kind = channel ? CRISIS_EV_HAS : CRISIS_EV_NOT, .person = person};
	const struct store_incident_line line = {
		.at_ms = clock_wall_ms(), .what = channel ? "delivered" : "undelivered", .who = person, .text = channel};

	if (x)
		crisis_do(k, x, &e, &line);
}

/* --- what is not heard --- */

static void note_deaf(void *arg, const struct source_glance *s)
{
	struct app_crisis *k = arg;

	if (s->deaf != HEALTH_WELL && k->n_deaf < CRISIS_DEAF_MAX)
		k->deaf[k->n_deaf++] = xstrdup(s->name);
}

static void forget_deaf(struct app_crisis *k)
{
	while (k->n_deaf)
		free(k->deaf[--k->n_deaf]);
}

static bool is_deaf_source(void *arg, const char *source)
{
	const struct app_crisis *k = arg;
	size_t i;

	for (i = 0; i < k->n_deaf; i++)
		if (strcmp(k->deaf[i], source) == 0)
			return true;
	return false;
}

bool crisis_is_deaf(struct app_crisis *k, const char *topic)
{
	const struct said_of *of = crisis_said_of(k, topic);
	int64_t now_ms = clock_steady_ms();
	size_t n, all;

	if (k->app->log_full)
		return true;
	if (k->app->sources && (k->deaf_ms == TIME_NONE || now_ms - k->deaf_ms >= CRISIS_KEEP_MS)) {
		k->deaf_ms = now_ms;
		forget_deaf(k);
		sources_glance(k->app->sources, note_deaf, k);
	}
	n = of ? examples_from(of->examples, is_deaf_source, k, &all) : 0;
	return n && 2 * n >= all;
}

/* --- the configuration --- */

static void take_topics(struct app_crisis *k)
{
	const struct catalogue *c = &k->app->catalogue;
	struct said_of *v = xcalloc(c->n_topics + 1, sizeof(*v));
	size_t i;

	for (i = 0; i < c->n_topics; i++) {
		size_t at = 0;

		while (at < k->n_said && strcmp(k->said[at].topic, c->topics[i].name) != 0)
			at++;
		v[i].topic = xstrdup(c->topics[i].name);
		v[i].examples = at < k->n_said ? TAKE(k->said[at].examples) : examples_new();
		v[i].lately = at < k->n_said ? TAKE(k->said[at].lately) : lately_new();
	}
	for (i = 0; i < k->n_said; i++) {
		free(k->said[i].topic);
		examples_free(k->said[i].examples);
		lately_free(k->said[i].lately);
	}
	free(k->said);
	k->said = v;
	k->n_said = c->n_topics;
}

void app_crisis_look_again(struct app_crisis *k)
{
	static const struct crisis_event others = {.kind = CRISIS_EV_CLOCK};
	size_t i;

	for (i = k->n; i-- > 0;)
		crisis_do(k, k->v[i], &others, NULL);
}

void app_crisis_configure(struct app_crisis *k)
{
	rotas_free(k->rotas);
	k->rotas = config_rotas(k->app->config);
	k->today_until_ms = 0;
	if (!k->app->rules_ms) /* nothing is known of topics yet */
		return;
	take_topics(k);
	if (!k->known)
		return;
	app_crisis_look_again(k);
	crisis_forget_alerts(k);
}

/* --- a start --- */

/* What became of messages while the state that asked for them was not told: the last one counts. */
static void catch_up(struct app_crisis *k, struct one_crisis *x, const struct store_incidents *found)
{
	struct crisis_event e[ESCALATION_PEOPLE_MAX];
	const struct escalation *s = &x->crisis.escalation;
	size_t i, t, n = 0;

	for (i = 0; i < s->n; i++) {
		enum notice_state state = NOTICE_GIVEN_UP;

		for (t = 0; t < found->n_told; t++)
			if ((uint64_t)found->told[t].id == x->crisis.incident.id &&
			    strcmp(found->told[t].person, s->told[i].person) == 0)
				state = found->told[t].state;
		if (s->told[i].state == TOLD_SENT && state >= NOTICE_SENT)
			e[n++] = (struct crisis_event){.kind = state == NOTICE_SENT ? CRISIS_EV_HAS : CRISIS_EV_NOT,
						       .person = s->told[i].person};
	}
	for (i = 0; i < n; i++)
		crisis_do(k, x, &e[i], NULL);
}

static void take_row(struct app_crisis *k, const struct store_incident *row, int64_t down_ms)
{
	struct one_crisis *x = NEW(struct one_crisis);

	snprintf(x->alert, sizeof(x->alert), "%s", row->alert);
	x->kept_ms = clock_steady_ms();
	if (k->n == CRISES_MAX || crisis_unkeep(x, row->kept, row->len, k->ahead_ms, clock_steady_ms(), down_ms) != 0) {
		LOG_ERROR("incident.unreadable", LOG_I("incident", row->id));
		free(x);
		return;
	}
	x->opened_ms = row->opened_ms;
	x->kept_due_ms = crisis_due(&x->crisis);
	k->v[k->n++] = x;
}

static void on_found(void *arg, int r, const struct store_incidents *found)
{
	struct app *a = arg;
	struct app_crisis *k = a->crisis;
	int64_t down_ms = 0;
	size_t i;

	if (r < 0)
		app_log_failed(a, "incidents", r);
	if (r == -ECANCELED || !k)
		return;
	if (r == 0 && found->alive_ms != TIME_NONE && found->alive_ms < clock_wall_ms())
		down_ms = clock_wall_ms() - found->alive_ms;
	k->last_id = r == 0 ? (uint64_t)found->last_id : 0;
	for (i = 0; r == 0 && i < found->n; i++)
		take_row(k, &found->rows[i], down_ms);
	for (i = k->n; r == 0 && i-- > 0;)
		catch_up(k, k->v[i], found);
	k->known = true;
	wait_for_next(k);
	k->on_known(a);
}

struct app_crisis *app_crisis_new(struct app *a, void (*on_known)(struct app *a))
{
	struct app_crisis *k = NEW(struct app_crisis);

	k->app = a;
	k->on_known = on_known;
	k->ahead_ms = clock_wall_ms() - clock_steady_ms();
	k->deaf_ms = k->dropped_ms = TIME_NONE;
	k->timer = loop_timer_new(a->loop, on_timer, k);
	app_crisis_configure(k);
	return k;
}

void app_crisis_read(struct app_crisis *k)
{
	store_incidents(k->app->store, &(struct store_incidents_ask){.live = true}, on_found, k->app);
}

struct app_crisis *app_crisis_free(struct app_crisis *k)
{
	size_t i;

	if (!k)
		return NULL;
	for (i = 0; i < k->n; i++)
		free(k->v[i]);
	for (i = 0; i < k->n_said; i++) {
		free(k->said[i].topic);
		examples_free(k->said[i].examples);
		lately_free(k->said[i].lately);
	}
	free(k->said);
	forget_deaf(k);
	rotas_free(k->rotas);
	loop_timer_free(k->timer);
	free(k);
	return NULL;
}

bool app_crisis_known(const struct app_crisis *k)
{
	return k->known;
}
