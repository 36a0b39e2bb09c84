#pragma once
/*
 * enrich/language: the language of a text, by its letters: es en pt fr it de ca gl eu, or "und" where it is another, has too
 * few letters or could be two of them.
 *
 * The lower-case letters, each word between spaces, are taken as byte n-grams of 2 to 5; those that the model knows
 * (daemon/enrich/train_language makes it, and says how) weigh for or against each language; the sum decides. Where two of the
 * close ones (es, pt, gl) are first and near each other, a second table, which knows nothing but them, does. Addresses,
 * @handles, #hashtags, digits and signs don't count. A text that is mostly of letters outside the Latin script is "und".
 *
 * Of a long text the beginning and the end are read first: where both are surely of one language, so is the text. Else all is.
 *
 * Owner:  the caller; the model is shared and never written. Blocks: never; allocates nothing.
 * Bounds: the first LANGUAGE_LETTERS_MAX bytes of letters count.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	LANGUAGE_LETTERS_MAX = 600,
	LANGUAGES = 10, /* "und" among them */
	LANGUAGE_SLOTS = 1 << 14,
	LANGUAGE_CLOSE = 3, /* how many the second table tells apart */
};

struct language_model {
	const char *names[LANGUAGES]; /* of ISO 639-1; "und" of ISO 639-2 */
	const uint8_t *checks;        /* LANGUAGE_SLOTS: which n-gram a slot is of */
	const int8_t *weights;        /* LANGUAGE_SLOTS × LANGUAGES */
	int32_t start[LANGUAGES];
	char name_room[LANGUAGES][4];
	uint8_t close[LANGUAGE_CLOSE]; /* which they are */
	const uint8_t *close_rows;     /* LANGUAGE_SLOTS × (which n-gram a slot is of, a weight for each) */
	int32_t close_start[LANGUAGE_CLOSE];
};

enum { LANGUAGE_E_FORMAT = 1 }; /* not this version's, or cut */
/* The bytes are borrowed. */
int language_model_read(const uint8_t *bytes, size_t len, struct language_model *ret) must_use;

/* The name of the text's language: a pointer into the model, "und" included. likely: what the source says of itself, "es" or
 * "es-MX"; it decides between two that are close. NULL: nothing is said. */
const char *language_of(const struct language_model *m, const char *text, size_t len, const char *likely);

extern const uint8_t shipped_language_model[];
extern const size_t shipped_language_model_len;
