#pragma once
/*
 * store/recent: rows of the outbox as the writer has just put them, ready to be sent, so that those which are sent at once,
 * nearly all, need not be read back from the log, checked and made into what is sent.
 *
 * It never decides what is sent: the reader finds the rows that are committed and wait in the log, and asks here for what
 * is in them; what isn't here is read there. So nothing is undone with a transaction, whose numbers are not given again.
 * Whatever changes a row forgets it here first.
 *
 * Owner:  store/store. Used by the writer's thread (add, forget) and the reader's (take).
 * Blocks: for a few instructions.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "store/entry.h"

enum { RECENT_ROWS = 8192, RECENT_BYTES = 8 << 20 }; /* past either the oldest goes */

struct recent;

struct recent *recent_new(void) must_use;
struct recent *recent_free(struct recent *r);                      /* NULL is fine; returns NULL */
void recent_add(struct recent *r, int64_t stream, struct entry e); /* takes e; each stream is larger than the last */
void recent_forget(struct recent *r, int64_t stream);
bool recent_take(struct recent *r, int64_t stream, struct entry *ret); /* to be ended with entry_done() */
