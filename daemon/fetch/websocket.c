#include "fetch/websocket.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wslay/wslay.h>

#include "base/utf8.h"
#include "fetch/fetch.h"
#include "loop/loop.h"

enum { CONTROL_MAX = 125, DETAIL_MAX = 200, REQUEST_MAX = 64 * 1024 };

enum state { ASKING, HEARING, BODY, OPEN, OVER };

struct websocket {
	struct loop *loop;
	CURL *easy;
	struct websocket_ops ops;
	void *arg;
	enum state state;
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
	char detail[DETAIL_MAX];
};

/* --- its end --- */

static void end(struct websocket *w, enum websocket_end as, const char *detail)
{
	if (w->state == OVER)
		return;
	w->end = as;
	snprintf(w->detail, sizeof(w->detail), "%s", detail ? detail : "");
	w->state = OVER;
	w->watch = loop_watch_free(w->watch);
	loop_timer_stop(w->silence);
}

/* The last thing that is done: w may be gone then. */
static void tell_end(struct websocket *w)
{
	if (w->state == OVER)
		w->ops.on_end(w->arg, w->end, w->detail);
}

/* --- bytes --- */

/* 0: nothing just now; < 0: it is lost, and said so. */
static ssize_t receive(struct websocket *w, void *to, size_t len)
{
	size_t n = 0;
	CURLcode code;

	if (w->turn_left == 0) {
		loop_timer_set(w->again, 0);
		return 0;
	}
	code = curl_easy_recv(w->easy, to, len < w->turn_left ? len : w->turn_left, &n);
	if (code == CURLE_AGAIN)
		return 0;
	if (code != CURLE_OK || n == 0) {
		end(w, WEBSOCKET_LOST, code != CURLE_OK ? curl_easy_strerror(code) : "closed without a word");
		return -1;
	}
	w->turn_left -= n;
	w->asked = false;
	return (ssize_t)n;
}

static ssize_t transmit(struct websocket *w, const void *from, size_t len)
{
	size_t n = 0;
	CURLcode code = curl_easy_send(w->easy, from, len, &n);

	if (code == CURLE_AGAIN)
		return 0;
	if (code != CURLE_OK) {
		end(w, WEBSOCKET_LOST, curl_easy_strerror(code));
		return -1;
	}
	return (ssize_t)n;
}

/* --- frames: what libwslay calls --- */

static ssize_t on_want_bytes(wslay_event_context_ptr ctx, uint8_t *to, size_t len, int flags, void *arg)
{
	struct websocket *w = arg;
	ssize_t n = 0;

	(void)flags;
	if (w->paused || w->dead) {
		n = 0;
	} else if (wslay_event_get_queued_msg_count(ctx) > WEBSOCKET_ANSWERS_MAX) { /* those first */
		loop_timer_set(w->again, 0);
	} else if (w->head.len) { /* what came with the answer */
		n = (ssize_t)(len < w->head.len ? len : w->head.len);
		memcpy(to, w->head.data, (size_t)n);
		buf_drop(&w->head, (size_t)n);
	} else {
		n = receive(w, to, len);
	}
	if (n > 0)
		return n;
	wslay_event_set_error(ctx, n == 0 ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static ssize_t on_have_bytes(wslay_event_context_ptr ctx, const uint8_t *from, size_t len, int flags, void *arg)
{
	struct websocket *w = arg;
	ssize_t n = w->state == OVER ? -1 : transmit(w, from, len);

	(void)flags;
	if (n > 0)
		return n;
	wslay_event_set_error(ctx, n == 0 ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static int on_mask(wslay_event_context_ptr ctx, uint8_t *to, size_t len, void *arg)
{
	(void)ctx;
	(void)arg;
	return RAND_bytes(to, (int)len) == 1 ? 0 : -1;
}

/* A message that never ends would be heard for ever, and nothing be told. */
static void too_big(struct websocket *w)
{
	(void)wslay_event_queue_close(w->frames, WSLAY_CODE_MESSAGE_TOO_BIG, NULL, 0);
	w->dead = true;
}

static void on_frame(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
	struct websocket *w = arg;

	(void)ctx;
	w->in_control = wslay_is_ctrl_frame(frame->opcode);
	w->closing = frame->opcode == WSLAY_CONNECTION_CLOSE;
	if (!w->in_control && ++w->fragments > WEBSOCKET_FRAGMENTS_MAX)
		too_big(w);
}

static void on_chunk(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *arg)
{
	struct websocket *w = arg;

	(void)ctx;
	if (w->closing) /* libwslay takes codes that came later than RFC 6455 (1012: it starts anew) for mistakes */
		buf_put(&w->goodbye, chunk->data, chunk->data_length);
	if (w->in_control) /* it keeps those itself */
		return;
	w->message_len += chunk->data_length;
	buf_put(&w->message, chunk->data, chunk->data_length);
	if (w->message_len > WEBSOCKET_FRAME_MAX)
		too_big(w);
}

/* The other end's word, made fit for a log. */
static void closed(struct websocket *w)
{
	/* it says that what we do is wrong: to come back at once would be no use */
	static const unsigned ours[] = {
		WSLAY_CODE_PROTOCOL_ERROR,   WSLAY_CODE_UNSUPPORTED_DATA, WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA,
		WSLAY_CODE_POLICY_VIOLATION, WSLAY_CODE_MESSAGE_TOO_BIG,  WSLAY_CODE_MANDATORY_EXT};
	const unsigned char *said = (const unsigned char *)buf_str(&w->goodbye);
	size_t len = w->goodbye.len, i;
	unsigned code = len < 2 ? WSLAY_CODE_NO_STATUS_RCVD : (unsigned)said[0] << 8 | said[1];
	struct buf reason = BUF_INIT(4 * CONTROL_MAX);
	enum websocket_end as = code >= 3000 ? WEBSOCKET_WRONG : WEBSOCKET_CLOSED;
	char detail[DETAIL_MAX];

	for (i = 0; i < ARRAY_LEN(ours); i++)
		if (code == ours[i])
			as = WEBSOCKET_WRONG;
	if (len > 2)
		utf8_scrub(&reason, (const char *)said + 2, len - 2);
	snprintf(detail, sizeof(detail), "closed with %u%s%s", code, reason.len ? ": " : "", buf_str(&reason));
	buf_done(&reason);
	end(w, as, detail);
}

static void message_reset(struct websocket *w)
{
	buf_reset(&w->message);
	w->message_len = w->fragments = 0;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct websocket *w = arg;

	(void)ctx;
	if (wslay_is_ctrl_frame(m->opcode))
		return;
	if (m->opcode != WSLAY_TEXT_FRAME) {
		(void)wslay_event_queue_close(w->frames, WSLAY_CODE_UNSUPPORTED_DATA, NULL, 0);
		w->dead = true;
	} else if (w->message.full) {
		w->paused = !w->ops.on_message(w->arg, NULL, w->message_len) || w->paused;
	} else if (w->message.len) {
		w->paused = !w->ops.on_message(w->arg, buf_str(&w->message), w->message.len) || w->paused;
	}
	message_reset(w);
}

/* --- frames: the turns --- */

static void frames_open(struct websocket *w)
{
	static const struct wslay_event_callbacks callbacks = {.recv_callback = on_want_bytes,
							       .send_callback = on_have_bytes,
							       .genmask_callback = on_mask,
							       .on_frame_recv_start_callback = on_frame,
							       .on_frame_recv_chunk_callback = on_chunk,
							       .on_msg_recv_callback = on_message};

	if (wslay_event_context_client_init(&w->frames, &callbacks, w) != 0)
		memory_out();
	wslay_event_config_set_no_buffering(w->frames, 1); /* it would copy each message twice more */
	wslay_event_config_set_max_recv_msg_length(w->frames, WEBSOCKET_FRAME_MAX);
}

/* What libwslay has found wrong it says to the other end, and to us by that alone. */
static const char *wrong(struct websocket *w)
{
	switch (wslay_event_get_status_code_sent(w->frames)) {
	case WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA:
		return "a message that is no UTF-8";
	case WSLAY_CODE_MESSAGE_TOO_BIG:
		return "a frame, or a message, beyond all bounds";
	case WSLAY_CODE_UNSUPPORTED_DATA:
		return "a message that is no text";
	default:
		return "a frame that breaks the protocol";
	}
}

static void watch(struct websocket *w)
{
	unsigned what = (w->paused ? 0 : LOOP_READ) |
			(w->request.len || (w->frames && wslay_event_want_write(w->frames)) ? LOOP_WRITE : 0);

	if (w->state != OVER && loop_watch_set(w->watch, what) < 0)
		end(w, WEBSOCKET_LOST, "its socket can't be watched");
}

static void frames_turn(struct websocket *w)
{
	int r = w->paused ? 0 : wslay_event_recv(w->frames);

	if (w->state == OVER)
		return;
	if (wslay_event_want_write(w->frames) && wslay_event_send(w->frames) != 0 && w->state != OVER)
		end(w, WEBSOCKET_LOST, "it can't be written to");
	if (w->state != OVER && wslay_event_want_write(w->frames) && /* not behind a goodbye */
	    wslay_event_get_queued_msg_count(w->frames) > WEBSOCKET_ANSWERS_MAX)
		end(w, WEBSOCKET_WRONG, "pings without end");
	if (w->state == OVER)
		return;
	if (wslay_event_get_close_received(w->frames) ||
	    (w->goodbye.len >= 2 && !wslay_event_get_read_enabled(w->frames)))
		closed(w);
	else if (r != 0 || w->dead || !wslay_event_get_read_enabled(w->frames))
		end(w, WEBSOCKET_WRONG, wrong(w));
}

/* --- the answer --- */

static void refuse(struct websocket *w, size_t head_len)
{
	char *line = w->head.data, *stop = w->head.data + head_len;

	w->body_left = upgrade_body(line, head_len);
	while (line < stop) {
		char *next = (char *)memchr(line, '\n', (size_t)(stop - line)) + 1;

		w->ops.on_refused(w->arg, line, (size_t)(next - line));
		line = next;
	}
	buf_drop(&w->head, head_len);
	w->state = BODY;
}

/* Of an answer that refuses: as much as it says, or until its end. */
static void body_turn(struct websocket *w)
{
	char bytes[4096];

	while (w->state == BODY) {
		size_t room = FETCH_ERROR_BODY_MAX - w->body->len, take;
		ssize_t n = 1;

		if (w->body_left == 0 || room == 0) {
			end(w, WEBSOCKET_REFUSED, NULL);
			return;
		}
		if (!w->head.len && (n = receive(w, bytes, sizeof(bytes))) > 0)
			buf_put(&w->head, bytes, (size_t)n);
		if (n < 0)
			w->end = WEBSOCKET_REFUSED; /* its end is the answer's */
		if (n <= 0)
			return;
		take = w->head.len < room ? w->head.len : room;
		if (w->body_left > 0 && (long long)take > w->body_left)
			take = (size_t)w->body_left;
		buf_put(w->body, w->head.data, take);
		buf_drop(&w->head, take);
		w->body_left -= w->body_left > 0 ? (long long)take : 0;
	}
}

static void open_up(struct websocket *w, size_t head_len)
{
	const char *why = upgrade_wrong(w->head.data, head_len, w->key, w->protocol);

	if (why) {
		end(w, WEBSOCKET_WRONG, why);
		return;
	}
	buf_drop(&w->head, head_len);
	w->state = OPEN;
	frames_open(w);
	w->ops.on_open(w->arg);
}

/* A head that is whole: one of 100 and the like may stand before the answer's, in the same bytes. False: more is to come first. */
static bool head_take(struct websocket *w)
{
	size_t head_len = upgrade_head(buf_str(&w->head), w->head.len);
	int status = upgrade_status(buf_str(&w->head), w->head.len);

	if (w->head.full)
		end(w, WEBSOCKET_WRONG, "the head of its answer has no end");
	else if (!head_len)
		return false;
	else if (status == 101)
		open_up(w, head_len);
	else if (status >= 200)
		refuse(w, head_len);
	else if (status == 0)
		end(w, WEBSOCKET_WRONG, "what answers is no HTTP");
	else
		buf_drop(&w->head, head_len);
	return true;
}

static void head_turn(struct websocket *w)
{
	char bytes[4096];
	ssize_t n;

	while (w->state == HEARING && (n = receive(w, bytes, sizeof(bytes))) > 0) {
		buf_put(&w->head, bytes, (size_t)n);
		while (w->state == HEARING && head_take(w))
			;
	}
}

/* --- the loop --- */

static void request_turn(struct websocket *w)
{
	ssize_t n;

	while (w->request.len && (n = transmit(w, w->request.data, w->request.len)) > 0)
		buf_drop(&w->request, (size_t)n);
	if (!w->request.len && w->state == ASKING)
		w->state = HEARING;
}

static void turn(struct websocket *w)
{
	w->turn_left = WEBSOCKET_TURN_BYTES;
	if (w->state == ASKING)
		request_turn(w);
	if (w->state == HEARING)
		head_turn(w);
	if (w->state == BODY)
		body_turn(w);
	if (w->state == OPEN)
		frames_turn(w);
	watch(w);
	if (w->state == OPEN && w->turn_left < WEBSOCKET_TURN_BYTES)
		loop_timer_set(w->silence, w->ping_ms);
	tell_end(w);
}

static void on_ready(int fd, unsigned what, void *arg)
{
	(void)fd;
	(void)what;
	turn(arg);
}

static void on_again(void *arg)
{
	struct websocket *w = arg;

	if (w->state != OVER)
		turn(w);
}

static void on_silence(void *arg)
{
	struct websocket *w = arg;
	const struct wslay_event_msg ping = {.opcode = WSLAY_PING};

	if (w->state == OPEN && w->paused) { /* it is us who don't listen */
		loop_timer_set(w->silence, w->ping_ms);
		return;
	}
	if (w->state == BODY) {
		end(w, WEBSOCKET_REFUSED, NULL);
	} else if (w->state != OPEN || w->asked) {
		end(w, WEBSOCKET_SILENT, w->state == OPEN ? "no answer to a ping" : "no answer");
	} else {
		w->asked = true;
		(void)wslay_event_queue_msg(w->frames, &ping);
		loop_timer_set(w->silence, w->ping_ms);
		turn(w);
		return;
	}
	tell_end(w);
}

/* --- its life --- */

int websocket_new(struct loop *l, CURL *easy, const struct websocket_config *config, const struct websocket_ops *ops,
		  void *arg, struct websocket **ret)
{
	cleanup(freep) struct websocket *w = NEW(struct websocket);
	struct upgrade u = config->upgrade;
	curl_socket_t fd = CURL_SOCKET_BAD;
	size_t i;

	*w = (struct websocket){
		.loop = l, .easy = easy, .ops = *ops, .arg = arg, .ping_ms = config->ping_ms, .body = config->body};
	if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD)
		return -ENOTCONN;
	buf_init(&w->request, REQUEST_MAX);
	buf_init(&w->head, FETCH_HEADERS_MAX);
	buf_init(&w->message, WEBSOCKET_MESSAGE_MAX);
	buf_init(&w->goodbye, CONTROL_MAX);
	upgrade_key(w->key);
	u.key = w->key;
	for (i = 0; i < u.n_lines; i++)
		w->protocol = w->protocol || strncasecmp(u.lines[i], "Sec-WebSocket-Protocol:", 23) == 0;
	if (upgrade_request(&w->request, &u) != 0 || w->request.full) {
		buf_done(&w->request);
		return -EINVAL;
	}
	w->watch = loop_watch_new(l, fd, on_ready, w);
	w->again = loop_timer_new(l, on_again, w);
	w->silence = loop_timer_new(l, on_silence, w);
	loop_timer_set(w->silence, config->answer_ms);
	loop_timer_set(w->again, 0);
	*ret = TAKE(w);
	return 0;
}

struct websocket *websocket_free(struct websocket *w)
{
	if (!w)
		return NULL;
	if (w->frames && w->state == OPEN) { /* once: nobody waits for a goodbye */
		(void)wslay_event_queue_close(w->frames, WSLAY_CODE_GOING_AWAY, NULL, 0);
		(void)wslay_event_send(w->frames);
	}
	if (w->frames)
		wslay_event_context_free(w->frames);
	loop_watch_free(w->watch);
	loop_timer_free(w->again);
	loop_timer_free(w->silence);
	if (w->request.data) /* perhaps with a token in it */
		explicit_bzero(w->request.data, w->request.cap);
	buf_done(&w->request);
	buf_done(&w->head);
	buf_done(&w->message);
	buf_done(&w->goodbye);
	free(w);
	return NULL;
}

void websocket_resume(struct websocket *w)
{
	w->paused = false;
	loop_timer_set(w->again, 0); /* TLS may hold what the socket doesn't show any more */
}
