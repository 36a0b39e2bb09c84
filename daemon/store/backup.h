#pragma once
/*
 * store/backup: a copy of the log, whole and of one moment, while a daemon may go on writing to it.
 *
 * A connection of its own reads (WAL: it waits for nobody, and nobody for it); what it writes lies beside the wanted file
 * until it is on the disk and was read again as a whole, and only then gets its name. So a file of that name is a copy
 * that was sound.
 *
 * Blocks: reads and writes the whole log (2 GB: a minute).
 */
#include <stdint.h>

#include "base/err.h"

struct backup_made {
	int64_t bytes, mentions, hits;
};

enum {
	BACKUP_E_THERE = 1, /* `to` is there already, and stays as it is */
	BACKUP_E_NONE,      /* there is no log in this folder */
	BACKUP_E_CORRUPT,   /* the log is damaged: what was copied is no sound database, and was taken away again */
};
/* -errno: of the log (*ret_path is NULL) or of the copy (then it is the path in question: `to`). */
int backup_make(const char *state, const char *to, struct backup_made *ret, const char **ret_path) must_use;
