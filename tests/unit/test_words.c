/* match/words through its header: the expression that a list becomes, and what a list may not hold. What the
 * expressions find is in test_pattern.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "match/words.h"

enum { OUT_MAX = 2 * WORDS_REGEX_MAX_BYTES };

static const struct {
	const char *block;
	bool fold;
	const char *want;
} cases[] = {
	{"acme", true, "(?<!\\w)(?:acme)(?!\\w)"},
	{"Acme\nacme MX\n\n  @Acme*\n#ácme\nACME\n", true, "(?<!\\w)(?:\\@acme\\w*|acme\\s+mx|\\#acme|acme)(?!\\w)"},
	{"Ácme", false, "(?<!\\w)(?:Ácme)(?!\\w)"},
	{"C++", true, "(?<!\\w)(?:c\\+\\+)(?!\\w)"},
	{"*cola\nsuper*do\nestaf**", true, "(?<!\\w)(?:super\\w*do|estaf\\w*|\\w*cola)(?!\\w)"},
	{"robo de  *  en\tAcme", true, "(?<!\\w)(?:robo\\s+de\\s+\\w+\\s+en\\s+acme)(?!\\w)"},
	{"a|b(c)[d]\\w.$^{2}?", true, "(?<!\\w)(?:a\\|b\\(c\\)\\[d\\]\\\\w\\.\\$\\^\\{2\\}\\?)(?!\\w)"},
	{"acme_mx\u00A0hoy", true, "(?<!\\w)(?:acme_mx\\s+hoy)(?!\\w)"},
};

static void a_list_becomes_one_expression(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(OUT_MAX);
		struct word v[16];
		size_t bad, n = words_lines(cases[i].block, strlen(cases[i].block), v, ARRAY_LEN(v));

		assert_int_equal(words_to_regex(v, n, cases[i].fold, &out, &bad), 0);
		assert_string_equal(buf_str(&out), cases[i].want);
		buf_done(&out);
	}
}

static const struct {
	struct word words[3];
	size_t n;
	int want;
	size_t bad;
} refused[] = {
	{{{"", 0}}, 0, WORDS_E_EMPTY, 0},
	{{{"acme", 4}, {"", 0}}, 2, WORDS_E_EMPTY, 1},
	{{{"acme", 4}, {" \t", 2}}, 2, WORDS_E_EMPTY, 1},
	{{{"\u200B", 3}}, 1, WORDS_E_EMPTY, 0},
	{{{"acme", 4}, {"\bacme\b", 6}}, 2, WORDS_E_CONTROL, 1}, /* FAULTS C1: "\b" between double quotes */
	{{{"a\xC2\x85", 3}}, 1, WORDS_E_CONTROL, 0},
	{{{"a", 1}, {"b", 1}, {"**", 2}}, 3, WORDS_E_STARS, 2},
	{{{"* *", 3}}, 1, WORDS_E_STARS, 0},
};

static void what_would_be_found_in_everything_is_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct buf out = BUF_INIT(OUT_MAX);
		size_t bad = 99;

		assert_int_equal(words_to_regex(refused[i].words, refused[i].n, true, &out, &bad), refused[i].want);
		assert_int_equal(bad, refused[i].bad);
		assert_int_equal(out.len, 0);
		buf_done(&out);
	}
}

static void bounds_are_reached(void **state)
{
	struct buf out = BUF_INIT(OUT_MAX);
	struct word v[WORDS_MAX + 1];
	char text[WORDS_MAX + 1][8], longest[WORD_MAX_BYTES + 1];
	size_t bad, i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(v); i++) {
		snprintf(text[i], sizeof(text[i]), "w%zu", i);
		v[i] = (struct word){text[i], strlen(text[i])};
	}
	assert_int_equal(words_to_regex(v, WORDS_MAX, true, &out, &bad), 0);
	assert_int_equal(words_to_regex(v, WORDS_MAX + 1, true, &out, &bad), WORDS_E_TOO_MANY);
	memset(longest, 'a', sizeof(longest));
	buf_reset(&out);
	assert_int_equal(words_to_regex(&(struct word){longest, WORD_MAX_BYTES}, 1, true, &out, &bad), 0);
	assert_int_equal(words_to_regex(&(struct word){longest, WORD_MAX_BYTES + 1}, 1, true, &out, &bad),
			 WORDS_E_WORD_LONG);
	for (i = 0; i < 100; i++) { /* 100 different ones of 250 bytes: 25 kB */
		char *s = xmalloc(251);

		memset(s, 'a', 250);
		s[250] = '\0';
		snprintf(s, 8, "%03zux", i);
		s[strlen(s)] = 'y';
		v[i] = (struct word){s, 250};
	}
	buf_reset(&out);
	assert_int_equal(words_to_regex(v, 100, true, &out, &bad), WORDS_E_TOO_MANY);
	for (i = 0; i < 100; i++)
		free((char *)v[i].s);
	buf_done(&out);
}

static void lines_are_counted_past_the_room(void **state)
{
	struct word v[2];

	(void)state;
	assert_int_equal(words_lines("a\nb\r\n \t\nc", 10, v, 2), 3);
	assert_int_equal(v[1].len, 2);
	assert_int_equal(words_lines("", 0, v, 2), 0);
	assert_int_equal(words_lines("\n \n", 3, v, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_becomes_one_expression),
		cmocka_unit_test(what_would_be_found_in_everything_is_refused),
		cmocka_unit_test(bounds_are_reached),
		cmocka_unit_test(lines_are_counted_past_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
