#include "store/deaf.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "mention/source_state.h"
#include "store/db.h"
#include "store/sources.h"
#include "store/state.h"

enum { COPY_MAX_BYTES = 64 * 1024, NAMES_MAX_BYTES = 16 << 20 };

void deaf_mark_copy(struct deaf_mark *mark, struct arena *a)
{
	mark->kind = arena_strdup(a, mark->kind);
	mark->why = arena_strdup(a, mark->why);
	mark->detail = arena_strdup(a, mark->detail);
}

/* --- written --- */

static int end_others(struct db *db, int64_t source, const struct deaf_mark *mark)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_DEAF_END_OTHERS);

	query_put_int(&q, source);
	query_put_text(&q, mark->kind);
	query_put_int(&q, mark->from_ms);
	return query_run(&q);
}

int deaf_write(struct db *db, int64_t source, const struct deaf_mark *mark)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_DEAF_PUT);
	int r = mark->to_ms == TIME_NONE ? end_others(db, source, mark) : 0;

	if (r < 0)
		return r;
	query_put_int(&q, source);
	query_put_text(&q, mark->kind);
	query_put_int(&q, mark->from_ms);
	query_put_time(&q, mark->to_ms);
	query_put_text(&q, mark->why);
	query_put_text(&q, mark->detail);
	return query_run(&q);
}

static int drop_old(struct db *db, int64_t before_ms)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_DEAF_OLD);

	query_put_int(&q, before_ms);
	return query_run(&q);
}

static int drop_crowd(struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_DEAF_CROWD);

	query_put_int(&q, STORE_DEAF_MAX);
	return query_run(&q);
}

/* Those of sources that left while nobody listened; who sees one leave ends its line at that time. */
static int end_lost(struct db *db, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_DEAF_LOST);

	query_put_int(&q, now_ms - STORE_DEAF_LOST_DAYS * DAY_MS);
	query_put_int(&q, SOURCE_FLAG_GONE); /* those are not asked, and yet deaf */
	query_put_int(&q, now_ms);
	query_put_int(&q, now_ms - STORE_DEAF_RULE_DAYS * DAY_MS);
	return query_run(&q);
}

int deaf_sweep(struct db *db, int64_t now_ms, bool lost)
{
	int r = lost ? end_lost(db, now_ms) : 0;

	if (r == 0)
		r = drop_old(db, now_ms - STORE_DEAF_DAYS * DAY_MS);
	return r < 0 ? r : drop_crowd(db);
}

struct put_request {
	struct request request;
	const char *source;
	struct deaf_mark mark;
	struct arena *arena;
	store_done_cb *cb;
	void *arg;
};

static int write_put(struct request *req, struct writer *w)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);
	int64_t source = DEAF_EVERYTHING;
	int r = p->source ? writer_name(w, p->source, &source) : 0;

	return r < 0 ? r : deaf_write(w->db, source, &p->mark);
}

static void finish_put(struct request *req)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);

	p->cb(p->arg, req->r);
}

static void drop_put(struct request *req)
{
	arena_free(REQUEST_OF(req, struct put_request)->arena);
	free(req);
}

void store_deaf_put(struct store *s, const char *source, const struct deaf_mark *mark, store_done_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_put, .finish = finish_put, .drop = drop_put};
	struct put_request *p = NEW(struct put_request);

	p->request = (struct request){.class = &class, .rows = 1};
	p->arena = arena_new(COPY_MAX_BYTES);
	p->source = arena_strdup(p->arena, source);
	p->mark = *mark;
	deaf_mark_copy(&p->mark, p->arena);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- signs of life --- */

struct alive_request {
	struct request request;
	bool first;
	struct store_gap gap;
	store_alive_cb *cb;
	void *arg;
};

static int end_open(struct writer *w, const char *kind, int64_t at_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_DEAF_END_OPEN);

	query_put_int(&q, at_ms);
	query_put_int(&q, DEAF_EVERYTHING);
	query_put_text(&q, kind);
	return query_run(&q);
}

static int last_alive(struct writer *w, int64_t *ret_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ALIVE);
	int r = query_next(&q);

	*ret_ms = r > 0 ? query_get_int(&q) : TIME_NONE;
	return r < 0 ? r : 0;
}

static int write_gap(struct writer *w, int64_t now_ms, struct store_gap *ret)
{
	const struct deaf_mark down = {.kind = "down", .to_ms = now_ms};
	struct deaf_mark mark = down;
	int r = last_alive(w, &mark.from_ms);

	*ret = (struct store_gap){now_ms, now_ms};
	if (r < 0 || mark.from_ms == TIME_NONE)
		return r;
	if (!w->full)
		r = end_open(w, "paused", mark.from_ms);
	if (r < 0 || now_ms - mark.from_ms <= STORE_DOWN_MS)
		return r;
	ret->from_ms = mark.from_ms;
	return deaf_write(w->db, DEAF_EVERYTHING, &mark);
}

static int write_alive(struct request *req, struct writer *w)
{
	struct alive_request *p = REQUEST_OF(req, struct alive_request);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ALIVE_SET);
	int64_t now_ms = clock_wall_ms();
	int r = 0;

	p->gap = (struct store_gap){now_ms, now_ms};
	if (p->first)
		r = write_gap(w, now_ms, &p->gap);
	query_put_int(&q, now_ms);
	return r < 0 ? r : query_run(&q);
}

static void finish_alive(struct request *req)
{
	struct alive_request *p = REQUEST_OF(req, struct alive_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->gap : NULL);
}

static void drop_plain(struct request *req)
{
	free(req);
}

void store_alive(struct store *s, bool first, store_alive_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_alive, .finish = finish_alive, .drop = drop_plain};
	struct alive_request *p = NEW(struct alive_request);

	p->request = (struct request){.class = &class, .rows = 1};
	p->first = first;
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- read --- */

struct list_request {
	struct request request;
	struct store_deaf_filter filter;
	const char **sources; /* sorted, in arena */
	struct store_deaf *rows;
	size_t n;
	bool more;
	struct arena *names, *arena;
	store_deaf_cb *cb;
	void *arg;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool named(const struct list_request *p, const char *source)
{
	return bsearch(&source, p->sources, p->filter.n_sources, sizeof(*p->sources), by_text) != NULL;
}

/* By its own name, or by that of its list and "/". */
static bool wanted(const struct list_request *p, const char *source)
{
	const char *slash = source ? strchr(source, '/') : NULL;
	cleanup(freep) char *list = slash ? xstrndup(source, (size_t)(slash + 1 - source)) : NULL;

	if (!source || !p->filter.sources)
		return true;
	return p->filter.n_sources && (named(p, source) || (list && named(p, list)));
}

/* The next row, if it is wanted. */
static void read_line(struct query *q, struct list_request *p)
{
	struct store_deaf *d = &p->rows[p->n];
	const char *source;

	d->cursor.ms = query_get_int(q);
	d->cursor.seq = (uint64_t)query_get_int(q);
	source = query_get_text(q);
	if (!wanted(p, source))
		return;
	d->source = arena_strdup(p->arena, source);
	d->title = query_get_copy(q, p->arena);
	d->mark.from_ms = d->cursor.ms;
	d->mark.kind = query_get_copy(q, p->arena);
	d->mark.to_ms = query_get_time(q);
	d->mark.why = query_get_copy(q, p->arena);
	d->mark.detail = query_get_copy(q, p->arena);
	p->n++;
}

static int read_list(struct request *req, struct reader *rd)
{
	struct list_request *p = REQUEST_OF(req, struct list_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_DEAF_LIST);
	int r = 0;

	query_put_int(&q, p->filter.after.ms);
	query_put_int(&q, (int64_t)p->filter.after.seq);
	query_put_int(&q, p->filter.from_ms == TIME_NONE ? INT64_MIN : p->filter.from_ms);
	query_put_int(&q, p->filter.to_ms == TIME_NONE ? INT64_MAX : p->filter.to_ms);
	while (p->n < p->filter.limit && !arena_full(p->arena) && (r = query_next(&q)) > 0)
		read_line(&q, p);
	p->more = r > 0;
	return r < 0 ? r : 0;
}

static void finish_list(struct request *req)
{
	struct list_request *p = REQUEST_OF(req, struct list_request);

	p->cb(p->arg, req->r, p->rows, req->r == 0 ? p->n : 0, p->more);
}

static void drop_list(struct request *req)
{
	struct list_request *p = REQUEST_OF(req, struct list_request);

	arena_free(p->names);
	arena_free(p->arena);
	free(p->rows);
	free(p);
}

void store_deaf(struct store *s, const struct store_deaf_filter *filter, store_deaf_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_list, .finish = finish_list, .drop = drop_list, .patient = true};
	struct list_request *p = NEW(struct list_request);
	size_t i;

	p->request.class = &class;
	p->filter = *filter;
	if (!p->filter.limit || p->filter.limit > STORE_ROWS_MAX)
		p->filter.limit = STORE_ROWS_MAX;
	p->names = arena_new(NAMES_MAX_BYTES);
	p->arena = arena_new(STORE_ROWS_MAX_BYTES);
	p->sources = ARENA_ARRAY(p->names, const char *, filter->n_sources + 1);
	for (i = 0; i < filter->n_sources; i++)
		p->sources[i] = arena_strdup(p->names, filter->sources[i]);
	qsort(p->sources, filter->n_sources, sizeof(*p->sources), by_text);
	p->rows = xcalloc(p->filter.limit, sizeof(*p->rows));
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
