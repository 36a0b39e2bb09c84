#pragma once
/*
 * store/stream_move: a row of the stream under another id, later than all: the one that Redis refused gets one that it takes, and a
 * hit that met further rules enters once more.
 *
 * Runs inside a transaction of the writer, with nothing waiting in store/stream_rows.
 */
#include <stdint.h>

#include "base/err.h"

struct mention;
struct writer;

/* In whatever state it was, it waits then, or stays in the log alone where nothing is sent. m is the mention as the row has it
 * from now on; of its topics those that the old id is found by are found by the new one. -ENOENT: there is no such row. */
int stream_move(struct writer *w, int64_t from, const struct mention *m, int64_t to) must_use;
