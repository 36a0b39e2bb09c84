/* Which words rose: a wave does not drive out what is usual, a crisis does not become it, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/lately.h"
#include "alert/rose.h"
#include "base/clock.h"
#include "mention/mention.h"

#define START_MS INT64_C(1790000000000)

static void say(struct lately *r, const char *text, int64_t at_ms, bool crisis)
{
	lately_add(r, &(struct mention){.text = (char *)text}, at_ms, crisis);
}

static void usual(struct lately *r, size_t hours, int64_t from_ms, bool crisis)
{
	size_t i;

	for (i = 0; i < hours; i++)
		say(r, "Acme abre tienda nueva esta semana en el centro", from_ms + (int64_t)i * HOUR_MS, crisis);
}

static bool rose(struct lately *r, int64_t from_ms, const char *word)
{
	cleanup(rose_freep) struct rose *rose = lately_rose(r, from_ms);
	const char *words[ROSE_MAX];
	size_t i, n = rose_pick(rose, words);

	for (i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static void a_wave_says_what_is_new(void **state)
{
	cleanup(lately_freep) struct lately *r = lately_new();
	int64_t now_ms = START_MS + 30 * HOUR_MS;
	size_t i;

	(void)state;
	usual(r, 30, START_MS, false);
	for (i = 0; i < 8; i++)
		say(r, "Acme vende una freidora defectuosa en su tienda", now_ms + (int64_t)i * MINUTE_MS, false);
	assert_true(rose(r, now_ms - HOUR_MS / 2, "freidora"));
	assert_true(rose(r, now_ms - HOUR_MS / 2, "defectuosa"));
	assert_false(rose(r, now_ms - HOUR_MS / 2, "acme"));
	assert_false(rose(r, now_ms - HOUR_MS / 2, "tienda"));
}

static void nothing_rises_where_nothing_was_before(void **state)
{
	cleanup(lately_freep) struct lately *r = lately_new();
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++)
		say(r, "Acme vende una freidora", START_MS, false);
	assert_false(rose(r, START_MS - HOUR_MS, "freidora"));
}

/* The bound of the hour: what is usual stays, whatever comes within one. */
static void a_flood_leaves_what_is_usual(void **state)
{
	cleanup(lately_freep) struct lately *r = lately_new();
	int64_t now_ms = START_MS + 30 * HOUR_MS;
	size_t i;

	(void)state;
	usual(r, 30, START_MS, false);
	for (i = 0; i < 50 * (LATELY_NOW_MAX + LATELY_BEFORE_MAX); i++)
		say(r, "Acme vende una freidora defectuosa en su tienda", now_ms, false);
	assert_true(rose(r, now_ms - HOUR_MS / 2, "freidora"));
	assert_false(rose(r, now_ms - HOUR_MS / 2, "tienda"));
}

/* Past LATELY_BEFORE_MAX, and what is longer than LATELY_TEXT_MAX_BYTES, which is cut between letters. */
static void bounds_are_kept(void **state)
{
	cleanup(lately_freep) struct lately *r = lately_new();
	char text[2 * LATELY_TEXT_MAX_BYTES + 32];
	int64_t now_ms = START_MS + 2000 * HOUR_MS;
	size_t i;

	(void)state;
	usual(r, 3 * LATELY_BEFORE_MAX, START_MS, false);
	for (i = 0; i < LATELY_TEXT_MAX_BYTES; i++)
		memcpy(text + 2 * i, "ñ", 2);
	snprintf(text + 2 * i, 32, " freidora");
	for (i = 0; i < 8; i++)
		say(r, text, now_ms, false);
	assert_false(rose(r, now_ms - HOUR_MS / 2, "freidora"));
	for (i = 0; i < 8; i++)
		say(r, "una freidora", now_ms, false);
	assert_true(rose(r, now_ms - HOUR_MS / 2, "freidora"));
}

static void a_crisis_is_not_what_is_usual(void **state)
{
	int crisis;

	(void)state;
	for (crisis = 0; crisis < 2; crisis++) {
		cleanup(lately_freep) struct lately *r = lately_new();
		int64_t wave_ms = START_MS + 10 * HOUR_MS, now_ms = wave_ms + 3 * HOUR_MS;
		size_t i;

		usual(r, 10, START_MS, false);
		for (i = 0; i < 180; i++)
			say(r, "Acme vende una freidora", wave_ms + (int64_t)i * MINUTE_MS, crisis);
		for (i = 0; i < 8; i++)
			say(r, "otra freidora", now_ms, crisis);
		assert_int_equal(rose(r, now_ms - HOUR_MS, "freidora"), crisis);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wave_says_what_is_new),
		cmocka_unit_test(nothing_rises_where_nothing_was_before),
		cmocka_unit_test(a_flood_leaves_what_is_usual),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(a_crisis_is_not_what_is_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
