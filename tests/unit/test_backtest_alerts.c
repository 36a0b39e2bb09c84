/* Which incidents alerts would have opened over a log: what is kept of its hits, the clock, what teaches, what there really was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/when.h"
#include "base/arena.h"
#include "base/clock.h"
#include "main/config.h"
#include "main/ctl_backtest_alerts.h"
#include "main/ctl_backtest_run.h"
#include "main/ctl_backtest_said.h"
#include "mention/catalogue.h"
#include "mention/mention.h"
#include "store/replay.h"

#define DAY_0 (20000 * DAY_MS)

enum { MANY = 1000, ALERTS = 2 };

struct world {
	struct arena *arena;
	struct alert_config alerts[ALERTS];
	struct config config;
	struct catalogue_topic topic;
	struct catalogue catalogue;
	struct backtest_said *said;
	struct replay_span down[2];
	size_t n_down, n_mentions;
};

static void add_alert(struct world *w, const char *name, const char *when)
{
	struct alert_config *a = &w->alerts[w->config.n_alerts++];
	struct condition_fault fault;
	struct when *compiled;

	assert_int_equal(when_parse(when, w->arena, &fault, &compiled), 0);
	*a = (struct alert_config){.name = name,
				   .role = ALERT_ROLE_ANY,
				   .of = "all",
				   .over_ms = HOUR_MS,
				   .when = compiled,
				   .severity = SEVERITY_WARNING};
}

static void init_bounded(struct world *w, size_t max, size_t names_max)
{
	static const char *rules[] = {"fraud", "loud"};

	*w = (struct world){.arena = arena_new(SIZE_MAX)};
	w->config = (struct config){.timezone = "America/Bogota", .alerts = w->alerts};
	w->topic = (struct catalogue_topic){
		.name = "acme", .role = "brand", .rules = rules, .n_rules = 2, .no_alerts = true};
	w->catalogue = (struct catalogue){.topics = &w->topic, .n_topics = 1};
	w->said = backtest_said_new(max, names_max);
	backtest_said_begin(w->said, &w->catalogue);
}

static void init(struct world *w)
{
	init_bounded(w, MANY, MANY);
}

static void done(struct world *w)
{
	backtest_said_free(w->said);
	arena_free(w->arena);
}

static void say_published(struct world *w, int64_t seen_ms, int64_t published_ms)
{
	static const char *rules[] = {"fraud", "gone"};
	const struct hit hit = {.topic = "acme", .role = "brand", .rules = rules, .n_rules = 2};
	const struct backtest_hits hits = {.v = &hit, .n = 1};
	char author[32];
	struct mention m;

	mention_init(&m);
	snprintf(author, sizeof(author), "persona %zu", w->n_mentions++);
	m.source = "prensa";
	m.author.name = author;
	m.seen_ms = seen_ms;
	m.published_ms = published_ms;
	backtest_said_add(w->said, &m, &hits);
}

/* The newest first, as a log is read. */
static void say(struct world *w, int64_t first_ms, size_t n, int64_t apart_ms)
{
	while (n-- > 0)
		say_published(w, first_ms + (int64_t)n * apart_ms, TIME_NONE);
}

static struct backtest_alerts *run(struct world *w, int64_t since_ms, int64_t until_ms)
{
	backtest_said_sort(w->said);
	return backtest_alerts_run(&(struct backtest_alerts_ask){.config = &w->config,
								 .said = w->said,
								 .down = w->down,
								 .n_down = w->n_down,
								 .plain_ms = TIME_NONE,
								 .since_ms = since_ms,
								 .until_ms = until_ms});
}

static void what_is_too_much_is_the_oldest(void **state)
{
	struct world w;

	(void)state;
	init_bounded(&w, 3, MANY);
	say(&w, DAY_0, 5, MINUTE_MS);
	backtest_said_sort(w.said);
	assert_int_equal(backtest_said_len(w.said), 3);
	assert_int_equal(backtest_said_at(w.said, 0).seen_ms, DAY_0 + 2 * MINUTE_MS);
	assert_int_equal(backtest_said_cut_ms(w.said), DAY_0 + 2 * MINUTE_MS);
	done(&w);
	init_bounded(&w, MANY, 4); /* two names each, of which the rules have one */
	say(&w, DAY_0, 5, MINUTE_MS);
	assert_int_equal(backtest_said_len(w.said), 3);
	assert_int_equal(backtest_said_cut_ms(w.said), DAY_0 + 2 * MINUTE_MS);
	assert_int_equal(backtest_said_at(w.said, 0).said.n_rules, 1);
	assert_string_equal(backtest_said_at(w.said, 0).said.rules[0], "fraud");
	done(&w);
}

static void one_alert_opens_and_another_does_not(void **state)
{
	cleanup(backtest_alerts_freep) struct backtest_alerts *a = NULL;
	const struct backtest_opened *v;
	struct world w;
	size_t n;

	(void)state;
	init(&w);
	add_alert(&w, "many", "mentions >= 5");
	add_alert(&w, "more", "mentions >= 50");
	say(&w, DAY_0 + DAY_MS, 8, MINUTE_MS);
	say(&w, DAY_0, 1, 0);
	a = run(&w, DAY_0, DAY_0 + 3 * DAY_MS);
	v = backtest_alerts_opened(a, &n);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].topic, "acme");
	assert_int_equal(v[0].n_alerts, 1);
	assert_string_equal(v[0].alerts[0], "many");
	assert_int_equal(v[0].severity, SEVERITY_WARNING);
	assert_int_equal(v[0].opened_ms, DAY_0 + DAY_MS + 4 * MINUTE_MS + SECOND_MS); /* the fifth, once judged */
	assert_int_equal(v[0].mentions, 8);
	/* an hour until it is unmet, then settled, receding and quiet: as alert/incident has it */
	assert_true(v[0].closed_ms > v[0].opened_ms + INCIDENT_QUIET_MS);
	assert_true(v[0].closed_ms < v[0].opened_ms + INCIDENT_QUIET_MS + 3 * HOUR_MS);
	assert_int_equal(backtest_alerts_learnt_ms(a), DAY_0);
	done(&w);
}

static void what_was_over_before_teaches_and_is_not_told(void **state)
{
	cleanup(backtest_alerts_freep) struct backtest_alerts *a = NULL, *all = NULL;
	const struct backtest_opened *v;
	struct world w;
	size_t n, day;

	(void)state;
	init_bounded(&w, 10 * MANY, 10 * MANY);
	add_alert(&w, "rises", "times_usual >= 5 and mentions >= 5");
	say(&w, DAY_0 + 10 * DAY_MS, 60, 30 * SECOND_MS);
	for (day = 10; day-- > 0;) /* one every ten minutes is usual */
		say(&w, DAY_0 + (int64_t)day * DAY_MS, 144, 10 * MINUTE_MS);
	a = run(&w, DAY_0 + 9 * DAY_MS, DAY_0 + 11 * DAY_MS);
	v = backtest_alerts_opened(a, &n);
	assert_int_equal(n, 1);
	assert_true(v[0].opened_ms > DAY_0 + 10 * DAY_MS && v[0].opened_ms < DAY_0 + 10 * DAY_MS + HOUR_MS);
	all = run(&w, DAY_0 + 11 * DAY_MS, DAY_0 + 12 * DAY_MS); /* it is over by then */
	(void)backtest_alerts_opened(all, &n);
	assert_int_equal(n, 0);
	done(&w);
}

static void while_nothing_was_heard_nothing_recovers(void **state)
{
	cleanup(backtest_alerts_freep) struct backtest_alerts *heard = NULL, *deaf = NULL;
	int64_t closed_ms;
	struct world w;
	size_t n;

	(void)state;
	init(&w);
	add_alert(&w, "many", "mentions >= 5");
	say(&w, DAY_0, 8, MINUTE_MS);
	heard = run(&w, DAY_0, DAY_0 + 3 * DAY_MS);
	closed_ms = backtest_alerts_opened(heard, &n)[0].closed_ms;
	w.down[w.n_down++] = (struct replay_span){DAY_0 + 2 * HOUR_MS, DAY_0 + 26 * HOUR_MS};
	w.down[w.n_down++] = (struct replay_span){DAY_0 + 3 * HOUR_MS, DAY_0 + 4 * HOUR_MS}; /* within the other */
	deaf = run(&w, DAY_0, DAY_0 + 3 * DAY_MS);
	assert_true(backtest_alerts_opened(deaf, &n)[0].closed_ms > closed_ms + 20 * HOUR_MS);
	done(&w);
}

static void what_came_late_is_judged_in_its_own_hour(void **state)
{
	cleanup(backtest_alerts_freep) struct backtest_alerts *a = NULL;
	const struct backtest_opened *v;
	struct world w;
	size_t n, i;

	(void)state;
	init(&w);
	add_alert(&w, "many", "mentions >= 5");
	for (i = 8; i-- > 0;)
		say_published(&w, DAY_0 + DAY_MS, DAY_0 + 20 * HOUR_MS + (int64_t)i * MINUTE_MS);
	say(&w, DAY_0, 1, 0);
	a = run(&w, DAY_0, DAY_0 + 2 * DAY_MS);
	v = backtest_alerts_opened(a, &n);
	assert_int_equal(n, 1);
	assert_true(v[0].late);
	assert_int_equal(v[0].opened_ms, DAY_0 + DAY_MS + SECOND_MS);
	done(&w);
}

static void they_are_held_against_those_that_there_were(void **state)
{
	const struct replay_incident happened[] = {
		{1, "acme", "many", SEVERITY_WARNING, INCIDENT_FALSE_ALARM, DAY_0 + MINUTE_MS, DAY_0 + HOUR_MS},
		{2, "acme", "many", SEVERITY_WARNING, INCIDENT_OVER, DAY_0 + 2 * DAY_MS, DAY_0 + 2 * DAY_MS + HOUR_MS},
		{3, "bolt", "many", SEVERITY_WARNING, INCIDENT_OVER, DAY_0 + MINUTE_MS, TIME_NONE},
	};
	cleanup(backtest_alerts_freep) struct backtest_alerts *a = NULL;
	const struct backtest_opened *v;
	struct world w;
	size_t n, again[3];

	(void)state;
	init(&w);
	add_alert(&w, "many", "mentions >= 5");
	say(&w, DAY_0, 8, MINUTE_MS);
	a = run(&w, DAY_0, DAY_0 + 3 * DAY_MS);
	backtest_alerts_match(a, happened, 3, again);
	v = backtest_alerts_opened(a, &n);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].was, 1);
	assert_true(v[0].false_alarm);
	assert_int_equal(again[0], 1);
	assert_int_equal(again[1], 0);
	assert_int_equal(again[2], 0);
	done(&w);
}

static void a_log_without_hits_has_none(void **state)
{
	cleanup(backtest_alerts_freep) struct backtest_alerts *a = NULL;
	struct world w;
	size_t n;

	(void)state;
	init(&w);
	add_alert(&w, "none", "mentions == 0");
	a = run(&w, DAY_0, DAY_0 + DAY_MS);
	(void)backtest_alerts_opened(a, &n);
	assert_int_equal(n, 0);
	assert_int_equal(backtest_alerts_learnt_ms(a), TIME_NONE);
	done(&w);
}

/* One that opens and ends more often than is told of. */
static void of_too_many_the_first_are_told(void **state)
{
	cleanup(backtest_alerts_freep) struct backtest_alerts *a = NULL;
	static struct alert_close close;
	struct condition_fault fault;
	struct when *when;
	struct world w;
	size_t n;
	int64_t i;

	(void)state;
	init_bounded(&w, 10 * MANY, 10 * MANY);
	add_alert(&w, "one", "mentions >= 1");
	assert_int_equal(when_parse("mentions == 0", w.arena, &fault, &when), 0);
	close = (struct alert_close){.when = when, .for_ms = MINUTE_MS};
	w.alerts[0].close = &close;
	for (i = BACKTEST_OPENED_MAX + 2; i-- > 0;)
		say_published(&w, DAY_0 + i * DAY_MS, TIME_NONE);
	a = run(&w, DAY_0, DAY_0 + (BACKTEST_OPENED_MAX + 3) * DAY_MS);
	(void)backtest_alerts_opened(a, &n);
	assert_int_equal(n, BACKTEST_OPENED_MAX);
	assert_int_equal(backtest_alerts_left(a), 2);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_too_much_is_the_oldest),
		cmocka_unit_test(one_alert_opens_and_another_does_not),
		cmocka_unit_test(what_was_over_before_teaches_and_is_not_told),
		cmocka_unit_test(while_nothing_was_heard_nothing_recovers),
		cmocka_unit_test(what_came_late_is_judged_in_its_own_hour),
		cmocka_unit_test(they_are_held_against_those_that_there_were),
		cmocka_unit_test(a_log_without_hits_has_none),
		cmocka_unit_test(of_too_many_the_first_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
