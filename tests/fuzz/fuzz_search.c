/* Whatever a person types is no error of FTS5's, and has bounds. Needs store and sqlite3. */
#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "store/search.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sqlite3_stmt *prepare(void)
{
	static const char make[] =
		"CREATE VIRTUAL TABLE search USING fts5 (title, text, author, content = '', columnsize = 0,"
		" tokenize = 'unicode61 remove_diacritics 2');"
		"INSERT INTO search (rowid, title, text, author) VALUES (1, 'a', 'acme b', 'c')";
	static sqlite3_stmt *stmt;
	sqlite3 *db;

	if (stmt)
		return stmt;
	if (sqlite3_open(":memory:", &db) != SQLITE_OK || sqlite3_exec(db, make, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT rowid FROM search WHERE search MATCH ?", -1, &stmt, NULL) != SQLITE_OK)
		abort();
	return stmt;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(freep) char *text = xstrndup((const char *)data, size);
	struct buf question = BUF_INIT(8 * STORE_SEARCH_MAX_BYTES);
	sqlite3_stmt *stmt = prepare();
	int code;

	search_question(&question, text);
	if (question.full)
		abort();
	if (question.len > 0) {
		sqlite3_bind_text(stmt, 1, question.data, (int)question.len, SQLITE_STATIC);
		code = sqlite3_step(stmt);
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			abort();
		sqlite3_reset(stmt);
	}
	buf_done(&question);
	return 0;
}
