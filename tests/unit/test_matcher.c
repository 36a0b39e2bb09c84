/* match/matcher through its header: which topics a mention is a hit of, by which rules, and where in its text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "match/matcher.h"
#include "match/pattern.h"
#include "match/ruleset.h"
#include "mention/mention.h"
#include "folder_box.h"

enum { SHOWN_MAX = 1 << 20, ARENA_BYTES = 1 << 24 };

/* The rules that the tests run with: one text a topic. */
static struct ruleset *ruleset_of(const char *const *texts, size_t n)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	char folder[] = "/tmp/test_matcher.XXXXXX";
	struct ruleset *rs = NULL;
	size_t i;
	int r;

	assert_non_null(mkdtemp(folder));
	for (i = 0; i < n; i++) {
		cleanup(freep) char *path = xasprintf("%s/%zu.yaml", folder, i);

		file_write(path, texts[i]);
	}
	r = ruleset_load((const char *const[]){folder}, 1, d, &rs);
	if (r)
		diag_print(d, stderr, TEXT_EN);
	assert_int_equal(folder_remove(folder), 0);
	assert_int_equal(r, 0);
	return rs;
}

/* topic(rule rule; tag tag; in:from-to=pattern …) of each hit, " own" behind. */
static char *show(const struct mention *m)
{
	struct buf b = BUF_INIT(SHOWN_MAX);
	size_t i, k;

	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];

		buf_printf(&b, "%s%s(", i ? " " : "", h->topic);
		for (k = 0; k < h->n_rules; k++)
			buf_printf(&b, "%s%s", k ? " " : "", h->rules[k]);
		buf_puts(&b, ";");
		for (k = 0; k < h->n_tags; k++)
			buf_printf(&b, " %s", h->tags[k]);
		buf_puts(&b, ";");
		for (k = 0; k < h->n_spans; k++)
			buf_printf(&b, " %d:%u-%u=%s", h->spans[k].in, h->spans[k].from, h->spans[k].to,
				   h->spans[k].pattern);
		buf_puts(&b, ")");
	}
	buf_puts(&b, m->own ? " own" : "");
	return buf_steal(&b);
}

static char *match(struct matcher *x, const char *title, const char *text, const char *source_topic)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct mention m;
	bool hit;

	mention_init(&m);
	m.title = title;
	m.text = text;
	hit = matcher_match(x, &m, source_topic, a);
	assert_int_equal(hit, m.n_hits > 0);
	return show(&m);
}

static const char *const topics[] = {
	"topic: acme\n"
	"role: brand\n"
	"own: ['@acme_mx', acme.example.com]\n"
	"patterns:\n"
	"  name: {words: [acme, acme mx, '@acme*']}\n"
	"  theft: '\\b(estafa\\w*|fraude|robo)\\b'\n"
	"  toon: 'coyote|correcaminos'\n"
	"  exact: {regex: '\\bACME\\b', case: true, fold: false}\n"
	"  headline: {words: exclusiva, in: title}\n"
	"  writer: {words: 'ana ruiz', in: [author]}\n"
	"  address: {regex: '/opinion/', in: url}\n"
	"about: 'name and not toon'\n"
	"rules:\n"
	"  - {name: fraud, when: theft, tags: [crisis, legal]}\n"
	"  - {name: loud, when: 'exact and big', tags: [crisis, loud]}\n"
	"  - {name: big, when: 'fraud or headline'}\n"
	"  - {name: calm, when: 'not theft'}\n"
	"  - {name: byline, when: 'writer or address'}\n",
	/* no `about`: any of its rules */
	"topic: beta\n"
	"role: competitor\n"
	"own: '@beta'\n"
	"patterns:\n"
	"  name: {words: beta}\n"
	"  theft: fraude\n"
	"rules:\n"
	"  - {name: seen, when: name}\n"
	"  - {name: never, when: 'theft and not theft'}\n",
	/* neither: any of its patterns */
	"topic: colas\n"
	"role: industry\n"
	"patterns:\n"
	"  drink: {words: '*cola'}\n"
	"  glass: {words: vaso de}\n",
	/* none: only its sources */
	"topic: muro\nrole: brand\n",
};

static const struct {
	const char *title, *text, *source_topic, *want;
} cases[] = {
	{NULL, NULL, NULL, ""},
	{"", "", NULL, ""},
	{NULL, "nada", NULL, ""},
	{NULL, "el coyote compró en acme", NULL, ""},
	{NULL, "Acme: bien", NULL, "acme(calm;; 1:0-4=name)"},
	{NULL, "fraude", NULL, ""}, /* rules count only where about holds */
	{NULL, "Ácme es un FRAUDE, acme mx", NULL,
	 "acme(fraud big; crisis legal; 1:0-4=name 1:11-17=theft 1:19-26=name)"},
	{"Exclusiva", "ACME", NULL, "acme(loud big calm; crisis loud; 0:0-9=headline 1:0-4=name 1:0-4=exact)"},
	{"exclusiva acme", "exclusiva", NULL, "acme(big calm;; 0:0-9=headline 0:10-14=name)"},
	{NULL, "beta y acme, fraude", NULL,
	 "acme(fraud big; crisis legal; 1:7-11=name 1:13-19=theft) beta(seen;; 1:0-4=name)"},
	{NULL, "Pepsicola: un vaso  de\nbeta", NULL, "beta(seen;; 1:23-27=name) colas(;; 1:0-9=drink 1:14-22=glass)"},
	/* a source's topic */
	{NULL, "llegó tarde", "acme", "acme(calm;;)"},
	{NULL, "fraude", "acme", "acme(fraud big; crisis legal; 1:0-6=theft)"},
	{NULL, "hola", "muro", "muro(;;)"},
	{NULL, "acme", "muro", "acme(calm;; 1:0-4=name) muro(;;)"},
	{NULL, "hola", "nadie", ""},
	/* the original's code points, not the folded bytes */
	{NULL, "👍🏽 “ﬁn” ac\u200Bme\u0301 x", NULL, "acme(calm;; 1:8-14=name)"},
};

static void a_mention_is_one_hit_a_topic(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(topics, ARRAY_LEN(topics));
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	size_t i, round;

	(void)state;
	for (round = 0; round < 2; round++) { /* what one mention left behind is nothing to the next */
		for (i = 0; i < ARRAY_LEN(cases); i++) {
			cleanup(freep) char *got = match(x, cases[i].title, cases[i].text, cases[i].source_topic);

			if (strcmp(got, cases[i].want) != 0)
				fail_msg("%s\nwanted %s\ngot    %s", cases[i].text, cases[i].want, got);
		}
	}
}

static const struct {
	const char *handle, *url, *want;
} owners[] = {
	{"acme_mx", NULL, " own"},
	{"@ACME_MX", NULL, " own"},
	{"acme_mx2", NULL, "acme(calm;; 1:0-4=name)"},
	{"acme_mx@social.example", NULL, "acme(calm;; 1:0-4=name)"},
	{NULL, "https://acme.example.com/x", " own"},
	{NULL, "https://u@Tienda.ACME.example.com.:8443?x", " own"},
	{NULL, "https://notacme.example.com/", "acme(calm;; 1:0-4=name)"},
	{NULL, "https://example.com/acme.example.com", "acme(calm;; 1:0-4=name)"},
	{NULL, "mailto:acme.example.com", "acme(calm;; 1:0-4=name)"},
	{"beta", NULL, "acme(calm;; 1:0-4=name) own"}, /* one topic's own is another's mention */
};

static void own_posts_are_no_mentions(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(topics, ARRAY_LEN(topics));
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(owners); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		cleanup(freep) char *got = NULL;
		struct mention m;

		mention_init(&m);
		m.text = "acme";
		m.url = owners[i].url;
		m.author.handle = owners[i].handle;
		assert_true(matcher_about(x, &m, i == 0 ? "acme" : NULL)); /* whatever its source says */
		matcher_finish(x, &m, a);
		got = show(&m);
		assert_string_equal(got, owners[i].want);
	}
}

static void patterns_look_where_they_are_told(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(topics, ARRAY_LEN(topics));
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	static const struct {
		const char *name, *handle, *url, *want;
	} table[] = {
		{"Ana Ruíz", NULL, NULL, "acme(calm byline;; 1:0-4=name 2:0-8=writer)"},
		{NULL, "ana ruiz", NULL, "acme(calm byline;; 1:0-4=name)"},
		{NULL, NULL, "https://a.example/opinion/1", "acme(calm byline;; 1:0-4=name 3:17-26=address)"},
		{"Acme", "acme", "https://a.example/acme", "acme(calm;; 1:0-4=name)"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		cleanup(freep) char *got = NULL;
		struct mention m;

		mention_init(&m);
		m.text = "acme";
		m.author.name = table[i].name;
		m.author.handle = table[i].handle;
		m.url = table[i].url;
		matcher_match(x, &m, NULL, a);
		got = show(&m);
		assert_string_equal(got, table[i].want);
	}
}

static void one_topic_can_be_asked_alone(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(topics, ARRAY_LEN(topics));
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	cleanup(freep) char *all = match(x, NULL, "beta y acme", NULL), *one = NULL;

	(void)state;
	matcher_only(x, "beta");
	one = match(x, NULL, "beta y acme", NULL);
	assert_string_equal(one, "beta(seen;; 1:0-4=name)");
	assert_string_equal(all, "acme(calm;; 1:7-11=name) beta(seen;; 1:0-4=name)");
}

static void spans_are_the_first_in_order(void **state)
{
	static const char *const topic = "topic: t\nrole: brand\npatterns:\n  b: b\n  a: a\n  place: '(?=a)'\n"
					 "about: '(a or b) and place'\n";
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(&topic, 1);
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct buf text = BUF_INIT(1 << 16);
	struct mention m;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) /* FAULTS P16: many matches of one rule */
		buf_puts(&text, "ab");
	mention_init(&m);
	m.title = "zb";
	m.text = buf_str(&text);
	assert_true(matcher_match(x, &m, NULL, a));
	assert_int_equal(m.hits[0].n_spans, MENTION_SPANS_MAX);
	assert_int_equal(m.hits[0].spans[0].in, SPAN_TITLE);
	for (i = 1; i < MENTION_SPANS_MAX; i++) {
		assert_int_equal(m.hits[0].spans[i].in, SPAN_TEXT);
		assert_int_equal(m.hits[0].spans[i].from, i - 1);
		assert_string_equal(m.hits[0].spans[i].pattern, i % 2 ? "a" : "b");
	}
	buf_done(&text);
}

/* FAULTS P11: a pattern that gives up is told, costs little, and its neighbours go on. */
static void limits_are_told_and_bounded(void **state)
{
	static const char *const topic =
		"topic: t\nrole: brand\npatterns:\n  bad: 'a*a*a*[bc]'\n  good: a\nabout: good\n"
		"rules:\n  - {name: r, when: bad}\n  - {name: s, when: not bad}\n";
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(&topic, 1);
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	char text[800] = "";
	struct matcher_limit limit;
	int i;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_false(matcher_limits(x, 0, &limit));
	for (i = 1; i <= 500; i++) {
		cleanup(freep) char *got = match(x, NULL, text, NULL);

		assert_non_null(strstr(got, "t(s;;"));
		assert_true(matcher_limits(x, 0, &limit));
		assert_int_equal(limit.times, i);
	}
	assert_string_equal(limit.topic, "t");
	assert_string_equal(limit.pattern, "bad");
	assert_false(matcher_limits(x, 1, &limit));
	{ /* set aside for this job: also for what it would have found */
		cleanup(freep) char *got = match(x, NULL, "aaab", NULL);

		assert_non_null(strstr(got, "t(s;;"));
	}
	matcher_job(x);
	assert_false(matcher_limits(x, 0, &limit));
	{
		cleanup(freep) char *got = match(x, NULL, "aaab", NULL);

		assert_non_null(strstr(got, "t(r;;"));
	}
	assert_false(matcher_limits(x, 0, &limit));
}

/* FAULTS P11: never silently "no match": a hit names what it was judged without, whether it gave up or is switched off. */
static void hits_say_what_they_lack(void **state)
{
	static const char *const two[] = {
		"topic: t\nrole: industry\npatterns:\n  bad: 'a*a*a*[bc]'\n  good: a\nabout: good\n"
		"rules:\n  - {name: r, when: bad}\n",
		"topic: u\nrole: industry\npatterns:\n  bad: aab\n  good: a\nabout: good\n"
		"rules:\n  - {name: r, when: bad}\n"};
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(two, 2);
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	char text[800] = "";
	struct matcher_limit limit;
	struct mention m;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	mention_init(&m);
	m.text = text;
	assert_true(matcher_match(x, &m, NULL, a));
	assert_int_equal(m.n_hits, 2);
	assert_int_equal(m.hits[0].n_limited, 1);
	assert_string_equal(m.hits[0].limited[0], "bad");
	assert_int_equal(m.hits[1].n_limited, 0);
	matcher_job(x);
	m.text = "aaab";
	assert_true(matcher_match(x, &m, NULL, a));
	assert_int_equal(m.hits[0].n_limited, 0);
	assert_int_equal(m.hits[0].n_rules, 1);
	matcher_off(x, "t", "nobody");
	matcher_off(x, "t", "bad");
	assert_true(matcher_match(x, &m, NULL, a));
	assert_int_equal(m.hits[0].n_limited, 1);
	assert_int_equal(m.hits[0].n_rules, 0);
	assert_int_equal(m.hits[1].n_rules, 1);     /* the other topic's pattern of that name */
	assert_false(matcher_limits(x, 0, &limit)); /* escuchad knows */
}

/* FAULTS P16: the longest text that a mention has; what is behind its end is not looked at. */
static void the_longest_text_is_matched_to_its_end(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(topics, ARRAY_LEN(topics));
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	cleanup(freep) char *text = xmalloc(MENTION_TEXT_MAX_BYTES + 6);
	cleanup(freep) char *inside = NULL, *behind = NULL;

	(void)state;
	memset(text, ' ', MENTION_TEXT_MAX_BYTES);
	memcpy(text + MENTION_TEXT_MAX_BYTES - 4, "acme", 5);
	inside = match(x, NULL, text, NULL);
	assert_string_equal(inside, "acme(calm;; 1:262140-262144=name)");
	memcpy(text + MENTION_TEXT_MAX_BYTES - 4, "    acme", 9 - 3);
	text[MENTION_TEXT_MAX_BYTES + 2] = '\0';
	behind = match(x, NULL, text, NULL);
	assert_string_equal(behind, "");
}

static void more_rules_than_a_hit_has_room_for_are_cut(void **state)
{
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	struct buf b = BUF_INIT(1 << 18);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	cleanup(matcher_freep) struct matcher *x = NULL;
	struct mention m;
	const char *topic;
	size_t i;

	(void)state;
	buf_puts(&b, "topic: t\nrole: brand\npatterns:\n  a: a\nrules:\n");
	for (i = 0; i < MENTION_NAMES_MAX + 10; i++)
		buf_printf(&b, "  - {name: r%zu, when: a, tags: [t%zu, u%zu]}\n", i, i, i);
	topic = buf_str(&b);
	rs = ruleset_of(&topic, 1);
	x = matcher_new(rs);
	mention_init(&m);
	m.text = "a";
	assert_true(matcher_match(x, &m, NULL, a));
	assert_int_equal(m.hits[0].n_rules, MENTION_NAMES_MAX);
	assert_int_equal(m.hits[0].n_tags, MENTION_NAMES_MAX);
	assert_string_equal(m.hits[0].rules[MENTION_NAMES_MAX - 1], "r255");
	assert_string_equal(m.hits[0].tags[MENTION_NAMES_MAX - 1], "u127");
	buf_done(&b);
}

/* … however many patterns of other topics gave up before. */
static void others_leave_room_to_say_it(void **state)
{
	struct buf many = BUF_INIT(1 << 16);
	const char *two[] = {NULL,
			     "topic: u\nrole: industry\npatterns:\n  bad: 'a*a*a*[bc]'\n  good: a\nabout: 'good'\n"
			     "rules:\n  - {name: r, when: bad}\n"};
	char text[800] = "";
	struct mention m;
	int i;

	(void)state;
	buf_puts(&many, "topic: t\nrole: industry\npatterns:\n  good: a\n");
	for (i = 0; i < 2 * MENTION_LIMITED_MAX; i++)
		buf_printf(&many, "  bad%d: 'a*a*a*[bc]%d'\n", i, i);
	buf_puts(&many, "about: good\nrules:\n");
	for (i = 0; i < 2 * MENTION_LIMITED_MAX; i++)
		buf_printf(&many, "  - {name: r%d, when: bad%d}\n", i, i);
	two[0] = buf_str(&many);
	memset(text, 'a', sizeof(text) - 1);
	mention_init(&m);
	m.text = text;
	{
		cleanup(ruleset_freep) struct ruleset *rs = ruleset_of(two, 2);
		cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
		cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);

		for (i = 0; i < 2 * MENTION_LIMITED_MAX; i++) {
			char name[16];

			snprintf(name, sizeof(name), "bad%d", i);
			matcher_off(x, "t", name);
		}
		matcher_off(x, "u", "bad");
		assert_true(matcher_match(x, &m, NULL, arena));
		assert_int_equal(m.n_hits, 2);
		assert_int_equal(m.hits[0].n_limited, MENTION_LIMITED_MAX);
		assert_int_equal(m.hits[1].n_limited, 1);
		assert_string_equal(m.hits[1].limited[0], "bad");
	}
	buf_done(&many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mention_is_one_hit_a_topic),
		cmocka_unit_test(own_posts_are_no_mentions),
		cmocka_unit_test(patterns_look_where_they_are_told),
		cmocka_unit_test(one_topic_can_be_asked_alone),
		cmocka_unit_test(spans_are_the_first_in_order),
		cmocka_unit_test(limits_are_told_and_bounded),
		cmocka_unit_test(hits_say_what_they_lack),
		cmocka_unit_test(others_leave_room_to_say_it),
		cmocka_unit_test(the_longest_text_is_matched_to_its_end),
		cmocka_unit_test(more_rules_than_a_hit_has_room_for_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
