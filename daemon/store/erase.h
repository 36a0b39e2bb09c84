#pragma once
/*
 * store/erase: entries of the Redis stream that are to go from it, since whose they are is forgotten (store/forget), of hits and of incidents alike: each with its
 * mention's id, so that nothing else goes in their place. What is done is kept STORE_ERASE_AGAIN_DAYS more: a server that comes back
 * from an older copy of itself has them again.
 *
 * Owner, threads and answers are as store/store.h says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mention/outbox_row.h"

struct store;
struct writer;

enum { STORE_ERASE_ROWS_MAX = 128 /* of one answer */, STORE_ERASE_AGAIN_DAYS = 7 };

/* Those behind `after`, ids ascending, at most max; late: also those that are done. Borrowed for the call. */
typedef void store_erase_cb(void *arg, int r, const struct outbox_erase *rows, size_t n);
void store_erase(struct store *s, enum outbox_stream which, struct stream_id after, bool late, size_t max,
		 store_erase_cb *cb, void *arg);
/* These have gone. rows: copied, at most STORE_ERASE_ROWS_MAX. */
typedef void store_erased_cb(void *arg, int r);
void store_erased(struct store *s, enum outbox_stream which, const struct outbox_erase *rows, size_t n,
		  store_erased_cb *cb, void *arg);

/* --- within the room: on the writer's thread, inside a transaction --- */

/* What a mention has in the stream (0: nothing), and had there before it was sent again under another id. */
int erase_mention(struct writer *w, int64_t mention, int64_t stream) must_use;
/* It is sent again under another id: the one that it had stays in the stream. */
int erase_note_former(struct writer *w, int64_t mention, int64_t stream) must_use;
int erase_sweep(struct writer *w, int64_t now_ms) must_use;
