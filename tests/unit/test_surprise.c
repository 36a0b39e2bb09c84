/* stats/surprise on series that are made here: what is told, how soon, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdlib.h>
#include <math.h>
#include <cmocka.h>

#include "base/mem.h"
#include "stats/surprise.h"

enum { BIN_S = SURPRISE_BIN_S, DAY = 86400 / BIN_S, WEEK = 7 * DAY };

/* xorshift64*: Vigna (2014) */
static uint64_t state;
static double uniform(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (double)((state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static double poisson(double mean)
{
	double limit = exp(-mean), product = uniform();
	int n;

	for (n = 0; product > limit; n++)
		product *= uniform();
	return n;
}

/* Mean of a day's hours, and a rate that wanders: wider than Poisson's. */
static double usual(size_t bin, double mean)
{
	double hour = (double)(bin % DAY) / DAY * 24;

	return poisson(mean * (1 + 0.7 * sin((hour - 9) / 24 * 2 * M_PI)) * exp(0.4 * (uniform() + uniform() - 1)));
}

static int hour_of(size_t bin)
{
	return (int)(bin % DAY * 24 / DAY);
}

struct run {
	struct surprise s;
	struct surprise_scale scale;
	size_t bin, alarms, last;
};

static void run_begin(struct run *r, uint64_t seed)
{
	*r = (struct run){.last = SIZE_MAX};
	surprise_init(&r->s);
	surprise_scale(&r->scale, BIN_S);
	state = seed;
}

static void feed(struct run *r, double count)
{
	struct surprise_step step;

	surprise_step(&r->s, &r->scale, SURPRISE_NORMAL, count, hour_of(r->bin), &step);
	assert_true(isfinite(step.surprise) && step.surprise >= 0 && isfinite(step.expected) && step.expected >= 0);
	assert_int_equal(step.early, r->bin < WEEK);
	if (step.alarm > 0) {
		assert_true(step.alarm >= SURPRISE_NORMAL);
		r->alarms++;
		r->last = r->bin;
	}
	r->bin++;
}

static void bursts_are_told_within_a_quarter_of_an_hour(void **unused)
{
	static const double means[] = {0.3, 2, 10, 60};
	size_t m, i, found = 0, tried = 0;
	uint64_t seed;

	(void)unused;
	for (m = 0; m < ARRAY_LEN(means); m++) {
		for (seed = 1; seed <= 10; seed++) {
			struct run r;
			size_t before, start;

			run_begin(&r, seed * 7919);
			while (r.bin < 2 * WEEK)
				feed(&r, usual(r.bin, means[m]));
			before = r.alarms;
			start = r.bin;
			for (i = 0; i < 6; i++) /* ten times as many, and six at the least */
				feed(&r, usual(r.bin, means[m]) + 9 * means[m] + 6);
			tried++;
			found += r.alarms > before && r.last < start + 6;
		}
	}
	assert_true(found >= tried - 2);
}

static void what_is_usual_is_hardly_ever_told(void **unused)
{
	static const double means[] = {0, 0.05, 0.3, 2, 10, 60};
	double weeks = 0;
	size_t m, alarms = 0;
	uint64_t seed;

	(void)unused;
	for (m = 0; m < ARRAY_LEN(means); m++) {
		for (seed = 1; seed <= 10; seed++) {
			struct run r;

			run_begin(&r, seed * 104729);
			while (r.bin < 4 * WEEK)
				feed(&r, means[m] > 0 ? usual(r.bin, means[m]) : 0);
			alarms += r.alarms;
			weeks += 4;
			if (means[m] == 0)
				assert_int_equal(r.alarms, 0);
		}
	}
	assert_true((double)alarms / weeks <= 0.5);
}

static void the_first_day_is_silent(void **unused)
{
	struct run r;

	(void)unused;
	run_begin(&r, 3);
	while (r.bin < DAY)
		feed(&r, r.bin == DAY / 2 ? 500 : usual(r.bin, 5));
	assert_int_equal(r.alarms, 0);
}

static void a_burst_is_told_once_and_again_once_it_was_closed(void **unused)
{
	struct run r;
	size_t before, i;

	(void)unused;
	run_begin(&r, 11);
	while (r.bin < 2 * WEEK)
		feed(&r, usual(r.bin, 10));
	before = r.alarms;
	for (i = 0; i < 36; i++)
		feed(&r, 200);
	assert_in_range(r.alarms - before, 1, 3); /* the first, and its records while it grows */
	for (i = 0; i < 24; i++)
		feed(&r, usual(r.bin, 10));
	before = r.alarms;
	surprise_rearm(&r.s);
	for (i = 0; i < 6; i++)
		feed(&r, 200);
	assert_true(r.alarms > before);
}

static void what_lasts_is_the_new_normal(void **unused)
{
	struct run r;
	size_t before;

	(void)unused;
	run_begin(&r, 5);
	while (r.bin < 2 * WEEK)
		feed(&r, usual(r.bin, 5));
	while (r.bin < 5 * WEEK)
		feed(&r, usual(r.bin, 40));
	before = r.alarms;
	while (r.bin < 6 * WEEK)
		feed(&r, usual(r.bin, 40));
	assert_in_range(r.alarms - before, 0, 1);
}

static void other_bins_take_as_much_time(void **unused)
{
	struct surprise_scale scale;

	(void)unused;
	surprise_scale(&scale, 60);
	assert_int_equal(scale.ring, SURPRISE_RING_MAX);
	assert_int_equal(scale.day, 1440);
	surprise_scale(&scale, SURPRISE_BIN_S);
	assert_int_equal(scale.ring, 3);
	assert_int_equal(scale.day, 288);
	assert_int_equal(scale.week, 2016);
	assert_int_equal(scale.fortnight, 4032);
	surprise_scale(&scale, 3600);
	assert_int_equal(scale.ring, 1);
	assert_int_equal(scale.day, 24);
	surprise_scale(&scale, SURPRISE_BIN_MAX_S);
	assert_int_equal(scale.day, 1);
	assert_int_equal(scale.week, 7);
}

static void no_count_breaks_it(void **unused)
{
	static const double counts[] = {0, 1e12, 0, 1, 1e12, 1e12, 3};
	struct run r;

	(void)unused;
	run_begin(&r, 1);
	while (r.bin < WEEK + DAY)
		feed(&r, counts[r.bin % ARRAY_LEN(counts)]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bursts_are_told_within_a_quarter_of_an_hour),
		cmocka_unit_test(what_is_usual_is_hardly_ever_told),
		cmocka_unit_test(the_first_day_is_silent),
		cmocka_unit_test(a_burst_is_told_once_and_again_once_it_was_closed),
		cmocka_unit_test(what_lasts_is_the_new_normal),
		cmocka_unit_test(other_bins_take_as_much_time),
		cmocka_unit_test(no_count_breaks_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
