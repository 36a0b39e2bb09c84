/* match/ruleset through its header: what loads, and every mistake with its file, line, column and words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/catalogue.h"
#include "folder_box.h"

enum { SHOWN_MAX = 1 << 16 };

/* Loads text as t.yaml; what was found is in shown, one finding a line. */
static int load(const char *text, char **shown, struct ruleset **ret)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(SHOWN_MAX);
	size_t i;
	int r;

	file_write("t.yaml", text);
	r = ruleset_load((const char *const[]){"t.yaml"}, 1, d, ret);
	diag_sort(d);
	for (i = 0; i < diag_len(d); i++) {
		if (diag_at(d, i)->severity == DIAG_NOTE) /* of topics as bare as these: test_lint */
			continue;
		diag_render(&b, diag_at(d, i), TEXT_EN);
		buf_putc(&b, '\n');
	}
	*shown = buf_steal(&b);
	return r;
}

#define HEAD "topic: acme\nrole: brand\n"
#define A64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A512 A64 A64 A64 A64 A64 A64 A64 A64

static const char whole[] = "topic: acme\n"
			    "role: brand\n"
			    "own: ['@acme_mx', acme.example.com]\n"
			    "patterns:\n"
			    "  name:\n"
			    "    words: |\n"
			    "      acme\n"
			    "      acme mx\n"
			    "      @acme*\n"
			    "      #acme\n"
			    "  theft: '\\b(estafa\\w*|fraude|robo)\\b'\n"
			    "  toon: {regex: 'coyote|correcaminos', in: [title, text]}\n"
			    "  exact: {regex: '\\bACME\\b', case: true, fold: false}\n"
			    "  more: [uno, 'dos palabras']\n"
			    "about: 'name and not toon'\n"
			    "rules:\n"
			    "  - name: fraud\n"
			    "    when: 'theft and not quiet'\n"
			    "    tags: [crisis, legal]\n"
			    "  - {name: quiet, when: 'exact or more', tags: legal}\n"
			    "tests:\n"
			    "  - {text: 'Acme me cobró dos veces, es un FRAUDE', hits: [fraud]}\n"
			    "  - {text: 'ACME: fraude', hits: [quiet]}\n"
			    "  - {text: 'acme', hits: []}\n"
			    "  - {title: 'acme', text: 'uno', hits: [quiet]}\n"
			    "  - {text: 'el coyote compró en acme', hits: none}\n"
			    "  - {text: 'acme', author: '@Acme_MX', hits: none}\n"
			    "  - {text: 'acme', url: 'https://tienda.acme.example.com/x', hits: none}\n";

static void a_whole_file_loads(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	cleanup(freep) char *shown = NULL;
	const struct catalogue_topic *t;

	(void)state;
	assert_int_equal(load(whole, &shown, &rs), 0);
	assert_string_equal(shown, "");
	assert_int_equal(ruleset_catalogue(rs)->n_topics, 1);
	assert_null(catalogue_topic(ruleset_catalogue(rs), "acm"));
	t = catalogue_topic(ruleset_catalogue(rs), "acme");
	assert_string_equal(t->role, "brand");
	assert_int_equal(t->n_rules, 2);
	assert_string_equal(t->rules[1], "quiet");
	assert_int_equal(t->n_tags, 2);
	assert_string_equal(t->tags[0], "crisis");
	assert_string_equal(t->tags[1], "legal");
}

static const struct {
	const char *text;
	const char *want; /* each line of it stands in what was shown, in this order */
} mistakes[] = {
	{"topic: Acme\nrole: marca\n", "t.yaml:1:8: error: topic: expected a name"},
	{"topic: acme\nrole: brnd\n", "t.yaml:2:7: error: role: .*did you mean \"brand\""},
	{"topic: acme\n", "t.yaml:1:1: error: the key \"role\" is missing"},
	{HEAD "pattern:\n  a: b\n", "t.yaml:3:1: error: pattern: unknown key; did you mean \"patterns\""},

	{HEAD "own: [acme]\n", "t.yaml:3:7: error: own[0]: expected a handle"},
	{HEAD "own: 'https://Acme.example.com/x'\n", "own: expected .*did you mean \"acme.example.com\""},
	/* patterns */
	{HEAD "patterns:\n  a: 'x(y'\n", "t.yaml:4:10: error: patterns.a: a ( is never closed"},
	{HEAD "patterns:\n  a: 'it''s ñ)'\n", "t.yaml:4:14: error: patterns.a: the ) at character 7"},
	{HEAD "patterns:\n  a: {regex: 'x[á-ú]'}\n",
	 "t.yaml:4:17: error: patterns.a: the range at character 3 .*fold: false"},
	{HEAD "patterns:\n  a:\n    words: |\n      acme\n\n      **\n", "t.yaml:8:7: error: patterns.a: \"**\" would"},
	{HEAD "patterns:\n  a:\n    words:\n      - acme\n      - ''\n",
	 "t.yaml:7:9: error: patterns.a: an empty word"},
	{HEAD "patterns:\n  a:\n    words: |\n      acme\n      - acme mx\n",
	 "t.yaml:7:7: error: patterns.a.words: behind"},
	{HEAD "patterns:\n  a:\n    words: |\n      'acme mx'\n",
	 "t.yaml:6:7: error: patterns.a.words: a line of a word list"},
	{HEAD "patterns:\n  a: {words: ''}\n", "t.yaml:4:14: error: patterns.a: an empty word"},
	{HEAD "patterns:\n  a: {words: [x], regex: y}\n", "patterns.a: a pattern has either"},
	{HEAD "patterns:\n  a: {in: title}\n", "patterns.a: expected a regular expression"},
	{HEAD "patterns:\n  a: {regex: x, in: titel}\n", "t.yaml:4:21: error: patterns.a.in.* did you mean \"title\""},
	{HEAD "patterns:\n  a: {regex: x, case: true}\n",
	 "t.yaml:4:23: error: patterns.a.case: .*needs \"fold: false\""},
	{HEAD "patterns:\n  a: {words: x, file: y}\n", "patterns.a.file: unknown key"},
	{HEAD "patterns:\n  a: {words: {file: none.txt}}\n", "t.yaml:4:14: error: patterns.a: .*none.txt"},
	{HEAD "patterns:\n  a: {regex: x, forms: true}\n", "t.yaml:4:24: error: patterns.a.forms: .*lists of words"},
	{HEAD "patterns:\n  a: {words: [x], forms: true, fold: false}\n", "patterns.a.forms: .*without accents"},
	{HEAD "patterns:\n  a:\n    words:\n      acme\n      beta\n",
	 "t.yaml:6:7: error: patterns.a.words: YAML makes one line"},
	{HEAD "patterns:\n  and: x\n", "t.yaml:4:3: error: patterns: \"and\" has a meaning"},
	{HEAD "patterns:\n  near: x\n", "t.yaml:4:3: error: patterns: \"near\" has a meaning"},
	{HEAD "patterns:\n  a: \"\\bacme\"\n", "t.yaml:4:.*single quotes"},
	{HEAD "patterns:\n  a: {words: [#acme]}\n", "t.yaml:4:.*'#acme'"},
	{HEAD "patterns:\n  a: {words: [@acme]}\n", "t.yaml:4:.*'@acme'"},
	{HEAD "patterns:\n  a: {words: [*acme]}\n", "t.yaml:4:15.*'*acme'"},
	/* conditions */
	{HEAD "patterns:\n  name: xx\nabout: 'name and nane'\n",
	 "t.yaml:5:18: error: about: no pattern or rule has the name \"nane\"; did you mean \"name\""},
	{HEAD "about: 'a'\n", "t.yaml:3:9: error: about: no pattern or rule has the name \"a\""},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: r, when: 'a and'}\n",
	 "t.yaml:6:27: error: rules[0].when: the condition ends"},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: r, when: 'near(a, b, 3)'}\n",
	 "t.yaml:6:30: error: rules[0].when: expected the name of a pattern of this file, found \"b\""},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: r, when: a}\n  - {name: s, when: 'count(r) > 1'}\n",
	 "t.yaml:7:28: error: rules[1].when: expected the name of a pattern of this file, found \"r\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'lang > 3'}\n",
	 "t.yaml:7:27: error: rules[0].when: \"lang\" is a word and no number"},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'followers == es'}\n",
	 "t.yaml:7:35: error: rules[0].when: expected a number of digits alone"},
	{HEAD "patterns:\n  a: xx\nabout: 'a and sentiment == negative'\n",
	 "t.yaml:5:15: error: about: \"sentiment\" is not known yet when \"about\" is judged; ask for it in a rule"},
	{HEAD "patterns:\n  a: xx\nabout: 'a or known(lang)'\n",
	 "t.yaml:5:14: error: about: \"lang\" is not known yet"},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: r, when: 'a and lang == es'}\n",
	 "t.yaml:6:28: error: rules[0].when: this topic has no \"about\""},
	{HEAD
	 "patterns:\n  a: xx\nabout: s\nrules:\n  - {name: r, when: 'lang == es'}\n  - {name: s, when: 'a or r'}\n",
	 "t.yaml:5:8: error: about: \"about\" rests on the rule \"s\", which asks for \"lang\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'a and tags in [x]', tags: x}\n",
	 "t.yaml:7:28: error: rules[0].when: the rule needs itself: r > r"},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'site in {file: none.txt}'}\n",
	 "t.yaml:7:37: error: rules[0].when: there is no file .*none.txt"},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'likes in {file: none.txt}'}\n",
	 "t.yaml:7:31: error: rules[0].when: the values stand in brackets"},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: a, when: a}\n",
	 "t.yaml:6:12: error: rules[0].name: a pattern has the name \"a\""},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: or, when: a}\n", "rules[0].name: \"or\" has a meaning"},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: r, when: a}\n  - {name: r, when: a}\n",
	 "t.yaml:7:12: error: rules: .*r.*6"},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: r}\n",
	 "t.yaml:6:5: error: rules[0]: the key \"when\" is missing"},
	{HEAD "rules:\n  - {name: r, when: 'not s'}\n  - {name: s, when: 't'}\n  - {name: t, when: 's or r'}\n",
	 "t.yaml:6:22: error: rules[2].when: the rule needs itself: s > t > s\n"
	 "t.yaml:6:27: error: rules[2].when: the rule needs itself: r > s > t > r"},
	{HEAD "rules:\n  - {name: r, when: 'r'}\n", "t.yaml:4:22: error: rules[0].when: the rule needs itself: r > r"},
	/* tests */
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: loud, when: a}\ntests:\n  - {text: y, hits: [loud]}\n",
	 "t.yaml:8:5: error: tests[0]: this text was expected to give \"hits: [loud]\" and gives \"hits: none\""},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: loud, when: a}\ntests:\n  - {text: xx, hits: []}\n  - {text: xx, "
	      "hits: none}\n",
	 "t.yaml:8:5: error: tests[0]: .*\"hits: []\" and gives \"hits: [loud]\"\n"
	 "t.yaml:9:5: error: tests[1]: .*\"hits: none\" and gives \"hits: [loud]\""},
	{HEAD "patterns:\n  a: xx\nrules:\n  - {name: loud, when: a}\ntests:\n  - {text: x, hits: [lout]}\n",
	 "t.yaml:8:22: error: tests[0]: no rule of this topic has the name \"lout\"; did you mean \"loud\""},
	{HEAD "patterns:\n  a: xx\ntests:\n  - {text: x}\n", "tests[0]: the key \"hits\" is missing"},
	{HEAD "patterns:\n  a: xx\ntests:\n  - {text: x, hits: loud}\n", "tests[0].hits: expected \"none\" or a list"},
	{HEAD "patterns:\n  a: xx\ntests:\n  - {hits: none}\n", "tests[0]: a test needs a text or a title"},
	{HEAD "patterns:\n  a: 'a*a*a*[bc]'\ntests:\n  - {text: '" A512 A512 "!', hits: none}\n",
	 "tests[0]: the pattern \"a\" gave up"},
	/* all of a file at once, whatever kind they are (FAULTS C2) */
	{HEAD "patterns:\n  a: 'x('\n  b: {regex: y, on: z}\n  c: 'x|'\nabout: a and d\nrules:\n  - {name: r, when: 'b "
	      "c'}\n",
	 "t.yaml:4:9: error: patterns.a: a (\n"
	 "t.yaml:5:17: error: patterns.b.on: unknown key\n"
	 "t.yaml:6:7: error: patterns.c: this expression is found in the empty\n"
	 "t.yaml:7:14: error: about: no pattern or rule has the name \"d\"\n"
	 "t.yaml:9:24: error: rules[0].when: expected \"and\", \"or\""},
};

/* Whether the pieces of want, between ".*" and at line ends, stand in shown in their order. */
static bool stands_in(const char *want, const char *shown)
{
	cleanup(freep) char *copy = xstrdup(want);
	char *piece = copy;

	while (piece) {
		char *any = strstr(piece, ".*"), *line = strchr(piece, '\n'),
		     *end = any && (!line || any < line) ? any : line;

		if (end)
			*end = '\0';
		shown = strstr(shown, piece);
		if (!shown)
			return false;
		shown += strlen(piece);
		piece = end ? end + (end == any ? 2 : 1) : NULL;
	}
	return true;
}

static void every_mistake_has_its_place_and_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct ruleset *rs = NULL;
		cleanup(freep) char *shown = NULL;
		int r = load(mistakes[i].text, &shown, &rs);

		if (r != RULESET_E_INVALID || !stands_in(mistakes[i].want, shown))
			fail_msg("%s\nwanted %s\ngot %d %s", mistakes[i].text, mistakes[i].want, r, shown);
		assert_null(rs);
	}
}

static const struct {
	const char *text, *want;
} warnings[] = {
	{HEAD, "t.yaml:1:8: warning: topic: this topic has no pattern"},
	{HEAD "patterns:\n  a: xx\n  b: yy\nabout: a\n",
	 "t.yaml:5:3: warning: patterns: the pattern \"b\" is used by neither"},
	{HEAD "patterns:\n  a: xx\n  b: ww\n", ""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'lang in [es, español]'}\n",
	 "t.yaml:7:35: warning: rules[0].when: \"español\" is none that \"lang\" can be.*did you mean \"es\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'lang == es-MX'}\n", "did you mean \"es\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'country == mexico or country == mx'}\n",
	 "t.yaml:7:33: warning: .*did you mean \"MX\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'platform == rss'}\n",
	 "did you mean \"feed\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'kind == articel'}\n",
	 "did you mean \"article\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'sentiment == negativo'}\n",
	 "did you mean \"negative\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: a, tags: crisis}\n"
	      "  - {name: s, when: 'tags in [crysis]'}\n",
	 "t.yaml:8:31: warning: rules[1].when: no rule here carries \"crysis\".*did you mean \"crisis\""},
	{HEAD "patterns:\n  a: xx\nabout: a\nrules:\n  - {name: r, when: 'kind == toot or platform == mastodon or lang "
	      "== ckb'}\n",
	 ""},
};

/* No letters are known that a text must have: the pattern is tried on each. With its place, and for a list the word. */
static const struct {
	const char *text, *want;
} always[] = {
	{HEAD "patterns:\n  a: '\\w+\\s+\\d+'\nabout: a\n",
	 "t.yaml:4:6: warning: patterns.a: no letters are known.*acme"},
	{HEAD "patterns:\n  a: {regex: 'acme|\\d{5}'}\nabout: a\n", "warning: patterns.a: no letters are known"},
	{HEAD "patterns:\n  a: {words: [acme, x, beta]}\nabout: a\n",
	 "t.yaml:4:21: warning: patterns.a: \"x\" is too short"},
	{HEAD "patterns:\n  a:\n    words: |\n      acme\n      d*\nabout: a\n",
	 "t.yaml:7:7: warning: patterns.a: \"d*\" is too short"},
	{HEAD "patterns:\n  a: {words: [acme, '@x', 'C++']}\nabout: a\n", ""},
	{HEAD "patterns:\n  a: '\\bacme\\s+\\d+'\nabout: a\n", ""},
};

static void what_is_tried_on_every_text_is_told(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(always); i++) {
		cleanup(ruleset_freep) struct ruleset *rs = NULL;
		cleanup(freep) char *shown = NULL;

		assert_int_equal(load(always[i].text, &shown, &rs), 0);
		if (*always[i].want ? !stands_in(always[i].want, shown) : strstr(shown, "every text") != NULL)
			fail_msg("%s\nwanted %s\ngot %s", always[i].text, always[i].want, shown);
		assert_int_equal(ruleset_catalogue(rs)->n_patterns, 0); /* nobody knows yet */
		ruleset_prefilter(rs);
		assert_int_equal(ruleset_catalogue(rs)->n_patterns, 1);
		assert_int_equal(ruleset_catalogue(rs)->n_always, *always[i].want ? 1 : 0);
	}
}

static void what_does_nothing_is_told(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(warnings); i++) {
		cleanup(ruleset_freep) struct ruleset *rs = NULL;
		cleanup(freep) char *shown = NULL;

		assert_int_equal(load(warnings[i].text, &shown, &rs), 0);
		if (*warnings[i].want ? !stands_in(warnings[i].want, shown) : *shown)
			fail_msg("%s\nwanted %s\ngot %s", warnings[i].text, warnings[i].want, shown);
	}
}

static void a_mistake_is_told_in_spanish_too(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(SHOWN_MAX);
	struct ruleset *rs = NULL;

	(void)state;
	file_write("t.yaml", HEAD "patterns:\n  a: 'x('\n");
	assert_int_equal(ruleset_load((const char *const[]){"t.yaml"}, 1, d, &rs), RULESET_E_INVALID);
	diag_render(&b, diag_at(d, 0), TEXT_ES);
	assert_non_null(strstr(buf_str(&b), "t.yaml:4:9: error: patterns.a: un ( no se cierra"));
	buf_done(&b);
}

static void folders_are_read_in_the_order_of_names(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	size_t i = 0;

	(void)state;
	file_write("u.yaml", "topic: uno\nrole: industry\npatterns:\n  a: xx\n");
	file_write("t.yaml", "topic: dos\nrole: competitor\npatterns:\n  a: ww\n");
	file_write("notes.txt", "not YAML: [");
	file_write(".h.yaml", "hidden: [");
	assert_int_equal(mkdir("d.yaml", 0700), 0);
	file_write("d.yaml/x.yaml", "deeper: [");
	assert_int_equal(ruleset_load((const char *const[]){"."}, 1, d, &rs), 0);
	assert_int_equal(diag_len(d), diag_count(d, DIAG_NOTE));
	assert_int_equal(ruleset_catalogue(rs)->n_topics, 2);
	assert_string_equal(ruleset_catalogue(rs)->topics[0].name, "dos");
	rs = ruleset_free(rs);
	file_write("v.yml", "topic: tres\n");
	assert_int_equal(ruleset_load((const char *const[]){"./"}, 1, d, &rs), 0);
	assert_int_equal(diag_count(d, DIAG_WARNING), 1);
	while (i < diag_len(d) && diag_at(d, i)->severity != DIAG_WARNING)
		i++;
	assert_string_equal(diag_at(d, i)->pos.file, "./v.yml");
}

static void mistakes_of_all_files_are_told_at_once(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct ruleset *rs = NULL;

	(void)state;
	file_write("t.yaml", "topic: a\nrole: brand\npatterns:\n  a: 'x('\n");
	file_write("u.yaml", "topic: a\nrole: brand\npatterns:\n  a: [\n");
	assert_int_equal(ruleset_load((const char *const[]){"t.yaml", "u.yaml", "no.yaml"}, 3, d, &rs),
			 RULESET_E_INVALID);
	assert_int_equal(diag_count(d, DIAG_ERROR), 3);
	file_write("u.yaml", "topic: a\nrole: brand\npatterns:\n  a: xx\n");
	d = diag_free(d);
	d = diag_new();
	file_write("t.yaml", "topic: a\nrole: brand\npatterns:\n  a: xx\n");
	assert_int_equal(ruleset_load((const char *const[]){"."}, 1, d, &rs), RULESET_E_INVALID);
	assert_int_equal(diag_count(d, DIAG_ERROR) + diag_count(d, DIAG_WARNING), 1);
	assert_int_equal(diag_at(d, 0)->text, TEXT_MATCH_TOPIC_TWICE);
	assert_string_equal(diag_at(d, 0)->pos.file, "./u.yaml");
	assert_null(rs);
}

static void no_file_is_a_mistake(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct ruleset *rs = NULL;

	(void)state;
	assert_int_equal(ruleset_load((const char *const[]){"."}, 1, d, &rs), RULESET_E_INVALID);
	assert_int_equal(diag_at(d, 0)->text, TEXT_MATCH_NO_FILES);
	assert_int_equal(ruleset_load(NULL, 0, d, &rs), RULESET_E_INVALID);
	assert_int_equal(ruleset_load((const char *const[]){"gone"}, 1, d, &rs), RULESET_E_INVALID);
	assert_int_equal(diag_at(d, 2)->text, TEXT_OS_ABSENT);
	assert_null(rs);
}

/* A chain of rules, each resting on the next. */
static void chains_are_bounded(void **state)
{
	int n;

	(void)state;
	for (n = 32; n <= 33; n++) {
		struct buf b = BUF_INIT(SHOWN_MAX);
		struct ruleset *rs = NULL;
		cleanup(freep) char *shown = NULL;
		int i;

		buf_puts(&b, HEAD "patterns:\n  a: xx\nrules:\n");
		for (i = 1; i < n; i++)
			buf_printf(&b, "  - {name: r%d, when: r%d}\n", i, i + 1);
		buf_printf(&b, "  - {name: r%d, when: a}\n", n);
		assert_int_equal(load(buf_str(&b), &shown, &rs), n > 32 ? RULESET_E_INVALID : 0);
		if (n > 32)
			assert_non_null(strstr(shown, "more than 32 rules rest on one another"));
		ruleset_free(rs);
		buf_done(&b);
	}
}

static void files_and_rules_are_bounded(void **state)
{
	const char *paths[RULESET_FILES_MAX + 1];
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(1 << 20);
	struct ruleset *rs = NULL;
	cleanup(freep) char *shown = NULL;
	size_t i;

	(void)state;
	file_write("t.yaml", "no");
	for (i = 0; i < ARRAY_LEN(paths); i++)
		paths[i] = "t.yaml";
	assert_int_equal(ruleset_load(paths, ARRAY_LEN(paths), d, &rs), RULESET_E_INVALID);
	assert_int_equal(diag_at(d, 0)->text, TEXT_MATCH_FILES_MANY);
	buf_puts(&b, HEAD "patterns:\n  a: xx\nrules:\n");
	for (i = 0; i <= RULESET_RULES_MAX; i++)
		buf_printf(&b, "  - {name: r%zu, when: a}\n", i);
	assert_int_equal(load(buf_str(&b), &shown, &rs), RULESET_E_INVALID);
	assert_non_null(strstr(shown, "more than 20000"));
	buf_done(&b);
}

static void a_catalogue_survives_the_border(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	cleanup(freep) char *shown = NULL;
	struct buf b = BUF_INIT(1 << 20);
	struct catalogue c = {.n_topics = 77};
	size_t i;

	(void)state;
	assert_int_equal(load(whole, &shown, &rs), 0);
	catalogue_put(&b, ruleset_catalogue(rs));
	for (i = 0; i < b.len; i++) /* cut anywhere, it is refused */
		assert_int_equal(catalogue_get(b.data, i, a, &c), CATALOGUE_E_FORMAT);
	assert_int_equal(c.n_topics, 77);
	assert_int_equal(catalogue_get(b.data, b.len, a, &c), 0);
	assert_string_equal(catalogue_topic(&c, "acme")->tags[1], "legal");
	assert_false(catalogue_topic(&c, "acme")->no_alerts);
	buf_putc(&b, 'x');
	assert_int_equal(catalogue_get(b.data, b.len, a, &c), CATALOGUE_E_FORMAT);
	buf_done(&b);
}

static void a_topic_may_do_without_the_alerts_of_all(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	cleanup(ruleset_freep) struct ruleset *rs = NULL, *none = NULL;
	cleanup(freep) char *shown = NULL, *wrong = NULL;
	struct buf b = BUF_INIT(1 << 20);
	struct catalogue c;

	(void)state;
	assert_int_equal(load(HEAD "alerts: none\npatterns:\n  a: xx\n", &shown, &rs), 0);
	catalogue_put(&b, ruleset_catalogue(rs));
	assert_int_equal(catalogue_get(b.data, b.len, a, &c), 0);
	assert_true(catalogue_topic(&c, "acme")->no_alerts);
	assert_int_equal(load(HEAD "alerts: non\npatterns:\n  a: xx\n", &wrong, &none), RULESET_E_INVALID);
	assert_non_null(strstr(wrong, "did you mean \"none\""));
	buf_done(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_file_loads),
		TEST(every_mistake_has_its_place_and_words),
		TEST(what_is_tried_on_every_text_is_told),
		TEST(what_does_nothing_is_told),
		TEST(a_topic_may_do_without_the_alerts_of_all),
		TEST(a_mistake_is_told_in_spanish_too),
		TEST(folders_are_read_in_the_order_of_names),
		TEST(mistakes_of_all_files_are_told_at_once),
		TEST(no_file_is_a_mistake),
		TEST(chains_are_bounded),
		TEST(files_and_rules_are_bounded),
		TEST(a_catalogue_survives_the_border),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
