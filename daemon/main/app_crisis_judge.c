/* What is judged of a topic, as events of its crisis: the alerts that every topic has, and those of the configuration. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "main/alert_judge.h"
#include "main/app_crisis_inside.h"
#include "main/app_series.h"
#include "main/config_alerts.h"
#include "main/crisis_place.h"
#include "stats/topic.h"

/* A topic at an instant. */
struct judging {
	struct app_crisis *k;
	struct topic *topic;
	const char *name;
	int64_t now_ms;
	int hour;
	const struct app_crisis_late *late; /* NULL: it is the last hour that is judged */
};

/* --- plans --- */

/* Where people live; a file of zones is not read again for each topic. */
static int64_t today(struct app_crisis *k, int64_t now_ms)
{
	cleanup(zone_freep) struct zone *zone = NULL;
	struct zone_time t;

	if (k->today_until_ms > now_ms && k->today_until_ms - now_ms <= CRISIS_KEEP_MS)
		return k->today;
	if (zone_load(k->app->config->timezone, &zone) != 0)
		zone = NULL; /* UTC */
	zone_local(zone, now_ms, &t);
	k->today = hours_day(&t);
	k->today_until_ms = (now_ms / CRISIS_KEEP_MS + 1) * CRISIS_KEEP_MS; /* days begin with a minute */
	return k->today;
}

/* --- events --- */

static bool has_facet(const struct one_crisis *x, const char *alert)
{
	size_t i;

	for (i = 0; i < x->crisis.incident.n_facets; i++)
		if (strcmp(x->crisis.incident.facets[i].alert, alert) == 0)
			return true;
	return false;
}

static void tell_heard(struct app_crisis *k, struct one_crisis *x)
{
	bool deaf = crisis_is_deaf(k, x->crisis.incident.topic);
	const struct crisis_event e = {.kind = CRISIS_EV_INCIDENT,
				       .incident = {.kind = INCIDENT_EV_HEARD, .met = !deaf}};

	if (deaf == x->deaf)
		return;
	x->deaf = deaf;
	crisis_do(k, x, &e, NULL);
}

static struct said_of *said_of(struct app_crisis *k, const char *topic)
{
	size_t i;

	for (i = 0; i < k->n_said; i++)
		if (strcmp(k->said[i].topic, topic) == 0)
			return &k->said[i];
	return NULL;
}

/* What came late opens an incident once for its hour, however much more of it comes. */
static void begin(const struct judging *j, const struct incident_event *e, uint32_t reasons)
{
	struct said_of *said = said_of(j->k, j->name);

	if (j->late && said && j->now_ms <= said->late_ms)
		return;
	if (j->late && said)
		said->late_ms = j->now_ms;
	j->k->deaf_ms = TIME_NONE; /* its message says what is not heard by now */
	(void)crisis_is_deaf(j->k, j->name);
	(void)crisis_begin(j->k, j->name, e, reasons, j->late, NULL);
}

static struct topic *topic_called(void *arg, const char *name)
{
	const struct app_crisis *k = arg;
	int hour;

	return k->app->series ? app_series_topic(k->app->series, name, &hour) : NULL;
}

/* The crisis that an event belongs to; NULL: it opens one. */
static struct one_crisis *place(const struct judging *j, const struct incident_event *e)
{
	struct app_crisis *k = j->k;
	struct crisis_places all = {.catalogue = &k->app->catalogue, .topic = topic_called, .arg = k};
	struct one_crisis *v[CRISES_MAX];
	size_t i;

	for (i = 0; i < k->n; i++) {
		if (crisis_is_drill(k->v[i])) /* what is true never becomes part of one */
			continue;
		v[all.n] = k->v[i];
		all.v[all.n++] = &k->v[i]->crisis.incident;
	}
	i = crisis_place(&all, j->topic, e, clock_wall_ms());
	return i < all.n ? v[i] : NULL;
}

static void tell(const struct judging *j, const struct incident_event *e, uint32_t reasons)
{
	struct one_crisis *x = place(j, e);
	struct crisis_event step = {.kind = CRISIS_EV_INCIDENT, .incident = *e};
	char facet[FACET_NAME_SIZE];

	if (!x && e->met)
		begin(j, e, reasons);
	if (!x)
		return;
	step.incident.alert = crisis_facet_name(&x->crisis.incident, j->name, e->alert, facet);
	if (!e->met && !has_facet(x, facet))
		return;
	if (strcmp(x->crisis.incident.topic, j->name) == 0)
		x->reasons = reasons && !j->late ? reasons : x->reasons | reasons;
	if (j->late && e->severity > x->crisis.incident.severity)
		x->late = *j->late;
	crisis_do(j->k, x, &step, NULL);
}

/* --- the last hour --- */

static void on_judged(void *arg, const struct incident_event *e, uint32_t reasons)
{
	tell(arg, e, reasons);
}

static void judge_all(struct judging *j, const struct judge_verdict *verdict)
{
	const struct config *c = j->k->app->config;
	const struct alert_judging at = {.config = c,
					 .catalogue = &j->k->app->catalogue,
					 .topic = j->topic,
					 .now_ms = j->now_ms,
					 .wall_ms = clock_wall_ms(),
					 .hour = j->hour,
					 .day = c->n_planned ? today(j->k, j->now_ms) : 0,
					 .late = j->late != NULL,
					 .arg = j,
					 .on_judged = on_judged};

	if (j->k->known)
		alert_judge(&at, verdict);
}

void app_crisis_judged(struct app_crisis *k, struct topic *t, const struct judge_verdict *verdict, int hour)
{
	struct judging j = {.k = k, .topic = t, .name = topic_name(t), .now_ms = clock_wall_ms(), .hour = hour};
	struct one_crisis *x = k->known ? crisis_of_topic(k, j.name) : NULL;

	if (x)
		tell_heard(k, x);
	judge_all(&j, verdict);
}

/* --- what came late --- */

/* Whether a name is among those of a comma-joined list. */
static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at;

	for (at = strstr(list, name); at; at = strstr(at + 1, name))
		if ((at == list || at[-1] == ' ') && (at[len] == ',' || !at[len]))
			return true;
	return false;
}

void app_crisis_late_add(struct app_crisis_late *late, int64_t at_ms, const char *source)
{
	size_t len = strlen(late->sources);

	late->from_ms = !late->from_ms || at_ms < late->from_ms ? at_ms : late->from_ms;
	late->to_ms = at_ms > late->to_ms ? at_ms : late->to_ms;
	if (!source || is_listed(late->sources, source) || len + strlen(source) + 3 > sizeof(late->sources))
		return;
	snprintf(late->sources + len, sizeof(late->sources) - len, "%s%s", len ? ", " : "", source);
}

void app_crisis_judged_late(struct app_crisis *k, struct topic *t, const struct judge_verdict *verdict, int64_t end_ms,
			    int hour, const struct app_crisis_late *late)
{
	struct judging j = {
		.k = k, .topic = t, .name = topic_name(t), .now_ms = end_ms - 1, .hour = hour, .late = late};

	judge_all(&j, verdict);
}

/* --- those that are no more --- */

static bool is_alert_of(const struct app_crisis *k, const char *alert, const char *topic)
{
	const char *colon = strchr(alert, ':'); /* it is another brand's */
	cleanup(freep) char *other = colon ? xstrndup(alert, (size_t)(colon - alert)) : NULL;
	const struct config *c = k->app->config;
	const struct catalogue_topic *known = catalogue_topic(&k->app->catalogue, other ? other : topic);
	size_t i;

	alert = colon ? colon + 1 : alert;
	if (!known)
		return false;
	for (i = 0; i < c->n_alerts; i++)
		if (strcmp(c->alerts[i].name, alert) == 0)
			return config_alert_is_of(&c->alerts[i], known);
	return strcmp(alert, CRISIS_DEFAULT_ALERT) == 0 ? !known->no_alerts : alert[0] == '@';
}

void crisis_forget_alerts(struct app_crisis *k)
{
	size_t i, f;

	for (i = 0; i < k->n; i++) {
		struct one_crisis *x = k->v[i];
		const struct incident *n = &x->crisis.incident;

		for (f = 0; f < n->n_facets; f++) {
			struct crisis_event e = {
				.kind = CRISIS_EV_INCIDENT,
				.incident = {.kind = INCIDENT_EV_JUDGED, .settled = true, .window = n->window}};
			char alert[FACET_NAME_SIZE];

			memcpy(alert, n->facets[f].alert, sizeof(alert));
			e.incident.alert = alert;
			if (!is_alert_of(k, alert, n->topic))
				crisis_do(k, x, &e, NULL);
		}
	}
}
