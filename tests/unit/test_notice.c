/* What becomes of a notice: the pure steps under a seeded simulator with kills and failures; gathering; facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/facts.h"
#include "alert/gather.h"
#include "alert/notice_step.h"
#include "base/buf.h"
#include "base/clock.h"

static const struct notice_pace pace = {.retry_ms = 20000};

/* --- the simulator: one notice, its row in the log, routes that fail at random, a process that is killed at random --- */

enum { ROUTES = 4, STEPS_MAX = 20000 };

struct world {
	unsigned seed;
	int64_t now_ms;
	size_t n_routes;
	unsigned luck[ROUTES];   /* percent: that a route takes it */
	unsigned stern[ROUTES];  /* percent: that a refusal is for good */
	struct notice live, row; /* in memory; in the log */
	bool kept;               /* row is of this notice */
	unsigned arrived, unmarked, kills;
};

static unsigned chance(struct world *w)
{
	return (unsigned)rand_r(&w->seed) % 100;
}

/* The process dies and another one finds what the log has. */
static void die(struct world *w)
{
	w->kills++;
	w->live = w->row;
	notice_step(&w->live, &(struct notice_event){.kind = NOTICE_EV_FOUND, .n_routes = w->n_routes}, &pace,
		    w->now_ms);
}

static bool ended(const struct notice *n)
{
	return n->state == NOTICE_SENT || n->state == NOTICE_GIVEN_UP;
}

/* The message leaves: what became of it, and whether anybody learns of that. */
static struct notice_event send(struct world *w)
{
	struct notice_event e = {.n_routes = w->n_routes};
	size_t route = w->live.route;
	bool taken;

	assert_true(route < w->n_routes);
	assert_int_equal(w->row.state, NOTICE_TRYING); /* kept before it leaves */
	assert_int_equal(w->row.tries, w->live.tries);
	taken = chance(w) < w->luck[route];
	e.kind = taken ? NOTICE_EV_TAKEN : chance(w) < w->stern[route] ? NOTICE_EV_NEVER : NOTICE_EV_LATER;
	if (taken || (e.kind == NOTICE_EV_LATER && chance(w) < 10)) {
		if (!taken)
			e.maybe = true; /* the connection broke behind the message, which arrived */
		w->unmarked += !w->live.maybe;
		w->arrived++;
		assert_true(w->unmarked <= 1); /* a second one says that it may be one */
	}
	return e;
}

static void simulate(struct world *w)
{
	struct notice_event e = {.kind = NOTICE_EV_DUE};
	int steps = 0;

	while (!ended(&w->live)) {
		enum notice_action a;
		int64_t due_ms;

		assert_true(steps++ < STEPS_MAX);
		if (chance(w) < 2) {
			w->n_routes = chance(w) % (ROUTES + 1);
			notice_step(&w->live, &(struct notice_event){.kind = NOTICE_EV_ROUTES, .n_routes = w->n_routes},
				    &pace, w->now_ms);
		}
		e.n_routes = w->n_routes;
		a = notice_step(&w->live, &e, &pace, w->now_ms);
		due_ms = w->live.due_ms;
		e = (struct notice_event){.kind = NOTICE_EV_DUE};
		if (a != NOTICE_NOTHING && chance(w) < 5) {
			die(w); /* before it is kept */
		} else if (a != NOTICE_NOTHING) {
			if (a == NOTICE_TRY && chance(w) < 5)
				e.kind = NOTICE_EV_UNKEPT;
			else
				w->row = w->live;
		}
		if (a == NOTICE_TRY && e.kind == NOTICE_EV_DUE && w->live.state == NOTICE_TRYING &&
		    w->live.route < w->n_routes) {
			e = send(w);
			if (chance(w) < 5) {
				die(w); /* before anybody learns of it */
				e.kind = NOTICE_EV_DUE;
			}
		}
		if (w->live.state == NOTICE_NEW && e.kind == NOTICE_EV_DUE) {
			assert_true(due_ms <= w->now_ms + NOTICE_ROUND_MAX_MS); /* every wait ends */
			w->now_ms = w->live.due_ms > w->now_ms ? w->live.due_ms : w->now_ms + 1;
		}
	}
}

static void every_notice_ends_and_none_comes_twice_unmarked(void **state)
{
	enum { SEEDS = 20000 };
	unsigned seed, sent = 0, given_up = 0, repeats = 0, kills = 0;

	(void)state; /* FAULTS D3, O8 */
	for (seed = 1; seed <= SEEDS; seed++) {
		struct world w = {.seed = seed, .n_routes = 1 + seed % ROUTES, .live = {.due_ms = 90000}};
		bool hopeless = seed % 10 == 0;
		size_t i;

		for (i = 0; i < ROUTES; i++) {
			w.luck[i] = hopeless ? 0 : chance(&w);
			w.stern[i] = chance(&w);
		}
		w.row = w.live;
		simulate(&w);
		if (w.live.state == NOTICE_SENT && !w.arrived)
			fail_msg("seed %u: called sent, and nobody has it", seed);
		sent += w.live.state == NOTICE_SENT;
		given_up += w.live.state == NOTICE_GIVEN_UP;
		repeats += w.arrived > 1;
		kills += w.kills;
	}
	assert_int_equal(sent + given_up, SEEDS);
	assert_true(given_up >= SEEDS / 10 && given_up < SEEDS / 5);
	assert_true(repeats > SEEDS / 100 && kills > SEEDS / 10); /* the simulator is no sham */
}

/* --- single steps --- */

static enum notice_action step(struct notice *n, enum notice_event_kind kind, size_t n_routes, int64_t now_ms)
{
	return notice_step(n, &(struct notice_event){.kind = kind, .n_routes = n_routes}, &pace, now_ms);
}

static void a_channel_that_is_down_is_passed_over(void **state)
{
	struct notice n = {.due_ms = 1000};

	(void)state;
	assert_int_equal(step(&n, NOTICE_EV_DUE, 2, 999), NOTICE_NOTHING);
	assert_int_equal(step(&n, NOTICE_EV_DUE, 2, 1000), NOTICE_TRY);
	assert_int_equal(n.route, 0);
	assert_int_equal(step(&n, NOTICE_EV_LATER, 2, 2000), NOTICE_WAIT);
	assert_int_equal(n.due_ms, 22000);
	assert_int_equal(step(&n, NOTICE_EV_DUE, 2, 22000), NOTICE_TRY);
	assert_int_equal(n.route, 0);
	assert_int_equal(step(&n, NOTICE_EV_LATER, 2, 23000), NOTICE_WAIT); /* NOTICE_TRIES_HERE */
	assert_int_equal(step(&n, NOTICE_EV_DUE, 2, 23000), NOTICE_TRY);    /* at once by the next */
	assert_int_equal(n.route, 1);
	assert_int_equal(step(&n, NOTICE_EV_NEVER, 2, 24000), NOTICE_WAIT); /* no second try */
	assert_int_equal(n.rounds, 1);
	assert_int_equal(n.route, 0);
	assert_int_equal(n.due_ms, 24000 + NOTICE_ROUND_RETRIES * 20000);
	assert_int_equal(step(&n, NOTICE_EV_DUE, 2, n.due_ms), NOTICE_TRY);
	assert_int_equal(step(&n, NOTICE_EV_TAKEN, 2, n.due_ms), NOTICE_END);
	assert_int_equal(n.state, NOTICE_SENT);
	assert_int_equal(n.tries, 4);
	assert_false(n.maybe);
	assert_int_equal(step(&n, NOTICE_EV_DUE, 2, INT64_MAX), NOTICE_NOTHING);
}

static void what_nobody_takes_is_given_up_after_some_days(void **state)
{
	struct notice n = {.due_ms = 0};
	int64_t now_ms = 0;
	unsigned tries = 0;

	(void)state;
	while (n.state == NOTICE_NEW) {
		now_ms = n.due_ms;
		assert_int_equal(step(&n, NOTICE_EV_DUE, 1, now_ms), NOTICE_TRY);
		tries++;
		step(&n, NOTICE_EV_LATER, 1, now_ms);
	}
	assert_int_equal(n.state, NOTICE_GIVEN_UP);
	assert_int_equal(n.rounds, NOTICE_ROUNDS_MAX);
	assert_int_equal(tries, NOTICE_ROUNDS_MAX * NOTICE_TRIES_HERE);
	assert_in_range(now_ms, 2 * DAY_MS, 4 * DAY_MS);
}

static void found_on_its_way_means_nobody_knows(void **state)
{
	struct notice n = {.state = NOTICE_TRYING, .tries = 1, .tries_here = 1, .due_ms = 5};

	(void)state; /* FAULTS D3, T1 */
	assert_int_equal(step(&n, NOTICE_EV_FOUND, 1, 1000), NOTICE_WAIT);
	assert_true(n.maybe);
	assert_int_equal(n.due_ms, 1000);
	n = (struct notice){.due_ms = 1000 + 400 * DAY_MS}; /* the clock was set back */
	assert_int_equal(step(&n, NOTICE_EV_FOUND, 1, 1000), NOTICE_NOTHING);
	assert_false(n.maybe);
	assert_int_equal(n.due_ms, 1000 + NOTICE_ROUND_MAX_MS);
}

static void other_routes_are_tried_at_once(void **state)
{
	struct notice n = {.due_ms = 0};

	(void)state;
	assert_int_equal(step(&n, NOTICE_EV_ROUTES, 1, 0), NOTICE_NOTHING); /* its news are still being gathered */
	step(&n, NOTICE_EV_DUE, 1, 0);
	assert_int_equal(step(&n, NOTICE_EV_ROUTES, 1, 0), NOTICE_NOTHING); /* under way */
	step(&n, NOTICE_EV_NEVER, 1, 0);
	assert_true(n.due_ms > 1000);
	assert_int_equal(step(&n, NOTICE_EV_ROUTES, 3, 1000), NOTICE_WAIT);
	assert_int_equal(n.due_ms, 1000);
	assert_int_equal(step(&n, NOTICE_EV_DUE, 0, 1000), NOTICE_WAIT); /* and gone again */
	assert_int_equal(n.rounds, 1);
}

static void reloads_do_not_wear_it_out(void **state)
{
	struct notice n = {.due_ms = 0};
	int64_t now_ms;

	(void)state; /* FAULTS O8 */
	for (now_ms = 0; now_ms < 10 * NOTICE_ROUNDS_MAX; now_ms++) {
		assert_int_equal(step(&n, NOTICE_EV_DUE, 1, now_ms), NOTICE_TRY);
		assert_int_equal(step(&n, NOTICE_EV_NEVER, 1, now_ms), NOTICE_WAIT);
		assert_int_equal(step(&n, NOTICE_EV_ROUTES, 1, now_ms), NOTICE_WAIT);
	}
	assert_int_equal(n.state, NOTICE_NEW);
}

/* --- gathering --- */

static void the_first_few_wait_for_their_company_alone(void **state)
{
	struct gather g = {0};
	int64_t now_ms = HOUR_MS * 100, due_ms;
	int i;

	(void)state;
	for (i = 0; i < GATHER_FIRST; i++) {
		due_ms = gather_due(&g, now_ms, 90000, HOUR_MS);
		assert_int_equal(due_ms, now_ms + 90000);
		gather_left(&g, due_ms, HOUR_MS);
		now_ms = due_ms + 1000;
	}
	due_ms = gather_due(&g, now_ms, 90000, HOUR_MS);
	assert_in_range(due_ms, now_ms + HOUR_MS / 2, now_ms + HOUR_MS);
	gather_left(&g, due_ms, HOUR_MS);
	assert_int_equal(gather_due(&g, due_ms, 90000, HOUR_MS), due_ms + HOUR_MS);
	now_ms = due_ms + (GATHER_FIRST + 1) * HOUR_MS; /* rest */
	assert_int_equal(gather_due(&g, now_ms, 90000, HOUR_MS), now_ms + 90000);
}

static void a_year_of_troubles_is_a_message_an_hour(void **state)
{
	enum { DAYS = 365 };
	struct gather g = {0};
	int64_t now_ms = 1;
	int n = 0;

	(void)state;
	while (now_ms < DAYS * DAY_MS) { /* news again as soon as a message left */
		now_ms = gather_due(&g, now_ms, 90000, HOUR_MS);
		gather_left(&g, now_ms, HOUR_MS);
		n++;
	}
	assert_in_range(n, DAYS * 24 - 1, DAYS * 24 + GATHER_FIRST + 1);
}

/* --- facts --- */

static struct fact fact(const char *kind, const char *subject, enum fact_state state, int64_t since_ms,
			int64_t until_ms)
{
	return (struct fact){.kind = kind,
			     .subject = subject,
			     .state = state,
			     .since_ms = since_ms,
			     .until_ms = until_ms,
			     .text = {[TEXT_EN] = "it is so", [TEXT_ES] = "así es: «\"\\\n\x01»"}};
}

static void add(struct facts *f, struct fact x)
{
	facts_add(f, &x);
}

static void of_one_trouble_the_newest_state_stands(void **state)
{
	struct facts *f = facts_new();

	(void)state;
	add(f, fact("source_deaf", "a", FACT_BEGINS, 1000, TIME_NONE));
	add(f, fact("source_deaf", "b", FACT_BEGINS, 2000, TIME_NONE));
	add(f, fact("source_deaf", "a", FACT_LASTS, 1500, TIME_NONE));
	add(f, fact("log_full", NULL, FACT_BEGINS, 3000, TIME_NONE));
	assert_int_equal(facts_len(f), 3);
	assert_int_equal(facts_at(f, 0)->state, FACT_BEGINS);
	assert_int_equal(facts_at(f, 0)->since_ms, 1000);
	add(f, fact("source_deaf", "a", FACT_OVER, 1500, 5000));
	add(f, fact("log_full", NULL, FACT_OVER, TIME_NONE, 5000));
	assert_int_equal(facts_len(f), 3);
	assert_int_equal(facts_at(f, 0)->state, FACT_OVER);
	assert_int_equal(facts_at(f, 0)->since_ms, 1000);
	assert_int_equal(facts_at(f, 0)->until_ms, 5000);
	add(f, fact("source_deaf", "a", FACT_BEGINS, 7000, TIME_NONE));
	assert_int_equal(facts_at(f, 0)->since_ms, 7000);
	add(f, fact("set_aside", "a", FACT_HAPPENED, 1, 1)); /* each time it happened */
	add(f, fact("set_aside", "a", FACT_HAPPENED, 2, 2));
	assert_int_equal(facts_len(f), 5);
	facts_free(f);
}

static void facts_come_back_from_the_log_as_they_were(void **state)
{
	struct facts *f = facts_new(), *back = NULL;
	struct buf b = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
	char long_text[2 * FACT_TEXT_MAX_BYTES];
	struct fact x;
	size_t i;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	x = fact("source_deaf", "first", FACT_OVER, 1000, 2000);
	x.why = "dns";
	x.text[TEXT_EN] = long_text;
	facts_add(f, &x);
	assert_int_equal(strlen(facts_at(f, 0)->text[TEXT_EN]), FACT_TEXT_MAX_BYTES);
	for (i = 1; i < FACTS_MAX + 7; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%zu", i);
		add(f, fact("source_deaf", name, FACT_BEGINS, TIME_NONE, TIME_NONE));
	}
	assert_int_equal(facts_len(f), FACTS_MAX);
	assert_int_equal(facts_more(f), 7);
	facts_json(f, &b);
	assert_int_equal(facts_parse(buf_str(&b), &back), 0);
	facts_json(back, &again);
	assert_string_equal(buf_str(&again), buf_str(&b));
	assert_int_equal(facts_more(back), 7);
	assert_string_equal(facts_at(back, 1)->text[TEXT_ES], "así es: «\"\\\n\x01»");
	facts_free(f);
	facts_free(back);
	buf_done(&b);
	buf_done(&again);
}

static void what_is_no_facts_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"[]",
		"{}",
		"{\"facts\":1}",
		"{\"more\":0,\"facts\":[{}]}",
		"{\"more\":0,\"facts\":[{\"kind\":\"x\",\"state\":\"begins\",\"en\":\"x\"}]}",
		"{\"more\":0,\"facts\":[{\"kind\":\"x\",\"state\":\"ends\",\"en\":\"x\",\"es\":\"x\"}]}",
		"{\"more\":0,\"facts\":[{\"state\":\"over\",\"en\":\"x\",\"es\":\"x\"}]}"};
	struct facts *f = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(facts_parse(wrong[i], &f), FACTS_E_FORMAT);
	assert_null(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_notice_ends_and_none_comes_twice_unmarked),
		cmocka_unit_test(a_channel_that_is_down_is_passed_over),
		cmocka_unit_test(what_nobody_takes_is_given_up_after_some_days),
		cmocka_unit_test(found_on_its_way_means_nobody_knows),
		cmocka_unit_test(other_routes_are_tried_at_once),
		cmocka_unit_test(reloads_do_not_wear_it_out),
		cmocka_unit_test(the_first_few_wait_for_their_company_alone),
		cmocka_unit_test(a_year_of_troubles_is_a_message_an_hour),
		cmocka_unit_test(of_one_trouble_the_newest_state_stands),
		cmocka_unit_test(facts_come_back_from_the_log_as_they_were),
		cmocka_unit_test(what_is_no_facts_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
