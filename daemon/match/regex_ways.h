#pragma once
/*
 * match/regex_ways: how much an expression can make of one place of a text at most, read off its pieces: whoever tries it on
 * adversarial texts (match/adversary) or looks through long ones (match/pattern_find) can leave out what is not needed.
 *
 * A bound, and often a wide one; 0 where there is none: a repetition without an end, a group that is repeated,
 * a call of a group, a back reference.
 *
 * Owner:  nobody; the pieces are borrowed. Blocks: never; linear.
 * Bounds: groups as deep as PATTERN_PARENS_MAX; numbers are held to REGEX_WAYS_MAX, which stands for "as many, or more".
 */
#include <stddef.h>
#include <stdint.h>

struct rx_token;

enum { REGEX_WAYS_MAX = 1000 * 1000 };

struct regex_ways {
	uint64_t ways;    /* the product of how often each piece may be repeated, the sum of a group's alternatives */
	uint64_t longest; /* characters that any of them reads */
};
struct regex_ways regex_ways(const struct rx_token *v, size_t n);
