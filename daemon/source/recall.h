#pragma once
/*
 * source/recall: what is remembered of a feed between two polls, so that an answer that brings nothing new (304, the same
 * body) needs nothing of the log: what a conditional request says, and what a body is compared with. Kept only of a feed
 * whose last poll ended well; everything else of it is loaded when there is something to read or to tell.
 *
 * Owner:  the source's record, of which it is one allocation: 24 bytes and the two texts.
 */
#include <stdint.h>

#include "base/mem.h"

struct source_state;

struct recall {
	int64_t new_ms; /* as of struct source_state */
	uint64_t body_hash;
	uint16_t etag_len, modified_len; /* of the texts, each with its NUL; 0: it has none */
	char texts[];
};

const char *recall_etag(const struct recall *r); /* NULL: none */
const char *recall_last_modified(const struct recall *r);

/* *slot becomes what state says (NULL: nothing is remembered); its texts may be those of *slot itself. */
void recall_put(struct recall **slot, const struct source_state *state);
