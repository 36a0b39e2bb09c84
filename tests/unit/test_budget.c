/* What a source may spend: a month of polls, played against a platform that counts by itself. Pure steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/zone.h"
#include "platform/budget.h"

#define NOW INT64_C(1795341600000) /* 2026-11-22T10:00:00Z */

static uint32_t next_random(uint32_t *seed)
{
	return *seed = *seed * 1664525u + 1013904223u;
}

static const struct {
	struct budget b;
	int64_t every_ms, pages, lookups;
} months[] = {
	{{.calls_day = 100}, 5 * MINUTE_MS, 2, 0},
	{{.calls_day = 100}, MINUTE_MS, 5, 4},
	{{.calls_day = 1}, HOUR_MS, 1, 1},
	{{.calls_day = 7, .calls_month = 100}, MINUTE_MS, 10, 3},
	{{.micros_month = 20000000, .item_micros = 5000, .page_items = 100}, 5 * MINUTE_MS, 5, 16},
	{{.micros_day = 1000000,
	  .micros_month = 20000000,
	  .item_micros = 5000,
	  .page_items = 100,
	  .request_micros = 1000},
	 MINUTE_MS,
	 3,
	 16},
	{{.calls_month = 5}, HOUR_MS, 1, 0},
	{{.calls_day = 200}, 53 * MINUTE_MS, 20, 4}, /* long polls: one of them is often over midnight */
};

/* The platform's own count: of each request when it comes, in the day and month that it is then. */
struct town {
	const struct budget *b;
	uint32_t seed;
	int64_t now;
	int day;
	int64_t calls, micros, calls_day, micros_day, last_ms;
};

static int day_at(const struct town *t, int64_t ms)
{
	struct zone_time local;

	zone_local(t->b->zone, ms, &local);
	return local.day;
}

static uint32_t one_in(struct town *t, uint32_t n)
{
	return (next_random(&t->seed) >> 8) % n == 0;
}

/* One request, which takes a while. Returns how many items it is answered with. */
static int64_t ask_town(struct town *t)
{
	const int64_t items = t->b->page_items ? (next_random(&t->seed) >> 8) % (uint32_t)(t->b->page_items + 1) : 0;
	const int64_t micros = t->b->request_micros + items * t->b->item_micros;

	if (day_at(t, t->now) != t->day) {
		t->day = day_at(t, t->now);
		t->calls_day = t->micros_day = 0;
	}
	t->calls++;
	t->calls_day++;
	t->micros += micros;
	t->micros_day += micros;
	t->last_ms = t->now;
	assert_true(!t->b->calls_day || t->calls_day <= t->b->calls_day);
	assert_true(!t->b->calls_month || t->calls <= t->b->calls_month);
	assert_true(!t->b->micros_day || t->micros_day <= t->b->micros_day);
	assert_true(!t->b->micros_month || t->micros <= t->b->micros_month);
	t->now += (next_random(&t->seed) >> 8) % 60000;
	return items;
}

/* So many requests, of which some are killed in the middle: then all that was set aside stays spent. */
static bool ask_for(struct town *t, struct budget_spent *spent, int64_t pages)
{
	const int day = day_at(t, t->now);
	int64_t asked, items = 0;

	budget_reserve(t->b, spent, pages);
	for (asked = 0; asked < pages && !(asked && one_in(t, 4)); asked++)
		items += ask_town(t);
	if (day_at(t, t->now) == day && one_in(t, 50))
		return false;
	budget_settle(t->b, spent, t->now, pages, asked, items);
	return true;
}

/* A poll: its pages, and then posts by their ids as long as nothing has to wait for that (source/poll_recheck). */
static void poll_town(struct town *t, struct budget_spent *spent, size_t month)
{
	struct budget_say say, more;
	int64_t begin = t->now, wait, i;

	budget_step(t->b, spent, t->now, months[month].every_ms, months[month].pages, &say);
	assert_true(say.pages <= months[month].pages);
	if (say.pages && ask_for(t, spent, say.pages)) {
		for (i = 0; i < months[month].lookups; i++) {
			budget_step(t->b, spent, t->now, months[month].every_ms, 1, &more);
			if (!more.pages || more.wait_ms || !ask_for(t, spent, 1))
				break;
		}
	}
	wait = say.wait_ms > months[month].every_ms ? say.wait_ms : months[month].every_ms;
	t->now = begin + wait > t->now ? begin + wait : t->now;
}

/* Answers of every size, polls over midnight, kills: nothing is ever overspent by the platform's own count, and something is left for the
 * last days. */
static void a_month_is_never_overspent(void **state)
{
	struct zone *zone = NULL;
	uint32_t seed;
	size_t i;

	(void)state;
	assert_int_equal(zone_load("America/Los_Angeles", &zone), 0);
	for (i = 0; i < ARRAY_LEN(months); i++) {
		for (seed = 4711; seed < 4711 + 20; seed++) {
			struct budget b = months[i].b;
			struct budget_spent spent = {0};
			/* from the first of November, 00:00 in Los Angeles: a day of 25 hours is its first */
			struct town t = {.b = &b, .seed = seed, .now = INT64_C(1793516400000)};
			const int64_t end_ms = t.now + 30 * DAY_MS + HOUR_MS;

			b.zone = zone;
			while (t.now < end_ms - 20 * MINUTE_MS) /* what is asked in December is another month's */
				poll_town(&t, &spent, i);
			assert_true(t.calls > 0);
			assert_true(end_ms - t.last_ms < 8 * DAY_MS); /* it wasn't spent in the first week */
		}
	}
	zone_free(zone);
}

/* What was asked behind midnight is the new day's, whoever set it aside. */
static void a_poll_over_midnight_counts_in_both_days(void **state)
{
	const struct budget b = {.calls_day = 10, .calls_month = 100};
	const int64_t midnight = NOW - NOW % DAY_MS;
	struct budget_spent spent = {0};
	struct budget_say say;

	(void)state;
	budget_step(&b, &spent, midnight - MINUTE_MS, MINUTE_MS, 5, &say);
	budget_reserve(&b, &spent, 5);
	budget_settle(&b, &spent, midnight + MINUTE_MS, 5, 3, 0);
	assert_int_equal(spent.calls_day, 3);
	assert_int_equal(spent.calls_month, 3);
	budget_reserve(&b, &spent, 5);
	budget_settle(&b, &spent, midnight + 40 * DAY_MS, 5, 2, 0);
	assert_int_equal(spent.calls_day, 2);
	assert_int_equal(spent.calls_month, 2);
}

static void a_budget_is_narrowed_before_it_ends(void **state)
{
	struct budget b = {.calls_day = 100};
	struct budget_spent spent = {0};
	struct budget_say say;
	int64_t midnight = NOW - NOW % DAY_MS;

	(void)state;
	budget_step(&b, &spent, midnight, 5 * MINUTE_MS, 3, &say); /* 288 polls of 3 pages: 864 */
	assert_int_equal(say.pages, 1);
	assert_true(say.wait_ms >= 14 * MINUTE_MS && say.wait_ms <= 15 * MINUTE_MS);
	assert_int_equal(say.ends_ms, midnight + 33 * 5 * MINUTE_MS); /* what would have been: "ends at 02:45" */
	budget_reserve(&b, &spent, 99);
	budget_step(&b, &spent, midnight, 5 * MINUTE_MS, 3, &say);
	assert_int_equal(say.pages, 1);
	budget_reserve(&b, &spent, 1);
	budget_step(&b, &spent, midnight + HOUR_MS, 5 * MINUTE_MS, 3, &say);
	assert_int_equal(say.pages, 0);
	assert_int_equal(say.wait_ms, 23 * HOUR_MS);
	budget_step(&b, &spent, midnight - DAY_MS, 5 * MINUTE_MS, 3,
		    &say); /* a clock that was set back gives nothing twice */
	assert_int_equal(say.pages, 0);
	budget_step(&b, &spent, midnight + DAY_MS, HOUR_MS, 3, &say);
	assert_int_equal(say.pages, 3);
}

/* What people are shown between two polls. */
static void what_was_spent_counts_until_its_day_is_over(void **state)
{
	const struct budget b = {.calls_day = 100, .calls_month = 1000, .micros_month = 20000000};
	const int64_t midnight = NOW - NOW % DAY_MS;
	const struct budget_spent spent = {0};
	struct budget_stand s;

	(void)state;
	budget_stand(&b, &spent, midnight, 5 * MINUTE_MS, 3, &s);
	assert_int_equal(s.calls_day, 100);
	assert_int_equal(s.micros_month, 20000000);
	assert_int_equal(s.day_ends_ms, midnight + DAY_MS);
	assert_true(s.month_ends_ms > s.day_ends_ms && (s.month_ends_ms - midnight) % DAY_MS == 0);
	assert_int_equal(s.ends_ms, midnight + 33 * 5 * MINUTE_MS);
	s.spent.calls_day = s.spent.calls_month = 40;
	budget_stand_at(&s, midnight + DAY_MS - 1);
	assert_int_equal(s.spent.calls_day, 40);
	assert_int_not_equal(s.ends_ms, TIME_NONE);
	budget_stand_at(&s, midnight + DAY_MS);
	assert_int_equal(s.spent.calls_day, 0);
	assert_int_equal(s.spent.calls_month, 40);
	assert_int_equal(s.ends_ms, TIME_NONE);
	budget_stand_at(&s, s.month_ends_ms);
	assert_int_equal(s.spent.calls_month, 0);
}

/* FAULTS T1: a machine whose clock began years ahead is not deaf for years, and has not twice as much either. */
static void a_clock_that_was_years_ahead_takes_no_budget_of_years(void **state)
{
	const struct budget b = {.calls_day = 10, .calls_month = 20};
	const int64_t midnight = NOW - NOW % DAY_MS;
	struct budget_spent spent = {0};
	struct budget_say say;

	(void)state;
	budget_step(&b, &spent, NOW + 3650 * DAY_MS, HOUR_MS, 10, &say);
	budget_reserve(&b, &spent, 10);
	budget_step(&b, &spent, midnight, HOUR_MS, 10, &say);
	assert_int_equal(say.pages, 0);
	assert_int_equal(say.wait_ms, DAY_MS);
	budget_step(&b, &spent, midnight + DAY_MS, HOUR_MS, 10, &say);
	assert_true(say.pages > 0);
	assert_int_equal(spent.calls_day, 0);
	assert_int_equal(spent.calls_month, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_month_is_never_overspent),
		cmocka_unit_test(a_poll_over_midnight_counts_in_both_days),
		cmocka_unit_test(a_budget_is_narrowed_before_it_ends),
		cmocka_unit_test(what_was_spent_counts_until_its_day_is_over),
		cmocka_unit_test(a_clock_that_was_years_ahead_takes_no_budget_of_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
