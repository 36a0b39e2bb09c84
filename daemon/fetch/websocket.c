#include "fetch/websocket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fetch/fetch.h"
#include "fetch/websocket_inside.h"
#include "loop/loop.h"

enum { REQUEST_MAX = 64 * 1024 };

/* --- its end --- */

void websocket_ends(struct websocket *w, enum websocket_end as, const char *detail)
{
	if (w->state == WEBSOCKET_OVER)
		return;
	w->end = as;
	snprintf(w->detail, sizeof(w->detail), "%s", detail ? detail : "");
	w->state = WEBSOCKET_OVER;
	w->watch = loop_watch_free(w->watch);
	loop_timer_stop(w->silence);
}

/* The last thing that is done: w may be gone then. */
static void tell_end(struct websocket *w)
{
	if (w->state == WEBSOCKET_OVER)
		w->ops.on_end(w->arg, w->end, w->detail);
}

/* --- bytes --- */

ssize_t websocket_receive(struct websocket *w, void *to, size_t len)
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
		websocket_ends(w, WEBSOCKET_LOST,
			       code != CURLE_OK ? curl_easy_strerror(code) : "closed without a word");
		return -1;
	}
	w->turn_left -= n;
	w->asked = false;
	return (ssize_t)n;
}

ssize_t websocket_transmit(struct websocket *w, const void *from, size_t len)
{
	size_t n = 0;
	CURLcode code = curl_easy_send(w->easy, from, len, &n);

	if (code == CURLE_AGAIN)
		return 0;
	if (code != CURLE_OK) {
		websocket_ends(w, WEBSOCKET_LOST, curl_easy_strerror(code));
		return -1;
	}
	return (ssize_t)n;
}

static void watch(struct websocket *w)
{
	unsigned what = (w->paused ? 0 : LOOP_READ) |
			(w->request.len || (w->frames && wslay_event_want_write(w->frames)) ? LOOP_WRITE : 0);

	if (w->state != WEBSOCKET_OVER && loop_watch_set(w->watch, what) < 0)
		websocket_ends(w, WEBSOCKET_LOST, "its socket can't be watched");
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
	w->state = WEBSOCKET_BODY;
}

/* Of an answer that refuses: as much as it says, or until its end. */
static void body_turn(struct websocket *w)
{
	char bytes[4096];

	while (w->state == WEBSOCKET_BODY) {
		size_t room = FETCH_ERROR_BODY_MAX - w->body->len, take;
		ssize_t n = 1;

		if (w->body_left == 0 || room == 0) {
			websocket_ends(w, WEBSOCKET_REFUSED, NULL);
			return;
		}
		if (!w->head.len && (n = websocket_receive(w, bytes, sizeof(bytes))) > 0)
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
		websocket_ends(w, WEBSOCKET_WRONG, why);
		return;
	}
	buf_drop(&w->head, head_len);
	w->state = WEBSOCKET_OPEN;
	websocket_frames_open(w);
	w->ops.on_open(w->arg);
}

/* A head that is whole: one of 100 and the like may stand before the answer's, in the same bytes. False: more is to come first. */
static bool head_take(struct websocket *w)
{
	size_t head_len = upgrade_head(buf_str(&w->head), w->head.len);
	int status = upgrade_status(buf_str(&w->head), w->head.len);

	if (w->head.full)
		websocket_ends(w, WEBSOCKET_WRONG, "the head of its answer has no end");
	else if (!head_len)
		return false;
	else if (status == 101)
		open_up(w, head_len);
	else if (status >= 200)
		refuse(w, head_len);
	else if (status == 0)
		websocket_ends(w, WEBSOCKET_WRONG, "what answers is no HTTP");
	else
		buf_drop(&w->head, head_len);
	return true;
}

static void head_turn(struct websocket *w)
{
	char bytes[4096];
	ssize_t n;

	while (w->state == WEBSOCKET_HEARING && (n = websocket_receive(w, bytes, sizeof(bytes))) > 0) {
		buf_put(&w->head, bytes, (size_t)n);
		while (w->state == WEBSOCKET_HEARING && head_take(w))
			;
	}
}

/* --- the loop --- */

static void request_turn(struct websocket *w)
{
	ssize_t n;

	while (w->request.len && (n = websocket_transmit(w, w->request.data, w->request.len)) > 0)
		buf_drop(&w->request, (size_t)n);
	if (!w->request.len && w->state == WEBSOCKET_ASKING)
		w->state = WEBSOCKET_HEARING;
}

static void turn(struct websocket *w)
{
	w->turn_left = WEBSOCKET_TURN_BYTES;
	if (w->state == WEBSOCKET_ASKING)
		request_turn(w);
	if (w->state == WEBSOCKET_HEARING)
		head_turn(w);
	if (w->state == WEBSOCKET_BODY)
		body_turn(w);
	if (w->state == WEBSOCKET_OPEN)
		websocket_frames_turn(w);
	watch(w);
	if (w->state == WEBSOCKET_OPEN && w->turn_left < WEBSOCKET_TURN_BYTES)
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

	if (w->state != WEBSOCKET_OVER)
		turn(w);
}

static void on_silence(void *arg)
{
	struct websocket *w = arg;
	const struct wslay_event_msg ping = {.opcode = WSLAY_PING};

	if (w->state == WEBSOCKET_OPEN && w->paused) { /* it is us who don't listen */
		loop_timer_set(w->silence, w->ping_ms);
		return;
	}
	if (w->state == WEBSOCKET_BODY) {
		websocket_ends(w, WEBSOCKET_REFUSED, NULL);
	} else if (w->state != WEBSOCKET_OPEN || w->asked) {
		websocket_ends(w, WEBSOCKET_SILENT, w->state == WEBSOCKET_OPEN ? "no answer to a ping" : "no answer");
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
	buf_init(&w->goodbye, WEBSOCKET_CONTROL_MAX);
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
	if (w->frames && w->state == WEBSOCKET_OPEN) { /* once: nobody waits for a goodbye */
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
