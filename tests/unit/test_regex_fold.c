/* match/regex_fold through its header: what of an expression is folded, and what is refused with advice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "match/regex_fold.h"

static const struct {
	const char *in, *want;
} cases[] = {
	{"acme", "acme"},
	{"\\bACMÉ\\b", "\\bacme\\b"},
	{"Señor|PINGÜINO", "señor|pinguino"},
	{"e\u0301xito", "exito"}, /* decomposed */
	{"[ÁÑx]y", "[añx]y"},
	{"[^É]", "[^e]"},
	{"[A-F0-9_]", "[A-Fa-f0-9_]"},
	{"[0-Z]", "[0-Za-z]"},
	{"[a-z]+[-A]", "[a-z]+[-a]"},
	{"[]Á][^]Á]", "[]a][^]a]"},
	{"[\\d-Z\\]Á]", "[\\d-z\\]a]"},
	{"[[:alpha:]Á]", "[[:alpha:]a]"},
	{"[\\QÁ]\\E]Á", "[\\Qa]\\E]a"},
	{"\\QÁ.B\\E.Ó", "\\Qa.b\\E.o"},
	{"\\W\\S\\D\\B\\A\\Z\\R\\X\\H", "\\W\\S\\D\\B\\A\\Z\\R\\X\\H"},
	{"\\p{L}\\P{Ll}\\pN", "\\p{L}\\P{Ll}\\pN"},
	{"\\x{f1}\\xf1\\N{U+00F1}\\x20\\x{1F600}", "\\x{f1}\\xf1\\N{U+00F1}\\x20\\x{1F600}"}, /* ñ is there */
	{"\\á\\.", "a\\."},
	{"(?<Año>x)\\k<Año>\\k{Año}(?P=Año)(?&Año)", "(?<Año>x)\\k<Año>\\k{Año}(?P=Año)(?&Año)"},
	{"(?P<A>x)(?'B'y)(?R)(?P>A)(?1)(?-1)", "(?P<A>x)(?'B'y)(?R)(?P>A)(?1)(?-1)"},
	{"(?:Á)(?=B)(?!C)(?<=D)(?<!E)(?>F)(?|G)", "(?:a)(?=b)(?!c)(?<=d)(?<!e)(?>f)(?|g)"},
	{"(?J)(?i-s:A)(?^:B)", "(?J)(?i-s:a)(?^:b)"},
	{"(?#Á [ B)C", "(?#Á [ B)c"},
	{"(?x) Á # [ B\n C", "(?x) a # [ B\n c"},
	{"(*UTF)(*SKIP:Á)(*positive_lookahead:Á)", "(*UTF)(*SKIP:Á)(*positive_lookahead:a)"},
	{"(?(<A>)Á|É)(?(?=Ñ)X)(?(1)Y)", "(?(<A>)a|e)(?(?=ñ)x)(?(1)y)"},
	{"Straße+", "stra(?:ss)e+"},
	{"ß+", "(?:ss)+"},
	{"a\u200B+", "a(?:)+"},
	{"（Á）．", "\\(a\\)\\."}, /* full-width signs become metacharacters */
	{"a\u00A0b", "a\\ b"},
	{"a{1,3}", "a{1,3}"},
	{"(\u0301)", "(\u0301)"},
	{"\\cA\\g{-1}\\g<A>\\o{141}A", "\\cA\\g{-1}\\g<A>\\o{141}a"},
	/* what PCRE2 refuses passes */
	{"[Á", "[a"},
	{"(?<Á", "(?<Á"},
	{"\\", "\\"},
	{"(?", "(?"},
	{"\\p{", "\\p{"},
	{"\\QÁ", "\\Qa"},
	{"[\\", "[\\"},
};

static void literals_are_folded_and_syntax_is_not(void **state)
{
	size_t i, k, at;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct regex_folded f;
		size_t len = strlen(cases[i].in);

		regex_folded_init(&f);
		assert_int_equal(regex_fold(cases[i].in, len, &f, &at), 0);
		assert_string_equal(buf_str(&f.out), cases[i].want);
		for (k = 0; k < f.out.len; k++)
			assert_in_range(f.origin[k], 0, len - 1);
		regex_folded_done(&f);
	}
}

static const struct {
	const char *in;
	int want;
	size_t at;
} refused[] = {
	{"x[á-ú]", REGEX_E_RANGE, 2},
	{"[a-ñ]", REGEX_E_RANGE, 1},
	{"[\\xe0-\\xff]", REGEX_E_RANGE, 1},
	{"[a-\\x{ff}]", REGEX_E_RANGE, 1},
	{"a\\p{Lu}", REGEX_E_CASE, 1},
	{"\\P{ l_u }", REGEX_E_CASE, 0},
	{"\\p{^Lu}", REGEX_E_CASE, 0},
	{"[\\p{Lt}]", REGEX_E_CASE, 1},
	{"\\p{Uppercase}", REGEX_E_CASE, 0},
	{"[a[:upper:]]", REGEX_E_CASE, 2},
	{"[[:^upper:]]", REGEX_E_CASE, 1},
	{"[aß]", REGEX_E_MEMBER, 2},
	{"[\u200B]", REGEX_E_MEMBER, 1},
	{"a\\xC9", REGEX_E_ESCAPE, 1},
	{"\\x41", REGEX_E_ESCAPE, 0},
	{"\\N{U+00e1}", REGEX_E_ESCAPE, 0},
	{"\\o{101}", REGEX_E_ESCAPE, 0},
	{"\\101", 0, 0},          /* could be a reference: PCRE2's matter */
	{"[\\x{e9}\\xa0]", 0, 0}, /* dead members harm nobody */
	{"\\xa0", 0, 0},
};

static void what_could_never_be_found_is_refused(void **state)
{
	size_t i, at;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct regex_folded f;

		regex_folded_init(&f);
		assert_int_equal(regex_fold(refused[i].in, strlen(refused[i].in), &f, &at), refused[i].want);
		assert_int_equal(at, refused[i].at);
		regex_folded_done(&f);
	}
}

static void bounds_are_reached(void **state)
{
	char text[REGEX_MAX_BYTES + 1];
	struct regex_folded f;
	size_t at, i;

	(void)state;
	memset(text, 'A', sizeof(text));
	regex_folded_init(&f);
	assert_int_equal(regex_fold(text, REGEX_MAX_BYTES, &f, &at), 0);
	assert_int_equal(f.out.len, REGEX_MAX_BYTES);
	regex_folded_done(&f);
	assert_int_equal(regex_fold(text, REGEX_MAX_BYTES + 1, &f, &at), REGEX_E_LONG);
	for (i = 0; i + 3 <= REGEX_MAX_BYTES; i += 3)
		memcpy(text + i, "\uFDFA", 3); /* each becomes 37 bytes */
	assert_int_equal(regex_fold(text, i, &f, &at), REGEX_E_LONG);
	regex_folded_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_are_folded_and_syntax_is_not),
		cmocka_unit_test(what_could_never_be_found_is_refused),
		cmocka_unit_test(bounds_are_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
