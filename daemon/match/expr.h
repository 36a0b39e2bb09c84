#pragma once
/*
 * match/expr: conditions, as `about` and `when` hold them (DESIGN §4).
 *
 *   acme and not (toon or old)            names of patterns and rules
 *   near(name, theft, 12)                 a match of each with at most 12 words between them, in either order
 *   before(name, theft, 3)                the same, name first
 *   count(name) >= 3                      matches, over all the fields that the pattern looks at
 *   followers >= 10000, lang in [es, pt]  a fact of the mention; site in {file: lists/press.txt}
 *   known(followers)                      whether the fact is there at all
 *
 * `not` binds tighter than `and`, `and` tighter than `or`. Names are [a-z0-9_-]+. A comparison with an absent fact is
 * false, so `not (lang == pt)` holds where the language is unknown.
 *
 * Two steps: expr_parse() makes the tree and knows no names but the fields'; expr_bind() gives each name its number, once
 * all names of the topic are known; the values of comparisons become sets by topic_compile(). What is evaluated never
 * fails, and the nodes know their place in the text.
 *
 * Owner:  the arena given; names and text are borrowed.
 * Bounds: EXPR_MAX_BYTES of text, EXPR_NODES_MAX nodes, EXPR_DEPTH_MAX of ( and not inside one another, EXPR_WORDS_MAX words
 *         apart, EXPR_COUNT_MAX to compare a count with.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "match/fields.h"
#include "match/sets.h"

struct arena;
struct span;

enum {
	EXPR_MAX_BYTES = 4096,
	EXPR_NODES_MAX = 1000,
	EXPR_DEPTH_MAX = 32,
	EXPR_WORDS_MAX = 1000,
	EXPR_COUNT_MAX = 1000,
	EXPR_NONE = UINT16_MAX,
};

enum expr_kind {
	EXPR_NAME, /* not bound yet */
	EXPR_PATTERN,
	EXPR_RULE,
	EXPR_NOT, /* one child */
	EXPR_AND, /* two or more, in the order of the text */
	EXPR_OR,
	EXPR_NEAR,   /* two children, patterns; number: of words */
	EXPR_BEFORE, /* the same */
	EXPR_COUNT,  /* one child, a pattern; test */
	EXPR_KNOWN,  /* test: the field alone */
	EXPR_FIELD,  /* test */
};

enum expr_sign { EXPR_EQ, EXPR_NE, EXPR_GE, EXPR_GT, EXPR_LE, EXPR_LT, EXPR_IN };

struct expr_value {
	const char *text; /* without its quotes */
	uint16_t at;
};

/* What a comparison compares with. */
struct expr_test {
	enum field_name field; /* not of a count */
	enum expr_sign sign;
	double number;                   /* of a count, a number or (0, 1) yes or no; not of `in` */
	const struct expr_value *values; /* of words, and of `in`: as written, one for == and != */
	size_t n_values;
	const char *file; /* `in {file: …}`; NULL */
	uint16_t file_at;
	struct set set;        /* of words, and of `in`: filled by topic_compile() */
	const uint32_t *rules; /* FACT_CARRIED: the rules that carry one of the values, or, for known(), any */
	size_t n_rules;
};

struct expr_node {
	enum expr_kind kind;
	uint16_t child, next; /* first child, next sibling; EXPR_NONE: no such */
	uint16_t at, len;     /* where in the text: a name, an operator, a whole call or comparison */
	uint32_t number;      /* of the pattern or rule; of words */
	struct expr_test *test;
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

/* A word that means something in conditions: no name for a pattern or a rule. */
bool expr_reserved(const char *name);

/* Makes the name of a node a pattern or a rule with a number; false: there is none, or not of the kind that is wanted
 * here (inside near, before and count: a pattern). */
typedef bool expr_bind_fn(void *arg, const char *name, bool only_pattern, struct expr_node *node);
/* Binds every name; calls on_unknown for each that bind does not know. Returns whether all are known. */
bool expr_bind(struct expr *e, struct arena *a, expr_bind_fn *bind,
	       void (*on_unknown)(void *arg, const char *name, bool only_pattern, size_t at), void *arg);

/* Of near, before and count: the number of their first or second pattern, which lies directly behind them in nodes. */
static inline uint32_t expr_pattern(const struct expr_node *node, size_t i)
{
	return node[1 + i].number;
}

/* Neither NOT, AND nor OR: judged as one, even where it has children. */
bool expr_is_leaf(const struct expr_node *node);
/* The sign's two sides; NaN on the left is false for each. `in` is none of these. */
bool expr_compare(double left, enum expr_sign sign, double right);

/* Whether a leaf holds. */
typedef bool expr_leaf_fn(void *arg, const struct expr_node *node);

bool expr_eval(const struct expr *e, expr_leaf_fn *leaf, void *arg); /* asks no more leaves than it must */
/* Calls on_leaf for each leaf that made the expression hold: none under a `not`. The expression holds. */
void expr_support(const struct expr *e, expr_leaf_fn *leaf, void *arg,
		  void (*on_leaf)(void *arg, const struct expr_node *node));

/* --- explanation --- */

enum expr_tried {
	EXPR_TRIED,
	EXPR_GAVE_UP, /* a pattern reached its limit in some text: whether it is there nobody knows */
	EXPR_OFF,     /* it was switched off for that, and not tried */
};

#define EXPR_FAR INT64_C(-1) /* no text has a match of both (for before: in that order) */

/* What came of a node. */
struct expr_verdict {
	bool held;
	/* FIELD, KNOWN: the fact is not known. The rest of what a node has: */
	bool absent;
	/* PATTERN, COUNT: how many matches there are (at most MATCHER_FOUND_MAX a text are looked for).
	 * NEAR, BEFORE: the words between the nearest two, held or not; EXPR_FAR. */
	int64_t number;
	/* FIELD, KNOWN: the fact: "es", "1200", "4.5", "true", "crisis, legal"; NULL: absent. */
	const char *actual;
	/* PATTERN, COUNT: the matches, the first MENTION_SPANS_MAX. NEAR, BEFORE: the nearest two. Places of the author's
	 * handle are left out, as in hits. */
	const struct span *spans;
	size_t n_spans;
	/* PATTERN, COUNT, NEAR, BEFORE: whether its patterns were; the worst of them. */
	enum expr_tried tried;
};
/* Fills *ret (which is zeroed) for a leaf, held included. The children of near, before and count are asked as well. */
typedef void expr_verdict_fn(void *arg, const struct expr_node *node, struct expr_verdict *ret);
/* v[i] says it of node i, e->n of them; all leaves are asked. Returns what the whole is worth. */
bool expr_explain(const struct expr *e, expr_verdict_fn *leaf, void *arg, struct expr_verdict v[]);
