#pragma once
/*
 * store/stored: one mention, or what a source stands at, out of the log, without the daemon that writes it.
 *
 * Blocks: on the disk. Changes nothing; a daemon that comes up meanwhile is not disturbed.
 */
#include <stdint.h>

#include "base/err.h"
#include "mention/mention.h"

struct arena;
struct source_state;

enum {
	STORED_E_NONE = 1, /* there is no such mention, or no log */
	STORED_E_DAMAGED,  /* the log, or the mention's row */
};
/* folder: the state's. Texts and hits are in the arena. */
int stored_mention(const char *folder, const uint8_t id[MENTION_ID_BYTES], struct arena *a,
		   struct mention *ret) must_use;
/* What is kept of a source; STORED_E_NONE: nothing. */
int stored_source(const char *folder, const char *name, struct arena *a, struct source_state *ret) must_use;
