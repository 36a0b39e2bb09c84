#pragma once
/*
 * store/inbox: what was sent to us and not read yet, byte for byte.
 *
 *   put → the sender is told that we have it → next → a reader → the poll's commit, which takes it out (poll_outcome.inbox)
 *
 * So at no point of a crash is it lost or taken twice. A body that came within STORE_INBOX_AGAIN_MS before is not kept again,
 * though it may have been read since: senders repeat what they think was lost, and strangers what they have overheard.
 *
 * Owner, threads and answers are as store/store.h says. While the log is full nothing is taken (-ENOSPC): the sender tries again.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;
struct writer;

enum {
	STORE_INBOX_MAX_BYTES = 1 << 20, /* of one body: more is -EINVAL */
	STORE_INBOX_ROWS = 1000,         /* that wait, of one source … */
	STORE_INBOX_BYTES = 64 << 20,    /* … and their bytes, but always one */
	STORE_INBOX_AGAIN_MS = 10 * 60 * 1000,
	STORE_INBOX_DAYS = 90, /* of a source that nobody reads any more */
};

enum store_inbox { STORE_INBOX_TAKEN, STORE_INBOX_AGAIN, STORE_INBOX_FULL };
typedef void store_inbox_cb(void *arg, int r, enum store_inbox what);
/* Copied. */
void store_inbox_put(struct store *s, const char *source, const void *body, size_t len, store_inbox_cb *cb, void *arg);

/* The oldest of a source behind the row after (0: of all). at_ms: when it came. body is borrowed for the call; NULL: nothing waits. */
typedef void store_inbox_next_cb(void *arg, int r, int64_t id, int64_t at_ms, const void *body, size_t len);
void store_inbox_next(struct store *s, const char *source, int64_t after, store_inbox_next_cb *cb, void *arg);

/* For store/poll, on the writer's thread: it was read. */
int inbox_drop(struct writer *w, const char *source, int64_t id) must_use;
