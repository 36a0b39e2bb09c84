#include "store/aside.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

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
