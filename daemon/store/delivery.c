#include "store/delivery.h"

#include <errno.h>

#include "base/arena.h"
#include "store/notice_write.h"
#include "store/state.h"

enum { ARENA_MAX_BYTES = 64 << 20 };

/* --- put --- */

struct put_request {
	struct request request;
	struct arena *arena;
	struct store_delivery row; /* all of it in the arena, as are … */
	struct notice_row *notices;
	size_t n;
	store_delivery_put_cb *cb;
	void *arg;
};

static int write_row(struct writer *w, const struct store_delivery *row)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_DELIVERY_PUT);

	query_put_int(&q, row->read.ms);
	query_put_int(&q, (int64_t)row->read.seq);
	query_put_blob(&q, row->kept, row->len);
	return query_run(&q);
}

static int write_put(struct request *req, struct writer *w)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);
	size_t i;
	int r;

	if (p->row.len > STORE_DELIVERY_KEPT_MAX_BYTES || arena_full(p->arena))
		return -EMSGSIZE;
	r = write_row(w, &p->row);
	for (i = 0; r == 0 && i < p->n; i++)
		r = notice_write(w, &p->notices[i], p->arena, &p->notices[i].thread);
	return r;
}

static void finish_put(struct request *req)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);

	p->cb(p->arg, req->r, p->notices, p->n);
}

static void drop_put(struct request *req)
{
	arena_free(REQUEST_OF(req, struct put_request)->arena);
	free(req);
}

void store_delivery_put(struct store *s, const struct store_delivery *row, const struct notice_row *notices, size_t n,
			store_delivery_put_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_put, .finish = finish_put, .drop = drop_put};
	struct put_request *p = NEW(struct put_request);
	size_t i;

	p->request = (struct request){.class = &class, .rows = 1 + n};
	p->arena = arena_new(ARENA_MAX_BYTES);
	p->row = *row;
	p->row.kept = arena_memdup0(p->arena, row->kept, row->len);
	p->notices = ARENA_ARRAY(p->arena, struct notice_row, n + 1);
	for (i = 0; i < n; i++)
		p->notices[i] = notice_copy(&notices[i], p->arena);
	p->n = n;
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- read --- */

struct read_request {
	struct request request;
	struct arena *arena;
	struct store_delivery found;
	bool is_there;
	store_delivery_cb *cb;
	void *arg;
};

static int read_row(struct request *req, struct reader *rd)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_DELIVERY_READ);
	const void *kept;
	int r = query_next(&q);

	if (r <= 0)
		return r;
	p->is_there = true;
	p->found.read.ms = query_get_int(&q);
	p->found.read.seq = (uint64_t)query_get_int(&q);
	kept = query_get_blob(&q, &p->found.len);
	p->found.kept = arena_memdup0(p->arena, kept, p->found.len);
	return 0;
}

static void finish_read(struct request *req)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);

	p->cb(p->arg, req->r, req->r == 0 && p->is_there ? &p->found : NULL);
}

static void drop_read(struct request *req)
{
	arena_free(REQUEST_OF(req, struct read_request)->arena);
	free(req);
}

void store_delivery(struct store *s, store_delivery_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_row, .finish = finish_read, .drop = drop_read};
	struct read_request *p = NEW(struct read_request);

	p->request.class = &class;
	p->arena = arena_new(ARENA_MAX_BYTES);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
