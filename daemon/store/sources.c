#include "store/sources.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/db.h"
#include "store/seen.h"
#include "store/state.h"

enum { LOADED_MAX_BYTES = 8 << 20, ALL_MAX_BYTES = 256 << 20 };

int source_write(struct db *db, int64_t id, const struct source_state *state)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SOURCE_PUT);

	query_put_int(&q, id);
	query_put_int(&q, (state->baselined ? SOURCE_FLAG_BASELINED : 0) | (state->gone ? SOURCE_FLAG_GONE : 0));
	query_put_int(&q, state->identity);
	query_put_int(&q, state->failures);
	query_put_time(&q, state->polled_ms);
	query_put_time(&q, state->ok_ms);
	query_put_time(&q, state->new_ms);
	query_put_time(&q, state->next_ms);
	query_put_int(&q, (int64_t)state->body_hash);
	query_put_text(&q, state->platform);
	query_put_text(&q, state->title);
	query_put_text(&q, state->error);
	query_put_text(&q, state->error_detail);
	query_put_text(&q, state->address);
	query_put_text(&q, state->etag);
	query_put_text(&q, state->last_modified);
	query_put_blob(&q, state->habits, state->habits_len);
	return query_run(&q);
}

void source_state_copy(struct source_state *s, struct arena *a)
{
	const char **const texts[] = {&s->name, &s->platform,      &s->address, &s->title,
				      &s->etag, &s->last_modified, &s->error,   &s->error_detail};
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_strdup(a, *texts[i]);
	s->habits = s->habits ? arena_memdup0(a, s->habits, s->habits_len) : NULL;
}

/* The SQL_SOURCE columns. */
static void read_state(struct query *q, struct arena *a, struct source_state *ret)
{
	int64_t flags, identity;

	ret->name = query_get_copy(q, a);
	flags = query_get_int(q);
	identity = query_get_int(q);
	ret->baselined = flags & SOURCE_FLAG_BASELINED;
	ret->gone = flags & SOURCE_FLAG_GONE;
	ret->identity =
		identity >= IDENTITY_GUID && identity <= IDENTITY_HASH ? (enum identity_policy)identity : IDENTITY_GUID;
	ret->failures = (uint32_t)query_get_int(q);
	ret->polled_ms = query_get_time(q);
	ret->ok_ms = query_get_time(q);
	ret->new_ms = query_get_time(q);
	ret->next_ms = query_get_time(q);
	ret->body_hash = (uint64_t)query_get_int(q);
	ret->platform = query_get_copy(q, a);
	ret->title = query_get_copy(q, a);
	ret->error = query_get_copy(q, a);
	ret->error_detail = query_get_copy(q, a);
}

/* --- one --- */

int source_read(struct db *db, const char *name, struct arena *a, struct source_state *ret, int64_t *ret_id)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SOURCE_LOAD);
	const void *habits;
	int r;

	query_put_text(&q, name);
	r = query_next(&q);
	if (r <= 0)
		return r;
	read_state(&q, a, ret);
	ret->address = query_get_copy(&q, a);
	ret->etag = query_get_copy(&q, a);
	ret->last_modified = query_get_copy(&q, a);
	habits = query_get_blob(&q, &ret->habits_len);
	ret->habits = habits ? arena_memdup0(a, habits, ret->habits_len) : NULL;
	*ret_id = query_get_int(&q);
	return 1;
}

struct source_request {
	struct request request;
	struct store_source source;
	store_source_cb *cb;
	void *arg;
};

static int read_seen(struct db *db, int64_t id, struct store_source *ret)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SEEN_LOAD);
	struct seen_entry *v;
	const void *bytes;
	size_t len, i;
	int r;

	query_put_int(&q, id);
	r = query_next(&q);
	if (r <= 0)
		return r;
	bytes = query_get_blob(&q, &len);
	(void)seen_get(bytes, len, ret->arena, &v, &ret->n_seen); /* what could be read of it; the next poll tells */
	ret->seen = ARENA_ARRAY(ret->arena, struct seen_key, ret->n_seen);
	for (i = 0; i < ret->n_seen; i++)
		ret->seen[i] = v[i].key;
	return 0;
}

static int read_source(struct request *req, struct reader *rd)
{
	struct store_source *s = &REQUEST_OF(req, struct source_request)->source;
	int64_t id;
	int r = source_read(rd->db, s->state.name, s->arena, &s->state, &id);

	if (r <= 0)
		return r;
	s->known = true;
	return read_seen(rd->db, id, s);
}

static void finish_source(struct request *req)
{
	struct source_request *p = REQUEST_OF(req, struct source_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->source : NULL);
}

static void drop_source(struct request *req)
{
	struct source_request *p = REQUEST_OF(req, struct source_request);

	arena_free(p->source.arena);
	free(p);
}

void store_source_load(struct store *s, const char *name, store_source_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_source, .finish = finish_source, .drop = drop_source};
	struct source_request *p = NEW(struct source_request);

	p->request.class = &class;
	p->source.arena = arena_new(LOADED_MAX_BYTES);
	p->source.state = (struct source_state){.name = arena_strdup(p->source.arena, name),
						.polled_ms = TIME_NONE,
						.ok_ms = TIME_NONE,
						.new_ms = TIME_NONE,
						.next_ms = TIME_NONE};
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- all --- */

struct sources_request {
	struct request request;
	struct source_state *v;
	size_t n, cap;
	struct arena *arena;
	store_sources_cb *cb;
	void *arg;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct source_state *)a)->name, ((const struct source_state *)b)->name);
}

static int read_sources(struct request *req, struct reader *rd)
{
	struct sources_request *p = REQUEST_OF(req, struct sources_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_SOURCE_ALL);
	int r;

	while ((r = query_next(&q)) > 0) {
		p->v = GROW(p->v, p->n, &p->cap);
		p->v[p->n] = (struct source_state){.name = NULL};
		read_state(&q, p->arena, &p->v[p->n++]);
	}
	if (p->n > 0)
		qsort(p->v, p->n, sizeof(*p->v), by_name);
	return r;
}

static void finish_sources(struct request *req)
{
	struct sources_request *p = REQUEST_OF(req, struct sources_request);

	p->cb(p->arg, req->r, p->v, req->r == 0 ? p->n : 0, &p->arena);
}

static void drop_sources(struct request *req)
{
	struct sources_request *p = REQUEST_OF(req, struct sources_request);

	arena_free(p->arena);
	free(p->v);
	free(p);
}

void store_sources(struct store *s, store_sources_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_sources, .finish = finish_sources, .drop = drop_sources};
	struct sources_request *p = NEW(struct sources_request);

	p->request.class = &class;
	p->arena = arena_new(ALL_MAX_BYTES);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
