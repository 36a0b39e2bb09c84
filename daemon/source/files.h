#pragma once
/*
 * source/files: reads the files of a path or glob on the loop's threads. Pure of sources: bytes in, bytes out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct buf;
struct loop;
struct loop_work;

enum { FILES_MAX = 10000 }; /* of one pattern; more are an error */

struct files_list {
	char **paths;         /* sorted by name */
	uint64_t *signatures; /* of each: its path, size and times */
	size_t n;
	uint64_t signature; /* of them all: the same while nothing changed; never 0 */
};

/* Which files were read as they are now, so that one that changes doesn't cost a look at all of them. Zeroed at first;
 * at most as many as the last list had. */
struct files_known {
	uint64_t *v; /* sorted */
	size_t n, cap;
};

void files_known_done(struct files_known *k);
void files_known_add(struct files_known *k, uint64_t signature);
/* Takes out of the list what is known, and forgets what isn't in it any more. Whether any was taken out. */
bool files_known_skip(struct files_known *k, struct files_list *list);

/* r: 0, or -errno (-ENOENT: nothing there, -E2BIG: more than FILES_MAX). The list is the callback's, to be freed by
 * files_list_done(). Returns NULL when the loop has no room for work now. */
typedef void files_list_cb(void *arg, int r, struct files_list *list);
struct loop_work *files_find(struct loop *l, const char *pattern, files_list_cb *cb, void *arg);
void files_list_done(struct files_list *list);

/* r: 0, or -errno (-EFBIG: more than max_bytes; -EISDIR). body may be taken by buf_steal(). */
typedef void files_read_cb(void *arg, int r, struct buf *body);
struct loop_work *files_read(struct loop *l, const char *path, size_t max_bytes, files_read_cb *cb, void *arg);
