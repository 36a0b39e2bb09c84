#pragma once
/*
 * store/take: what becomes of a mention that comes to the log: a new row, a note that another source has it too, a new
 * version of it, a hit that enters the stream.
 *
 * Runs inside a transaction of the writer. A failure half-way is for the caller to roll back; what entered the stream is for
 * the caller to flush (store/stream_rows).
 *
 * Rules (DESIGN §2, §5):
 *  - its key decides whether it is known, whatever source shows it;
 *  - shown by another source it is noted (sighting), its text and counts are left as they are: anybody can show anybody's
 *    link, and a reader that its bytes took over any key at all (pool/border);
 *  - another title or text at its own first source is an edit: the old one becomes a version;
 *  - a topic once met stays; one gained by an edit, or by a second source in the same words, joins;
 *  - what a second source says in other words, and what gains a topic by them, is a mention of that source's own, of the
 *    topics gained: who reads it sees the words that made it a hit, and who said them. Its key is a hash of its source and
 *    the key that it was shown by;
 *  - a key that its source now tells it by (ITEM_MOVED) is an alias: the mention keeps the key that it came with, by
 *    which a copy in the stream is known again;
 *  - what somebody says who asked to be forgotten is not taken (store/forget);
 *  - it enters the stream when it first has a hit, and never again. Whether it is baseline is said by what made it enter.
 */
#include <stdint.h>

#include "base/err.h"

struct arena;
struct mention;
struct mention_counts;
struct poll_result;
struct writer;

int take_mention(struct writer *w, const struct mention *m, int64_t now_ms, struct poll_result *result) must_use;
/* What was known as `old` is shown as `key` from now on. One that the log has let go is no matter. */
int take_moved(struct writer *w, const uint8_t *key, const uint8_t *old) must_use;
/* Counts that a source (its name's number) showed at now_ms: a change is kept with its time. A mention that the log has let
 * go, or that another source showed first, is no matter. */
int take_counts(struct writer *w, const uint8_t *key, int64_t source, const struct mention_counts *counts,
		int64_t now_ms) must_use;

/* --- for store/raise --- */

/* As take_counts(), of counts that the mention was judged by (store/replay judges it by them, too). */
int take_judged_counts(struct writer *w, const uint8_t *key, int64_t source, const struct mention_counts *counts,
		       int64_t now_ms) must_use;
struct mention_row;
/* The mention of that key, or that has it as an alias. MENTION_ROW_E_NONE, MENTION_ROW_E_DAMAGED. */
int take_find(struct writer *w, const uint8_t *key, struct arena *a, struct mention_row *ret) must_use;
/* Writes a row that has changed, and lets it enter the stream (as m says) if it hasn't and now has a hit. */
int take_put_changed(struct writer *w, struct mention_row *row, const struct mention *m, int64_t now_ms,
		     struct poll_result *result) must_use;
int take_index_hits(struct writer *w, const struct mention_row *row) must_use; /* by its topics, as far as it isn't */
