#pragma once
/*
 * store/mention_row: a mention as a row of the log.
 *
 * What is read back is what was put, bit for bit (absent facts are put in one form), so that a checksum over the record
 * finds a row that the disk has changed (FAULTS D8).
 */
#include <stdint.h>

#include "mention/mention.h"
#include "store/db.h"

struct arena;
struct buf;

enum { MENTION_ROW_HITS_MAX_BYTES = 4 << 20 }; /* of one mention; past it -EINVAL */

struct mention_row {
	int64_t id;     /* rowid */
	int64_t stream; /* packed stream id; 0: never entered */
	int64_t source; /* of its name */
	struct mention m;
};

enum { MENTION_ROW_E_KNOWN = 1, MENTION_ROW_E_NONE, MENTION_ROW_E_DAMAGED };
int mention_row_add(struct db *db, const struct mention_row *row) must_use; /* MENTION_ROW_E_KNOWN: its key is there */
int mention_row_set(struct db *db, const struct mention_row *row) must_use;
/* By key or, where that is NULL, by rowid. MENTION_ROW_E_NONE, MENTION_ROW_E_DAMAGED. */
int mention_row_find(struct db *db, const uint8_t *key, int64_t id, struct arena *a, struct mention_row *ret) must_use;
/* The SQL_MENTION columns of q, from where it stands. MENTION_ROW_E_DAMAGED. */
int mention_row_read(struct query *q, struct arena *a, struct mention_row *ret) must_use;

/* Over the row's stream id and all of the mention but its counts, which change. */
enum { MENTION_ROW_PACKED_MAX_BYTES = 16 << 20 };
uint32_t mention_row_crc(int64_t stream, const struct mention *m);
uint32_t mention_row_pack(int64_t stream, const struct mention *m,
			  struct buf *scratch); /* the same, in room that is there */

/* Absent facts in the one form that is read back. */
void mention_row_normalise(struct mention *m);
