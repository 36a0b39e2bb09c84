#include "match/matcher.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "match/matcher_inside.h"
#include "match/sieve.h"

#define NS_A_MS INT64_C(1000000)

struct matcher *matcher_new(const struct ruleset *rs)
{
	struct matcher *x = NEW(struct matcher);
	size_t i;

	x->rs = rs;
	x->room = pattern_room_new();
	for (i = 0; i < FIELDS; i++)
		fold_init(&x->fields[i].fold);
	x->patterns = xcalloc(rs->n_patterns + 1, sizeof(*x->patterns));
	x->rules = xcalloc(rs->n_rules + 1, sizeof(*x->rules));
	x->topics = xcalloc(rs->n_topics + 1, sizeof(*x->topics));
	x->found_of = xcalloc(rs->n_patterns + 1, sizeof(*x->found_of));
	x->pattern_spans = xcalloc(rs->n_patterns + 1, sizeof(*x->pattern_spans));
	x->rule_spans = xcalloc(rs->n_rules + 1, sizeof(*x->rule_spans));
	x->times = xcalloc(rs->n_patterns + 1, sizeof(*x->times));
	x->limited = xcalloc(rs->n_patterns + 1, sizeof(*x->limited));
	x->gave_up = xcalloc(rs->n_patterns + 1, sizeof(*x->gave_up));
	x->off = xcalloc(rs->n_patterns + 1, sizeof(*x->off));
	if (rs->prefilter) {
		x->candidates = prefilter_room_new(rs->prefilter);
		x->awake = index_room_new(rs->index);
	}
	for (i = 0; i < rs->n_patterns && rs->prefilter; i++)
		if (prefilter_tells(rs->prefilter, (uint32_t)i))
			x->scanned[pattern_fold(rs->patterns[i].code)] |= rs->patterns[i].in;
	matcher_job(x);
	return x;
}

struct matcher *matcher_free(struct matcher *x)
{
	size_t i;

	if (!x)
		return NULL;
	pattern_room_free(x->room);
	prefilter_room_free(x->candidates);
	index_room_free(x->awake);
	for (i = 0; i < FIELDS; i++) {
		fold_done(&x->fields[i].fold);
		near_words_done(&x->fields[i].words);
	}
	free(x->patterns);
	free(x->rules);
	free(x->topics);
	free(x->found_of);
	free(x->found);
	free(x->places);
	free(x->pattern_spans);
	free(x->rule_spans);
	free(x->times);
	free(x->limited);
	free(x->gave_up);
	free(x->off);
	sieve_free(x->sieve);
	free(x);
	return NULL;
}

const struct ruleset *matcher_rules(const struct matcher *x)
{
	return x->rs;
}

void matcher_job(struct matcher *x)
{
	while (x->n_limited)
		x->times[x->limited[--x->n_limited]] = 0;
	x->job_ns = MATCHER_JOB_MS * NS_A_MS;
	pattern_room_budget(x->room, 0); /* nothing is spent */
	pattern_room_until(x->room, INT64_MAX, 0);
}

void matcher_hurry(struct matcher *x, int64_t ms)
{
	pattern_room_until(x->room, (clock_steady_ms() + ms) * NS_A_MS, MATCHER_LEAST_MS * NS_A_MS);
}

void matcher_only(struct matcher *x, const char *topic)
{
	x->only = topic;
}

void matcher_between(struct matcher *x, const struct matcher_between *between)
{
	x->between = between ? *between : (struct matcher_between){.judge = NULL};
}

/* Under whose name a pattern is told: its topic, or, of a pack's, one that includes it. */
static const struct topic *teller_of(const struct matcher *x, uint32_t pattern)
{
	const struct topic *t = &x->rs->topics[x->rs->patterns[pattern].topic];

	return t->kind == RULE_FILE_TOPIC ? t : &x->rs->topics[t->borrower];
}

bool matcher_limits(const struct matcher *x, size_t i, struct matcher_limit *ret)
{
	uint32_t number;

	if (i >= x->n_limited)
		return false;
	number = x->limited[i];
	*ret = (struct matcher_limit){teller_of(x, number)->name, x->rs->patterns[number].name, x->times[number]};
	return true;
}

void matcher_off(struct matcher *x, const char *topic, const char *pattern)
{
	uint32_t i;

	for (i = 0; i < x->rs->n_patterns; i++)
		if (!strcmp(x->rs->patterns[i].name, pattern) && !strcmp(teller_of(x, i)->name, topic))
			x->off[i] = true;
}

bool matcher_sifts(struct matcher *x)
{
	if (!x->sieve && x->rs->prefilter)
		x->sieve = sieve_new(x->rs);
	return x->sieve && !sieve_open(x->sieve);
}

bool matcher_could(struct matcher *x, const char *texts, size_t len)
{
	return !matcher_sifts(x) || sieve_passes(x->sieve, texts, len);
}

/* --- the first half --- */

static void field_set(struct matcher *x, enum field_id id, const char *text, size_t max)
{
	struct field *f = &x->fields[id];

	f->text = text;
	f->len = text ? utf8_cut(text, strlen(text), max) : 0;
	f->folded = false;
	f->worded = false;
}

/* The turn before has spent some of the job's. */
static void time_give(struct matcher *x)
{
	int64_t ns;

	x->job_ns -= pattern_room_spent(x->room);
	ns = x->job_ns < MATCHER_MENTION_MS * NS_A_MS ? x->job_ns : MATCHER_MENTION_MS * NS_A_MS;
	pattern_room_budget(x->room, ns > MATCHER_LEAST_MS * NS_A_MS ? ns : MATCHER_LEAST_MS * NS_A_MS);
	x->slowest_ns = 0;
	x->time_over = false;
}

static void turn_begin(struct matcher *x, const struct mention *m)
{
	if (x->turn == TURN_MAX) {
		memset(x->patterns, 0, x->rs->n_patterns * sizeof(*x->patterns));
		memset(x->rules, 0, x->rs->n_rules * sizeof(*x->rules));
		memset(x->topics, 0, x->rs->n_topics * sizeof(*x->topics));
		memset(x->gave_up, 0, x->rs->n_patterns * sizeof(*x->gave_up));
		x->turn = 0;
	}
	x->turn++;
	x->m = m;
	x->n_found = 0;
	x->n_places = 0;
	x->n_gave_up = 0;
	x->n_held = 0;
	time_give(x);
	field_set(x, FIELD_TITLE, m->title, MENTION_TEXT_MAX_BYTES);
	field_set(x, FIELD_TEXT, m->text, MENTION_TEXT_MAX_BYTES);
	field_set(x, FIELD_AUTHOR, m->author.name, MENTION_FIELD_MAX_BYTES);
	field_set(x, FIELD_HANDLE, m->author.handle, MENTION_FIELD_MAX_BYTES);
	field_set(x, FIELD_URL, m->url, MENTION_FIELD_MAX_BYTES);
}

/* Finds out which patterns can be found in which text, and so which topics and rules can hold. */
static void candidates_find(struct matcher *x)
{
	const uint32_t *candidates;
	size_t n, i;

	if (!x->candidates)
		return;
	prefilter_begin(x->candidates);
	for (i = 0; i < FIELDS; i++) {
		struct field *f = &x->fields[i];
		uint8_t bit = (uint8_t)(1 << i);

		if (f->text && (x->scanned[0] & matcher_fields[i].in))
			prefilter_scan(x->candidates, false, f->text, f->len, bit);
		if (!f->text || !(x->scanned[1] & matcher_fields[i].in))
			continue;
		matcher_fold(f);
		prefilter_scan(x->candidates, true, f->fold.bytes, f->fold.len, bit);
	}
	n = prefilter_candidates(x->candidates, &candidates);
	index_wake(x->awake, candidates, n);
}

static uint32_t next_topic(const struct matcher *x, uint32_t from)
{
	return x->awake ? index_topic(x->awake, from, (uint32_t)x->rs->n_topics) : from;
}

uint32_t matcher_next_rule(const struct matcher *x, uint32_t from, uint32_t end)
{
	return x->awake ? index_rule(x->awake, from, end) : from;
}

uint32_t matcher_next_pattern(const struct matcher *x, uint32_t from, uint32_t end)
{
	return x->awake ? index_pattern(x->awake, from, end) : from;
}

/* A topic's `about`; left out, any of its rules; without rules, any of its patterns. */
static bool about_held(struct matcher *x, const struct topic *t)
{
	uint32_t end = t->rules + t->n_rules, i;

	if (t->has_about)
		return expr_eval(&t->about, matcher_leaf, x);
	for (i = t->rules; (i = matcher_next_rule(x, i, end)) < end; i++)
		if (matcher_rule_held(x, i))
			return true;
	end = t->patterns + t->n_patterns;
	for (i = t->patterns; !t->n_rules && (i = matcher_next_pattern(x, i, end)) < end; i++)
		if (matcher_pattern_held(x, i))
			return true;
	return false;
}

/* The topic that a source's configuration says all of it speaks of. */
static size_t source_topic_number(const struct ruleset *rs, const char *name)
{
	size_t i = rs->n_topics;

	if (name)
		for (i = 0; i < rs->n_topics && strcmp(rs->topics[i].name, name) != 0; i++)
			;
	return i;
}

static bool topic_judge(struct matcher *x, struct mention *m, size_t i, bool from_source)
{
	const struct topic *t = &x->rs->topics[i];
	bool own, holds;

	if (t->broken || (x->only ? strcmp(x->only, t->name) != 0 : t->kind != RULE_FILE_TOPIC))
		return false;
	own = topic_own(t, m);
	holds = !own && (from_source || about_held(x, t));
	m->own |= own;
	x->topics[i] = FACT(x->turn, holds);
	x->n_held += holds;
	return holds;
}

bool matcher_about(struct matcher *x, struct mention *m, const char *source_topic)
{
	size_t of_source = source_topic_number(x->rs, source_topic), n = x->rs->n_topics;
	bool any = false;
	uint32_t i;

	turn_begin(x, m);
	candidates_find(x);
	m->own = false;
	if (of_source < n)
		any = topic_judge(x, m, of_source, true);
	for (i = 0; (i = next_topic(x, i)) < n; i++)
		if (i != of_source)
			any |= topic_judge(x, m, i, false);
	return any || m->own;
}

/* --- the second half --- */

static void name_add(const char **v, size_t *n, const char *name)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (!strcmp(v[i], name))
			return;
	if (*n < MENTION_NAMES_MAX)
		v[(*n)++] = name;
}

bool matcher_rule_next(struct matcher *x, const struct topic *t, size_t *i, uint32_t *ret)
{
	uint32_t end = t->rules + t->n_rules;

	while (*i < t->n_rules) {
		*ret = matcher_next_rule(x, t->rules + (uint32_t)*i, end);
		*i = *ret - t->rules + (*ret < end);
		if (*ret < end && matcher_rule_held(x, *ret))
			return true;
	}
	while (*i < t->n_rules + t->n_included) {
		*ret = t->included[(*i)++ - t->n_rules];
		if (matcher_next_rule(x, *ret, *ret + 1) == *ret && matcher_rule_held(x, *ret))
			return true;
	}
	return false;
}

static size_t room_for(size_t n)
{
	return n < MENTION_NAMES_MAX ? n : MENTION_NAMES_MAX;
}

/* A hit says which patterns it was judged without: the topic's, and those of packs. */
static void limited_tell(const struct matcher *x, const struct topic *t, struct arena *a, struct hit *h)
{
	size_t i;

	if (!x->n_gave_up)
		return;
	h->limited = ARENA_ARRAY(a, const char *, MENTION_LIMITED_MAX);
	for (i = 0; i < x->rs->n_patterns && h->n_limited < MENTION_LIMITED_MAX; i++) {
		const struct topic_pattern *p = &x->rs->patterns[i];
		const struct topic *of = &x->rs->topics[p->topic];

		if (x->gave_up[i] == FACT(x->turn, true) && (of == t || of->kind != RULE_FILE_TOPIC))
			h->limited[h->n_limited++] = p->name;
	}
}

static void hit_make(struct matcher *x, const struct topic *t, struct arena *a, struct hit *h)
{
	size_t n_rules = 0, n_tags = 0, n_intents = 0, i, k;
	uint32_t number;

	for (i = 0; matcher_rule_next(x, t, &i, &number);) {
		n_rules++;
		n_tags += x->rs->rules[number].n_tags;
		n_intents += x->rs->rules[number].n_intents;
	}
	*h = (struct hit){.topic = t->name, .role = t->role};
	h->rules = ARENA_ARRAY(a, const char *, room_for(n_rules));
	h->tags = ARENA_ARRAY(a, const char *, room_for(n_tags));
	h->intents = ARENA_ARRAY(a, const char *, room_for(n_intents));
	for (i = 0; h->n_rules < MENTION_NAMES_MAX && matcher_rule_next(x, t, &i, &number);) {
		const struct topic_rule *rule = &x->rs->rules[number];

		h->rules[h->n_rules++] = rule->name;
		for (k = 0; k < rule->n_tags; k++)
			name_add(h->tags, &h->n_tags, rule->tags[k]);
		for (k = 0; k < rule->n_intents; k++)
			name_add(h->intents, &h->n_intents, rule->intents[k]);
	}
	matcher_spans(x, t);
	limited_tell(x, t, a, h);
	h->spans = ARENA_ARRAY(a, struct span, x->n_spans);
	h->n_spans = x->n_spans;
	memcpy(h->spans, x->spans, x->n_spans * sizeof(*h->spans));
}

void matcher_finish(struct matcher *x, struct mention *m, struct arena *a)
{
	size_t i;

	m->hits = NULL;
	m->n_hits = 0;
	if (!x->n_held)
		return;
	m->hits = ARENA_ARRAY(a, struct hit, x->n_held);
	for (i = 0; i < x->rs->n_topics; i++)
		if (x->topics[i] == FACT(x->turn, true))
			hit_make(x, &x->rs->topics[i], a, &m->hits[m->n_hits++]);
}

void matcher_enrich(struct matcher *x, struct mention *m, struct arena *a)
{
	if (x->between.judge && x->n_held)
		x->between.judge(x->between.arg, x, m, a);
}

bool matcher_match(struct matcher *x, struct mention *m, const char *source_topic, struct arena *a)
{
	matcher_about(x, m, source_topic);
	matcher_enrich(x, m, a);
	matcher_finish(x, m, a);
	return m->n_hits > 0;
}
