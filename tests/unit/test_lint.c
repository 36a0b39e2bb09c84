/* match/lint by rule files: each finding where it stands; and nothing said of what is well. FAULTS P11, P13, C2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "match/lint.h"
#include "match/ruleset.h"
#include "match/tried.h"

#define TESTS         "tests: [{text: 'zzz', hits: none}]\n"
#define INDUSTRY      "topic: t\nrole: industry\n" TESTS           /* what follows begins on line 4 */
#define BRAND         "topic: t\nrole: brand\nown: ['@t']\n" TESTS /* on line 5 */
#define RE(regex)     INDUSTRY "patterns:\n  p: '" regex "'\n"     /* the expression begins in line 5, column 7 */
#define LIST(...)     INDUSTRY "patterns:\n  p: [" __VA_ARGS__ "]\n"
#define WHEN(when)    INDUSTRY "patterns: {x: [foo], y: [bar]}\nabout: 'x or y'\nrules:\n  - {name: r, when: '" when "'}\n"
#define CARRIED(what) INDUSTRY "patterns: {x: [foo]}\nabout: x\nrules:\n  - {name: r, when: x, " what "}\n"
#define ABOUT(about)                                                                                                   \
	INDUSTRY "patterns: {x: [foo], y: [bar]}\nrules: [{name: r, when: 'x and y'}]\nabout: '" about "'\n"

enum { WANTS = 5 };

static const struct {
	const char *file;
	struct {
		unsigned line, column;
		enum text_id text;
	} want[WANTS];
} cases[] = {
	/* expressions: edges of words */
	{RE("\\b#acme\\b"), {{5, 7, TEXT_LINT_BOUND_SIGN}}},
	{RE("\\b@acme"), {{5, 7, TEXT_LINT_BOUND_SIGN}}},
	{RE("acme|\\b#andino"), {{5, 12, TEXT_LINT_BOUND_SIGN}}},
	{RE("\\b(?:@acme|x)"), {{5, 12, TEXT_LINT_BOUND_SIGN}}},
	{RE("\\b(acme|@acme)\\b"), {{5, 15, TEXT_LINT_BOUND_SIGN}}},
	{RE("\\b[@#]acme"), {{5, 7, TEXT_LINT_BOUND_SIGN}}},
	{RE("\\b(?:@|#)acme"), {{5, 12, TEXT_LINT_BOUND_SIGN}, {5, 14, TEXT_LINT_BOUND_SIGN}}},
	{RE("\\b(?:acme (?:@|#)|@?sol)"), {{0}}},
	{RE("(?:\\b|@)acme"), {{0}}},
	{RE("acme!\\b"), {{5, 12, TEXT_LINT_BOUND_SIGN_END}}},
	{RE("c\\+\\+\\b"), {{5, 12, TEXT_LINT_BOUND_SIGN_END}}},
	{RE("acme\\bmx"), {{5, 11, TEXT_LINT_BOUND_NEVER}}},
	{RE(", \\b@acme"), {{5, 9, TEXT_LINT_BOUND_NEVER}}},
	{RE("ñandú\\bé"), {{5, 12, TEXT_LINT_BOUND_NEVER}}},
	{RE("x+\\bacme"), {{5, 9, TEXT_LINT_BOUND_NEVER}}},
	/* the text's edges */
	{RE("acme^mx"), {{5, 11, TEXT_LINT_CARET}}},
	{RE("costó $100"), {{5, 13, TEXT_LINT_DOLLAR}}},
	{RE("acme$ mx"), {{5, 11, TEXT_LINT_DOLLAR}}},
	{RE("^acme$"), {{5, 7, TEXT_LINT_WHOLE}}},
	/* dots */
	{RE("acme.com"), {{5, 11, TEXT_LINT_DOMAIN_DOT}}},
	{RE("\\bacme.com.mx\\b"), {{5, 13, TEXT_LINT_DOMAIN_DOT}}},
	{RE("(tienda-acme.mx|otra)"), {{5, 19, TEXT_LINT_DOMAIN_DOT}}},
	{RE(".*acme"), {{5, 7, TEXT_LINT_DOT_STAR}}},
	{RE("acme.*"), {{5, 11, TEXT_LINT_DOT_STAR}}},
	{RE(".+acme.*?"), {{5, 7, TEXT_LINT_DOT_STAR}, {5, 13, TEXT_LINT_DOT_STAR}}},
	{RE("(.*acme.*)"), {{5, 8, TEXT_LINT_DOT_STAR}, {5, 14, TEXT_LINT_DOT_STAR}}},
	{RE(".*acme|x.*fraude"), {{5, 7, TEXT_LINT_DOT_STAR}}},
	{RE("^.*acme mx"), {{5, 7, TEXT_LINT_ONE_LINE}}},
	{RE("acme mx.*$"), {{5, 14, TEXT_LINT_ONE_LINE}}},
	{RE("acme mx .*(?:y|o)"), {{0}}},
	{RE("(?:x.*acme){2}"), {{0}}},
	/* signs that mean another thing */
	{RE("[A-Z]cme"), {{5, 7, TEXT_LINT_CLASS_CAPITALS}}},
	{RE("[A-Za-z]cme"), {{0}}},
	{RE("acme"), {{5, 7, TEXT_LINT_PLAIN}}},
	{RE("el 2 de mayo"), {{5, 7, TEXT_LINT_PLAIN}}},
	{INDUSTRY "patterns:\n  p: {regex: acme}\n", {{0}}},
	{INDUSTRY "patterns:\n  p: {regex: '[A-Z]cme', case: true, fold: false}\n", {{0}}},
	{RE("(i?)acme"), {{5, 7, TEXT_LINT_CASE_FLAG}}},
	{RE("(i)acme"), {{5, 7, TEXT_LINT_CASE_FLAG}}},
	{RE("/acme/i"), {{5, 7, TEXT_LINT_SLASHES}}},
	{RE("/acme/"), {{5, 7, TEXT_LINT_SLASHES}}},
	{RE("\\b(acme|)\\b"), {{5, 7, TEXT_LINT_PLACE}, {5, 14, TEXT_LINT_EMPTY_ALT}}},
	{RE("x(|acme)"), {{5, 9, TEXT_LINT_EMPTY_ALT}}},
	{RE("x(?:acme||otro)"), {{5, 16, TEXT_LINT_EMPTY_ALT}}},
	{RE("estafa*"), {{5, 13, TEXT_LINT_GLOB}}},
	{RE("(fraude|estafa*)"), {{5, 21, TEXT_LINT_GLOB}}},
	{RE("[fraude|robo]"), {{5, 7, TEXT_LINT_CLASS_WORDS}}},
	{RE("x[estafa]"), {{5, 8, TEXT_LINT_CLASS_WORDS}}},
	{RE("[A-z]+@acme"), {{5, 7, TEXT_LINT_CLASS_A_Z}}},
	{RE("\\bc++"), {{5, 10, TEXT_LINT_PLUS}}},
	{RE("¿dónde está?"), {{5, 18, TEXT_LINT_QUESTION}}},
	{RE("acm&eacute;"), {{5, 10, TEXT_LINT_ENTITY}}},
	{RE(" acme"), {{5, 7, TEXT_LINT_SPACE}}},
	{RE("acme "), {{5, 11, TEXT_LINT_SPACE}}},
	{RE("\\b"), {{5, 7, TEXT_LINT_PLACE}}},
	{RE("\\bx*"), {{5, 7, TEXT_LINT_PLACE}}},
	{INDUSTRY "patterns:\n  p: {regex: 'acme.com', in: url}\n", {{5, 19, TEXT_LINT_DOMAIN_DOT}}},
	/* never, in folded text: refused with the place */
	{RE("\\xC9xito"), {{5, 7, TEXT_MATCH_REGEX_ESCAPE}}},
	{RE("caf\\xE1"), {{5, 10, TEXT_MATCH_REGEX_ESCAPE}}},
	{RE("\\p{Lu}cme"), {{5, 7, TEXT_MATCH_REGEX_CASE}}},
	{RE("acme|"), {{5, 7, TEXT_MATCH_REGEX_EMPTY}}},
	{INDUSTRY "patterns:\n  p: {regex: 'ACME', case: true}\n", {{5, 28, TEXT_MATCH_PATTERN_CASE}}},
	/* what explodes */
	{RE("(a+)+$"), {{5, 6, TEXT_LINT_EXPLODES}}},
	{RE("^(\\w+\\s?)+$"), {{5, 6, TEXT_LINT_EXPLODES}, {5, 7, TEXT_LINT_WHOLE}}},
	{RE("a*a*a*[bc]"), {{5, 6, TEXT_LINT_SLOW}}},
	{LIST("'*a*a*a*a*a*a*a*b'"), {{5, 7, TEXT_LINT_EXPLODES}}},
	{RE("\\C"), {{5, 9, TEXT_MATCH_REGEX_BYTE}}},
	/* lists */
	{LIST("'\\bacme\\b'"), {{5, 7, TEXT_LINT_WORD_REGEX}}},
	{LIST("acme, 'fraude|robo'"), {{5, 13, TEXT_LINT_WORD_REGEX}}},
	{LIST("acme.*"), {{5, 7, TEXT_LINT_WORD_REGEX}}},
	{LIST("'acm&eacute;'"), {{5, 7, TEXT_LINT_ENTITY}}},
	{INDUSTRY "patterns:\n  p:\n    words: |\n      acme,\n      andino\n", {{7, 7, TEXT_LINT_WORD_COMMA}}},
	{LIST("'estafador(es)', 'estafas?', '[ée]xito', '^acme', 'go?l'"),
	 {{5, 7, TEXT_LINT_WORD_REGEX},
	  {5, 24, TEXT_LINT_WORD_REGEX},
	  {5, 36, TEXT_LINT_WORD_REGEX},
	  {5, 48, TEXT_LINT_WORD_REGEX},
	  {5, 57, TEXT_LINT_WORD_REGEX}}},
	{INDUSTRY "patterns:\n  p:\n    words: acme, acme mx, andino\n", {{6, 12, TEXT_LINT_WORD_SEVERAL}}},
	{INDUSTRY "patterns:\n  p:\n    words: |\n      zas\n      acme, andino\n", {{8, 7, TEXT_LINT_WORD_SEVERAL}}},
	{LIST("acme, 'andino, sierra'"), {{5, 13, TEXT_LINT_WORD_SEVERAL}}},
	{LIST("'@acme @acme_mx'"), {{5, 7, TEXT_LINT_WORD_SEVERAL}}},
	{LIST("'acme OR andino', 'acme AND estafa'"),
	 {{5, 7, TEXT_LINT_WORD_BOOLEAN}, {5, 25, TEXT_LINT_WORD_BOOLEAN}}},
	{INDUSTRY "patterns:\n  p:\n    words: |\n      # names\n      acme   # ours\n",
	 {{7, 7, TEXT_LINT_WORD_REMARK}, {8, 7, TEXT_LINT_WORD_REMARK}}},
	{LIST("acme, '\"no funciona\"'"), {{5, 13, TEXT_LINT_WORD_QUOTED}}},
	{INDUSTRY "patterns:\n  p: {words: lists/acme.txt}\n", {{5, 14, TEXT_LINT_WORD_FILE}}},
	{LIST("Acme, otro, acme"), {{5, 19, TEXT_LINT_WORD_TWICE}}},
	{LIST("acme, 'acme*', ACME"), {{5, 7, TEXT_LINT_WORD_COVERED}, {5, 22, TEXT_LINT_WORD_TWICE}}},
	{LIST("café, cafe"), {{5, 13, TEXT_LINT_WORD_TWICE}}},
	{LIST("estafas, 'estafa*'"), {{5, 7, TEXT_LINT_WORD_COVERED}}},
	{LIST("'estafa*', 'estafad*', estafó"), {{5, 18, TEXT_LINT_WORD_COVERED}}},
	{LIST("'café * andino', 'café del andinos'"), {{0}}},
	{LIST("'una estafa*', 'una estafa total', 'una  estafada'"), {{5, 42, TEXT_LINT_WORD_COVERED}}},
	{INDUSTRY "patterns:\n  p:\n    words: |\n      acme\n      ÁCME\n", {{8, 7, TEXT_LINT_WORD_TWICE}}},
	{INDUSTRY "patterns:\n  p: {words: [café, cafe], fold: false}\n", {{0}}},
	/* words of everybody's */
	{BRAND "patterns:\n  p: [sol]\n", {{6, 7, TEXT_LINT_COMMON}}},
	{BRAND "patterns:\n  p: [Sol, cerveza sol]\nabout: 'p'\n", {{6, 7, TEXT_LINT_COMMON}}},
	{BRAND "patterns:\n  p: '\\bÉxito\\b'\n", {{6, 9, TEXT_LINT_COMMON}}},
	{BRAND "patterns:\n  p: [target]\n  q: [toon]\nabout: 'p and not q'\n", {{6, 7, TEXT_LINT_COMMON}}},
	{BRAND "patterns:\n  p: [maçã, loja]\n", {{6, 13, TEXT_LINT_COMMON}}},
	{BRAND "patterns:\n  p: [sol]\n  q: [cerveza]\nabout: 'p and q'\n", {{0}}},
	{BRAND "patterns:\n  p: [sol]\n  q: [cerveza]\nabout: 'near(p, q, 12)'\n", {{0}}},
	{BRAND "patterns:\n  p: [cerveza sol, '@sol', '#sol']\n", {{0}}},
	{LIST("sol"), {{0}}},
	/* conditions */
	{WHEN("x and not x"), {{7, 21, TEXT_LINT_NEVER}}},
	{WHEN("x or not x"), {{7, 21, TEXT_LINT_ALWAYS}}},
	{WHEN("lang == es and lang == pt"), {{7, 21, TEXT_LINT_NEVER}}},
	{WHEN("followers > 10 and followers < 5"), {{7, 21, TEXT_LINT_NEVER}}},
	{WHEN("followers < 0"), {{7, 21, TEXT_LINT_NEVER}}},
	{WHEN("known(lang) or not known(lang)"), {{7, 21, TEXT_LINT_ALWAYS}}},
	{WHEN("not known(followers) or followers >= 0"), {{7, 21, TEXT_LINT_ALWAYS}}},
	{WHEN("count(x) >= 3 and count(x) < 2"), {{7, 21, TEXT_LINT_NEVER}}},
	{WHEN("near(x, y, 5) and not y"), {{7, 21, TEXT_LINT_NEVER}}},
	{WHEN("not x and not y"), {{7, 21, TEXT_LINT_NEVER_ABOUT}}},
	{WHEN("near(x, x, 3)"), {{7, 30, TEXT_LINT_NEAR_SELF}}},
	{WHEN("before(y, y, 3) and x"), {{7, 32, TEXT_LINT_NEAR_SELF}}},
	{WHEN("x'}\n  - {name: s, when: ' x "), {{8, 21, TEXT_LINT_TWIN}}},
	{WHEN("near(x,y, 2)'}\n  - {name: s, when: 'near( x, y,2 )"), {{8, 21, TEXT_LINT_TWIN}}},
	{WHEN("x and not (lang == pt)"), {{0}}},
	{WHEN("not (lang in [es, pt]) and known(lang)"), {{0}}},
	{WHEN("followers >= 10 and followers <= 10"), {{0}}},
	{WHEN("rating > 4 and rating < 5"), {{0}}},
	{WHEN("near(x, y, 5) or (x and not y)"), {{0}}},
	{WHEN("verified == true and followers > 10000 and not (country == MX)"), {{0}}},
	{WHEN("site in [acme.example] and site != acme.example"), {{0}}},
	{ABOUT("followers > 10"), {{6, 8, TEXT_LINT_ABOUT_NO_PATTERN}}},
	{ABOUT("not x"), {{5, 25, TEXT_LINT_NEVER_ABOUT}, {6, 8, TEXT_LINT_ABOUT_ALL}}},
	{ABOUT("not (x and y)"), {{5, 25, TEXT_LINT_NEVER_ABOUT}, {6, 8, TEXT_LINT_ABOUT_ALL}}},
	{ABOUT("x and y and not x"), {{6, 8, TEXT_LINT_NEVER}}},
	{ABOUT("source == muro"), {{0}}},
	/* tags and intents: line 7 has the rule */
	{CARRIED("tags: crysis"), {{7, 30, TEXT_LINT_NAME_NEAR}}},
	{CARRIED("tags: [queja, crises]"), {{7, 38, TEXT_LINT_NAME_NEAR}}},
	{CARRIED("tags: [quejas, queja]"), {{7, 31, TEXT_LINT_TAG_PLURAL}}},
	{CARRIED("intents: [complain, praise]"), {{7, 34, TEXT_LINT_NAME_NEAR}}},
	{CARRIED("intents: queja"), {{7, 33, TEXT_LINT_INTENT_OTHER}}},
	{CARRIED("tags: [crisis, robo, legal], intents: [complaint, fraud, venta]"), {{0}}},
	/* the topic */
	{"topic: t\nrole: industry\npatterns: {p: [foo]}\n", {{1, 8, TEXT_LINT_NO_TESTS}}},
	{"topic: t\nrole: brand\n" TESTS "patterns: {p: [foo]}\n", {{1, 8, TEXT_LINT_NO_OWN}}},
	{"topic: t\nrole: competitor\n" TESTS "patterns: {p: [foo]}\n", {{0}}},
	/* and nothing of what is well */
	{RE("\\b(estafa\\w*|fraude|robo)\\b"), {{0}}},
	{RE("(?<!\\w)#acme\\b"), {{0}}},
	{RE("@acme\\b"), {{0}}},
	{RE("\\bd\\.?\\b"), {{0}}},
	{RE("\\b(?:#?acme|@acme)"), {{5, 19, TEXT_LINT_BOUND_SIGN}}},
	{RE("\\b(?:#?acme|@?andino)"), {{0}}},
	{RE("\\bc\\+\\+"), {{0}}},
	{RE("(?m)^acme$"), {{0}}},
	{RE("^(ver|mira) acme"), {{0}}},
	{RE("acme\\.com"), {{0}}},
	{RE("acme.mexico"), {{0}}},
	{RE("no.es"), {{5, 9, TEXT_LINT_DOMAIN_DOT}}},
	{RE("jajaja*"), {{0}}},
	{RE("goo*l"), {{0}}},
	{RE("f[aá]cil"), {{0}}},
	{RE("[aeiou][a-z]+[^a|b]x"), {{0}}},
	{RE("cu[aá]nto (cuesta|vale|sale)n?\\b"), {{0}}},
	{RE("(?=.*acme)(?=.*fraude)"), {{0}}},
	{RE("acme (?:mx|co)?\\b"), {{0}}},
	{RE("a & b; c"), {{0}}},
	{RE("\\bacme\\b.{0,40}\\bfraude\\b"), {{0}}},
	{RE("\\Q(i?)\\E"), {{0}}},
	{RE("\\bs\\.a\\.(?: de c\\.v\\.)?"), {{0}}},
	{RE("(?x) acme # el nombre"), {{0}}},
	{INDUSTRY "patterns:\n  p: {regex: '^acme_mx$', in: author}\n", {{0}}},
	{INDUSTRY "patterns:\n  p: {regex: '\\bACME\\b', case: true, fold: false}\n", {{0}}},
	{LIST("'Acme, S.A. de C.V.', 'Acme, Inc', '¿acme?', 'qué pasa?', ':(', '100,50', 'gracias @acme', 'más o "
	      "menos'"),
	 {{0}}},
	{LIST("acme, acme mx, '@acme*', '#acme', 'C++', 'S.A. de C.V.', ':('"), {{0}}},
};

static bool told_elsewhere(enum text_id text)
{
	return text == TEXT_MATCH_TEST_FAILED || text == TEXT_MATCH_PATTERN_UNUSED || text == TEXT_LINT_TRIED_ALWAYS;
}

static void test_findings(void **state)
{
	char path[] = "/tmp/test_lint.XXXXXX";
	int fd = mkstemp(path), wrong = 0;
	size_t i, k;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		cleanup(ruleset_freep) struct ruleset *rs = NULL;
		struct buf b = BUF_INIT(1 << 16);
		FILE *f = fopen(path, "w");
		size_t want = 0;
		bool right = true;

		assert_non_null(f);
		fputs(cases[i].file, f);
		fclose(f);
		(void)!ruleset_load((const char *const[]){path}, 1, d, &rs);
		diag_sort(d);
		for (k = 0; k < diag_len(d); k++) {
			const struct finding *x = diag_at(d, k);

			if (told_elsewhere(x->text))
				continue;
			right &= want < WANTS && cases[i].want[want].line == x->pos.line &&
				 cases[i].want[want].column == x->pos.column && cases[i].want[want].text == x->text;
			want++;
			diag_render(&b, x, TEXT_EN);
			buf_putc(&b, '\n');
		}
		right &= want == WANTS || !cases[i].want[want].line;
		if (!right) {
			print_error("%s--- gave:\n%s\n", cases[i].file, buf_str(&b));
			wrong++;
		}
		buf_done(&b);
	}
	unlink(path);
	assert_int_equal(wrong, 0);
	assert_true(ARRAY_LEN(cases) >= 60);
}

static size_t told(const struct diag *d, enum text_id text)
{
	size_t n = 0, i;

	for (i = 0; i < diag_len(d); i++)
		n += diag_at(d, i)->text == text;
	return n;
}

/* Trials of all patterns together have a bound: what is behind it serves, is told once, and is not taken for tried. */
static void test_trials_have_a_time_together(void **state)
{
	cleanup(tried_freep) struct tried *tried = tried_new();
	struct ruleset_how how = {.tried = tried, .trials_ms = 1};
	char path[] = "/tmp/lint-XXXXXX";
	const char *const paths[] = {path};
	int fd = mkstemp(path), i;
	FILE *f = fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	fputs(INDUSTRY "patterns:\n", f);
	for (i = 0; i < 200; i++)
		fprintf(f, "  p%d: '(?:a|ab)(?:c|cd)+(?:e|de)+%d'\n", i, i);
	fputs("  last: '(a+)+$'\n", f);
	fclose(f);
	for (i = 0; i < 2; i++) { /* short of time, and with the time that there is */
		cleanup(diag_freep) struct diag *d = diag_new();
		cleanup(ruleset_freep) struct ruleset *rs = NULL;

		assert_int_equal(ruleset_load_how(paths, 1, &how, d, &rs), i ? RULESET_E_INVALID : 0);
		assert_int_equal(told(d, TEXT_LINT_UNTRIED), !i);
		assert_int_equal(told(d, TEXT_LINT_EXPLODES), i);
		how.trials_ms = 0;
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_trials_have_a_time_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
