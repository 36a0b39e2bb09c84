#include "bare_outbox.h"

#include <hiredis/hiredis.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(bool well, const char *what)
{
	if (well)
		return;
	(void)fprintf(stderr, "bare_outbox: %s\n", what);
	exit(EXIT_FAILURE);
}

static char *payload(size_t bytes)
{
	char *s = malloc(bytes + 1);

	check(s, "memory");
	memset(s, 'x', bytes);
	s[bytes] = '\0';
	return s;
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) == SQLITE_OK, sqlite3_errmsg(db));
	return stmt;
}

static void run(sqlite3_stmt *stmt)
{
	check(sqlite3_step(stmt) == SQLITE_DONE, "a statement failed");
	sqlite3_reset(stmt);
}

/* As scattered as a hash: what a unique index costs depends on it. */
static void key_of(size_t row, unsigned char key[16])
{
	uint64_t v[2] = {(row + 1) * UINT64_C(0x9E3779B97F4A7C15), (row + 1) * UINT64_C(0xD1B54A32D192ED03)};

	memcpy(key, v, sizeof(v));
}

void bare_outbox_log(const char *path, size_t rows, size_t group, size_t bytes)
{
	sqlite3_stmt *begin, *commit, *add, *sent;
	char *text = payload(bytes);
	unsigned char key[16];
	sqlite3 *db = NULL;
	size_t from, i;

	check(sqlite3_open(path, &db) == SQLITE_OK, path);
	check(sqlite3_exec(
		      db,
		      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;"
		      "CREATE TABLE outbox (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, sent INTEGER NOT NULL,"
		      " json TEXT NOT NULL) STRICT",
		      NULL, NULL, NULL) == SQLITE_OK,
	      sqlite3_errmsg(db));
	begin = prepared(db, "BEGIN IMMEDIATE");
	commit = prepared(db, "COMMIT");
	add = prepared(db, "INSERT INTO outbox (id, key, sent, json) VALUES (?, ?, 0, ?)");
	sent = prepared(db, "UPDATE outbox SET sent = 1 WHERE id = ?");
	for (from = 0; from < rows; from += group) {
		run(begin);
		for (i = from; i < from + group && i < rows; i++) {
			key_of(i, key);
			sqlite3_bind_int64(add, 1, (sqlite3_int64)i + 1);
			sqlite3_bind_blob(add, 2, key, sizeof(key), SQLITE_STATIC);
			sqlite3_bind_text(add, 3, text, (int)bytes, SQLITE_STATIC);
			run(add);
		}
		run(commit);
		run(begin);
		for (i = from; i < from + group && i < rows; i++) {
			sqlite3_bind_int64(sent, 1, (sqlite3_int64)i + 1);
			run(sent);
		}
		run(commit);
	}
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(add);
	sqlite3_finalize(sent);
	check(sqlite3_close(db) == SQLITE_OK, "close");
	free(text);
}

void bare_outbox_stream(const char *socket, const char *stream, size_t rows, size_t group, size_t bytes)
{
	redisContext *redis = redisConnectUnix(socket);
	char *text = payload(bytes), id[32];
	size_t from, i, n;

	check(redis && !redis->err, socket);
	for (from = 0; from < rows; from += n) {
		n = rows - from < group ? rows - from : group;
		(void)redisAppendCommand(redis, "MULTI");
		for (i = from; i < from + n; i++) {
			(void)snprintf(id, sizeof(id), "%zu-1", i + 1);
			(void)redisAppendCommand(redis, "XADD %s %s mention %b topics %s", stream, id, text, bytes,
						 "acme");
		}
		(void)redisAppendCommand(redis, "EXEC");
		for (i = 0; i < n + 2; i++) {
			redisReply *reply = NULL;

			check(redisGetReply(redis, (void **)&reply) == REDIS_OK && reply->type != REDIS_REPLY_ERROR,
			      "redis");
			freeReplyObject(reply);
		}
	}
	redisFree(redis);
	free(text);
}
