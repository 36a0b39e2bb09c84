#pragma once
/*
 * store/aside: a damaged database gives up its name to the one that store/repair makes of it.
 *
 * Blocks: on the disk, for as long as renaming takes.
 */
#include "base/err.h"

/* escuchad.db.new: what is made of a damaged log, and gives its name last of all. */
#define ASIDE_NEW ".new"
/* Of a repair or a start that was cut short: between the moment when the damaged file was put aside and the one when the new file gets
 * its name there is none of that name, and the new one is whole; at any other moment it is a half one, and is removed.
 * Before the log is opened; the folder's lock is held. */
int aside_finish(const char *db_path) must_use;

/* Renames the file, its -wal and its -shm to .corrupt-<time>. *ret_path: where the database is now (to be freed). */
int aside_move(const char *db_path, char **ret_path) must_use;
