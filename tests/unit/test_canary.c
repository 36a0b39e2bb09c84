/* alert/canary: it goes stage by stage, speaks when it gets stuck, once a day while it lasts, and when that is over. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "alert/canary.h"

#define WALL INT64_C(1790000000000)

static struct canary_action act(struct canary *c, enum canary_event_kind kind, enum canary_stage stage, int64_t at_ms)
{
	const struct canary_event e = {.kind = kind, .stage = stage};
	struct canary_action a;

	canary_step(c, &e, at_ms, WALL + at_ms, &a);
	return a;
}

/* Up to that stage, which is begun. */
static void go_to(struct canary *c, enum canary_stage stage, int64_t at_ms)
{
	int i;

	assert_true(act(c, CANARY_EV_BEGIN, CANARY_READER, at_ms).go);
	for (i = 0; i < (int)stage; i++)
		assert_true(act(c, CANARY_EV_PASSED, (enum canary_stage)i, at_ms).go);
	assert_int_equal(c->stage, stage);
}

static void it_says_nothing_when_all_is_well(void **state)
{
	struct canary c;
	struct canary_action a;

	(void)state;
	canary_init(&c);
	go_to(&c, CANARY_CHANNEL, 0);
	a = act(&c, CANARY_EV_PASSED, CANARY_CHANNEL, 5);
	assert_true(a.ended);
	assert_int_equal(a.say, CANARY_SAY_NOTHING);
	assert_false(c.running);
	assert_int_equal(c.last_ms, WALL);
}

static void each_stage_has_an_end(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < CANARY_STAGES; i++) {
		enum canary_stage stage = (enum canary_stage)i;
		int64_t patience_ms = canary_patience_ms(stage);
		struct canary_action a;
		struct canary c;

		assert_true(patience_ms > 0);
		canary_init(&c);
		go_to(&c, stage, 0);
		assert_false(act(&c, CANARY_EV_DUE, stage, patience_ms - 1).ended);
		a = act(&c, CANARY_EV_DUE, stage, patience_ms);
		assert_true(a.ended && a.late);
		assert_int_equal(a.say, CANARY_SAY_BEGINS);
		assert_int_equal(c.failed, stage);
		assert_int_equal(c.since_ms, WALL + patience_ms);
	}
}

static void who_asks_may_be_less_patient(void **state)
{
	const struct canary_event begin = {.kind = CANARY_EV_BEGIN, .patience_ms = 1000};
	struct canary_action a;
	struct canary c;

	(void)state;
	canary_init(&c);
	canary_step(&c, &begin, 0, WALL, &a);
	assert_false(act(&c, CANARY_EV_DUE, CANARY_READER, 999).ended);
	assert_true(act(&c, CANARY_EV_DUE, CANARY_READER, 1000).ended);
}

static void it_is_told_once_a_day_and_when_it_is_over(void **state)
{
	struct canary_action a;
	struct canary c;
	int64_t at_ms;

	(void)state;
	canary_init(&c);
	go_to(&c, CANARY_QUEUE, 0);
	assert_int_equal(act(&c, CANARY_EV_FAILED, CANARY_QUEUE, 0).say, CANARY_SAY_BEGINS);
	for (at_ms = HOUR_MS; at_ms < DAY_MS; at_ms += HOUR_MS) {
		go_to(&c, CANARY_QUEUE, at_ms);
		assert_int_equal(act(&c, CANARY_EV_FAILED, CANARY_QUEUE, at_ms).say, CANARY_SAY_NOTHING);
	}
	go_to(&c, CANARY_QUEUE, DAY_MS);
	a = act(&c, CANARY_EV_FAILED, CANARY_QUEUE, DAY_MS);
	assert_int_equal(a.say, CANARY_SAY_LASTS);
	assert_int_equal(a.since_ms, WALL);
	go_to(&c, CANARY_CHANNEL, DAY_MS + 1); /* another stage is news */
	assert_int_equal(act(&c, CANARY_EV_FAILED, CANARY_CHANNEL, DAY_MS + 1).say, CANARY_SAY_BEGINS);
	go_to(&c, CANARY_CHANNEL, DAY_MS + 2);
	a = act(&c, CANARY_EV_PASSED, CANARY_CHANNEL, DAY_MS + 2);
	assert_int_equal(a.say, CANARY_SAY_OVER);
	assert_int_equal(a.since_ms, WALL);
	assert_int_equal(c.since_ms, TIME_NONE);
}

static void what_comes_late_does_nothing(void **state)
{
	struct canary c;

	(void)state;
	canary_init(&c);
	assert_false(act(&c, CANARY_EV_PASSED, CANARY_READER, 0).go);
	go_to(&c, CANARY_LOG, 0);
	assert_false(act(&c, CANARY_EV_PASSED, CANARY_READER, 0).go);
	assert_false(act(&c, CANARY_EV_FAILED, CANARY_CHANNEL, 0).ended);
	assert_false(act(&c, CANARY_EV_BEGIN, CANARY_READER, 0).go);
	assert_int_equal(c.stage, CANARY_LOG);
}

static void it_sets_out_daily_and_hourly_while_it_gets_stuck(void **state)
{
	const struct canary_config config = {.enabled = true, .at_min = 7 * 60 + 30};
	const int64_t midnight_ms = WALL / DAY_MS * DAY_MS, at_ms = midnight_ms + 450 * MINUTE_MS;
	struct canary c;

	(void)state;
	canary_init(&c);
	assert_int_equal(canary_next(&c, &config, NULL, midnight_ms), midnight_ms + CANARY_FIRST_MS);
	c.last_ms = at_ms;
	assert_int_equal(canary_next(&c, &config, NULL, midnight_ms), at_ms + DAY_MS);
	c.last_ms = at_ms - DAY_MS - HOUR_MS; /* nobody was there when it was due: soon after the start */
	assert_int_equal(canary_next(&c, &config, NULL, at_ms), at_ms + CANARY_FIRST_MS);
	c.last_ms = at_ms;
	c.since_ms = at_ms;
	assert_int_equal(canary_next(&c, &config, NULL, midnight_ms), at_ms + CANARY_AGAIN_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_nothing_when_all_is_well),
		cmocka_unit_test(each_stage_has_an_end),
		cmocka_unit_test(who_asks_may_be_less_patient),
		cmocka_unit_test(it_is_told_once_a_day_and_when_it_is_over),
		cmocka_unit_test(what_comes_late_does_nothing),
		cmocka_unit_test(it_sets_out_daily_and_hourly_while_it_gets_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
