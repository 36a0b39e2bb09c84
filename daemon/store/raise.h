#pragma once
/*
 * store/raise: what becomes of a mention whose counts were read again, and which they were judged by (ITEM_JUDGED).
 *
 * Its counts are kept with their time. Rules, tags and intents that they gained it join those that it has; what it met once it
 * keeps, also when counts fall. One that gained any enters the stream once more, as the same mention with all of its hits: its
 * row there moves to a new id, so that the log has one row a mention still, and Redis has the old entry and the new one. One
 * that had no hit enters as any other.
 *
 * Runs inside a transaction of the writer, as store/take does.
 */
#include <stdint.h>

#include "base/err.h"

struct mention;
struct poll_result;
struct writer;

/* source: its name's number. Another source's mention, and one that the log has let go, is no matter. */
int raise_mention(struct writer *w, const struct mention *m, int64_t source, int64_t now_ms,
		  struct poll_result *result) must_use;
