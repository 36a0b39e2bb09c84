#include "match/matcher.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "match/expr.h"
#include "match/fold.h"
#include "match/pattern.h"
#include "match/topic.h"
#include "mention/mention.h"

/* The texts of a mention that patterns look at. */
enum field_id { FIELD_TITLE, FIELD_TEXT, FIELD_AUTHOR, FIELD_HANDLE, FIELD_URL, FIELDS };

struct field {
	const char *text; /* NULL: absent */
	size_t len;
	struct fold fold;
	bool folded;
};

static const struct {
	unsigned in;
	int span; /* enum span_in; -1: a place in it is none of the contract's texts */
} field_kinds[FIELDS] = {
	[FIELD_TITLE] = {PATTERN_IN_TITLE, SPAN_TITLE},    [FIELD_TEXT] = {PATTERN_IN_TEXT, SPAN_TEXT},
	[FIELD_AUTHOR] = {PATTERN_IN_AUTHOR, SPAN_AUTHOR}, [FIELD_HANDLE] = {PATTERN_IN_AUTHOR, -1},
	[FIELD_URL] = {PATTERN_IN_URL, SPAN_URL},
};

/* What is known of a pattern or a rule for the mention at hand: the turn in which it was found out, and what. A new mention
 * is a new turn, so that nothing has to be wiped. Where a prefilter rules patterns out, it will write FACT(turn, false). */
typedef uint32_t fact;
#define FACT(turn, held) ((turn) << 1 | (held))
enum { TURN_MAX = INT32_MAX };

struct matcher {
	const struct ruleset *rs;
	struct pattern_room *room;
	struct field fields[FIELDS];
	uint32_t turn;
	fact *patterns, *rules, *topics; /* a topic's: it holds */
	const struct mention *m;
	const char *only;
	/* one hit being made */
	uint32_t hit_turn;
	uint32_t *pattern_spans, *rule_spans; /* the hit_turn in which its spans were taken */
	struct span spans[MENTION_SPANS_MAX];
	size_t n_spans;
	/* the job */
	uint32_t *times;   /* of each pattern: limits reached */
	uint32_t *limited; /* the patterns whose times are not 0, in the order of their first */
	size_t n_limited;
};

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
	x->pattern_spans = xcalloc(rs->n_patterns + 1, sizeof(*x->pattern_spans));
	x->rule_spans = xcalloc(rs->n_rules + 1, sizeof(*x->rule_spans));
	x->times = xcalloc(rs->n_patterns + 1, sizeof(*x->times));
	x->limited = xcalloc(rs->n_patterns + 1, sizeof(*x->limited));
	return x;
}

struct matcher *matcher_free(struct matcher *x)
{
	size_t i;

	if (!x)
		return NULL;
	pattern_room_free(x->room);
	for (i = 0; i < FIELDS; i++)
		fold_done(&x->fields[i].fold);
	free(x->patterns);
	free(x->rules);
	free(x->topics);
	free(x->pattern_spans);
	free(x->rule_spans);
	free(x->times);
	free(x->limited);
	free(x);
	return NULL;
}

void matcher_job(struct matcher *x)
{
	while (x->n_limited)
		x->times[x->limited[--x->n_limited]] = 0;
}

void matcher_only(struct matcher *x, const char *topic)
{
	x->only = topic;
}

bool matcher_limits(const struct matcher *x, size_t i, struct matcher_limit *ret)
{
	const struct topic_pattern *p;

	if (i >= x->n_limited)
		return false;
	p = &x->rs->patterns[x->limited[i]];
	*ret = (struct matcher_limit){x->rs->topics[p->topic].name, p->name, x->times[x->limited[i]]};
	return true;
}

/* --- patterns and rules --- */

static void limit_reached(struct matcher *x, uint32_t number)
{
	if (!x->times[number])
		x->limited[x->n_limited++] = number;
	if (x->times[number] < UINT32_MAX)
		x->times[number]++;
}

static int find(struct matcher *x, uint32_t number, struct field *f, size_t start, size_t *ret_from, size_t *ret_to)
{
	const struct pattern *p = x->rs->patterns[number].code;
	int r;

	if (x->times[number] >= MATCHER_LIMITS_MAX) {
		limit_reached(x, number);
		return PATTERN_E_LIMIT;
	}
	if (!pattern_fold(p)) {
		r = pattern_find(p, x->room, f->text, f->len, start, ret_from, ret_to);
	} else {
		if (!f->folded)
			fold_text(&f->fold, f->text, f->len);
		f->folded = true;
		r = pattern_find(p, x->room, f->fold.bytes, f->fold.len, start, ret_from, ret_to);
	}
	if (r == PATTERN_E_LIMIT)
		limit_reached(x, number);
	return r;
}

static bool pattern_held(struct matcher *x, uint32_t number)
{
	fact *known = &x->patterns[number];
	bool held = false;
	size_t i, from, to;

	if (*known >> 1 == x->turn)
		return *known & 1;
	for (i = 0; i < FIELDS && !held; i++)
		if (x->fields[i].text && (x->rs->patterns[number].in & field_kinds[i].in))
			held = find(x, number, &x->fields[i], 0, &from, &to) == 0;
	*known = FACT(x->turn, held);
	return held;
}

static bool leaf(void *arg, const struct expr_node *node);

static bool rule_held(struct matcher *x, uint32_t number)
{
	fact *known = &x->rules[number];

	if (*known >> 1 != x->turn) {
		bool held =
			expr_eval(&x->rs->rules[number].when, leaf, x); /* rests on at most TOPIC_CHAIN_MAX others */

		*known = FACT(x->turn, held);
	}
	return *known & 1;
}

static bool leaf(void *arg, const struct expr_node *node)
{
	return node->kind == EXPR_RULE ? rule_held(arg, node->number) : pattern_held(arg, node->number);
}

/* --- the first half --- */

static void field_set(struct matcher *x, enum field_id id, const char *text, size_t max)
{
	struct field *f = &x->fields[id];

	f->text = text;
	f->len = text ? utf8_cut(text, strlen(text), max) : 0;
	f->folded = false;
}

static void turn_begin(struct matcher *x, const struct mention *m)
{
	if (x->turn == TURN_MAX) {
		memset(x->patterns, 0, x->rs->n_patterns * sizeof(*x->patterns));
		memset(x->rules, 0, x->rs->n_rules * sizeof(*x->rules));
		memset(x->topics, 0, x->rs->n_topics * sizeof(*x->topics));
		x->turn = 0;
	}
	x->turn++;
	x->m = m;
	field_set(x, FIELD_TITLE, m->title, MENTION_TEXT_MAX_BYTES);
	field_set(x, FIELD_TEXT, m->text, MENTION_TEXT_MAX_BYTES);
	field_set(x, FIELD_AUTHOR, m->author.name, MENTION_FIELD_MAX_BYTES);
	field_set(x, FIELD_HANDLE, m->author.handle, MENTION_FIELD_MAX_BYTES);
	field_set(x, FIELD_URL, m->url, MENTION_FIELD_MAX_BYTES);
}

/* A topic's `about`; left out, any of its rules; without rules, any of its patterns. */
static bool about_held(struct matcher *x, const struct topic *t)
{
	uint32_t i;

	if (t->has_about)
		return expr_eval(&t->about, leaf, x);
	for (i = 0; i < t->n_rules; i++)
		if (rule_held(x, t->rules + i))
			return true;
	for (i = 0; i < t->n_patterns && !t->n_rules; i++)
		if (pattern_held(x, t->patterns + i))
			return true;
	return false;
}

bool matcher_about(struct matcher *x, struct mention *m, const char *source_topic)
{
	bool any = false;
	size_t i;

	turn_begin(x, m);
	m->own = false;
	for (i = 0; i < x->rs->n_topics; i++) {
		const struct topic *t = &x->rs->topics[i];
		bool own, holds;

		if (t->broken || (x->only && strcmp(x->only, t->name) != 0))
			continue;
		own = topic_own(t, m);
		holds = !own && ((source_topic && !strcmp(source_topic, t->name)) || about_held(x, t));
		m->own |= own;
		any |= holds;
		x->topics[i] = FACT(x->turn, holds);
	}
	return any || m->own;
}

/* --- the second half --- */

static int by_place(const struct span *a, const struct span *b)
{
	if (a->in != b->in)
		return a->in < b->in ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

/* Keeps the first MENTION_SPANS_MAX in order; false: s and all behind it are past them. */
static bool span_keep(struct matcher *x, const struct span *s)
{
	size_t i = x->n_spans;

	if (i == MENTION_SPANS_MAX) {
		if (by_place(s, &x->spans[i - 1]) >= 0)
			return false;
		i--;
	} else {
		x->n_spans++;
	}
	for (; i && by_place(s, &x->spans[i - 1]) < 0; i--)
		x->spans[i] = x->spans[i - 1];
	x->spans[i] = *s;
	return true;
}

static void field_spans(struct matcher *x, uint32_t number, enum field_id id)
{
	const struct topic_pattern *p = &x->rs->patterns[number];
	bool fold = pattern_fold(p->code);
	struct field *f = &x->fields[id];
	size_t from, to, start = 0, n;

	for (n = 0; n < MENTION_SPANS_MAX && find(x, number, f, start, &from, &to) == 0; n++) {
		const char *text = fold ? f->fold.bytes : f->text, *end = text + (fold ? f->fold.len : f->len);
		const char *next = text + to;
		struct span s = {.in = (enum span_in)field_kinds[id].span, .pattern = p->name};

		if (from == to) { /* a place, which nobody could see: on, behind the next character */
			if (next == end)
				return;
			utf8_next(&next, end);
		} else if (fold) {
			fold_span(&f->fold, from, to, &s.from, &s.to);
		} else {
			s.from = (uint32_t)utf8_count(text, from);
			s.to = s.from + (uint32_t)utf8_count(text + from, to - from);
		}
		if (from < to && !span_keep(x, &s))
			return;
		start = (size_t)(next - text);
	}
}

static void support_taken(void *arg, const struct expr_node *node);

static void pattern_spans(struct matcher *x, uint32_t number)
{
	size_t i;

	if (x->pattern_spans[number] == x->hit_turn)
		return;
	x->pattern_spans[number] = x->hit_turn;
	for (i = 0; i < FIELDS; i++)
		if (x->fields[i].text && field_kinds[i].span >= 0 && (x->rs->patterns[number].in & field_kinds[i].in))
			field_spans(x, number, i);
}

/* Of the patterns that made a rule hold, through the rules that it rests on. */
static void rule_spans(struct matcher *x, uint32_t number)
{
	if (x->rule_spans[number] == x->hit_turn)
		return;
	x->rule_spans[number] = x->hit_turn;
	expr_support(&x->rs->rules[number].when, leaf, x, support_taken);
}

static void support_taken(void *arg, const struct expr_node *node)
{
	if (node->kind == EXPR_RULE)
		rule_spans(arg, node->number);
	else
		pattern_spans(arg, node->number);
}

static void spans_take(struct matcher *x, const struct topic *t)
{
	uint32_t i;

	if (x->hit_turn == UINT32_MAX) {
		memset(x->pattern_spans, 0, x->rs->n_patterns * sizeof(*x->pattern_spans));
		memset(x->rule_spans, 0, x->rs->n_rules * sizeof(*x->rule_spans));
		x->hit_turn = 0;
	}
	x->hit_turn++;
	x->n_spans = 0;
	if (t->has_about && expr_eval(&t->about, leaf, x))
		expr_support(&t->about, leaf, x, support_taken);
	for (i = 0; i < t->n_rules; i++)
		if (rule_held(x, t->rules + i))
			rule_spans(x, t->rules + i);
	for (i = 0; i < t->n_patterns && !t->has_about && !t->n_rules; i++)
		if (pattern_held(x, t->patterns + i))
			pattern_spans(x, t->patterns + i);
}

static void tag_add(struct hit *h, const char *tag)
{
	size_t i;

	for (i = 0; i < h->n_tags; i++)
		if (!strcmp(h->tags[i], tag))
			return;
	if (h->n_tags < MENTION_NAMES_MAX)
		h->tags[h->n_tags++] = tag;
}

static void hit_make(struct matcher *x, const struct topic *t, struct arena *a, struct hit *h)
{
	const struct topic_rule *rules = t->n_rules ? &x->rs->rules[t->rules] : NULL;
	size_t n_rules = 0, n_tags = 0, k;
	uint32_t i;

	for (i = 0; i < t->n_rules; i++) {
		if (!rule_held(x, t->rules + i))
			continue;
		n_rules++;
		n_tags += rules[i].n_tags;
	}
	*h = (struct hit){.topic = t->name, .role = t->role};
	h->rules = ARENA_ARRAY(a, const char *, n_rules);
	h->tags = ARENA_ARRAY(a, const char *, n_tags < MENTION_NAMES_MAX ? n_tags : MENTION_NAMES_MAX);
	for (i = 0; i < t->n_rules && h->n_rules < MENTION_NAMES_MAX; i++) {
		if (!rule_held(x, t->rules + i))
			continue;
		h->rules[h->n_rules++] = rules[i].name;
		for (k = 0; k < rules[i].n_tags; k++)
			tag_add(h, rules[i].tags[k]);
	}
	spans_take(x, t);
	h->spans = ARENA_ARRAY(a, struct span, x->n_spans);
	h->n_spans = x->n_spans;
	memcpy(h->spans, x->spans, x->n_spans * sizeof(*h->spans));
}

void matcher_finish(struct matcher *x, struct mention *m, struct arena *a)
{
	size_t n = 0, i;

	m->hits = NULL;
	m->n_hits = 0;
	for (i = 0; i < x->rs->n_topics; i++)
		n += x->topics[i] == FACT(x->turn, true);
	if (!n)
		return;
	m->hits = ARENA_ARRAY(a, struct hit, n);
	for (i = 0; i < x->rs->n_topics; i++)
		if (x->topics[i] == FACT(x->turn, true))
			hit_make(x, &x->rs->topics[i], a, &m->hits[m->n_hits++]);
}

bool matcher_match(struct matcher *x, struct mention *m, const char *source_topic, struct arena *a)
{
	matcher_about(x, m, source_topic);
	matcher_finish(x, m, a);
	return m->n_hits > 0;
}
