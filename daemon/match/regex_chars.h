#pragma once
/*
 * match/regex_chars: the characters that a piece of an expression can be, for whoever asks whether two pieces can take the same
 * (match/regex_steps). ASCII is told one by one, what stands beyond it in three heaps.
 *
 * A set has at least the characters that are meant, with the other case, and more where nobody can say: that two sets are apart is
 * always true. Owner: values. Blocks: never; linear in the piece.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rx_token;

/* None at all: the end of the expression, where the match is found. */
struct regex_chars {
	uint64_t ascii[2];
	unsigned far;
};

extern const struct regex_chars regex_chars_all;

/* Of a literal, a set such as \w, a class in brackets or a dot; of any other piece, all. */
struct regex_chars regex_chars_of(const char *regex, const struct rx_token *x);
struct regex_chars regex_chars_joined(struct regex_chars a, struct regex_chars b);
bool regex_chars_apart(struct regex_chars a, struct regex_chars b);
bool regex_chars_none(struct regex_chars c);
