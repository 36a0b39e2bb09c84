#include "match/expr.h"

#include "base/arena.h"

bool expr_bind(struct expr *e, struct arena *a, expr_bind_fn *bind,
	       void (*on_unknown)(void *arg, const char *name, size_t at), void *arg)
{
	bool all = true;
	size_t i;

	for (i = 0; i < e->n; i++) {
		struct expr_node *node = &e->nodes[i];
		const char *name;

		if (node->kind != EXPR_NAME)
			continue;
		name = arena_memdup0(a, e->text + node->at, node->len);
		if (bind(arg, name, node))
			continue;
		on_unknown(arg, name, node->at);
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

static bool explain(const struct expr *e, uint16_t i, expr_leaf_fn *leaf, void *arg, bool held[])
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child = node->child;
	bool all = true, any = false;

	for (; child != EXPR_NONE; child = e->nodes[child].next) {
		bool h = explain(e, child, leaf, arg, held);

		all &= h;
		any |= h;
	}
	if (node->kind == EXPR_NOT)
		held[i] = !any;
	else if (node->kind == EXPR_AND || node->kind == EXPR_OR)
		held[i] = node->kind == EXPR_AND ? all : any;
	else
		held[i] = leaf(arg, node);
	return held[i];
}

bool expr_explain(const struct expr *e, expr_leaf_fn *leaf, void *arg, bool held[])
{
	return explain(e, e->root, leaf, arg, held);
}

static void support(const struct expr *e, uint16_t i, const bool held[], void *arg,
		    void (*on_leaf)(void *arg, const struct expr_node *node))
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child = node->child;

	if (!held[i] || node->kind == EXPR_NOT)
		return;
	if (child == EXPR_NONE)
		on_leaf(arg, node);
	for (; child != EXPR_NONE; child = e->nodes[child].next)
		support(e, child, held, arg, on_leaf);
}

void expr_support(const struct expr *e, expr_leaf_fn *leaf, void *arg,
		  void (*on_leaf)(void *arg, const struct expr_node *node))
{
	bool held[EXPR_NODES_MAX];

	expr_explain(e, leaf, arg, held);
	support(e, e->root, held, arg, on_leaf);
}
