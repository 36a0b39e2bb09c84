#pragma once
/*
 * alert/card: one mention as a person reads it: what was said, by whom and to how many, in which tone, and why it came.
 *
 * Made of the JSON of a mention (DESIGN §5), as the log has it now: who asked to be forgotten since is in no card.
 *
 * Owner:  texts are in the arena given. Blocks: never.
 * Bounds: CARD_TEXT_MAX_BYTES of what was said, cut between letters; CARD_WORDS_MAX words that a pattern matched.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct arena;
struct page;

enum { CARD_TEXT_MAX_BYTES = 400, CARD_WORDS_MAX = 4 };

struct card {
	const char *text; /* title and text */
	const char *url, *author, *source;
	const char *tone;    /* "negative"; NULL: not known */
	const char *topics;  /* "acme, otra" */
	const char *rules;   /* of its hits: "double-charge"; "" none but its topic's own condition */
	const char *intents; /* "complaint"; "" */
	const char *words;   /* that were found: "estafa, fraude"; "" */
	double followers;    /* below 0: not known */
	uint32_t times;      /* it was said, by others too */
};

enum { CARD_E_FORMAT = 1 };
/* times is 1. */
int card_parse(const char *json, struct arena *a, struct card *ret) must_use;

char *card_who(const struct card *c,
	       enum text_lang lang) must_use; /* "Ana Pérez, 1200 followers, toots". To be freed */
char *card_why(const struct card *c, enum text_lang lang) must_use;
void card_put(const struct card *c, enum text_lang lang, struct page *p);
