/* A condition of any bytes: what parses lies within its text and means the same to all evaluations; what doesn't has a place
 * in the text. */
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
	demand(*name && strlen(name) == node->len);
	node->kind = *name % 2 || only_pattern ? EXPR_PATTERN : EXPR_RULE;
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
	return (node->number + node->at) % 3 == 0;
}

static void verdict(void *arg, const struct expr_node *node, struct expr_verdict *ret)
{
	ret->held = leaf(arg, node);
}

static void on_leaf(void *arg, const struct expr_node *node)
{
	demand(expr_is_leaf(node) && leaf(arg, node));
}

static void check_test(const struct expr_node *node, size_t size)
{
	const struct expr_test *t = node->test;
	size_t i;

	demand(t->sign <= EXPR_IN && t->field < FACTS);
	demand(node->kind != EXPR_COUNT || (t->number >= 0 && t->number <= EXPR_COUNT_MAX && t->sign != EXPR_IN));
	demand(node->kind != EXPR_FIELD || (t->file != NULL) == !t->n_values);
	for (i = 0; i < t->n_values; i++)
		demand(t->values[i].text && t->values[i].at < size);
	demand(!t->file || t->file_at < size);
}

static void check_node(const struct expr *e, size_t i, size_t size)
{
	const struct expr_node *node = &e->nodes[i];
	bool near = node->kind == EXPR_NEAR || node->kind == EXPR_BEFORE, count = node->kind == EXPR_COUNT;

	demand((size_t)node->at + node->len <= size && node->len);
	demand((node->test != NULL) == (count || node->kind == EXPR_KNOWN || node->kind == EXPR_FIELD));
	if (node->test)
		check_test(node, size);
	if (near || count) { /* their patterns lie directly behind them */
		demand(node->child == i + 1 && e->nodes[i + 1].kind == EXPR_NAME);
		demand(e->nodes[i + 1].next == (near ? i + 2 : EXPR_NONE));
		demand(!near || node->number <= EXPR_WORDS_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct expr_verdict v[EXPR_NODES_MAX];
	struct expr_fault f;
	struct expr e;
	size_t i;

	if (expr_parse((const char *)data, size, a, &f, &e)) {
		demand(f.at <= size && f.text < TEXT_IDS);
		return 0;
	}
	demand(e.n && e.n <= EXPR_NODES_MAX && e.root < e.n);
	for (i = 0; i < e.n; i++)
		check_node(&e, i, size);
	if (!expr_bind(&e, a, bind, on_unknown, &size))
		return 0;
	demand(expr_eval(&e, leaf, NULL) == expr_explain(&e, verdict, NULL, v));
	if (v[e.root].held)
		expr_support(&e, leaf, NULL, on_leaf);
	return 0;
}
