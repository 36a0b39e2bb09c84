#include "crash_vfs.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FILES_MAX = 8, SECTOR = 512, PATH_BYTES = 256 };

enum op_kind { OP_WRITE, OP_LENGTH, OP_DELETE };
struct op {
	enum op_kind kind;
	size_t at, len; /* OP_LENGTH: at */
	unsigned char *bytes;
};

/* What the disk has for certain of a file, and what was done since. */
struct image {
	char path[PATH_BYTES];
	unsigned char *bytes;
	size_t len, room, size; /* size: as the programs see it */
	bool exists;
	struct op *ops;
	size_t n_ops, cap_ops;
};

struct crash_file {
	sqlite3_file base;
	struct image *image; /* NULL: a temporary file, which no cut has to spare */
	sqlite3_file *real;  /* behind this struct */
};

static struct {
	pthread_mutex_t lock;
	sqlite3_vfs vfs, *real;
	struct image images[FILES_MAX];
	size_t n;
	uint64_t random;
	size_t ops_left, lost, capacity;
	bool counting, cut;
	unsigned fail_what;
	int fail_code;
	size_t fail_after;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t next_random(void)
{
	uint64_t z = disk.random += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* --- images --- */

static void image_resize(struct image *im, size_t len)
{
	if (len > im->room) { /* by doubling: a file grows page by page */
		im->room = len > 2 * im->room ? len : 2 * im->room;
		im->bytes = xreallocarray(im->bytes, im->room, 1);
	}
	if (len > im->len) {
		memset(im->bytes + im->len, 0, len - im->len);
	}
	im->len = len;
}

static void image_write(struct image *im, size_t at, const unsigned char *bytes, size_t len)
{
	if (at + len > im->len)
		image_resize(im, at + len);
	if (len > 0)
		memcpy(im->bytes + at, bytes, len);
	im->exists = true;
}

static void image_delete(struct image *im)
{
	im->len = 0;
	im->exists = false;
}

static void ops_drop(struct image *im)
{
	size_t i;

	for (i = 0; i < im->n_ops; i++)
		free(im->ops[i].bytes);
	im->n_ops = 0;
}

static void op_apply(struct image *im, const struct op *op)
{
	if (op->kind == OP_WRITE)
		image_write(im, op->at, op->bytes, op->len);
	else if (op->kind == OP_LENGTH)
		image_resize(im, op->at);
	else
		image_delete(im);
}

static void op_add(struct image *im, struct op op, const void *bytes)
{
	if (op.len > 0) {
		op.bytes = xmalloc(op.len);
		memcpy(op.bytes, bytes, op.len);
	}
	im->ops = GROW(im->ops, im->n_ops, &im->cap_ops);
	im->ops[im->n_ops++] = op;
}

static void image_sync(struct image *im)
{
	size_t i;

	for (i = 0; i < im->n_ops; i++)
		op_apply(im, &im->ops[i]);
	ops_drop(im);
}

/* A new file's first sync is one of its folder, too (SQLite's own way with a -wal and a -journal): what was deleted there
 * stays deleted. */
static void sync_folder(void)
{
	size_t i, k, last;

	for (i = 0; i < disk.n; i++) {
		struct image *im = &disk.images[i];

		for (k = 0, last = 0; k < im->n_ops; k++)
			last = im->ops[k].kind == OP_DELETE ? k + 1 : last;
		if (last == 0)
			continue;
		image_delete(im);
		for (k = 0; k < last; k++)
			free(im->ops[k].bytes);
		im->n_ops -= last;
		memmove(im->ops, im->ops + last, im->n_ops * sizeof(*im->ops));
	}
}

/* The power is gone: percent of what wasn't synced got to the disk. */
static void image_cut(struct image *im, unsigned percent)
{
	size_t i, done, part;

	for (i = 0; i < im->n_ops; i++) {
		struct op *op = &im->ops[i];

		if (op->kind != OP_WRITE) {
			if (next_random() % 100 < percent)
				op_apply(im, op);
			continue;
		}
		for (done = 0; done < op->len; done += part) {
			part = SECTOR - (op->at + done) % SECTOR;
			if (part > op->len - done)
				part = op->len - done;
			if (next_random() % 100 < percent)
				image_write(im, op->at + done, op->bytes + done, part);
			else
				disk.lost += part;
		}
	}
	ops_drop(im);
}

static void image_load(struct image *im, const char *path)
{
	cleanup(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	*im = (struct image){.exists = fd >= 0};
	assert(snprintf(im->path, sizeof(im->path), "%s", path) < PATH_BYTES);
	if (fd < 0)
		return;
	assert(fstat(fd, &st) == 0);
	image_resize(im, (size_t)st.st_size);
	assert(read(fd, im->bytes, im->len) == (ssize_t)im->len);
	im->size = im->len;
}

static struct image *image_of(const char *path)
{
	size_t i;

	for (i = 0; i < disk.n; i++) {
		if (strcmp(disk.images[i].path, path) == 0)
			return &disk.images[i];
	}
	assert(disk.n < FILES_MAX);
	image_load(&disk.images[disk.n], path);
	return &disk.images[disk.n++];
}

static void image_store(struct image *im)
{
	cleanup(closep) int fd = -1;

	(void)unlink(im->path);
	if (!im->exists)
		return;
	fd = open(im->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert(fd >= 0 && write(fd, im->bytes, im->len) == (ssize_t)im->len);
}

/* --- faults --- */

/* Of one operation, under the lock: SQLITE_OK, or what it fails with. */
static int fault(unsigned what)
{
	if (disk.counting && !disk.cut && what != CRASH_READS && disk.ops_left-- == 0)
		disk.cut = true;
	if (disk.cut)
		return SQLITE_IOERR;
	if (!(disk.fail_what & what) || disk.fail_code == 0)
		return SQLITE_OK;
	if (disk.fail_after > 0) {
		disk.fail_after--;
		return SQLITE_OK;
	}
	return disk.fail_code;
}

static bool fits(const struct image *im, size_t size)
{
	size_t i, all = size;

	for (i = 0; i < disk.n; i++)
		all += &disk.images[i] == im ? 0 : disk.images[i].size;
	return disk.capacity == 0 || size <= im->size || all <= disk.capacity;
}

/* --- SQLite's file --- */

static struct crash_file *file_of(sqlite3_file *f)
{
	return (struct crash_file *)(void *)f;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
	return file_of(f)->real;
}

static int file_close(sqlite3_file *f)
{
	return real_of(f)->pMethods ? real_of(f)->pMethods->xClose(real_of(f)) : SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	int r;

	pthread_mutex_lock(&disk.lock);
	r = fault(CRASH_READS);
	pthread_mutex_unlock(&disk.lock);
	return r ? r : real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int file_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	struct image *im = file_of(f)->image;
	size_t end = (size_t)at + (size_t)n;
	int r;

	if (!im)
		return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
	pthread_mutex_lock(&disk.lock);
	r = fault(CRASH_WRITES);
	if (r == SQLITE_OK && !fits(im, end))
		r = SQLITE_FULL;
	if (r == SQLITE_OK)
		r = real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
	if (r == SQLITE_OK) {
		op_add(im, (struct op){.kind = OP_WRITE, .at = (size_t)at, .len = (size_t)n}, from);
		im->size = end > im->size ? end : im->size;
	}
	pthread_mutex_unlock(&disk.lock);
	return r;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	struct image *im = file_of(f)->image;
	int r;

	if (!im)
		return real_of(f)->pMethods->xTruncate(real_of(f), len);
	pthread_mutex_lock(&disk.lock);
	r = fault(CRASH_WRITES);
	if (r == SQLITE_OK)
		r = real_of(f)->pMethods->xTruncate(real_of(f), len);
	if (r == SQLITE_OK) {
		op_add(im, (struct op){.kind = OP_LENGTH, .at = (size_t)len}, NULL);
		im->size = (size_t)len;
	}
	pthread_mutex_unlock(&disk.lock);
	return r;
}

static int file_sync(sqlite3_file *f, int flags)
{
	struct image *im = file_of(f)->image;
	bool created;
	int r;

	(void)flags;
	pthread_mutex_lock(&disk.lock);
	r = fault(CRASH_SYNCS);
	if (r == SQLITE_OK && im) {
		created = !im->exists && im->n_ops > 0;
		image_sync(im);
		if (created)
			sync_folder();
	}
	pthread_mutex_unlock(&disk.lock);
	return r;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), ret);
}

static int file_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int file_check_lock(sqlite3_file *f, int *ret)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	/* the system's own would write ahead of what is asked for, past our books */
	if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE)
		return SQLITE_OK;
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int file_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int file_device(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int file_shm_unmap(sqlite3_file *f, int remove)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_device,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *ret_flags)
{
	struct crash_file *file = file_of(f);
	int r;

	(void)vfs;
	*file = (struct crash_file){.real = (sqlite3_file *)(void *)(file + 1)};
	pthread_mutex_lock(&disk.lock);
	if (name && !(flags & SQLITE_OPEN_DELETEONCLOSE))
		file->image = image_of(name);
	r = disk.cut ? SQLITE_IOERR : disk.real->xOpen(disk.real, name, file->real, flags, ret_flags);
	pthread_mutex_unlock(&disk.lock);
	if (r == SQLITE_OK)
		f->pMethods = &methods;
	return r;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	struct image *im;
	int r;

	(void)vfs;
	pthread_mutex_lock(&disk.lock);
	im = image_of(name);
	r = fault(CRASH_WRITES);
	if (r == SQLITE_OK)
		r = disk.real->xDelete(disk.real, name, 0);
	if (r == SQLITE_OK) {
		im->size = 0;
		op_add(im, (struct op){.kind = OP_DELETE}, NULL);
		if (sync_folder)
			image_sync(im);
	}
	pthread_mutex_unlock(&disk.lock);
	return r;
}

/* --- what tests say --- */

void crash_vfs_install(void)
{
	if (disk.real)
		return;
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real; /* all that isn't about a file's content is the system's */
	disk.vfs.zName = "crash";
	disk.vfs.pNext = NULL;
	disk.vfs.szOsFile = (int)sizeof(struct crash_file) + disk.real->szOsFile;
	disk.vfs.xOpen = disk_open;
	disk.vfs.xDelete = disk_delete;
	assert(sqlite3_vfs_register(&disk.vfs, 1) == SQLITE_OK);
}

void crash_vfs_seed(uint64_t seed)
{
	disk.random = seed;
}

void crash_vfs_cut_after(size_t ops)
{
	pthread_mutex_lock(&disk.lock);
	disk.ops_left = ops;
	disk.counting = true;
	pthread_mutex_unlock(&disk.lock);
}

bool crash_vfs_is_cut(void)
{
	bool cut;

	pthread_mutex_lock(&disk.lock);
	cut = disk.cut;
	pthread_mutex_unlock(&disk.lock);
	return cut;
}

size_t crash_vfs_lost(void)
{
	return disk.lost;
}

void crash_vfs_power_on(void)
{
	static const unsigned parts[] = {0, 10, 50, 90};
	unsigned percent = parts[next_random() % ARRAY_LEN(parts)];
	char shm[PATH_BYTES + 8];
	size_t i;

	for (i = 0; i < disk.n; i++) {
		struct image *im = &disk.images[i];

		if (disk.cut) {
			image_cut(im, percent);
			image_store(im);
			snprintf(shm, sizeof(shm), "%s-shm", im->path); /* memory, which is gone */
			(void)unlink(shm);
		}
		ops_drop(im);
		free(im->ops);
		free(im->bytes);
	}
	disk.n = 0;
	disk.counting = disk.cut = false;
}

void crash_vfs_fail(unsigned what, int code, size_t after)
{
	pthread_mutex_lock(&disk.lock);
	disk.fail_what = what;
	disk.fail_code = code;
	disk.fail_after = after;
	pthread_mutex_unlock(&disk.lock);
}

void crash_vfs_capacity(size_t bytes)
{
	pthread_mutex_lock(&disk.lock);
	disk.capacity = bytes;
	pthread_mutex_unlock(&disk.lock);
}
