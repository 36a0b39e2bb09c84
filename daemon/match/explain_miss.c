#include "match/explain_miss.h"

/* What came near counts between these, so that neither does it hold, nor is it as good as nothing. */
#define NEAR_LEAST 0.05
#define NEAR_MOST  0.95

static double bounded(double part)
{
	return part < NEAR_LEAST ? NEAR_LEAST : part > NEAR_MOST ? NEAR_MOST : part;
}

/* --- a leaf that does not hold, and should --- */

static double near_distance(const struct expr_node *node, const struct expr_verdict *v)
{
	const struct expr_verdict *a = v + 1, *b = v + 2; /* its patterns lie directly behind it */

	if (!a->held || !b->held)
		return !a->held + !b->held;
	if (v->number == EXPR_FAR) /* in two texts, or in the other order */
		return NEAR_MOST;
	return bounded(((double)v->number - node->number) / (double)v->number);
}

/* How far a number is from one that it should reach, as a part of the larger. */
static double number_distance(double is, double wanted)
{
	double more = is > wanted ? is : wanted, apart = is > wanted ? is - wanted : wanted - is;

	return more > 0 ? bounded(apart / more) : NEAR_LEAST;
}

static double field_distance(const struct expr_test *test, const struct expr_verdict *v)
{
	double is;

	if (v->absent || !v->actual || field_type(test->field) != FACT_NUMBER || test->sign == EXPR_IN ||
	    test->sign == EXPR_NE || !field_number(FACT_RATING, v->actual, &is))
		return 1;
	return number_distance(is, test->number);
}

static double leaf_distance(const struct expr_node *node, const struct expr_verdict *v)
{
	switch (node->kind) {
	case EXPR_NEAR:
	case EXPR_BEFORE:
		return near_distance(node, v);
	case EXPR_COUNT:
		return v->number ? number_distance((double)v->number, node->test->number) : 1;
	case EXPR_FIELD:
		return field_distance(node->test, v);
	default:
		return 1;
	}
}

/* --- the tree --- */

/* Of `and`s that should hold and `or`s that should not, every part counts; else the nearest. */
static bool all_count(const struct expr_node *node, bool want)
{
	return (node->kind == EXPR_AND) == want;
}

static double distance(const struct expr *e, const struct expr_verdict v[], uint16_t i, bool want)
{
	const struct expr_node *node = &e->nodes[i];
	double all = 0, nearest = -1;
	uint16_t child;

	if (v[i].held == want)
		return 0;
	if (node->kind == EXPR_NOT)
		return distance(e, v, node->child, !want);
	if (expr_is_leaf(node))
		return want ? leaf_distance(node, &v[i]) : 1;
	for (child = node->child; child != EXPR_NONE; child = e->nodes[child].next) {
		double d = distance(e, v, child, want);

		all += d;
		if (nearest < 0 || d < nearest)
			nearest = d;
	}
	return all_count(node, want) ? all : nearest;
}

double miss_distance(const struct expr *e, const struct expr_verdict v[])
{
	return distance(e, v, e->root, true);
}

static uint16_t nearest_child(const struct expr *e, const struct expr_verdict v[], uint16_t i, bool want)
{
	uint16_t child = e->nodes[i].child, nearest = child;
	double least = distance(e, v, child, want);

	while ((child = e->nodes[child].next) != EXPR_NONE) {
		double d = distance(e, v, child, want);

		if (d >= least)
			continue;
		least = d;
		nearest = child;
	}
	return nearest;
}

static void mark(const struct expr *e, const struct expr_verdict v[], uint16_t i, bool want, bool missed[])
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child;

	if (v[i].held == want)
		return;
	if (node->kind == EXPR_NOT)
		mark(e, v, node->child, !want, missed);
	else if (expr_is_leaf(node))
		missed[i] = true;
	else if (!all_count(node, want))
		mark(e, v, nearest_child(e, v, i, want), want, missed);
	else
		for (child = node->child; child != EXPR_NONE; child = e->nodes[child].next)
			mark(e, v, child, want, missed);
}

void miss_mark(const struct expr *e, const struct expr_verdict v[], bool missed[])
{
	mark(e, v, e->root, true, missed);
}

static bool leaf_touched(const struct expr_node *node, const struct expr_verdict *v)
{
	switch (node->kind) {
	case EXPR_NEAR:
	case EXPR_BEFORE:
		return v[1].held || v[2].held;
	case EXPR_COUNT:
		return v->number > 0;
	case EXPR_FIELD:
		return !v->held && field_distance(node->test, v) < 1;
	case EXPR_KNOWN:
		return false;
	default:
		return v->held;
	}
}

static bool touched(const struct expr *e, const struct expr_verdict v[], uint16_t i, bool want)
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child;

	if (node->kind == EXPR_NOT)
		return touched(e, v, node->child, !want);
	if (expr_is_leaf(node))
		return want && leaf_touched(node, &v[i]);
	for (child = node->child; child != EXPR_NONE; child = e->nodes[child].next)
		if (touched(e, v, child, want))
			return true;
	return false;
}

bool miss_touched(const struct expr *e, const struct expr_verdict v[])
{
	return touched(e, v, e->root, true);
}
