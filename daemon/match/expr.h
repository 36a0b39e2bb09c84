#pragma once
/*
 * match/expr: conditions: `and or not ( )` over the names of patterns and rules, as `about` and `when` hold them.
 *
 * Two steps: expr_parse() makes the tree and knows no names; expr_bind() gives each name its number, once all names of the
 * topic are known. What is evaluated never fails. For an explanation ("which part held") expr_explain() says it of every
 * node, and the nodes know their place in the text.
 *
 * `not` binds tighter than `and`, `and` tighter than `or`. Names are [a-z0-9_-]+. What later versions will know (near,
 * count, known, fields, comparisons) is told apart from what is wrong; it will come as further kinds of leaf.
 *
 * Owner:  the arena given; names and text are borrowed.
 * Bounds: EXPR_MAX_BYTES of text, EXPR_NODES_MAX nodes, EXPR_DEPTH_MAX of ( and not inside one another.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct arena;

enum { EXPR_MAX_BYTES = 4096, EXPR_NODES_MAX = 1000, EXPR_DEPTH_MAX = 32, EXPR_NONE = UINT16_MAX };

enum expr_kind {
	EXPR_NAME, /* not bound yet */
	EXPR_PATTERN,
	EXPR_RULE,
	EXPR_NOT, /* one child */
	EXPR_AND, /* two or more, in the order of the text */
	EXPR_OR,
};

struct expr_node {
	enum expr_kind kind;
	uint16_t child, next; /* first child, next sibling; EXPR_NONE: no such */
	uint16_t at, len;     /* where in the text: a name, an operator */
	uint32_t number;      /* of the pattern or rule */
};

struct expr {
	const char *text;
	struct expr_node *nodes;
	size_t n;
	uint16_t root;
};

/* What is wrong, for a finding. */
struct expr_fault {
	enum text_id text;
	size_t at;         /* in bytes */
	const char *found; /* the word or number that the text speaks of; NULL: none. In the arena */
	const char *guess; /* what was meant, perhaps; NULL */
};

enum { EXPR_E_INVALID = 1 };
int expr_parse(const char *text, size_t len, struct arena *a, struct expr_fault *ret_fault, struct expr *ret) must_use;

/* A word that means something in conditions, now or later: no name for a pattern or a rule. */
bool expr_reserved(const char *name);

/* Makes the name of a node a pattern or a rule with a number; false: there is none. */
typedef bool expr_bind_fn(void *arg, const char *name, struct expr_node *node);
/* Binds every name; calls on_unknown for each that bind does not know. Returns whether all are known. */
bool expr_bind(struct expr *e, struct arena *a, expr_bind_fn *bind,
	       void (*on_unknown)(void *arg, const char *name, size_t at), void *arg);

/* What the leaves are worth: node is an EXPR_PATTERN or an EXPR_RULE. */
typedef bool expr_leaf_fn(void *arg, const struct expr_node *node);

bool expr_eval(const struct expr *e, expr_leaf_fn *leaf, void *arg); /* asks no more leaves than it must */
/* held[i] says of node i whether it held; all leaves are asked. Returns what the whole is worth. */
bool expr_explain(const struct expr *e, expr_leaf_fn *leaf, void *arg, bool held[]);
/* Calls on_leaf for each leaf that made the expression hold: none under a `not`. The expression holds. */
void expr_support(const struct expr *e, expr_leaf_fn *leaf, void *arg,
		  void (*on_leaf)(void *arg, const struct expr_node *node));
