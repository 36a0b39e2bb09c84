#pragma once
/*
 * source/stream: the connection of a source that is told what comes as it comes (transports ndjson, sse, websocket): opened by a poll, read
 * into a batch of frames, which the next poll takes.
 *
 *   CLOSED → stream_open() → OPENING → OPEN → ENDED (cut, or silent for too long) → stream_open() …
 *
 * Frames are gathered for STREAM_GATHER_MS, then on_news comes: so a burst is one job of a reader and one commit, and a single frame
 * waits no longer than that. A batch from STREAM_BATCH_FRAMES (of a firehose, which has a filter: STREAM_HOSE_FRAMES) or
 * STREAM_BATCH_BYTES on is full: nothing more is read of the
 * connection until it is taken, so that never more than two batches are on the way, this one and the one that a reader has.
 *
 * Owner:  the source, or the poll that tries one. Blocks: never.
 * Bounds: as named; what arrives with the frame that fills a batch (libcurl's 16 KiB, libwslay's 4) still belongs to it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"

struct fetch;
struct fetch_request;
struct fetch_result;
struct loop;
struct platform;
struct reconnect;
struct stream;

enum {
	STREAM_GATHER_MS = 50,
	STREAM_BATCH_FRAMES = 100,
	STREAM_HOSE_FRAMES = 1000,
	STREAM_BATCH_BYTES = 1 << 20,
};
#define STREAM_LONG_MS                                                                                                 \
	INT64_C(60000) /* a connection that lasted so long, and beyond its keepalive, has served, though nothing came */

enum stream_state { STREAM_CLOSED, STREAM_OPENING, STREAM_OPEN, STREAM_ENDED };

/* on_news: it opened, a batch is there, or it ended; never from within a function of this module. name is for the log. */
struct stream *stream_new(struct loop *l, struct fetch *f, const struct platform *p, const char *name,
			  void (*on_news)(void *arg), void *arg) must_use;
struct stream *stream_free(struct stream *s); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct stream, stream_free)

enum { STREAM_E_BUSY = 1 /* fetch has no room just now */ };
/* on_refused: what came was no stream; the state is CLOSED then. Everything of the request but its receiver is the caller's. */
int stream_open(struct stream *s, struct fetch_request *request, void (*on_refused)(struct fetch_result *f, void *arg),
		void *arg) must_use;
void stream_close(struct stream *s); /* and forgets what was not taken */

enum stream_state stream_state(const struct stream *s);
int64_t stream_since_ms(const struct stream *s); /* wall: it is open since then; TIME_NONE: it isn't */

/* The batch, as lines, and the id of its last frame (NULL: none), which stays until the next call. False: there is none. */
bool stream_take(struct stream *s, struct buf *ret_lines, const char **ret_id);
bool stream_has(const struct stream *s);

/* Whether it is, or was, good for something: frames came, or it lasts. If not yet: how long until it has lasted. */
bool stream_served(const struct stream *s);
int64_t stream_proves_ms(const struct stream *s);
bool stream_opened(const struct stream *s); /* ENDED: it had begun, … */
/* … and why it ended. */
const char *stream_why(const struct stream *s, const char **ret_detail);
/* When it was cut, if it was open before: wall, told once. TIME_NONE: it wasn't. */
int64_t stream_cut_ms(struct stream *s);
struct reconnect *stream_reconnect(struct stream *s); /* what is known of its connections; the caller's to step */
