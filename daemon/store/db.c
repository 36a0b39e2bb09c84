#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "mention/mention.h"

enum {
	BUSY_MS = 5000,        /* another process may look into the file (a backup, the sqlite3 shell) */
	PROGRESS_STEPS = 5000, /* of SQLite's machine between two looks at the deadline */
	SQL_TOLD_BYTES = 48,   /* of a statement, in the log: enough to know it */
};

struct db {
	sqlite3 *sqlite;
	sqlite3_stmt *stmts[SQLS];
	int64_t deadline_ms;
	bool (*go_on)(void *arg);
	void *go_on_arg;
	bool damaged;
};

/* EXTRA is FULL in WAL mode; while a new file is turned to it, the journal's deletion is synced, too: a power cut that
 * brought it back would undo all that the WAL has since.
 * auto_vacuum counts only before the first table, page reuse and giving pages back is retention's (store/keep).
 * secure_delete: Debian builds with ON, which writes each freed page once more; FAST clears what is written anyway.
 * wal_autocheckpoint: the commit that passes it pays for the checkpoint, on the writer's thread; 2000 pages are 8 MB. */
static const char both[] = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = OFF;";
static const char writer_only[] =
	"PRAGMA synchronous = EXTRA; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
	"PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864;"
	"PRAGMA secure_delete = FAST; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;";
static const char reader_only[] = "PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;";

static int to_errno(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		memory_out();
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_INTERRUPT:
		return -ETIMEDOUT;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
		return -EINVAL;
	default:
		return -EIO;
	}
}

static int failed(struct db *db, int code, const char *sql)
{
	int r = to_errno(code);

	db->damaged = db->damaged || r == -EBADMSG;
	if (r < 0 && !(r == -ETIMEDOUT && db->go_on)) { /* who paces it has stopped it */
		cleanup(freep) char *start = xstrndup(sql, strnlen(sql, SQL_TOLD_BYTES));

		LOG_LIMITED("store.failed", LOG_S("sql", start), LOG_S("why", sqlite3_errmsg(db->sqlite)),
			    LOG_I("code", sqlite3_extended_errcode(db->sqlite)));
	}
	return r;
}

static int past_deadline(void *arg)
{
	struct db *db = arg;

	if (db->go_on && !db->go_on(db->go_on_arg))
		return 1;
	return db->deadline_ms && clock_steady_ms() > db->deadline_ms;
}

static int configure(struct db *db, bool writer)
{
	int r;

	(void)sqlite3_extended_result_codes(db->sqlite, 1);
	(void)sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	(void)sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_progress_handler(db->sqlite, PROGRESS_STEPS, past_deadline, db);
	r = db_exec(db, both);
	if (r == 0)
		r = db_exec(db, writer ? writer_only : reader_only);
	return r;
}

/* SQLite counts the memory that it takes, under a lock, unless it is told otherwise before its first use: nobody asks. */
static void settle_sqlite(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_as(const char *path, int flags, bool writer, struct db **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	cleanup(db_closep) struct db *db = NEW(struct db);
	int r;

	(void)pthread_once(&once, settle_sqlite);
	r = sqlite3_open_v2(path, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (r != SQLITE_OK)
		return db->sqlite ? failed(db, r, "open") : -ENOMEM;
	r = configure(db, writer);
	if (r == -EBADMSG)
		return DB_E_CORRUPT;
	if (r < 0)
		return r;
	*ret = TAKE(db);
	return 0;
}

int db_open(const char *path, bool writer, struct db **ret)
{
	cleanup(closep) int fd = -1;

	if (writer) { /* ours alone; -wal and -shm take over the mode */
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
	}
	return open_as(path, SQLITE_OPEN_READWRITE, writer, ret);
}

int db_open_beside(const char *path, struct db **ret)
{
	return open_as(path, SQLITE_OPEN_READONLY, false, ret);
}

struct db *db_close(struct db *db)
{
	size_t i;

	if (!db)
		return NULL;
	for (i = 0; i < SQLS; i++)
		(void)sqlite3_finalize(db->stmts[i]);
	if (sqlite3_close(db->sqlite) != SQLITE_OK)
		abort(); /* a statement that isn't in the table: a bug of this room */
	free(db);
	return NULL;
}

int db_check(struct db *db)
{
	sqlite3_stmt *stmt;
	int r = sqlite3_prepare_v2(db->sqlite, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	bool sound = false;

	if (r == SQLITE_OK)
		r = sqlite3_step(stmt);
	if (r == SQLITE_ROW) {
		const char *said = (const char *)sqlite3_column_text(stmt, 0);

		sound = said && strcmp(said, "ok") == 0;
		if (!sound)
			LOG_ERROR("store.corrupt", LOG_S("why", said));
	}
	r = sound ? 0 : failed(db, r, "quick_check");
	(void)sqlite3_finalize(stmt);
	if (r < 0 && r != -EBADMSG)
		return r;
	return sound ? 0 : DB_E_CORRUPT;
}

int db_integrity(struct db *db, const char *table, size_t max, int64_t *ret_n, char *why, size_t why_bytes)
{
	char *sql = table ? sqlite3_mprintf("PRAGMA main.integrity_check(%Q)", table)
			  : sqlite3_mprintf("PRAGMA main.integrity_check(%d)", (int)max);
	sqlite3_stmt *stmt;
	int code, r;

	if (!sql)
		memory_out();
	*ret_n = 0;
	code = sqlite3_prepare_v2(db->sqlite, sql, -1, &stmt, NULL);
	while (code == SQLITE_OK && (size_t)*ret_n < max && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *said = (const char *)sqlite3_column_text(stmt, 0);

		code = SQLITE_OK;
		if (said && strcmp(said, "ok") == 0)
			continue;
		db->damaged = true;
		if ((*ret_n)++ == 0)
			snprintf(why, why_bytes, "%.*s", (int)strcspn(said ? said : "?", "\n"), said ? said : "?");
	}
	r = failed(db, code, sql);
	(void)sqlite3_finalize(stmt);
	sqlite3_free(sql);
	return r;
}

int db_exec(struct db *db, const char *sql)
{
	return failed(db, sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL), sql);
}

int db_number(struct db *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(db->sqlite, sql, -1, &stmt, NULL), r;

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	r = failed(db, code, sql);
	if (r == 0)
		*ret = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return r;
}

/* query_only forbids it, though it writes nothing to what is open. */
int db_vacuum_into(struct db *db, const char *path)
{
	char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);
	int r;

	if (!sql)
		memory_out();
	r = db_exec(db, "PRAGMA query_only = OFF");
	if (r == 0)
		r = db_exec(db, sql);
	sqlite3_free(sql);
	return r < 0 ? r : db_exec(db, "PRAGMA query_only = ON");
}

bool db_sound(struct db *db)
{
	return !db->damaged;
}

bool db_in_transaction(struct db *db)
{
	return !sqlite3_get_autocommit(db->sqlite);
}

void db_deadline(struct db *db, int64_t steady_ms)
{
	db->deadline_ms = steady_ms;
}

void db_pace(struct db *db, bool (*go_on)(void *arg), void *arg)
{
	db->go_on = go_on;
	db->go_on_arg = arg;
}

void db_interrupt(struct db *db)
{
	sqlite3_interrupt(db->sqlite);
}

struct query query_begin(struct db *db, enum sql sql)
{
	struct query q = {.db = db, .stmt = db->stmts[sql]};

	if (!q.stmt) {
		q.r = failed(
			db, sqlite3_prepare_v3(db->sqlite, sql_text[sql], -1, SQLITE_PREPARE_PERSISTENT, &q.stmt, NULL),
			sql_text[sql]);
		db->stmts[sql] = q.stmt;
	}
	return q;
}

void query_end(struct query *q)
{
	if (!q->stmt)
		return;
	(void)sqlite3_reset(q->stmt); /* its code was told by query_next() */
	(void)sqlite3_clear_bindings(q->stmt);
}

/* A bind can fail for a text past SQLite's limits (1 GB) or a ? too many: the first failure stays. */
static void put(struct query *q, int code)
{
	if (q->r == 0 && code != SQLITE_OK)
		q->r = failed(q->db, code, q->stmt ? sqlite3_sql(q->stmt) : "bind");
}

void query_put_int(struct query *q, int64_t v)
{
	put(q, sqlite3_bind_int64(q->stmt, ++q->put, v));
}

void query_put_time(struct query *q, int64_t ms)
{
	if (ms == TIME_NONE)
		q->put++; /* unbound is NULL */
	else
		query_put_int(q, ms);
}

void query_put_count(struct query *q, int64_t n)
{
	if (n < 0)
		q->put++;
	else
		query_put_int(q, n);
}

void query_put_real(struct query *q, double v)
{
	q->put++;
	if (!isnan(v))
		put(q, sqlite3_bind_double(q->stmt, q->put, v));
}

void query_put_text(struct query *q, const char *s)
{
	q->put++;
	if (s)
		put(q, sqlite3_bind_text64(q->stmt, q->put, s, strlen(s), SQLITE_STATIC, SQLITE_UTF8));
}

void query_put_blob(struct query *q, const void *p, size_t len)
{
	q->put++;
	if (p)
		put(q, sqlite3_bind_blob64(q->stmt, q->put, p, len, SQLITE_STATIC));
}

int query_next(struct query *q)
{
	int code;

	if (q->r < 0)
		return q->r;
	q->got = 0;
	code = sqlite3_step(q->stmt);
	if (code == SQLITE_ROW)
		return QUERY_ROW;
	q->r = failed(q->db, code, sqlite3_sql(q->stmt));
	return q->r;
}

int query_run(struct query *q)
{
	int r;

	do {
		r = query_next(q);
	} while (r > 0);
	return r;
}

int db_run(struct db *db, enum sql sql)
{
	cleanup(query_end) struct query q = query_begin(db, sql);

	return query_run(&q);
}

int64_t query_get_int(struct query *q)
{
	return sqlite3_column_int64(q->stmt, q->got++);
}

int64_t query_get_time(struct query *q)
{
	int i = q->got++;

	return sqlite3_column_type(q->stmt, i) == SQLITE_NULL ? TIME_NONE : sqlite3_column_int64(q->stmt, i);
}

int64_t query_get_count(struct query *q)
{
	int i = q->got++;

	return sqlite3_column_type(q->stmt, i) == SQLITE_NULL ? COUNT_NONE : sqlite3_column_int64(q->stmt, i);
}

double query_get_real(struct query *q)
{
	int i = q->got++;

	return sqlite3_column_type(q->stmt, i) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(q->stmt, i);
}

const char *query_get_text(struct query *q)
{
	return (const char *)sqlite3_column_text(q->stmt, q->got++);
}

const char *query_get_copy(struct query *q, struct arena *a)
{
	const char *s = query_get_text(q);

	return s ? arena_memdup0(a, s, strlen(s)) : NULL;
}

const void *query_get_blob(struct query *q, size_t *ret_len)
{
	int i = q->got++;
	const void *p = sqlite3_column_blob(q->stmt, i);

	*ret_len = p ? (size_t)sqlite3_column_bytes(q->stmt, i) : 0;
	return p;
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

size_t db_changes(struct db *db)
{
	return (size_t)sqlite3_changes64(db->sqlite);
}

int64_t db_total_changes(struct db *db)
{
	return sqlite3_total_changes64(db->sqlite);
}

/* Without waiting: that nobody reads is the rule, and who does may do so for long (a backup). */
int db_empty_log(struct db *db)
{
	int code;

	(void)sqlite3_busy_timeout(db->sqlite, 0);
	code = sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	return (code & 0xFF) == SQLITE_BUSY ? -EBUSY : failed(db, code, "checkpoint");
}
