/* Conditions of alerts: what is right and what is not, judged over known and absent facts, explained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "alert/when.h"
#include "base/arena.h"
#include "base/buf.h"

enum { ARENA_MAX_BYTES = 1 << 20 };

static int setup(void **state)
{
	*state = arena_new(ARENA_MAX_BYTES);
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct when *parsed(struct arena *a, const char *text)
{
	struct condition_fault fault = {.found = ""};
	struct when *w = NULL;

	if (when_parse(text, a, &fault, &w) != 0)
		fail_msg("%s: at %zu \"%s\": %s", text, fault.at, fault.found, text_raw(TEXT_EN, fault.text));
	return w;
}

/* Of all that is measured: percent 14 %, its rise 10 %, 40 of 60, three times the usual, unusual, 12 authors, an hour quiet; what
 * is not known are stories, reach and growth. */
static struct measured facts(void)
{
	struct measured m = {.known = 0};

	measure_set(&m, MEASURE_MENTIONS, 60);
	measure_set(&m, MEASURE_MATCHING, 40);
	measure_set(&m, MEASURE_PERCENT, 0.14);
	measure_set(&m, MEASURE_PERCENT_RISE, 0.10);
	measure_set(&m, MEASURE_TIMES_USUAL, 3);
	measure_set(&m, MEASURE_UNUSUAL, 1);
	measure_set(&m, MEASURE_AUTHORS, 12);
	measure_set(&m, MEASURE_QUIET_FOR, 3600000);
	m.v[MEASURE_GROWTH] = 1000; /* stands there, and is not known all the same */
	return m;
}

static void judged(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{"percent_rise >= 10% and matching >= 20 and authors >= 10", true},
		{"percent_rise > 10%", false},
		{"percent_rise >= -5%", true},
		{"percent_rise <= -5%", false},
		{"percent == 14%", true},
		{"percent != 14%", false},
		{"mentions < 60", false},
		{"mentions <= 60", true},
		{"times_usual >= 2.5", true},
		{"times_usual < 0.5", false},
		{"unusual", true},
		{"not unusual", false},
		{"not not unusual", true},
		{"quiet_for >= 1h", true},
		{"quiet_for > 60m", false},
		{"growth > 100", false}, /* absent */
		{"growth < 100", false},
		{"growth != 100", false},
		{"not (growth > 100)", true},
		{"not growth > 100", true},
		{"stories >= 0 or potential_reach >= 0", false},
		{"matching >= 50 or authors >= 10 and unusual", true},
		{"matching >= 40 or authors >= 100 and mentions > 100", true},
		{"(matching >= 40 or authors >= 100) and mentions > 100", false},
		{"not matching >= 50 and unusual", true},
		{"matching>=40\n  and(authors>=10)", true},
	};
	struct measured m = facts();
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++)
		if (when_holds(parsed(*state, cases[i].text), &m) != cases[i].want)
			fail_msg("%s", cases[i].text);
}

static void a_number_that_is_none_is_absent(void **state)
{
	struct measured m = facts();

	measure_set(&m, MEASURE_TIMES_USUAL, NAN);
	assert_false(when_holds(parsed(*state, "times_usual > 0 or times_usual <= 0 or times_usual != 1"), &m));
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		enum text_id want;
		size_t at;
		const char *found, *guess;
	} cases[] = {
		{"", TEXT_WHEN_ENDS, 0, "", NULL},
		{"matching >= 20 and", TEXT_WHEN_ENDS, 18, "", NULL},
		{"maching >= 20", TEXT_WHEN_NO_MEASURE, 0, "maching", "matching"},
		{"matching >= 20 and autors > 3", TEXT_WHEN_NO_MEASURE, 19, "autors", "authors"},
		{"matching", TEXT_WHEN_WANT_SIGN, 8, "", NULL},
		{"matching = 3", TEXT_WHEN_WANT_SIGN, 9, "=", NULL},
		{"matching >= 20%", TEXT_WHEN_WANT_NUMBER, 12, "20%", NULL},
		{"matching >= ", TEXT_WHEN_WANT_NUMBER, 12, "", NULL},
		{"matching >= -3", TEXT_WHEN_WANT_NUMBER, 12, "-3", NULL},
		{"percent >= 10", TEXT_WHEN_WANT_PART, 11, "10", NULL},
		{"percent >= 0.1", TEXT_WHEN_WANT_PART, 11, "0.1", NULL},
		{"percent >= -1%", TEXT_WHEN_WANT_PART, 11, "-1%", NULL},
		{"quiet_for > 6", TEXT_WHEN_WANT_DURATION, 12, "6", NULL},
		{"(matching > 3", TEXT_WHEN_WANT_CLOSE, 0, "(", NULL},
		{"(matching > 3 authors > 2)", TEXT_WHEN_WANT_CLOSE, 14, "authors", NULL},
		{"matching > 3 adn authors > 2", TEXT_WHEN_WANT_AND, 13, "adn", "and"},
		{"matching > 3)", TEXT_WHEN_WANT_AND, 12, ")", NULL},
		{"unusual > 3", TEXT_WHEN_ALONE, 8, ">", NULL},
		{"and matching > 3", TEXT_WHEN_WANT_MEASURE, 0, "and", NULL},
		{"> 3", TEXT_WHEN_WANT_MEASURE, 0, ">", NULL},
		{"matching > 3 and ñ > 2", TEXT_WHEN_WANT_MEASURE, 17, "ñ", NULL},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct when *w = (struct when *)&cases[i];
		struct condition_fault f = {.found = "?"};

		if (when_parse(cases[i].text, *state, &f, &w) != CONDITION_E_INVALID || f.text != cases[i].want ||
		    f.at != cases[i].at || strcmp(f.found, cases[i].found) != 0)
			fail_msg("%s: at %zu \"%s\": %s", cases[i].text, f.at, f.found, text_raw(TEXT_EN, f.text));
		assert_ptr_equal(w, &cases[i]);
		assert_int_equal(!f.guess, !cases[i].guess);
		if (f.guess)
			assert_string_equal(f.guess, cases[i].guess);
	}
}

static int parse_r(struct arena *a, const struct buf *b)
{
	struct condition_fault f;
	struct when *w;

	return when_parse(buf_str(b), a, &f, &w);
}

static void bounds(void **state)
{
	struct buf b = BUF_INIT(1 << 16);
	size_t i;

	for (i = 0; i < CONDITION_DEPTH_MAX - 1; i++)
		buf_putc(&b, '(');
	buf_puts(&b, "unusual");
	for (i = 0; i < CONDITION_DEPTH_MAX - 1; i++)
		buf_putc(&b, ')');
	assert_int_equal(parse_r(*state, &b), 0);
	buf_reset(&b);
	for (i = 0; i < CONDITION_DEPTH_MAX; i++)
		buf_puts(&b, "not ");
	buf_puts(&b, "unusual");
	assert_int_equal(parse_r(*state, &b), CONDITION_E_INVALID);

	buf_reset(&b);
	for (i = 0; i < CONDITION_NODES_MAX - 2; i++) /* and one over them all */
		buf_printf(&b, "%sunusual", i ? " or " : "");
	assert_int_equal(b.len <= CONDITION_MAX_BYTES, 1);
	assert_int_equal(parse_r(*state, &b), 0);
	buf_puts(&b, " or unusual");
	assert_int_equal(parse_r(*state, &b), CONDITION_E_INVALID);

	buf_reset(&b);
	buf_puts(&b, "unusual");
	while (b.len < CONDITION_MAX_BYTES)
		buf_putc(&b, ' ');
	assert_int_equal(parse_r(*state, &b), 0);
	buf_putc(&b, ' ');
	assert_int_equal(parse_r(*state, &b), CONDITION_E_INVALID);
	buf_done(&b);
}

static void explained(void **state)
{
	struct buf b = BUF_INIT(1 << 16);
	struct measured m = facts();
	const struct when *w =
		parsed(*state, "percent_rise >= 10% and (authors >= 20 or not growth > 100) and unusual");

	when_explain(w, &m, TEXT_EN, &b);
	assert_string_equal(buf_str(&b), "all of these: yes\n"
					 "  percent_rise 10 % >= 10%: yes\n"
					 "  one of these: yes\n"
					 "    authors 12 >= 20: no\n"
					 "    not this: yes\n"
					 "      growth (unknown) > 100: no\n"
					 "  unusual: yes\n");
	assert_int_equal(when_measures(w),
			 1 << MEASURE_PERCENT_RISE | 1 << MEASURE_AUTHORS | 1 << MEASURE_GROWTH | 1 << MEASURE_UNUSUAL);
	buf_reset(&b);
	when_explain(parsed(*state, "quiet_for > 2h"), &m, TEXT_ES, &b);
	assert_string_equal(buf_str(&b), "quiet_for 1h > 2h: no\n");
	buf_done(&b);
}

static void values_for_people(void **state)
{
	static const struct {
		enum measure m;
		double value;
		const char *want;
	} cases[] = {
		{MEASURE_MATCHING, 37, "37"},           {MEASURE_PERCENT, 0.1449, "14.5 %"},
		{MEASURE_PERCENT_RISE, -0.02, "-2 %"},  {MEASURE_PERCENT_RISE, -0.0001, "0 %"},
		{MEASURE_TIMES_USUAL, 2.04, "2"},       {MEASURE_UNUSUAL, 1, "sí"},
		{MEASURE_QUIET_FOR, 90061000, "1501m"}, {MEASURE_QUIET_FOR, 59999, "59s"},
		{MEASURE_QUIET_FOR, 1e300, "36500d"},   {MEASURE_QUIET_FOR, -5, "0s"},
	};
	char out[MEASURE_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(measure_text(cases[i].m, cases[i].value, TEXT_ES, out), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(judged, setup, teardown),
		cmocka_unit_test_setup_teardown(a_number_that_is_none_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(explained, setup, teardown),
		cmocka_unit_test(values_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
