/* match/explain through its header: which part of a condition held, what a rule lacked, which came nearest, as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "match/explain.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/job.h"
#include "mention/mention.h"
#include "folder_box.h"

enum { OUT_MAX = 64 << 20, ARENA_BYTES = 1 << 26 };

struct box {
	struct ruleset *rs;
	struct matcher *x;
	struct arena *a;
	struct job_why job;
};

static struct box box_of(const char *const *texts, size_t n)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	char folder[] = "/tmp/test_explain.XXXXXX";
	struct box b = {.a = arena_new(ARENA_BYTES)};
	size_t i;
	int r;

	assert_non_null(mkdtemp(folder));
	for (i = 0; i < n; i++) {
		cleanup(freep) char *path = xasprintf("%s/%zu.yaml", folder, i);

		file_write(path, texts[i]);
	}
	r = ruleset_load((const char *const[]){folder}, 1, d, &b.rs);
	if (r)
		diag_print(d, stderr, TEXT_EN);
	assert_int_equal(folder_remove(folder), 0);
	assert_int_equal(r, 0);
	ruleset_prefilter(b.rs);
	b.x = matcher_new(b.rs);
	mention_init(&b.job.mention);
	return b;
}

static void box_done(struct box *b)
{
	matcher_free(b->x);
	ruleset_free(b->rs);
	arena_free(b->a);
}

static json_t *explain(struct box *b, const char *text)
{
	struct buf out = BUF_INIT(OUT_MAX);
	json_t *json;

	b->job.mention.text = text;
	explain_mention(b->x, &b->job, b->a, &out);
	json = json_loadb(buf_str(&out), out.len, 0, NULL);
	assert_non_null(json);
	buf_done(&out);
	return json;
}

static const char *said(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "-";
}

static bool flag(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static const json_t *topic_at(const json_t *reasons, size_t i)
{
	const json_t *topic = json_array_get(json_object_get(reasons, "topics"), i);

	assert_non_null(topic);
	return topic;
}

/* The texts of the parts that are missing, "a; not b" in the order of the condition; and, as "+", those that held. */
static void put_parts(struct buf *b, const json_t *node)
{
	json_t *part;
	size_t i;

	if (flag(node, "miss"))
		buf_printf(b, "%s%s", b->len ? "; " : "", said(node, "text"));
	json_array_foreach(json_object_get(node, "parts"), i, part) put_parts(b, part);
}

/* "rule+: " met, "rule-: what it lacks": of each rule told. To be freed. */
static char *rules_of(const json_t *topic)
{
	struct buf b = BUF_INIT(OUT_MAX);
	json_t *rule;
	size_t i;

	json_array_foreach(json_object_get(topic, "rules"), i, rule)
	{
		struct buf missing = BUF_INIT(OUT_MAX);

		put_parts(&missing, json_object_get(rule, "tree"));
		buf_printf(&b, "%s%s%s %s", i ? " | " : "", said(rule, "rule"), flag(rule, "met") ? "+" : "-",
			   buf_str(&missing));
		buf_done(&missing);
	}
	return buf_steal(&b);
}

static const char *const acme =
	"topic: acme\nrole: brand\nown: ['@acme_mx']\n"
	"patterns:\n  name: [acme]\n  theft: [robo, fraude]\n  toon: [coyote]\n  bad: {regex: 'a*a*a*[qx]'}\n"
	"about: 'name and not toon'\n"
	"rules:\n"
	"  - {name: near-it, when: 'near(name, theft, 3)'}\n"
	"  - {name: in-order, when: 'before(theft, name, 9)'}\n"
	"  - {name: loud, when: 'followers >= 10000 and lang == es'}\n"
	"  - {name: often, when: 'count(theft) >= 3'}\n"
	"  - {name: both, when: '(loud or often) and theft and not (toon or bad)'}\n"
	"  - {name: never, when: 'not name'}\n";

static void what_a_rule_lacks_is_told_of_the_nearest(void **state)
{
	static const struct {
		const char *text;
		int64_t followers;
		const char *want;
		int left;
	} cases[] = {
		{"acme y un robo", COUNT_NONE,
		 "near-it+  | often- count(theft) >= 3 | in-order- before(theft, name, 9)", 3},
		{"acme uno dos tres cuatro robo", COUNT_NONE,
		 "near-it- near(name, theft, 3) | often- count(theft) >= 3", 4},
		{"acme uno dos tres cuatro robo", 9412, "loud- followers >= 10000 | near-it- near(name, theft, 3)", 4},
		{"acme", COUNT_NONE, "near-it- near(name, theft, 3) | in-order- before(theft, name, 9)", 4},
		/* an `or` lacks the nearest of its parts, a `not` what there is */
		{"robo, fraude y robo en acme", COUNT_NONE,
		 "near-it+  | in-order+  | often+  | both+  | loud- followers >= 10000 | never- name", 0},
	};
	struct box b = box_of(&acme, 1);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *got = NULL;
		json_t *reasons;

		b.job.mention.author.followers = cases[i].followers;
		b.job.mention.lang = "es";
		reasons = explain(&b, cases[i].text);
		got = rules_of(topic_at(reasons, 0));
		assert_string_equal(got, cases[i].want);
		assert_int_equal(json_integer_value(json_object_get(topic_at(reasons, 0), "left")), cases[i].left);
		assert_true(flag(reasons, "hit"));
		json_decref(reasons);
	}
	box_done(&b);
}

static const json_t *rule_at(const json_t *reasons, size_t i)
{
	return json_array_get(json_object_get(topic_at(reasons, 0), "rules"), i);
}

static void one_rule_comes_with_those_that_it_rests_on(void **state)
{
	struct box b = box_of(&acme, 1);
	cleanup(freep) char *got = NULL;
	json_t *reasons;

	(void)state;
	b.job.rule = "both";
	b.job.mention.author.followers = 12000;
	b.job.mention.lang = "es";
	reasons = explain(&b, "acme, robo");
	got = rules_of(topic_at(reasons, 0));
	assert_string_equal(got, "both+  | loud+  | often- count(theft) >= 3");
	assert_string_equal(said(rule_at(reasons, 0), "of"), "-");
	assert_string_equal(said(rule_at(reasons, 1), "of"), "both");
	assert_int_equal(json_integer_value(json_object_get(rule_at(reasons, 0), "line")), 15);
	json_decref(reasons);

	/* what holds in a topic that does not is not met */
	reasons = explain(&b, "acme, robo, coyote");
	assert_false(flag(reasons, "hit"));
	assert_false(flag(rule_at(reasons, 1), "met"));
	assert_true(flag(rule_at(reasons, 1), "held"));
	json_decref(reasons);
	b.job.rule = "nobody";
	reasons = explain(&b, "acme");
	assert_int_equal(json_array_size(json_object_get(reasons, "topics")), 0);
	json_decref(reasons);
	box_done(&b);
}

/* The node of the tree with that text; NULL: none. */
static const json_t *node_of(const json_t *node, const char *text)
{
	const json_t *found = NULL;
	json_t *part;
	size_t i;

	if (!strcmp(said(node, "text"), text))
		return node;
	json_array_foreach(json_object_get(node, "parts"), i, part)
	{
		found = node_of(part, text);
		if (found)
			return found;
	}
	return NULL;
}

static const json_t *node(const json_t *reasons, const char *text)
{
	const json_t *found = node_of(json_object_get(rule_at(reasons, 0), "tree"), text);

	assert_non_null(found);
	return found;
}

static void a_part_says_what_it_saw(void **state)
{
	struct box b = box_of(&acme, 1);
	const json_t *n, *span;
	json_t *reasons;

	(void)state;
	b.job.rule = "near-it";
	reasons = explain(&b, "ácme uno dos tres cuatro róbo");
	n = node(reasons, "near(name, theft, 3)");
	assert_int_equal(json_integer_value(json_object_get(n, "words")), 4);
	assert_int_equal(json_integer_value(json_object_get(n, "at_most")), 3);
	span = json_array_get(json_object_get(n, "spans"), 1); /* of the original, in code points */
	assert_int_equal(json_integer_value(json_array_get(json_object_get(span, "at"), 0)), 25);
	json_decref(reasons);

	reasons = explain(&b, "acme");
	assert_null(json_object_get(node(reasons, "near(name, theft, 3)"), "words"));
	assert_string_equal(json_string_value(json_array_get(json_object_get(node(reasons, "theft"), "list"), 1)),
			    "fraude");
	json_decref(reasons);
	b.job.rule = "in-order";
	reasons = explain(&b, "acme robo");
	assert_true(flag(node(reasons, "before(theft, name, 9)"), "order"));
	json_decref(reasons);
	b.job.rule = "loud";
	b.job.mention.lang = "pt";
	reasons = explain(&b, "acme");
	assert_true(flag(node(reasons, "followers >= 10000"), "absent"));
	assert_string_equal(said(node(reasons, "lang == es"), "actual"), "pt");
	assert_string_equal(said(node(reasons, "lang == es"), "field"), "lang");
	json_decref(reasons);
	box_done(&b);
}

/* FAULTS P11: never silently "no match". */
static void what_gave_up_or_is_off_is_said(void **state)
{
	struct box b = box_of(&acme, 1);
	char text[800] = "";
	json_t *reasons;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	b.job.rule = "both";
	reasons = explain(&b, text);
	assert_string_equal(said(node(reasons, "bad"), "tried"), "gave_up");
	json_decref(reasons);
	reasons = explain(&b, "acme"); /* of this text alone */
	assert_string_equal(said(node(reasons, "bad"), "tried"), "-");
	json_decref(reasons);
	b.job.off[0].topic = "acme";
	b.job.off[0].pattern = "bad";
	b.job.n_off = 1;
	reasons = explain(&b, "acme aq");
	assert_string_equal(said(node(reasons, "bad"), "tried"), "off");
	json_decref(reasons);
	box_done(&b);
}

static void how_a_topic_came_to_hold(void **state)
{
	static const char *const topics[] = {
		"topic: any-rule\nrole: industry\npatterns: {envio: [paquete]}\nrules: [{name: r, when: envio}]\n",
		"topic: any-pattern\nrole: competitor\npatterns: {uno: [sierra], dos: [clara]}\n", acme};
	struct box b = box_of(topics, 3);
	json_t *reasons;

	(void)state;
	reasons = explain(&b, "sierra");
	assert_string_equal(said(topic_at(reasons, 0), "any"), "rules");
	assert_false(flag(topic_at(reasons, 0), "held"));
	assert_string_equal(said(topic_at(reasons, 1), "any"), "patterns");
	assert_true(flag(topic_at(reasons, 1), "held"));
	assert_true(flag(json_object_get(topic_at(reasons, 1), "about"), "held"));
	assert_false(flag(json_object_get(topic_at(reasons, 2), "about"), "touched"));
	json_decref(reasons);

	b.job.source_topic = "acme";
	b.job.topic = "acme";
	reasons = explain(&b, "nada");
	assert_int_equal(json_array_size(json_object_get(reasons, "topics")), 1);
	assert_string_equal(said(topic_at(reasons, 0), "by"), "source");
	assert_true(flag(topic_at(reasons, 0), "held"));
	json_decref(reasons);
	b.job.mention.author.handle = "@Acme_MX";
	reasons = explain(&b, "acme");
	assert_true(flag(topic_at(reasons, 0), "own"));
	assert_false(flag(reasons, "hit"));
	json_decref(reasons);
	box_done(&b);
}

/* The verdict is the matcher's: what it calls met is what a hit has, whatever the text. */
static void it_says_what_the_matcher_says(void **state)
{
	static const char *const words[] = {"acme", "robo", "fraude", "coyote", "y", "otra", "vez", "aaq"};
	struct box b = box_of(&acme, 1);
	unsigned seed = 7;
	int i, k;

	(void)state;
	for (i = 0; i < 500; i++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		struct buf text = BUF_INIT(4096);
		json_t *reasons, *rule;
		size_t met = 0, r;

		for (k = 0; k < 12; k++)
			buf_printf(&text, "%s ", words[(unsigned)rand_r(&seed) % ARRAY_LEN(words)]);
		b.job.mention.author.followers = rand_r(&seed) % 20000;
		b.job.mention.lang = rand_r(&seed) % 2 ? "es" : NULL;
		reasons = explain(&b, buf_str(&text));
		matcher_match(b.x, &b.job.mention, NULL, a);
		assert_int_equal(flag(reasons, "hit"), b.job.mention.n_hits > 0);
		json_array_foreach(json_object_get(topic_at(reasons, 0), "rules"), r, rule)
		{
			double distance = json_number_value(json_object_get(rule, "distance"));

			assert_int_equal(flag(rule, "held"), distance <= 0);
			if (!flag(rule, "met"))
				continue;
			met++;
			assert_true(mention_names_have(b.job.mention.hits[0].rules, b.job.mention.hits[0].n_rules,
						       said(rule, "rule")));
		}
		assert_int_equal(met, b.job.mention.n_hits ? b.job.mention.hits[0].n_rules : 0);
		json_decref(reasons);
		buf_done(&text);
	}
	box_done(&b);
}

static void past_its_bound_it_is_full(void **state)
{
	struct box b = box_of(&acme, 1);
	struct buf out = BUF_INIT(200);

	(void)state;
	b.job.mention.text = "acme robo";
	explain_mention(b.x, &b.job, b.a, &out);
	assert_true(out.full);
	buf_done(&out);
	box_done(&b);
}

static void patterns_come_page_by_page_each_once(void **state)
{
	enum { PATTERNS = 28, WORDS = 400 };
	struct buf file = BUF_INIT(4 << 20), out = BUF_INIT(OUT_MAX);
	struct job_patterns job = {.from = 0};
	size_t n = 0, pages = 0, i, k;
	struct box b;

	(void)state;
	buf_puts(&file, "topic: t\nrole: brand\npatterns:\n");
	for (i = 0; i < PATTERNS; i++) {
		buf_printf(&file, "  p%zu:\n    words: |\n", i);
		for (k = 0; k < WORDS; k++)
			buf_printf(&file, "      w%zux%zu\n", i, k);
	}
	b = box_of(&(const char *){buf_str(&file)}, 1);
	while (job.from != UINT32_MAX) {
		json_t *json, *next, *pattern;

		buf_reset(&out);
		explain_patterns(b.rs, &job, &out);
		json = json_loadb(buf_str(&out), out.len, 0, NULL);
		assert_non_null(json);
		assert_in_range(out.len, 1, EXPLAIN_PATTERNS_BYTES + 64 * 1024);
		json_array_foreach(json_object_get(json, "patterns"), i, pattern)
		{
			cleanup(freep) char *name = xasprintf("p%zu", n++);

			assert_string_equal(said(pattern, "pattern"), name);
			assert_false(flag(pattern, "always"));
			assert_int_equal(json_array_size(json_object_get(pattern, "literals")), WORDS);
		}
		next = json_object_get(json, "next");
		job.from = next ? (uint32_t)json_integer_value(next) : UINT32_MAX;
		pages++;
		json_decref(json);
	}
	assert_int_equal(n, PATTERNS);
	assert_in_range(pages, 2, 20);
	buf_done(&file);
	buf_done(&out);
	box_done(&b);
}

static void a_job_is_read_as_it_was_written_and_no_other(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct job_why job = {.topic = "acme", .rule = "loud", .n_off = 1}, got;
	struct buf b = BUF_INIT(1 << 20);
	size_t i;

	(void)state;
	job.off[0].topic = "acme";
	job.off[0].pattern = "bad";
	mention_init(&job.mention);
	job.mention.text = "hola";
	why_put(&b, &job);
	assert_int_equal(why_get(b.data, b.len, a, &got), 0);
	assert_null(got.source_topic);
	assert_string_equal(got.rule, "loud");
	assert_string_equal(got.off[0].pattern, "bad");
	assert_string_equal(got.mention.text, "hola");
	for (i = 0; i < b.len; i++)
		assert_int_not_equal(why_get(b.data, i, a, &got), 0);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_rule_lacks_is_told_of_the_nearest),
		cmocka_unit_test(one_rule_comes_with_those_that_it_rests_on),
		cmocka_unit_test(a_part_says_what_it_saw),
		cmocka_unit_test(what_gave_up_or_is_off_is_said),
		cmocka_unit_test(how_a_topic_came_to_hold),
		cmocka_unit_test(it_says_what_the_matcher_says),
		cmocka_unit_test(past_its_bound_it_is_full),
		cmocka_unit_test(patterns_come_page_by_page_each_once),
		cmocka_unit_test(a_job_is_read_as_it_was_written_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
