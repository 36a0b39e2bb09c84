#include "store/keep.h"

#include "base/arena.h"
#include "base/clock.h"
#include "mention/mention.h"
#include "store/bins.h"
#include "store/change.h"
#include "store/deaf.h"
#include "store/erase.h"
#include "store/evidence.h"
#include "store/mention_row.h"
#include "store/search.h"
#include "store/story.h"
#include "store/stream_id.h"
#include "store/writer.h"

enum { FREE_PAGES_LEAST = 1024 };

static int drop_by(struct writer *w, enum sql sql, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);

	query_put_int(&q, id);
	return query_run(&q);
}

static int drop_hits(struct writer *w, const struct mention_row *row)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && row->stream && i < row->m.n_hits; i++) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_HIT_DROP);
		int64_t topic;

		r = writer_name(w, row->m.hits[i].topic, &topic);
		if (r < 0)
			return r;
		query_put_int(&q, topic);
		query_put_int(&q, row->stream);
		r = query_run(&q);
	}
	return r;
}

/* Its keys, if its source may show it again with no seen key to know it by. */
static int keep_key(struct writer *w, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_PAST_ADD);
	int r;

	query_put_int(&q, id);
	query_put_int(&q, clock_wall_ms());
	r = query_run(&q);
	w->past |= r == 0 && db_changes(w->db) > 0;
	return r;
}

/* A mention and all that hangs on it. */
static int drop_mention(struct writer *w, int64_t id)
{
	static const enum sql parts[] = {SQL_ALIAS_DROP,  SQL_SIGHTING_DROP, SQL_VERSION_DROP,
					 SQL_COUNTS_DROP, SQL_FORMER_DROP,   SQL_MENTION_DROP};
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	struct mention_row row;
	size_t i;
	int r = mention_row_find(w->db, NULL, id, a, &row);

	if (r == 0) { /* not one that can't be read any more: that was never searchable, or is not as it was */
		if (row.id <= w->search_mark)
			r = search_drop(w->db, row.id, &row.m);
		if (r == 0)
			r = drop_hits(w, &row);
	}
	if (r >= 0)
		r = keep_key(w, id);
	for (i = 0; r >= 0 && i < ARRAY_LEN(parts); i++)
		r = drop_by(w, parts[i], id);
	return r < 0 ? r : 0;
}

struct batch {
	int64_t mention[KEEP_BATCH_ROWS], stream[KEEP_BATCH_ROWS];
	size_t n;
};

/* Mentions that never entered the stream. They lie in the order in which they came, so the first that is young enough
 * ends the pass; rows from a clock that was ahead don't. *ret_end: nothing more to look at. */
static int find_plain(struct writer *w, int64_t now_ms, struct batch *batch, bool *ret_end)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MENTION_PLAIN);
	int64_t before = now_ms - w->config.keep_mentions_ms, mark = w->plain_mark;
	size_t looked = 0;
	int r = 0;

	*ret_end = true;
	if (w->config.keep_mentions_ms <= 0)
		return 0;
	query_put_int(&q, mark);
	query_put_int(&q, KEEP_LOOK_ROWS);
	while (batch->n < KEEP_BATCH_ROWS && (r = query_next(&q)) > 0) {
		int64_t id = query_get_int(&q), stream = query_get_int(&q), seen_ms = query_get_int(&q);

		if (seen_ms >= before && seen_ms <= now_ms + DAY_MS)
			break;
		looked++;
		w->plain_mark = id;
		if (stream == 0 && seen_ms < before)
			batch->mention[batch->n++] = id;
	}
	*ret_end = looked < KEEP_LOOK_ROWS && batch->n < KEEP_BATCH_ROWS;
	return r < 0 ? r : 0;
}

/* Rows that wait are spared; with no queue none is, in earnest. */
static void put_spared(struct query *q, const struct writer *w)
{
	query_put_int(q, w->config.outbox ? w->tally.sent[OUTBOX_HITS] : INT64_MAX);
	query_put_int(q, w->config.outbox ? STREAM_AGAIN : -1);
}

static int find_hits(struct writer *w, int64_t now_ms, struct batch *batch)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_OLD);
	int64_t before = stream_id_pack((struct stream_id){.ms = now_ms - w->config.keep_hits_ms});
	int r = 0;

	if (w->config.keep_hits_ms <= 0)
		return 0;
	if (before > w->last_stream)
		before = w->last_stream; /* the newest is not let go */
	query_put_int(&q, before);
	put_spared(&q, w);
	query_put_int(&q, KEEP_BATCH_ROWS);
	while (batch->n < KEEP_BATCH_ROWS && (r = query_next(&q)) > 0) {
		batch->stream[batch->n] = query_get_int(&q);
		batch->mention[batch->n++] = query_get_int(&q);
	}
	return r < 0 ? r : 0;
}

static int used_bytes(struct writer *w, int64_t *ret)
{
	int64_t pages, free_pages, page_bytes;
	int r = db_number(w->db, "PRAGMA page_count", &pages);

	if (r == 0)
		r = db_number(w->db, "PRAGMA freelist_count", &free_pages);
	if (r == 0)
		r = db_number(w->db, "PRAGMA page_size", &page_bytes);
	if (r == 0)
		*ret = (pages - free_pages) * page_bytes;
	return r;
}

/* Past the bound of size: the oldest go, whatever they are, but for what is pending. With nothing else left the log is
 * full, until Redis has taken some of it. */
static int find_oldest(struct writer *w, struct batch *batch)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MENTION_OLDEST);
	int64_t used = 0;
	int r = 0;

	if (w->config.size_bytes > 0)
		r = used_bytes(w, &used);
	if (r < 0)
		return r;
	if (used <= w->config.size_bytes) {
		writer_set_full(w, w->disk_full, false);
		return 0;
	}
	query_put_int(&q, w->last_stream);
	put_spared(&q, w);
	query_put_int(&q, KEEP_BATCH_ROWS);
	while (batch->n < KEEP_BATCH_ROWS && (r = query_next(&q)) > 0) {
		batch->mention[batch->n] = query_get_int(&q);
		batch->stream[batch->n++] = query_get_int(&q);
	}
	if (r == 0)
		writer_set_full(w, w->disk_full, batch->n == 0);
	return r < 0 ? r : 0;
}

int keep_drop(struct writer *w, int64_t mention, int64_t stream)
{
	int r = drop_mention(w, mention);

	return r < 0 || !stream ? r : drop_by(w, SQL_STREAM_DROP, stream);
}

static int drop_batch(struct writer *w, const struct batch *batch)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < batch->n; i++) {
		r = keep_drop(w, batch->mention[i], batch->stream[i]);
	}
	return r;
}

static int drop_before(struct writer *w, enum sql sql, int64_t before_ms, int64_t limit)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);

	query_put_int(&q, before_ms);
	if (limit > 0)
		query_put_int(&q, limit);
	return query_run(&q);
}

/* Sources that haven't been asked for long (FAULTS C4: one that comes back sooner goes on where it was), and what nothing
 * speaks of any more. */
static int sweep(struct writer *w, int64_t now_ms, int64_t steady_ms, bool *ret_more)
{
	int r;

	if (w->swept_at_ms && steady_ms - w->swept_at_ms < KEEP_SWEEP_HOURS * HOUR_MS)
		return 0;
	r = deaf_sweep(w->db, now_ms, w->swept_at_ms != 0);
	if (r == 0)
		r = drop_before(w, SQL_SOURCE_OLD, now_ms - STORE_SOURCE_DAYS * DAY_MS, KEEP_BATCH_ROWS);
	if (r < 0)
		return r;
	*ret_more = db_changes(w->db) == KEEP_BATCH_ROWS;
	r = story_sweep(w, now_ms, ret_more);
	if (r < 0 || *ret_more)
		return r;
	r = bins_sweep(w->bins, w->db, now_ms);
	if (r == 0)
		r = evidence_sweep(w, now_ms);
	if (r == 0)
		r = erase_sweep(w, now_ms);
	if (r == 0)
		r = change_sweep(w, now_ms);
	if (r == 0)
		r = drop_before(w, SQL_PAST_OLD, now_ms - STORE_PAST_DAYS * DAY_MS, 0);
	if (r == 0)
		r = db_run(w->db, SQL_NAME_UNUSED);
	writer_forget_names(w);
	w->swept_at_ms = steady_ms ? steady_ms : 1;
	return r;
}

/* Gives pages back when many are free. */
static int shrink(struct writer *w, bool *ret_more)
{
	int64_t free_pages, pages;
	int r = db_number(w->db, "PRAGMA freelist_count", &free_pages);

	if (r == 0)
		r = db_number(w->db, "PRAGMA page_count", &pages);
	if (r < 0 || free_pages < FREE_PAGES_LEAST || free_pages < pages / 4)
		return r;
	*ret_more = true;
	return db_run(w->db, SQL_VACUUM);
}

int keep_step(struct writer *w, bool *ret_more)
{
	int64_t now_ms = clock_wall_ms(), steady_ms = clock_steady_ms(), plain_mark = w->plain_mark;
	struct batch batch = {.n = 0};
	bool plain_end = true;
	int r;

	*ret_more = false;
	if (w->kept_at_ms && !w->size_full && steady_ms - w->kept_at_ms < KEEP_EVERY_MS)
		return 0;
	r = find_hits(w, now_ms, &batch);
	if (r == 0 && batch.n == 0)
		r = find_plain(w, now_ms, &batch, &plain_end);
	if (r == 0 && batch.n == 0 && plain_end)
		r = find_oldest(w, &batch);
	if (r == 0)
		r = drop_batch(w, &batch);
	if (r == 0 && batch.n == 0 && plain_end)
		r = sweep(w, now_ms, steady_ms, ret_more);
	if (r == 0 && batch.n == 0 && plain_end && !*ret_more)
		r = shrink(w, ret_more);
	if (r < 0) {
		w->plain_mark = plain_mark;
		w->kept_at_ms = steady_ms; /* not again at once */
		return r;
	}
	if (batch.n > 0 || !plain_end)
		*ret_more = true;
	if (!*ret_more)
		w->kept_at_ms = steady_ms ? steady_ms : 1;
	return 0;
}
