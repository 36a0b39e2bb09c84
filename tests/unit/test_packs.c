/* match/packs through the ruleset: what topics include, what counts where, and every pack that comes with the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/shipped.h"
#include "base/yaml.h"
#include "match/matcher.h"
#include "match/packs.h"
#include "match/ruleset.h"
#include "mention/catalogue.h"
#include "mention/mention.h"
#include "folder_box.h"

#define HEAD "topic: acme\nrole: brand\nown: ['@acme']\n"

static int rules_make(void **state)
{
	return folder_make(state) || mkdir("rules", 0755) || mkdir("rules/packs", 0755);
}

/* Loads the folder; the errors and warnings, one a line, are in shown. */
static int load(struct ruleset **ret, char **shown)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	const char *path = "rules";
	struct buf b = BUF_INIT(1 << 20);
	size_t i;
	int r = ruleset_load(&path, 1, d, ret);

	for (i = 0; i < diag_len(d); i++) {
		if (diag_at(d, i)->severity == DIAG_NOTE)
			continue;
		diag_render(&b, diag_at(d, i), TEXT_EN);
		buf_putc(&b, '\n');
	}
	*shown = buf_steal(&b);
	return r;
}

static struct ruleset *loaded(void)
{
	cleanup(freep) char *shown = NULL;
	struct ruleset *rs = NULL;

	if (load(&rs, &shown))
		fail_msg("%s", shown);
	return rs;
}

static void refused(const char *text, const char *want)
{
	cleanup(freep) char *shown = NULL;
	cleanup(ruleset_freep) struct ruleset *rs = NULL;

	file_write("rules/t.yaml", text);
	assert_int_equal(load(&rs, &shown), RULESET_E_INVALID);
	if (!strstr(shown, want))
		fail_msg("wanted %s\ngot %s", want, shown);
}

/* "acme:fraud,complaint[crisis,fraud](complaint)", one topic behind the other. */
static void said(const struct ruleset *rs, const char *text, const char *want)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	struct buf b = BUF_INIT(1 << 12);
	struct mention m;
	size_t i, k;

	mention_init(&m);
	m.text = text;
	matcher_match(x, &m, NULL, a);
	for (i = 0; i < m.n_hits; i++) {
		const struct hit *h = &m.hits[i];

		buf_printf(&b, "%s%s:", i ? " " : "", h->topic);
		for (k = 0; k < h->n_rules; k++)
			buf_printf(&b, "%s%s", k ? "," : "", h->rules[k]);
		buf_putc(&b, '[');
		for (k = 0; k < h->n_tags; k++)
			buf_printf(&b, "%s%s", k ? "," : "", h->tags[k]);
		buf_puts(&b, "](");
		for (k = 0; k < h->n_intents; k++)
			buf_printf(&b, "%s%s", k ? "," : "", h->intents[k]);
		buf_putc(&b, ')');
	}
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void a_pack_counts_where_the_topic_holds(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;

	(void)state;
	file_write("rules/t.yaml", HEAD "patterns:\n  name: [acme]\nabout: name\ninclude: [complaints, fraud]\n");
	file_write("rules/u.yaml",
		   "topic: rival\nrole: competitor\npatterns:\n  name: [rival]\nabout: name\ninclude: fraud\n");
	rs = loaded();
	said(rs, "Acme no funciona, me estafaron", "acme:complaint,fraud[crisis,fraud](complaint)");
	said(rs, "Rival no funciona, me estafaron", "rival:fraud[crisis,fraud]()");
	said(rs, "no funciona, me estafaron", "");
	said(rs, "Acme y Rival me estafaron", "acme:fraud[crisis,fraud]() rival:fraud[crisis,fraud]()");
	said(rs, "Acme abre", "acme:[]()");
}

static void without_about_packs_make_no_mention(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;

	(void)state;
	file_write("rules/t.yaml",
		   HEAD "patterns:\n  name: [acme]\ninclude: [fraud]\nrules:\n  - {name: named, when: name}\n");
	rs = loaded();
	said(rs, "me estafaron", "");
	said(rs, "acme: me estafaron", "acme:named,fraud[crisis,fraud]()");
}

static void with_the_prefilter_the_same(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;

	(void)state;
	file_write("shared.yaml", "patterns:\n  name: [acme]\n");
	file_write("rules/t.yaml", HEAD
		   "files: ../shared.yaml\nabout: name\ninclude: [fraud]\nrules:\n  - {name: mine, when: fraud}\n");
	file_write("rules/u.yaml", "topic: other\nrole: industry\nfiles: [../shared.yaml]\ninclude: [fraud]\nrules:\n  "
				   "- {name: named, when: name}\n"
				   "  - {name: cheated, when: fraud}\n");
	rs = loaded();
	said(rs, "acme: me estafaron", "acme:mine,fraud[crisis,fraud]() other:named,cheated,fraud[crisis,fraud]()");
	ruleset_prefilter(rs);
	said(rs, "acme: me estafaron", "acme:mine,fraud[crisis,fraud]() other:named,cheated,fraud[crisis,fraud]()");
	said(rs, "me estafaron", "other:cheated,fraud[crisis,fraud]()");
	said(rs, "acme", "acme:[]() other:named[]()");
	said(rs, "nada", "");
}

static void a_country_counts_with_its_pack(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;

	(void)state;
	file_write("rules/t.yaml", HEAD "patterns:\n  name: [acme]\nabout: name\ninclude: [mx, complaints]\n");
	file_write("rules/u.yaml",
		   "topic: b\nrole: brand\nown: ['@b']\npatterns:\n  name: [acme]\nabout: name\ninclude: [mx]\n");
	rs = loaded();
	said(rs, "acme no jala", "acme:complaint-mx[](complaint) b:[]()");
}

static void one_s_own_pack_comes_first(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;

	(void)state;
	file_write("rules/packs/fraud.yaml",
		   "pack: fraud\ntags: [mine]\npatterns:\n  p: [trampa]\nrules:\n  - {name: tricked, when: p}\n"
		   "  - {name: loud, when: p, tags: [noise], intents: [shout]}\n"
		   "tests:\n  - {text: 'es trampa', hits: [tricked, loud]}\n  - {text: x, hits: none}\n");
	file_write("rules/t.yaml", HEAD "patterns:\n  name: [acme]\nabout: name\ninclude: [fraud]\n");
	rs = loaded();
	said(rs, "acme: trampa", "acme:tricked,loud[mine,noise](shout)");
	said(rs, "acme: me estafaron", "acme:[]()");
}

static void the_catalogue_has_what_packs_bring(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	const struct catalogue_topic *t;

	(void)state;
	file_write("rules/t.yaml", HEAD "patterns:\n  name: [acme]\nabout: name\ninclude: [complaints, fraud]\n");
	rs = loaded();
	assert_int_equal(ruleset_catalogue(rs)->n_topics, 1);
	t = catalogue_topic(ruleset_catalogue(rs), "acme");
	assert_int_equal(t->n_rules, 2);
	assert_string_equal(t->rules[0], "complaint");
	assert_int_equal(t->n_tags, 2);
	assert_string_equal(t->tags[0], "crisis");
	assert_int_equal(t->n_intents, 1);
	assert_string_equal(t->intents[0], "complaint");
}

static void mistakes_are_told(void **state)
{
	(void)state;
	refused(HEAD "include: [fraude]\n", "rules/t.yaml:4:11: error: include: there is no pack \"fraude\"");
	refused(HEAD "include: [fraude]\n", "did you mean \"fraud\"?");
	refused(HEAD "files: none.yaml\n", "rules/t.yaml:4:8: error: files: ");
	refused(HEAD "patterns:\n  name: [acme]\nabout: 'name and not fraud'\ninclude: [fraud]\n",
		"rules/t.yaml:6:22: error: about: \"fraud\" is a rule of a pack");
	refused(HEAD
		"patterns:\n  name: [acme]\nabout: name\ninclude: [fraud]\nrules:\n  - {name: fraud, when: name}\n",
		"rules/t.yaml:9:12: error: include: \"fraud\" stands twice");
	file_write("rules/packs/own.yaml",
		   "pack: other\npatterns:\n  p: [x1]\nrules:\n  - {name: r, when: p, with: complaint}\n");
	refused(HEAD "include: [own]\n", "rules/packs/own.yaml:1:7: error: pack: the pack in the file own.yaml");
	refused(HEAD "include: [own]\n", "there is no pack \"complaint\"");
	file_write(
		"rules/packs/own.yaml",
		"pack: own\npatterns:\n  p: [x1]\nrules:\n  - {name: r, when: p}\ntests:\n  - {text: x2, hits: [r]}\n");
	refused(HEAD "include: [own]\n",
		"rules/packs/own.yaml:7:5: error: tests[0]: this text was expected to give \"hits: [r]\"");
	file_write("rules/packs/own.yaml", "pack: own\nabout: x\n");
	refused(HEAD "include: [own]\n", "rules/packs/own.yaml:2:1: error: about: unknown key");
	file_write("rules/packs/x.yaml", "pack: x\npatterns:\n  p: [x1]\nrules:\n  - {name: r, when: p}\n");
	file_write("rules/packs/y.yaml", "pack: y\npatterns:\n  p: [x1]\nrules:\n  - {name: r, when: p}\n");
	refused(HEAD "include: [x, y]\n", "rules/t.yaml:4:10: error: include: \"r\" stands twice");
}

static void words_come_from_files(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;

	(void)state;
	file_write("rules/words.txt", "\xEF\xBB\xBF# what hurts\r\nestafador\r\n\r\n#acmefraude\nno cumplir\n");
	file_write("rules/t.yaml", HEAD
		   "patterns:\n  bad: {words: {file: words.txt}, forms: true}\nrules:\n  - {name: hurt, when: bad}\n"
		   "tests:\n  - {text: 'son estafadoras', hits: [hurt]}\n  - {text: 'no cumplieron', hits: [hurt]}\n"
		   "  - {text: '#acmefraude', hits: [hurt]}\n  - {text: 'what hurts', hits: none}\n");
	rs = loaded();
	file_write("rules/words.txt", "uno\n\n***\n");
	refused(HEAD "patterns:\n  bad: {words: {file: words.txt}}\nrules:\n  - {name: hurt, when: bad}\n",
		"rules/words.txt:3:1: error: patterns.bad");
	file_write("rules/words.txt", "\n# nothing\n");
	refused(HEAD "patterns:\n  bad: {words: {file: words.txt}}\nrules:\n  - {name: hurt, when: bad}\n",
		"holds no word");
}

static void packs_are_bounded(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	size_t i;

	(void)state;
	buf_puts(&b, HEAD "include:\n");
	for (i = 0; i <= RULE_FILE_INCLUDE_MAX; i++)
		buf_printf(&b, "  - p%zu\n", i);
	refused(buf_str(&b), "include");
	buf_done(&b);
}

/* A pack of two hundred topics is there once: as many patterns and rules as with one. */
static void a_pack_is_compiled_once(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	cleanup(arena_freep) struct arena *a = arena_new(64 << 20);
	struct topic_def defs[200];
	struct packs packs;
	size_t i;

	(void)state;
	file_write("rules/t.yaml", HEAD "patterns:\n  name: [acme]\nabout: name\ninclude: [complaints, fraud]\n");
	for (i = 0; i < ARRAY_LEN(defs); i++)
		assert_int_equal(rule_file_read("rules/t.yaml", RULE_FILE_TOPIC, a, NULL, &defs[i]), 0);
	assert_int_equal(packs_read(defs, ARRAY_LEN(defs), a, NULL, &packs), 0);
	assert_int_equal(packs.n, 2);
	for (i = 0; i < ARRAY_LEN(defs); i++)
		assert_int_equal(defs[i].n_units, 2);
	free(packs.v);
	free(packs.wrong);
}

static bool has_tag(const struct rule_def *rule, const char *tag)
{
	size_t i;

	for (i = 0; i < rule->n_tags; i++)
		if (!strcmp(rule->tags[i], tag))
			return true;
	return false;
}

/* Read as one's own, a shipped pack runs its tests. */
static void every_shipped_pack_passes_its_tests(void **state)
{
	static const char *const crises[] = {"boycott", "fraud", "legal", "phishing", "safety"};
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	cleanup(arena_freep) struct arena *a = arena_new(64 << 20);
	struct buf b = BUF_INIT(1 << 16);
	size_t i, k, hits, misses;

	(void)state;
	assert_true(shipped_packs_n >= 19);
	buf_puts(&b, HEAD "include:\n");
	for (i = 0; i < shipped_packs_n; i++) {
		cleanup(freep) char *path = xasprintf("rules/packs/%s.yaml", shipped_packs[i].name);
		struct topic_def def;

		file_write(path, shipped_packs[i].text);
		buf_printf(&b, "  - %s\n", shipped_packs[i].name);
		assert_int_equal(rule_file_read(path, RULE_FILE_PACK, a, NULL, &def), 0);
		for (k = 0, hits = 0, misses = 0; k < def.n_tests; k++) {
			hits += !def.tests[k].hits.none;
			misses += def.tests[k].hits.none;
		}
		if (hits < 12 || misses < 6)
			print_error("%s: %zu texts that hit, %zu that don't\n", path, hits, misses);
		assert_true(hits >= 4 && misses >= 2);
		for (k = 0; k < ARRAY_LEN(crises); k++)
			if (!strcmp(crises[k], def.name))
				assert_true(def.n_rules && has_tag(&def.rules[0], "crisis"));
	}
	file_write("rules/t.yaml", buf_str(&b));
	rs = loaded();
	buf_done(&b);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_make, folder_drop)
	const struct CMUnitTest tests[] = {
		TEST(a_pack_counts_where_the_topic_holds),
		TEST(without_about_packs_make_no_mention),
		TEST(with_the_prefilter_the_same),
		TEST(a_country_counts_with_its_pack),
		TEST(one_s_own_pack_comes_first),
		TEST(the_catalogue_has_what_packs_bring),
		TEST(mistakes_are_told),
		TEST(words_come_from_files),
		TEST(packs_are_bounded),
		TEST(a_pack_is_compiled_once),
		TEST(every_shipped_pack_passes_its_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
