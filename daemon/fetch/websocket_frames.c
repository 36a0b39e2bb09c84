/* fetch/websocket: what is said once it is open: frames, and what libwslay makes of them. */
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "fetch/websocket_inside.h"
#include "loop/loop.h"

/* --- what libwslay calls --- */

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
		n = websocket_receive(w, to, len);
	}
	if (n > 0)
		return n;
	wslay_event_set_error(ctx, n == 0 ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static ssize_t on_have_bytes(wslay_event_context_ptr ctx, const uint8_t *from, size_t len, int flags, void *arg)
{
	struct websocket *w = arg;
	ssize_t n = w->state == WEBSOCKET_OVER ? -1 : websocket_transmit(w, from, len);

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
	struct buf reason = BUF_INIT(4 * WEBSOCKET_CONTROL_MAX);
	enum websocket_end as = code >= 3000 ? WEBSOCKET_WRONG : WEBSOCKET_CLOSED;
	char detail[WEBSOCKET_DETAIL_MAX];

	for (i = 0; i < ARRAY_LEN(ours); i++)
		if (code == ours[i])
			as = WEBSOCKET_WRONG;
	if (len > 2)
		utf8_scrub(&reason, (const char *)said + 2, len - 2);
	snprintf(detail, sizeof(detail), "closed with %u%s%s", code, reason.len ? ": " : "", buf_str(&reason));
	buf_done(&reason);
	websocket_ends(w, as, detail);
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

/* --- the turns --- */

void websocket_frames_open(struct websocket *w)
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

void websocket_frames_turn(struct websocket *w)
{
	int r = w->paused ? 0 : wslay_event_recv(w->frames);

	if (w->state == WEBSOCKET_OVER)
		return;
	if (wslay_event_want_write(w->frames) && wslay_event_send(w->frames) != 0 && w->state != WEBSOCKET_OVER)
		websocket_ends(w, WEBSOCKET_LOST, "it can't be written to");
	if (w->state != WEBSOCKET_OVER && wslay_event_want_write(w->frames) && /* not behind a goodbye */
	    wslay_event_get_queued_msg_count(w->frames) > WEBSOCKET_ANSWERS_MAX)
		websocket_ends(w, WEBSOCKET_WRONG, "pings without end");
	if (w->state == WEBSOCKET_OVER)
		return;
	if (wslay_event_get_close_received(w->frames) ||
	    (w->goodbye.len >= 2 && !wslay_event_get_read_enabled(w->frames)))
		closed(w);
	else if (r != 0 || w->dead || !wslay_event_get_read_enabled(w->frames))
		websocket_ends(w, WEBSOCKET_WRONG, wrong(w));
}
