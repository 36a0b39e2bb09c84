#include "store/erase.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "mention/mention.h"
#include "store/outbox_kind.h"
#include "store/state.h"
#include "store/stream_id.h"

/* --- within the room --- */

static int run(struct writer *w, enum sql sql, int64_t a, int64_t b)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);

	query_put_int(&q, a);
	query_put_int(&q, b);
	return query_run(&q);
}

int erase_mention(struct writer *w, int64_t mention, int64_t stream)
{
	int r = stream ? run(w, SQL_ERASE_ADD, stream, mention) : 0;

	return r < 0 ? r : run(w, SQL_ERASE_ADD_FORMER, mention, mention);
}

int erase_note_former(struct writer *w, int64_t mention, int64_t stream)
{
	return run(w, SQL_FORMER_ADD, mention, stream);
}

int erase_sweep(struct writer *w, int64_t now_ms)
{
	int which, r = 0;

	for (which = 0; r == 0 && which < OUTBOX_STREAMS; which++) {
		cleanup(query_end) struct query q =
			query_begin(w->db, outbox_kind((enum outbox_stream)which)->erase_old);

		query_put_int(&q, now_ms - STORE_ERASE_AGAIN_DAYS * DAY_MS);
		r = query_run(&q);
	}
	return r;
}

/* --- what is to go --- */

struct read_request {
	struct request request;
	enum outbox_stream which;
	int64_t after;
	bool late;
	size_t max, n;
	struct outbox_erase rows[STORE_ERASE_ROWS_MAX];
	store_erase_cb *cb;
	void *arg;
};

static int read_rows(struct request *req, struct reader *rd)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);
	cleanup(query_end) struct query q = query_begin(rd->db, outbox_kind(p->which)->erase_read);
	int r;

	p->n = 0;
	query_put_int(&q, p->after);
	query_put_int(&q, p->late);
	query_put_int(&q, (int64_t)p->max);
	while ((r = query_next(&q)) > 0) {
		struct outbox_erase *row = &p->rows[p->n++];
		const void *key;
		size_t len;

		row->id = stream_id_unpack(query_get_int(&q));
		key = query_get_blob(&q, &len);
		if (len != MENTION_ID_BYTES)
			return -EBADMSG;
		hash_hex(key, len, row->mention);
	}
	return r;
}

static void finish_read(struct request *req)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);

	p->cb(p->arg, req->r, p->rows, req->r < 0 ? 0 : p->n);
}

static void drop(struct request *req)
{
	free(req);
}

void store_erase(struct store *s, enum outbox_stream which, struct stream_id after, bool late, size_t max,
		 store_erase_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_rows, .finish = finish_read, .drop = drop};
	struct read_request *p = NEW(struct read_request);

	p->request.class = &class;
	p->which = which;
	p->after = stream_id_pack(after);
	p->late = late;
	p->max = max < STORE_ERASE_ROWS_MAX ? max : STORE_ERASE_ROWS_MAX;
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- what has gone --- */

struct done_request {
	struct request request;
	enum outbox_stream which;
	int64_t ids[STORE_ERASE_ROWS_MAX];
	size_t n;
	store_erased_cb *cb;
	void *arg;
};

static int write_done(struct request *req, struct writer *w)
{
	struct done_request *p = REQUEST_OF(req, struct done_request);
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < p->n; i++)
		r = run(w, outbox_kind(p->which)->erase_done, p->ids[i], clock_wall_ms());
	return r;
}

static void finish_done(struct request *req)
{
	struct done_request *p = REQUEST_OF(req, struct done_request);

	p->cb(p->arg, req->r);
}

void store_erased(struct store *s, enum outbox_stream which, const struct outbox_erase *rows, size_t n,
		  store_erased_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_done, .finish = finish_done, .drop = drop};
	struct done_request *p = NEW(struct done_request);

	p->request = (struct request){.class = &class, .rows = 1 + n / 16};
	p->which = which;
	for (; p->n < n && p->n < STORE_ERASE_ROWS_MAX; p->n++)
		p->ids[p->n] = stream_id_pack(rows[p->n].id);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
