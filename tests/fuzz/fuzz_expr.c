/* A condition of any bytes: what parses means the same to both evaluations; what doesn't has a place in the text. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "match/expr.h"

enum { ARENA_BYTES = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static bool bind(void *arg, const char *name, bool only_pattern, struct expr_node *node)
{
	(void)arg;
	(void)only_pattern;
	demand(*name && strlen(name) == node->len);
	node->kind = *name % 2 ? EXPR_PATTERN : EXPR_RULE;
	node->number = (unsigned char)*name;
	return *name != 'x';
}

static void on_unknown(void *arg, const char *name, bool only_pattern, size_t at)
{
	(void)only_pattern;
	demand(*name == 'x' && at < *(size_t *)arg);
}

static bool leaf(void *arg, const struct expr_node *node)
{
	(void)arg;
	return node->number % 3 == 0;
}

static void verdict(void *arg, const struct expr_node *node, struct expr_verdict *ret)
{
	ret->held = leaf(arg, node);
}

static void on_leaf(void *arg, const struct expr_node *node)
{
	demand(leaf(arg, node));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct expr_verdict v[EXPR_NODES_MAX];
	struct expr_fault f;
	struct expr e;

	if (expr_parse((const char *)data, size, a, &f, &e)) {
		demand(f.at <= size && f.text < TEXT_IDS);
		return 0;
	}
	demand(e.n && e.n <= EXPR_NODES_MAX && e.root < e.n);
	if (!expr_bind(&e, a, bind, on_unknown, &size))
		return 0;
	demand(expr_eval(&e, leaf, NULL) == expr_explain(&e, verdict, NULL, v));
	if (v[e.root].held)
		expr_support(&e, leaf, NULL, on_leaf);
	return 0;
}
