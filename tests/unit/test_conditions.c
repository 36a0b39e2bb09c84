/* Conditions as rules have them, through match/ruleset and match/matcher: near, before, count, facts of the mention, sets in
 * files, what carries a tag, and why. Against an evaluator of the test's own over random conditions and mentions. */
#include <math.h>
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
#include "match/expr.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "match/sets.h"
#include "match/topic.h"
#include "mention/mention.h"
#include "folder_box.h"

enum { ARENA_BYTES = 1 << 24, TEXT_MAX = 1 << 22 };

/* A topic of anything that has a letter, with the patterns and the rules r0, r1 … of those conditions. */
static struct ruleset *rules_of(const char *patterns, const char *const *conditions, size_t n)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(TEXT_MAX);
	struct ruleset *rs = NULL;
	size_t i;

	buf_printf(&b, "topic: t\nrole: brand\npatterns:\n  any: '\\w'\n%sabout: any\nrules:\n", patterns);
	for (i = 0; i < n; i++)
		buf_printf(&b, "  - name: r%zu\n    when: |\n      %s\n", i, conditions[i]);
	file_write("t.yaml", buf_str(&b));
	if (ruleset_load((const char *const[]){"t.yaml"}, 1, d, &rs))
		diag_print(d, stderr, TEXT_EN);
	assert_non_null(rs);
	buf_done(&b);
	return rs;
}

static bool met(const struct mention *m, size_t rule)
{
	char name[24];
	size_t i;

	snprintf(name, sizeof(name), "r%zu", rule);
	for (i = 0; m->n_hits && i < m->hits[0].n_rules; i++)
		if (!strcmp(m->hits[0].rules[i], name))
			return true;
	return false;
}

/* --- one by one --- */

static const char words_of_name[] = "  name: {words: [acme, '@acme*']}\n"
				    "  theft: '\\b(estafa\\w*|fraude|robo)\\b'\n"
				    "  loud: {regex: 'FRAUDE', case: true, fold: false}\n"
				    "  writer: {words: ana, in: author}\n"
				    "  start: '^(?=.)'\n"
				    "  head: {words: acme, in: title}\n";

static const struct {
	const char *when, *title, *text;
	bool want;
} of_texts[] = {
	{"near(name, theft, 0)", NULL, "acme fraude", true},
	{"near(name, theft, 0)", NULL, "fraude: acme", true},
	{"near(name, theft, 2)", NULL, "acme es un fraude", true},
	{"near(name, theft, 1)", NULL, "acme es un fraude", false},
	{"near(name, theft, 1)", NULL, "acme, de lejos. Otra acme: ¡su fraude!", true}, /* not the first alone */
	{"near(name, theft, 9)", "acme", "fraude", false},                              /* within one text */
	{"near(name, theft, 0)", NULL, "@acme_estafa", false},                          /* no match of theft */
	{"near(name, loud, 1)", NULL, "Ａｃｍｅ\xC2\xAD es FRAUDE", true},              /* folded and plain */
	{"near(name, loud, 0)", NULL, "ACME es FRAUDE", false},
	{"near(start, name, 2)", NULL, "oye tú acme", true},
	{"near(start, name, 1)", NULL, "oye tú acme", false},
	{"before(name, theft, 2)", NULL, "acme es un fraude", true},
	{"before(theft, name, 2)", NULL, "acme es un fraude", false},
	{"before(theft, name, 2)", NULL, "acme es un fraude de acme", true},
	{"before(name, name, 0)", NULL, "acme acme", true},
	{"before(name, name, 5)", NULL, "acme", false},
	{"count(name) >= 2", "Acme", "de acme", true}, /* over the fields */
	{"count(name) >= 2", NULL, "acme", false},
	{"count(name) == 0", NULL, "nada", true},
	{"count(head) == 1", "acme", "acme acme", true},
	{"count(name) < 3 and count(name) != 1", NULL, "acme acme", true},
	{"not near(name, theft, 1)", NULL, "nada", true},
};

static void texts_are_judged(void **state)
{
	const char *conditions[ARRAY_LEN(of_texts)];
	struct ruleset *rs;
	struct matcher *x;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(of_texts); i++)
		conditions[i] = of_texts[i].when;
	rs = rules_of(words_of_name, conditions, ARRAY_LEN(of_texts));
	x = matcher_new(rs);
	for (i = 0; i < ARRAY_LEN(of_texts); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		struct mention m;

		mention_init(&m);
		m.title = of_texts[i].title;
		m.text = of_texts[i].text;
		matcher_match(x, &m, NULL, a);
		if (met(&m, i) != of_texts[i].want)
			fail_msg("%s: %s", of_texts[i].when, of_texts[i].text);
	}
	matcher_free(x);
	ruleset_free(rs);
}

/* A mention that has every fact, and one that has none. */
static void make_known(struct mention *m)
{
	mention_init(m);
	m->text = "texto";
	m->lang = "es";
	m->country = "mx";
	m->platform = "feed";
	m->source = "prensa";
	m->kind = "article";
	m->url = "https://www.Blog.Acme.example:8080/a?b#c";
	m->author.handle = "@ÑandúMX";
	m->author.name = "Otro";
	m->author.followers = 12000;
	m->author.verified = VERIFIED_NO;
	m->counts = (struct mention_counts){3, 4, 0, 99};
	m->rating = 4.3;
	m->version = "7.1.0";
	m->repeats = "ÑandúMX";
}

static const struct {
	const char *when;
	bool known, unknown;
} of_facts[] = {
	{"lang == es", true, false},
	{"lang != es", false, false},
	{"lang != pt", true, false},
	{"not (lang == pt)", true, true}, /* holds where the language is unknown */
	{"not (lang != pt)", false, true},
	{"lang in [pt, ES]", true, false},
	{"known(lang)", true, false},
	{"country in [MX]", true, false},
	{"country == mx", true, false},
	{"platform == feed and source == prensa and kind == article", true, false},
	{"source == 'prensa'", true, false},
	{"site == acme.example", true, false},
	{"site in [www.blog.acme.example]", true, false},
	{"site == me.example", false, false},
	{"site != acme.example", false, false},
	{"site in [otro.example, 'https://acme.example/x']", true, false},
	{"site in {file: sites.txt}", true, false},
	{"author in {file: authors.txt}", true, false},
	{"author == ñandúmx", true, false},
	{"author == @ÑANDÚMX", true, false},
	{"author == otro", false, false},
	{"followers >= 12000", true, false},
	{"followers > 12000", false, false},
	{"followers in [5, 12000]", true, false},
	{"not (followers > 12000)", true, true},
	{"likes == 3 and shares != 3 and replies < 1 and views <= 99", true, false},
	{"rating == 4.3", true, false},
	{"rating < 4.3", false, false},
	{"version == '7.1.0'", true, false},
	{"version in ['7.1']", false, false},
	{"repeats == @ÑANDÚMX", true, false},
	{"repeats != @acme and known(repeats)", true, false},
	{"rating in [1, 4.3]", true, false},
	{"verified == false", true, false},
	{"verified == true", false, false},
	{"verified != true", true, false},
	{"known(verified) and known(rating) and known(site) and known(author)", true, false},
	{"known(sentiment) or known(intent) or known(tags)", false, false},
	{"sentiment == negative", false, false},
	{"not (sentiment == negative)", true, true},
};

static void facts_are_compared(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	const char *conditions[ARRAY_LEN(of_facts)];
	struct mention known, unknown;
	struct ruleset *rs;
	struct matcher *x;
	size_t i;

	(void)state;
	file_write("sites.txt",
		   "\xEF\xBB\xBF# la prensa\n\n otro.example  # no\n\thttps://acme.example/\r\nacme.example\n");
	file_write("authors.txt", "@nadie\nÑandúMX\n");
	for (i = 0; i < ARRAY_LEN(of_facts); i++)
		conditions[i] = of_facts[i].when;
	rs = rules_of("", conditions, ARRAY_LEN(of_facts));
	x = matcher_new(rs);
	make_known(&known);
	matcher_match(x, &known, NULL, a);
	mention_init(&unknown);
	unknown.text = "texto";
	matcher_match(x, &unknown, NULL, a);
	for (i = 0; i < ARRAY_LEN(of_facts); i++)
		if (met(&known, i) != of_facts[i].known || met(&unknown, i) != of_facts[i].unknown)
			fail_msg("%s: %d %d", of_facts[i].when, met(&known, i), met(&unknown, i));
	matcher_free(x);
	ruleset_free(rs);
}

/* What is found out between the halves (language, tone) is there for the rules. */
static void a_fact_may_come_between_the_halves(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct ruleset *rs = rules_of("", (const char *const[]){"lang == es"}, 1);
	struct matcher *x = matcher_new(rs);
	struct mention m;

	(void)state;
	mention_init(&m);
	m.text = "hola";
	assert_true(matcher_about(x, &m, NULL));
	m.lang = "es";
	matcher_finish(x, &m, a);
	assert_true(met(&m, 0));
	matcher_free(x);
	ruleset_free(rs);
}

/* --- tags, spans, why --- */

static const char with_tags[] =
	"topic: t\n"
	"role: brand\n"
	"patterns:\n"
	"  name: {words: acme}\n"
	"  theft: {words: [fraude, robo]}\n"
	"about: name\n"
	"rules:\n"
	"  - {name: fraud, when: 'near(name, theft, 2)', tags: [crisis, legal]}\n"
	"  - {name: urgent, when: 'tags in [crisis] and followers >= 1000'}\n"
	"  - {name: twice, when: 'count(theft) >= 2'}\n"
	"  - {name: calm, when: 'not known(tags)'}\n"
	"tests:\n"
	"  - {text: acme fraude, followers: 1000, hits: [fraud, urgent], tags: [legal, crisis]}\n"
	"  - {text: acme fraude, hits: [fraud]}\n"
	"  - {text: acme, followers: 1000, hits: [calm], tags: []}\n";

struct fixture {
	struct arena *a;
	struct ruleset *rs;
	struct matcher *x;
	struct mention m;
};

static void fixture_init(struct fixture *f, const char *file)
{
	cleanup(diag_freep) struct diag *d = diag_new();

	f->a = arena_new(ARENA_BYTES);
	f->rs = NULL;
	file_write("t.yaml", file);
	if (ruleset_load((const char *const[]){"t.yaml"}, 1, d, &f->rs))
		diag_print(d, stderr, TEXT_EN);
	assert_non_null(f->rs);
	f->x = matcher_new(f->rs);
	mention_init(&f->m);
}

static void fixture_done(struct fixture *f)
{
	matcher_free(f->x);
	ruleset_free(f->rs);
	arena_free(f->a);
}

static void spans_are_those_that_made_it_hold(void **state)
{
	struct fixture f;
	const struct hit *h;

	(void)state;
	fixture_init(&f, with_tags);
	f.m.title = "acme";
	f.m.text = "robo aparte; lejos de aquí está ese fraude de acme";
	assert_true(matcher_match(f.x, &f.m, NULL, f.a));
	h = &f.m.hits[0];
	assert_int_equal(h->n_rules, 2); /* fraud, twice */
	assert_int_equal(h->n_spans, 4); /* acme twice, fraude of the near, robo of the count; each once */
	assert_int_equal(h->spans[1].from, 0);
	assert_int_equal(h->spans[2].from, 36);
	assert_string_equal(h->spans[2].pattern, "theft");
	f.m.text = "robo aparte; y de aquí en adelante acme";
	assert_true(matcher_match(f.x, &f.m, NULL, f.a));
	assert_int_equal(f.m.hits[0].n_spans, 2); /* a near that failed has none */
	fixture_done(&f);
}

/* Of the only topic; rule NULL: its `about`. */
static const struct expr *condition_of(const struct matcher *x, const char *rule)
{
	const struct ruleset *rs = matcher_rules(x);
	size_t i;

	if (!rule)
		return &rs->topics[0].about;
	for (i = 0; i < rs->n_rules && strcmp(rs->rules[i].name, rule) != 0; i++)
		;
	assert_true(i < rs->n_rules);
	return &rs->rules[i].when;
}

static const struct expr_verdict *why(struct fixture *f, const char *rule, enum expr_kind kind)
{
	const struct expr *e = condition_of(f->x, rule);
	const struct expr_verdict *v = matcher_verdicts(f->x, e, f->a);
	size_t i;

	for (i = 0; i < e->n && e->nodes[i].kind != kind; i++)
		;
	assert_true(i < e->n);
	return &v[i];
}

static void why_has_the_nearest_miss_and_the_facts(void **state)
{
	const struct expr_verdict *v;
	struct fixture f;

	(void)state;
	fixture_init(&f, with_tags);
	f.m.text = "robo de otra; uno dos tres acme, y cinco palabras más hasta el fraude";
	f.m.author.followers = 12;
	matcher_match(f.x, &f.m, NULL, f.a);
	v = why(&f, "fraud", EXPR_NEAR);
	assert_true(!v->held && v->number == 5 && v->n_spans == 2);
	assert_int_equal(v->spans[0].from, 27);
	assert_int_equal(v->spans[1].from, 0);
	v = why(&f, "fraud", EXPR_PATTERN); /* its first: name */
	assert_true(v->held && v->number == 1 && v->n_spans == 1);
	v = why(&f, "twice", EXPR_COUNT);
	assert_true(v->held && v->number == 2 && v->n_spans == 2);
	v = why(&f, "urgent", EXPR_FIELD);
	assert_true(!v->held && v->absent && !v->actual);
	v = why(&f, "urgent", EXPR_AND);
	assert_false(v->held);
	v = why(&f, NULL, EXPR_PATTERN);
	assert_true(v->held);
	f.m.text = "acme roba: fraude";
	matcher_match(f.x, &f.m, NULL, f.a);
	v = why(&f, "urgent", EXPR_FIELD);
	assert_true(v->held && !v->absent);
	assert_string_equal(v->actual, "crisis");
	assert_string_equal((v + 2)->actual, "12"); /* behind the "and" */
	f.m.text = "acme";
	matcher_match(f.x, &f.m, NULL, f.a);
	assert_int_equal(why(&f, "fraud", EXPR_NEAR)->number, EXPR_FAR);
	fixture_done(&f);
}

static void failed_tests_tell_the_tags(void **state)
{
	static const struct {
		const char *test, *want;
	} table[] = {
		{"{text: x, hits: [r], tags: [b]}", "expected to carry \"tags: [b]\" and carries \"tags: [a]\""},
		{"{text: x, hits: none, tags: [b]}", "carries nothing"},
		{"{text: x, site: x.example, url: 'https://x.example/', hits: [r]}", "either \"url\" or \"site\""},
		{"{text: x, followers: 10k, hits: [r]}", "tests[0].followers: expected a number of digits alone"},
		{"{text: x, rating: good, hits: [r]}", "tests[0].rating: expected a number such as"},
		{"{text: x, verified: sí, hits: [r]}", "tests[0].verified: "},
		{"{text: x, site: y.example, lang: es, country: MX, kind: post, platform: feed, source: s, likes: 1, "
		 "shares: 2, "
		 "replies: 3, views: 4, rating: 4.5, verified: true, author: '@b', hits: [r], tags: [a]}",
		 NULL},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		struct buf b = BUF_INIT(TEXT_MAX);
		struct ruleset *rs = NULL;
		int r;

		buf_printf(&b,
			   "topic: t\nrole: brand\npatterns:\n  p: x\nabout: p\nrules:\n  - name: r\n    tags: a\n    "
			   "when: "
			   "'count(p) == 1 or (site == y.example and lang == es and country == MX and kind == post and "
			   "likes == "
			   "1 and verified == true and rating == 4.5 and author == b)'\ntests:\n  - %s\n",
			   table[i].test);
		file_write("t.yaml", buf_str(&b));
		r = ruleset_load((const char *const[]){"t.yaml"}, 1, d, &rs);
		buf_reset(&b);
		for (k = 0; k < diag_len(d); k++) /* there may be advice before it */
			diag_render(&b, diag_at(d, k), TEXT_EN);
		if (table[i].want ? !r || !strstr(buf_str(&b), table[i].want) : r)
			fail_msg("%s: %s", table[i].test, buf_str(&b));
		ruleset_free(rs);
		buf_done(&b);
	}
}

/* --- bounds --- */

static void bounds_of_matches_are_reached(void **state)
{
	enum { PATTERNS = MATCHER_PLACES_MAX / MATCHER_FOUND_MAX + 10 };
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	char *conditions[PATTERNS];
	struct buf patterns = BUF_INIT(TEXT_MAX), text = BUF_INIT(TEXT_MAX);
	struct expr_verdict *v;
	const struct expr *e;
	struct ruleset *rs;
	struct matcher *x;
	struct mention m;
	size_t i;

	(void)state;
	for (i = 0; i < PATTERNS; i++) {
		buf_printf(&patterns, "  p%zu: 'a{1,%zu}'\n", i, i + 1);
		conditions[i] = xasprintf("count(p%zu) >= 1000 and near(p%zu, p0, 0)", i, i);
	}
	for (i = 0; i < MATCHER_FOUND_MAX + 1; i++)
		buf_puts(&text, "a ");
	rs = rules_of(buf_str(&patterns), (const char *const *)conditions, PATTERNS);
	x = matcher_new(rs);
	mention_init(&m);
	m.text = buf_str(&text);
	matcher_match(x, &m, NULL, a);
	for (i = 0; i < PATTERNS; i++) {
		assert_true(met(&m, i));
		free(conditions[i]);
	}
	e = condition_of(x, "r0");
	v = matcher_verdicts(x, e, a);
	for (i = 0; i < e->n && e->nodes[i].kind != EXPR_COUNT; i++)
		;
	assert_int_equal(v[i].number, MATCHER_FOUND_MAX);
	assert_int_equal(v[i].n_spans, MENTION_SPANS_MAX);
	matcher_free(x);
	ruleset_free(rs);
	buf_done(&patterns);
	buf_done(&text);
}

static int set_of(const char *text, struct arena *a, struct set *ret, char **ret_shown)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(TEXT_MAX);
	int r;

	file_write("many.txt", text);
	r = set_read(FACT_AUTHOR, "many.txt", (struct diag_pos){.file = "t.yaml"}, NULL, a, d, ret);
	if (diag_len(d))
		diag_render(&b, diag_at(d, 0), TEXT_EN);
	*ret_shown = buf_steal(&b);
	return r;
}

static void bounds_of_files_are_reached(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct buf b = BUF_INIT(TEXT_MAX);
	size_t over, i;

	(void)state;
	for (over = 0; over < 2; over++) {
		cleanup(freep) char *shown = NULL, *shown_large = NULL;
		struct set s;

		buf_reset(&b);
		for (i = 0; i < SET_VALUES_MAX + over; i++)
			buf_printf(&b, "@a%zu\n", i);
		assert_int_equal(set_of(buf_str(&b), a, &s, &shown), over);
		assert_true(over ? strstr(shown, "many.txt:50001:1: error: more than 50000 values") != NULL
				 : s.n == SET_VALUES_MAX && set_has(&s, "a49999", 6));
		buf_reset(&b);
		while (b.len < SET_FILE_MAX_BYTES + over)
			buf_putc(&b, b.len < 2 ? 'a' : '\n');
		assert_int_equal(set_of(buf_str(&b), a, &s, &shown_large), over);
		assert_true(over ? strstr(shown_large, "t.yaml: error: many.txt is larger") != NULL : s.n == 1);
	}
	buf_done(&b);
}

static void files_of_values_have_their_mistakes(void **state)
{
	static const struct {
		const char *text;
		int r;
		const char *want;
	} table[] = {
		{"# nada\n\n", 0, "t.yaml: warning: many.txt holds no value"},
		{"uno\n@\n", SET_E_INVALID, "many.txt:2:1: error: \"@\" can be no author"},
		{"uno\n\xFF\n", SET_E_INVALID, "t.yaml: error: many.txt is no text in UTF-8"},
		{"uno#dos # tres", 0, ""},
	};
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		cleanup(freep) char *shown = NULL;
		struct set s;

		assert_int_equal(set_of(table[i].text, a, &s, &shown), table[i].r);
		assert_true(*table[i].want ? strstr(shown, table[i].want) != NULL : !*shown);
		if (!*table[i].want)
			assert_true(s.n == 1 && set_has(&s, "uno#dos", 7));
	}
}

/* --- against an evaluator of the test's own --- */

enum { WORDS = 4, RULES = 40, SETS = 25, MENTIONS = 40, TEXT_WORDS = 14, DEPTH = 4, CONDITION_MAX = 2048 };

static const char *const vocabulary[WORDS + 2] = {"uno", "dos", "tres", "cuatro", "algo", "otra"};
static const char *const langs[] = {"es", "pt", "en"};

/* A condition as the test knows it. */
struct node {
	char what; /* & | ! p near < before # count l lang i in f followers v verified k known */
	struct node *left, *right;
	unsigned a, b, sign; /* words, signs, values */
	double number;
};

struct facts {
	unsigned words[TEXT_WORDS], n_words;
	int lang; /* -1: absent; so are the rest */
	int followers;
	int verified;
};

static unsigned dice(unsigned *seed, unsigned n)
{
	return (unsigned)rand_r(seed) % n;
}

static struct node *grow(unsigned *seed, struct arena *a, unsigned depth)
{
	struct node *n = ARENA_NEW(a, struct node);

	n->what = (depth ? "&&||!!p~<#lifvk" : "pp~<#lifvk")[dice(seed, depth ? 15 : 10)];
	if (strchr("&|!", n->what))
		n->left = grow(seed, a, depth - 1);
	if (strchr("&|", n->what))
		n->right = grow(seed, a, depth - 1);
	n->a = dice(seed, WORDS);
	n->b = dice(seed, WORDS);
	n->sign = dice(seed, 6);
	n->number = strchr("~<#", n->what) ? dice(seed, 5) : dice(seed, 3) * 50;
	return n;
}

static void write_node(const struct node *n, struct buf *b)
{
	static const char *const signs[] = {"==", "!=", ">=", ">", "<=", "<"};
	static const char *const fields[] = {"lang", "followers", "verified", "likes"};

	switch (n->what) {
	case '&':
	case '|':
		buf_puts(b, "(");
		write_node(n->left, b);
		buf_puts(b, n->what == '&' ? " and " : " or ");
		write_node(n->right, b);
		buf_puts(b, ")");
		break;
	case '!':
		buf_puts(b, "not ");
		write_node(n->left, b);
		break;
	case 'p':
		buf_puts(b, vocabulary[n->a]);
		break;
	case '~':
	case '<':
		buf_printf(b, "%s(%s, %s, %g)", n->what == '~' ? "near" : "before", vocabulary[n->a], vocabulary[n->b],
			   n->number);
		break;
	case '#':
		buf_printf(b, "count(%s) %s %g", vocabulary[n->a], signs[n->sign], n->number);
		break;
	case 'l':
		buf_printf(b, "lang %s %s", signs[n->sign % 2], langs[n->a % 3]);
		break;
	case 'i':
		buf_printf(b, "lang in [%s, '%s']", langs[n->a % 3], langs[n->b % 3]);
		break;
	case 'f':
		buf_printf(b, "followers %s %g", signs[n->sign], n->number);
		break;
	case 'v':
		buf_printf(b, "verified %s %s", signs[n->sign % 2], n->a % 2 ? "true" : "false");
		break;
	default:
		buf_printf(b, "known(%s)", fields[n->a]);
	}
}

static bool compare(double x, unsigned sign, double y)
{
	const bool held[] = {x == y, x != y, x >= y, x > y, x <= y, x < y};

	return held[sign];
}

static bool pair_holds(const struct facts *f, const struct node *n)
{
	unsigned i, k;

	for (i = 0; i < f->n_words; i++)
		for (k = 0; k < f->n_words; k++) {
			unsigned between = i < k ? k - i - 1 : i - k - 1;

			if (f->words[i] != n->a || f->words[k] != n->b || (n->what == '<' && i >= k))
				continue;
			if (i == k || between <= n->number)
				return true;
		}
	return false;
}

static unsigned count_of(const struct facts *f, unsigned word)
{
	unsigned n = 0, i;

	for (i = 0; i < f->n_words; i++)
		n += f->words[i] == word;
	return n;
}

static bool holds(const struct node *n, const struct facts *f)
{
	switch (n->what) {
	case '&':
		return holds(n->left, f) && holds(n->right, f);
	case '|':
		return holds(n->left, f) || holds(n->right, f);
	case '!':
		return !holds(n->left, f);
	case 'p':
		return count_of(f, n->a) > 0;
	case '~':
	case '<':
		return pair_holds(f, n);
	case '#':
		return compare(count_of(f, n->a), n->sign, n->number);
	case 'l':
		return f->lang >= 0 && (f->lang == (int)(n->a % 3)) == !(n->sign % 2);
	case 'i':
		return f->lang >= 0 && (f->lang == (int)(n->a % 3) || f->lang == (int)(n->b % 3));
	case 'f':
		return f->followers >= 0 && compare(f->followers, n->sign, n->number);
	case 'v':
		return f->verified >= 0 && (f->verified == (int)(n->a % 2)) == !(n->sign % 2);
	default:
		return n->a == 0 ? f->lang >= 0 : n->a == 1 ? f->followers >= 0 : n->a == 2 && f->verified >= 0;
	}
}

static void facts_make(unsigned *seed, struct arena *a, struct facts *f, struct mention *m)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	unsigned i;

	f->n_words = dice(seed, TEXT_WORDS);
	for (i = 0; i < f->n_words; i++) {
		f->words[i] = dice(seed, WORDS + 2);
		buf_printf(&b, "%s%s", i ? (dice(seed, 4) ? " " : ", ") : "", vocabulary[f->words[i]]);
	}
	f->lang = (int)dice(seed, 4) - 1;
	f->followers = (int)dice(seed, 4) * 50 - 50;
	f->verified = (int)dice(seed, 3) - 1;
	mention_init(m);
	m->title = "título"; /* so that it is a mention */
	m->text = arena_strdup(a, buf_str(&b));
	m->lang = f->lang < 0 ? NULL : langs[f->lang];
	m->author.followers = f->followers < 0 ? COUNT_NONE : f->followers;
	m->author.verified = (enum verified)(f->verified + 1);
	buf_done(&b);
}

static void random_conditions_hold_as_they_should(void **state)
{
	unsigned seed = 7, held = 0, set, i, k;
	struct buf patterns = BUF_INIT(TEXT_MAX);

	(void)state;
	for (i = 0; i < WORDS; i++)
		buf_printf(&patterns, "  %s: {words: %s}\n", vocabulary[i], vocabulary[i]);
	for (set = 0; set < SETS; set++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		const char *conditions[RULES];
		struct node *nodes[RULES];
		struct ruleset *rs;
		struct matcher *x;

		for (i = 0; i < RULES; i++) {
			struct buf b = BUF_INIT(CONDITION_MAX);

			nodes[i] = grow(&seed, a, DEPTH);
			write_node(nodes[i], &b);
			conditions[i] = arena_strdup(a, buf_str(&b));
			buf_done(&b);
		}
		rs = rules_of(buf_str(&patterns), conditions, RULES);
		x = matcher_new(rs);
		for (k = 0; k < MENTIONS; k++) {
			struct facts f;
			struct mention m;

			facts_make(&seed, a, &f, &m);
			matcher_match(x, &m, NULL, a);
			for (i = 0; i < RULES; i++) {
				if (met(&m, i) != holds(nodes[i], &f))
					fail_msg("%s: %s", conditions[i], m.text);
				held += met(&m, i);
			}
		}
		matcher_free(x);
		ruleset_free(rs);
	}
	assert_in_range(held, SETS * MENTIONS * RULES / 5, SETS * MENTIONS * RULES * 4 / 5);
	buf_done(&patterns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_judged),
		cmocka_unit_test(facts_are_compared),
		cmocka_unit_test(a_fact_may_come_between_the_halves),
		cmocka_unit_test(spans_are_those_that_made_it_hold),
		cmocka_unit_test(why_has_the_nearest_miss_and_the_facts),
		cmocka_unit_test(failed_tests_tell_the_tags),
		cmocka_unit_test(bounds_of_matches_are_reached),
		cmocka_unit_test(bounds_of_files_are_reached),
		cmocka_unit_test(files_of_values_have_their_mistakes),
		cmocka_unit_test(random_conditions_hold_as_they_should),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
