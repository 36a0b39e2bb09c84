#pragma once
/*
 * store/keep: retention: lets go of mentions by their age, in bounded steps while the writer has nothing else to do.
 *
 * Sources that aren't asked any more go after STORE_SOURCE_DAYS, with their keys. One that only was gone (410) is then
 * asked again once, as a new one. One whose first poll never came to its end stays: what it kept on the way (a token that
 * is good once, the place in a long list) can't be had again, and its poll may be under way.
 *
 * What is pending in the outbox stays, however old; and the newest row of the stream, whose id is the mark that the next
 * one must pass. Pages that become free are used again; what is more than a quarter of the file is given back.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct writer;

enum {
	KEEP_EVERY_MS = 60000, /* between two passes */
	KEEP_BATCH_ROWS = 256, /* let go in a step */
	KEEP_LOOK_ROWS = 8192, /* looked at in a step */
	KEEP_SWEEP_HOURS = 24, /* between two looks for sources, keys and names that nothing speaks of any more */
};

/* A mention, all that hangs on it, and its row of the stream (0: none). */
int keep_drop(struct writer *w, int64_t mention, int64_t stream) must_use;

/* Inside a transaction of the writer. *ret_more: the pass has not come to its end. */
int keep_step(struct writer *w, bool *ret_more) must_use;
