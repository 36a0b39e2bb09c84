#include "store/replay.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/db.h"
#include "store/mention_row.h"
#include "store/schema.h"

struct replay {
	struct db *db;
	int64_t since_ms;
	int64_t from_ms; /* of rows: no later than that */
	int64_t before;  /* the number of the last row that was given; at first above all */
	size_t damaged;
};

/* Of SQLite's codes, those that say the file is none of ours or not whole. */
static int outcome(int r)
{
	return r == -EBADMSG ? REPLAY_E_CORRUPT : r;
}

static int check_version(struct db *db)
{
	int64_t version;
	int r = db_number(db, "PRAGMA user_version", &version);

	if (r < 0)
		return r;
	if (version == schema_version())
		return 0;
	return version > schema_version() ? REPLAY_E_NEWER : version == 0 ? REPLAY_E_NONE : REPLAY_E_OLDER;
}

int replay_open(const char *state, int64_t since_ms, struct replay **ret)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.db", state);
	cleanup(replay_freep) struct replay *p = NEW(struct replay);
	int64_t last;
	int r;

	if (access(path, R_OK) < 0)
		return errno == ENOENT ? REPLAY_E_NONE : -errno;
	r = db_open_beside(path, &p->db);
	if (r == DB_E_CORRUPT)
		return REPLAY_E_CORRUPT;
	if (r == 0)
		r = check_version(p->db);
	if (r == 0)
		r = db_number(p->db, "SELECT coalesce(max(id), 0) FROM mention", &last);
	if (r != 0)
		return outcome(r);
	p->since_ms = p->from_ms = since_ms;
	p->before = last + 1;
	*ret = TAKE(p);
	return 0;
}

struct replay *replay_free(struct replay *r)
{
	if (!r)
		return NULL;
	db_close(r->db);
	free(r);
	return NULL;
}

void replay_begin_at(struct replay *r, int64_t from_ms)
{
	r->from_ms = from_ms < r->since_ms ? from_ms : r->since_ms;
}

size_t replay_damaged(const struct replay *r)
{
	return r->damaged;
}

/* Counts that grow after a mention was judged are kept with their times; an edit judges it anew. */
static int counts_then(struct replay *p, const struct mention_row *row, struct mention_counts *ret)
{
	cleanup(query_end) struct query q = query_begin(p->db, SQL_REPLAY_COUNTS);
	int r;

	query_put_int(&q, row->id);
	query_put_int(&q, row->m.seen_ms);
	r = query_next(&q);
	if (r <= 0)
		return r;
	ret->likes = query_get_count(&q);
	ret->shares = query_get_count(&q);
	ret->replies = query_get_count(&q);
	ret->views = query_get_count(&q);
	return 0;
}

static bool counted(const struct mention_counts *c)
{
	return c->likes >= 0 || c->shares >= 0 || c->replies >= 0 || c->views >= 0;
}

static int finish_row(struct replay *p, struct mention_row *row, struct mention *ret)
{
	int r = counted(&row->m.counts) ? counts_then(p, row, &row->m.counts) : 0;

	if (r == 0)
		*ret = row->m;
	return r;
}

/* *ret_looked: rows that there were, damaged ones too. */
static int next_rows(struct replay *p, struct arena *a, struct mention *ret, size_t *ret_n, size_t *ret_looked)
{
	cleanup(query_end) struct query q = query_begin(p->db, SQL_REPLAY);
	const size_t used = arena_used(a);
	size_t n = 0, looked = 0;
	int r = 0;

	query_put_int(&q, p->before);
	query_put_int(&q, p->from_ms);
	query_put_int(&q, REPLAY_ROWS_MAX);
	while (r == 0 && arena_used(a) - used < REPLAY_ROWS_MAX_BYTES && (r = query_next(&q)) > 0) {
		struct mention_row row;

		looked++;
		r = mention_row_read(&q, a, &row);
		p->before = row.id;
		if (r == MENTION_ROW_E_DAMAGED) {
			p->damaged++;
			r = 0;
			continue;
		}
		if (r == 0)
			r = finish_row(p, &row, &ret[n]);
		n++;
	}
	*ret_n = n;
	*ret_looked = looked;
	return outcome(r);
}

int replay_next(struct replay *p, struct arena *a, struct mention *ret, size_t *ret_n)
{
	size_t looked;
	int r;

	do {
		r = next_rows(p, a, ret, ret_n, &looked);
	} while (r == 0 && *ret_n == 0 && looked > 0);
	return r;
}

int replay_find(struct replay *p, const uint8_t id[MENTION_ID_BYTES], struct arena *a, struct mention *ret)
{
	struct mention_row row;
	int r = mention_row_find(p->db, id, 0, a, &row);

	if (r == 0)
		r = finish_row(p, &row, ret);
	if (r == MENTION_ROW_E_DAMAGED)
		return REPLAY_E_CORRUPT;
	return r > 0 ? REPLAY_E_NONE : outcome(r);
}

/* One number of one row; NULL is TIME_NONE. */
static int ask(struct replay *p, enum sql sql, const int64_t *since_ms, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(p->db, sql);
	int r;

	if (since_ms)
		query_put_int(&q, *since_ms);
	r = query_next(&q);
	if (r < 0)
		return outcome(r);
	*ret = r > 0 ? query_get_time(&q) : TIME_NONE;
	return 0;
}

int replay_reach(struct replay *p, struct replay_reach *ret)
{
	int r = ask(p, SQL_REPLAY_COUNT, &p->since_ms, &ret->mentions);

	if (r == 0)
		r = ask(p, SQL_REPLAY_FIRST, NULL, &ret->first_ms);
	if (r == 0)
		r = ask(p, SQL_REPLAY_FIRST_PLAIN, NULL, &ret->plain_first_ms);
	return r;
}

int replay_deaf(struct replay *p, int64_t now_ms, struct arena *a, struct replay_deaf *ret)
{
	cleanup(query_end) struct query q = query_begin(p->db, SQL_REPLAY_DEAF);
	size_t names = 0;
	int r;

	*ret = (struct replay_deaf){.sources = 0};
	query_put_int(&q, p->since_ms);
	query_put_int(&q, now_ms);
	while ((r = query_next(&q)) > 0) {
		const int64_t source = query_get_int(&q), ms = query_get_int(&q);
		const char *name = query_get_copy(&q, a);

		if (source == 0) {
			ret->down_ms = ms;
			continue;
		}
		ret->sources++;
		if (names < REPLAY_DEAF_NAMES && name)
			ret->names[names++] = name;
	}
	return outcome(r);
}

int replay_down(struct replay *p, int64_t from_ms, int64_t now_ms, struct arena *a, const struct replay_span **ret,
		size_t *ret_n)
{
	cleanup(query_end) struct query q = query_begin(p->db, SQL_REPLAY_DOWN);
	struct replay_span *v = ARENA_ARRAY(a, struct replay_span, REPLAY_SPANS_MAX);
	size_t n = 0;
	int r;

	query_put_int(&q, from_ms);
	query_put_int(&q, now_ms);
	query_put_int(&q, REPLAY_SPANS_MAX);
	while ((r = query_next(&q)) > 0) {
		v[n].from_ms = query_get_int(&q);
		v[n++].to_ms = query_get_int(&q);
	}
	*ret = v;
	*ret_n = n;
	return outcome(r);
}

int replay_incidents(struct replay *p, struct arena *a, const struct replay_incident **ret, size_t *ret_n)
{
	cleanup(query_end) struct query q = query_begin(p->db, SQL_INCIDENT_SINCE);
	struct replay_incident *v = ARENA_ARRAY(a, struct replay_incident, REPLAY_INCIDENTS_MAX);
	size_t at = REPLAY_INCIDENTS_MAX; /* the newest come first */
	int r;

	query_put_int(&q, p->since_ms);
	query_put_int(&q, REPLAY_INCIDENTS_MAX);
	while ((r = query_next(&q)) > 0) {
		struct replay_incident *i = &v[--at];

		i->id = query_get_int(&q);
		i->topic = query_get_copy(&q, a);
		i->alert = query_get_copy(&q, a);
		i->peak = (int)query_get_int(&q);
		i->end = (int)query_get_int(&q);
		i->opened_ms = query_get_int(&q);
		i->closed_ms = query_get_time(&q);
	}
	*ret = v + at;
	*ret_n = REPLAY_INCIDENTS_MAX - at;
	return outcome(r);
}
