#pragma once
/*
 * match/list_file: a file of lines that a rule file names: words, sites, authors.
 *
 * Owner:  the caller's buffer, whose bound is the file's. Blocks: reads a file.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct buf;

/* False, with a finding at pos: there is none, it can't be read, it is too large or no UTF-8. What Windows writes at the
 * beginning of a file is left out. */
bool list_file_read(const char *path, struct diag_pos pos, const char *key, struct diag *d, struct buf *b);
