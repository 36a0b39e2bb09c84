#pragma once
/*
 * store/scrub: what was let go for good (store/forget) leaves the files, too, not the tables alone: the full-text index, which
 * keeps the words of what was taken out until it is merged; free pages, which keep what stood on them; the write-ahead log.
 *
 * It is asked for inside a transaction and done behind, in bounded steps, each step's state in the log: a stop in between leaves
 * the rest for the next start.
 *
 * Owner: store/writer; used on the writer's thread alone.
 */
#include <stdbool.h>

#include "base/err.h"

struct writer;

enum { SCRUB_MERGE_PAGES = 500 /* of the index, a step; free pages as in SQL_VACUUM */ };

int scrub_ask(struct writer *w) must_use;
/* One step, in a transaction; *ret_more: there is more to do. */
int scrub_step(struct writer *w, bool *ret_more) must_use;
/* After the transaction: the write-ahead log, if it is its turn and nobody reads there. */
int scrub_log(struct writer *w) must_use;
