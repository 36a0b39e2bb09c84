#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store/db.h"

/* 0600 from the beginning: nobody else reads a half copy either. *ret_path is where, to be freed. */
static int make_part(const char *to, char **ret_path, int *ret_fd)
{
	cleanup(freep) char *path = xasprintf("%s.XXXXXX", to);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_path = TAKE(path);
	*ret_fd = fd;
	return 0;
}

static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	cleanup(freep) char *folder = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	cleanup(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/* Not over a file that came to be meanwhile. File systems without RENAME_NOREPLACE (vfat, some network ones) leave a
 * moment between the look and the renaming. */
static int give_name(const char *part, const char *to)
{
	if (renameat2(AT_FDCWD, part, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST)
		return BACKUP_E_THERE;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (access(to, F_OK) == 0)
		return BACKUP_E_THERE;
	return rename(part, to) < 0 ? -errno : 0;
}

/* Opened as by whoever will need it, and read as a whole. */
static int verify(const char *path, struct backup_made *ret)
{
	cleanup(db_closep) struct db *db = NULL;
	int r = db_open(path, false, &db);

	if (r == 0)
		r = db_check(db);
	if (r > 0)
		return BACKUP_E_CORRUPT;
	if (r == 0)
		r = db_number(db, "SELECT count(*) FROM mention", &ret->mentions);
	if (r == 0)
		r = db_number(db, "SELECT count(*) FROM stream", &ret->hits);
	return r == -EBADMSG ? BACKUP_E_CORRUPT : r;
}

static int copy(struct db *db, const char *part, int fd, struct backup_made *ret)
{
	struct stat st;
	int r = db_vacuum_into(db, part);

	if (r == -EBADMSG)
		return BACKUP_E_CORRUPT;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0)
		r = verify(part, ret);
	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	if (r == 0)
		ret->bytes = st.st_size;
	return r;
}

/* A sound way of opening it says no more than that it can't be opened: the file itself says why. */
static int open_log(const char *state, struct db **ret)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.db", state);
	int r;

	if (access(path, R_OK) < 0)
		return errno == ENOENT ? BACKUP_E_NONE : -errno;
	r = db_open(path, false, ret);
	return r == DB_E_CORRUPT ? BACKUP_E_CORRUPT : r;
}

int backup_make(const char *state, const char *to, struct backup_made *ret, const char **ret_path)
{
	cleanup(db_closep) struct db *db = NULL;
	cleanup(freep) char *part = NULL;
	cleanup(closep) int fd = -1;
	struct backup_made made;
	int r = open_log(state, &db);

	*ret_path = NULL;
	if (r != 0)
		return r;
	*ret_path = to;
	if (access(to, F_OK) == 0)
		return BACKUP_E_THERE;
	r = make_part(to, &part, &fd);
	if (r < 0)
		return r;
	r = copy(db, part, fd, &made);
	if (r == 0)
		r = give_name(part, to);
	if (r == 0)
		r = sync_folder(to);
	else
		(void)unlink(part);
	if (r == 0)
		*ret = made;
	return r;
}
