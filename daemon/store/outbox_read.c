/* store/outbox_read: rows on their way to the stream, checked and made ready (store/store.h). */
#include "store/store.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "store/mention_row.h"
#include "store/recent.h"
#include "store/state.h"
#include "store/stream_id.h"

enum { ROW_MAX_BYTES = 64 << 20, NAMES_MAX_BYTES = 8 << 20 };

/* --- rows set aside: what a reader found damaged, noted by the writer --- */

struct aside_request {
	struct request request;
	int64_t id;
};

static int write_aside(struct request *req, struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_SET_STATE);
	const int64_t id = REQUEST_OF(req, struct aside_request)->id;
	int64_t n;
	int r;

	query_put_int(&q, STREAM_ASIDE);
	query_put_int(&q, id);
	query_put_int(&q, writer_stored_pending(w, id));
	r = query_run(&q);
	n = r == 0 ? (int64_t)db_changes(w->db) : 0;
	tally_rows(&w->tally, STREAM_PENDING, -n);
	tally_rows(&w->tally, STREAM_ASIDE, n);
	return r;
}

static void finish_aside(struct request *req)
{
	(void)req; /* nobody waits for it: until it is done, the row is found again */
}

static void drop_aside(struct request *req)
{
	free(req);
}

static void set_aside(struct engine *e, int64_t id)
{
	static const struct request_class class = {.write = write_aside, .finish = finish_aside, .drop = drop_aside};
	struct aside_request *p = NEW(struct aside_request);
	struct stream_id at = stream_id_unpack(id);

	LOG_ERROR("store.row_damaged", LOG_I("ms", at.ms), LOG_I("seq", (int64_t)at.seq),
		  LOG_S("why", "its checksum doesn't hold: it is set aside and not sent"));
	p->request.class = &class;
	p->id = id;
	engine_post(e, &p->request);
}

/* --- read --- */

struct read_request {
	struct request request;
	int64_t after;
	size_t max, n;
	struct outbox_row *rows;
	struct arena *arena;
	store_outbox_cb *cb;
	void *arg;
};

/* Each name once, comma-joined, in the order in which they come. A name has no comma in it. */
static void join_name(struct buf *b, const char *name)
{
	const char *at = buf_str(b);
	size_t len = strlen(name);

	while (b->len > 0 && at) {
		size_t n = strcspn(at, ",");

		if (n == len && memcmp(at, name, n) == 0)
			return;
		at = at[n] ? at + n + 1 : NULL;
	}
	if (b->len > 0)
		buf_putc(b, ',');
	buf_puts(b, name);
}

static void join_names(const struct mention *m, struct arena *a, struct outbox_row *ret)
{
	struct buf topics = BUF_INIT(NAMES_MAX_BYTES), rules = BUF_INIT(NAMES_MAX_BYTES),
		   tags = BUF_INIT(NAMES_MAX_BYTES);
	size_t i, k;

	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];

		join_name(&topics, h->topic);
		for (k = 0; k < h->n_rules; k++)
			join_name(&rules, h->rules[k]);
		for (k = 0; k < h->n_tags; k++)
			join_name(&tags, h->tags[k]);
	}
	ret->topics = arena_memdup0(a, buf_str(&topics), topics.len);
	ret->rules = arena_memdup0(a, buf_str(&rules), rules.len);
	ret->tags = arena_memdup0(a, buf_str(&tags), tags.len);
	buf_done(&topics);
	buf_done(&rules);
	buf_done(&tags);
}

/* False: its JSON passes what one row may take. */
static bool make_row(int64_t id, const struct mention *m, struct arena *a, struct outbox_row *ret)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	char key[2 * MENTION_ID_BYTES + 1], published[CLOCK_RFC3339_SIZE];

	mention_json(&j, NULL, m);
	hash_hex(m->id, MENTION_ID_BYTES, key);
	*ret = (struct outbox_row){.id = stream_id_unpack(id), .mention = arena_strdup(a, key)};
	ret->json = arena_memdup0(a, buf_str(&b), b.len);
	if (m->published_ms != TIME_NONE)
		ret->published =
			arena_strdup(a, clock_rfc3339(m->published_ms, m->published_ms % 1000 != 0, published));
	join_names(m, a, ret);
	return !b.full;
}

/* From the log, checked. 1: the row is damaged. */
static int read_row(struct reader *rd, int64_t id, struct arena *a, struct outbox_row *ret)
{
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_STREAM_ROW);
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
	return mention_row_crc(id, &row.m) != crc || !make_row(id, &row.m, a, ret);
}

/* As it was put, if that is still known. */
static bool take_recent(struct reader *rd, int64_t id, struct arena *a, struct outbox_row *ret)
{
	struct recent_row recent;
	struct mention m;
	bool made;

	if (!recent_take(rd->recent, id, &recent))
		return false;
	made = mention_row_unpack(recent.bytes, recent.len, a, &m);
	free(recent.bytes);
	m.counts = recent.counts;
	return made && make_row(id, &m, a, ret);
}

/* Of the rows that wait those behind p->after, which moves on: one way of finding them. *looked counts them. */
static int read_by(struct read_request *p, struct reader *rd, enum sql sql, int64_t after, size_t *looked)
{
	cleanup(query_end) struct query q = query_begin(rd->db, sql);
	int r = 0;

	query_put_int(&q, after);
	query_put_int(&q, (int64_t)(p->max - *looked));
	while (!arena_full(p->arena) && (r = query_next(&q)) > 0) {
		p->after = query_get_int(&q);
		r = take_recent(rd, p->after, p->arena, &p->rows[p->n])
			    ? 0
			    : read_row(rd, p->after, p->arena, &p->rows[p->n]);
		if (r < 0)
			return r;
		if (r > 0)
			set_aside(rd->engine, p->after);
		else
			p->n++;
		++*looked;
	}
	return r < 0 ? r : 0;
}

static int read_mark(struct reader *rd, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_STREAM_MARK);
	int r = query_next(&q);

	*ret = r > 0 ? query_get_int(&q) : 0;
	return r < 0 ? r : 0;
}

/* First those that wait all the same, which are not above the mark; then what is. *ret_more: what was read wasn't all. */
static int read_some(struct read_request *p, struct reader *rd, bool *ret_more)
{
	int64_t mark = 0;
	size_t looked = 0;
	int r = read_mark(rd, &mark);

	if (r == 0 && p->after < mark)
		r = read_by(p, rd, SQL_STREAM_AGAIN, p->after, &looked);
	if (r == 0 && looked < p->max)
		r = read_by(p, rd, SQL_STREAM_WAITING, p->after > mark ? p->after : mark, &looked);
	*ret_more = looked > 0 && (looked == p->max || arena_full(p->arena));
	return r;
}

/* No row in the answer says that none is pending: so where all that was looked at is damaged, it looks on. */
static int read_outbox(struct request *req, struct reader *rd)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);
	bool more;
	int r = read_some(p, rd, &more);

	while (r == 0 && p->n == 0 && more) {
		arena_free(p->arena);
		p->arena = arena_new(STORE_ROWS_MAX_BYTES);
		r = read_some(p, rd, &more);
	}
	return r;
}

static void finish_read(struct request *req)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);

	p->cb(p->arg, req->r, p->rows, req->r == 0 ? p->n : 0);
}

static void drop_read(struct request *req)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);

	arena_free(p->arena);
	free(p->rows);
	free(p);
}

void store_outbox_read(struct store *s, struct stream_id after, size_t max, store_outbox_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_outbox, .finish = finish_read, .drop = drop_read};
	struct read_request *p = NEW(struct read_request);

	p->request.class = &class;
	p->after = stream_id_pack(after);
	p->max = max < STORE_ROWS_MAX ? max : STORE_ROWS_MAX;
	p->rows = xcalloc(p->max + 1, sizeof(*p->rows));
	p->arena = arena_new(STORE_ROWS_MAX_BYTES);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
