/* Patterns that give up: counted, told, and in the end switched off (FAULTS P11). What a reader says is counted for the rules
 * that serve; rules that are loaded anew begin anew. */
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "main/app_metrics.h"
#include "main/rule_watch.h"
#include "main/telling.h"
#include "mention/answer.h"
#include "pool/pool.h"
#include "source/sources.h"

struct app_rules {
	struct rule_watch watch;
	uint64_t generation; /* that is watched */
};

struct app_rules *app_rules_new(void)
{
	return NEW(struct app_rules);
}

struct app_rules *app_rules_free(struct app_rules *r)
{
	free(r);
	return NULL;
}

static bool count(void *arg, const struct source_status *s)
{
	(void)s;
	return ++*(size_t *)arg < RULE_WATCH_SOURCES;
}

static void tell(struct app *a, const struct rule_watched *x, enum telling_state state)
{
	cleanup(freep) char *subject = xasprintf("%s/%s", x->topic, x->pattern);

	app_tell_operators(a, &(struct telling){.kind = "rule_off",
						.subject = subject,
						.state = state,
						.since_ms = clock_wall_ms(),
						.until_ms = state == TELLING_OVER ? clock_wall_ms() : TIME_NONE,
						.text = state == TELLING_OVER ? TEXT_TELL_RULE_ON : TEXT_TELL_RULE_OFF,
						.args = TEXT_ARGS(x->pattern, x->topic)});
}

void app_rules_judged(void *arg, uint64_t generation, const char *source, const struct answer *answer)
{
	const struct rule_watched *off[RULE_WATCH_PATTERNS];
	struct app *a = arg;
	size_t n_sources = 0, n, i;

	if (generation != a->rules->generation)
		return; /* of rules that are on their way out */
	if (answer->n_limits && a->sources)
		sources_each(a->sources, NULL, count, &n_sources);
	for (i = 0; i < answer->n_limits; i++)
		app_metrics_limit(a->metrics, &answer->limits[i]);
	n = rule_watch_judged(&a->rules->watch, source, answer->n_mentions, answer->limits, answer->n_limits, n_sources,
			      off);
	for (i = 0; i < n; i++) {
		LOG_WARN("rule.off", LOG_S("pattern", off[i]->pattern), LOG_S("topic", off[i]->topic),
			 LOG_I("times", (int64_t)off[i]->times));
		if (!pool_off(a->pool, generation, off[i]->topic, off[i]->pattern))
			LOG_ERROR("rule.off_failed", LOG_S("pattern", off[i]->pattern), LOG_S("topic", off[i]->topic));
		if (!a->once)
			tell(a, off[i], TELLING_BEGINS);
	}
}

void app_rules_serve(struct app *a, uint64_t generation)
{
	struct rule_watch *w = &a->rules->watch;
	size_t i;

	if (generation == a->rules->generation)
		return; /* a nursery that was started anew */
	for (i = 0; i < RULE_WATCH_PATTERNS && !a->once; i++)
		if (w->v[i].off)
			tell(a, &w->v[i], TELLING_OVER);
	rule_watch_begin(w);
	a->rules->generation = generation;
}

void app_rules_status(const struct app *a, struct json *j)
{
	const struct rule_watch *w = &a->rules->watch;
	size_t i;

	json_begin_array(j, "limits");
	for (i = 0; i < RULE_WATCH_PATTERNS; i++) {
		if (!*w->v[i].pattern)
			continue;
		json_begin_object(j, NULL);
		json_text(j, "topic", w->v[i].topic);
		json_text(j, "pattern", w->v[i].pattern);
		json_int(j, "times", (int64_t)w->v[i].times);
		json_bool(j, "off", w->v[i].off);
		json_end_object(j);
	}
	json_end_array(j);
}
