#pragma once
/*
 * mention/print: the fingerprint of a text, and whether two are of one story.
 *
 * A reader makes it (enrich/fingerprint) of the text's words; from there on it is numbers: whoever compares two has read
 * neither text. MinHash over words and pairs of words: Broder, On the resemblance and containment of documents (SEQUENCES 1997).
 *
 * Of one story are two that
 *  - have the same words in the same order, however few; or lead to the same article;
 *  - have PRINT_WORDS_LEAST words each, and a share of common parts (estimated from the mins) of at least 50 %, or 30 % where
 *    both have PRINT_WORDS_LONG. Under 70 % their numerals must be the same: "magnitude 4.5" is not "magnitude 5.1";
 *  - or of which one is, nearly whole, in the other, as a feed's beginning of an article is in the article.
 *
 * Hostile: a reader that foreign bytes took over can make a mention join a story of its choice, as its text could.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct wire_in;

enum {
	PRINT_MINS = 64,
	PRINT_WORDS_LEAST = 5, /* with fewer there are no mins */
	PRINT_WORDS_LONG = 40,
	PRINT_NUMERALS_MAX = 8, /* the first ones of a text */
	PRINT_PARTS_MAX = 1 << 16,
};

struct print {
	uint64_t exact; /* of all words and pictures, in their order; 0: there are none */
	uint64_t link;  /* of an article's address, however it was led to; 0: it is none, or has none */
	uint32_t words; /* how many; 0 with a text of pictures alone */
	uint32_t parts; /* distinct words and pairs of words */
	uint32_t n_numerals;
	uint32_t numerals[PRINT_NUMERALS_MAX];
	uint32_t min[PRINT_MINS]; /* 0 with fewer than PRINT_WORDS_LEAST words */
};

void print_put(struct buf *b, const struct print *p);
/* A copy in the arena. What print_put() would not write sets in->bad. */
const struct print *print_get(struct wire_in *in, struct arena *a);

static inline bool print_has_mins(const struct print *p)
{
	return p->words >= PRINT_WORDS_LEAST;
}

/* 0: not of one story; else how alike, to 1. */
double print_alike(const struct print *a, const struct print *b);
