#pragma once
/*
 * fetch/websocket: a WebSocket (RFC 6455) on a connection that libcurl has made (CURLOPT_CONNECT_ONLY: its TCP, its TLS, our guard),
 * since Debian's libcurl has none itself. The upgrade is fetch/upgrade's, frames are libwslay's.
 *
 *   websocket_new() → request → answer → on_open → on_message … → on_end
 *                                └→ on_refused → on_end
 *
 * What comes is text; fragments are joined, pings answered, a close answered and told with its code. After ping_ms of silence it asks
 * by itself whether the other end is there, and gives it up when as much silence follows. No extension is offered.
 *
 * Owner:  the transfer, whose easy handle must stay in its multi, and that alone in it: in a multi with others libcurl may take the
 *         connection for an idle one, and close it.
 * Blocks: never; at most WEBSOCKET_TURN_BYTES are read in one turn of the loop.
 * Bounds: WEBSOCKET_MESSAGE_MAX of a message (a longer one is passed over, and told); WEBSOCKET_FRAME_MAX of a frame and of all
 *         fragments of a message, and WEBSOCKET_FRAGMENTS_MAX of those (more end it); WEBSOCKET_ANSWERS_MAX pongs that could not be
 *         sent yet, and what libwslay holds already; the answer's head and body as fetch's.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "fetch/upgrade.h"

struct loop;
struct websocket;

enum {
	WEBSOCKET_MESSAGE_MAX = 1 << 20,
	WEBSOCKET_FRAME_MAX = 64 << 20,
	WEBSOCKET_FRAGMENTS_MAX = 1 << 16,
	WEBSOCKET_TURN_BYTES = 256 * 1024,
	WEBSOCKET_ANSWERS_MAX = 64,
};

enum websocket_end {
	WEBSOCKET_REFUSED, /* the answer was another one: on_refused told it, and the body is there */
	WEBSOCKET_CLOSED,  /* the other end said so; the detail has its code */
	WEBSOCKET_LOST,    /* it said nothing */
	WEBSOCKET_SILENT,  /* no answer to the request, or to a ping */
	WEBSOCKET_WRONG,   /* what came is no WebSocket, or it says that what we do is none */
};

/* on_end comes once, last, and not after websocket_free(); the others are entered from within. */
struct websocket_ops {
	void (*on_open)(void *arg);
	/* A whole message. bytes NULL: one of so many that was passed over. False: it was taken, and no more is wanted until
	 * websocket_resume(); what libwslay holds already (4 KiB) still comes. */
	bool (*on_message)(void *arg, const char *bytes, size_t len);
	void (*on_refused)(void *arg, char *line,
			   size_t len); /* each line of the answer's head, the empty one included */
	void (*on_end)(void *arg, enum websocket_end end, const char *detail);
};

struct websocket_config {
	struct upgrade upgrade; /* borrowed for the call; its key is made here */
	uint32_t answer_ms;     /* for the answer to the request */
	uint32_t ping_ms;
	struct buf *body; /* of an answer that refuses; stays until on_end */
};

/* easy has connected. -errno: its socket can't be watched. */
int websocket_new(struct loop *l, CURL *easy, const struct websocket_config *config, const struct websocket_ops *ops,
		  void *arg, struct websocket **ret) must_use;
struct websocket *websocket_free(struct websocket *w); /* says goodbye where it can; NULL is fine; returns NULL */
void websocket_resume(struct websocket *w);            /* never enters a callback itself */
