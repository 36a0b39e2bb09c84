#pragma once
/*
 * fetch/websocket_inside: what the files of fetch/websocket share; nobody else includes it.
 *
 *   websocket.c        its life: the request, the answer, the loop, its end
 *   websocket_frames.c what is said once it is open: libwslay's frames
 */
#include <wslay/wslay.h>

#include "base/buf.h"
#include "fetch/websocket.h"

struct loop_timer;
struct loop_watch;

enum { WEBSOCKET_CONTROL_MAX = 125, WEBSOCKET_DETAIL_MAX = 200 };

enum websocket_state { WEBSOCKET_ASKING, WEBSOCKET_HEARING, WEBSOCKET_BODY, WEBSOCKET_OPEN, WEBSOCKET_OVER };

struct websocket {
	struct loop *loop;
	CURL *easy;
	struct websocket_ops ops;
	void *arg;
	enum websocket_state state;
	char key[UPGRADE_KEY_SIZE];
	bool protocol; /* one was asked for */
	uint32_t ping_ms;
	struct loop_watch *watch;
	struct loop_timer *again; /* more may be read, though the socket says nothing of it */
	struct loop_timer *silence;
	bool asked; /* by a ping; nothing has come since */

	struct buf request;
	struct buf head;     /* of the answer; then what came behind it */
	struct buf *body;    /* of one that refuses */
	long long body_left; /* -1: until its end */

	wslay_event_context_ptr frames;
	struct buf message;
	size_t message_len; /* as it came, also what was passed over; in so many … */
	size_t fragments;
	bool in_control, closing; /* the frame that comes is one; … says goodbye */
	struct buf goodbye;
	bool paused, dead;
	size_t turn_left;       /* bytes of this turn */
	enum websocket_end end; /* OVER, or to be */
	char detail[WEBSOCKET_DETAIL_MAX];
};

/* websocket.c */
void websocket_ends(struct websocket *w, enum websocket_end as, const char *detail);
/* 0: nothing just now; < 0: it is lost, and said so. */
ssize_t websocket_receive(struct websocket *w, void *to, size_t len);
ssize_t websocket_transmit(struct websocket *w, const void *from, size_t len);

/* websocket_frames.c */
void websocket_frames_open(struct websocket *w);
void websocket_frames_turn(struct websocket *w);
