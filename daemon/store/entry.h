#pragma once
/*
 * store/entry: a hit as it goes into the stream (mention/outbox_row.h), its texts in one piece of memory.
 *
 * Owner:  whoever holds the struct; entry_done() frees it, on any thread.
 * Bounds: ENTRY_MAX_BYTES of one; what is larger is not made.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/outbox_row.h"

struct buf;
struct mention;

enum { ENTRY_MAX_BYTES = 64 << 20 };

struct entry {
	struct outbox_row row; /* points into block */
	char *block;
	size_t bytes; /* of it */
};

/* scratch: room to write in, emptied first; who makes many keeps it. False: it is full. */
bool entry_make(int64_t stream, const struct mention *m, struct buf *scratch, struct entry *ret);
void entry_done(struct entry *e); /* one that was never made is fine */
