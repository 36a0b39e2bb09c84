#include "store/mutes.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/state.h"

enum { ARENA_MAX_BYTES = 4 << 20 };

struct mute_request {
	struct request request;
	struct arena *arena;
	struct store_mute mute; /* of a put */
	int64_t id;
	struct store_mute *v; /* of a question */
	size_t n;
	store_mute_cb *put_cb;
	store_mutes_cb *read_cb;
	void *arg;
};

static struct mute_request *request_new(const struct request_class *class, void *arg)
{
	struct mute_request *p = NEW(struct mute_request);

	p->request = (struct request){.class = class, .rows = 1};
	p->arena = arena_new(ARENA_MAX_BYTES);
	p->arg = arg;
	return p;
}

static void drop(struct request *req)
{
	arena_free(REQUEST_OF(req, struct mute_request)->arena);
	free(req);
}

/* --- read --- */

static int read_mutes(struct request *req, struct reader *rd)
{
	struct mute_request *p = REQUEST_OF(req, struct mute_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_MUTES);
	int r;

	p->v = ARENA_ARRAY(p->arena, struct store_mute, MUTES_MAX);
	query_put_int(&q, clock_wall_ms());
	query_put_int(&q, MUTES_MAX);
	while ((r = query_next(&q)) > 0 && !arena_full(p->arena)) {
		struct store_mute *m = &p->v[p->n++];

		m->id = query_get_int(&q);
		m->topic = query_get_copy(&q, p->arena);
		m->severity = (int)query_get_int(&q);
		m->critical = query_get_int(&q) != 0;
		m->since_ms = query_get_int(&q);
		m->until_ms = query_get_int(&q);
		m->who = query_get_copy(&q, p->arena);
		m->why = query_get_copy(&q, p->arena);
	}
	return r < 0 ? r : 0;
}

static void finish_read(struct request *req)
{
	struct mute_request *p = REQUEST_OF(req, struct mute_request);

	p->read_cb(p->arg, req->r, p->v, req->r == 0 ? p->n : 0);
}

void store_mutes(struct store *s, store_mutes_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_mutes, .finish = finish_read, .drop = drop};
	struct mute_request *p = request_new(&class, arg);

	p->read_cb = cb;
	engine_post(s->engine, &p->request);
}

/* --- put --- */

static int drop_old(struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MUTE_OLD);

	query_put_int(&q, clock_wall_ms() - MUTES_KEEP_DAYS * DAY_MS);
	return query_run(&q);
}

static int end(struct writer *w, const struct store_mute *m)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MUTE_END);

	query_put_int(&q, m->id);
	query_put_int(&q, m->until_ms);
	return query_run(&q);
}

static int write_put(struct request *req, struct writer *w)
{
	struct mute_request *p = REQUEST_OF(req, struct mute_request);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MUTE_PUT);
	const struct store_mute *m = &p->mute;
	int r;

	p->id = m->id;
	if (m->id)
		return end(w, m);
	query_put_text(&q, m->topic);
	query_put_int(&q, m->severity);
	query_put_int(&q, m->critical);
	query_put_int(&q, m->since_ms);
	query_put_int(&q, m->until_ms);
	query_put_text(&q, m->who);
	query_put_text(&q, m->why);
	r = query_next(&q);
	if (r < 0)
		return r;
	p->id = query_get_int(&q);
	r = query_run(&q);
	return r < 0 ? r : drop_old(w);
}

static void finish_put(struct request *req)
{
	struct mute_request *p = REQUEST_OF(req, struct mute_request);

	p->put_cb(p->arg, req->r, p->id);
}

void store_mute_put(struct store *s, const struct store_mute *m, store_mute_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_put, .finish = finish_put, .drop = drop};
	struct mute_request *p = request_new(&class, arg);

	p->mute = *m;
	p->mute.topic = arena_strdup(p->arena, m->topic);
	p->mute.who = arena_strdup(p->arena, m->who);
	p->mute.why = arena_strdup(p->arena, m->why);
	p->put_cb = cb;
	engine_post(s->engine, &p->request);
}
