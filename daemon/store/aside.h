#pragma once
/*
 * store/aside: a damaged database is put beside a fresh one, and what can be read of its small tables is taken over:
 * sources with their cursors and seen keys, so that what was told is not told again.
 *
 * Blocks: on the disk; aside_salvage() reads these tables (100,000 sources: seconds).
 */
#include "base/err.h"

struct db;

/* escuchad.db.new: what fsck --repair makes of a damaged log, and gives its name last of all. */
#define ASIDE_NEW ".new"
/* Of a repair that was cut short: between the moment when the damaged file was put aside and the one when the new file gets
 * its name there is none of that name, and the new one is whole; at any other moment it is a half one, and is removed.
 * Before the log is opened; the folder's lock is held. */
int aside_finish(const char *db_path) must_use;

/* Renames the file, its -wal and its -shm to .corrupt-<time>. *ret_path: where the database is now (to be freed). */
int aside_move(const char *db_path, char **ret_path) must_use;
/* Into a fresh, migrated database. Tables that can't be read are left out, and told. Never fails: what it can't have was
 * lost before. */
void aside_salvage(struct db *db, const char *from_path);
