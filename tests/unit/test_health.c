/* Whether a source is heard: what is told of a story of polls, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "source/health.h"

static struct story {
	struct health health;
	int64_t now_ms, ok_ms, new_ms, since_ms;
	uint32_t failures;
	unsigned said[HEALTH_SAY_HEARD + 1];
} story;

static int begin(void **state)
{
	(void)state;
	story = (struct story){.now_ms = INT64_C(1790000000000), .ok_ms = TIME_NONE, .new_ms = TIME_NONE};
	return 0;
}

static enum health_say step(struct health_poll p)
{
	enum health_say say;

	p.now_ms = story.now_ms;
	p.every_ms = 15 * MINUTE_MS;
	story.failures = p.end == POLL_END_OK ? 0 : story.failures + 1;
	p.failures = story.failures;
	if (p.end == POLL_END_OK)
		story.ok_ms = p.now_ms;
	if (p.gap_ms) {
		p.gap_ms = story.new_ms == TIME_NONE ? 0 : p.now_ms - story.new_ms;
		story.new_ms = p.now_ms;
	}
	p.ok_ms = story.ok_ms;
	p.new_ms = story.new_ms;
	say = health_step(&story.health, &p, &story.since_ms);
	story.said[say]++;
	return say;
}

static enum health_say after(int64_t ms, struct health_poll p)
{
	story.now_ms += ms;
	return step(p);
}

static const struct health_poll fresh = {.read = true, .items = 20, .gap_ms = 1}, same = {.items = 0},
				failed = {.end = POLL_END_FAILED}, no_feed = {.end = POLL_END_FAILED, .answered = true},
				empty = {.read = true}, gone = {.end = POLL_END_GONE};

static void what_cannot_be_reached_is_told_once_then_daily_then_cleared(void **state)
{
	int64_t heard;

	(void)state;
	assert_int_equal(step(fresh), HEALTH_SAY_NOTHING);
	heard = story.now_ms;
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, same), HEALTH_SAY_NOTHING); /* an accident */
	heard = story.now_ms;
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_DEAF);
	assert_int_equal(story.since_ms, heard);
	assert_string_equal(health_name(story.health.kind), "unreachable");
	for (int i = 0; i < 3 * 24; i++)
		(void)after(HOUR_MS, failed);
	assert_int_equal(story.said[HEALTH_SAY_STILL], 3);
	assert_int_equal(after(HOUR_MS, no_feed), HEALTH_SAY_NOTHING); /* one deafness, another kind */
	assert_string_equal(health_name(story.health.kind), "changed");
	assert_int_equal(after(HOUR_MS, fresh), HEALTH_SAY_HEARD);
	assert_int_equal(story.since_ms, heard);
	assert_int_equal(after(HOUR_MS, same), HEALTH_SAY_NOTHING);
	assert_int_equal(story.said[HEALTH_SAY_DEAF], 1);
	assert_int_equal(story.said[HEALTH_SAY_HEARD], 1);
}

static void what_is_gone_is_told_at_once(void **state)
{
	(void)state;
	assert_int_equal(step(fresh), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, gone), HEALTH_SAY_DEAF);
}

static void a_source_never_heard_is_deaf_since_it_was_asked(void **state)
{
	int64_t first = story.now_ms;

	(void)state;
	assert_int_equal(step(failed), HEALTH_SAY_NOTHING);
	(void)after(HOUR_MS, failed);
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_DEAF);
	assert_int_equal(story.since_ms, first);
}

static void an_empty_feed_has_changed_when_it_stays_so(void **state)
{
	(void)state;
	(void)step(fresh);
	assert_int_equal(after(15 * MINUTE_MS, empty), HEALTH_SAY_NOTHING);
	assert_int_equal(after(15 * MINUTE_MS, same), HEALTH_SAY_NOTHING);
	assert_int_equal(after(15 * MINUTE_MS, same), HEALTH_SAY_DEAF); /* the same: still empty */
	assert_string_equal(health_name(story.health.kind), "changed");
	assert_int_equal(after(15 * MINUTE_MS, fresh), HEALTH_SAY_HEARD);

	(void)begin(state);
	for (int i = 0; i < 100; i++) /* one that never had much */
		assert_int_equal(after(15 * MINUTE_MS, empty), HEALTH_SAY_NOTHING);
}

/* News at eight to twenty, from Monday to Friday. */
static bool publishes(int64_t now_ms)
{
	int64_t day = now_ms / DAY_MS, hour = now_ms / HOUR_MS % 24;

	return (day + 3) % 7 < 5 && hour >= 8 && hour < 20;
}

static void nights_and_weekends_are_a_rhythm_and_a_week_is_not(void **state)
{
	int hours;

	(void)state;
	for (int i = 0; i < 8 * 7 * 24; i++)
		assert_int_equal(after(HOUR_MS, publishes(story.now_ms + HOUR_MS) ? fresh : same), HEALTH_SAY_NOTHING);
	while (!publishes(story.now_ms))
		(void)after(HOUR_MS, publishes(story.now_ms + HOUR_MS) ? fresh : same);
	for (hours = 0; after(HOUR_MS, same) == HEALTH_SAY_NOTHING; hours++)
		assert_true(hours < 7 * 24);
	assert_string_equal(health_name(story.health.kind), "silent");
	assert_true(hours > 64);
	assert_int_equal(story.since_ms, story.new_ms);
	for (int i = 0; i < 48; i++)
		(void)after(HOUR_MS, same);
	assert_int_equal(story.said[HEALTH_SAY_STILL], 2);
	assert_int_equal(after(HOUR_MS, fresh), HEALTH_SAY_HEARD);
}

static void a_busy_feed_that_falls_silent_is_told_within_a_day(void **state)
{
	int hours;

	(void)state;
	for (int i = 0; i < 9 * 24; i++)
		(void)after(HOUR_MS, fresh);
	for (hours = 0; after(HOUR_MS, same) == HEALTH_SAY_NOTHING; hours++)
		assert_true(hours < 24);
	assert_true(hours >= 11);
}

static void a_clock_set_back_repeats_nothing_for_years(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		(void)after(HOUR_MS, failed);
	assert_int_equal(after(-900 * DAY_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(DAY_MS, failed), HEALTH_SAY_STILL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
		TEST(what_cannot_be_reached_is_told_once_then_daily_then_cleared),
		TEST(what_is_gone_is_told_at_once),
		TEST(a_source_never_heard_is_deaf_since_it_was_asked),
		TEST(an_empty_feed_has_changed_when_it_stays_so),
		TEST(nights_and_weekends_are_a_rhythm_and_a_week_is_not),
		TEST(a_busy_feed_that_falls_silent_is_told_within_a_day),
		TEST(a_clock_set_back_repeats_nothing_for_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
