#pragma once
/*
 * store/search: the full-text index over mentions, filled by the writer's thread from its own mark.
 *
 * To index a mention costs more than to write it down, and less the more are indexed at once: what comes together is merged once
 * fewer. So few are left waiting, until they are many, some time has passed, or somebody asks: store_search() fills first what is
 * missing, so that a question finds all that is in the log.
 *
 * FTS5's tokenizer takes case and accents away, and with them the tilde of ñ; here ñ stays a letter of its own (año is
 * not ano), as in the patterns of the rules: text and question both pass search_fold(), which puts ɲ for it. So the index
 * is contentless, and what leaves it must be given as it came: search_drop() before the row changes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

struct buf;
struct db;
struct mention;
struct writer;

enum {
	SEARCH_BATCH_ROWS = 2048, /* a step: each is a segment of the index, which later is merged with others */
	SEARCH_BATCH_BYTES = 4 << 20,
	SEARCH_BEHIND_ROWS = 16384,      /* so many wait at most, however much else there is to do */
	SEARCH_REST_MS = 10 * MINUTE_MS, /* so long fewer than a step's wait for others */
	SEARCH_MERGE_FROM = 8, /* segments of a size, before they are: with FTS5's own 4 there is more to do */
	SEARCH_HASH_BYTES =
		16 << 20, /* a step's words are sorted in memory: with FTS5's own 1 MB it is more than one segment */
};

void search_fold(struct buf *b, const char *text);
/* What FTS5 is asked for a text that a person typed. Nothing in it is FTS5's syntax. "" if there is no word in it. */
void search_question(struct buf *b, const char *text);

int search_put(struct db *db, int64_t id, const struct mention *m) must_use;
int search_drop(struct db *db, int64_t id, const struct mention *m) must_use;

/* Are so many worth a step? A few wait for more, but not for ever; many only for a time when there is nothing else to do. */
bool search_is_due(int64_t behind, int64_t rested_ms, bool idle);
/* One bounded step in a transaction of its own, if one is due; idle: there is nothing else to do. *ret_more: another one is. */
int search_step(struct writer *w, bool idle, bool *ret_more) must_use;
/* All that waits, as far as it is no more than there ever is while the index is not made anew: SEARCH_BEHIND_ROWS, about. */
int search_catch_up(struct writer *w) must_use;
