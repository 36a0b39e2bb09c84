#pragma once
/*
 * store/take: what becomes of a mention that comes to the log: a new row, a note that another source has it too, a new
 * version of it, a hit that enters the stream.
 *
 * Runs inside a transaction of the writer. A failure half-way is for the caller to roll back.
 *
 * Rules (DESIGN §2, §5):
 *  - its key decides whether it is known, whatever source shows it;
 *  - shown by another source it is noted (sighting), its text is left as it is;
 *  - another title or text at its own first source is an edit: the old one becomes a version;
 *  - a topic once met stays; one gained by an edit or a second source joins;
 *  - a key that its source now tells it by (ITEM_MOVED) is an alias: the mention keeps the key that it came with, by
 *    which a copy in the stream is known again;
 *  - it enters the stream when it first has a hit, and never again. Whether it is baseline is said by what made it enter.
 */
#include <stdint.h>

#include "base/err.h"

struct mention;
struct mention_counts;
struct poll_result;
struct writer;

int take_mention(struct writer *w, const struct mention *m, int64_t now_ms, struct poll_result *result) must_use;
/* What was known as `old` is shown as `key` from now on. One that the log has let go is no matter. */
int take_moved(struct writer *w, const uint8_t *key, const uint8_t *old) must_use;
/* Counts seen at now_ms: a change is kept with its time. A mention that the log has let go is no matter. */
int take_counts(struct writer *w, const uint8_t *key, const struct mention_counts *counts, int64_t now_ms) must_use;
