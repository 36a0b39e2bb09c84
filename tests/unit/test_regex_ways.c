/* How much an expression can make of one place: never less than it does, or the clock is not looked at in time. */
#include "match/regex_ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "match/pattern.h"
#include "match/regex_token.h"

static struct regex_ways ways_of(const char *regex)
{
	size_t n;
	cleanup(freep) struct rx_token *v = regex_tokens(regex, strlen(regex), &n);

	return regex_ways(v, n);
}

static const struct {
	const char *regex;
	uint64_t ways;
} cases[] = {
	{"acme", 1},
	{"acme?", 2},
	{"a?b?c?", 8},
	{"a{3}", 1},
	{"a{2,5}", 4},
	{"a|b|c", 3},
	{"(?:a|b)(?:c|d|e)", 6},
	{"(?:a?|b)(?:c|d)", 6},
	{"(?:acme|acme(?: mx| sa)?)", 5},
	{"\\bacme\\b.{0,40}\\b(?:robo|casa)\\b", 82},
	{"(?<!no )acme(?! mx)", 1},
	{"a*", 0},
	{"a+b+", 0},
	{"a{2,}", 0},
	{"(?:ab)?", 2},
	{"(?:ab){2}", 0}, /* a group that is repeated */
	{"(?:ab)*", 0},
	{"(a)\\1", 0},
	{"(?R)?", 0},
	{"\\X", 0},
	{"a{0,60000}b{0,60000}", REGEX_WAYS_MAX},
};

static void test_ways(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct regex_ways w = ways_of(cases[i].regex);

		if (w.ways != cases[i].ways)
			fail_msg("%s: %u", cases[i].regex, (unsigned)w.ways);
	}
}

static void test_what_a_way_reads_counts_each_time(void **state)
{
	(void)state;
	assert_true(ways_of("a{500}").longest >= 500);
	assert_true(ways_of("a{500}b{0,300}|c").longest >= 800);
	assert_int_equal(ways_of("a{60000}").longest >= 60000, 1);
}

/* Groups as deep as patterns may have them; deeper ones never compile, and are not followed. */
static void test_bounds(void **state)
{
	char regex[4 * (PATTERN_PARENS_MAX + 1) + 1];
	size_t depth, i;

	(void)state;
	for (depth = PATTERN_PARENS_MAX; depth <= PATTERN_PARENS_MAX + 1; depth++) {
		for (i = 0; i < depth; i++) {
			memcpy(regex + 3 * i, "(?:", 3);
			regex[3 * depth + i] = ')';
		}
		regex[4 * depth] = '\0';
		assert_int_equal(ways_of(regex).ways, depth == PATTERN_PARENS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_what_a_way_reads_counts_each_time),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
