#pragma once
/*
 * source/list: an OPML file, read again when it changes, as the feeds that it names.
 *
 * Owner:  source/sources. Blocks: never: the loop's threads read it, a reader parses it.
 * Bounds: LIST_MAX_BYTES of a file; no cap on its feeds.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct arena;
struct loop;
struct opml_entry;
struct pool;
struct source_config;
struct list;

enum {
	LIST_MAX_BYTES = 64 * 1024 * 1024,
	LIST_CHECK_MS = 30000, /* how often the file is looked at */
};

struct list_ops {
	/* The feeds as the file names them now, in an arena that is handed over. Comes only when they may have changed. whole: nothing is missing,
	 * since the file is well-formed, or broken in the same way at two looks. Else it may be in mid-write: what it names
	 * is there, what it doesn't name may be, too. */
	void (*on_feeds)(void *arg, struct arena *arena, const struct opml_entry *v, size_t n, bool whole);
	/* The file can't be read, and the feeds that were stay: class and detail for the log. Each time that it is tried. */
	void (*on_failed)(void *arg, const char *class_name, const char *detail);
};

/* name and path are copied. Reads at once. */
struct list *list_new(struct loop *l, struct pool *pool, const char *name, const char *path, const struct list_ops *ops,
		      void *arg) must_use;
struct list *list_free(struct list *x); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct list, list_free)

bool list_settled(const struct list *x); /* it was read, or could not be, at least once */
void list_check(struct list *x);         /* look at the file now */
