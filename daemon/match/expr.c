#include "match/expr.h"

#include "base/arena.h"

bool expr_is_leaf(const struct expr_node *node)
{
	return node->kind != EXPR_NOT && node->kind != EXPR_AND && node->kind != EXPR_OR;
}

bool expr_compare(double left, enum expr_sign sign, double right)
{
	switch (sign) {
	case EXPR_EQ:
		return left == right;
	case EXPR_NE:
		return left < right || left > right; /* not !=, which holds for NaN */
	case EXPR_GE:
		return left >= right;
	case EXPR_GT:
		return left > right;
	case EXPR_LE:
		return left <= right;
	case EXPR_LT:
		return left < right;
	default:
		return false;
	}
}

/* --- names --- */

/* The patterns of near, before and count stand below them; everything else with a name may be a rule. */
static void mark_patterns(const struct expr *e, bool only_pattern[])
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		uint16_t child = e->nodes[i].child;

		if (expr_is_leaf(&e->nodes[i]))
			for (; child != EXPR_NONE; child = e->nodes[child].next)
				only_pattern[child] = true;
	}
}

bool expr_bind(struct expr *e, struct arena *a, expr_bind_fn *bind,
	       void (*on_unknown)(void *arg, const char *name, bool only_pattern, size_t at), void *arg)
{
	bool only_pattern[EXPR_NODES_MAX] = {false}, all = true;
	size_t i;

	mark_patterns(e, only_pattern);
	for (i = 0; i < e->n; i++) {
		struct expr_node *node = &e->nodes[i];
		const char *name;

		if (node->kind != EXPR_NAME)
			continue;
		name = arena_memdup0(a, e->text + node->at, node->len);
		if (bind(arg, name, only_pattern[i], node))
			continue;
		on_unknown(arg, name, only_pattern[i], node->at);
		all = false;
	}
	return all;
}

/* --- evaluation --- */

static bool eval(const struct expr *e, uint16_t i, expr_leaf_fn *leaf, void *arg)
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child = node->child;

	switch (node->kind) {
	case EXPR_NOT:
		return !eval(e, child, leaf, arg);
	case EXPR_AND:
	case EXPR_OR:
		for (; child != EXPR_NONE; child = e->nodes[child].next)
			if (eval(e, child, leaf, arg) == (node->kind == EXPR_OR))
				return node->kind == EXPR_OR;
		return node->kind == EXPR_AND;
	default:
		return leaf(arg, node);
	}
}

bool expr_eval(const struct expr *e, expr_leaf_fn *leaf, void *arg)
{
	return eval(e, e->root, leaf, arg);
}

/* Calls on_leaf for the leaves below node i that made it hold; returns whether it does. `and` and `or` are asked whole, so
 * that each alternative that held is heard of. */
static bool support(const struct expr *e, uint16_t i, expr_leaf_fn *leaf, void *arg,
		    void (*on_leaf)(void *arg, const struct expr_node *node))
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child = node->child;

	switch (node->kind) {
	case EXPR_NOT:
		return !eval(e, child, leaf, arg);
	case EXPR_AND:
		if (!eval(e, i, leaf, arg))
			return false;
		for (; child != EXPR_NONE; child = e->nodes[child].next)
			support(e, child, leaf, arg, on_leaf);
		return true;
	case EXPR_OR: {
		bool any = false;

		for (; child != EXPR_NONE; child = e->nodes[child].next)
			any |= support(e, child, leaf, arg, on_leaf);
		return any;
	}
	default:
		if (!leaf(arg, node))
			return false;
		on_leaf(arg, node);
		return true;
	}
}

void expr_support(const struct expr *e, expr_leaf_fn *leaf, void *arg,
		  void (*on_leaf)(void *arg, const struct expr_node *node))
{
	support(e, e->root, leaf, arg, on_leaf);
}

/* --- explanation --- */

static bool explain(const struct expr *e, uint16_t i, expr_verdict_fn *leaf, void *arg, struct expr_verdict v[])
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child = node->child;
	bool all = true, any = false;

	for (; child != EXPR_NONE; child = e->nodes[child].next) {
		bool held = explain(e, child, leaf, arg, v);

		all &= held;
		any |= held;
	}
	v[i] = (struct expr_verdict){.held = false};
	if (node->kind == EXPR_NOT)
		v[i].held = !any;
	else if (node->kind == EXPR_AND || node->kind == EXPR_OR)
		v[i].held = node->kind == EXPR_AND ? all : any;
	else
		leaf(arg, node, &v[i]);
	return v[i].held;
}

bool expr_explain(const struct expr *e, expr_verdict_fn *leaf, void *arg, struct expr_verdict v[])
{
	return explain(e, e->root, leaf, arg, v);
}
