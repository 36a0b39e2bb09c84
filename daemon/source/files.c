#include "source/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/hash.h"
#include "loop/loop.h"

enum { READ_BYTES = 64 * 1024 };

struct find {
	char *pattern;
	files_list_cb *cb;
	void *arg;
	int r;
	struct files_list list;
};

void files_list_done(struct files_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->paths[i]);
	free(list->paths);
	free(list->signatures);
	*list = (struct files_list){.n = 0};
}

/* --- what is known --- */

void files_known_done(struct files_known *k)
{
	free(k->v);
	*k = (struct files_known){.n = 0};
}

/* The first place whose signature is not less. */
static size_t place_of(const struct files_known *k, uint64_t signature)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->v[middle] < signature)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool knows(const struct files_known *k, uint64_t signature)
{
	size_t at = place_of(k, signature);

	return at < k->n && k->v[at] == signature;
}

void files_known_add(struct files_known *k, uint64_t signature)
{
	size_t at = place_of(k, signature);

	if (knows(k, signature))
		return;
	k->v = GROW(k->v, k->n, &k->cap);
	memmove(&k->v[at + 1], &k->v[at], (k->n - at) * sizeof(*k->v));
	k->v[at] = signature;
	k->n++;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool files_known_skip(struct files_known *k, struct files_list *list)
{
	struct files_known still = {.n = 0};
	size_t i, n = 0, all = list->n;

	for (i = 0; i < all; i++) {
		if (knows(k, list->signatures[i])) {
			still.v = GROW(still.v, still.n, &still.cap);
			still.v[still.n++] = list->signatures[i];
			free(list->paths[i]);
			continue;
		}
		list->paths[n] = list->paths[i];
		list->signatures[n++] = list->signatures[i];
	}
	list->n = n;
	if (still.n)
		qsort(still.v, still.n, sizeof(*still.v), by_value);
	files_known_done(k);
	*k = still;
	return n < all;
}

/* --- finding --- */

static void find_drop(void *arg)
{
	struct find *f = arg;

	files_list_done(&f->list);
	free(f->pattern);
	free(f);
}

static uint64_t sign(const char *path, const struct stat *st)
{
	const int64_t facts[] = {st->st_size, st->st_mtim.tv_sec, st->st_mtim.tv_nsec, (int64_t)st->st_ino};
	const struct hash_part parts[] = {{facts, sizeof(facts)}, {path, strlen(path)}};

	return hash_u64(parts, ARRAY_LEN(parts));
}

static void list_add(struct files_list *list, size_t *cap, const char *path, uint64_t signature)
{
	const uint64_t both[] = {list->signature, signature};

	list->signature = hash_u64(&(struct hash_part){both, sizeof(both)}, 1);
	if (list->n == *cap) {
		*cap = *cap ? 2 * *cap : 8;
		list->paths = xreallocarray(list->paths, *cap, sizeof(*list->paths));
		list->signatures = xreallocarray(list->signatures, *cap, sizeof(*list->signatures));
	}
	list->paths[list->n] = xstrdup(path);
	list->signatures[list->n++] = signature;
}

static void find_run(void *arg)
{
	struct find *f = arg;
	glob_t found = {.gl_pathc = 0};
	struct stat st;
	size_t i, cap = 0;
	int r = glob(f->pattern, GLOB_NOCHECK, NULL, &found); /* a path without wildcards stays itself */

	if (r != 0) {
		f->r = r == GLOB_NOSPACE ? -ENOMEM : -ENOENT;
		return;
	}
	if (found.gl_pathc > FILES_MAX)
		f->r = -E2BIG;
	for (i = 0; f->r == 0 && i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];

		if (stat(path, &st) != 0) {
			f->r = found.gl_pathc == 1 ? -errno : 0;
			continue;
		}
		if (S_ISDIR(st.st_mode) && found.gl_pathc > 1)
			continue;
		list_add(&f->list, &cap, path, sign(path, &st));
	}
	if (f->r == 0 && !f->list.n)
		f->r = -ENOENT;
	f->list.signature |= 1;
	globfree(&found);
}

static void find_done(void *arg)
{
	struct find *f = arg;

	f->cb(f->arg, f->r, &f->list);
	find_drop(f);
}

struct loop_work *files_find(struct loop *l, const char *pattern, files_list_cb *cb, void *arg)
{
	static const struct loop_work_ops ops = {find_run, find_done, find_drop};
	struct find *f = NEW(struct find);
	struct loop_work *work;

	*f = (struct find){.pattern = xstrdup(pattern), .cb = cb, .arg = arg};
	if (loop_work_start(l, &ops, f, &work) != 0) {
		find_drop(f);
		return NULL;
	}
	return work;
}

struct read {
	char *path;
	files_read_cb *cb;
	void *arg;
	int r;
	struct buf body;
};

static void read_drop(void *arg)
{
	struct read *f = arg;

	buf_done(&f->body);
	free(f->path);
	free(f);
}

static void read_run(void *arg)
{
	struct read *f = arg;
	cleanup(closep) int fd =
		open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not hang us */
	struct stat st;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) != 0) {
		f->r = -errno;
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		f->r = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
		return;
	}
	while (n > 0) {
		size_t left = f->body.max - f->body.len, want = left < READ_BYTES ? left : READ_BYTES;
		char *to = want ? buf_reserve(&f->body, want) : NULL, extra;

		n = read(fd, to ? to : &extra, to ? want : 1);
		if (n < 0)
			f->r = -errno;
		else if (n > 0 && !to) {
			f->r = -EFBIG;
			return;
		} else if (n > 0)
			buf_commit(&f->body, (size_t)n);
	}
}

static void read_done(void *arg)
{
	struct read *f = arg;

	f->cb(f->arg, f->r, &f->body);
	read_drop(f);
}

struct loop_work *files_read(struct loop *l, const char *path, size_t max_bytes, files_read_cb *cb, void *arg)
{
	static const struct loop_work_ops ops = {read_run, read_done, read_drop};
	struct read *f = NEW(struct read);
	struct loop_work *work;

	*f = (struct read){.path = xstrdup(path), .cb = cb, .arg = arg, .body = BUF_INIT(max_bytes)};
	if (loop_work_start(l, &ops, f, &work) != 0) {
		read_drop(f);
		return NULL;
	}
	return work;
}
