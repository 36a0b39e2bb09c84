#include "fetch/transfer_socket.h"

#include <stdio.h>

#include "fetch/answer.h"
#include "fetch/transfer.h"
#include "fetch/websocket.h"

static void on_open(void *arg)
{
	struct transfer *t = arg;

	t->receiver.on_open(t->receiver.arg);
}

static bool on_message(void *arg, const char *bytes, size_t len)
{
	struct transfer *t = arg;

	t->paused = !t->receiver.on_message(t->receiver.arg, bytes, len);
	t->body_bytes += len;
	return !t->paused;
}

static void on_refused(void *arg, char *line, size_t len)
{
	(void)answer_on_header(line, 1, len, arg);
}

static void on_end(void *arg, enum websocket_end as, const char *detail)
{
	static const enum fetch_outcome outcomes[] = {[WEBSOCKET_REFUSED] = FETCH_OK, /* as its status says */
						      [WEBSOCKET_CLOSED] = FETCH_ABORTED,
						      [WEBSOCKET_LOST] = FETCH_ABORTED,
						      [WEBSOCKET_SILENT] = FETCH_TIMEOUT,
						      [WEBSOCKET_WRONG] = FETCH_PROTOCOL};
	struct transfer *t = arg;

	if (t->stopped_for == FETCH_OK)
		t->stopped_for = outcomes[as];
	if (as == WEBSOCKET_REFUSED && t->stopped_for == FETCH_OK && t->head.status < 300) {
		t->stopped_for = FETCH_PROTOCOL;
		detail = "it answers, and opens no WebSocket";
	}
	snprintf(t->error, sizeof(t->error), "%s", detail);
	t->on_socket_end(t);
}

int transfer_socket(struct transfer *t, struct loop *l, const char *user_agent,
		    void (*on_socket_end)(struct transfer *t))
{
	static const struct websocket_ops ops = {
		.on_open = on_open, .on_message = on_message, .on_refused = on_refused, .on_end = on_end};
	const struct websocket_config config = {.upgrade = {.url = t->url,
							    .user_agent = user_agent,
							    .user = t->user,
							    .password = t->password,
							    .lines = (const char *const *)t->extra.lines,
							    .n_lines = t->extra.n_lines},
						.answer_ms = t->connect_ms,
						.ping_ms = t->ping_ms,
						.body = &t->result.body};

	t->on_socket_end = on_socket_end;
	return websocket_new(l, t->easy, &config, &ops, t, &t->frames);
}
