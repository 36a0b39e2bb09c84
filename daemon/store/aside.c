#include "store/aside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/db.h"

/* In the order in which they refer to each other. name.uses is counted by triggers as the rows come. */
static const struct {
	const char *name, *sql;
} tables[] = {
	{"name", "INSERT OR IGNORE INTO name (id, name) SELECT id, name FROM old.name"},
	{"source", "INSERT OR IGNORE INTO source (id, flags, identity, failures, polled, ok, new, next, body_hash, "
		   "platform, title, error, error_detail, address, etag, last_modified) SELECT id, flags, identity, "
		   "failures, polled, ok, new, next, body_hash, platform, title, error, error_detail, address, etag, "
		   "last_modified FROM old.source WHERE id IN (SELECT id FROM main.name)"},
	{"seen", "INSERT OR IGNORE INTO seen (source, keys) SELECT source, keys FROM old.seen WHERE source IN (SELECT "
		 "id FROM main.source)"},
	{"habits", "UPDATE source SET habits = o.habits FROM old.source o WHERE o.id = source.id"},
	{"deaf", "INSERT OR IGNORE INTO deaf (source, kind, began, ended, why, detail) SELECT source, kind, began, "
		 "ended, why, detail FROM old.deaf WHERE source = 0 OR source IN (SELECT id FROM main.name)"},
	{"mark", "INSERT OR IGNORE INTO mark (name, at) SELECT name, at FROM old.mark WHERE name = 'alive'"},
	{"past", "INSERT OR IGNORE INTO past (key, shown) SELECT key, shown FROM old.past"},
	{"notice", "INSERT OR IGNORE INTO notice SELECT * FROM old.notice"},
};

/* A database that was read without its -wal would be another one. */
static int move(const char *from, const char *suffix, const char *time_text)
{
	cleanup(freep) char *path = xasprintf("%s%s", from, suffix);
	cleanup(freep) char *to = xasprintf("%s.corrupt-%s%s", from, time_text, suffix);

	return rename(path, to) < 0 && errno != ENOENT ? -errno : 0;
}

static void remove_new(const char *fresh)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(suffixes); i++) {
		cleanup(freep) char *path = xasprintf("%s%s", fresh, suffixes[i]);

		(void)unlink(path);
	}
}

int aside_finish(const char *db_path)
{
	cleanup(freep) char *fresh = xasprintf("%s" ASIDE_NEW, db_path);

	if (access(fresh, F_OK) < 0)
		return 0;
	if (access(db_path, F_OK) == 0) {
		remove_new(fresh);
		return 0;
	}
	if (rename(fresh, db_path) < 0)
		return -errno;
	LOG_WARN("store.repair_finished", LOG_S("path", db_path));
	return 0;
}

int aside_move(const char *db_path, char **ret_path)
{
	static const char *const others[] = {"-wal", "-shm"};
	time_t now = (time_t)(clock_wall_ms() / SECOND_MS);
	char text[32];
	struct tm tm;
	size_t i;
	int r;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &tm);
	r = move(db_path, "", text);
	for (i = 0; r == 0 && i < ARRAY_LEN(others); i++)
		r = move(db_path, others[i], text);
	if (r == 0)
		*ret_path = xasprintf("%s.corrupt-%s", db_path, text);
	return r;
}

void aside_salvage(struct db *db, const char *from_path)
{
	size_t i;
	int r = db_attach(db, from_path, "old");

	if (r < 0) {
		LOG_WARN("store.not_salvaged", LOG_S("table", "all"));
		return;
	}
	for (i = 0; i < ARRAY_LEN(tables); i++) {
		if (db_exec(db, tables[i].sql) < 0)
			LOG_WARN("store.not_salvaged", LOG_S("table", tables[i].name));
	}
	if (db_exec(db, "DETACH old") < 0)
		LOG_WARN("store.not_salvaged", LOG_S("table", "detach"));
}
