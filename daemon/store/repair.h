#pragma once
/*
 * store/repair: a log that store/inspect found fault with is put in order. What can be read is never let go of: a damaged
 * file is copied row by row into a fresh one, and itself kept beside it under another name.
 *
 * Blocks: reads and writes the whole log, maybe several times. No daemon may run: the folder's lock is held meanwhile.
 * Files that it makes belong to whoever runs it, who should be their owner.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/inspect.h"
#include "store/salvage.h"

struct repair_report {
	struct inspect_found before, after;
	bool salvaged;
	struct salvage_result salvage;
	char *kept_as; /* where the damaged file is; NULL: nothing was put aside. To be freed */
	long pid;      /* REPAIR_E_BUSY: whose the folder is; 0: unknown */
};

enum {
	REPAIR_E_BUSY = 1, /* a daemon runs */
	REPAIR_E_NONE,     /* there is no log */
	REPAIR_E_NEWER,    /* of a newer escuchad */
	REPAIR_E_OLDER,    /* of an older one, and repair is false: nothing is changed, so it can't be looked at */
};
/* The damaged file makes room for a fresh one with what could be read of that part of it, in order. Until the very end it
 * stays in its place, and from then on aside_finish() gives the fresh one its name, so that a crash at any moment loses
 * nothing. *ret_old: where it is now (to be freed), or NULL: then nothing is changed. */
int repair_replace(const char *folder, const char *db_path, enum salvage_part part, struct salvage_result *result,
		   char **ret_old) must_use;

/* repair false: a look only, but of more than store/inspect can have while a daemon runs: the full-text index. */
int repair_run(const char *state, bool repair, struct repair_report *ret) must_use;
