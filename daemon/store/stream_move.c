#include "store/stream_move.h"

#include <errno.h>

#include "store/erase.h"
#include "store/mention_row.h"
#include "store/recent.h"
#include "store/writer.h"

static int find(struct writer *w, int64_t id, int64_t *ret_mention, int *ret_state)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_FIND);
	int r;

	query_put_int(&q, id);
	r = query_next(&q);
	if (r > 0) {
		*ret_mention = query_get_int(&q);
		*ret_state = (int)query_get_int(&q);
	}
	return r < 0 ? r : r == 0 ? -ENOENT : 0;
}

static int move_hits(struct writer *w, const struct mention *m, int64_t from, int64_t to)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < m->n_hits; i++) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_HIT_MOVE);
		int64_t topic;

		r = writer_name(w, m->hits[i].topic, &topic);
		if (r < 0)
			return r;
		query_put_int(&q, to);
		query_put_int(&q, topic);
		query_put_int(&q, from);
		r = query_run(&q);
	}
	return r;
}

static int put(struct writer *w, enum sql sql, int64_t value, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);

	query_put_int(&q, value);
	query_put_int(&q, id);
	return query_run(&q);
}

int stream_move(struct writer *w, int64_t from, const struct mention *m, int64_t to)
{
	const int now = w->config.outbox ? STREAM_PENDING : STREAM_KEPT;
	cleanup(query_end) struct query move = query_begin(w->db, SQL_STREAM_MOVE);
	int64_t mention;
	int state, r = find(w, from, &mention, &state);

	if (r < 0)
		return r;
	if (w->recent)
		recent_forget(w->recent, from);
	query_put_int(&move, to);
	query_put_int(&move, now == STREAM_PENDING ? STREAM_BY_MARK : now); /* above the mark, as the newest */
	query_put_int(&move, mention_row_crc(to, m));
	query_put_int(&move, from);
	r = query_run(&move);
	if (r == 0 && state == STREAM_SENT)
		r = erase_note_former(w, mention, from);
	if (r < 0)
		return r;
	tally_rows(&w->tally, state, -1);
	tally_rows(&w->tally, now, 1);
	r = put(w, SQL_MENTION_SET_STREAM, to, mention);
	return r < 0 ? r : move_hits(w, m, from, to);
}
