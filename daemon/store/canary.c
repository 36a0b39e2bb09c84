#include "store/canary.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "store/state.h"

struct canary_request {
	struct request request;
	struct store_canary row; /* mention: its own */
	bool found;
	union {
		store_done_cb *put;
		store_canary_cb *read;
	} cb;
	void *arg;
};

static struct canary_request *request_new(const struct request_class *class, void *arg)
{
	struct canary_request *p = NEW(struct canary_request);

	p->request = (struct request){.class = class, .rows = 1};
	p->arg = arg;
	return p;
}

static void drop(struct request *req)
{
	free((void *)REQUEST_OF(req, struct canary_request)->row.mention);
	free(req);
}

static void *copy(const void *bytes, size_t len)
{
	void *p = xmalloc(len + 1);

	memcpy(p, bytes, len);
	return p;
}

/* --- put --- */

static int write_put(struct request *req, struct writer *w)
{
	const struct store_canary *c = &REQUEST_OF(req, struct canary_request)->row;
	cleanup(query_end) struct query q = query_begin(w->db, SQL_CANARY_PUT);

	if (c->len > STORE_CANARY_MAX_BYTES)
		return -EINVAL;
	query_put_time(&q, c->last_ms);
	query_put_time(&q, c->since_ms);
	query_put_time(&q, c->told_ms);
	query_put_int(&q, c->failed);
	query_put_blob(&q, c->mention, c->len);
	return query_run(&q);
}

static void finish_put(struct request *req)
{
	struct canary_request *p = REQUEST_OF(req, struct canary_request);

	p->cb.put(p->arg, req->r);
}

void store_canary_put(struct store *s, const struct store_canary *c, store_done_cb *cb, void *arg)
{
	static const struct request_class mention = {
		.write = write_put, .finish = finish_put, .drop = drop, .grows = true};
	static const struct request_class word = {.write = write_put, .finish = finish_put, .drop = drop};
	struct canary_request *p = request_new(c->mention ? &mention : &word, arg);

	p->row = *c;
	p->row.mention = c->mention ? copy(c->mention, c->len) : NULL;
	p->cb.put = cb;
	engine_post(s->engine, &p->request);
}

/* --- read --- */

static int read_row(struct request *req, struct reader *rd)
{
	struct canary_request *p = REQUEST_OF(req, struct canary_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_CANARY);
	const void *bytes;
	int r = query_next(&q);

	p->found = r > 0;
	if (r <= 0)
		return r;
	p->row.last_ms = query_get_time(&q);
	p->row.since_ms = query_get_time(&q);
	p->row.told_ms = query_get_time(&q);
	p->row.failed = (int)query_get_int(&q);
	bytes = query_get_blob(&q, &p->row.len);
	if (bytes)
		p->row.mention = copy(bytes, p->row.len);
	return 0;
}

static void finish_read(struct request *req)
{
	struct canary_request *p = REQUEST_OF(req, struct canary_request);

	p->cb.read(p->arg, req->r, req->r == 0 && p->found ? &p->row : NULL);
}

void store_canary(struct store *s, store_canary_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_row, .finish = finish_read, .drop = drop};
	struct canary_request *p = request_new(&class, arg);

	p->cb.read = cb;
	engine_post(s->engine, &p->request);
}
