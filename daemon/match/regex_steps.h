#pragma once
/*
 * match/regex_steps: how many steps, as PCRE2 counts them, an expression can take from one place of a text at the most, read off
 * its pieces. What stays below PATTERN_MATCH_LIMIT there needs no try on adversarial texts (match/adversary), which costs
 * milliseconds a pattern.
 *
 * A step is a place to come back to: a repetition's turn, an alternative. Where what is repeated can't begin what comes behind it
 * (`\w+` before a blank), there is one way on, however often it is repeated; else as many as turns. A group that is repeated
 * multiplies its own ways by themselves.
 *
 * A bound, and often a wide one; for what is understood PCRE2 never counts more than twice as many (a group's turn is two). What is not (options, calls, references, verbs) has none.
 *
 * Owner:  nobody; the expression and its pieces are borrowed. Blocks: never. Time: the pieces, times the depth of groups.
 * Bounds: groups as deep as PATTERN_PARENS_MAX.
 */
#include <stddef.h>
#include <stdint.h>

struct rx_token;

#define REGEX_STEPS_MAX (UINT64_C(1) << 31) /* as many, or more, or nobody can say */

/* v, of regex; bytes: of the text. */
uint64_t regex_steps(const char *regex, const struct rx_token *v, size_t n, uint32_t bytes);
