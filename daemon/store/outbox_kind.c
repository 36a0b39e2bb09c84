#include "store/outbox_kind.h"

#include <errno.h>

#include "base/arena.h"
#include "store/change.h"
#include "store/entry.h"
#include "store/mention_row.h"
#include "store/stream_move.h"
#include "store/writer.h"

/* --- hits --- */

static int hit_entry(struct reader *rd, int64_t id, struct buf *scratch, struct entry *ret)
{
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_STREAM_ROW);
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	struct mention_row row;
	int64_t crc;
	int r;

	query_put_int(&q, id);
	r = query_next(&q);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG; /* its index says that it is there */
	crc = query_get_int(&q);
	r = mention_row_read(&q, a, &row);
	if (r != 0)
		return r;
	return mention_row_pack(id, &row.m, scratch) != crc || !entry_make(id, &row.m, scratch, ret);
}

static int hit_move(struct writer *w, int64_t from, int64_t to)
{
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_FIND);
	struct mention_row row;
	int r;

	query_put_int(&q, from);
	r = query_next(&q);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = mention_row_find(w->db, NULL, query_get_int(&q), a, &row);
	if (r != 0)
		return r < 0 ? r : -EBADMSG;
	query_end(&q);
	return stream_move(w, from, &row.m, to);
}

/* --- both --- */

#define STATEMENTS(K)                                                                                                  \
	.mark = SQL_##K##_MARK, .set_state = SQL_##K##_SET_STATE, .waits_between = SQL_##K##_WAITS_BETWEEN,            \
	.waits_behind = SQL_##K##_WAITS_BEHIND, .ids_between = SQL_##K##_IDS_BETWEEN, .waiting = SQL_##K##_WAITING,    \
	.again = SQL_##K##_AGAIN, .sent_between = SQL_##K##_SENT_BETWEEN, .sent_up_to = SQL_##K##_SENT_UP_TO,          \
	.erase_read = SQL_##K##_ERASE_READ, .erase_done = SQL_##K##_ERASE_DONE, .erase_old = SQL_##K##_ERASE_OLD

const struct outbox_kind *outbox_kind(enum outbox_stream which)
{
	static const struct outbox_kind kinds[OUTBOX_STREAMS] = {
		[OUTBOX_HITS] = {STATEMENTS(STREAM), .counted = true, .entry = hit_entry, .move = hit_move},
		[OUTBOX_INCIDENTS] = {STATEMENTS(CHANGE), .entry = change_entry, .move = change_move},
	};

	return &kinds[which];
}

void outbox_count(struct writer *w, enum outbox_stream which, int state, int64_t n)
{
	if (outbox_kind(which)->counted)
		tally_rows(&w->tally, state, n);
}
