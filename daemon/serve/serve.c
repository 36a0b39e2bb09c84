#include "serve/serve.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "serve/inside.h"

enum { SOCKET_MODE = 0660 };

static void accept_again(void *arg)
{
	conn_sweep(arg);
}

/* All that listen. evhttp_bind_listener() makes itself the argument of the listener's callbacks, the error callback's
 * too, and evhttp has no room for ours. */
static LIST_HEAD(, serve) listening = LIST_HEAD_INITIALIZER(listening);

/* No descriptors left: stock evhttp spins here, at 1,000,000 log lines in five seconds (FAULTS A2). */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	int error = EVUTIL_SOCKET_ERROR();
	struct serve *s;

	(void)arg;
	LIST_FOREACH(s, &listening, link)
	if (s->listener == listener)
		break;
	if (!s)
		return;
	LOG_LIMITED("serve.accept_failed", LOG_S("why", evutil_socket_error_to_string(error)));
	(void)evconnlistener_disable(listener);
	s->paused = true;
	loop_timer_set(s->accept_again, SECOND_MS);
}

static int start_http(struct serve *s, int fd)
{
	struct event_base *base = loop_base(s->loop);

	s->http = evhttp_new(base);
	if (!s->http) {
		close(fd);
		return -ENOMEM;
	}
	evhttp_set_max_headers_size(s->http, SERVE_HEAD_MAX_BYTES);
	evhttp_set_max_body_size(s->http, SERVE_BODY_MAX_BYTES);
	/* Those that may be asked for get our 405 or 404, all others evhttp's 501. */
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
						    EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH | EVHTTP_REQ_OPTIONS);
	evhttp_set_bevcb(s->http, conn_accept, s);
	evhttp_set_gencb(s->http, route_request, s);
	s->listener = evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!s->listener) {
		close(fd);
		return -ENOMEM;
	}
	evconnlistener_set_error_cb(s->listener, on_accept_error);
	if (!evhttp_bind_listener(s->http, s->listener)) {
		evconnlistener_free(s->listener);
		s->listener = NULL;
		return -ENOMEM;
	}
	return 0;
}

static void take_config(struct serve *s, const struct serve_config *config)
{
	s->config = *config;
	s->config.socket = NULL; /* the caller's; s->socket has it */
	if (!s->config.request_ms)
		s->config.request_ms = SERVE_REQUEST_MS;
	if (!s->config.answer_ms)
		s->config.answer_ms = SERVE_ANSWER_MS;
	if (!s->config.heartbeat_ms)
		s->config.heartbeat_ms = SERVE_HEARTBEAT_MS;
}

int serve_new(struct loop *loop, const struct serve_config *config, const struct serve_ops *ops, void *arg,
	      struct serve **ret)
{
	struct unix_socket door;
	struct serve *s;
	int fd, r;

	fd = config->fd;
	r = fd ? unix_socket_adopt(fd, config->socket, &door) : unix_socket_listen(config->socket, SOCKET_MODE, &door, &fd);
	if (r < 0)
		return r;
	if (r > 0)
		return r == UNIX_SOCKET_E_BUSY ? SERVE_E_BUSY : SERVE_E_PATH;
	s = NEW(struct serve);
	s->loop = loop;
	s->ops = *ops;
	s->arg = arg;
	s->socket = door;
	LIST_INSERT_HEAD(&listening, s, link);
	take_config(s, config);
	s->sweep = loop_timer_new(loop, conn_sweep, s);
	s->accept_again = loop_timer_new(loop, accept_again, s);
	r = start_http(s, fd);
	if (r < 0) {
		serve_free(s);
		return r;
	}
	LOG_INFO("serve.listening", LOG_S("socket", config->socket), LOG_S("by", config->fd ? "systemd" : "escuchad"));
	*ret = s;
	return 0;
}

struct serve *serve_free(struct serve *s)
{
	struct conn *c;

	if (!s)
		return NULL;
	LIST_REMOVE(s, link);
	unix_socket_remove(&s->socket);
	while (!LIST_EMPTY(&s->replies)) /* evhttp_free() frees their requests; what the ops still owe goes nowhere */
		reply_abandon(LIST_FIRST(&s->replies));
	LIST_FOREACH(c, &s->conns, link)
	if (c->follower)
		follower_free(c->follower);
	if (s->http)
		evhttp_free(s->http);
	while ((c = LIST_FIRST(&s->conns)))
		conn_free(c);
	loop_timer_free(s->sweep);
	loop_timer_free(s->accept_again);
	free(s);
	return NULL;
}
