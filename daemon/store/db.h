#pragma once
/*
 * store/db: one connection to the log's database, its prepared statements, and how a row is bound and read.
 *
 * Owner:  the thread that uses it: a connection belongs to one thread, and has no lock of its own.
 * Blocks: on the disk.
 * Errors: SQLite's codes end here, as -errno; each is logged once (store.failed), with the statement that met it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "store/sql.h"

struct arena;
struct db;

enum { DB_E_CORRUPT = 1 };
/* Opens or makes the file. DB_E_CORRUPT: it is damaged, or no database. */
int db_open(const char *path, bool writer, struct db **ret) must_use;
/* A reader that can change nothing, not even take over at its end what waits in the WAL of a process that died. */
int db_open_beside(const char *path, struct db **ret) must_use;
struct db *db_close(struct db *db); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct db, db_close)

int db_check(struct db *db) must_use; /* quick_check: reads the whole file. DB_E_CORRUPT */
/* integrity_check of a table and its indexes, or of the whole file (NULL): how many complaints there were, at most max,
 * and the first of them. */
int db_integrity(struct db *db, const char *table, size_t max, int64_t *ret_n, char *why, size_t why_bytes) must_use;
int db_exec(struct db *db, const char *sql) must_use;
int db_number(struct db *db, const char *sql, int64_t *ret) must_use; /* of one row, one column: a pragma's */
int db_vacuum_into(struct db *db, const char *path) must_use; /* into an empty file, or none; not for a writer */
bool db_sound(struct db *db);                       /* nothing that it met so far said that the file is damaged */
bool db_in_transaction(struct db *db);              /* a failure may have ended it */
void db_deadline(struct db *db, int64_t steady_ms); /* statements end with -ETIMEDOUT past it; 0: none */

/* Called now and then in the midst of statements; false ends them with -ETIMEDOUT. */
void db_pace(struct db *db, bool (*go_on)(void *arg), void *arg);
void db_interrupt(struct db *db); /* the one that runs ends so; from any thread */

/* One use of a prepared statement: values are put in the order of their ?s, got in the order of the columns.
 *
 *	cleanup(query_end) struct query q = query_begin(db, SQL_X);
 *	query_put_int(&q, 1);
 *	while ((r = query_next(&q)) > 0)
 *		n = query_get_int(&q);
 */
struct query {
	struct db *db;
	struct sqlite3_stmt *stmt;
	int put, got;
	int r; /* the first failure: query_next() returns it */
};
struct query query_begin(struct db *db, enum sql sql);
void query_end(struct query *q);

void query_put_int(struct query *q, int64_t v);
void query_put_time(struct query *q, int64_t ms); /* TIME_NONE is NULL */
void query_put_count(struct query *q, int64_t n); /* COUNT_NONE is NULL */
void query_put_real(struct query *q, double v);   /* NaN is NULL */
/* Borrowed until query_end(). NULL is NULL. */
void query_put_text(struct query *q, const char *s);
void query_put_blob(struct query *q, const void *p, size_t len);

enum { QUERY_ROW = 1 };
int query_next(struct query *q) must_use;         /* 0: no more, QUERY_ROW, -errno */
int query_run(struct query *q) must_use;          /* to its end; rows are passed over */
int db_run(struct db *db, enum sql sql) must_use; /* a statement without a ? */

int64_t query_get_int(struct query *q); /* NULL is 0 */
int64_t query_get_time(struct query *q);
int64_t query_get_count(struct query *q);
double query_get_real(struct query *q);
const char *query_get_text(struct query *q); /* borrowed until the next query_next() */
const char *query_get_copy(struct query *q, struct arena *a);
const void *query_get_blob(struct query *q, size_t *ret_len); /* borrowed, as above */

int64_t db_last_id(struct db *db);
size_t db_changes(struct db *db);        /* rows changed by the last statement */
int64_t db_total_changes(struct db *db); /* since it was opened, with those that statements make by themselves */
int db_empty_log(
	struct db *db) must_use; /* the write-ahead log: into the file, and cut. -EBUSY: somebody reads there */
