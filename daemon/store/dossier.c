#include "store/dossier.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/state.h"

enum { ARENA_MAX_BYTES = 1 << 20 };

struct owed_request {
	struct request request;
	struct arena *arena;
	struct store_owed *v;
	size_t n;
	store_owed_cb *cb;
	void *arg;
};

static int read_owed(struct request *req, struct reader *rd)
{
	struct owed_request *p = REQUEST_OF(req, struct owed_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_DOSSIERS_OWED);
	int r;

	p->v = ARENA_ARRAY(p->arena, struct store_owed, STORE_OWED_MAX);
	query_put_int(&q, clock_wall_ms() - STORE_OWED_DAYS * DAY_MS);
	query_put_int(&q, STORE_OWED_MAX);
	while (p->n < STORE_OWED_MAX && (r = query_next(&q)) > 0) {
		p->v[p->n].incident = query_get_int(&q);
		p->v[p->n++].person = query_get_copy(&q, p->arena);
	}
	return p->n < STORE_OWED_MAX && r < 0 ? r : 0;
}

static void finish(struct request *req)
{
	struct owed_request *p = REQUEST_OF(req, struct owed_request);

	p->cb(p->arg, req->r, p->v, req->r == 0 ? p->n : 0);
}

static void drop(struct request *req)
{
	arena_free(REQUEST_OF(req, struct owed_request)->arena);
	free(req);
}

void store_dossiers_owed(struct store *s, store_owed_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_owed, .finish = finish, .drop = drop};
	struct owed_request *p = NEW(struct owed_request);

	*p = (struct owed_request){
		.request = {.class = &class}, .arena = arena_new(ARENA_MAX_BYTES), .cb = cb, .arg = arg};
	engine_post(s->engine, &p->request);
}
