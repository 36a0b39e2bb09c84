/* Hours by the clock on a wall: as they are written, over midnight, on days when the clock is set. FAULTS T1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "alert/hours.h"
#include "base/clock.h"

static struct zone *zone(const char *name)
{
	struct zone *z;

	assert_int_equal(zone_load(name, &z), 0);
	return z;
}

static int64_t utc(int year, int month, int day, int hour, int minute)
{
	return clock_days_from_civil(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS;
}

static void hours_as_written(void **state)
{
	static const struct {
		const char *text;
		int r, from, to;
	} cases[] = {
		{"07:00-15:00", 0, 420, 900},         {"7:00-15:30", 0, 420, 930},
		{"22:00-07:00", 0, 1320, 420},        {"00:00-24:00", 0, 0, 1440},
		{"15:00-00:00", 0, 900, 1440},        {"", HOURS_E_SYNTAX, 7, 7},
		{"07:00", HOURS_E_SYNTAX, 7, 7},      {"7-15", HOURS_E_SYNTAX, 7, 7},
		{"07:0-15:00", HOURS_E_SYNTAX, 7, 7}, {"07:00-15:00h", HOURS_E_SYNTAX, 7, 7},
		{"25:00-26:00", HOURS_E_RANGE, 7, 7}, {"07:60-08:00", HOURS_E_RANGE, 7, 7},
		{"24:30-08:00", HOURS_E_RANGE, 7, 7}, {"07:00-07:00", HOURS_E_EMPTY, 7, 7},
		{"24:00-08:00", HOURS_E_EMPTY, 7, 7},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct hours h = {.from_min = 7, .to_min = 7};

		assert_int_equal(hours_parse(cases[i].text, &h), cases[i].r);
		assert_int_equal(h.from_min, cases[i].from);
		assert_int_equal(h.to_min, cases[i].to);
	}
}

static void days_as_written(void **state)
{
	static const struct {
		const char *text;
		int r, days;
	} cases[] = {
		{"mon-fri", 0, 0x3E},          {"sat-sun", 0, 0x41},
		{"fri-mon", 0, 0x63},          {"wed", 0, 0x08},
		{"mon,wed, fri", 0, 0x2A},     {"sun-sat", 0, 0x7F},
		{"", HOURS_E_SYNTAX, 9},       {"lun", HOURS_E_SYNTAX, 9},
		{"mon-", HOURS_E_SYNTAX, 9},   {"mon,", HOURS_E_SYNTAX, 9},
		{"monday", HOURS_E_SYNTAX, 9},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t days = 9;

		assert_int_equal(hours_days(cases[i].text, &days), cases[i].r);
		assert_int_equal(days, cases[i].days);
	}
}

static void dates_as_written(void **state)
{
	int64_t day = -7;

	(void)state;
	assert_int_equal(hours_date("2026-12-20", &day), 0);
	assert_int_equal(day, clock_days_from_civil(2026, 12, 20));
	assert_int_equal(hours_date("2028-02-29", &day), 0);
	day = -7;
	assert_int_equal(hours_date("2026-02-29", &day), HOURS_E_RANGE);
	assert_int_equal(hours_date("2026-13-01", &day), HOURS_E_RANGE);
	assert_int_equal(hours_date("20-12-2026", &day), HOURS_E_SYNTAX);
	assert_int_equal(hours_date("2026-12-20T10:00", &day), HOURS_E_SYNTAX);
	assert_int_equal(day, -7);
}

/* Friday's night goes on into Saturday, and Saturday has none of its own. */
static void over_midnight(void **state)
{
	struct hours h = {.days = 0x3E, .from_min = 22 * 60, .to_min = 7 * 60};
	struct zone_time t;
	int64_t day;

	(void)state;
	zone_local(NULL, utc(2026, 11, 21, 6, 59), &t); /* a Saturday */
	assert_true(hours_hold(&h, &t, &day));
	assert_int_equal(day, clock_days_from_civil(2026, 11, 20));
	zone_local(NULL, utc(2026, 11, 21, 7, 0), &t);
	assert_false(hours_hold(&h, &t, NULL));
	zone_local(NULL, utc(2026, 11, 21, 23, 0), &t);
	assert_false(hours_hold(&h, &t, NULL));
	zone_local(NULL, utc(2026, 11, 23, 6, 0), &t); /* Monday morning: Sunday's night */
	assert_false(hours_hold(&h, &t, NULL));
	zone_local(NULL, utc(2026, 11, 23, 22, 0), &t);
	assert_true(hours_hold(&h, &t, &day));
	assert_int_equal(day, clock_days_from_civil(2026, 11, 23));
}

/* How many minutes of a span they hold. */
static int minutes_held(const struct zone *z, const struct hours *h, int64_t from_ms, int64_t to_ms)
{
	struct zone_time t;
	int n = 0;

	for (; from_ms < to_ms; from_ms += MINUTE_MS) {
		zone_local(z, from_ms, &t);
		n += hours_hold(h, &t, NULL);
	}
	return n;
}

static void when_the_clock_is_set(void **state)
{
	static const struct {
		const char *zone, *hours;
		int month, day, held; /* in the 48 h from that day's 00:00 UTC, in 2026 */
	} cases[] = {
		{"Europe/Madrid", "02:00-03:00", 3, 28, 60},        /* 29 March: no 2 o'clock; the 28th's alone */
		{"Europe/Madrid", "02:30-04:00", 3, 28, 90 + 60},   /* begins at 3:00 */
		{"Europe/Madrid", "02:00-03:00", 10, 24, 60 + 120}, /* 25 October: twice */
		{"Europe/Madrid", "02:30-04:00", 10, 24, 90 + 120}, /* 2:30-3:00, 2:30-4:00 */
		{"America/New_York", "22:00-07:00", 3, 7, 9 * 60 + 8 * 60}, /* a short night behind a plain one */
		{"America/Santiago", "22:00-07:00", 9, 5, 9 * 60 + 8 * 60}, /* 6 September: 24:00 becomes 1:00 */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(zone_freep) struct zone *z = zone(cases[i].zone);
		struct hours h = {.days = HOURS_EVERY_DAY};
		int64_t from = utc(2026, cases[i].month, cases[i].day, 0, 0);

		assert_int_equal(hours_parse(cases[i].hours, &h), 0);
		assert_int_equal(minutes_held(z, &h, from, from + 2 * DAY_MS), cases[i].held);
	}
}

/* Whoever wakes at hours_next() of both ends misses no change, through a whole year. */
static void no_change_is_missed(void **state)
{
	static const char *const names[] = {"America/Santiago", "Europe/Madrid", "America/New_York",
					    "Australia/Lord_Howe", "Africa/Casablanca"};
	static const char *const texts[] = {"22:00-07:00", "02:15-02:45", "00:00-24:00", "23:30-00:30"};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++)
		for (k = 0; k < ARRAY_LEN(texts); k++) {
			cleanup(zone_freep) struct zone *z = zone(names[i]);
			struct hours h = {.days = 0x6B};
			int64_t at = utc(2026, 1, 1, 0, 0), end = at + 366 * DAY_MS, a, b, next;
			struct zone_time t;
			bool held;

			assert_int_equal(hours_parse(texts[k], &h), 0);
			while (at < end) {
				zone_local(z, at, &t);
				held = hours_hold(&h, &t, NULL);
				a = hours_next(z, at, h.from_min);
				b = hours_next(z, at, h.to_min);
				next = a < b ? a : b;
				assert_true(next > at && next <= at + DAY_MS);
				for (a = at; a < next; a += MINUTE_MS) {
					zone_local(z, a, &t);
					assert_int_equal(hours_hold(&h, &t, NULL), held);
				}
				at = next;
			}
		}
}

static void days_begin(void **state)
{
	cleanup(zone_freep) struct zone *santiago = zone("America/Santiago"), *apia = zone("Pacific/Apia");

	(void)state;
	assert_int_equal(hours_day_begins(NULL, clock_days_from_civil(2026, 1, 1)), utc(2026, 1, 1, 0, 0));
	assert_int_equal(hours_day_begins(santiago, clock_days_from_civil(2026, 7, 1)), utc(2026, 7, 1, 4, 0));
	/* its first hour is left out: the day begins with 1:00 */
	assert_int_equal(hours_day_begins(santiago, clock_days_from_civil(2026, 9, 6)), utc(2026, 9, 6, 4, 0));
	/* a day that never was: 30 December 2011 */
	assert_int_equal(hours_day_begins(apia, clock_days_from_civil(2011, 12, 30)), utc(2011, 12, 30, 10, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_as_written),
		cmocka_unit_test(days_as_written),
		cmocka_unit_test(dates_as_written),
		cmocka_unit_test(over_midnight),
		cmocka_unit_test(when_the_clock_is_set),
		cmocka_unit_test(no_change_is_missed),
		cmocka_unit_test(days_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
