/* When a source is polled: the pace of one, and the order of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "source/pace.h"
#include "source/schedule.h"

static const struct {
	int64_t every;
	enum poll_end end;
	uint32_t failures;
	int64_t retry_after, least, most;
} paces[] = {
	{5 * MINUTE_MS, POLL_END_OK, 0, 0, 270000, 330000},
	{5 * MINUTE_MS, POLL_END_FAILED, 1, 0, 270000, 330000},
	{5 * MINUTE_MS, POLL_END_FAILED, 3, 0, 4 * 270000, 4 * 330000},
	{5 * MINUTE_MS, POLL_END_FAILED, 4000000000u, 0, DAY_MS * 9 / 10, DAY_MS * 11 / 10}, /* never gives up */
	{7 * DAY_MS, POLL_END_FAILED, 9, 0, 7 * DAY_MS * 9 / 10, 7 * DAY_MS * 11 / 10},
	/* FAULTS F11: between its pace and a day, and never sooner than asked */
	{5 * MINUTE_MS, POLL_END_LIMITED, 0, 2 * MINUTE_MS, 270000, 330000},
	{5 * MINUTE_MS, POLL_END_LIMITED, 0, 20 * MINUTE_MS, 20 * MINUTE_MS, 22 * MINUTE_MS},
	{5 * MINUTE_MS, POLL_END_LIMITED, 0, 90 * DAY_MS, DAY_MS, DAY_MS * 11 / 10},
	{5 * MINUTE_MS, POLL_END_LIMITED, 0, -5, 270000, 330000},
	{5 * MINUTE_MS, POLL_END_LIMITED, 1, 0, 2 * 270000, 2 * 330000}, /* it did not say for how long */
	{5 * MINUTE_MS, POLL_END_LIMITED, 3, 0, 8 * 270000, 8 * 330000},
	{5 * MINUTE_MS, POLL_END_LIMITED, 4000000000u, 0, DAY_MS * 9 / 10, DAY_MS * 11 / 10},
	{5 * MINUTE_MS, POLL_END_LIMITED, 9, 6 * MINUTE_MS, 6 * MINUTE_MS, 6 * MINUTE_MS * 11 / 10}, /* it did */
};

static void pace_backs_off_obeys_and_never_gives_up(void **state)
{
	uint32_t random;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(paces); i++) {
		for (random = 0; random < 5000; random += 37)
			assert_in_range(pace_wait_ms(&(struct pace_ask){.every_ms = paces[i].every,
									.slowest_ms = paces[i].every,
									.end = paces[i].end,
									.failures = paces[i].failures,
									.retry_after_ms = paces[i].retry_after,
									.random = random}),
					paces[i].least, paces[i].most);
	}
}

/* FAULTS F3: what somebody has to mend is never tried again at the usual pace. */
static void a_failure_that_lasts_is_not_retried_soon(void **state)
{
	struct pace_ask ask = {.every_ms = 5 * MINUTE_MS,
			       .slowest_ms = 5 * MINUTE_MS,
			       .end = POLL_END_FAILED,
			       .failures = 1,
			       .lasting = true};

	(void)state;
	assert_in_range(pace_wait_ms(&ask), HOUR_MS * 9 / 10, HOUR_MS * 11 / 10);
	ask.failures = 6;
	assert_in_range(pace_wait_ms(&ask), 160 * MINUTE_MS * 9 / 10, 160 * MINUTE_MS * 11 / 10);
	ask.failures = 40;
	assert_in_range(pace_wait_ms(&ask), DAY_MS * 9 / 10, DAY_MS * 11 / 10);
}

static const struct {
	struct pace_ask ask; /* of a source of 5m, at most 1h */
	int64_t least, most; /* minutes, before the tenth */
} wishes[] = {
	{{.fresh_ms = 20 * MINUTE_MS}, 20, 20},
	{{.fresh_ms = MINUTE_MS}, 5, 5},
	{{.fresh_ms = DAY_MS}, 60, 60},
	{{.wish.ttl_s = 1800}, 30, 30},
	{{.wish.ttl_s = UINT32_MAX}, 60, 60},
	{{.wish.ttl_s = 1800, .fresh_ms = 10 * MINUTE_MS}, 30, 30},
	{{.quiet_ms = 60 * MINUTE_MS}, 5, 5},
	{{.quiet_ms = 16 * 20 * MINUTE_MS}, 20, 20},
	{{.quiet_ms = 900 * DAY_MS}, 60, 60},
	{{.end = POLL_END_FAILED, .failures = 1, .fresh_ms = DAY_MS, .quiet_ms = DAY_MS},
	 5,
	 5}, /* an outage is nobody's rhythm */
	{{.wish.skip_hours = 1 << 10}, 5, 5},
	{{.wish.skip_hours = 1 << 9}, 30, 31}, /* it is 9:30 on a Thursday */
	{{.wish.skip_hours = 1 << 9 | 1 << 10}, 60, 60},
	{{.wish.skip_hours = 0xFFFFFF}, 60, 60},
	{{.wish.skip_days = 1 << 4}, 60, 60},
	{{.wish.skip_days = 1 << 3 | 1 << 5}, 5, 5},
};

/* FAULTS F11 */
static void a_feed_that_wants_it_or_is_quiet_is_asked_less_often(void **state)
{
	uint32_t random;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wishes); i++) {
		for (random = 0; random < 60000; random += 137) {
			struct pace_ask ask = wishes[i].ask;
			int64_t wait;

			ask.every_ms = 5 * MINUTE_MS;
			ask.slowest_ms = HOUR_MS;
			ask.now_ms = INT64_C(1709199000000);
			ask.random = random;
			wait = pace_wait_ms(&ask);
			if (wait < wishes[i].least * MINUTE_MS * 9 / 10 || wait > wishes[i].most * MINUTE_MS * 11 / 10)
				fail_msg("row %zu: %d s", i, (int)(wait / SECOND_MS));
		}
	}
	assert_int_equal(pace_slowest_ms(5 * MINUTE_MS), 20 * MINUTE_MS);
	assert_int_equal(pace_slowest_ms(30 * MINUTE_MS), HOUR_MS);
	assert_int_equal(pace_slowest_ms(DAY_MS), DAY_MS);
}

/* FAULTS T1 */
static void a_clock_that_jumps_neither_storms_nor_freezes(void **state)
{
	const int64_t now = 1709208000000, every = 10 * MINUTE_MS, before = now - 5 * MINUTE_MS;

	(void)state;
	assert_int_equal(pace_resume_ms(TIME_NONE, TIME_NONE, 0, now, every, every), now);
	assert_int_equal(pace_resume_ms(before, now - DAY_MS, 0, now, every, every), now);
	assert_int_equal(pace_resume_ms(before, now + MINUTE_MS, 0, now, every, every), now + MINUTE_MS);
	assert_int_equal(pace_resume_ms(before, now + 20 * HOUR_MS, 1, now, every, every),
			 now + 20 * HOUR_MS); /* FAULTS F11: it asked for it */
	assert_int_equal(pace_resume_ms(before, now + 20 * HOUR_MS, 0, now, every, every),
			 before + every); /* every was longer then */
	assert_int_equal(pace_resume_ms(before, now + 900 * DAY_MS, 1, now, every, every), before + every);
	assert_int_equal(pace_resume_ms(now + DAY_MS, now + 2 * DAY_MS, 1, now, every, every),
			 now + every); /* the clock was set back */
	assert_int_equal(pace_resume_ms(TIME_NONE, now + 2 * DAY_MS, 0, now, every, every), now + every);
}

enum { ITEMS = 1000 };

static void sources_are_started_in_the_order_of_their_time(void **state)
{
	cleanup(schedule_freep) struct schedule *s = schedule_new(ITEMS);
	static struct schedule_item items[ITEMS];
	struct schedule_item *item;
	int64_t last = 0;
	uint32_t random = 1;
	size_t i, started = 0;

	(void)state;
	for (i = 0; i < ITEMS; i++) {
		random = random * 1664525 + 1013904223;
		schedule_add(s, &items[i], random % 5000);
	}
	for (i = 0; i < ITEMS; i += 3)
		schedule_remove(s, &items[i]);
	assert_null(schedule_start(s, -1));
	while ((item = schedule_start(s, 5000))) {
		assert_true(item->due_ms >= last);
		assert_int_not_equal((item - items) % 3, 0);
		last = item->due_ms;
		started++;
	}
	assert_int_equal(started, ITEMS - (ITEMS + 2) / 3);
	assert_int_equal(schedule_waiting(s), 0);
}

static void no_more_run_than_allowed(void **state)
{
	cleanup(schedule_freep) struct schedule *s = schedule_new(2);
	struct schedule_item items[3], *first;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		schedule_add(s, &items[i], (int64_t)i);
	first = schedule_start(s, 10);
	assert_ptr_equal(first, &items[0]);
	assert_non_null(schedule_start(s, 10));
	assert_null(schedule_start(s, 10));
	assert_int_equal(schedule_wake_ms(s), INT64_MAX); /* no busy waiting while all slots are taken */
	schedule_done(s, first, 10, 100);
	assert_int_equal(schedule_wake_ms(s), 2);
	assert_ptr_equal(schedule_start(s, 10), &items[2]);
	schedule_remove(s, &items[2]);
	assert_int_equal(schedule_running(s), 1);
}

static void asking_for_a_poll_brings_it_forward_and_never_doubles_it(void **state)
{
	cleanup(schedule_freep) struct schedule *s = schedule_new(2);
	struct schedule_item item;

	(void)state;
	schedule_add(s, &item, 1000);
	schedule_at_once(s, &item, 5);
	schedule_at_once(s, &item, 6);
	assert_ptr_equal(schedule_start(s, 6), &item);
	assert_true(item.at_once);
	assert_null(schedule_start(s, 6));
	schedule_at_once(s, &item, 7); /* while it runs: once more after it */
	schedule_done(s, &item, 8, 1000);
	assert_ptr_equal(schedule_start(s, 8), &item);
	schedule_done(s, &item, 9, 1000);
	assert_null(schedule_start(s, 999));
	assert_false(item.at_once);
}

static int64_t five_minutes(const struct schedule_item *item)
{
	(void)item;
	return 5 * MINUTE_MS;
}

/* FAULTS T2: what a sleep of a night has made due is spread, each once, and what was asked for isn't put off. */
static void a_herd_is_spread(void **state)
{
	cleanup(schedule_freep) struct schedule *s = schedule_new(10);
	static struct schedule_item items[ITEMS];
	struct schedule_item *item;
	size_t i, in_minute[5] = {0};
	int64_t now = 8 * HOUR_MS, last = 0;

	(void)state;
	for (i = 0; i < 10; i++)
		schedule_add(s, &items[i], (int64_t)i);
	schedule_spread(s, now, 10, five_minutes, 7);
	assert_int_equal(schedule_wake_ms(s), 0); /* few are no herd */
	for (; i < ITEMS; i++)
		schedule_add(s, &items[i], (int64_t)(i % 300) * SECOND_MS);
	schedule_remove(s, &items[ITEMS - 1]);
	schedule_add(s, &items[ITEMS - 1], now + DAY_MS);
	schedule_at_once(s, &items[500], now);
	schedule_spread(s, now, 10, five_minutes, 7);
	assert_ptr_equal(schedule_start(s, now), &items[500]);
	schedule_done(s, &items[500], now, INT64_MAX);
	for (i = 0; (item = schedule_start(s, now + 5 * MINUTE_MS)); i++) {
		assert_true(item->due_ms >= last);
		last = item->due_ms;
		in_minute[(item->due_ms - now) / MINUTE_MS]++;
		schedule_done(s, item, now, INT64_MAX);
	}
	assert_int_equal(i, ITEMS - 2);
	for (i = 0; i < 5; i++)
		assert_in_range(in_minute[i], ITEMS / 5 - 60, ITEMS / 5 + 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pace_backs_off_obeys_and_never_gives_up),
		cmocka_unit_test(a_failure_that_lasts_is_not_retried_soon),
		cmocka_unit_test(a_feed_that_wants_it_or_is_quiet_is_asked_less_often),
		cmocka_unit_test(a_herd_is_spread),
		cmocka_unit_test(a_clock_that_jumps_neither_storms_nor_freezes),
		cmocka_unit_test(sources_are_started_in_the_order_of_their_time),
		cmocka_unit_test(no_more_run_than_allowed),
		cmocka_unit_test(asking_for_a_poll_brings_it_forward_and_never_doubles_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
