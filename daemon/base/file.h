#pragma once
/*
 * base/file: a whole file, within a bound.
 *
 * Blocks: reads. Only a regular file is read: a pipe or a device could hang or never end.
 */
#include <sys/types.h>

#include "base/err.h"

struct buf;

/* Appends the file's bytes; one that does not fit leaves b->full set and nothing that may be used. -EISDIR or -EINVAL for
 * what is no regular file. ret_mode (may be NULL) is its st_mode. */
int file_read(const char *path, struct buf *b, mode_t *ret_mode) must_use;
