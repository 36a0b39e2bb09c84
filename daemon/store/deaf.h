#pragma once
/*
 * store/deaf: the coverage ledger: from when to when something was not heard (store/store.h has what is asked of it).
 *
 * A line is known by source, kind and beginning; of each source at most one of a kind is open: another that begins ends it.
 * All that is written is idempotent, since a poll says again what it is not sure that the log has.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct db;
struct deaf_mark;

enum { DEAF_EVERYTHING = 0 }; /* in the place of a source's number */

/* Inside a transaction of the writer. */
int deaf_write(struct db *db, int64_t source, const struct deaf_mark *mark) must_use;
/* Lets go of what is too old or too much; lost: ends what belongs to sources that nobody asks any more. */
int deaf_sweep(struct db *db, int64_t now_ms, bool lost) must_use;

void deaf_mark_copy(struct deaf_mark *mark, struct arena *a);
