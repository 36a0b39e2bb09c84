#pragma once
/*
 * main/telling: one thing that whoever runs escuchad is to be told: a source that is deaf, a log that is full.
 *
 * Kind and subject together name a trouble. One that can end is told when it begins, again each day while it lasts, and when
 * it is over; who makes a telling sees to that, and never tells one state twice. Everything is borrowed for the call.
 */
#include <stdint.h>

#include "base/text.h"

enum telling_state {
	TELLING_BEGINS,
	TELLING_LASTS, /* a day later, still */
	TELLING_OVER,
	TELLING_HAPPENED, /* once, and has no end */
};
const char *telling_state_name(enum telling_state state); /* "begins", "lasts", "over", "happened" */

struct telling {
	const char *kind;    /* [a-z_]+: "source_deaf", "log_full", "was_down" */
	const char *subject; /* a source's name; NULL: escuchad itself */
	enum telling_state state;
	int64_t since_ms, until_ms; /* wall; TIME_NONE: unknown, not over. Not in the words: each reader has a zone */
	enum text_id text;          /* what it is, and its arguments, as TEXT_ARGS() makes them; NULL: none */
	const char *const *args;
	const char *why, *detail; /* class and detail as the log and the API have them: source_why(); NULL: not known */
};

/* What it is and why, in words, without subject and times. To be freed. */
char *telling_text(const struct telling *t, enum text_lang lang) must_use;
