#include "store/salvage.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/schema.h"
#include "store/sql.h"

enum { SQL_MAX_BYTES = 4096, NAME_MAX_BYTES = 64, TABLES_MAX = 100 };

struct table {
	char name[NAME_MAX_BYTES];
	bool rowid; /* else WITHOUT ROWID */
};

/* One table on its way. */
struct copying {
	sqlite3 *from, *to;
	sqlite3_stmt *put;
	const struct table *table;
	char columns[SQL_MAX_BYTES / 2];
	int n_columns;
	char *up, *down;        /* from low to high, and back */
	size_t probes, waiting; /* questions asked; rows not committed yet */
	bool torn;
	struct salvage_result *result;
};

static void finalize(sqlite3_stmt **stmt)
{
	(void)sqlite3_finalize(*stmt);
}

static void close_db(sqlite3 **db)
{
	(void)sqlite3_close(*db);
}

static int to_errno(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		memory_out();
	case SQLITE_FULL:
		return -ENOSPC;
	default:
		return -EIO;
	}
}

static int run(sqlite3 *db, const char *sql)
{
	return to_errno(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* --- what there is --- */

/* What grows with the log. Of these, SALVAGE_WAITING has by hand what it wants. */
static bool is_large(const char *table)
{
	static const char *const large[] = {"mention", "stream", "hit",          "version",    "counts", "sighting",
					    "alias",   "story",  "story_leader", "story_part", "author",
					    "answer",  "answer_hit"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(large); i++) {
		if (strcmp(large[i], table) == 0)
			return true;
	}
	return false;
}

/* name first, since the triggers of others count into it. */
static size_t list_tables(sqlite3 *db, struct table v[TABLES_MAX])
{
	static const char sql[] =
		"SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE "
		"'sqlite\\_%' ESCAPE '\\' AND name <> 'total' ORDER BY name <> 'name', name";
	cleanup(finalize) sqlite3_stmt *stmt = NULL;
	size_t n = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return 0;
	while (n < TABLES_MAX && sqlite3_step(stmt) == SQLITE_ROW) {
		snprintf(v[n].name, sizeof(v[n].name), "%s", (const char *)sqlite3_column_text(stmt, 0));
		v[n++].rowid = sqlite3_column_int(stmt, 1) == 0;
	}
	return n;
}

static bool has_column(sqlite3 *db, const char *table, const char *column)
{
	static const char sql[] = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?";
	cleanup(finalize) sqlite3_stmt *stmt = NULL;

	return sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	       sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC) == SQLITE_OK &&
	       sqlite3_bind_text(stmt, 2, column, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW;
}

/* The columns of both, and the statement that takes them. name.uses is counted anew. */
static int prepare(struct copying *c)
{
	static const char sql[] = "SELECT name FROM pragma_table_info(?)";
	cleanup(finalize) sqlite3_stmt *stmt = NULL;
	char put[SQL_MAX_BYTES];
	size_t len = 0;
	int i, r = sqlite3_prepare_v2(c->to, sql, -1, &stmt, NULL);

	if (r == SQLITE_OK)
		r = sqlite3_bind_text(stmt, 1, c->table->name, -1, SQLITE_STATIC);
	while (r == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		const char *column = (const char *)sqlite3_column_text(stmt, 0);

		if (strcmp(column, "uses") == 0 || !has_column(c->from, c->table->name, column))
			continue;
		len += (size_t)snprintf(c->columns + len, sizeof(c->columns) - len, "%s\"%s\"", len ? ", " : "",
					column);
		if (len >= sizeof(c->columns))
			return -EINVAL;
		c->n_columns++;
	}
	if (r != SQLITE_OK || !c->n_columns)
		return to_errno(r);
	len = (size_t)snprintf(put, sizeof(put), "INSERT OR IGNORE INTO \"%s\" (%s) VALUES (?", c->table->name,
			       c->columns);
	for (i = 1; i < c->n_columns && len < sizeof(put); i++)
		len += (size_t)snprintf(put + len, sizeof(put) - len, ", ?");
	if (len + 2 > sizeof(put))
		return -EINVAL;
	snprintf(put + len, sizeof(put) - len, ")");
	return to_errno(sqlite3_prepare_v2(c->to, put, -1, &c->put, NULL));
}

/* --- rows --- */

/* A row that is not what its table takes any more (a flipped bit in its head) is a hole; a disk that is full is not. */
static int put_row(struct copying *c, sqlite3_stmt *row)
{
	int i, code = SQLITE_OK;

	for (i = 0; code == SQLITE_OK && i < c->n_columns; i++)
		code = sqlite3_bind_value(c->put, i + 1, sqlite3_column_value(row, i));
	if (code == SQLITE_OK)
		code = sqlite3_step(c->put);
	(void)sqlite3_reset(c->put);
	(void)sqlite3_clear_bindings(c->put);
	if (code == SQLITE_DONE) {
		c->result->rows += sqlite3_changes(c->to);
	} else if ((code & 0xFF) == SQLITE_CONSTRAINT || (code & 0xFF) == SQLITE_MISMATCH) {
		c->torn = true;
	} else {
		return to_errno(code);
	}
	if (++c->waiting < SALVAGE_COMMIT_ROWS)
		return 0;
	c->waiting = 0;
	return run(c->to, "COMMIT; BEGIN IMMEDIATE");
}

/* Takes rows as long as they can be read. *ret_last: the last of them, or *ret_last as it was. *ret_whole: to the end. */
static int take(struct copying *c, const char *sql, int64_t low, int64_t high, int64_t *ret_last, bool *ret_whole)
{
	cleanup(finalize) sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(c->from, sql, -1, &row, NULL), r = 0;

	c->probes++;
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(row) == 2) {
		(void)sqlite3_bind_int64(row, 1, low);
		(void)sqlite3_bind_int64(row, 2, high);
	}
	while (code == SQLITE_OK && r == 0) {
		code = sqlite3_step(row);
		if (code != SQLITE_ROW)
			break;
		if (c->table->rowid)
			*ret_last = sqlite3_column_int64(row, c->n_columns);
		r = put_row(c, row);
		code = SQLITE_OK;
	}
	*ret_whole = code == SQLITE_DONE;
	return r;
}

/* The rows from low to high: upwards to the first that can't be read, downwards to the last, and what lies between in
 * halves, until so many of them in a row have given nothing: numbers of the stream lie far apart, and a page that can't be
 * read has no end that could be asked for. */
static int take_range(struct copying *c, int64_t low, int64_t high, int fruitless)
{
	int64_t first = low - 1, last = high + 1, middle;
	bool whole;
	int r;

	r = take(c, c->up, low, high, &first, &whole);
	if (r < 0 || whole)
		return r;
	c->torn = true;
	r = take(c, c->down, first + 1, high, &last, &whole);
	if (r < 0 || whole)
		return r;
	fruitless = first < low && last > high ? fruitless + 1 : 0;
	if (last - first <= 2 || fruitless > SALVAGE_FRUITLESS_MAX || c->probes >= SALVAGE_PROBES_MAX)
		return 0;
	middle = first + (last - first) / 2;
	r = take_range(c, first + 1, middle, fruitless);
	return r < 0 ? r : take_range(c, middle + 1, last - 1, fruitless);
}

/* Without a number to ask by: from both ends of its key. */
static int take_ends(struct copying *c)
{
	cleanup(freep) char *up = xasprintf("SELECT %s FROM \"%s\" ORDER BY %s", c->columns, c->table->name,
					    c->n_columns > 1 ? "1, 2" : "1");
	cleanup(freep) char *down = xasprintf("SELECT %s FROM \"%s\" ORDER BY %s", c->columns, c->table->name,
					      c->n_columns > 1 ? "1 DESC, 2 DESC" : "1 DESC");
	int64_t none = 0;
	bool whole;
	int r = take(c, up, 0, 0, &none, &whole);

	if (r < 0 || whole)
		return r;
	c->torn = true;
	return take(c, down, 0, 0, &none, &whole);
}

/* What to do with a table that is there. */
typedef int take_fn(struct copying *c);

static int take_all(struct copying *c)
{
	return c->table->rowid ? take_range(c, 0, INT64_MAX - 2, 0) : take_ends(c);
}

/* The mentions of the rows of stream that were taken. One that can't be read costs none of the others. */
static int take_waiting(struct copying *c)
{
	cleanup(finalize) sqlite3_stmt *stmt = NULL;
	int r = to_errno(sqlite3_prepare_v2(c->to, "SELECT mention FROM stream", -1, &stmt, NULL));

	while (r == 0 && sqlite3_step(stmt) == SQLITE_ROW) {
		const int64_t id = sqlite3_column_int64(stmt, 0);
		int64_t last = 0;
		bool whole;

		r = take(c, c->up, id, id, &last, &whole);
		c->torn |= last != id;
	}
	return r;
}

/* where: which rows; "": all. */
static int take_table(sqlite3 *from, sqlite3 *to, const struct table *table, const char *where, take_fn *fn,
		      struct salvage_result *result)
{
	struct copying c = {.from = from, .to = to, .table = table, .result = result};
	int r = prepare(&c);

	c.up = xasprintf("SELECT %s, rowid FROM \"%s\" NOT INDEXED WHERE rowid >= ? AND rowid <= ? %s ORDER BY rowid",
			 c.columns, table->name, where);
	c.down = xasprintf("%s DESC", c.up);
	if (r == 0 && !c.n_columns)
		c.torn = true; /* not there, or not readable */
	else if (r == 0)
		r = fn(&c);
	(void)sqlite3_finalize(c.put);
	free(c.up);
	free(c.down);
	result->torn += c.torn;
	return r;
}

/* The one number that the question finds; false: it can't be read. */
static bool number(sqlite3 *db, const char *sql, int64_t *ret)
{
	cleanup(finalize) sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		return false;
	*ret = sqlite3_column_int64(stmt, 0);
	return true;
}

/* How far Redis was: no row says it by itself. Of two copies that differ the smaller: what Redis has is known there again. */
static int64_t find_sent(sqlite3 *from)
{
	int64_t total, mark;
	bool has_total = number(from, "SELECT n FROM total WHERE id = 6", &total),
	     has_mark = number(from, "SELECT at FROM mark WHERE name = 'sent'", &mark);

	if (has_total && has_mark)
		return total < mark ? total : mark;
	return has_total ? total : has_mark ? mark : 0;
}

/* Up to version 5 of the schema a row that had been sent said so itself. */
static bool by_mark(sqlite3 *from)
{
	int64_t version;

	return number(from, "PRAGMA user_version", &version) && version >= SCHEMA_BY_MARK;
}

/* Up to version 11 stories had numbers of their own, which mean other stories now. */
static int drop_old_stories(sqlite3 *from, sqlite3 *to)
{
	int64_t version;

	if (number(from, "PRAGMA user_version", &version) && version >= SCHEMA_STORY_BY_LEADER)
		return 0;
	return run(to, "DELETE FROM story; DELETE FROM story_part");
}

static int take_small(sqlite3 *from, sqlite3 *to, struct salvage_result *result)
{
	static const struct table stream = {.name = "stream", .rowid = true},
				  mention = {.name = "mention", .rowid = true};
	cleanup(freep) char *waiting =
		by_mark(from) ? xasprintf("AND (state = 4 OR (state = 0 AND id > %lld))", (long long)find_sent(from))
			      : xstrdup("AND state = 0");
	int r = take_table(from, to, &stream, waiting, take_all, result);

	return r < 0 ? r : take_table(from, to, &mention, "", take_waiting, result);
}

/* What no row says by itself: how far Redis was, and numbers that were used. */
static int take_marks(sqlite3 *from, sqlite3 *to)
{
	char sql[SQL_MAX_BYTES];
	int r;

	snprintf(sql, sizeof(sql),
		 "UPDATE total SET n = max(coalesce((SELECT max(id) FROM stream WHERE state = 1), 0), min(%lld, "
		 "coalesce((SELECT max(id) FROM stream), 0))) WHERE id = 6;"
		 "INSERT OR REPLACE INTO mark (name, at) SELECT 'sent', n FROM total WHERE id = 6;"
		 "INSERT OR REPLACE INTO mark (name, at) VALUES ('search', 0);",
		 (long long)find_sent(from));
	r = run(to, sql);
	return r < 0 || by_mark(from) ? r : run(to, SQL_STREAM_BY_MARK);
}

int salvage(const char *from_path, const char *to_path, enum salvage_part part, struct salvage_result *ret)
{
	cleanup(close_db) sqlite3 *from = NULL, *to = NULL;
	struct table tables[TABLES_MAX];
	size_t i, n;
	int r = sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	*ret = (struct salvage_result){.rows = 0};
	if (r == SQLITE_OK)
		r = sqlite3_open_v2(from_path, &from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (r != SQLITE_OK)
		return to_errno(r);
	/* writable_schema: what a damaged page says of one table no longer hides all the others */
	(void)sqlite3_exec(from, "PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA writable_schema = ON",
			   NULL, NULL, NULL);
	n = list_tables(to, tables);
	r = run(to, "PRAGMA synchronous = OFF; BEGIN IMMEDIATE"); /* whoever renames it has it synced first */
	for (i = 0; r == 0 && i < n; i++) {
		if (part == SALVAGE_ALL || !is_large(tables[i].name))
			r = take_table(from, to, &tables[i], "", take_all, ret);
	}
	if (r == 0 && part == SALVAGE_WAITING)
		r = take_small(from, to, ret);
	if (r == 0)
		r = drop_old_stories(from, to);
	if (r == 0)
		r = take_marks(from, to);
	return r < 0 ? r : run(to, "COMMIT");
}
