#include "serve/inside.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"

/* evhttp waits for a whole chunk in the input buffer, so that no less than a body must fit; while it doesn't read, or
 * doesn't care what comes, no more does. */
enum { CONN_INPUT_MAX_BYTES = SERVE_HOOK_MAX_BYTES + SERVE_HEAD_MAX_BYTES, CUT_SWEEP_MS = 20 };

/* evhttp has answered by itself, before anybody of ours was asked: too large a body, a head that can't be read. */
static void note_refusal(struct conn *c, struct evbuffer *output)
{
	char head[13] = "", peer[INET6_ADDRSTRLEN];
	int status = 0;

	if (evbuffer_copyout(output, head, sizeof(head) - 1) == (ev_ssize_t)sizeof(head) - 1 &&
	    memcmp(head, "HTTP/", 5) == 0)
		status = (int)strtol(head + 9, NULL, 10);
	if (status < 400) /* 100: it waits for the body */
		return;
	LOG_LIMITED("serve.refused", LOG_I("status", status), LOG_S("address", gate_peer(c, peer, sizeof(peer))));
	if (c->serve->ops.on_answer)
		c->serve->ops.on_answer(c->serve->arg, "-", status);
}

static void on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	if (c->state == CONN_READING && info->n_added && info->orig_size == 0)
		note_refusal(c, output);
	if (info->n_deleted || info->orig_size == 0)
		c->progress_ms = clock_steady_ms();
}

/* The deadlines are seen late by at most this. With nobody there, there is nothing to see. */
static void arm(struct serve *s)
{
	int64_t every = SECOND_MS;

	if (s->config.request_ms / 4 < every)
		every = s->config.request_ms / 4;
	if (s->config.heartbeat_ms / 4 < every)
		every = s->config.heartbeat_ms / 4;
	if (!LIST_EMPTY(&s->conns) && !loop_timer_is_set(s->sweep))
		loop_timer_set(s->sweep, every + 1);
}

struct bufferevent *conn_accept(struct event_base *base, void *door)
{
	/* The socket goes with the last reference, ours: were it evhttp that closed it, a descriptor of the same number,
	 * opened before conn_free(), would be taken by libevent for one that it watches already. */
	struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	struct door *d = door;
	struct serve *s = d->serve;
	struct conn *c;

	if (!bev)
		return NULL; /* evhttp makes one of its own, without our deadlines: only when memory is out */
	c = NEW(struct conn);
	bufferevent_incref(bev);
	bufferevent_setwatermark(bev, EV_READ, 0, CONN_INPUT_MAX_BYTES);
	c->serve = s;
	c->bev = bev;
	c->watch = evbuffer_add_cb(bufferevent_get_output(bev), on_output, c);
	conn_enter(c, CONN_READING);
	LIST_INSERT_HEAD(&s->conns, c, link);
	door_let_in(d, c);
	arm(s); /* not to sweep at once: it has no callbacks yet, as the dead */
	return bev;
}

void conn_free(struct conn *c)
{
	(void)evbuffer_remove_cb_entry(bufferevent_get_output(c->bev), c->watch);
	LIST_REMOVE(c, link);
	if (!c->cut)
		c->door->n_conns--;
	bufferevent_decref(c->bev);
	free(c);
}

struct conn *conn_of(struct serve *s, struct evhttp_request *req)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));
	struct conn *c;

	LIST_FOREACH(c, &s->conns, link)
	if (c->bev == bev)
		return c;
	return NULL;
}

void conn_enter(struct conn *c, enum conn_state state)
{
	c->state = state;
	c->since_ms = c->progress_ms = clock_steady_ms();
}

size_t conn_waiting(const struct conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

/* evhttp shuts the socket down and frees its reference whenever the connection ends, without a word unless a request
 * came: but then no callback is left on the bufferevent. */
bool conn_is_dead(const struct conn *c)
{
	bufferevent_event_cb on_event;

	bufferevent_getcb(c->bev, NULL, NULL, &on_event, NULL);
	return !on_event;
}

void conn_left(struct conn *c)
{
	if (c->cut)
		return;
	c->cut = true;
	c->door->n_conns--;
	if (!c->serve->sweep_soon) { /* what is left of it is memory and a descriptor */
		c->serve->sweep_soon = true;
		loop_timer_set(c->serve->sweep, CUT_SWEEP_MS);
	}
}

void conn_cut(struct conn *c, const char *why)
{
	if (c->cut)
		return;
	if (!conn_is_dead(c)) {
		LOG_LIMITED("serve.cut", LOG_S("why", why), LOG_I("waiting_bytes", (int64_t)conn_waiting(c)));
		(void)shutdown(bufferevent_getfd(c->bev),
			       SHUT_RDWR); /* evhttp sees the end, and frees the connection */
	}
	conn_left(c);
}

static void judge(struct conn *c, int64_t now)
{
	const struct serve_config *config = &c->serve->config;
	bool stuck = conn_waiting(c) && now - c->progress_ms >= SERVE_WRITE_MS;

	switch (c->state) {
	case CONN_READING:
		if (!c->door->listener)
			conn_cut(c, "no longer listening here");
		else if (now - c->since_ms >= config->request_ms)
			conn_cut(c, "no whole request in time");
		break;
	case CONN_ANSWERING:
		if (now - c->since_ms >= config->answer_ms)
			reply_late(c->reply);
		break;
	case CONN_WRITING:
		if (stuck || now - c->since_ms >= config->answer_ms)
			conn_cut(c, "the answer is not taken");
		break;
	case CONN_FOLLOWING:
		if (stuck)
			conn_cut(c, "the hits are not taken");
		else
			follower_tick(c->follower, now);
		break;
	}
}

void conn_sweep(void *serve)
{
	struct serve *s = serve;
	int64_t now = clock_steady_ms();
	struct conn *c, *next;
	struct door *d, *next_door;

	s->sweep_soon = false;
	for (c = LIST_FIRST(&s->conns); c; c = next) {
		next = LIST_NEXT(c, link);
		if (conn_is_dead(c))
			conn_free(c);
		else
			judge(c, now);
	}
	for (d = LIST_FIRST(&s->doors); d; d = next_door) {
		next_door = LIST_NEXT(d, link);
		door_look(d);
	}
	arm(s);
}
