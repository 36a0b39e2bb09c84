#pragma once
/*
 * enrich/post: a text as the words, signs and pictures that its tone is judged by.
 *
 * Words are runs of letters and digits of the folded text (match/fold: no capitals, no accents), an apostrophe inside one
 * among them. A letter written three times or more was stretched: "maloooo" is malo and "goooood" good, and says so ("bueeno"
 * stays: two may be right). Addresses and @handles are no words; a # is left off, and its words are parted where capitals part
 * them. A picture is one character of So or Sk, whatever skin it has; faces of signs are enrich/emoticon's.
 *
 * Owner:  the caller; the text is borrowed until post_read() reads the next. Memory is kept from one to the next.
 * Bounds: the first POST_TOKENS_MAX tokens count: a post has 50, an article's tone stands in its beginning.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/fold.h"

enum { POST_TOKENS_MAX = 4096, POST_WORD_MAX_BYTES = 64 };

enum token_kind {
	TOKEN_WORD,
	TOKEN_PICTURE,  /* an emoji */
	TOKEN_EMOTICON, /* perhaps: ":-)", "^^" */
	TOKEN_BREAK,    /* what parts clauses: , ; . : ( ) and line ends */
	TOKEN_SHOUT,    /* ! */
	TOKEN_ASK,      /* ? */
	TOKEN_FOREIGN,  /* a word that no lexicon is asked for; post_read() makes none */
};

struct token {
	enum token_kind kind;
	bool stretched;
	bool negated;      /* set by tone_judge() */
	uint32_t from, to; /* bytes of the folded text */
	uint64_t hash;     /* of a word as it is looked up; of a picture, of an emoticon */
	uint64_t doubled;  /* of a stretched word, had its letter been written twice; else 0 */
};

struct post {
	struct fold fold;
	struct token *v;
	size_t n, cap;
	bool linked; /* there is an address in it */
};

void post_init(struct post *p);
void post_done(struct post *p);
void post_read(struct post *p, const char *text, size_t len); /* valid UTF-8 */

/* The hash of a phrase: of its words up to the last but one, and the last. The first word's own is the phrase of one. */
uint64_t post_phrase(uint64_t before, uint64_t word);
