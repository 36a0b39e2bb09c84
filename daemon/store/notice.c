#include "store/notice.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/notice_write.h"
#include "store/state.h"

enum { ROW_MAX_BYTES = 2 * NOTICE_FACTS_MAX_BYTES, ROWS_MAX_BYTES = 64 << 20 };

/* --- put --- */

struct put_request {
	struct request request;
	struct notice_row row;
	struct arena *arena; /* its texts, and thread */
	const char *thread;
	store_notice_cb *cb;
	void *arg;
};

/* In the order of the columns, behind the key. */
static void put_row(struct query *q, const struct notice_row *row)
{
	query_put_text(q, row->key);
	query_put_text(q, row->kind);
	query_put_text(q, row->matter);
	query_put_text(q, row->facts);
	query_put_text(q, row->person);
	query_put_text(q, row->channel);
	query_put_int(q, row->state);
	query_put_int(q, row->tries);
	query_put_int(q, row->tries_here);
	query_put_int(q, row->rounds);
	query_put_int(q, row->maybe);
	query_put_time(q, row->created_ms);
	query_put_time(q, row->next_ms);
	query_put_time(q, row->ended_ms);
	query_put_text(q, row->why);
}

static int drop_old(struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_NOTICE_OLD);

	query_put_int(&q, clock_wall_ms() - STORE_NOTICE_KEEP_DAYS * DAY_MS);
	return query_run(&q);
}

int notice_write(struct writer *w, const struct notice_row *row, struct arena *a, const char **ret_thread)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_NOTICE_PUT);
	int r;

	put_row(&q, row);
	query_put_int(&q, row->created_ms - STORE_NOTICE_THREAD_DAYS * DAY_MS);
	r = query_next(&q);
	if (r < 0)
		return r;
	*ret_thread = query_get_copy(&q, a);
	r = query_run(&q);
	return r < 0 ? r : drop_old(w);
}

static int write_put(struct request *req, struct writer *w)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);

	return notice_write(w, &p->row, p->arena, &p->thread);
}

static void finish_put(struct request *req)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);

	p->cb(p->arg, req->r, req->r == 0 ? p->thread : NULL);
}

static void drop_put(struct request *req)
{
	arena_free(REQUEST_OF(req, struct put_request)->arena);
	free(req);
}

struct notice_row notice_copy(const struct notice_row *row, struct arena *a)
{
	struct notice_row copy = *row;

	copy.key = arena_strdup(a, row->key);
	copy.thread = arena_strdup(a, row->thread);
	copy.kind = arena_strdup(a, row->kind);
	copy.matter = arena_strdup(a, row->matter);
	copy.facts = arena_strdup(a, row->facts);
	copy.person = arena_strdup(a, row->person);
	copy.channel = arena_strdup(a, row->channel);
	copy.why = arena_strdup(a, row->why);
	return copy;
}

void store_notice_put(struct store *s, const struct notice_row *row, store_notice_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_put, .finish = finish_put, .drop = drop_put};
	struct put_request *p = NEW(struct put_request);

	p->request = (struct request){.class = &class, .rows = 1};
	p->arena = arena_new(ROW_MAX_BYTES);
	p->row = notice_copy(row, p->arena);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- load --- */

struct load_request {
	struct request request;
	struct store_notices notices;
	struct arena *arena;
	const char *kind;
	store_notices_cb *cb;
	void *arg;
};

static struct notice_row get_row(struct query *q, struct arena *a)
{
	struct notice_row row = {.key = query_get_copy(q, a)};

	row.kind = query_get_copy(q, a);
	row.matter = query_get_copy(q, a);
	row.facts = query_get_copy(q, a);
	row.person = query_get_copy(q, a);
	row.channel = query_get_copy(q, a);
	row.state = (enum notice_state)query_get_int(q);
	row.tries = (uint32_t)query_get_int(q);
	row.tries_here = (uint32_t)query_get_int(q);
	row.rounds = (uint32_t)query_get_int(q);
	row.maybe = query_get_int(q) != 0;
	row.created_ms = query_get_time(q);
	row.next_ms = query_get_time(q);
	row.ended_ms = query_get_time(q);
	row.why = query_get_copy(q, a);
	row.thread = query_get_copy(q, a);
	return row;
}

static int read_open(struct load_request *p, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_NOTICE_OPEN);
	struct notice_row *rows = ARENA_ARRAY(p->arena, struct notice_row, STORE_NOTICES_OPEN_MAX);
	int r = 0;

	query_put_text(&q, p->kind);
	query_put_int(&q, STORE_NOTICES_OPEN_MAX);
	while (!arena_full(p->arena) && (r = query_next(&q)) > 0)
		rows[p->notices.n++] = get_row(&q, p->arena);
	p->notices.rows = rows;
	return r < 0 ? r : 0;
}

static int read_recent(struct load_request *p, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_NOTICE_RECENT);
	struct store_notices *n = &p->notices;
	size_t i;
	int r;

	query_put_text(&q, p->kind);
	query_put_int(&q, STORE_NOTICES_RECENT);
	while ((r = query_next(&q)) > 0)
		n->recent_ms[n->n_recent++] = query_get_int(&q);
	for (i = 0; i < n->n_recent / 2; i++) { /* the newest came first */
		int64_t ms = n->recent_ms[i];

		n->recent_ms[i] = n->recent_ms[n->n_recent - 1 - i];
		n->recent_ms[n->n_recent - 1 - i] = ms;
	}
	return r;
}

static int read_lost(struct load_request *p, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_NOTICE_LOST);
	int r;

	query_put_text(&q, p->kind);
	query_put_int(&q, clock_wall_ms() - STORE_NOTICE_LOST_DAYS * DAY_MS);
	r = query_next(&q);
	if (r > 0)
		p->notices.lost = (size_t)query_get_int(&q);
	return r < 0 ? r : 0;
}

static int read_load(struct request *req, struct reader *rd)
{
	struct load_request *p = REQUEST_OF(req, struct load_request);
	int r = read_open(p, rd->db);

	if (r == 0)
		r = read_recent(p, rd->db);
	return r == 0 ? read_lost(p, rd->db) : r;
}

static void finish_load(struct request *req)
{
	struct load_request *p = REQUEST_OF(req, struct load_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->notices : NULL);
}

static void drop_load(struct request *req)
{
	arena_free(REQUEST_OF(req, struct load_request)->arena);
	free(req);
}

void store_notices(struct store *s, const char *kind, store_notices_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_load, .finish = finish_load, .drop = drop_load};
	struct load_request *p = NEW(struct load_request);

	p->request.class = &class;
	p->arena = arena_new(ROWS_MAX_BYTES);
	p->kind = arena_strdup(p->arena, kind);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
