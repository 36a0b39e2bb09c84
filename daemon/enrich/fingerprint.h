#pragma once
/*
 * enrich/fingerprint: a text's words as the numbers by which two are known to be of one story (mention/print).
 *
 * Of the post's words and pictures (enrich/post: no addresses, no @handles, no capitals, no accents; "RT @x:" in front is
 * left off) each word of four letters and more, or with a digit in front, and each pair of neighbours is hashed, PRINT_MINS times: the least of each is kept.
 *
 * Owner:  the caller. Blocks: never; allocates nothing once the room is there.
 * Bounds: as the post's, POST_TOKENS_MAX tokens.
 */
#include <stddef.h>
#include <stdint.h>

struct post;
struct print;

/* Room to tell parts apart that come again; zero at first. */
struct fingerprinter {
	uint64_t *parts;
	size_t cap;
};
void fingerprinter_done(struct fingerprinter *f);

/* The post was read. ret->link is not set. */
void fingerprint_make(struct fingerprinter *f, const struct post *p, struct print *ret);
