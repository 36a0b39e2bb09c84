#include "store/sent_as.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/state.h"

enum { ARENA_MAX_BYTES = 4 << 20 };

struct sent_as_request {
	struct request request;
	struct arena *arena;
	struct notice_sent_as as; /* of a put */
	struct notice_sent_as *v; /* of a question */
	size_t n;
	store_sent_as_put_cb *put_cb;
	store_sent_as_cb *read_cb;
	void *arg;
};

static struct sent_as_request *request_new(const struct request_class *class, void *arg)
{
	struct sent_as_request *p = NEW(struct sent_as_request);

	p->request = (struct request){.class = class, .rows = 1};
	p->arena = arena_new(ARENA_MAX_BYTES);
	p->arg = arg;
	return p;
}

static void drop(struct request *req)
{
	arena_free(REQUEST_OF(req, struct sent_as_request)->arena);
	free(req);
}

/* --- put --- */

static int drop_old(struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SENT_AS_OLD);

	query_put_int(&q, clock_wall_ms() - STORE_SENT_AS_KEEP_DAYS * DAY_MS);
	return query_run(&q);
}

static int write_put(struct request *req, struct writer *w)
{
	const struct notice_sent_as *as = &REQUEST_OF(req, struct sent_as_request)->as;
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SENT_AS_PUT);
	int r;

	query_put_text(&q, as->channel);
	query_put_text(&q, as->address);
	query_put_text(&q, as->matter);
	query_put_text(&q, as->id);
	query_put_int(&q, clock_wall_ms());
	r = query_run(&q);
	return r < 0 ? r : drop_old(w);
}

static void finish_put(struct request *req)
{
	struct sent_as_request *p = REQUEST_OF(req, struct sent_as_request);

	p->put_cb(p->arg, req->r);
}

void store_sent_as_put(struct store *s, const struct notice_sent_as *as, store_sent_as_put_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_put, .finish = finish_put, .drop = drop};
	struct sent_as_request *p = request_new(&class, arg);

	p->as = (struct notice_sent_as){.channel = arena_strdup(p->arena, as->channel),
					.address = arena_strdup(p->arena, as->address),
					.matter = arena_strdup(p->arena, as->matter),
					.id = arena_strdup(p->arena, as->id)};
	p->put_cb = cb;
	engine_post(s->engine, &p->request);
}

/* --- read --- */

static int read_all(struct request *req, struct reader *rd)
{
	struct sent_as_request *p = REQUEST_OF(req, struct sent_as_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_SENT_AS);
	size_t i;
	int r;

	p->v = ARENA_ARRAY(p->arena, struct notice_sent_as, STORE_SENT_AS_MAX);
	query_put_int(&q, STORE_SENT_AS_MAX);
	while ((r = query_next(&q)) > 0 && !arena_full(p->arena)) {
		struct notice_sent_as *as = &p->v[p->n++];

		as->channel = query_get_copy(&q, p->arena);
		as->address = query_get_copy(&q, p->arena);
		as->matter = query_get_copy(&q, p->arena);
		as->id = query_get_copy(&q, p->arena);
	}
	for (i = 0; i < p->n / 2; i++) { /* the newest came first */
		struct notice_sent_as as = p->v[i];

		p->v[i] = p->v[p->n - 1 - i];
		p->v[p->n - 1 - i] = as;
	}
	return r < 0 ? r : 0;
}

static void finish_read(struct request *req)
{
	struct sent_as_request *p = REQUEST_OF(req, struct sent_as_request);

	p->read_cb(p->arg, req->r, p->v, req->r == 0 ? p->n : 0);
}

void store_sent_as(struct store *s, store_sent_as_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_all, .finish = finish_read, .drop = drop};
	struct sent_as_request *p = request_new(&class, arg);

	p->read_cb = cb;
	engine_post(s->engine, &p->request);
}
