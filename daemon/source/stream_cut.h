#pragma once
/*
 * source/stream_cut: the bytes of a stream, cut into frames: lines (NDJSON), or the blocks of server-sent events (WHATWG HTML,
 * 9.2). Nothing of a frame is looked into: it becomes one line of a document for a reader.
 *
 *   ndjson   a line each, ended by LF or CRLF; empty ones say that the connection lives
 *   sse      the data lines of a block, joined by a space (JSON is free to break lines only where a space may stand); of the other
 *            fields, event (is it one that is wanted?) and id (where to go on). Comments say that the connection lives
 *
 * Owner: source/stream. Pure. What stands unfinished when a connection ends is dropped: whoever goes on asks for it again.
 * Bounds: STREAM_FRAME_MAX of a frame, a larger one is passed over and counted; STREAM_ID_MAX of an id, a longer one, or one that
 *         could not stand in a header, is none.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	STREAM_FRAME_MAX = 1 << 20,
	STREAM_ID_MAX = 4096,
	STREAM_EVENT_MAX = 64, /* of an event's name, as far as it is compared */
};

/* What was cut. */
struct stream_batch {
	struct buf lines; /* each ended by LF */
	size_t frames;
	struct buf id; /* of the last frame that had one */
	bool has_id;
};

struct stream_cut {
	bool sse;
	const char *const *events; /* sse: those that are wanted; NULL: all. Borrowed */
	size_t n_events;
	uint64_t too_large; /* frames that were passed over, since stream_cut_init() */

	struct buf line; /* the one that is being read … */
	bool line_large; /* … is longer than it may be */
	bool after_cr;   /* a LF that comes next ended with it */
	bool begun;      /* a byte order mark may not come any more */
	struct buf data; /* sse: of the block … */
	bool has_data, data_large;
	char event[STREAM_EVENT_MAX]; /* … its name */
	struct buf id;                /* … and the id that holds from it on */
	bool has_id;
};

void stream_cut_init(struct stream_cut *c, bool sse, const char *const *events, size_t n_events);
void stream_cut_done(struct stream_cut *c);
void stream_cut_anew(struct stream_cut *c); /* another connection */
/* A message of a WebSocket, which is a frame: JSON has line breaks only where a space may stand. */
void stream_cut_message(const char *bytes, size_t len, struct stream_batch *batch);
/* All of bytes; what is whole goes behind what batch holds already. */
void stream_cut_put(struct stream_cut *c, const char *bytes, size_t len, struct stream_batch *batch);

void stream_batch_init(struct stream_batch *b, size_t max_bytes);
void stream_batch_done(struct stream_batch *b);
