/* main/eval_score: known confusions, and sets that lack a tone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "main/eval_score.h"

static void close_to(double got, double want)
{
	if (got < want - 1e-9 || got > want + 1e-9)
		fail_msg("%.12f, wanted %.12f", got, want);
}

static void scores_are_those_of_the_confusion(void **state)
{
	const struct eval_counts c = {.told = {{6, 2, 2}, {1, 8, 1}, {0, 5, 5}}, .lang_right = 27};
	struct eval_counts twice = c;
	struct eval_score s;

	(void)state;
	eval_add(&twice, &c);
	eval_score(&twice, &s); /* twice as many are as good */
	assert_int_equal(s.n, 60);
	assert_int_equal(s.of[EVAL_NEGATIVE].n, 20);
	close_to(s.of[EVAL_NEGATIVE].precision, 6.0 / 7);
	close_to(s.of[EVAL_NEGATIVE].recall, 0.6);
	close_to(s.of[EVAL_NEGATIVE].f1, 12.0 / 17);
	close_to(s.of[EVAL_NEUTRAL].f1, 16.0 / 25);
	close_to(s.of[EVAL_POSITIVE].f1, 10.0 / 18);
	close_to(s.macro_f1, (12.0 / 17 + 16.0 / 25 + 10.0 / 18) / 3);
	close_to(s.lang, 0.9);
	close_to(s.r, 0.6);
	close_to(s.f, 1.0 / 20);
}

static void what_is_not_there_is_no_part_of_the_mean(void **state)
{
	const struct eval_counts c = {.told = {{3, 1, 0}, {0, 4, 0}, {0, 0, 0}}}, none = {.lang_right = 0};
	struct eval_score s;

	(void)state;
	eval_score(&c, &s);
	close_to(s.macro_f1, (6.0 / 7 + 8.0 / 9) / 2);
	close_to(s.f, 0);
	eval_score(&none, &s);
	assert_int_equal(s.n, 0);
	close_to(s.macro_f1, 0);
	close_to(s.r, 0);
}

static void tones_have_names(void **state)
{
	(void)state;
	assert_int_equal(eval_class_of("positive"), EVAL_POSITIVE);
	assert_int_equal(eval_class_of("Positive"), EVAL_CLASSES);
	assert_int_equal(eval_class_of(""), EVAL_CLASSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_are_those_of_the_confusion),
		cmocka_unit_test(what_is_not_there_is_no_part_of_the_mean),
		cmocka_unit_test(tones_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
