#pragma once
/*
 * store/stream_rows: what enters the stream, on its way into the log: a row of stream, and one of hit for each of its topics.
 * Several rows go in one statement, since to run one costs as much as two rows of it.
 *
 * Owner:  store/writer. Who adds rows in a request flushes them before the request ends, and before anything of it looks at
 *         or changes rows of these tables; a rollback drops them.
 * Bounds: STREAM_ROWS_BATCH of each wait; one more writes the others.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;
struct writer;

enum { STREAM_ROWS_BATCH = 8 };

struct stream_row {
	int64_t id, mention, state, crc;
};

struct stream_rows {
	struct stream_row rows[STREAM_ROWS_BATCH];
	struct {
		int64_t topic, stream;
	} hits[STREAM_ROWS_BATCH];
	size_t n_rows, n_hits;
};

int stream_rows_add(struct stream_rows *s, struct db *db, const struct stream_row *row) must_use; /* of a new id */
int stream_rows_add_hit(struct stream_rows *s, struct db *db, int64_t topic,
			int64_t stream) must_use; /* none of its topics twice */
int stream_rows_flush(struct stream_rows *s, struct db *db) must_use;
