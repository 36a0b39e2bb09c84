#pragma once
/*
 * store/outbox_kind: what is different between the two outboxes: where their rows lie, how one becomes an entry, and how it gets
 * another id. All else (store/store.h) is the same code.
 */
#include "mention/outbox_row.h"
#include "store/request.h"
#include "store/sql.h"

struct buf;
struct entry;
struct writer;

struct outbox_kind {
	enum sql mark, set_state, waits_between, waits_behind, ids_between, waiting, again, sent_between, sent_up_to;
	enum sql erase_read, erase_done, erase_old;
	bool counted; /* its rows are, in the table total */
	/* From the log, checked. 1: the row is damaged. */
	int (*entry)(struct reader *rd, int64_t id, struct buf *scratch, struct entry *ret);
	/* -ENOENT: there is no such row. */
	int (*move)(struct writer *w, int64_t from, int64_t to);
};

const struct outbox_kind *outbox_kind(enum outbox_stream which);
/* So many more rows in that state, or fewer. */
void outbox_count(struct writer *w, enum outbox_stream which, int state, int64_t n);
