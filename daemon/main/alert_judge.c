#include "main/alert_judge.h"

#include <string.h>

#include "alert/incident.h"
#include "alert/measure.h"
#include "alert/when.h"
#include "main/config.h"
#include "main/config_alerts.h"
#include "mention/catalogue.h"
#include "stats/topic.h"

struct judging {
	const struct alert_judging *at;
	const struct catalogue_topic *known;
	bool planned;  /* more is said than usual, and that is meant */
	double window; /* mentions within the hour */
};

static bool is_planned(const struct alert_judging *at)
{
	const struct config *c = at->config;
	size_t i, n;

	for (i = 0; i < c->n_planned; i++) {
		const struct planned_config *p = &c->planned[i];

		if (at->day < p->from_day || at->day > p->to_day)
			continue;
		for (n = 0; n < p->n_topics; n++)
			if (strcmp(p->topics[n].name, topic_name(at->topic)) == 0)
				return true;
		if (!p->n_topics)
			return true;
	}
	return false;
}

/* --- the alerts that every topic has --- */

static void judge_defaults(const struct judging *j, const struct judge_verdict *v)
{
	struct incident_event e = {
		.kind = INCIDENT_EV_JUDGED, .alert = CRISIS_DEFAULT_ALERT, .late = j->at->late, .window = j->window};
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
	topic_window(j->at->topic, e.severity > SEVERITY_INFO ? SERIES_NEGATIVE : SERIES_ALL, NULL, j->at->now_ms,
		     HOUR_MS, j->at->hour, &w);
	e.size = (double)w.count.matching;
	j->at->on_judged(j->at->arg, &e, reasons);
}

/* --- those of the configuration --- */

/* What an alert counts in this topic. False: the topic knows nothing of that name. */
static bool series_of(const struct catalogue_topic *t, const char *of, enum series_kind *ret)
{
	if (strcmp(of, "all") == 0)
		*ret = SERIES_ALL;
	else if (strcmp(of, "negative") == 0)
		*ret = SERIES_NEGATIVE;
	else if (mention_names_have(t->rules, t->n_rules, of))
		*ret = SERIES_RULE;
	else if (mention_names_have(t->tags, t->n_tags, of))
		*ret = SERIES_TAG;
	else if (mention_names_have(t->intents, t->n_intents, of))
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

	topic_window(j->at->topic, kind, kind < SERIES_INTENT ? NULL : a->of, j->at->now_ms, a->over_ms, j->at->hour,
		     &w);
	*ret = (struct measured){.known = 0};
	measure_set(ret, MEASURE_MENTIONS, (double)w.count.mentions);
	measure_set(ret, MEASURE_MATCHING, (double)w.count.matching);
	measure_set(ret, MEASURE_AUTHORS, (double)w.count.authors);
	measure_set(ret, MEASURE_STORIES, (double)w.count.stories);
	measure_set(ret, MEASURE_POTENTIAL_REACH, w.count.reach);
	measure_set(ret, MEASURE_UNUSUAL, !j->at->late && w.surprise >= least[a->sensitivity]);
	set_known(ret, MEASURE_PERCENT, w.percent < 0 ? -1 : w.percent / 100);
	if (w.rises)
		measure_set(ret, MEASURE_PERCENT_RISE, w.percent_rise / 100);
	set_known(ret, MEASURE_TIMES_USUAL, w.times_usual);
	if (j->at->late) /* what is so now was not so then */
		return;
	set_known(ret, MEASURE_QUIET_FOR, w.quiet_s < 0 ? -1 : w.quiet_s * 1000);
	set_known(ret, MEASURE_GROWTH,
		  kind == SERIES_NEGATIVE ? topic_growth(j->at->topic)->negative : topic_growth(j->at->topic)->fastest);
}

static void judge_alert(const struct judging *j, const struct alert_config *a)
{
	struct incident_event e = {.kind = INCIDENT_EV_JUDGED,
				   .alert = a->name,
				   .severity = (enum severity)a->severity,
				   .late = j->at->late,
				   .window = j->window};
	enum series_kind kind;
	struct measured m;

	if (!series_of(j->known, a->of, &kind))
		return;
	measure(j, a, kind, &m);
	e.met = when_holds(a->when, &m) && !(j->planned && kind == SERIES_ALL);
	if (j->at->late && !e.met)
		return;
	e.settled = !e.met && (!a->close || when_holds(a->close->when, &m));
	e.settle_ms = a->close ? a->close->for_ms : 0;
	e.size = m.v[MEASURE_MATCHING];
	j->at->on_judged(j->at->arg, &e, 0);
}

void alert_judge(const struct alert_judging *at, const struct judge_verdict *verdict)
{
	const struct config *c = at->config;
	struct judging j = {.at = at, .known = catalogue_topic(at->catalogue, topic_name(at->topic))};
	struct topic_window w;
	size_t i;

	if (!j.known)
		return;
	topic_window(at->topic, SERIES_ALL, NULL, at->wall_ms, HOUR_MS, at->hour, &w);
	j.window = (double)w.count.matching;
	j.planned = is_planned(at);
	if (!j.known->no_alerts && !(at->late && verdict->severity == JUDGE_NONE))
		judge_defaults(&j, verdict);
	for (i = 0; i < c->n_alerts; i++)
		if (config_alert_is_of(&c->alerts[i], j.known))
			judge_alert(&j, &c->alerts[i]);
}
