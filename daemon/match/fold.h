#pragma once
/*
 * match/fold: the form in which text is compared, and the way back to the original.
 *
 * Folded is: compatibility-composed (NFKC), case folded, without what nobody sees (zero-width characters, soft hyphens,
 * direction marks, variation selectors), every kind of space of the line a plain one. Accents that people leave out when
 * they type are gone: grave, acute, circumflex, tilde and diaeresis on a, e, i, o, u, y, and the cedilla of c, so that
 * "São Paulo", "pingüino" and "ação" meet "sao paulo", "pinguino" and "acao". ñ is a letter of its own and stays, and so
 * does every other mark (ń, š, å, й): there it makes another letter. Decomposed text gives the same as composed.
 *
 * An own table serves U+0000 to U+024F and the general punctuation, made once from utf8proc, which serves the rest: at 4 µs
 * for 241 bytes utf8proc alone would cost more than the matching (FAULTS, head).
 *
 * Owner:  the caller; the text is borrowed from fold_text() until the last question about it.
 * Bounds: at most FOLD_CLUSTER_MAX marks pile up on a letter, the next starts a cluster of its own (Unicode's Stream-Safe
 *         Text has 30). Folded text is at most FOLD_GROWTH_MAX times as long as the original (U+FDFA becomes 18 letters).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { FOLD_CLUSTER_MAX = 32, FOLD_GROWTH_MAX = 12 };

struct fold {
	char *bytes; /* folded, valid UTF-8 whatever went in; a NUL behind len */
	size_t len, cap;
	const char *text; /* the original */
	size_t text_len;
	uint32_t *at;   /* of each folded byte: the first code point of the original that it came from */
	uint8_t *width; /* and of how many */
	size_t map_cap;
	bool mapped;
};

void fold_init(struct fold *f);
void fold_done(struct fold *f);
void fold_text(struct fold *f, const char *text, size_t len); /* memory is kept from one text to the next */

/* Bytes [from, to) of the folded text as code points [from, to) of the original. The map is made when first asked for: most
 * texts are nobody's mention. */
void fold_span(struct fold *f, size_t from, size_t to, uint32_t *ret_from, uint32_t *ret_to);

/* The bytes at s < end that fold together: a letter and its marks. For the folding of patterns, piece by piece. */
size_t fold_cluster_len(const char *s, const char *end);
