#include <string.h>

#include "base/utf8.h"
#include "match/matcher_inside.h"

const struct field_kind matcher_fields[FIELDS] = {
	[FIELD_TITLE] = {PATTERN_IN_TITLE, SPAN_TITLE},    [FIELD_TEXT] = {PATTERN_IN_TEXT, SPAN_TEXT},
	[FIELD_AUTHOR] = {PATTERN_IN_AUTHOR, SPAN_AUTHOR}, [FIELD_HANDLE] = {PATTERN_IN_AUTHOR, -1},
	[FIELD_URL] = {PATTERN_IN_URL, SPAN_URL},
};

/* --- patterns --- */

static void gave_up(struct matcher *x, uint32_t number)
{
	x->n_gave_up += x->gave_up[number] != FACT(x->turn, true);
	x->gave_up[number] = FACT(x->turn, true);
}

static void limit_count(struct matcher *x, uint32_t number)
{
	if (!x->times[number])
		x->limited[x->n_limited++] = number;
	if (x->times[number] < UINT32_MAX)
		x->times[number]++;
}

static void limit_reached(struct matcher *x, uint32_t number)
{
	gave_up(x, number);
	limit_count(x, number);
}

/* The mention's time is over. Whose fault that is has been measured: others that come now must not be blamed for it. */
static void time_over(struct matcher *x, uint32_t number)
{
	if (!x->telling)
		gave_up(x, number);
	if (!x->time_over)
		limit_count(x, x->slowest);
	x->time_over = true;
}

void matcher_fold(struct field *f)
{
	if (!f->folded)
		fold_text(&f->fold, f->text, f->len);
	f->folded = true;
}

static int find(struct matcher *x, uint32_t number, struct field *f, size_t start, size_t *ret_from, size_t *ret_to)
{
	const struct pattern *p = x->rs->patterns[number].code;
	int64_t took = pattern_room_spent(x->room);
	int r;

	if (x->off[number]) {
		gave_up(x, number);
		return PATTERN_E_LIMIT;
	}
	if (x->times[number] >= MATCHER_LIMITS_MAX) {
		limit_reached(x, number);
		return PATTERN_E_LIMIT;
	}
	if (!pattern_fold(p)) {
		r = pattern_find(p, x->room, f->text, f->len, start, ret_from, ret_to);
	} else {
		matcher_fold(f);
		r = pattern_find(p, x->room, f->fold.bytes, f->fold.len, start, ret_from, ret_to);
	}
	took = pattern_room_spent(x->room) - took;
	if (took > x->slowest_ns) {
		x->slowest_ns = took;
		x->slowest = number;
	}
	if (r == PATTERN_E_LIMIT)
		limit_reached(x, number);
	else if (r == PATTERN_E_TIME)
		time_over(x, number);
	return r;
}

/* Whether the pattern looks at that text of the mention, and can be found in it. */
static bool looks_at(const struct matcher *x, uint32_t number, enum field_id id)
{
	if (!x->fields[id].text || !(x->rs->patterns[number].in & matcher_fields[id].in))
		return false;
	return !x->candidates || !prefilter_tells(x->rs->prefilter, number) ||
	       (prefilter_fields(x->candidates, number) >> id & 1);
}

bool matcher_pattern_held(struct matcher *x, uint32_t number)
{
	fact *known = &x->patterns[number];
	bool held = false;
	size_t i, from, to;

	if (*known >> 1 == x->turn)
		return *known & 1;
	for (i = 0; i < FIELDS && !held; i++)
		if (looks_at(x, number, i))
			held = find(x, number, &x->fields[i], 0, &from, &to) == 0;
	*known = FACT(x->turn, held);
	return held;
}

size_t matcher_places(struct matcher *x, uint32_t number, enum field_id id, struct place *v, size_t max)
{
	bool fold = pattern_fold(x->rs->patterns[number].code);
	struct field *f = &x->fields[id];
	size_t from, to, start = 0, counted = 0, n;
	uint32_t at = 0; /* the code point at the byte counted, of a pattern that is not folded */

	if (!looks_at(x, number, id))
		return 0;
	for (n = 0; n < max && find(x, number, f, start, &from, &to) == 0; n++) {
		const char *text = fold ? f->fold.bytes : f->text, *end = text + (fold ? f->fold.len : f->len);
		const char *next = text + to;

		if (fold) {
			fold_span(&f->fold, from, to, &v[n].from, &v[n].to);
		} else {
			at += (uint32_t)utf8_count(text + counted, from - counted);
			v[n].from = at;
			v[n].to = at += (uint32_t)utf8_count(text + from, to - from);
			counted = to;
		}
		if (from == to && next == end)
			return n + 1;
		if (from == to) /* a place without a letter: on, behind the next one */
			utf8_next(&next, end);
		start = (size_t)(next - text);
	}
	return n;
}

/* --- every match, for near, before and count --- */

/* Makes room for two patterns' matches, so that what was found stays until the leaf is judged. */
static void found_room(struct matcher *x)
{
	if (x->n_places <= MATCHER_PLACES_MAX)
		return;
	x->n_places = 0;
	x->n_found = 0;
}

static struct place *places_reserve(struct matcher *x, size_t n)
{
	if (x->cap_places < x->n_places + n) {
		x->cap_places = 2 * (x->n_places + n);
		x->places = xreallocarray(x->places, x->cap_places, sizeof(*x->places));
	}
	return x->places + x->n_places;
}

const struct found *matcher_found(struct matcher *x, uint32_t number)
{
	struct found *f;
	uint32_t at = x->found_of[number];
	size_t i;

	if (at < x->n_found && x->found[at].pattern == number)
		return &x->found[at];
	x->found = GROW(x->found, x->n_found, &x->cap_found);
	x->found_of[number] = (uint32_t)x->n_found;
	f = &x->found[x->n_found++];
	f->pattern = number;
	for (i = 0; i < FIELDS; i++) {
		struct place *v = places_reserve(x, MATCHER_FOUND_MAX);

		f->in[i].first = (uint32_t)x->n_places;
		f->in[i].n = (uint32_t)matcher_places(x, number, i, v, MATCHER_FOUND_MAX);
		x->n_places += f->in[i].n;
	}
	return f;
}

size_t matcher_count(struct matcher *x, uint32_t number)
{
	const struct found *f;
	size_t n = 0, i;

	if (!matcher_pattern_held(x, number))
		return 0;
	found_room(x);
	f = matcher_found(x, number);
	for (i = 0; i < FIELDS; i++)
		n += f->in[i].n;
	return n;
}

struct pairs {
	struct matcher *x;
	enum field_id id;
	const struct place *a, *b;
	matcher_pair_fn *on_pair;
	void *arg;
};

static void on_near_pair(void *arg, size_t a, size_t b, size_t words)
{
	struct pairs *p = arg;

	p->on_pair(p->arg, p->id, &p->a[a], &p->b[b], words);
}

void matcher_pairs(struct matcher *x, const struct expr_node *node, matcher_pair_fn *on_pair, void *arg)
{
	uint32_t a = expr_pattern(node, 0), b = expr_pattern(node, 1);
	struct found left, right;
	size_t i;

	if (!matcher_pattern_held(x, a) || !matcher_pattern_held(x, b))
		return;
	found_room(x);
	left = *matcher_found(x, a); /* copies: the next may move them */
	right = *matcher_found(x, b);
	for (i = 0; i < FIELDS; i++) {
		struct field *f = &x->fields[i];
		struct pairs p = {x, i, x->places + left.in[i].first, x->places + right.in[i].first, on_pair, arg};

		if (!left.in[i].n || !right.in[i].n)
			continue;
		if (!f->worded)
			near_words_read(&f->words, f->text, f->len);
		f->worded = true;
		near_pairs(&f->words, p.a, left.in[i].n, p.b, right.in[i].n, node->kind == EXPR_BEFORE, on_near_pair,
			   &p);
	}
}

/* --- leaves --- */

bool matcher_rule_held(struct matcher *x, uint32_t number)
{
	fact *known = &x->rules[number];

	if (*known >> 1 != x->turn) {
		/* rests on at most TOPIC_CHAIN_MAX others */
		bool held = expr_eval(&x->rs->rules[number].when, matcher_leaf, x);

		*known = FACT(x->turn, held);
	}
	return *known & 1;
}

struct closest {
	size_t limit;
	bool held;
};

static void on_pair_held(void *arg, enum field_id id, const struct place *a, const struct place *b, size_t words)
{
	struct closest *c = arg;

	(void)id;
	(void)a;
	(void)b;
	c->held |= words <= c->limit;
}

static bool near_held(struct matcher *x, const struct expr_node *node)
{
	struct closest c = {.limit = node->number};

	matcher_pairs(x, node, on_pair_held, &c);
	return c.held;
}

static bool carried(struct matcher *x, const struct expr_test *test)
{
	size_t i;

	for (i = 0; i < test->n_rules; i++)
		if (matcher_rule_held(x, test->rules[i]))
			return true;
	return false;
}

static bool number_in(double number, const struct set *s)
{
	size_t i;

	for (i = 0; i < s->n && s->numbers[i] != number; i++)
		;
	return i < s->n;
}

static bool field_held(struct matcher *x, const struct expr_test *test)
{
	char room[FACT_WORD_MAX];
	struct fact_value v;
	bool has;

	if (field_type(test->field) == FACT_CARRIED)
		return carried(x, test);
	field_value(test->field, x->m, room, &v);
	if (!v.known)
		return false;
	if (field_type(test->field) != FACT_WORD)
		return test->sign == EXPR_IN ? number_in(v.number, &test->set)
					     : expr_compare(v.number, test->sign, test->number);
	has = test->field == FACT_SITE ? set_has_site(&test->set, v.word, v.len) : set_has(&test->set, v.word, v.len);
	return has == (test->sign != EXPR_NE);
}

static bool known_held(struct matcher *x, const struct expr_test *test)
{
	char room[FACT_WORD_MAX];
	struct fact_value v;

	if (field_type(test->field) == FACT_CARRIED)
		return carried(x, test);
	field_value(test->field, x->m, room, &v);
	return v.known;
}

bool matcher_leaf(void *arg, const struct expr_node *node)
{
	struct matcher *x = arg;

	switch (node->kind) {
	case EXPR_RULE:
		return matcher_rule_held(x, node->number);
	case EXPR_NEAR:
	case EXPR_BEFORE:
		return near_held(x, node);
	case EXPR_COUNT:
		return expr_compare((double)matcher_count(x, expr_pattern(node, 0)), node->test->sign,
				    node->test->number);
	case EXPR_KNOWN:
		return known_held(x, node->test);
	case EXPR_FIELD:
		return field_held(x, node->test);
	default:
		return matcher_pattern_held(x, node->number);
	}
}
