#pragma once
/*
 * alert/verbs: what a person says to a crisis, in a line of their own words: "la tomo", "pass 3 to luis", "nota: hablé con el
 * taller", "close". Pure.
 *
 * The words are the catalogues' (conf/lang: verbs-…), of all languages at once: a line may be in any of them, whoever reads it.
 * Capitals, accents and punctuation don't matter; words of courtesy around a verb don't either. But nothing else may stand beside
 * one that takes no argument: "tomo nota de lo que dices" takes over nothing, it is not understood.
 *
 * Bounds: of a line VERBS_LINE_MAX_BYTES are read and VERBS_WORDS_MAX words are looked at; a note may be as long as the line.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/config.h"
#include "base/schema.h"
#include "base/text.h"

enum { VERBS_LINE_MAX_BYTES = 4000, VERBS_WORDS_MAX = 64, VERBS_NAME_SIZE = SCHEMA_NAME_MAX + 1 };

enum verb {
	VERB_TAKE,  /* also: still on it */
	VERB_PASS,  /* name: to whom */
	VERB_NOTE,  /* text */
	VERB_CLOSE, /* also: solved */
	VERB_FALSE_ALARM,
	VERB_STATE,  /* how does it stand? */
	VERB_OPEN,   /* name: of a topic */
	VERB_ADD,    /* text: of a mention that nobody else heard */
	VERB_MUTE,   /* name: of a topic, or ""; severity, for_ms, text: why */
	VERB_UNMUTE, /* name: as well */
	VERB_STEP,   /* step: of the playbook, which is done. Numbers are in links: new ones come last */
	VERBS,       /* not understood */
};
extern const char *const verb_names[]; /* by enum verb: "take", … */

struct verb_said {
	enum verb verb;
	uint64_t id;                /* which crisis; 0: not said */
	char name[VERBS_NAME_SIZE]; /* folded: lower case, no accents; "": not said */
	const char *text;           /* within the line; NULL: none */
	int severity;               /* enum severity; -1: not said */
	int64_t for_ms;             /* 0: not said */
	uint64_t step;              /* from 1; 0: not said */
};

/* VERBS, and nothing else, for what is not understood. */
void verbs_read(const char *line, struct verb_said *ret);

enum verb verb_of_name(const char *name); /* "take"; VERBS: none */
/* As a button says it. */
const char *verb_label(enum verb verb, enum text_lang lang);

/* As words are compared: lower case, without accents and punctuation, cut to fit. */
void verbs_fold(const char *word, size_t len, char *out, size_t size);
