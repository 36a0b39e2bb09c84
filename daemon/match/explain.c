#include "match/explain.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "match/explain_miss.h"
#include "match/explain_node.h"
#include "match/matcher.h"
#include "match/topic.h"
#include "mention/job.h"

enum { SCRATCH_MAX_BYTES = 64 * 1024 * 1024, ANY_TEXT_MAX_BYTES = 60 * 1000 };

struct explaining {
	struct matcher *matcher;
	const struct ruleset *rs;
	const struct job_why *job;
	struct arena *a;
	struct json *j;
};

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static const struct hit *hit_of(const struct explaining *x, const struct topic *t)
{
	const struct mention *m = &x->job->mention;
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		if (!strcmp(m->hits[i].topic, t->name))
			return &m->hits[i];
	return NULL;
}

static void put_condition(struct explaining *x, const struct expr *e, struct diag_pos at)
{
	const struct explained told = {x->rs, e, matcher_verdicts(x->matcher, e, x->a), at};

	explain_condition(x->j, &told);
}

/* --- rules --- */

static void put_names(struct json *j, const char *key, const char *const *v, size_t n)
{
	size_t i;

	if (!n)
		return;
	json_begin_array(j, key);
	for (i = 0; i < n; i++)
		json_text(j, NULL, v[i]);
	json_end_array(j);
}

/* The pack that a rule of no topic's own comes from; NULL: it is the topic's own. */
static const char *pack_of(const struct ruleset *rs, uint32_t rule)
{
	size_t i;

	for (i = 0; i < rs->n_topics; i++)
		if (rs->topics[i].kind == RULE_FILE_PACK && rule >= rs->topics[i].rules &&
		    rule - rs->topics[i].rules < rs->topics[i].n_rules)
			return rs->topics[i].name + strlen("pack ");
	return NULL;
}

static void put_rule(struct explaining *x, const struct hit *hit, uint32_t number, const char *named_by)
{
	const struct topic_rule *rule = &x->rs->rules[number];

	json_begin_object(x->j, NULL);
	json_text(x->j, "rule", rule->name);
	json_text(x->j, "of", named_by);
	json_text(x->j, "pack", pack_of(x->rs, number));
	json_bool(x->j, "met", hit && mention_names_have(hit->rules, hit->n_rules, rule->name));
	put_condition(x, &rule->when, rule->at);
	put_names(x->j, "tags", rule->tags, rule->n_tags);
	put_names(x->j, "intents", rule->intents, rule->n_intents);
	json_end_object(x->j);
}

/* The i-th of a topic's rules: its own, then its packs'. */
static uint32_t rule_number(const struct topic *t, size_t i)
{
	return i < t->n_rules ? t->rules + (uint32_t)i : t->included[i - t->n_rules];
}

static size_t rule_count(const struct topic *t)
{
	return t->n_rules + t->n_included;
}

struct nearest {
	struct {
		uint32_t rule;
		double distance;
	} v[EXPLAIN_NEAREST];
	size_t n;
};

/* Kept in order; of two that are as near, the first in the file. */
static void nearest_add(struct nearest *nearest, uint32_t rule, double distance)
{
	size_t i = nearest->n;

	while (i && distance < nearest->v[i - 1].distance)
		i--;
	if (i == EXPLAIN_NEAREST)
		return;
	nearest->n += nearest->n < EXPLAIN_NEAREST;
	memmove(&nearest->v[i + 1], &nearest->v[i], (nearest->n - 1 - i) * sizeof(nearest->v[0]));
	nearest->v[i].rule = rule;
	nearest->v[i].distance = distance;
}

/* Of the rules that do not hold, those that are a near miss; where there are so few of them that all can be told, all. What the
 * verdicts took is given back. */
static void nearest_find(struct explaining *x, const struct topic *t, struct nearest *ret, size_t *ret_unmet)
{
	cleanup(arena_freep) struct arena *scratch = arena_new(SCRATCH_MAX_BYTES);
	struct nearest all = {.n = 0};
	size_t i;

	*ret_unmet = 0;
	for (i = 0; i < rule_count(t); i++) {
		const struct expr *when = &x->rs->rules[rule_number(t, i)].when;
		const struct expr_verdict *v = matcher_verdicts(x->matcher, when, scratch);

		if (v[when->root].held)
			continue;
		++*ret_unmet;
		if (miss_touched(when, v))
			nearest_add(ret, rule_number(t, i), miss_distance(when, v));
		nearest_add(&all, rule_number(t, i), miss_distance(when, v));
		if (arena_full(scratch)) {
			arena_free(scratch);
			scratch = arena_new(SCRATCH_MAX_BYTES);
		}
	}
	if (*ret_unmet == all.n)
		*ret = all;
}

/* Those met, and the nearest that are not. */
static void put_rules(struct explaining *x, const struct topic *t, const struct hit *hit)
{
	struct nearest nearest = {.n = 0};
	size_t met = 0, unmet, i;

	nearest_find(x, t, &nearest, &unmet);
	json_begin_array(x->j, "rules");
	for (i = 0; hit && i < rule_count(t); i++) {
		uint32_t number = rule_number(t, i);

		if (!mention_names_have(hit->rules, hit->n_rules, x->rs->rules[number].name))
			continue;
		put_rule(x, hit, number, NULL);
		met++;
	}
	for (i = 0; i < nearest.n; i++)
		put_rule(x, hit, nearest.v[i].rule, NULL);
	json_end_array(x->j);
	json_int(x->j, "met", (int64_t)met);
	json_int(x->j, "left", (int64_t)(unmet - nearest.n));
}

/* --- one rule, and what it rests on --- */

struct resting {
	struct explaining *x;
	const struct hit *hit;
	bool *told; /* of each rule of the ruleset */
};

/* Each once, however many name it: no deeper than TOPIC_CHAIN_MAX. */
static void put_resting(struct resting *r, uint32_t number, const char *named_by)
{
	const struct topic_rule *rule = &r->x->rs->rules[number];
	size_t i;

	if (r->told[number])
		return;
	r->told[number] = true;
	put_rule(r->x, r->hit, number, named_by);
	for (i = 0; i < rule->when.n; i++)
		if (rule->when.nodes[i].kind == EXPR_RULE)
			put_resting(r, rule->when.nodes[i].number, rule->name);
}

static void put_one_rule(struct explaining *x, const struct topic *t, const struct hit *hit)
{
	cleanup(freep) bool *told = xcalloc(x->rs->n_rules + 1, sizeof(*told));
	struct resting r = {x, hit, told};
	size_t i;

	json_begin_array(x->j, "rules");
	for (i = 0; i < rule_count(t); i++)
		if (same(x->rs->rules[rule_number(t, i)].name, x->job->rule))
			put_resting(&r, rule_number(t, i), NULL);
	json_end_array(x->j);
}

/* --- topics --- */

/* "a or b or c", of patterns that are no condition's: what a topic without `about` and rules is about. */
static const struct expr *any_pattern(struct explaining *x, const struct topic *t)
{
	struct expr *e = ARENA_NEW(x->a, struct expr);
	uint16_t n = t->n_patterns < EXPLAIN_ANY_MAX ? (uint16_t)t->n_patterns : EXPLAIN_ANY_MAX, i;
	struct buf text = BUF_INIT(ANY_TEXT_MAX_BYTES);

	e->nodes = ARENA_ARRAY(x->a, struct expr_node, n + 1u);
	e->nodes[0] = (struct expr_node){.kind = EXPR_OR, .child = 1, .next = EXPR_NONE};
	for (i = 0; i < n; i++) {
		const char *name = x->rs->patterns[t->patterns + i].name;

		buf_puts(&text, i ? " or " : "");
		e->nodes[i + 1] = (struct expr_node){.kind = EXPR_PATTERN,
						     .child = EXPR_NONE,
						     .next = i + 1 < n ? (uint16_t)(i + 2) : EXPR_NONE,
						     .at = (uint16_t)text.len,
						     .len = (uint16_t)strlen(name),
						     .number = t->patterns + i};
		buf_puts(&text, name);
	}
	e->n = n + 1u;
	e->text = arena_strdup(x->a, buf_str(&text));
	buf_done(&text);
	return e;
}

static void put_about(struct explaining *x, const struct topic *t)
{
	if (t->has_about) {
		json_begin_object(x->j, "about");
		put_condition(x, &t->about, t->about_at);
		json_end_object(x->j);
	} else if (!t->n_rules && t->n_patterns) {
		json_text(x->j, "any", "patterns");
		json_begin_object(x->j, "about");
		put_condition(x, any_pattern(x, t), t->at);
		json_end_object(x->j);
	} else if (t->n_rules) {
		json_text(x->j, "any", "rules");
	}
}

static bool has_rule(const struct explaining *x, const struct topic *t, const char *name)
{
	size_t i;

	for (i = 0; i < rule_count(t); i++)
		if (same(x->rs->rules[rule_number(t, i)].name, name))
			return true;
	return false;
}

static void put_topic(struct explaining *x, const struct topic *t)
{
	const struct hit *hit = hit_of(x, t);

	json_begin_object(x->j, NULL);
	json_text(x->j, "topic", t->name);
	json_text(x->j, "role", t->role);
	explain_place(x->j, t->at);
	json_bool(x->j, "held", hit != NULL);
	if (topic_own(t, &x->job->mention))
		json_bool(x->j, "own", true);
	else if (same(t->name, x->job->source_topic))
		json_text(x->j, "by", "source");
	put_about(x, t);
	if (x->job->rule)
		put_one_rule(x, t, hit);
	else
		put_rules(x, t, hit);
	json_end_object(x->j);
}

void explain_mention(struct matcher *m, struct job_why *job, struct arena *a, struct buf *out)
{
	struct json j = JSON_OUT(out);
	struct explaining x = {m, matcher_rules(m), job, a, &j};
	size_t i;

	for (i = 0; i < job->n_off; i++)
		matcher_off(m, job->off[i].topic, job->off[i].pattern);
	matcher_job(m);
	(void)matcher_match(m, &job->mention, job->source_topic, a);
	json_begin_object(&j, NULL);
	json_bool(&j, "hit", job->mention.n_hits > 0);
	json_bool(&j, "own", job->mention.own);
	if (job->mention.n_hits) { /* of what is nobody's mention they are not judged */
		json_text(&j, "lang", job->mention.lang);
		mention_sentiment_json(&j, "sentiment", &job->mention.sentiment);
	}
	json_begin_array(&j, "topics");
	for (i = 0; i < x.rs->n_topics; i++) {
		const struct topic *t = &x.rs->topics[i];

		if (t->kind == RULE_FILE_TOPIC && !t->broken && (!job->topic || same(t->name, job->topic)) &&
		    (!job->rule || has_rule(&x, t, job->rule)))
			put_topic(&x, t);
	}
	json_end_array(&j);
	json_end_object(&j);
}
