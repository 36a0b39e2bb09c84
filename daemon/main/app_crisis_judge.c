/* What is judged of a topic, as events of its crisis: the alerts that every topic has, and those of the configuration. */
#include <math.h>
#include <string.h>

#include "alert/measure.h"
#include "alert/when.h"
#include "base/clock.h"
#include "base/zone.h"
#include "main/app_crisis_inside.h"
#include "main/config_alerts.h"
#include "stats/topic.h"

/* A topic at an instant. */
struct judging {
	struct app_crisis *k;
	struct topic *topic;
	const char *name;
	int64_t now_ms;
	int hour;
	bool planned;                       /* more is said than usual, and that is meant */
	const struct app_crisis_late *late; /* NULL: it is the last hour that is judged */
	double window;                      /* mentions within the hour */
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

static bool is_planned(struct app_crisis *k, const char *topic, int64_t now_ms)
{
	const struct config *c = k->app->config;
	int64_t day = c->n_planned ? today(k, now_ms) : 0;
	size_t i, n;

	for (i = 0; i < c->n_planned; i++) {
		const struct planned_config *p = &c->planned[i];

		if (day < p->from_day || day > p->to_day)
			continue;
		for (n = 0; n < p->n_topics; n++)
			if (strcmp(p->topics[n].name, topic) == 0)
				return true;
		if (!p->n_topics)
			return true;
	}
	return false;
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
	(void)crisis_is_deaf(j->k, j->name); /* so that its message can say what is not heard */
	(void)crisis_begin(j->k, j->name, e, reasons, j->late, NULL);
}

/* The incident that an event belongs to: the topic's own, one that its alerts have joined, one that was closed by hand and is the
 * same matter, or another brand's of which the same is said. NULL: it opens one. */
static struct one_crisis *place(const struct judging *j, const struct incident_event *e)
{
	struct one_crisis *x = crisis_of_topic(j->k, j->name);

	if (!x)
		x = crisis_joined(j->k, j->name);
	if (!x)
		x = crisis_that_absorbs(j->k, j->name, e);
	if (!x && e->met && !j->late)
		x = crisis_of_same_event(j->k, j->topic);
	return x;
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
	step.incident.alert = crisis_facet_name(x, j->name, e->alert, facet);
	if (!e->met && !has_facet(x, facet))
		return;
	if (strcmp(x->crisis.incident.topic, j->name) == 0)
		x->reasons = reasons && !j->late ? reasons : x->reasons | reasons;
	if (j->late && e->severity > x->crisis.incident.severity)
		x->late = *j->late;
	crisis_do(j->k, x, &step, NULL);
}

/* --- the alerts that every topic has --- */

static void judge_defaults(const struct judging *j, const struct judge_verdict *v)
{
	struct incident_event e = {.kind = INCIDENT_EV_JUDGED,
				   .alert = CRISIS_DEFAULT_ALERT,
				   .late = j->late != NULL,
				   .window = j->window};
	enum judge_severity worst = JUDGE_NONE;
	struct topic_window w;
	uint32_t reasons = 0;
	int i;

	for (i = 0; i < JUDGE_REASONS; i++) {
		if (v->by[i] == JUDGE_NONE || (i == JUDGE_VOLUME && j->planned))
			continue;
		reasons |= UINT32_C(1) << i;
		worst = v->by[i] > worst ? v->by[i] : worst;
	}
	e.met = worst != JUDGE_NONE;
	e.settled = !e.met;
	e.severity = worst == JUDGE_CRITICAL  ? SEVERITY_CRITICAL
		     : worst == JUDGE_WARNING ? SEVERITY_WARNING
					      : SEVERITY_INFO;
	topic_window(j->topic, e.severity > SEVERITY_INFO ? SERIES_NEGATIVE : SERIES_ALL, NULL, j->now_ms, HOUR_MS,
		     j->hour, &w);
	e.size = (double)w.count.matching;
	tell(j, &e, reasons);
}

/* --- those of the configuration --- */

/* What an alert counts in this topic. False: the topic knows nothing of that name. */
static bool series_of(const struct app_crisis *k, const char *topic, const char *of, enum series_kind *ret)
{
	const struct catalogue_topic *t = catalogue_topic(&k->app->catalogue, topic);

	if (strcmp(of, "all") == 0)
		*ret = SERIES_ALL;
	else if (strcmp(of, "negative") == 0)
		*ret = SERIES_NEGATIVE;
	else if (t && mention_names_have(t->rules, t->n_rules, of))
		*ret = SERIES_RULE;
	else if (t && mention_names_have(t->tags, t->n_tags, of))
		*ret = SERIES_TAG;
	else if (t && mention_names_have(t->intents, t->n_intents, of))
		*ret = SERIES_INTENT;
	else
		return false;
	return true;
}

static void set_known(struct measured *m, enum measure of, double value)
{
	if (value >= 0)
		measure_set(m, of, value);
}

static void measure(const struct judging *j, const struct alert_config *a, enum series_kind kind, struct measured *ret)
{
	static const double least[] = {[SENSITIVITY_NORMAL] = SURPRISE_NORMAL,
				       [SENSITIVITY_LOW] = SURPRISE_LOW,
				       [SENSITIVITY_HIGH] = SURPRISE_HIGH};
	struct topic_window w;

	topic_window(j->topic, kind, kind < SERIES_INTENT ? NULL : a->of, j->now_ms, a->over_ms, j->hour, &w);
	*ret = (struct measured){.known = 0};
	measure_set(ret, MEASURE_MENTIONS, (double)w.count.mentions);
	measure_set(ret, MEASURE_MATCHING, (double)w.count.matching);
	measure_set(ret, MEASURE_AUTHORS, (double)w.count.authors);
	measure_set(ret, MEASURE_STORIES, (double)w.count.stories);
	measure_set(ret, MEASURE_POTENTIAL_REACH, w.count.reach);
	measure_set(ret, MEASURE_UNUSUAL, !j->late && w.surprise >= least[a->sensitivity]);
	set_known(ret, MEASURE_PERCENT, w.percent < 0 ? -1 : w.percent / 100);
	if (w.rises)
		measure_set(ret, MEASURE_PERCENT_RISE, w.percent_rise / 100);
	set_known(ret, MEASURE_TIMES_USUAL, w.times_usual);
	if (j->late) /* what is so now was not so then */
		return;
	set_known(ret, MEASURE_QUIET_FOR, w.quiet_s < 0 ? -1 : w.quiet_s * 1000);
	set_known(ret, MEASURE_GROWTH,
		  kind == SERIES_NEGATIVE ? topic_growth(j->topic)->negative : topic_growth(j->topic)->fastest);
}

static void judge_alert(const struct judging *j, const struct alert_config *a)
{
	struct incident_event e = {.kind = INCIDENT_EV_JUDGED,
				   .alert = a->name,
				   .severity = (enum severity)a->severity,
				   .late = j->late != NULL,
				   .window = j->window};
	enum series_kind kind;
	struct measured m;

	if (!series_of(j->k, j->name, a->of, &kind))
		return;
	measure(j, a, kind, &m);
	e.met = when_holds(a->when, &m) && !(j->planned && kind == SERIES_ALL);
	if (j->late && !e.met)
		return;
	e.settled = !e.met && (!a->close || when_holds(a->close->when, &m));
	e.settle_ms = a->close ? a->close->for_ms : 0;
	e.size = m.v[MEASURE_MATCHING];
	tell(j, &e, 0);
}

static void judge_all(struct judging *j, const struct judge_verdict *verdict)
{
	const struct config *c = j->k->app->config;
	const struct catalogue_topic *known = catalogue_topic(&j->k->app->catalogue, j->name);
	struct topic_window w;
	size_t i;

	if (!j->k->known || !known)
		return;
	topic_window(j->topic, SERIES_ALL, NULL, clock_wall_ms(), HOUR_MS, j->hour, &w);
	j->window = (double)w.count.matching;
	j->planned = is_planned(j->k, j->name, j->now_ms);
	if (!known->no_alerts && !(j->late && verdict->severity == JUDGE_NONE))
		judge_defaults(j, verdict);
	for (i = 0; i < c->n_alerts; i++)
		if (config_alert_is_of(&c->alerts[i], known))
			judge_alert(j, &c->alerts[i]);
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
