#pragma once
/*
 * store/stored: one mention out of the log of a daemon that does not run (one that does is asked: store_mention()).
 *
 * Blocks: on the disk. Changes nothing; a daemon that comes up meanwhile is not disturbed.
 */
#include <stdint.h>

#include "base/err.h"
#include "mention/mention.h"

struct arena;

enum {
	STORED_E_NONE = 1, /* there is no such mention, or no log */
	STORED_E_DAMAGED,  /* the log, or the mention's row */
};
/* folder: the state's. Texts and hits are in the arena. */
int stored_mention(const char *folder, const uint8_t id[MENTION_ID_BYTES], struct arena *a,
		   struct mention *ret) must_use;
