#pragma once
/*
 * store/search: the full-text index over mentions, filled behind by the writer thread from its own mark.
 *
 * FTS5's tokenizer takes case and accents away, and with them the tilde of ñ; here ñ stays a letter of its own (año is
 * not ano), as in the patterns of the rules: text and question both pass search_fold(), which puts ɲ for it. So the index
 * is contentless, and what leaves it must be given as it came: search_drop() before the row changes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct db;
struct mention;
struct writer;

enum {
	SEARCH_BATCH_ROWS = 512, /* a step: each is a segment of the index, which later is merged with others */
	SEARCH_BATCH_BYTES = 1 << 20,
	SEARCH_MERGE_FROM = 8, /* segments of a size, before they are: with FTS5's own 4 there is more to do */
};

void search_fold(struct buf *b, const char *text);
/* What FTS5 is asked for a text that a person typed. Nothing in it is FTS5's syntax. "" if there is no word in it. */
void search_question(struct buf *b, const char *text);

int search_put(struct db *db, int64_t id, const struct mention *m) must_use;
int search_drop(struct db *db, int64_t id, const struct mention *m) must_use;

/* One bounded step in a transaction of its own; *ret_more: there is more to do. */
int search_step(struct writer *w, bool *ret_more) must_use;
