/* store/outbox_read: rows on their way to the stream, checked and made ready (store/store.h). */
#include "store/store.h"

#include "base/buf.h"
#include "base/log.h"
#include "store/entry.h"
#include "store/outbox_kind.h"
#include "store/recent.h"
#include "store/state.h"
#include "store/stream_id.h"

/* --- rows set aside: what a reader found damaged, noted by the writer --- */

struct aside_request {
	struct request request;
	enum outbox_stream which;
	int64_t id;
};

static int write_aside(struct request *req, struct writer *w)
{
	const struct aside_request *p = REQUEST_OF(req, struct aside_request);
	cleanup(query_end) struct query q = query_begin(w->db, outbox_kind(p->which)->set_state);
	int64_t n;
	int r;

	query_put_int(&q, STREAM_ASIDE);
	query_put_int(&q, p->id);
	query_put_int(&q, writer_stored_pending(w, p->which, p->id));
	r = query_run(&q);
	n = r == 0 ? (int64_t)db_changes(w->db) : 0;
	outbox_count(w, p->which, STREAM_PENDING, -n);
	outbox_count(w, p->which, STREAM_ASIDE, n);
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

static void set_aside(struct engine *e, enum outbox_stream which, int64_t id)
{
	static const struct request_class class = {.write = write_aside, .finish = finish_aside, .drop = drop_aside};
	struct aside_request *p = NEW(struct aside_request);
	struct stream_id at = stream_id_unpack(id);

	LOG_ERROR("store.row_damaged", LOG_S("of", which == OUTBOX_HITS ? "hits" : "incidents"), LOG_I("ms", at.ms),
		  LOG_I("seq", (int64_t)at.seq),
		  LOG_S("why", "its checksum doesn't hold: it is set aside and not sent"));
	p->request.class = &class;
	p->which = which;
	p->id = id;
	engine_post(e, &p->request);
}

/* --- read --- */

struct read_request {
	struct request request;
	enum outbox_stream which;
	int64_t after;
	size_t max, n, bytes;
	struct entry *entries;   /* n: what their rows point into */
	struct outbox_row *rows; /* the same, as they are handed on */
	store_outbox_cb *cb;
	void *arg;
};

static bool has_room(const struct read_request *p)
{
	return p->n == 0 || p->bytes < STORE_ROWS_MAX_BYTES;
}

/* Of the rows that wait those behind p->after, which moves on: one way of finding them. *looked counts them. */
static int read_by(struct read_request *p, struct reader *rd, enum sql sql, int64_t after, size_t *looked)
{
	cleanup(buf_done) struct buf scratch = BUF_INIT(ENTRY_MAX_BYTES);
	cleanup(query_end) struct query q = query_begin(rd->db, sql);
	int r = 0;

	query_put_int(&q, after);
	query_put_int(&q, (int64_t)(p->max - *looked));
	while (has_room(p) && (r = query_next(&q)) > 0) {
		struct entry *e = &p->entries[p->n];

		p->after = query_get_int(&q);
		r = p->which == OUTBOX_HITS && recent_take(rd->recent, p->after, e)
			    ? 0
			    : outbox_kind(p->which)->entry(rd, p->after, &scratch, e);
		if (r < 0)
			return r;
		++*looked;
		if (r > 0) {
			set_aside(rd->engine, p->which, p->after);
			continue;
		}
		p->bytes += e->bytes;
		p->rows[p->n++] = e->row;
	}
	return r < 0 ? r : 0;
}

static int read_mark(struct reader *rd, enum sql sql, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(rd->db, sql);
	int r = query_next(&q);

	*ret = r > 0 ? query_get_int(&q) : 0;
	return r < 0 ? r : 0;
}

/* First those that wait all the same, which are not above the mark; then what is. *ret_more: what was read wasn't all. */
static int read_some(struct read_request *p, struct reader *rd, bool *ret_more)
{
	const struct outbox_kind *kind = outbox_kind(p->which);
	int64_t mark = 0;
	size_t looked = 0;
	int r = read_mark(rd, kind->mark, &mark);

	if (r == 0 && p->after < mark)
		r = read_by(p, rd, kind->again, p->after, &looked);
	if (r == 0 && looked < p->max)
		r = read_by(p, rd, kind->waiting, p->after > mark ? p->after : mark, &looked);
	*ret_more = looked > 0 && (looked == p->max || !has_room(p));
	return r;
}

/* No row in the answer says that none is pending: so where all that was looked at is damaged, it looks on. */
static int read_outbox(struct request *req, struct reader *rd)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);
	bool more;
	int r;

	do {
		r = read_some(p, rd, &more);
	} while (r == 0 && p->n == 0 && more);
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

	while (p->n > 0)
		entry_done(&p->entries[--p->n]);
	free(p->entries);
	free(p->rows);
	free(p);
}

void store_outbox_read(struct store *s, enum outbox_stream which, struct stream_id after, size_t max,
		       store_outbox_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_outbox, .finish = finish_read, .drop = drop_read};
	struct read_request *p = NEW(struct read_request);

	p->request.class = &class;
	p->which = which;
	p->after = stream_id_pack(after);
	p->max = max < STORE_ROWS_MAX ? max : STORE_ROWS_MAX;
	p->entries = xcalloc(p->max + 1, sizeof(*p->entries));
	p->rows = xcalloc(p->max + 1, sizeof(*p->rows));
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
