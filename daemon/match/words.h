#pragma once
/*
 * match/words: a word list, as a community manager writes it, into the regular expression that it becomes.
 *
 * A word or phrase an item. Between the words of a phrase stands any white space; a * stands for any letters and digits
 * ("estafa*", "*cola", "super*do"), alone in a phrase for one whole word; all else stands for itself, so that '@acme_mx',
 * '#acme' and 'C++' need no thought. An item never begins or ends inside a word: no letter, digit or _ may touch it, and
 * ñ and á are letters. The longest is found first.
 *
 * With forms, each word of an item stands for its Spanish forms: match/forms.
 *
 * Bounds: WORDS_MAX items, WORD_MAX_BYTES each, WORDS_REGEX_MAX_BYTES in all (PCRE2 compiles no more than twice that).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

enum { WORDS_MAX = 1000, WORD_MAX_BYTES = 256, WORDS_REGEX_MAX_BYTES = 16 * 1024 };

struct word {
	const char *s; /* borrowed */
	size_t len;
	bool forms; /* of each of its words the Spanish forms, too (match/forms): for folded text alone */
};

/* The lines of a block that hold something; at most max are written, all are counted. */
size_t words_lines(const char *block, size_t len, struct word *v, size_t max);

enum {
	WORDS_E_EMPTY = 1, /* an item without a character that counts */
	WORDS_E_CONTROL,   /* a control character */
	WORDS_E_STARS,     /* nothing but *: would be found in everything */
	WORDS_E_WORD_LONG, /* past WORD_MAX_BYTES */
	WORDS_E_TOO_MANY,  /* past WORDS_MAX or WORDS_REGEX_MAX_BYTES */
};
/* Appends the expression to out, whose bound must be above WORDS_REGEX_MAX_BYTES. fold: for folded text. *ret_bad is the
 * item at fault. */
int words_to_regex(const struct word *v, size_t n, bool fold, struct buf *out, size_t *ret_bad) must_use;
