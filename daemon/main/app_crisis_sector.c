/* Whether it is only us or the sector, and whether the same is said of several brands of ours: then it is one incident. */
#include <string.h>

#include "base/clock.h"
#include "main/app_crisis_inside.h"
#include "main/app_series.h"
#include "main/crisis_place.h"
#include "stats/topic.h"

/* --- the same hour of others --- */

static bool is_brand(const struct catalogue_topic *t)
{
	return strcmp(t->role, "brand") == 0;
}

/* As it stands in the message: what is out of the ordinary first, then where most is said. */
static void add_other(struct incident_news *n, const struct incident_other *o)
{
	size_t at = n->n_others < INCIDENT_OTHERS_MAX ? n->n_others : INCIDENT_OTHERS_MAX;

	n->n_others++;
	while (at && (o->unusual > n->others[at - 1].unusual ||
		      (o->unusual == n->others[at - 1].unusual && o->hour > n->others[at - 1].hour))) {
		if (at < INCIDENT_OTHERS_MAX)
			n->others[at] = n->others[at - 1];
		at--;
	}
	if (at < INCIDENT_OTHERS_MAX)
		n->others[at] = *o;
}

static void measure_other(struct topic *t, int hour, struct incident_other *ret)
{
	int64_t now_ms = clock_wall_ms();
	struct judge_facts facts;
	struct judge_verdict verdict;
	struct topic_window w;

	topic_window(t, SERIES_ALL, NULL, now_ms, HOUR_MS, hour, &w);
	ret->hour = (double)w.count.matching;
	ret->usual = w.usual;
	topic_window(t, SERIES_NEGATIVE, NULL, now_ms, HOUR_MS, hour, &w);
	ret->percent = w.percent;
	topic_judge(t, now_ms, hour, &facts, &verdict);
	ret->unusual = verdict.severity > JUDGE_NONE;
}

void crisis_put_others(const struct app_crisis *k, const char *topic, struct incident_news *n)
{
	const struct catalogue *c = &k->app->catalogue;
	const struct catalogue_topic *known = catalogue_topic(c, topic);
	struct topic *t;
	int hour;
	size_t i;

	t = k->app->series ? app_series_topic(k->app->series, topic, &hour) : NULL;
	if (!t || !known || !is_brand(known))
		return;
	for (i = 0; i < c->n_topics; i++) {
		struct incident_other other = {.topic = c->topics[i].name};
		struct topic *o = app_series_topic(k->app->series, other.topic, &hour);

		if (!o || o == t)
			continue;
		if (!is_brand(&c->topics[i])) {
			measure_other(o, hour, &other);
			add_other(n, &other);
		} else if (crisis_is_same_event(t, o, clock_wall_ms())) {
			if (n->n_same < INCIDENT_NAMES_MAX)
				n->same[n->n_same] = other.topic;
			n->n_same++;
		}
	}
}
