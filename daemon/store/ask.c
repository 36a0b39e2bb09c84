/* store/ask: the questions put to the log (store/store.h). */
#include "store/store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "store/mention_row.h"
#include "store/search.h"
#include "store/state.h"
#include "store/stream_id.h"

enum { ROW_MAX_BYTES = 64 << 20, QUESTION_MAX_BYTES = 8 * STORE_SEARCH_MAX_BYTES };

struct rows_request {
	struct request request;
	struct store_hits_filter filter;
	char *text; /* a topic, or what FTS5 is asked for */
	uint8_t id[MENTION_ID_BYTES];
	size_t limit, n, cap;
	struct store_row *rows;
	struct arena *arena;
	store_rows_cb *cb;
	void *arg;
};

static const char *join_topics(struct arena *a, const struct mention *m)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		buf_printf(&b, "%s%s", i ? "," : "", m->hits[i].topic);
	return arena_strdup(a, buf_str(&b));
}

static void add_row(struct rows_request *p, int64_t stream, const struct mention *m, const struct buf *json)
{
	p->rows = GROW(p->rows, p->n, &p->cap);
	p->rows[p->n++] = (struct store_row){
		.id = stream_id_unpack(stream),
		.json = arena_memdup0(p->arena, buf_str(json), json->len),
		.topics = join_topics(p->arena, m),
	};
}

/* Rows of SQL_MENTION, as far as the bounds of one answer go. A damaged one is left out: the outbox tells of it. */
static int read_rows(struct rows_request *p, struct query *q)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	int r = 0;

	query_put_int(q, (int64_t)p->limit);
	while (!arena_full(p->arena) && (r = query_next(q)) > 0) {
		cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
		struct json j = JSON_OUT(&b);
		struct mention_row row;

		r = mention_row_read(q, a, &row);
		if (r < 0)
			return r;
		buf_reset(&b);
		mention_json(&j, NULL, &row.m);
		if (r == 0 && !b.full)
			add_row(p, row.stream, &row.m, &b);
	}
	return r < 0 ? r : 0;
}

static void finish_rows(struct request *req)
{
	struct rows_request *p = REQUEST_OF(req, struct rows_request);

	p->cb(p->arg, req->r, p->rows, req->r == 0 ? p->n : 0);
}

static void drop_rows(struct request *req)
{
	struct rows_request *p = REQUEST_OF(req, struct rows_request);

	arena_free(p->arena);
	free(p->rows);
	free(p->text);
	free(p);
}

static struct rows_request *rows_request_new(const struct request_class *class, size_t limit, store_rows_cb *cb,
					     void *arg)
{
	struct rows_request *p = NEW(struct rows_request);

	p->request.class = class;
	p->limit = limit > 0 && limit < STORE_ROWS_MAX ? limit : STORE_ROWS_MAX;
	p->arena = arena_new(STORE_ROWS_MAX_BYTES);
	p->cb = cb;
	p->arg = arg;
	return p;
}

/* --- hits --- */

static int read_hits(struct request *req, struct reader *rd)
{
	static const enum sql questions[2][2] = {{SQL_HITS_NEWEST, SQL_HITS_NEWEST_TOPIC},
						 {SQL_HITS_SINCE, SQL_HITS_SINCE_TOPIC}};
	struct rows_request *p = REQUEST_OF(req, struct rows_request);
	cleanup(query_end) struct query q = query_begin(rd->db, questions[p->filter.since][p->text != NULL]);
	size_t i;
	int r;

	if (p->text)
		query_put_text(&q, p->text);
	if (p->filter.since)
		query_put_int(&q, stream_id_pack(p->filter.after));
	r = read_rows(p, &q);
	for (i = 0; !p->filter.since && i < p->n / 2; i++) { /* the newest came first */
		struct store_row row = p->rows[i];

		p->rows[i] = p->rows[p->n - 1 - i];
		p->rows[p->n - 1 - i] = row;
	}
	return r;
}

void store_hits(struct store *s, const struct store_hits_filter *filter, store_rows_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_hits, .finish = finish_rows, .drop = drop_rows, .patient = true};
	struct rows_request *p = rows_request_new(&class, filter->limit, cb, arg);

	p->filter = *filter;
	p->text = filter->topic ? xstrdup(filter->topic) : NULL;
	p->filter.topic = NULL;
	engine_post(s->engine, &p->request);
}

/* --- search --- */

static int read_search(struct request *req, struct reader *rd)
{
	struct rows_request *p = REQUEST_OF(req, struct rows_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_SEARCH);

	if (!*p->text)
		return 0;
	query_put_text(&q, p->text);
	return read_rows(p, &q);
}

/* What is not in the index yet comes first. Where that can't be (a full disk), it is not found. */
struct fill_request {
	struct request request;
	struct engine *engine;
	struct rows_request *question;
};

static int write_fill(struct request *req, struct writer *w)
{
	(void)req;
	return search_catch_up(w);
}

static void finish_fill(struct request *req)
{
	struct fill_request *p = REQUEST_OF(req, struct fill_request);

	engine_post(p->engine, &p->question->request);
}

static void drop_fill(struct request *req)
{
	free(req);
}

void store_search(struct store *s, const char *text, size_t limit, store_rows_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_search, .finish = finish_rows, .drop = drop_rows, .patient = true};
	static const struct request_class fill = {
		.write = write_fill, .finish = finish_fill, .drop = drop_fill, .grows = true};
	struct fill_request *p = NEW(struct fill_request);
	struct buf b = BUF_INIT(QUESTION_MAX_BYTES);

	p->request = (struct request){.class = &fill, .rows = STORE_GROUP_ROWS}; /* a transaction of its own */
	p->engine = s->engine;
	p->question = rows_request_new(&class, limit, cb, arg);
	search_question(&b, text);
	p->question->text = buf_steal(&b);
	engine_post(s->engine, &p->request);
}

/* --- one mention --- */

static int put_sightings(struct db *db, struct json *j, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SIGHTINGS);
	int r;

	query_put_int(&q, id);
	json_begin_array(j, "also");
	while ((r = query_next(&q)) > 0)
		json_text(j, NULL, query_get_text(&q));
	json_end_array(j);
	return r;
}

static int put_versions(struct db *db, struct json *j, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_VERSIONS);
	int r;

	query_put_int(&q, id);
	json_begin_array(j, "versions");
	while ((r = query_next(&q)) > 0) {
		json_begin_object(j, NULL);
		json_time(j, "until", query_get_time(&q), true);
		json_text(j, "title", query_get_text(&q));
		json_text(j, "text", query_get_text(&q));
		json_end_object(j);
	}
	json_end_array(j);
	return r;
}

static int put_counts(struct db *db, struct json *j, int64_t id)
{
	static const char *const keys[] = {"likes", "shares", "replies", "views"};
	cleanup(query_end) struct query q = query_begin(db, SQL_COUNTS);
	size_t i;
	int r;

	query_put_int(&q, id);
	json_begin_array(j, "counts");
	while ((r = query_next(&q)) > 0) {
		json_begin_object(j, NULL);
		json_time(j, "at", query_get_time(&q), true);
		for (i = 0; i < ARRAY_LEN(keys); i++) {
			int64_t n = query_get_count(&q);

			if (n >= 0)
				json_int(j, keys[i], n);
		}
		json_end_object(j);
	}
	json_end_array(j);
	return r;
}

static int read_mention(struct request *req, struct reader *rd)
{
	struct rows_request *p = REQUEST_OF(req, struct rows_request);
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	struct mention_row row;
	int r = mention_row_find(rd->db, p->id, 0, a, &row);

	if (r != 0)
		return r < 0 ? r : 0;
	json_begin_object(&j, NULL);
	mention_json(&j, "mention", &row.m);
	r = put_sightings(rd->db, &j, row.id);
	if (r == 0)
		r = put_versions(rd->db, &j, row.id);
	if (r == 0)
		r = put_counts(rd->db, &j, row.id);
	json_end_object(&j);
	if (r == 0 && !b.full)
		add_row(p, row.stream, &row.m, &b);
	return r;
}

void store_mention(struct store *s, const uint8_t id[MENTION_ID_BYTES], store_rows_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_mention, .finish = finish_rows, .drop = drop_rows, .patient = true};
	struct rows_request *p = rows_request_new(&class, 1, cb, arg);

	memcpy(p->id, id, MENTION_ID_BYTES);
	engine_post(s->engine, &p->request);
}

/* --- status --- */

struct status_request {
	struct request request;
	struct store_status status;
	char *db_path;
	store_status_cb *cb;
	void *arg;
};

static int read_totals(struct db *db, int64_t total[TOTALS])
{
	cleanup(query_end) struct query q = query_begin(db, SQL_TOTALS);
	size_t i;
	int r = 0;

	for (i = 0; i < TOTALS && (r = query_next(&q)) > 0; i++)
		total[i] = query_get_int(&q);
	return r < 0 ? r : i == TOTALS ? 0 : -EBADMSG;
}

/* The one id that the statement finds: 0 where there is none. */
static int read_id(struct db *db, enum sql sql, struct stream_id *ret)
{
	cleanup(query_end) struct query q = query_begin(db, sql);
	int r = query_next(&q);

	*ret = stream_id_unpack(r > 0 ? query_get_int(&q) : 0);
	return r < 0 ? r : 0;
}

static int read_changes(struct db *db, struct store_outbox_status *st)
{
	int r = db_number(db, sql_text[SQL_CHANGE_WAIT], &st->pending);

	if (r == 0)
		r = db_number(db, sql_text[SQL_CHANGE_ASIDE], &st->set_aside);
	if (r == 0)
		r = db_number(db, sql_text[SQL_CHANGE_ERASE_WAITING], &st->erasing);
	return r == 0 ? read_id(db, SQL_CHANGE_OLDEST_WAITING, &st->oldest_pending) : r;
}

static int read_log(struct db *db, struct store_status *st)
{
	cleanup(query_end) struct query ends = query_begin(db, SQL_MENTION_ENDS);
	int64_t newest = 0, mark = 0, total[TOTALS] = {0};
	int r = read_totals(db, total);

	if (r == 0)
		r = read_id(db, SQL_STREAM_LAST, &st->last);
	if (r == 0 && total[STREAM_PENDING]) /* else it would be looked for among all that stays in the log alone */
		r = read_id(db, SQL_STREAM_OLDEST_WAITING, &st->oldest_pending);
	if (r == 0)
		r = db_number(db, sql_text[SQL_STREAM_ERASE_WAITING], &st->erasing);
	if (r == 0)
		r = read_changes(db, &st->incidents);
	if (r == 0)
		r = query_next(&ends);
	if (r > 0) {
		newest = query_get_int(&ends);
		st->oldest_mention_ms = query_get_time(&ends);
		r = db_number(db, sql_text[SQL_SEARCH_MARK], &mark);
	}
	st->search_lag = newest > mark ? newest - mark : 0;
	st->last_sent = stream_id_unpack(total[TOTAL_LAST_SENT]);
	st->sources = total[TOTAL_SOURCES];
	st->mentions = total[TOTAL_MENTIONS];
	st->hits = total[STREAM_PENDING] + total[STREAM_SENT] + total[STREAM_KEPT] + total[STREAM_ASIDE];
	st->pending = total[STREAM_PENDING];
	st->set_aside = total[STREAM_ASIDE];
	return r;
}

static int64_t file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static int read_status(struct request *req, struct reader *rd)
{
	struct status_request *p = REQUEST_OF(req, struct status_request);
	cleanup(freep) char *wal_path = xasprintf("%s-wal", p->db_path);
	int64_t free_pages = 0, page_bytes = 0;
	int r = read_log(rd->db, &p->status);

	if (r == 0)
		r = db_number(rd->db, "PRAGMA freelist_count", &free_pages);
	if (r == 0)
		r = db_number(rd->db, "PRAGMA page_size", &page_bytes);
	p->status.db_bytes = file_bytes(p->db_path);
	p->status.wal_bytes = file_bytes(wal_path);
	p->status.free_bytes = free_pages * page_bytes;
	return r;
}

static void finish_status(struct request *req)
{
	struct status_request *p = REQUEST_OF(req, struct status_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->status : NULL);
}

static void drop_status(struct request *req)
{
	free(REQUEST_OF(req, struct status_request)->db_path);
	free(req);
}

void store_status(struct store *s, store_status_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_status, .finish = finish_status, .drop = drop_status, .patient = true};
	struct status_request *p = NEW(struct status_request);

	p->request.class = &class;
	p->db_path = xstrdup(s->db_path);
	p->status.oldest_mention_ms = TIME_NONE;
	p->status.full = s->writer.full;
	p->status.recreated = s->recreated;
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
