#pragma once
/*
 * main/ctl_file: a file that a command is given, whole.
 */
#include <stdbool.h>

struct buf;
struct ctl;

/* "-" is standard input. False: told. */
bool ctl_file_read(const struct ctl *c, const char *path, struct buf *ret);
