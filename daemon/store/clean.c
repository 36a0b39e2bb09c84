#include "store/clean.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { MARK_MAX_BYTES = 128 };

static char *mark_path(const char *db_path)
{
	return xasprintf("%s.clean", db_path);
}

/* What the mark says of the database as it is; false: there is none. */
static bool describe(const char *db_path, char out[MARK_MAX_BYTES])
{
	cleanup(freep) char *wal = xasprintf("%s-wal", db_path);
	struct stat st;

	if (stat(wal, &st) == 0 && st.st_size > 0) /* something is waiting to be taken over */
		return false;
	if (stat(db_path, &st) < 0 || st.st_size == 0)
		return false;
	snprintf(out, MARK_MAX_BYTES, "%ju %jd %jd.%09ld\n", (uintmax_t)st.st_ino, (intmax_t)st.st_size,
		 (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	return true;
}

bool clean_take(const char *db_path)
{
	cleanup(freep) char *path = mark_path(db_path);
	cleanup(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char is[MARK_MAX_BYTES], was[MARK_MAX_BYTES];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, was, sizeof(was) - 1);
	if (unlink(path) < 0 || n <= 0) /* one that stays would speak for what is done from now on */
		return false;
	was[n] = '\0';
	return describe(db_path, is) && strcmp(is, was) == 0;
}

void clean_put(const char *db_path)
{
	cleanup(freep) char *path = mark_path(db_path);
	cleanup(closep) int fd = -1;
	char is[MARK_MAX_BYTES];

	if (!describe(db_path, is))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, is, strlen(is)) != (ssize_t)strlen(is))
		(void)unlink(path);
}
