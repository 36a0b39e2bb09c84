#include "store/schema.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "store/db.h"

/*
 * Times are wall milliseconds; NULL is an absent fact.
 *
 * mention: columns and not one JSON text, since search, backtests and later facts (language, tone, story) each want their
 *   own, and a JSON text is 40 % larger. What retention and questions look at stands before the long texts, so that they
 *   don't read overflow pages. hits is a blob (a version byte and mention_hits_put()), since it is only ever read with
 *   its mention; hit is the index of it. AUTOINCREMENT: a number is never used again, since search and former versions
 *   refer to it.
 * stream: what entered the stream, in its order. id is ms << 20 | seq, one integer (see store/stream_id.h), so that the
 *   rowid itself is the order, and the largest is the mark that the next one must pass: retention never deletes it.
 * search: contentless, since its text is folded in a way of our own (store/search.h).
 */
static const char first[] =
	"CREATE TABLE name ("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE) STRICT;"

	"CREATE TABLE source ("
	" id INTEGER PRIMARY KEY," /* name.id */
	" flags INTEGER NOT NULL, identity INTEGER NOT NULL, failures INTEGER NOT NULL,"
	" polled INTEGER, ok INTEGER, new INTEGER, next INTEGER,"
	" body_hash INTEGER NOT NULL,"
	" platform TEXT, title TEXT, error TEXT, error_detail TEXT, address TEXT, etag TEXT, last_modified TEXT) "
	"STRICT;"

	"CREATE TABLE seen ("
	" source INTEGER PRIMARY KEY," /* name.id */
	" keys BLOB NOT NULL) STRICT;"

	"CREATE TABLE mention ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" key BLOB NOT NULL CHECK (length(key) = 16),"
	" stream INTEGER," /* stream.id; NULL: never entered */
	" seen INTEGER NOT NULL, published INTEGER,"
	" source INTEGER NOT NULL," /* name.id: where it was first seen */
	" flags INTEGER NOT NULL,"
	" likes INTEGER, shares INTEGER, replies INTEGER, views INTEGER, rating REAL, author_followers INTEGER,"
	" platform TEXT, kind TEXT, lang TEXT, country TEXT,"
	" author_name TEXT, author_handle TEXT, author_url TEXT,"
	" guid TEXT, url TEXT, parent TEXT, title TEXT, hits BLOB, text TEXT) STRICT;"
	"CREATE UNIQUE INDEX mention_key ON mention (key);"

	"CREATE TABLE sighting (" /* further sources of a mention */
	" mention INTEGER NOT NULL, source INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (mention, source)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE version (" /* former texts, and when they were replaced */
	" mention INTEGER NOT NULL, until INTEGER NOT NULL, title TEXT, text TEXT,"
	" PRIMARY KEY (mention, until)) STRICT;"

	"CREATE TABLE counts (" /* of mentions whose counts changed: first and each after */
	" mention INTEGER NOT NULL, at INTEGER NOT NULL,"
	" likes INTEGER, shares INTEGER, replies INTEGER, views INTEGER,"
	" PRIMARY KEY (mention, at)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE stream ("
	" id INTEGER PRIMARY KEY,"
	" mention INTEGER NOT NULL,"
	" state INTEGER NOT NULL," /* enum stream_state */
	" crc INTEGER NOT NULL) STRICT;"
	"CREATE INDEX stream_pending ON stream (state) WHERE state = 0;"

	"CREATE TABLE hit ("
	" topic INTEGER NOT NULL," /* name.id */
	" stream INTEGER NOT NULL,"
	" PRIMARY KEY (topic, stream)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE mark (" /* how far those that work behind have come */
	" name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO mark VALUES ('search', 0);"

	"CREATE VIRTUAL TABLE search USING fts5 (title, text, author,"
	" content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');"

	"PRAGMA application_id = 0x65736375;"; /* "escu", for file(1) */

static const char *const migrations[] = {first};

static int migrate_one(struct db *db, size_t to, const char *sql)
{
	char version[64];
	int r = db_exec(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	snprintf(version, sizeof(version), "PRAGMA user_version = %zu; COMMIT", to);
	r = db_exec(db, sql);
	if (r == 0)
		r = db_exec(db, version);
	if (r < 0 && db_in_transaction(db) && db_exec(db, "ROLLBACK") < 0)
		return r;
	return r;
}

int schema_migrate(struct db *db)
{
	int64_t version;
	int r = db_number(db, "PRAGMA user_version", &version);

	while (r == 0 && version >= 0 && version < (int64_t)ARRAY_LEN(migrations)) {
		r = migrate_one(db, (size_t)version + 1, migrations[version]);
		version++;
	}
	if (r == 0 && (version < 0 || version > (int64_t)ARRAY_LEN(migrations)))
		return SCHEMA_E_NEWER;
	return r;
}
