#pragma once
/*
 * store/salvage: what can still be read of a damaged log, row by row, into a fresh one.
 *
 * Every table that both have is copied with the columns that both have, so that it knows none by name: a row behind an
 * unreadable page is reached from the other side, or by its number. Not taken: the full-text index, which is filled again
 * from the mentions, and the counts, which the fresh log keeps as rows come in.
 *
 * Blocks: reads and writes the whole log.
 */
#include <stdint.h>

#include "base/err.h"

enum {
	SALVAGE_PROBES_MAX = 200 * 1000, /* questions after rows behind damaged pages, a table */
	SALVAGE_FRUITLESS_MAX = 12,      /* halvings in a row that gave nothing */
	SALVAGE_COMMIT_ROWS = 10000,
};

/* What a start can wait for: sources, their keys and ledger, notices, and the hits that are not sent yet; or all of it. */
enum salvage_part { SALVAGE_WAITING, SALVAGE_ALL };

struct salvage_result {
	int64_t rows; /* that were taken over */
	int torn;     /* tables of which something could not be read; how much nobody knows */
};
/* `to` is a log of this version without any row of its own. -errno: of writing it; what can't be read is no error. */
int salvage(const char *from_path, const char *to_path, enum salvage_part part, struct salvage_result *ret) must_use;
