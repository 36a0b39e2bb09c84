/* FAULTS P11: what explodes is found before it serves; what people write is let be. */
#include "match/adversary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "match/pattern.h"

static int tried(const char *regex, bool fold, bool slow)
{
	const struct pattern_spec spec = {.regex = regex, .regex_len = strlen(regex), .fold = fold};
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	cleanup(pattern_freep) struct pattern *p = NULL;
	char repeated[ADVERSARY_RUN_BYTES + 1] = "";
	struct pattern_fault f;
	int r;

	if (pattern_compile(&spec, &f, &p))
		fail_msg("%s does not compile", regex);
	if (!adversary_worth(p, slow))
		return 0;
	r = adversary_try(p, room, regex, strlen(regex), slow, repeated);
	assert_true((r != 0) == (repeated[0] != '\0'));
	return r;
}

static const char *const explode[] = {
	"(a+)+$",
	"(\\w+)+$",
	"(?:a|a)+$",
	"(?:a|aa)+$",
	"^(\\w+\\s?)+$",
	"(?:\\w*)*;",
	"acme(\\s*\\w*)*[!?]",
	"\\bqueja (\\w+\\s?)*fin$",
	"([a-z]+)*[0-9]$",
	"(x+x+)+y?z$",
	"(\\d+)*[.]$",
	"(?:ja)+(?:ja)+(?:ja)+(?:ja)+(?:ja)+(?:ja)+(?:ja)+[!]",
	"((a{1,20}){1,20}){1,20}[!?]",
	"(([a-z])+.)+[A-Z]?([a-z])+[!?]$",
	"a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaaaa[!?]",
	"(?:á+)+$",
	"(Ñ+)+$",
	"(.*)*[?]$",
	"(?:[^x]+)+[x]$",
	"(\\w|\\d)+[;]$",
};

static const char *const stand[] = {
	"\\b(estafa\\w*|fraude|robo)\\b",
	"coyote|correcaminos",
	"\\w+@\\w+\\.com",
	"acme(\\W+\\w+){0,5}\\W+fraude",
	"(?<!\\w)(?:acme|acme\\s+mx)(?!\\w)",
	"\\b\\d{1,3}(?:[.,]\\d{3})*(?:[.,]\\d+)?\\b",
	"https?://[^\\s]+\\.(?:com|mx)\\S*",
	".*acme.*",
	"\\w*gate\\b",
	"(?:no|nunca|jamás) (?:me )?(?:han |ha )?(?:respond\\w+|contest\\w+)",
	"(?=.*acme)(?=.*fraude)",
	"cobr(?:ó|aron|an|o)\\s+(?:dos|tres|\\d+)\\s+veces",
	"(?:ja){2,}",
	"(\\w+)\\s+\\1",
	"[[:alpha:]]+ñ[[:alpha:]]+",
	"(?:\\w+\\s+){0,3}demand\\w+",
	"\\bs[ií]\\b.{0,40}\\bacme\\b",
	"(a+b)+$",
};

static void test_what_explodes_is_found(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(explode); i++)
		if (tried(explode[i], true, false) != ADVERSARY_E_EXPLODES)
			fail_msg("%s was let pass", explode[i]);
	assert_int_equal(tried("(A+)+$", false, false), ADVERSARY_E_EXPLODES);
}

static void test_what_people_write_is_let_be(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(stand); i++)
		if (tried(stand[i], true, true) != 0)
			fail_msg("%s was refused", stand[i]);
	/* what calls itself, to a depth that no text of people's has */
	assert_int_equal(tried("\\((?:[^()]++|(?R))*\\)", true, false), 0);
}

static void test_a_cube_is_only_slow(void **state)
{
	(void)state;
	assert_int_equal(tried("a*a*a*[bc]", true, false), 0);
	assert_int_equal(tried("a*a*a*[bc]", true, true), ADVERSARY_E_SLOW);
}

static bool worth(const char *regex, bool slow)
{
	const struct pattern_spec spec = {.regex = regex, .regex_len = strlen(regex), .fold = true};
	cleanup(pattern_freep) struct pattern *p = NULL;
	struct pattern_fault f;

	if (pattern_compile(&spec, &f, &p))
		fail_msg("%s does not compile", regex);
	return adversary_worth(p, slow);
}

static void test_most_patterns_need_no_try(void **state)
{
	static const char *const none[] = {
		"acme",
		"\\b(estafa\\w*|fraude)\\b",
		"a{b",
		"(a|b)?c",
		"a+b+",
		"\\b(?:super)?acme(?:nox|zer)?\\b",
		"\\bacme\\w*(?:\\W+\\w+){0,4}\\W+\\w*robo\\w*",
		"\\bacme\\w*.{0,40}\\bestaf\\w+",
		"(?:\\w+\\s+){0,3}demand\\w+",
		"https?://[^\\s]+",
	};
	static const char *const some[] = {"(?:a|a)+b",  "(?R)?a",         "\\Qa\\E",           "(?:a+)+b",
					   "(\\w+) \\1", "Á+a+[ab]+a+á+x", "((a|b)?(a|b)?){9}c"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(none); i++)
		if (worth(none[i], true))
			fail_msg("%s", none[i]);
	for (i = 0; i < ARRAY_LEN(some); i++)
		if (!worth(some[i], true))
			fail_msg("%s", some[i]);
	assert_true(worth("a+.{0,300}a+b", true)); /* on long texts alone */
	assert_false(worth("a+.{0,100}b", false));
}

/* One piece of an expression, now and then with a group in it. Groups are closed by whoever opens them. */
static void piece_put(char *to, size_t room, uint32_t *seed, unsigned depth)
{
	static const char *const pieces[] = {"a", "b", "ab", "\\w", ".", "[ab]", "\\b", " "};
	static const char *const often[] = {"", "", "", "?", "*", "+", "{0,3}", "{2,40}", "*?", "++"};
	size_t n = strlen(to), parts, i;

	*seed = *seed * 1664525 + 1013904223;
	if (depth == 3 || (*seed >> 16) % 4) {
		const char *piece = pieces[(*seed >> 20) % ARRAY_LEN(pieces)];

		snprintf(to + n, room - n, "%s%s", piece,
			 strcmp(piece, "\\b") != 0 ? often[(*seed >> 24) % ARRAY_LEN(often)] : "");
		return;
	}
	parts = 1 + (*seed >> 20) % 3;
	snprintf(to + n, room - n, "(?:");
	for (i = 0; i < parts; i++) {
		if (i && (*seed >> 28) % 2)
			strncat(to, "|", room - strlen(to) - 1);
		piece_put(to, room, seed, depth + 1);
	}
	strncat(to, ")", room - strlen(to) - 1);
	strncat(to, often[(*seed >> 24) % ARRAY_LEN(often)], room - strlen(to) - 1);
}

/* What is not tried would have passed: nothing that serves depends on the saving. */
static void test_what_is_not_worth_a_try_bears_it(void **state)
{
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	size_t untried = 0, i, k;
	uint32_t seed = 20261122;

	(void)state;
	for (i = 0; i < 1500; i++) {
		char regex[512] = "", repeated[ADVERSARY_RUN_BYTES + 1];
		struct pattern_spec spec = {.regex = regex, .fold = true};
		cleanup(pattern_freep) struct pattern *p = NULL;
		struct pattern_fault f;

		for (k = 0; k < 1 + i % 8; k++)
			piece_put(regex, sizeof(regex) - 64, &seed, 0);
		spec.regex_len = strlen(regex);
		if (pattern_compile(&spec, &f, &p) || adversary_worth(p, true))
			continue;
		untried++;
		if (adversary_try(p, room, regex, strlen(regex), true, repeated) != 0)
			fail_msg("%s is worth a try", regex);
	}
	assert_true(untried > 300);
}

/* A long expression gives long runs of letters and many of them: the bounds hold. */
static void test_bounds(void **state)
{
	char regex[2000] = "";
	size_t i;

	(void)state;
	for (i = 0; i < 60; i++)
		strcat(regex, i % 2 ? "abcdefghijklmnopq" : "rstuvw+");
	assert_int_equal(tried(regex, true, true), 0);
	memset(regex, 'x', 500);
	strcpy(regex + 500, "(y+)+$");
	assert_int_equal(tried(regex, true, false),
			 0); /* its beginning is longer than ADVERSARY_RUN_BYTES: the limits do */
	memset(regex, 'x', ADVERSARY_RUN_BYTES);
	strcpy(regex + ADVERSARY_RUN_BYTES, "(y+)+$");
	assert_int_equal(tried(regex, true, false), ADVERSARY_E_EXPLODES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_explodes_is_found),
		cmocka_unit_test(test_what_people_write_is_let_be),
		cmocka_unit_test(test_a_cube_is_only_slow),
		cmocka_unit_test(test_most_patterns_need_no_try),
		cmocka_unit_test(test_what_is_not_worth_a_try_bears_it),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
