#pragma once
/*
 * tools/crash_vfs: a disk for SQLite whose power can be cut, and that can fail or be full (FAULTS D4, D6, D7).
 *
 * It stands over the system's own VFS. What was written and not synced since is known as such: when the power is cut,
 * each 512 bytes of it are kept or lost as the seed says, whatever their order, and so are lengths and deletions. From the
 * cut on everything fails, until the power is on again. It syncs nothing in earnest, and so it is fast.
 *
 * Owner:  the process: one disk, for all connections. It has a lock of its own.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRASH_WRITES = 1, CRASH_SYNCS = 2, CRASH_READS = 4 };

void crash_vfs_install(void);         /* SQLite's default from now on */
void crash_vfs_seed(uint64_t seed);   /* of what the next cuts keep */
void crash_vfs_cut_after(size_t ops); /* at the nth write, sync, truncation or deletion from now on */
bool crash_vfs_is_cut(void);
size_t crash_vfs_lost(void);   /* bytes, by all cuts */
void crash_vfs_power_on(void); /* the files get what the disk has; no connection may be open */
/* From the nth of those on (0: at once) they fail with SQLite's code; 0: they work again. */
void crash_vfs_fail(unsigned what, int code, size_t after);
/* So many bytes, all files together, and no more: SQLITE_FULL. 0: no such bound. */
void crash_vfs_capacity(size_t bytes);
