#pragma once
/*
 * store/tally: what a transaction of the writer adds to the log's counts, added up in memory and written once, before it
 * commits. Triggers that did the same took half of the time that a hit took. What only retention does (rows that go) is
 * still counted by triggers: sums don't mind who adds to them.
 *
 * Owner:  store/writer. A request that is undone takes a copy from before it back; a transaction that is undone, nothing.
 * Exact:  the counts change in the transaction of what they count, so that a crash at any moment leaves both or neither.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mention/outbox_row.h"

struct db;

enum { TALLY_NAMES = 64 }; /* sources and topics between two writings; one more writes the others */

/* Rows of the table total: the first four count rows of stream by their state. */
enum { TOTAL_MENTIONS = 4, TOTAL_SOURCES, TOTAL_LAST_SENT, TOTAL_LAST_MENTION, TOTALS };

struct tally {
	int64_t added[TOTAL_SOURCES]; /* to the counts up to TOTAL_MENTIONS */
	int64_t sent[OUTBOX_STREAMS]; /* the marks: the largest id that was sent; 0: none */
	int64_t last_mention;         /* the largest number that was ever given: none is given again */
	struct {
		int64_t name, n;
	} uses[TALLY_NAMES];
	size_t n_uses;
	bool changed, sent_moved[OUTBOX_STREAMS];
};

/* What is in the log, where nothing is added: after a start, and after a transaction was undone. */
int tally_load(struct tally *t, struct db *db) must_use;
void tally_rows(struct tally *t, int state, int64_t n); /* rows of stream in that state: so many more, or fewer */
void tally_set_sent(struct tally *t, enum outbox_stream which,
		    int64_t id);        /* on or, where the stream has lost something, back */
int64_t tally_mention(struct tally *t); /* one more: its number */
int tally_use(struct tally *t, struct db *db, int64_t name) must_use;
int tally_write(struct tally *t, struct db *db) must_use;

/* Counts all of it anew, in a transaction of the caller's: rows came in by other doors. */
int tally_recount(struct db *db) must_use;
