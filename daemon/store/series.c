#include "store/series.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "mention/mention.h"
#include "store/mention_row.h"
#include "store/state.h"
#include "store/stream_id.h"

enum { ANSWER_MAX_BYTES = 64 << 20 };

/* --- bins --- */

struct bins_request {
	struct request request;
	struct store_series_ask ask;
	struct arena *arena;
	struct series_row *rows;
	size_t n;
	bool more;
	store_series_cb *cb;
	void *arg;
};

/* Rows of one series, or of many, share their names: the last one's are the next one's, mostly. */
static const char *same_or_copy(const char *last, const char *now, struct arena *a)
{
	return last && strcmp(last, now) == 0 ? last : arena_strdup(a, now);
}

static void get_row(struct bins_request *p, struct query *q)
{
	const struct series_row *last = p->n ? &p->rows[p->n - 1] : NULL;
	struct series_row row = {.topic = same_or_copy(last ? last->topic : NULL, query_get_text(q), p->arena)};

	row.kind = (enum series_kind)query_get_int(q);
	row.name = same_or_copy(last ? last->name : NULL, query_get_text(q), p->arena);
	row.at_ms = query_get_int(q);
	row.minutes = (int)query_get_int(q);
	row.n = query_get_int(q);
	p->rows[p->n++] = row;
}

static int read_bins(struct request *req, struct reader *rd)
{
	struct bins_request *p = REQUEST_OF(req, struct bins_request);
	cleanup(query_end) struct query q = query_begin(rd->db, p->ask.topic ? SQL_BIN_READ_ONE : SQL_BIN_READ);
	int r;

	if (p->ask.topic) {
		query_put_text(&q, p->ask.topic);
		query_put_int(&q, p->ask.kind);
		query_put_text(&q, p->ask.name);
	} else {
		query_put_int(&q, SERIES_BIN_MINUTES);
	}
	query_put_int(&q, p->ask.from_ms);
	query_put_int(&q, p->ask.to_ms);
	query_put_int(&q, STORE_SERIES_ROWS_MAX + 1);
	p->rows = ARENA_ARRAY(p->arena, struct series_row, STORE_SERIES_ROWS_MAX);
	while ((r = query_next(&q)) > 0 && p->n < STORE_SERIES_ROWS_MAX)
		get_row(p, &q);
	p->more = r > 0;
	return r < 0 ? r : 0;
}

static void finish_bins(struct request *req)
{
	struct bins_request *p = REQUEST_OF(req, struct bins_request);

	p->cb(p->arg, req->r, p->rows, req->r == 0 ? p->n : 0, p->more);
}

static void drop_bins(struct request *req)
{
	arena_free(REQUEST_OF(req, struct bins_request)->arena);
	free(req);
}

void store_series(struct store *s, const struct store_series_ask *ask, store_series_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_bins, .finish = finish_bins, .drop = drop_bins};
	struct bins_request *p = NEW(struct bins_request);

	p->request.class = &class;
	p->arena = arena_new(ANSWER_MAX_BYTES);
	p->ask = *ask;
	p->ask.topic = arena_strdup(p->arena, ask->topic);
	p->ask.name = arena_strdup(p->arena, ask->name ? ask->name : "");
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- what was learnt --- */

struct states_request {
	struct request request;
	struct arena *arena;
	struct topic_state *v;
	size_t n;
	void (*on_put)(void *arg, int r);
	store_topic_states_cb *on_read;
	void *arg;
};

static void drop_states(struct request *req)
{
	arena_free(REQUEST_OF(req, struct states_request)->arena);
	free(req);
}

static int write_states(struct request *req, struct writer *w)
{
	struct states_request *p = REQUEST_OF(req, struct states_request);
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < p->n; i++) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_TOPIC_STATE_PUT);

		if (p->v[i].len > STORE_TOPIC_STATE_MAX_BYTES)
			return -EINVAL;
		query_put_text(&q, p->v[i].topic);
		query_put_int(&q, p->v[i].at_ms);
		query_put_blob(&q, p->v[i].state, p->v[i].len);
		r = query_run(&q);
	}
	return r;
}

static void finish_put(struct request *req)
{
	struct states_request *p = REQUEST_OF(req, struct states_request);

	p->on_put(p->arg, req->r);
}

void store_topic_states_put(struct store *s, const struct topic_state *v, size_t n, void (*cb)(void *arg, int r),
			    void *arg)
{
	static const struct request_class class = {.write = write_states, .finish = finish_put, .drop = drop_states};
	struct states_request *p = NEW(struct states_request);

	p->request = (struct request){.class = &class, .rows = n};
	p->arena = arena_new(ANSWER_MAX_BYTES);
	p->v = ARENA_ARRAY(p->arena, struct topic_state, n ? n : 1);
	for (; p->n < n; p->n++) {
		p->v[p->n] = v[p->n];
		p->v[p->n].topic = arena_strdup(p->arena, v[p->n].topic);
		p->v[p->n].state = arena_memdup0(p->arena, v[p->n].state, v[p->n].len);
	}
	p->on_put = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

static int read_states(struct request *req, struct reader *rd)
{
	struct states_request *p = REQUEST_OF(req, struct states_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_TOPIC_STATES);
	int r;

	query_put_int(&q, STORE_TOPICS_MAX);
	p->v = ARENA_ARRAY(p->arena, struct topic_state, STORE_TOPICS_MAX);
	while ((r = query_next(&q)) > 0) {
		struct topic_state *state = &p->v[p->n++];
		const void *blob;

		state->topic = query_get_copy(&q, p->arena);
		state->at_ms = query_get_int(&q);
		blob = query_get_blob(&q, &state->len);
		state->state = arena_memdup0(p->arena, blob, state->len);
	}
	return r;
}

static void finish_states(struct request *req)
{
	struct states_request *p = REQUEST_OF(req, struct states_request);

	p->on_read(p->arg, req->r, p->v, req->r == 0 ? p->n : 0);
}

void store_topic_states(struct store *s, store_topic_states_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_states, .finish = finish_states, .drop = drop_states};
	struct states_request *p = NEW(struct states_request);

	p->request.class = &class;
	p->arena = arena_new(ANSWER_MAX_BYTES);
	p->on_read = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- hits --- */

struct said_request {
	struct request request;
	struct arena *arena;
	struct stream_id after, last;
	const struct mention **v;
	size_t n, limit;
	store_said_cb *cb;
	void *arg;
};

static int read_said(struct request *req, struct reader *rd)
{
	struct said_request *p = REQUEST_OF(req, struct said_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_HITS_SINCE);
	int r = 0;

	query_put_int(&q, stream_id_pack(p->after));
	query_put_int(&q, (int64_t)p->limit);
	p->v = ARENA_ARRAY(p->arena, const struct mention *, p->limit);
	p->last = p->after;
	while (!arena_full(p->arena) && (r = query_next(&q)) > 0) {
		struct mention_row *row = ARENA_NEW(p->arena, struct mention_row);

		r = mention_row_read(&q, p->arena, row);
		if (r < 0)
			return r;
		if (row->stream)
			p->last = stream_id_unpack(row->stream);
		if (r == 0)
			p->v[p->n++] = &row->m;
	}
	return r < 0 ? r : 0;
}

static void finish_said(struct request *req)
{
	struct said_request *p = REQUEST_OF(req, struct said_request);

	p->cb(p->arg, req->r, p->v, req->r == 0 ? p->n : 0, p->last);
}

static void drop_said(struct request *req)
{
	arena_free(REQUEST_OF(req, struct said_request)->arena);
	free(req);
}

void store_said(struct store *s, struct stream_id after, size_t limit, store_said_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_said, .finish = finish_said, .drop = drop_said};
	struct said_request *p = NEW(struct said_request);

	p->request.class = &class;
	p->arena = arena_new(STORE_ROWS_MAX_BYTES);
	p->after = after;
	p->limit = limit && limit < STORE_ROWS_MAX ? limit : STORE_ROWS_MAX;
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
