/* What discard does to a rule file's text, its diff, and the words that it picks from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/yaml.h"
#include "main/ctl_discard_diff.h"
#include "main/ctl_discard_rule.h"
#include "main/ctl_discard_words.h"
#include "mention/mention.h"

enum { TEXT_MAX = 1 << 20 };

/* --- the rule file --- */

static int edit(const char *file, const struct exclusion *what, const char *const *rules, size_t n_rules,
		struct buf *ret)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(diag_freep) struct diag *d = diag_new();
	const struct discard_rules met = {"noise", rules, n_rules};
	struct yaml_doc *doc;

	assert_int_equal(yaml_parse("acme.yaml", file, strlen(file), a, d, &doc), 0);
	return discard_rule(doc, &met, what, ret);
}

/* What comes out is YAML, too, and all but the named lines is as it was. */
static void becomes(const char *file, const struct exclusion *what, const char *want)
{
	static const char *const met[] = {"one"};
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(buf_done) struct buf got = BUF_INIT(TEXT_MAX);
	struct yaml_doc *doc;

	assert_int_equal(edit(file, what, met, 1, &got), 0);
	assert_string_equal(buf_str(&got), want);
	assert_int_equal(yaml_parse("acme.yaml", buf_str(&got), got.len, a, d, &doc), 0);
}

static const struct exclusion coyote = {.kind = EXCLUDE_WORDS, .values = {"coyote"}, .n = 1};
static const struct exclusion two = {.kind = EXCLUDE_WORDS, .values = {"coyote", "d'or"}, .n = 2};
static const struct exclusion ana = {.kind = EXCLUDE_AUTHORS, .values = {"@ana"}, .n = 1};
static const struct exclusion sites = {.kind = EXCLUDE_SITES, .values = {"a.example", "b.example"}, .n = 2};

static void about_is_extended_in_every_form(void **state)
{
	static const struct {
		const char *before, *after;
	} forms[] = {
		{"about: name\n", "about: name and not noise\n"},
		{"about: name # why\n", "about: name and not noise # why\n"},
		{"about: a or b\n", "about: (a or b) and not noise\n"},
		{"about: (a or b)\n", "about: (a or b) and not noise\n"},
		{"about: 'a or b'   # why\n", "about: '(a or b) and not noise'   # why\n"},
		{"about: \"a or b\"\n", "about: \"(a or b) and not noise\"\n"},
		{"about: |\n  a\n  or b\n\n", "about: |\n  (a\n  or b) and not noise\n\n"},
		{"about: >\n  a and\n  b\n", "about: >\n  a and\n  b and not noise\n"},
		{"about: >-\n    a\n", "about: >-\n    a and not noise\n"},
		{"about:\n  a or\n  b\n", "about:\n  (a or\n  b) and not noise\n"},
		{"about: 'source == \"x or y\"'\n", "about: 'source == \"x or y\" and not noise'\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		cleanup(freep) char *before = xasprintf("topic: t\npatterns:\n  a: [x]\n%s", forms[i].before);
		cleanup(freep) char *after = xasprintf(
			"topic: t\npatterns:\n  a: [x]\n  noise:\n    words: |\n      coyote\n%s", forms[i].after);

		becomes(before, &coyote, after);
	}
}

static void comments_and_layout_stay(void **state)
{
	(void)state;
	becomes("# mine\ntopic: t   # a\npatterns:   # these\n    # the name\n    a:\n        words: |\n            "
		"#acme\n            acme\n\n"
		"        # end\n\n# about what\nabout: a\ntests:\n- {text: x, hits: none}\n",
		&two,
		"# mine\ntopic: t   # a\npatterns:   # these\n    # the name\n    a:\n        words: |\n            "
		"#acme\n            acme\n\n"
		"        # end\n    noise:\n      words: |\n        coyote\n        d'or\n\n# about what\nabout: a and "
		"not noise\ntests:\n"
		"- {text: x, hits: none}\n");
}

static void the_last_line_may_lack_its_end(void **state)
{
	(void)state;
	becomes("topic: t\nabout: a\npatterns:\n  a: [x]", &coyote,
		"topic: t\nabout: a and not noise\npatterns:\n  a: [x]\n  noise:\n    words: |\n      coyote\n");
}

/* What Windows' editors wrote stays so, line for line. */
static void lines_end_as_those_that_are_there(void **state)
{
	(void)state;
	becomes("topic: t\r\npatterns:\r\n  a: [x]\r\nabout: a   # why\r\n", &coyote,
		"topic: t\r\npatterns:\r\n  a: [x]\r\n  noise:\r\n    words: |\r\n      coyote\r\n"
		"about: a and not noise   # why\r\n");
	becomes("topic: t\r\nabout: a and not noise\r\npatterns:\r\n  a: [x]\r\n  noise:\r\n    words: |\r\n      bugs",
		&coyote,
		"topic: t\r\nabout: a and not noise\r\npatterns:\r\n  a: [x]\r\n  noise:\r\n    words: |\r\n      "
		"bugs\r\n"
		"      coyote\r\n");
}

static void patterns_in_braces_and_no_patterns_at_all(void **state)
{
	(void)state;
	becomes("topic: t\npatterns: {a: [x]}\nabout: a\n", &two,
		"topic: t\npatterns: {noise: ['coyote', 'd''or'], a: [x]}\nabout: a and not noise\n");
	becomes("topic: t\nfiles: x.yaml\nabout: a\n", &coyote,
		"topic: t\nfiles: x.yaml\npatterns:\n  noise:\n    words: |\n      coyote\nabout: a and not noise\n");
}

static void an_earlier_exclusion_is_gone_on_with(void **state)
{
	(void)state;
	becomes("topic: t\npatterns:\n  noise:\n    words: |\n      bugs\n  a: [x]\nabout: a and not noise\n", &coyote,
		"topic: t\npatterns:\n  noise:\n    words: |\n      bugs\n      coyote\n  a: [x]\nabout: a and not "
		"noise\n");
	becomes("topic: t\npatterns:\n  ruido: [bugs]\n  a: [x]\nabout: 'a and not ruido'\n", &two,
		"topic: t\npatterns:\n  ruido: [bugs, 'coyote', 'd''or']\n  a: [x]\nabout: 'a and not ruido'\n");
	/* but not with one that excludes in one branch alone, or is used for something else */
	becomes("topic: t\npatterns:\n  noise: [bugs]\n  a: [x]\nabout: a or b and not noise\n", &coyote,
		"topic: t\npatterns:\n  noise: [bugs]\n  a: [x]\n  noise-2:\n    words: |\n      coyote\n"
		"about: (a or b and not noise) and not noise-2\n");
	becomes("topic: t\npatterns:\n  noise: '\\bbugs\\b'\n  a: [x]\nabout: a and not noise\n", &coyote,
		"topic: t\npatterns:\n  noise: '\\bbugs\\b'\n  a: [x]\n  noise-2:\n    words: |\n      coyote\n"
		"about: a and not noise and not noise-2\n");
}

static void authors_and_sites_are_conditions(void **state)
{
	static const struct exclusion odd = {.kind = EXCLUDE_AUTHORS, .values = {"O'Neil"}, .n = 1};

	(void)state;
	becomes("about: a\n", &ana, "about: 'a and not (author == \"@ana\")'\n");
	becomes("about: 'a or b'\n", &odd, "about: '(a or b) and not (author == \"O''Neil\")'\n");
	becomes("about: \"a\"\n", &ana, "about: \"a and not (author == \\\"@ana\\\")\"\n");
	becomes("about: 'a'\n", &sites, "about: 'a and not (site in [a.example, b.example])'\n");
	becomes("about: a or b\n", &sites, "about: '(a or b) and not (site in [a.example, b.example])'\n");
}

static void without_about_the_rules_that_were_met_change(void **state)
{
	static const char *const pack[] = {"fraud"}, *const both[] = {"fraud", "one"};
	cleanup(buf_done) struct buf got = BUF_INIT(TEXT_MAX);

	(void)state;
	becomes("patterns:\n  a: [x]\nrules:\n  - {name: one, when: a, tags: [t]}\n  - name: two\n    when: 'a'\n",
		&coyote,
		"patterns:\n  a: [x]\n  noise:\n    words: |\n      coyote\n"
		"rules:\n  - {name: one, when: a and not noise, tags: [t]}\n  - name: two\n    when: 'a'\n");
	becomes("patterns:\n  a: [x]\n  b: [y]\ntests: []\n", &coyote,
		"patterns:\n  a: [x]\n  b: [y]\n  noise:\n    words: |\n      coyote\nabout: '(a or b) and not "
		"noise'\ntests: []\n");
	assert_int_equal(
		edit("patterns: {a: [x]}\ninclude: fraud\nrules:\n  - {name: one, when: a}\n", &coyote, both, 2, &got),
		0);
	assert_string_equal(buf_str(&got), "patterns: {noise: ['coyote'], a: [x]}\ninclude: fraud\nrules:\n"
					   "  - {name: one, when: a and not noise}\n");
	assert_int_equal(edit("patterns: {a: [x]}\nrules:\n  - {name: one, when: a}\n", &coyote, pack, 1, &got),
			 DISCARD_E_LAYOUT);
}

static void what_is_not_edited_is_said(void **state)
{
	static const struct exclusion quotes = {.kind = EXCLUDE_AUTHORS, .values = {"a\"b'c"}, .n = 1};
	cleanup(buf_done) struct buf got = BUF_INIT(TEXT_MAX);

	(void)state;
	assert_int_equal(edit("{topic: t, about: a}\n", &coyote, NULL, 0, &got), DISCARD_E_LAYOUT);
	assert_int_equal(edit("topic: &x a\nabout: *x\n", &ana, NULL, 0, &got), DISCARD_E_LAYOUT);
	assert_int_equal(edit("about: a\n", &quotes, NULL, 0, &got), DISCARD_E_VALUE);
	assert_int_equal(got.len, 0);
}

/* --- the diff --- */

static void differs(const char *a, const char *b, const char *want)
{
	cleanup(buf_done) struct buf got = BUF_INIT(TEXT_MAX);

	diff_put(&got, "f", a, b);
	assert_string_equal(buf_str(&got), want);
}

static void a_diff_is_as_patch_reads_it(void **state)
{
	(void)state;
	differs("a\nb\n", "a\nb\n", "");
	differs("a\nb\nc\n", "a\nx\nc\n", "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
	differs("", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
	differs("a", "a\nb\n", "--- f\n+++ f\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n");
	differs("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "1\nx\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\ny\n",
		"--- f\n+++ f\n@@ -1,4 +1,5 @@\n 1\n+x\n 2\n 3\n 4\n@@ -10,3 +11,4 @@\n 10\n 11\n 12\n+y\n");
}

static void a_diff_of_very_much_is_one_piece(void **state)
{
	struct buf a = BUF_INIT(TEXT_MAX), b = BUF_INIT(TEXT_MAX), got = BUF_INIT(TEXT_MAX);
	int i;

	(void)state;
	for (i = 0; i < 2 * DIFF_CHANGES_MAX; i++) {
		buf_printf(&a, "a%d\n", i);
		buf_printf(&b, "b%d\n", i);
	}
	diff_put(&got, "f", buf_str(&a), buf_str(&b));
	assert_non_null(strstr(buf_str(&got), "@@ -1,512 +1,512 @@\n-a0\n-a1\n"));
	buf_done(&a);
	buf_done(&b);
	buf_done(&got);
}

/* --- the words --- */

static bool offers(const struct candidates *c, enum exclusion_kind kind, const char *value)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->v[i].kind == kind && strcmp(c->v[i].value, value) == 0)
			return true;
	return false;
}

static void take(struct candidates *c, const char *text, uint32_t from, uint32_t to)
{
	struct span span = {.in = SPAN_TEXT, .from = from, .to = to, .pattern = "name"};
	struct hit hit = {.topic = "acme", .role = "brand", .spans = &span, .n_spans = 1};
	struct mention m;

	mention_init(&m);
	m.text = text;
	m.url = "https://www.toon.example:8080/x";
	m.author.handle = "@ana";
	m.author.name = "Ana";
	m.hits = &hit;
	m.n_hits = 1;
	candidates_take(c, &m, "acme");
}

static void words_near_the_match_and_never_the_match(void **state)
{
	cleanup(candidates_freep) struct candidates *c = candidates_new();

	(void)state;
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	take(c, "El coyote compró otro cohete Acme de la ñandú #dibujos 2026 a1", 29, 33);
	assert_true(offers(c, EXCLUDE_WORDS, "coyote") && offers(c, EXCLUDE_WORDS, "cohete"));
	assert_true(offers(c, EXCLUDE_WORDS, "ñandú") && offers(c, EXCLUDE_WORDS, "#dibujos"));
	assert_true(offers(c, EXCLUDE_WORDS, "otro cohete") && offers(c, EXCLUDE_WORDS, "coyote compró"));
	assert_false(offers(c, EXCLUDE_WORDS, "Acme") || offers(c, EXCLUDE_WORDS, "cohete Acme"));
	assert_false(offers(c, EXCLUDE_WORDS, "otro") || offers(c, EXCLUDE_WORDS, "de la") ||
		     offers(c, EXCLUDE_WORDS, "2026"));
	assert_true(offers(c, EXCLUDE_AUTHORS, "@ana") && offers(c, EXCLUDE_SITES, "toon.example"));
}

static void no_more_than_the_bounds(void **state)
{
	cleanup(candidates_freep) struct candidates *c = candidates_new();
	struct buf text = BUF_INIT(TEXT_MAX);
	int i, k;

	(void)state;
	for (i = 0; i < 20; i++) {
		buf_reset(&text);
		for (k = 0; k < 3000; k++)
			buf_printf(&text, "palabra%dx%d ", i, k);
		take(c, buf_str(&text), 0, 10);
		assert_true(c->n <= CANDIDATES_MAX);
	}
	assert_int_equal(c->n, CANDIDATES_MAX);
	buf_done(&text);
}

static void what_costs_nothing_is_chosen_and_what_holds_for_all(void **state)
{
	cleanup(candidates_freep) struct candidates *c = candidates_new();
	const bool none[CANDIDATES_MAX] = {false}, first[CANDIDATES_MAX] = {false, true};
	struct chosen chosen;
	size_t best[4];

	(void)state;
	candidates_add(c, EXCLUDE_WORDS, "dear", 0);
	candidates_add(c, EXCLUDE_WORDS, "good", 9);
	candidates_add(c, EXCLUDE_WORDS, "left", 1);
	candidates_add(c, EXCLUDE_WORDS, "right", 1);
	candidates_add(c, EXCLUDE_WORDS, "RIGHT", 0); /* the same */
	assert_int_equal(c->n, 4);
	c->v[0].noise = c->v[1].noise = 3;
	c->v[0].others = 1;
	c->v[2].noise = 1;
	c->v[3].noise = 2;
	assert_true(candidates_choose(c, EXCLUDE_WORDS, 3, none, &chosen));
	assert_true(chosen.n == 1 && chosen.v[0] == 1 && chosen.others == 0);
	assert_true(candidates_choose(c, EXCLUDE_WORDS, 3, first, &chosen));
	assert_true(chosen.n == 2 && chosen.others == 0); /* one for each */
	assert_false(candidates_choose(c, EXCLUDE_WORDS, 7, none, &chosen));
	assert_false(candidates_choose(c, EXCLUDE_SITES, 3, none, &chosen));
	assert_int_equal(candidates_best(c, 3, best, 4), 2);
	assert_true(best[0] == 1 && best[1] == 0);
	assert_int_equal(candidates_best(c, 3, best, 1), 1);
	assert_int_equal(best[0], 1);
}

static void candidates_are_rules_that_are_found_again(void **state)
{
	cleanup(candidates_freep) struct candidates *c = candidates_new();
	cleanup(buf_done) struct buf rules = BUF_INIT(TEXT_MAX);

	(void)state;
	candidates_add(c, EXCLUDE_WORDS, "d'or", 0);
	candidates_add(c, EXCLUDE_AUTHORS, "O'Neil", 0);
	candidates_rules(c, &rules);
	assert_non_null(strstr(buf_str(&rules), "  p0: ['d''or']\n"));
	assert_non_null(strstr(buf_str(&rules), "  - name: c1\n    when: '(author == \"O''Neil\")'\n"));
	assert_int_equal(candidates_number(c, "c1"), 1);
	assert_int_equal(candidates_number(c, "c2"), SIZE_MAX);
	assert_int_equal(candidates_number(c, "c"), SIZE_MAX);
	assert_int_equal(candidates_number(c, "x1"), SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(about_is_extended_in_every_form),
		cmocka_unit_test(comments_and_layout_stay),
		cmocka_unit_test(the_last_line_may_lack_its_end),
		cmocka_unit_test(lines_end_as_those_that_are_there),
		cmocka_unit_test(patterns_in_braces_and_no_patterns_at_all),
		cmocka_unit_test(an_earlier_exclusion_is_gone_on_with),
		cmocka_unit_test(authors_and_sites_are_conditions),
		cmocka_unit_test(without_about_the_rules_that_were_met_change),
		cmocka_unit_test(what_is_not_edited_is_said),
		cmocka_unit_test(a_diff_is_as_patch_reads_it),
		cmocka_unit_test(a_diff_of_very_much_is_one_piece),
		cmocka_unit_test(words_near_the_match_and_never_the_match),
		cmocka_unit_test(no_more_than_the_bounds),
		cmocka_unit_test(what_costs_nothing_is_chosen_and_what_holds_for_all),
		cmocka_unit_test(candidates_are_rules_that_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
