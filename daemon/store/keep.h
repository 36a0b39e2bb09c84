#pragma once
/*
 * store/keep: retention: lets go of mentions by their age, in bounded steps while the writer has nothing else to do.
 *
 * What is pending in the outbox stays, however old; and the newest row of the stream, whose id is the mark that the next
 * one must pass. Pages that become free are used again; what is more than a quarter of the file is given back.
 */
#include <stdbool.h>

#include "base/err.h"

struct writer;

enum {
	KEEP_EVERY_MS = 60000, /* between two passes */
	KEEP_BATCH_ROWS = 256, /* let go in a step */
	KEEP_LOOK_ROWS = 8192, /* looked at in a step */
};

/* Inside a transaction of the writer. *ret_more: the pass has not come to its end. */
int keep_step(struct writer *w, bool *ret_more) must_use;
