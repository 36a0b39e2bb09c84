#include "match/index.h"

#include <string.h>

#include "match/expr.h"
#include "match/prefilter.h"
#include "match/topic.h"

/* For each of n things, the rules that name it. */
struct users {
	uint32_t *starts; /* n + 1 */
	uint32_t *rules;
};

struct index {
	const struct ruleset *rs;
	uint64_t *topics, *rules, *patterns; /* a bit each: always asked */
	uint64_t *wordless;                  /* topics */
	struct users of_pattern, of_rule;
};

/* Numbers of one kind, a bit each. */
struct awake {
	const uint64_t *always;
	uint64_t *bits;
	uint32_t *woken; /* the others, in the order of their waking */
	size_t n_woken;
};

struct index_room {
	const struct index *x;
	struct awake topics, rules, patterns;
};

static uint64_t *bits_new(size_t n)
{
	return xcalloc(n / 64 + 1, sizeof(uint64_t));
}

static void bit_set(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* --- what a condition is worth where no pattern is found --- */

enum worth { NEVER, PERHAPS, ALWAYS };

struct quiet {
	const struct ruleset *rs;
	const struct prefilter *f;
	uint8_t *rules; /* enum worth and 1 more, of each rule; 0: not asked yet */
};

static enum worth rule_worth(struct quiet *q, uint32_t number);

static enum worth pattern_worth(const struct quiet *q, uint32_t number)
{
	return prefilter_tells(q->f, number) ? NEVER : PERHAPS;
}

static enum worth carried_worth(struct quiet *q, const struct expr_test *test)
{
	enum worth most = NEVER;
	size_t i;

	for (i = 0; i < test->n_rules; i++)
		if (rule_worth(q, test->rules[i]) != NEVER)
			most = PERHAPS;
	return most;
}

static enum worth leaf_worth(struct quiet *q, const struct expr_node *node)
{
	switch (node->kind) {
	case EXPR_PATTERN:
		return pattern_worth(q, node->number);
	case EXPR_RULE:
		return rule_worth(q, node->number);
	case EXPR_NEAR:
	case EXPR_BEFORE:
		return pattern_worth(q, expr_pattern(node, 0)) == NEVER ||
				       pattern_worth(q, expr_pattern(node, 1)) == NEVER
			       ? NEVER
			       : PERHAPS;
	case EXPR_COUNT: /* 0 of them, and 0 may be enough */
		return pattern_worth(q, expr_pattern(node, 0)) == NEVER &&
				       !expr_compare(0, node->test->sign, node->test->number)
			       ? NEVER
			       : PERHAPS;
	case EXPR_KNOWN:
	case EXPR_FIELD:
		return field_type(node->test->field) == FACT_CARRIED ? carried_worth(q, node->test) : PERHAPS;
	default:
		return PERHAPS;
	}
}

static enum worth expr_worth(struct quiet *q, const struct expr *e, uint16_t i)
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child = node->child;
	enum worth w, least = ALWAYS, most = NEVER;

	if (expr_is_leaf(node))
		return leaf_worth(q, node);
	for (; child != EXPR_NONE; child = e->nodes[child].next) {
		w = expr_worth(q, e, child);
		least = w < least ? w : least;
		most = w > most ? w : most;
	}
	if (node->kind == EXPR_NOT)
		return ALWAYS - most;
	return node->kind == EXPR_AND ? least : most;
}

static enum worth rule_worth(struct quiet *q, uint32_t number)
{
	const struct expr *e = &q->rs->rules[number].when;

	if (!q->rules[number]) {
		q->rules[number] = PERHAPS + 1; /* of a broken topic's circle; such a topic is never asked */
		q->rules[number] = (uint8_t)((e->n ? expr_worth(q, e, e->root) : PERHAPS) + 1);
	}
	return q->rules[number] - 1;
}

static enum worth topic_worth(struct quiet *q, const struct topic *t)
{
	enum worth most = NEVER;
	uint32_t i;

	if (t->broken)
		return NEVER;
	if (t->has_about)
		return expr_worth(q, &t->about, t->about.root);
	for (i = 0; i < t->n_rules && most == NEVER; i++)
		most = rule_worth(q, t->rules + i);
	for (i = 0; i < t->n_patterns && !t->n_rules && most == NEVER; i++)
		most = pattern_worth(q, t->patterns + i);
	return most;
}

/* --- who names whom --- */

typedef void name_fn(struct users *u, uint32_t named, uint32_t rule);

static void name_count(struct users *u, uint32_t named, uint32_t rule)
{
	(void)rule;
	u->starts[named + 1]++;
}

/* starts[named] moves on to where the next begins, and is moved back by users_done(). */
static void name_put(struct users *u, uint32_t named, uint32_t rule)
{
	u->rules[u->starts[named]++] = rule;
}

static void names_of(struct index *x, uint32_t rule, name_fn *fn)
{
	const struct expr *e = &x->rs->rules[rule].when;
	size_t i, k;

	for (i = 0; i < e->n; i++) {
		const struct expr_node *node = &e->nodes[i];

		if (node->kind == EXPR_PATTERN)
			fn(&x->of_pattern, node->number, rule);
		else if (node->kind == EXPR_RULE)
			fn(&x->of_rule, node->number, rule);
		else if ((node->kind == EXPR_FIELD || node->kind == EXPR_KNOWN) && node->test)
			for (k = 0; k < node->test->n_rules; k++)
				fn(&x->of_rule, node->test->rules[k], rule);
	}
}

static void users_counted(struct users *u, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		u->starts[i + 1] += u->starts[i];
	u->rules = xcalloc(u->starts[n] + 1, sizeof(*u->rules));
}

static void users_done(struct users *u, size_t n)
{
	memmove(u->starts + 1, u->starts, n * sizeof(*u->starts));
	u->starts[0] = 0;
}

static void users_make(struct index *x)
{
	size_t n_patterns = x->rs->n_patterns, n_rules = x->rs->n_rules;
	uint32_t i;

	x->of_pattern.starts = xcalloc(n_patterns + 2, sizeof(*x->of_pattern.starts));
	x->of_rule.starts = xcalloc(n_rules + 2, sizeof(*x->of_rule.starts));
	for (i = 0; i < n_rules; i++)
		names_of(x, i, name_count);
	users_counted(&x->of_pattern, n_patterns);
	users_counted(&x->of_rule, n_rules);
	for (i = 0; i < n_rules; i++)
		names_of(x, i, name_put);
	users_done(&x->of_pattern, n_patterns);
	users_done(&x->of_rule, n_rules);
}

/* --- the whole --- */

struct index *index_new(const struct ruleset *rs, const struct prefilter *f)
{
	struct index *x = NEW(struct index);
	struct quiet q = {.rs = rs, .f = f, .rules = xcalloc(rs->n_rules + 1, 1)};
	uint32_t i;

	x->rs = rs;
	x->topics = bits_new(rs->n_topics);
	x->rules = bits_new(rs->n_rules);
	x->patterns = bits_new(rs->n_patterns);
	users_make(x);
	for (i = 0; i < rs->n_patterns; i++)
		if (!prefilter_tells(f, i))
			bit_set(x->patterns, i);
	for (i = 0; i < rs->n_rules; i++)
		if (rule_worth(&q, i) != NEVER)
			bit_set(x->rules, i);
	x->wordless = bits_new(rs->n_topics);
	for (i = 0; i < rs->n_topics; i++) {
		bool wordless = topic_worth(&q, &rs->topics[i]) != NEVER;

		if (wordless)
			bit_set(x->wordless, i);
		if (wordless || rs->topics[i].n_own || rs->topics[i].borrows)
			bit_set(x->topics, i);
	}
	free(q.rules);
	return x;
}

struct index *index_free(struct index *x)
{
	if (!x)
		return NULL;
	free(x->topics);
	free(x->wordless);
	free(x->rules);
	free(x->patterns);
	free(x->of_pattern.starts);
	free(x->of_pattern.rules);
	free(x->of_rule.starts);
	free(x->of_rule.rules);
	free(x);
	return NULL;
}

bool index_wordless(const struct index *x, uint32_t topic)
{
	return x->wordless[topic / 64] >> (topic % 64) & 1;
}

/* --- what is awake --- */

static void awake_init(struct awake *k, const uint64_t *always, size_t n)
{
	k->always = always;
	k->bits = bits_new(n);
	memcpy(k->bits, always, (n / 64 + 1) * sizeof(*k->bits));
	k->woken = xcalloc(n + 1, sizeof(*k->woken));
}

static void awake_done(struct awake *k)
{
	free(k->bits);
	free(k->woken);
}

static void awake_forget(struct awake *k)
{
	while (k->n_woken) {
		uint32_t word = k->woken[--k->n_woken] / 64;

		k->bits[word] = k->always[word];
	}
}

static void awake_add(struct awake *k, uint32_t i)
{
	if (k->bits[i / 64] >> (i % 64) & 1)
		return;
	bit_set(k->bits, i);
	k->woken[k->n_woken++] = i;
}

static uint32_t awake_next(const struct awake *k, uint32_t from, uint32_t end)
{
	while (from < end) {
		uint64_t left = k->bits[from / 64] >> (from % 64);

		if (left) {
			from += (uint32_t)__builtin_ctzll(left);
			return from < end ? from : end;
		}
		from = (from / 64 + 1) * 64;
	}
	return end;
}

struct index_room *index_room_new(const struct index *x)
{
	struct index_room *room = NEW(struct index_room);

	room->x = x;
	awake_init(&room->topics, x->topics, x->rs->n_topics);
	awake_init(&room->rules, x->rules, x->rs->n_rules);
	awake_init(&room->patterns, x->patterns, x->rs->n_patterns);
	return room;
}

struct index_room *index_room_free(struct index_room *room)
{
	if (!room)
		return NULL;
	awake_done(&room->topics);
	awake_done(&room->rules);
	awake_done(&room->patterns);
	free(room);
	return NULL;
}

static void users_wake(struct index_room *room, const struct users *u, uint32_t named)
{
	uint32_t i;

	for (i = u->starts[named]; i < u->starts[named + 1]; i++)
		awake_add(&room->rules, u->rules[i]);
}

void index_wake(struct index_room *room, const uint32_t *candidates, size_t n)
{
	const struct index *x = room->x;
	size_t i;

	awake_forget(&room->topics);
	awake_forget(&room->rules);
	awake_forget(&room->patterns);
	for (i = 0; i < n; i++) {
		awake_add(&room->topics, x->rs->patterns[candidates[i]].topic);
		awake_add(&room->patterns, candidates[i]);
		users_wake(room, &x->of_pattern, candidates[i]);
	}
	for (i = 0; i < room->rules.n_woken; i++) /* grows as it goes */
		users_wake(room, &x->of_rule, room->rules.woken[i]);
}

uint32_t index_topic(const struct index_room *room, uint32_t from, uint32_t end)
{
	return awake_next(&room->topics, from, end);
}

uint32_t index_rule(const struct index_room *room, uint32_t from, uint32_t end)
{
	return awake_next(&room->rules, from, end);
}

uint32_t index_pattern(const struct index_room *room, uint32_t from, uint32_t end)
{
	return awake_next(&room->patterns, from, end);
}
