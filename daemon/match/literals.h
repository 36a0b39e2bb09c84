#pragma once
/*
 * match/literals: what a text must hold for an expression to be found in it: a set of literals, of which every text with a
 * match has at least one. The prefilter looks for them, and PCRE2 for the expression where one of them is.
 *
 * An own reading of the expression, because PCRE2 tells no more than the first and the last code unit of a match. It goes
 * wrong to one side alone: what it doesn't understand (conditions, verbs, octal numbers …) has no literal, which costs time
 * and never a hit. It expects what PCRE2 has compiled, and judges no syntax.
 *
 * Literals are in the scanned form of text: A to Z as a to z, ſ and the Kelvin sign as s and k (what PCRE2 without case takes
 * for ASCII letters), the rest as it stands. Folded text is in that form already.
 *
 * Owner:  the arena given. Blocks: never.
 * Bounds: below. Past each the expression has fewer or shorter literals, or none. Time and memory are linear in the
 *         expression, times LITERALS_MAX at worst.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;

enum {
	LITERALS_MAX = 2048,     /* of one expression: a list of a thousand words, each with a variant */
	LITERAL_MAX_BYTES = 32,  /* what is longer is cut */
	LITERALS_CROSS_MAX = 16, /* more than one on both sides make so many together: [ab][cd] is ac, ad, bc, bd */
	LITERALS_CLASS_MAX = 8,  /* members of a class that is spelled out */
	LITERALS_DEPTH_MAX = 128,
};

struct literal {
	const char *s; /* not ended by a NUL */
	size_t len;    /* 1 at least */
};

struct literal_set {
	struct literal *v;
	size_t n; /* 0: nothing is known */
};

/* caseless: the expression is compared without case from its start on. */
void literals_find(const char *regex, size_t len, bool caseless, struct arena *a, struct literal_set *ret);

/* How much is gained by looking for these: the rarer they are, the more; below 0: nothing. */
int literals_worth(const struct literal_set *set);
