#include "store/incident.h"

#include <errno.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/change.h"
#include "store/evidence.h"
#include "store/notice_write.h"
#include "store/state.h"

enum { ARENA_MAX_BYTES = 64 << 20, TOLD_MAX = 100 * STORE_INCIDENTS_MAX };

/* --- put --- */

struct put_request {
	struct request request;
	struct arena *arena;
	struct store_incident_put put; /* all of it in the arena */
	struct notice_row *notices;
	store_incident_cb *cb;
	void *arg;
};

static int write_row(struct writer *w, const struct store_incident *i)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_INCIDENT_PUT);

	query_put_int(&q, i->id);
	query_put_text(&q, i->topic);
	query_put_text(&q, i->alert);
	query_put_int(&q, i->state);
	query_put_int(&q, i->severity);
	query_put_int(&q, i->peak);
	query_put_int(&q, i->end);
	query_put_int(&q, i->live);
	query_put_int(&q, i->opened_ms);
	query_put_time(&q, i->closed_ms);
	query_put_text(&q, i->owner);
	query_put_blob(&q, i->kept, i->len);
	return query_run(&q);
}

static int write_line(struct writer *w, int64_t id, const struct store_incident_line *l)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_INCIDENT_LINE);

	query_put_int(&q, id);
	query_put_int(&q, l->at_ms);
	query_put_text(&q, l->what);
	query_put_text(&q, l->who);
	query_put_text(&q, l->text);
	return query_run(&q);
}

static int drop_old(struct writer *w)
{
	static const enum sql statements[] = {SQL_INCIDENT_LINES_OLD, SQL_INCIDENT_OLD};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ARRAY_LEN(statements); i++) {
		cleanup(query_end) struct query q = query_begin(w->db, statements[i]);

		query_put_int(&q, clock_wall_ms() - STORE_INCIDENT_KEEP_DAYS * DAY_MS);
		r = query_run(&q);
	}
	return r;
}

static int write_put(struct request *req, struct writer *w)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);
	const struct store_incident_put *put = &p->put;
	size_t i;
	int r;

	if (put->row.len > STORE_INCIDENT_KEPT_MAX_BYTES || arena_full(p->arena))
		return -EMSGSIZE;
	r = write_row(w, &put->row);
	for (i = 0; r == 0 && i < put->n_lines; i++)
		r = write_line(w, put->row.id, &put->lines[i]);
	for (i = 0; r == 0 && i < put->n_notices; i++)
		r = notice_write(w, &p->notices[i], p->arena, &p->notices[i].thread);
	if (r == 0)
		r = change_write(w, put);
	if (r == 0 && put->evidence)
		r = evidence_take(w, put->row.id, put->row.topic, clock_wall_ms());
	return r == 0 && !put->row.live ? drop_old(w) : r;
}

static void finish_put(struct request *req)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);

	p->cb(p->arg, req->r, p->notices, p->put.n_notices);
}

static void drop_put(struct request *req)
{
	arena_free(REQUEST_OF(req, struct put_request)->arena);
	free(req);
}

static struct store_incident copy_row(const struct store_incident *row, struct arena *a)
{
	struct store_incident copy = *row;

	copy.topic = arena_strdup(a, row->topic);
	copy.alert = arena_strdup(a, row->alert);
	copy.owner = arena_strdup(a, row->owner);
	copy.kept = arena_memdup0(a, row->kept, row->len);
	return copy;
}

static const struct store_incident_line *copy_lines(const struct store_incident_line *v, size_t n, struct arena *a)
{
	struct store_incident_line *copy = ARENA_ARRAY(a, struct store_incident_line, n + 1);
	size_t i;

	for (i = 0; copy && i < n; i++)
		copy[i] = (struct store_incident_line){.at_ms = v[i].at_ms,
						       .what = arena_strdup(a, v[i].what),
						       .who = arena_strdup(a, v[i].who),
						       .text = arena_strdup(a, v[i].text)};
	return copy;
}

static const struct store_incident_change *copy_changes(const struct store_incident_change *v, size_t n,
							struct arena *a)
{
	struct store_incident_change *copy = ARENA_ARRAY(a, struct store_incident_change, n + 1);
	size_t i;

	for (i = 0; copy && i < n; i++)
		copy[i] = (struct store_incident_change){.at_ms = v[i].at_ms,
							 .what = arena_strdup(a, v[i].what),
							 .who = arena_strdup(a, v[i].who),
							 .text = arena_strdup(a, v[i].text),
							 .by = arena_strdup(a, v[i].by)};
	return copy;
}

void store_incident_put(struct store *s, const struct store_incident_put *put, store_incident_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_put, .finish = finish_put, .drop = drop_put};
	struct put_request *p = NEW(struct put_request);
	size_t i;

	p->request = (struct request){.class = &class, .rows = 1 + put->n_lines + put->n_notices + put->n_changes};
	p->arena = arena_new(ARENA_MAX_BYTES);
	p->put = *put;
	p->put.row = copy_row(&put->row, p->arena);
	p->put.lines = copy_lines(put->lines, put->n_lines, p->arena);
	p->put.changes = copy_changes(put->changes, put->n_changes, p->arena);
	p->put.severity = arena_strdup(p->arena, put->severity);
	p->put.stage = arena_strdup(p->arena, put->stage);
	p->put.json = arena_strdup(p->arena, put->json);
	p->notices = ARENA_ARRAY(p->arena, struct notice_row, put->n_notices + 1);
	for (i = 0; p->notices && i < put->n_notices; i++)
		p->notices[i] = notice_copy(&put->notices[i], p->arena);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- read --- */

struct read_request {
	struct request request;
	struct arena *arena;
	struct store_incidents_ask ask;
	struct store_incidents found;
	store_incidents_cb *cb;
	void *arg;
};

static struct store_incident get_row(struct query *q, struct arena *a)
{
	struct store_incident row = {.id = query_get_int(q)};
	const void *kept;

	row.topic = query_get_copy(q, a);
	row.alert = query_get_copy(q, a);
	row.state = (int)query_get_int(q);
	row.severity = (int)query_get_int(q);
	row.peak = (int)query_get_int(q);
	row.end = (int)query_get_int(q);
	row.live = query_get_int(q) != 0;
	row.opened_ms = query_get_int(q);
	row.closed_ms = query_get_time(q);
	row.owner = query_get_copy(q, a);
	kept = query_get_blob(q, &row.len);
	row.kept = arena_memdup0(a, kept, row.len);
	return row;
}

static int read_rows(struct read_request *p, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_INCIDENT_READ);
	size_t limit = p->ask.limit && p->ask.limit < STORE_INCIDENTS_MAX ? p->ask.limit : STORE_INCIDENTS_MAX, i;
	struct store_incident *v = ARENA_ARRAY(p->arena, struct store_incident, limit);
	int r = 0;

	query_put_int(&q, p->ask.id);
	query_put_int(&q, p->ask.live);
	query_put_int(&q, (int64_t)limit);
	while (!arena_full(p->arena) && p->found.n < limit && (r = query_next(&q)) > 0)
		v[p->found.n++] = get_row(&q, p->arena);
	for (i = 0; i < p->found.n / 2; i++) { /* the newest came first */
		struct store_incident one = v[i];

		v[i] = v[p->found.n - 1 - i];
		v[p->found.n - 1 - i] = one;
	}
	p->found.rows = v;
	return r < 0 ? r : 0;
}

static int read_told(struct read_request *p, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_INCIDENT_TOLD);
	struct store_incident_told *v = ARENA_ARRAY(p->arena, struct store_incident_told, TOLD_MAX);
	int r = 0;

	while (!arena_full(p->arena) && p->found.n_told < TOLD_MAX && (r = query_next(&q)) > 0) {
		struct store_incident_told *t = &v[p->found.n_told++];

		t->id = query_get_int(&q);
		t->person = query_get_copy(&q, p->arena);
		t->state = (enum notice_state)query_get_int(&q);
	}
	p->found.told = v;
	return r < 0 ? r : 0;
}

static int read_lines(struct read_request *p, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_INCIDENT_LINES);
	struct store_incident_line *v = ARENA_ARRAY(p->arena, struct store_incident_line, STORE_INCIDENT_LINES_MAX);
	size_t n = 0;
	int r = 0;

	query_put_int(&q, p->ask.id);
	query_put_int(&q, STORE_INCIDENT_LINES_MAX);
	while (!arena_full(p->arena) && n < STORE_INCIDENT_LINES_MAX && (r = query_next(&q)) > 0) {
		struct store_incident_line *l = &v[STORE_INCIDENT_LINES_MAX - ++n]; /* the newest came first */

		l->at_ms = query_get_int(&q);
		l->what = query_get_copy(&q, p->arena);
		l->who = query_get_copy(&q, p->arena);
		l->text = query_get_copy(&q, p->arena);
	}
	p->found.lines = v + STORE_INCIDENT_LINES_MAX - n;
	p->found.n_lines = n;
	return r < 0 ? r : 0;
}

static int read_number(struct db *db, enum sql sql, int64_t none, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(db, sql);
	int r = query_next(&q);

	*ret = r > 0 ? query_get_int(&q) : none;
	return r < 0 ? r : 0;
}

static int read_ask(struct request *req, struct reader *rd)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);
	int r = read_rows(p, rd->db);

	if (r == 0 && p->ask.live)
		r = read_told(p, rd->db);
	if (r == 0 && p->ask.id)
		r = read_lines(p, rd->db);
	if (r == 0)
		r = read_number(rd->db, SQL_INCIDENT_LAST, 0, &p->found.last_id);
	return r == 0 ? read_number(rd->db, SQL_ALIVE, TIME_NONE, &p->found.alive_ms) : r;
}

static void finish_read(struct request *req)
{
	struct read_request *p = REQUEST_OF(req, struct read_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->found : NULL);
}

static void drop_read(struct request *req)
{
	arena_free(REQUEST_OF(req, struct read_request)->arena);
	free(req);
}

void store_incidents(struct store *s, const struct store_incidents_ask *ask, store_incidents_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_ask, .finish = finish_read, .drop = drop_read};
	struct read_request *p = NEW(struct read_request);

	p->request.class = &class;
	p->arena = arena_new(ARENA_MAX_BYTES);
	p->ask = *ask;
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
