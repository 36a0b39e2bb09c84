#pragma once
/*
 * match/lint_worlds: whether a condition can hold at all, or always does. It is tried in every world that its parts can tell apart:
 * for a pattern, how often it is found; for a fact, absent, each value that is named, and another. A world that no text can make may
 * be among them, none that one can make is left out: what is said here is so. Inside match/lint alone.
 *
 * Owner:  nobody; conditions are borrowed. Blocks: CPU, at most LINT_WORLDS_MAX judgements; past that nothing is said.
 */
#include <stdbool.h>

struct expr;

/* In how many worlds the condition holds, and in how many of these another one does. */
struct lint_tally {
	bool some, all;  /* the condition */
	bool first;      /* in the one where nothing is found and nothing known */
	bool with, both; /* the other one; both of them */
};
/* with: the other one, or NULL. false: too many worlds. */
bool lint_worlds(const struct expr *e, const struct expr *with, struct lint_tally *ret);
