/* How many steps an expression can take: never fewer than PCRE2 counts, or what explodes would not be tried (FAULTS P11). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "match/regex_steps.h"

#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "match/pattern.h"
#include "match/regex_token.h"

static uint64_t steps_of(const char *regex, uint32_t bytes)
{
	size_t n;
	cleanup(freep) struct rx_token *v = regex_tokens(regex, strlen(regex), &n);

	return regex_steps(regex, v, n, bytes);
}

/* What people write grows with the text, or with its square; what explodes has no bound that matters. */
static const struct {
	const char *regex;
	uint64_t least, most; /* on a thousand bytes */
} cases[] = {
	{"acme", 0, 1},
	{"\\b(?:acme|fraude|robo)\\b", 1, 8},
	{"acme\\w*\\W+fraude", 1000, 5000},
	{"acme\\w*(?:\\W+\\w+){0,4}\\W+\\w*robo\\w*", 1000, 30000},
	{"acme\\w*.{0,40}\\bestaf\\w+", 10000, 100000},
	{"[^;]*;\\s*\\S+\\s[a-f]+-", 1000, 5000},
	{"(?:ab|cd)+;", 1000, 10000},
	{"(?:\\d+,)*\\d+[.]", 1000, 3000000}, /* the next digit tells not which of the two it is */
	{"a+$", 1000, 5000},
	{"\\w+", 0, 5}, /* behind it nothing is asked */
	{"(?=.*acme)(?=.*fraude)", 1000, 5000},
	{"(a+)+$", REGEX_STEPS_MAX, REGEX_STEPS_MAX},
	{"(?:a|aa)+$", REGEX_STEPS_MAX, REGEX_STEPS_MAX},
	{"(?:\\w+\\s?)+$", REGEX_STEPS_MAX, REGEX_STEPS_MAX},
	{"(?:a?)*", REGEX_STEPS_MAX, REGEX_STEPS_MAX}, /* what is repeated can be nothing */
	{"(\\w|\\d)+;", REGEX_STEPS_MAX, REGEX_STEPS_MAX},
	{"(?:[a-m]|[l-z])+;", REGEX_STEPS_MAX, REGEX_STEPS_MAX},
	{"a*a*a*[bc]", 100000000, REGEX_STEPS_MAX},
	{"k+K;", 100, REGEX_STEPS_MAX}, /* case may not count */
};

static void test_steps(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t steps = steps_of(cases[i].regex, 1000);

		if (steps < cases[i].least || steps > cases[i].most)
			fail_msg("%s: %llu", cases[i].regex, (unsigned long long)steps);
	}
}

static void test_what_is_not_understood_has_no_bound(void **state)
{
	static const char *const unknown[] = {"(?R)",       "(a)\\1", "\\Qa\\E",   "(?i)a",  "(?x: a +)",
					      "(*COMMIT)a", "\\p{L}", "(?(1)a|b)", "(?^:a)", "\\X",
					      "a\\Rb",      "(?-i)a", "(a",        "a)"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(unknown); i++)
		if (steps_of(unknown[i], 10) != REGEX_STEPS_MAX)
			fail_msg("%s", unknown[i]);
	assert_true(steps_of("(?<name>a)(?P<other>b)(?'third'c)(?>d)(?|e|f)", 10) < 10);
}

/* --- beside PCRE2 --- */

static uint32_t seed = 20261122;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 12) % n;
}

/* A piece, or a group of them; groups are repeated as well. */
static void piece_put(char *to, size_t room, unsigned depth)
{
	static const char *const pieces[] = {"a",   "b",   "ab",   "\\w",     ".",   "[ab]", "\\b",   " ",
					     "\\W", "\\s", "[^a]", "[^\\w;]", "\\d", "ñ",    "[1a-c]"};
	static const char *const often[] = {"", "", "", "?", "*", "+", "{0,3}", "{2,9}", "*?", "++"};
	static const char *const opens[] = {"(?:", "(?:", "(", "(?>", "(?=", "(?!"};
	uint32_t parts, open, i;

	if (depth == 3 || pick(3)) {
		const char *piece = pieces[pick(ARRAY_LEN(pieces))];

		snprintf(to + strlen(to), room - strlen(to), "%s%s", piece,
			 strcmp(piece, "\\b") != 0 ? often[pick(ARRAY_LEN(often))] : "");
		return;
	}
	parts = 1 + pick(3);
	open = pick(ARRAY_LEN(opens));
	snprintf(to + strlen(to), room - strlen(to), "%s", opens[open]);
	for (i = 0; i < parts; i++) {
		if (i && pick(2))
			snprintf(to + strlen(to), room - strlen(to), "|");
		piece_put(to, room, depth + 1);
	}
	snprintf(to + strlen(to), room - strlen(to), ")%s", open < 4 ? often[pick(ARRAY_LEN(often))] : "");
}

enum { TEXT_BYTES = 40, FACTOR = 2 };

static size_t sample_make(char to[2 * TEXT_BYTES])
{
	static const char *const letters[] = {"a", "a", "a", "b", " ", "c", "1", ";", "ñ"};
	uint32_t kinds = 1 + pick(ARRAY_LEN(letters)), from = pick(ARRAY_LEN(letters));
	size_t len = 0;

	while (len < TEXT_BYTES - 1) {
		const char *s = letters[(from + pick(kinds)) % ARRAY_LEN(letters)];

		memcpy(to + len, s, strlen(s));
		len += strlen(s);
	}
	return len;
}

/* With twice that many steps, and some to begin with, PCRE2 comes to an end: compiled or not. */
static void comes_to_an_end(const char *regex, pcre2_code *code, uint32_t steps)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t i;

	pcre2_set_match_limit(context, steps);
	for (i = 0; i < 30; i++) {
		char text[2 * TEXT_BYTES];
		size_t len = sample_make(text);
		uint32_t k;

		for (k = 0; k < 2; k++)
			if (pcre2_match(code, (PCRE2_SPTR)text, len, 0, k ? PCRE2_NO_JIT : 0, data, context) ==
			    PCRE2_ERROR_MATCHLIMIT)
				fail_msg("%s takes more than %u on %.*s", regex, steps, (int)len, text);
	}
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
}

static void test_never_fewer_than_pcre2_counts(void **state)
{
	size_t known = 0, i, k;

	(void)state;
	for (i = 0; i < 4000; i++) {
		char regex[512] = "";
		pcre2_code *code;
		PCRE2_SIZE at;
		uint64_t steps;
		int error;

		for (k = 0; k < 1 + i % 6; k++)
			piece_put(regex, sizeof(regex) - 64, 0);
		steps = steps_of(regex, TEXT_BYTES);
		if (steps > 100000)
			continue;
		code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED,
				     PCRE2_UTF | PCRE2_UCP | (i % 2 ? PCRE2_CASELESS : 0), &error, &at, NULL);
		if (!code)
			continue;
		known++;
		(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
		comes_to_an_end(regex, code, (uint32_t)(FACTOR * steps + strlen(regex)));
		pcre2_code_free(code);
	}
	assert_true(known > 1000);
}

/* Groups as deep as patterns may have them, a long expression, many alternatives: in time. */
static void test_bounds(void **state)
{
	size_t len = PATTERN_PARENS_MAX, i;
	char deep[8 * (PATTERN_PARENS_MAX + 1) + 1] = "";
	cleanup(freep) char *many = xcalloc(1, 40001);

	(void)state;
	for (i = 0; i < len; i++)
		memcpy(deep + 3 * i, "(?:", 3);
	deep[3 * len] = 'a';
	for (i = 0; i < len; i++)
		memcpy(deep + 3 * len + 1 + 3 * i, ")+;", 3);
	assert_true(steps_of(deep, 1000) > 0);
	memmove(deep + 3, deep, 6 * len + 1);
	memcpy(deep + 6 * len + 4, ")", 2);
	assert_int_equal(steps_of(deep, 1000), REGEX_STEPS_MAX);
	for (i = 0; i < 20000; i++)
		memcpy(many + 2 * i, "a|", 2);
	assert_true(steps_of(many, 1000) >= 20000);
	for (i = 0; i < 20000; i++)
		memcpy(many + 2 * i, "a?", 2);
	assert_int_equal(steps_of(many, 1000), REGEX_STEPS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_what_is_not_understood_has_no_bound),
		cmocka_unit_test(test_never_fewer_than_pcre2_counts),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
