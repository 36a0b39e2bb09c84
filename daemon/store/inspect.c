#include "store/inspect.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/db.h"
#include "store/evidence.h"
#include "store/mention_row.h"
#include "store/writer.h"

enum { REST_FACTOR = 4, TABLES_MAX = 100, ARENA_MAX_BYTES = 64 << 20 };

struct inspect {
	char *path;
	bool slowly;
	pthread_mutex_t lock; /* over stopped and db */
	pthread_cond_t stop;
	bool stopped;
	struct db *db; /* while inspect_run() has it open */
	int64_t worked_from_ms;
};

/* What the tables say of each other. Asked rarely, so that no connection keeps them prepared (store/sql). */
static const struct {
	enum inspect_kind kind;
	const char *sql;
} questions[] = {
	{INSPECT_ROW_EMPTY,
	 "SELECT count(*) FROM outbox s WHERE NOT EXISTS (SELECT 1 FROM mention WHERE id = s.mention) AND (state IN "
	 "(0, 3) "
	 "OR id < (SELECT max(id) FROM stream))"}, /* the newest stays: it is the mark for the next */
	{INSPECT_ROW_ASIDE, "SELECT count(*) FROM stream WHERE state = 3"},
	{INSPECT_ROW_ASIDE, "SELECT count(*) FROM incident_change WHERE state = 3"},
	{INSPECT_HIT_LOST, "SELECT count(*) FROM mention m WHERE stream IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
			   "stream WHERE id = m.stream)"},
	{INSPECT_NAMELESS, "SELECT count(*) FROM mention WHERE source NOT IN (SELECT id FROM name)"},
	{INSPECT_ORPHANS, "SELECT count(*) FROM hit WHERE stream NOT IN (SELECT id FROM stream)"},
	{INSPECT_ORPHANS,
	 "SELECT count(*) FROM version v WHERE NOT EXISTS (SELECT 1 FROM mention WHERE id = v.mention)"},
	{INSPECT_ORPHANS,
	 "SELECT count(*) FROM sighting s WHERE NOT EXISTS (SELECT 1 FROM mention WHERE id = s.mention)"},
	{INSPECT_ORPHANS,
	 "SELECT count(*) FROM counts c WHERE NOT EXISTS (SELECT 1 FROM mention WHERE id = c.mention)"},
	{INSPECT_ORPHANS, "SELECT count(*) FROM alias a WHERE NOT EXISTS (SELECT 1 FROM mention WHERE id = a.mention)"},
	{INSPECT_ORPHANS, "SELECT count(*) FROM source WHERE id NOT IN (SELECT id FROM name)"},
	{INSPECT_ORPHANS, "SELECT count(*) FROM seen WHERE source NOT IN (SELECT id FROM source)"},
	{INSPECT_ORPHANS, "SELECT count(*) FROM story_part WHERE story NOT IN (SELECT id FROM story)"},
	{INSPECT_ORPHANS, "SELECT count(*) FROM bin WHERE series NOT IN (SELECT id FROM series)"},
	{INSPECT_COUNTS,
	 "SELECT count(*) FROM (" SQL_TRUE_TOTALS ") AS t WHERE t.n IS NOT (SELECT n FROM total WHERE id = t.id)"},
	{INSPECT_COUNTS, /* the largest number of a mention that was given */
	 "SELECT count(*) FROM (SELECT (SELECT n FROM total WHERE id = 7) AS n) WHERE n IS NULL OR n < (SELECT "
	 "coalesce(max(id), 0) FROM mention)"},
	{INSPECT_COUNTS, /* the largest id that was sent: as its mark has it, no less than what waits all the same; its row may be forgotten */
	 "SELECT count(*) FROM (SELECT (SELECT n FROM total WHERE id = 6) AS n) WHERE n IS NULL OR n < (SELECT "
	 "coalesce(max(id), 0) FROM stream WHERE state = 4) OR n IS NOT (SELECT at FROM mark WHERE name = 'sent')"},
	{INSPECT_COUNTS, "SELECT count(*) FROM name n LEFT JOIN (" SQL_TRUE_USES
			 ") AS u ON u.id = n.id WHERE n.uses <> coalesce(u.n, 0)"},
	{INSPECT_SEARCH, "SELECT count(*) FROM (SELECT (SELECT at FROM mark WHERE name = 'search') AS at) WHERE at IS "
			 "NULL OR at > (SELECT n FROM total WHERE id = 7)"},
};

bool inspect_clean(const struct inspect_found *found)
{
	size_t k;

	for (k = 0; k < INSPECT_KINDS; k++)
		if (found->n[k])
			return false;
	return true;
}

const char *inspect_name(enum inspect_kind kind)
{
	static const char *const names[INSPECT_KINDS] = {
		[INSPECT_DAMAGED] = "damaged",     [INSPECT_ROW_DAMAGED] = "row-damaged",
		[INSPECT_ROW_ASIDE] = "row-aside", [INSPECT_ROW_EMPTY] = "row-empty",
		[INSPECT_HIT_LOST] = "hit-lost",   [INSPECT_NAMELESS] = "nameless",
		[INSPECT_ORPHANS] = "orphans",     [INSPECT_COUNTS] = "counts",
		[INSPECT_SEARCH] = "search",       [INSPECT_EVIDENCE] = "evidence",
	};

	return names[kind];
}

/* --- stopping and resting --- */

static bool stopped(struct inspect *i)
{
	bool is;

	pthread_mutex_lock(&i->lock);
	is = i->stopped;
	pthread_mutex_unlock(&i->lock);
	return is;
}

static void rest(struct inspect *i, int64_t ms)
{
	struct timespec until = clock_deadline(ms);

	pthread_mutex_lock(&i->lock);
	while (!i->stopped && pthread_cond_timedwait(&i->stop, &i->lock, &until) == 0)
		;
	pthread_mutex_unlock(&i->lock);
}

/* Called in the midst of statements: rests for four times as long as it has worked. False: they end. */
static bool pace(void *arg)
{
	struct inspect *i = arg;
	int64_t worked_ms = clock_steady_ms() - i->worked_from_ms;

	if (stopped(i))
		return false;
	if (!i->slowly || worked_ms < INSPECT_WORK_MS)
		return true;
	rest(i, worked_ms * REST_FACTOR);
	i->worked_from_ms = clock_steady_ms();
	return true;
}

static bool go_on(struct inspect *i)
{
	return !i || pace(i);
}

/* --- the looks --- */

/* Damage that a question meets is a finding, and the next question is asked all the same. */
static int note(struct inspect_found *found, int r)
{
	if (r != -EBADMSG)
		return r;
	found->n[INSPECT_DAMAGED]++;
	return 0;
}

/* Table by table, each with its indexes; NULL: the file as a whole, with its free pages. */
static int look_at_table(struct db *db, const char *table, struct inspect_found *found)
{
	char why[INSPECT_WHY_BYTES] = "";
	int64_t n = 0;
	int r = db_integrity(db, table, INSPECT_COMPLAINTS_MAX, &n, why, sizeof(why));

	if (n && !*found->why)
		memcpy(found->why, why, sizeof(why));
	found->n[INSPECT_DAMAGED] += n;
	return note(found, r);
}

static int table_names(struct db *db, struct arena *a, const char *ret[TABLES_MAX], size_t *ret_n)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_TABLES);
	int r = 0;

	for (*ret_n = 0; *ret_n < TABLES_MAX && (r = query_next(&q)) > 0; (*ret_n)++)
		ret[*ret_n] = query_get_copy(&q, a);
	return r < 0 ? r : 0;
}

static int look_at_file(struct inspect *i, struct db *db, struct inspect_found *found)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	const char *names[TABLES_MAX];
	size_t n, k;
	int r;

	if (!i || !i->slowly)
		return look_at_table(db, NULL, found);
	r = table_names(db, a, names, &n);
	for (k = 0; r == 0 && k < n && go_on(i); k++)
		r = look_at_table(db, names[k], found);
	return note(found, r);
}

/* One row of the stream against its checksum; *ret_id moves on. */
static int look_at_row(struct query *q, struct arena *a, struct inspect_found *found, int64_t *ret_id)
{
	struct mention_row row;
	int64_t crc, mention, state;
	int r;

	*ret_id = query_get_int(q);
	crc = query_get_int(q);
	state = query_get_int(q);
	mention = query_get_int(q);
	found->hits++;
	if (!mention || state == STREAM_ASIDE) /* both have findings of their own */
		return 0;
	r = mention_row_read(q, a, &row);
	if (r == 0 && !row.m.source) /* the checksum goes over its name: INSPECT_NAMELESS */
		return 0;
	if (r > 0 || (r == 0 && mention_row_crc(*ret_id, &row.m) != crc))
		found->n[INSPECT_ROW_DAMAGED]++;
	return r < 0 ? r : 0;
}

/* *ret_n: how many there were. */
static int look_at_rows(struct db *db, int64_t *after, struct inspect_found *found, size_t *ret_n)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	cleanup(query_end) struct query q = query_begin(db, SQL_STREAM_INSPECT);
	int r = 0;

	query_put_int(&q, *after);
	query_put_int(&q, INSPECT_BATCH_ROWS);
	for (*ret_n = 0; r == 0 && (r = query_next(&q)) > 0; (*ret_n)++)
		r = look_at_row(&q, a, found, after);
	return r;
}

static int look_at_stream(struct inspect *i, struct db *db, struct inspect_found *found)
{
	int64_t after = 0;
	size_t n;
	int r;

	do {
		r = look_at_rows(db, &after, found, &n);
	} while (r == 0 && n == INSPECT_BATCH_ROWS && go_on(i));
	return note(found, r);
}

static int look_at_tables(struct inspect *i, struct db *db, struct inspect_found *found)
{
	int64_t n;
	size_t k;
	int r = 0;

	for (k = 0; r == 0 && k < ARRAY_LEN(questions) && go_on(i); k++) {
		r = db_number(db, questions[k].sql, &n);
		if (r == 0)
			found->n[questions[k].kind] += n;
		r = note(found, r);
	}
	if (r == 0)
		r = note(found, db_number(db, "SELECT count(*) FROM mention", &found->mentions));
	return r;
}

/* FTS5 wants it written as if it were a row, and writes nothing: it is rolled back, so that the file stays as it is. */
static int look_at_search(struct db *db, struct inspect_found *found)
{
	int r = db_exec(db, "PRAGMA query_only = OFF");

	if (r == 0)
		r = db_run(db, SQL_BEGIN_WRITE);
	if (r < 0)
		return note(found, r);
	if (db_run(db, SQL_SEARCH_CHECK) < 0)
		found->n[INSPECT_SEARCH]++;
	return db_in_transaction(db) ? note(found, db_run(db, SQL_ROLLBACK)) : 0;
}

static int look(struct inspect *i, struct db *db, bool alone, struct inspect_found *ret)
{
	struct inspect_found found = {.n = {0}};
	int r = look_at_file(i, db, &found);

	if (r == 0)
		r = look_at_stream(i, db, &found);
	if (r == 0)
		r = look_at_tables(i, db, &found);
	if (r == 0 && go_on(i))
		r = note(&found, evidence_verify(db, &found.n[INSPECT_EVIDENCE], &found.broken_link));
	if (r == 0 && alone)
		r = look_at_search(db, &found);
	if (r == 0)
		*ret = found;
	return r;
}

int inspect_db(struct db *db, bool alone, struct inspect_found *ret)
{
	return look(NULL, db, alone, ret);
}

/* --- a look of its own --- */

struct inspect *inspect_new(const char *db_path, bool slowly)
{
	struct inspect *i = NEW(struct inspect);
	pthread_condattr_t attr;

	i->path = xstrdup(db_path);
	i->slowly = slowly;
	pthread_mutex_init(&i->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&i->stop, &attr);
	pthread_condattr_destroy(&attr);
	return i;
}

struct inspect *inspect_free(struct inspect *i)
{
	if (!i)
		return NULL;
	pthread_cond_destroy(&i->stop);
	pthread_mutex_destroy(&i->lock);
	free(i->path);
	free(i);
	return NULL;
}

static void publish(struct inspect *i, struct db *db)
{
	pthread_mutex_lock(&i->lock);
	i->db = db;
	pthread_mutex_unlock(&i->lock);
}

void inspect_stop(struct inspect *i)
{
	pthread_mutex_lock(&i->lock);
	i->stopped = true;
	pthread_cond_broadcast(&i->stop);
	if (i->db)
		db_interrupt(i->db);
	pthread_mutex_unlock(&i->lock);
}

int inspect_run(struct inspect *i, struct inspect_found *ret)
{
	cleanup(db_closep) struct db *db = NULL;
	int r = access(i->path, R_OK) < 0 ? -errno : db_open(i->path, false, &db);

	if (r == DB_E_CORRUPT) {
		*ret = (struct inspect_found){.n = {[INSPECT_DAMAGED] = 1}};
		return 0;
	}
	if (r < 0)
		return r;
	i->worked_from_ms = clock_steady_ms();
	db_pace(db, pace, i);
	publish(i, db);
	r = look(i, db, false, ret);
	publish(i, NULL);
	return stopped(i) ? -ECANCELED : r;
}
