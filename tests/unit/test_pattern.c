/* match/pattern through its header: what is found where, what is refused, and where a match ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "match/fold.h"
#include "match/pattern.h"
#include "match/regex_fold.h"

enum { WORDS = 16 };

static int compile(const char *regex, const char *words, bool fold, bool case_sensitive, struct pattern_fault *f,
		   struct pattern **ret)
{
	struct word v[WORDS];
	struct pattern_spec spec = {.regex = regex, .fold = fold, .case_sensitive = case_sensitive};

	if (regex)
		spec.regex_len = strlen(regex);
	if (words)
		spec.n_words = words_lines(words, strlen(words), v, WORDS);
	spec.words = v;
	return pattern_compile(&spec, f, ret);
}

static const struct {
	const char *regex, *words;
	bool original, case_sensitive;
	const char *text;
	int from, to; /* code points; -1: not found */
} cases[] = {
	{NULL, "acme", .text = "Hoy ACME, mañana no", .from = 4, .to = 8},
	{NULL, "acme", .text = "acmeñia", .from = -1}, /* ñ is a letter, digits and _ too */
	{NULL, "acme", .text = "ñacme acme2 acme_mx", .from = -1},
	{NULL, "acme", .text = "(acme) #acme", .from = 1, .to = 5},
	{NULL, "acme\nacme mx", .text = "de Acme\u00A0\n MX hoy", .from = 3, .to = 12},
	{NULL, "@acme*", .text = "ana@acme.com", .from = -1}, /* an address is no handle */
	{NULL, "@acme*", .text = "¡@acme_mx!", .from = 1, .to = 9},
	{NULL, "#acme", .text = "#acmefraude", .from = -1},
	{NULL, "#acme", .text = "ya: #Acme", .from = 4, .to = 9},
	{NULL, "estafa*", .text = "ESTAFADORES", .from = 0, .to = 11},
	{NULL, "*cola", .text = "Pepsicola", .from = 0, .to = 9},
	{NULL, "no * servicio", .text = "no hay servicio", .from = 0, .to = 15},
	{NULL, "no * servicio", .text = "no servicio", .from = -1},
	{NULL, "C++", .text = "en c++.", .from = 3, .to = 6},
	{NULL, "niño", .text = "un nino", .from = -1},
	{NULL, "niño", .text = "un NIN\u0303O", .from = 3, .to = 8},
	{NULL, "cafe", .text = "CAFÉ", .from = 0, .to = 4},
	{NULL, "são paulo", .text = "Sao Paulo", .from = 0, .to = 9},
	{"\\bestafa\\w*", NULL, .text = "la Estafádora", .from = 3, .to = 13},
	{"\\bñu\\b", NULL, .text = "Ñu", .from = 0, .to = 2},
	{"\\w+", NULL, .text = "¡ñandú!", .from = 1, .to = 6}, /* FAULTS §3.7: \w knows ñ */
	{"Á.B", NULL, .text = "aXb", .from = 0, .to = 3},
	{"acme$", NULL, .text = "acme\r\n", .from = 0, .to = 4},
	{"(?=.*acme)(?=.*fraude)", NULL, .text = "fraude en acme", .from = 0, .to = 0},
	{"a\\Kb", NULL, .text = "xab", .from = 2, .to = 3},
	{"\\bACME\\b", NULL, .original = true, .case_sensitive = true, .text = "acme Acme ACME", .from = 10, .to = 14},
	{"acme", NULL, .original = true, .text = "ÁCME ACME", .from = 5, .to = 9},
	{"[á-ú]", NULL, .original = true, .text = "ñÉ", .from = 0, .to = 1},
	{"\\p{Lu}{3}", NULL, .original = true, .case_sensitive = true, .text = "abc ÁÉÍ", .from = 4, .to = 7},
	{NULL, "ACME", .original = true, .case_sensitive = true, .text = "acme ACME", .from = 5, .to = 9},
};

static void finds_in_the_original_what_a_reader_would(void **state)
{
	struct pattern_room *room = pattern_room_new();
	struct fold f;
	size_t i;

	(void)state;
	fold_init(&f);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct pattern_fault fault;
		struct pattern *p = NULL;
		size_t from = 0, to = 0;
		uint32_t first = 0, last = 0;
		int r;

		assert_int_equal(compile(cases[i].regex, cases[i].words, !cases[i].original, cases[i].case_sensitive,
					 &fault, &p),
				 0);
		fold_text(&f, cases[i].text, strlen(cases[i].text));
		if (pattern_fold(p)) {
			r = pattern_find(p, room, f.bytes, f.len, 0, &from, &to);
			fold_span(&f, from, to, &first, &last);
		} else {
			const char *s = cases[i].text;

			r = pattern_find(p, room, s, strlen(s), 0, &from, &to);
			for (; (size_t)(s - cases[i].text) < to; s++)
				if (((unsigned char)*s & 0xC0) != 0x80) {
					first += (size_t)(s - cases[i].text) < from;
					last++;
				}
		}
		if (r != (cases[i].from < 0 ? PATTERN_E_NONE : 0) ||
		    (!r && (first != (uint32_t)cases[i].from || last != (uint32_t)cases[i].to)))
			fail_msg("%s in \"%s\": %d, %u to %u", pattern_shown(p), cases[i].text, r, first, last);
		pattern_free(p);
	}
	fold_done(&f);
	pattern_room_free(room);
}

static const struct {
	const char *regex;
	enum text_id text;
	size_t at;
} refused[] = {
	{"", TEXT_MATCH_REGEX_EMPTY, 0},
	{"acme|", TEXT_MATCH_REGEX_EMPTY, 0},
	{"x*", TEXT_MATCH_REGEX_EMPTY, 0},
	{"^(?!.*acme)", TEXT_MATCH_REGEX_EMPTY, 0},
	{"\bacme", TEXT_MATCH_REGEX_CONTROL, 0},
	{"ñ(a", TEXT_MATCH_REGEX_PAREN_OPEN, 4},
	{"ßa)", TEXT_MATCH_REGEX_PAREN_CLOSE, 3}, /* a place in the original, not in what it became */
	{"a[b", TEXT_MATCH_REGEX_BRACKET, 3},
	{"+a", TEXT_MATCH_REGEX_QUANTIFIER, 0},
	{"a[z-b]", TEXT_MATCH_REGEX_RANGE_ORDER, 4},
	{"a\\", TEXT_MATCH_REGEX_BACKSLASH, 2},
	{"a\\y", TEXT_MATCH_REGEX_UNKNOWN_ESCAPE, 2},
	{"(?<=a+)b", TEXT_MATCH_REGEX_LOOKBEHIND, 0},
	{"\\p{Nada}", TEXT_MATCH_REGEX_PROPERTY, 8},
	{"a\\Cb", TEXT_MATCH_REGEX_BYTE, 3}, /* FAULTS P13 */
	{"[á-ú]", TEXT_MATCH_REGEX_RANGE, 1},
	{"\\p{Lu}", TEXT_MATCH_REGEX_CASE, 0},
	{"(?<n>a)(?<n>b)", TEXT_MATCH_REGEX_NAME_TWICE, 12},
	{"(x)(?(1)a|b|c)", TEXT_MATCH_REGEX_INVALID, 3},
};

static void a_mistake_has_its_words_and_place(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct pattern_fault f;
		struct pattern *p = NULL;

		assert_int_equal(compile(refused[i].regex, NULL, true, false, &f, &p), PATTERN_E_INVALID);
		if (f.text != refused[i].text || f.at != refused[i].at)
			fail_msg("%s: text %d (not %d) at %zu (not %zu): %s", refused[i].regex, f.text, refused[i].text,
				 f.at, refused[i].at, f.args[1]);
		assert_null(p);
	}
}

/* FAULTS P13: bombs are refused when they are compiled. */
static void bombs_are_refused(void **state)
{
	char text[REGEX_MAX_BYTES + 2] = "";
	struct pattern_fault f;
	struct pattern *p = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		text[i] = '(';
		text[1001 + i] = ')';
	}
	text[1000] = 'a';
	text[2001] = '\0';
	assert_int_equal(compile(text, NULL, true, false, &f, &p), PATTERN_E_INVALID);
	assert_int_equal(f.text, TEXT_MATCH_REGEX_DEEP);
	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(compile(text, NULL, true, false, &f, &p), PATTERN_E_INVALID);
	assert_int_equal(f.text, TEXT_MATCH_REGEX_LONG);
	assert_string_equal(f.args[0], "4096");
	assert_int_equal(compile("(?:(?:abcdefghij){1000}){1000}", NULL, true, false, &f, &p), PATTERN_E_INVALID);
	assert_int_equal(f.text, TEXT_MATCH_REGEX_LARGE);
	assert_null(p);
}

/* FAULTS P11, P13: a match ends, and no expression can say otherwise. */
static void a_match_ends_at_its_limit(void **state)
{
	static const char *const regexes[] = {"^(a+)+$",
					      "(*LIMIT_MATCH=4000000000)^(a+)+$",
					      "(*NO_JIT)^(a+)+$",
					      "(|a|(?1))\\d",
					      "(?<n>|a|(?&n))\\d",
					      "(|a|\\g<1>)\\d",
					      "(*NO_JIT)(*LIMIT_DEPTH=4000000000)^(a|b|ab)*c"};
	struct pattern_room *room = pattern_room_new();
	char text[60];
	size_t i, from = 7, to = 7;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '!';
	for (i = 0; i < ARRAY_LEN(regexes); i++) {
		struct pattern_fault f;
		struct pattern *p = NULL;
		int r;

		assert_int_equal(compile(regexes[i], NULL, true, false, &f, &p), 0);
		r = pattern_find(p, room, text, sizeof(text), 0, &from, &to);
		assert_int_equal(r, i < 6 ? PATTERN_E_LIMIT : PATTERN_E_NONE);
		assert_int_equal(from, 7); /* written on success alone */
		pattern_free(p);
	}
	pattern_room_free(room);
}

/* FAULTS P12: what outgrows the stack of compiled code is tried by the interpreter, and given up there at its limit. */
static void a_full_stack_is_no_crash(void **state)
{
	enum { LONG = 1000 * 1000 };
	struct pattern_room *room = pattern_room_new();
	cleanup(freep) char *text = xmalloc(LONG + 1);
	struct pattern_fault f;
	struct pattern *p = NULL;
	size_t from = 7, to;

	(void)state;
	memset(text, 'a', LONG);
	text[LONG] = 'c';
	assert_int_equal(compile("(?:a|b)*c", NULL, true, false, &f, &p), 0);
	assert_int_equal(pattern_find(p, room, text, LONG + 1, 0, &from, &to), PATTERN_E_LIMIT);
	assert_int_equal(pattern_find(p, room, text, LONG + 1, LONG - 10, &from, &to), 0); /* and is of use again */
	assert_int_equal(to, LONG + 1);
	pattern_free(p);
	pattern_room_free(room);
}

static void the_expression_of_a_list_can_be_shown(void **state)
{
	struct pattern_fault f;
	struct pattern *p = NULL;

	(void)state;
	assert_int_equal(compile(NULL, "Acme MX\nacme", true, false, &f, &p), 0);
	assert_string_equal(pattern_shown(p), "(?<!\\w)(?:acme\\s+mx|acme)(?!\\w)");
	p = pattern_free(p);
	assert_int_equal(compile(NULL, "acme\n**", true, false, &f, &p), PATTERN_E_INVALID);
	assert_int_equal(f.text, TEXT_MATCH_WORD_STARS);
	assert_int_equal(f.word, 1);
	assert_string_equal(f.args[0], "**");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_in_the_original_what_a_reader_would),
		cmocka_unit_test(a_mistake_has_its_words_and_place),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(a_match_ends_at_its_limit),
		cmocka_unit_test(a_full_stack_is_no_crash),
		cmocka_unit_test(the_expression_of_a_list_can_be_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
