#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "match/matcher_inside.h"

/* --- the spans of a hit --- */

static int by_place(const struct span *a, const struct span *b)
{
	if (a->in != b->in)
		return a->in < b->in ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

/* Keeps each once, and the first MENTION_SPANS_MAX in order; false: s and all behind it are past them. */
static bool span_keep(struct matcher *x, const struct span *s)
{
	size_t i = x->n_spans, k;

	while (i && by_place(s, &x->spans[i - 1]) < 0)
		i--;
	for (k = i; k && !by_place(s, &x->spans[k - 1]); k--)
		if (!strcmp(s->pattern, x->spans[k - 1].pattern))
			return true;
	if (i == MENTION_SPANS_MAX)
		return false;
	if (x->n_spans < MENTION_SPANS_MAX)
		x->n_spans++;
	for (k = x->n_spans - 1; k > i; k--)
		x->spans[k] = x->spans[k - 1];
	x->spans[i] = *s;
	return true;
}

/* The span of a match in a text that the contract has, of a letter at least; false: it has none. */
static bool span_of(const struct matcher *x, uint32_t number, enum field_id id, struct place at, struct span *ret)
{
	if (matcher_fields[id].span < 0 || at.from == at.to)
		return false;
	*ret = (struct span){.in = (enum span_in)matcher_fields[id].span,
			     .from = at.from,
			     .to = at.to,
			     .pattern = x->rs->patterns[number].name};
	return true;
}

static void pattern_spans(struct matcher *x, uint32_t number)
{
	struct place v[MENTION_SPANS_MAX];
	struct span s;
	size_t id, i, n;

	if (x->pattern_spans[number] == x->hit_turn)
		return;
	x->pattern_spans[number] = x->hit_turn;
	for (id = 0; id < FIELDS; id++) {
		n = matcher_fields[id].span < 0 ? 0 : matcher_places(x, number, id, v, MENTION_SPANS_MAX);
		for (i = 0; i < n; i++)
			if (span_of(x, number, id, v[i], &s) && !span_keep(x, &s))
				break;
	}
}

static void support_taken(void *arg, const struct expr_node *node);

/* Of the patterns that made a rule hold, through the rules that it rests on. */
static void rule_spans(struct matcher *x, uint32_t number)
{
	if (x->rule_spans[number] == x->hit_turn)
		return;
	x->rule_spans[number] = x->hit_turn;
	expr_support(&x->rs->rules[number].when, matcher_leaf, x, support_taken);
}

struct near_spans {
	struct matcher *x;
	const struct expr_node *node;
};

static void on_pair_span(void *arg, enum field_id id, const struct place *a, const struct place *b, size_t words)
{
	struct near_spans *n = arg;
	struct span s;

	if (words > n->node->number)
		return;
	if (span_of(n->x, expr_pattern(n->node, 0), id, *a, &s))
		span_keep(n->x, &s);
	if (span_of(n->x, expr_pattern(n->node, 1), id, *b, &s))
		span_keep(n->x, &s);
}

static void support_taken(void *arg, const struct expr_node *node)
{
	switch (node->kind) {
	case EXPR_PATTERN:
		pattern_spans(arg, node->number);
		break;
	case EXPR_RULE:
		rule_spans(arg, node->number);
		break;
	case EXPR_COUNT:
		pattern_spans(arg, expr_pattern(node, 0));
		break;
	case EXPR_NEAR:
	case EXPR_BEFORE:
		matcher_pairs(arg, node, on_pair_span, &(struct near_spans){arg, node});
		break;
	default: /* a fact of the mention stands in no text */
		break;
	}
}

void matcher_spans(struct matcher *x, const struct topic *t)
{
	uint32_t end = t->patterns + t->n_patterns, i;
	size_t k = 0;

	if (x->hit_turn == UINT32_MAX) {
		memset(x->pattern_spans, 0, x->rs->n_patterns * sizeof(*x->pattern_spans));
		memset(x->rule_spans, 0, x->rs->n_rules * sizeof(*x->rule_spans));
		x->hit_turn = 0;
	}
	x->hit_turn++;
	x->n_spans = 0;
	x->telling = true;
	if (t->has_about && expr_eval(&t->about, matcher_leaf, x))
		expr_support(&t->about, matcher_leaf, x, support_taken);
	while (matcher_rule_next(x, t, &k, &i))
		rule_spans(x, i);
	for (i = t->patterns; !t->has_about && !t->n_rules && (i = matcher_next_pattern(x, i, end)) < end; i++)
		if (matcher_pattern_held(x, i))
			pattern_spans(x, i);
	x->telling = false;
}

/* --- explanation --- */

struct telling {
	struct matcher *x;
	struct arena *a;
};

static void tell_matches(struct telling *t, uint32_t number, struct expr_verdict *ret)
{
	struct span spans[MENTION_SPANS_MAX];
	const struct found *f;
	size_t id, i;

	ret->number = (int64_t)matcher_count(t->x, number);
	if (!ret->number)
		return;
	f = matcher_found(t->x, number);
	for (id = 0; id < FIELDS; id++)
		for (i = 0; i < f->in[id].n && ret->n_spans < MENTION_SPANS_MAX; i++)
			ret->n_spans +=
				span_of(t->x, number, id, t->x->places[f->in[id].first + i], &spans[ret->n_spans]);
	ret->spans = memcpy(ARENA_ARRAY(t->a, struct span, ret->n_spans), spans, ret->n_spans * sizeof(*spans));
}

struct nearest {
	bool any;
	enum field_id id;
	struct place a, b;
	size_t words;
};

static void on_pair_nearest(void *arg, enum field_id id, const struct place *a, const struct place *b, size_t words)
{
	struct nearest *n = arg;

	if (!n->any || words < n->words)
		*n = (struct nearest){true, id, *a, *b, words};
}

static void tell_near(struct telling *t, const struct expr_node *node, struct expr_verdict *ret)
{
	struct nearest n = {.any = false};
	struct span *spans = ARENA_ARRAY(t->a, struct span, 2);

	matcher_pairs(t->x, node, on_pair_nearest, &n);
	ret->number = n.any ? (int64_t)n.words : EXPR_FAR;
	if (!n.any)
		return;
	ret->n_spans += span_of(t->x, expr_pattern(node, 0), n.id, n.a, &spans[ret->n_spans]);
	ret->n_spans += span_of(t->x, expr_pattern(node, 1), n.id, n.b, &spans[ret->n_spans]);
	ret->spans = spans;
}

/* The names that the rules met carry, of those that the test asks for. */
static const char *carried_text(struct telling *t, const struct expr_test *test)
{
	const char *text = NULL;
	size_t i, k;

	for (i = 0; i < test->n_rules; i++) {
		const struct topic_rule *rule = &t->x->rs->rules[test->rules[i]];
		size_t n;
		const char *const *names = topic_carried(rule, test->field, &n);

		for (k = 0; k < n && matcher_rule_held(t->x, test->rules[i]); k++)
			if (!test->set.n || set_has(&test->set, names[k], strlen(names[k])))
				text = text ? arena_printf(t->a, "%s, %s", text, names[k]) : names[k];
	}
	return text;
}

static void tell_fact(struct telling *t, const struct expr_test *test, struct expr_verdict *ret)
{
	char room[FACT_WORD_MAX];
	struct fact_value v;

	if (field_type(test->field) == FACT_CARRIED) {
		ret->actual = carried_text(t, test);
	} else {
		field_value(test->field, t->x->m, room, &v);
		if (!v.known)
			ret->actual = NULL;
		else if (field_type(test->field) == FACT_WORD)
			ret->actual = arena_memdup0(t->a, v.word, v.len);
		else if (field_type(test->field) == FACT_YES_NO)
			ret->actual = v.number > 0 ? "true" : "false";
		else
			ret->actual = arena_printf(t->a, "%.15g", v.number);
	}
	ret->absent = !ret->actual;
}

static enum expr_tried tried(const struct matcher *x, uint32_t number)
{
	if (x->off[number])
		return EXPR_OFF;
	return x->times[number] ? EXPR_GAVE_UP : EXPR_TRIED;
}

static void tell(void *arg, const struct expr_node *node, struct expr_verdict *ret)
{
	struct telling *t = arg;

	ret->held = matcher_leaf(t->x, node);
	switch (node->kind) {
	case EXPR_PATTERN:
		tell_matches(t, node->number, ret);
		ret->tried = tried(t->x, node->number);
		break;
	case EXPR_COUNT:
		tell_matches(t, expr_pattern(node, 0), ret);
		ret->tried = tried(t->x, expr_pattern(node, 0));
		break;
	case EXPR_NEAR:
	case EXPR_BEFORE:
		tell_near(t, node, ret);
		ret->tried = tried(t->x, expr_pattern(node, 0));
		if (ret->tried < tried(t->x, expr_pattern(node, 1)))
			ret->tried = tried(t->x, expr_pattern(node, 1));
		break;
	case EXPR_KNOWN:
	case EXPR_FIELD:
		tell_fact(t, node->test, ret);
		break;
	default:
		break;
	}
}

struct expr_verdict *matcher_verdicts(struct matcher *x, const struct expr *e, struct arena *a)
{
	struct expr_verdict *v = ARENA_ARRAY(a, struct expr_verdict, e->n);
	struct telling t = {x, a};

	expr_explain(e, tell, &t, v);
	return v;
}
