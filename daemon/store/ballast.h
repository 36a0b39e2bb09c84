#pragma once
/*
 * store/ballast: a file that holds some of the disk for the day on which it is full: SQLite needs room even to delete
 * (FAULTS D6). Let go then, made again when there is room.
 *
 * Blocks: on the disk.
 */
#include "base/err.h"

enum { BALLAST_BYTES = 16 << 20 };

int ballast_make(const char *path) must_use; /* it is there, whole; -ENOSPC: there is no room for it */
void ballast_drop(const char *path);
