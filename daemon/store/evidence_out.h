#pragma once
/*
 * store/evidence_out: the evidence of one incident, taken out of the log from beside whoever writes it, and whether the chain holds.
 *
 * Owner: nothing stays. Blocks: reads the whole chain, and unpacks everything that is still there (some tenths of a second for EVIDENCE_HELD_BYTES).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/evidence.h"

struct evidence_piece {
	const struct evidence_row *row;
	const void *body; /* NULL: it is not there (row->state), or not what was taken */
	size_t len;
	bool holds; /* as far as it is there, it is what was taken */
};

struct evidence_chain {
	int64_t links, broken, first; /* in all; how many don't hold; the first of those, 0: none */
	uint8_t last[EVIDENCE_HASH_BYTES];
	size_t pieces; /* of the incident */
};

enum { EVIDENCE_OUT_E_NONE = 1, /* there is no log */ EVIDENCE_OUT_E_CORRUPT };
/* on_piece() may end it: what it returns below 0 is returned. */
int evidence_out(const char *db_path, int64_t incident, int (*on_piece)(void *arg, const struct evidence_piece *piece),
		 void *arg, struct evidence_chain *ret) must_use;
