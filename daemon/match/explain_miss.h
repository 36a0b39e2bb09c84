#pragma once
/*
 * match/explain_miss: how near a condition that does not hold came to holding, and for want of what: the fewest parts that
 * would have to be otherwise. Inside match/ only.
 *
 * A part that is plainly otherwise (a pattern without a match, another language) counts 1, one that came near less: words
 * that stand too far apart, 9,412 followers of 10,000. All parts of an `and` are wanted, of an `or` the nearest, under a
 * `not` it is the other way round.
 *
 * A pure step; linear in the nodes, times their depth (EXPR_DEPTH_MAX).
 */
#include <stdbool.h>

#include "match/expr.h"

/* 0: it holds. v as expr_explain() writes it. */
double miss_distance(const struct expr *e, const struct expr_verdict v[]);
/* Sets missed[i] of each node that would have to be otherwise (all were false). */
void miss_mark(const struct expr *e, const struct expr_verdict v[], bool missed[]);
/* Whether some part that is wanted was found in the text, at least half of it: else it is no near miss. */
bool miss_touched(const struct expr *e, const struct expr_verdict v[]);
