#pragma once
/*
 * store/sql: every statement that the log runs (sql.c), by what they are about in sql_source, sql_mention, sql_stream,
 * sql_story, sql_series, sql_notice, sql_incident, sql_change and sql_evidence. Each connection prepares one when it is first used and keeps it.
 *
 * OR FAIL, in what each mention and hit runs: a statement that fires triggers and may fail half-way keeps a copy of every
 * page that it changes, to undo itself. Ours need not: a failure undoes the request that it belongs to (store/group).
 */
#include "store/sql_delivery.h"
#include "store/sql_answer.h"
#include "store/sql_change.h"
#include "store/sql_evidence.h"
#include "store/sql_incident.h"
#include "store/sql_mention.h"
#include "store/sql_notice.h"
#include "store/sql_series.h"
#include "store/sql_source.h"
#include "store/sql_story.h"
#include "store/sql_stream.h"

/* Rows of stream as they were up to version 5 of the schema (0 waits, 1 was sent) become what they are since. */
#define SQL_STREAM_BY_MARK                                                                                             \
	"UPDATE stream SET state = 4 WHERE state = 0 AND id <= (SELECT n FROM total WHERE id = 6);"                    \
	"UPDATE stream SET state = 0 WHERE state = 1;"

/* What the table total counts, and name.uses, as they are. */
#define SQL_TRUE_TOTALS                                                                                                \
	"SELECT 0 AS id, (SELECT count(*) FROM outbox WHERE state = 0) AS n UNION ALL SELECT 1, (SELECT count(*) "     \
	"FROM outbox WHERE state = 1) UNION ALL SELECT 2, (SELECT count(*) FROM outbox WHERE state = 2) UNION ALL "    \
	"SELECT 3, (SELECT count(*) FROM outbox WHERE state = 3) UNION ALL SELECT 4, (SELECT count(*) FROM mention) "  \
	"UNION ALL SELECT 5, (SELECT count(*) FROM source)"
#define SQL_TRUE_USES                                                                                                  \
	"SELECT id, count(*) AS n FROM (SELECT id FROM source UNION ALL SELECT source FROM mention UNION ALL SELECT "  \
	"source FROM sighting UNION ALL SELECT topic FROM hit UNION ALL SELECT source FROM deaf) GROUP BY id"

#define SQL_TABLE(X)                                                                                                   \
	SQL_TABLE_SOURCE(X)                                                                                            \
	SQL_TABLE_MENTION(X)                                                                                           \
	SQL_TABLE_STREAM(X)                                                                                            \
	SQL_TABLE_STORY(X)                                                                                             \
	SQL_TABLE_NOTICE(X)                                                                                            \
	SQL_TABLE_DELIVERY(X)                                                                                          \
	SQL_TABLE_CHANGE(X)                                                                                            \
	SQL_TABLE_INCIDENT(X)                                                                                          \
	SQL_TABLE_SERIES(X)                                                                                            \
	SQL_TABLE_EVIDENCE(X)                                                                                          \
	SQL_TABLE_ANSWER(X)                                                                                            \
	X(BEGIN_WRITE, "BEGIN IMMEDIATE")                                                                              \
	X(BEGIN_READ, "BEGIN")                                                                                         \
	X(COMMIT, "COMMIT")                                                                                            \
	X(ROLLBACK, "ROLLBACK")                                                                                        \
	X(SAVEPOINT, "SAVEPOINT request")                                                                              \
	X(RELEASE, "RELEASE request")                                                                                  \
	X(ROLLBACK_TO, "ROLLBACK TO request")                                                                          \
	X(TABLES,                                                                                                      \
	  "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') ORDER BY name")    \
	X(VACUUM, "PRAGMA incremental_vacuum(256)")

#define SQL_ENUM(name, text) SQL_##name,
enum sql { SQL_TABLE(SQL_ENUM) SQLS };
#undef SQL_ENUM

extern const char *const sql_text[SQLS];
