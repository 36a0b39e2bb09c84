#pragma once
/*
 * An empty folder of a test's own, in which it runs, and what it writes there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static inline void file_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static inline int folder_remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* With all that is in it. */
static inline int folder_remove(const char *path)
{
	return nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A test's setup and teardown. */
static inline int folder_make(void **state)
{
	char *folder = xstrdup("/tmp/unit.XXXXXX");

	*state = folder;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static inline int folder_drop(void **state)
{
	cleanup(freep) char *folder = *state;

	return chdir("/") || folder_remove(folder);
}
