#include "match/rule_test.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "match/matcher.h"
#include "match/rule_file.h"
#include "match/topic.h"
#include "mention/mention.h"

enum { SHOWN_MAX_BYTES = 1024, TEST_ARENA_BYTES = 1024 * 1024, KEY_BYTES = 40 };

/* As it would be written in the file: none, [], [fraud, loud]. */
static void show(struct buf *b, bool none, const char *const *rules, size_t n)
{
	size_t i;

	if (none) {
		buf_puts(b, "none");
		return;
	}
	buf_putc(b, '[');
	for (i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? ", " : "", rules[i]);
	buf_putc(b, ']');
}

static bool rule_known(const struct ruleset *rs, const struct topic *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n_rules; i++)
		if (!strcmp(rs->rules[t->rules + i].name, name))
			return true;
	for (i = 0; i < t->n_included; i++)
		if (!strcmp(rs->rules[t->included[i]].name, name))
			return true;
	return false;
}

/* Rules that a test names must be there: a test that expects a misspelt one would else say the rule failed. */
static bool names_known(const struct ruleset *rs, const struct topic *t, const struct test_def *test, const char *key,
			struct diag *d)
{
	const struct test_hits *hits = &test->hits;
	bool known = true;
	size_t i;

	for (i = 0; i < hits->n; i++) {
		const struct topic_rule *own = t->n_rules ? &rs->rules[t->rules] : NULL;

		if (rule_known(rs, t, hits->rules[i]))
			continue;
		known = false;
		diag_error(d, hits->node->items[i]->pos, key,
			   own ? suggest(hits->rules[i], &own->name, t->n_rules, sizeof(*own)) : NULL,
			   TEXT_MATCH_TEST_RULE, hits->rules[i]);
	}
	return known;
}

static int64_t count_of(struct test_number n)
{
	return n.known ? (int64_t)n.value : COUNT_NONE;
}

static void mention_make(const struct test_def *test, struct arena *a, struct mention *m)
{
	mention_init(m);
	m->title = test->title;
	m->text = test->text;
	m->url = test->site ? arena_printf(a, "https://%s/", test->site) : test->url;
	m->lang = test->lang;
	m->country = test->country;
	m->platform = test->platform;
	m->source = test->source;
	m->kind = test->kind;
	m->version = test->version;
	m->repeats = test->repeats;
	m->author.handle = test->author;
	m->author.followers = count_of(test->followers);
	if (test->verified.known)
		m->author.verified = test->verified.value > 0 ? VERIFIED_YES : VERIFIED_NO;
	m->counts = (struct mention_counts){count_of(test->likes), count_of(test->shares), count_of(test->replies),
					    count_of(test->views)};
	if (test->rating.known)
		m->rating = test->rating.value;
}

/* What the test's text is, to the topic: the hit, or NULL. */
static const struct hit *hit_of(struct matcher *x, const struct topic *t, const struct test_def *test, struct arena *a)
{
	struct mention *m = ARENA_NEW(a, struct mention);
	size_t i;

	mention_make(test, a, m);
	matcher_about(x, m, NULL);
	matcher_enrich(x, m, a);
	if (test->lang) /* what a test says of its text is so */
		m->lang = test->lang;
	matcher_finish(x, m, a);
	for (i = 0; i < m->n_hits; i++)
		if (!strcmp(m->hits[i].topic, t->name))
			return &m->hits[i];
	return NULL;
}

static bool same_names(const char *const *want, size_t n_want, const char *const *got, size_t n_got)
{
	size_t i;

	for (i = 0; i < n_want; i++)
		if (!mention_names_have(got, n_got, want[i]))
			return false;
	for (i = 0; i < n_got; i++)
		if (!mention_names_have(want, n_want, got[i]))
			return false;
	return true;
}

static bool as_wanted(const struct test_hits *want, const struct hit *got)
{
	if (!got || want->none)
		return !got && want->none;
	return same_names(want->rules, want->n, got->rules, got->n_rules);
}

/* What a hit carries whose rules are as they should be. */
static bool names_right(const struct test_names *names, const char *const *v, size_t n, enum text_id text,
			const char *key, struct diag *d)
{
	struct buf want = BUF_INIT(SHOWN_MAX_BYTES), got = BUF_INIT(SHOWN_MAX_BYTES);

	if (!names->node || same_names(names->v, names->n, v, n))
		return true;
	show(&want, false, names->v, names->n);
	show(&got, false, v, n);
	diag_error(d, names->node->pos, key, NULL, text, buf_str(&want), buf_str(&got));
	buf_done(&want);
	buf_done(&got);
	return false;
}

static bool carried_right(const struct test_def *test, const struct hit *hit, const char *key, struct diag *d)
{
	bool tags = names_right(&test->tags, hit->tags, hit->n_tags, TEXT_MATCH_TEST_TAGS, key, d);

	return names_right(&test->intents, hit->intents, hit->n_intents, TEXT_MATCH_TEST_INTENTS, key, d) && tags;
}

static bool run(struct matcher *x, const struct topic *t, const struct test_def *test, const char *key, struct diag *d)
{
	cleanup(arena_freep) struct arena *a = arena_new(TEST_ARENA_BYTES);
	struct buf want = BUF_INIT(SHOWN_MAX_BYTES), got = BUF_INIT(SHOWN_MAX_BYTES);
	struct matcher_limit limit;
	const struct hit *hit;
	bool right;

	matcher_job(x);
	hit = hit_of(x, t, test, a);
	right = as_wanted(&test->hits, hit);
	if (matcher_limits(x, 0, &limit)) {
		diag_error(d, test->pos, key, NULL, TEXT_MATCH_TEST_LIMIT, limit.pattern);
		return false;
	}
	if (!right) {
		show(&want, test->hits.none, test->hits.rules, test->hits.n);
		show(&got, !hit, hit ? hit->rules : NULL, hit ? hit->n_rules : 0);
		diag_error(d, test->pos, key, NULL, TEXT_MATCH_TEST_FAILED, buf_str(&want), buf_str(&got));
	}
	buf_done(&want);
	buf_done(&got);
	return right && (!hit || carried_right(test, hit, key, d));
}

size_t rule_tests_run(const struct ruleset *rs, const struct topic *t, struct matcher *x, const struct topic_def *def,
		      struct diag *d)
{
	size_t failed = 0, i;

	matcher_only(x, t->name);
	for (i = 0; i < def->n_tests; i++) {
		const struct test_def *test = &def->tests[i];
		char key[KEY_BYTES];

		snprintf(key, sizeof(key), "tests[%zu]", i);
		if (!names_known(rs, t, test, key, d) || !run(x, t, test, key, d))
			failed++;
	}
	matcher_only(x, NULL);
	return failed;
}
