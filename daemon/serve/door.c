#include "serve/inside.h"

#include <errno.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"

enum {
	RETRY_MS = SERVE_GRACE_MS + 10, /* by then who was let in last has had its moment */
	CLOSED_MS = 5,                  /* by then evhttp has closed the descriptors of those that were cut */
};

/* All that listen. evhttp_bind_listener() makes itself the argument of the listener's callbacks, the error callback's
 * too, and evhttp has no room for ours. */
static LIST_HEAD(, door) all = LIST_HEAD_INITIALIZER(all);

static void pause_accepting(struct door *d, bool pause)
{
	if (d->paused == pause || !d->listener || (d->serve->draining && !pause))
		return;
	d->paused = pause;
	if (pause)
		(void)evconnlistener_disable(d->listener);
	else
		(void)evconnlistener_enable(d->listener);
}

/* Who has been connected for longest without a whole request. One that just came may still be about to ask. */
static struct conn *idlest(const struct door *d, int64_t now_ms)
{
	struct conn *c, *found = NULL;

	LIST_FOREACH(c, &d->serve->conns, link)
	if (c->door == d && !c->cut && c->state == CONN_READING && now_ms - c->since_ms >= SERVE_GRACE_MS &&
	    (!found || c->since_ms < found->since_ms))
		found = c;
	return found;
}

/* Up to n of them give up their places. */
static bool make_room(struct door *d, size_t n)
{
	int64_t now = clock_steady_ms();
	struct conn *c = NULL;
	bool made = false;

	while (n-- && (c = idlest(d, now))) {
		conn_cut(c, "made room for another");
		made = true;
	}
	return made;
}

/* Nobody is let in for so long. */
static void wait_for_room(struct door *d, int64_t ms)
{
	pause_accepting(d, true);
	loop_timer_set(d->again, ms);
}

void door_let_in(struct door *d, struct conn *c)
{
	c->door = d;
	if (++d->n_conns < SERVE_CONNECTIONS_MAX)
		return;
	LOG_LIMITED("serve.full", LOG_S("door", d->tcp ? "tcp" : "unix"), LOG_I("connections", SERVE_CONNECTIONS_MAX));
	if (!make_room(d, 1))
		wait_for_room(d, RETRY_MS);
}

static bool is_empty(const struct door *d)
{
	const struct conn *c;

	LIST_FOREACH(c, &d->serve->conns, link)
	if (c->door == d)
		return false;
	return true;
}

/* How many wait outside is not known, but that they wait. */
void door_look(struct door *d)
{
	if (!d->listener) {
		if (is_empty(d))
			door_free(d);
		return;
	}
	if (!d->paused || loop_timer_is_set(d->again))
		return;
	if (d->n_conns < SERVE_CONNECTIONS_MAX || make_room(d, SERVE_CONNECTIONS_MAX / 2))
		pause_accepting(d, false);
	else
		wait_for_room(d, RETRY_MS);
}

static void on_again(void *arg)
{
	struct door *d = arg;

	conn_sweep(d->serve);
}

/* No descriptors left: stock evhttp spins here, at 1,000,000 log lines in five seconds (FAULTS A2). */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	int error = EVUTIL_SOCKET_ERROR();
	struct door *d;

	(void)arg;
	LIST_FOREACH(d, &all, of_all)
	if (d->listener == listener)
		break;
	if (!d)
		return;
	LOG_LIMITED("serve.accept_failed", LOG_S("why", evutil_socket_error_to_string(error)));
	wait_for_room(d, make_room(d, SERVE_CONNECTIONS_MAX / 2) ? CLOSED_MS : RETRY_MS);
}

int door_open(struct serve *s, int fd, bool tcp, struct door **ret)
{
	struct event_base *base = loop_base(s->loop);
	struct door *d = NEW(struct door);

	*d = (struct door){
		.serve = s, .tcp = tcp, .http = evhttp_new(base), .again = loop_timer_new(s->loop, on_again, d)};
	LIST_INSERT_HEAD(&s->doors, d, link);
	LIST_INSERT_HEAD(&all, d, of_all);
	d->listener =
		d->http ? evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd)
			: NULL;
	if (!d->listener) {
		close(fd);
		door_free(d);
		return -ENOMEM;
	}
	d->bound = evhttp_bind_listener(d->http, d->listener);
	if (!d->bound) {
		evconnlistener_free(d->listener);
		door_free(d);
		return -ENOMEM;
	}
	evhttp_set_max_headers_size(d->http, SERVE_HEAD_MAX_BYTES);
	evhttp_set_max_body_size(d->http, SERVE_HOOK_MAX_BYTES);
	/* Those that may be asked for get our 405 or 404, all others evhttp's 501. */
	evhttp_set_allowed_methods(d->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
						    EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH | EVHTTP_REQ_OPTIONS);
	evhttp_set_bevcb(d->http, conn_accept, d);
	evhttp_set_gencb(d->http, route_request, s);
	evconnlistener_set_error_cb(d->listener, on_accept_error);
	*ret = d;
	return 0;
}

void door_close(struct door *d)
{
	struct conn *c;

	evhttp_del_accept_socket(d->http, d->bound); /* and the listener with it */
	d->bound = NULL;
	d->listener = NULL;
	LIST_FOREACH(c, &d->serve->conns, link)
	if (c->door == d && (c->state == CONN_READING || c->state == CONN_FOLLOWING))
		conn_cut(c, "no longer listening here");
	loop_timer_set(d->serve->sweep, 1);
}

void door_rest(struct door *d)
{
	pause_accepting(d, true);
}

void door_free(struct door *d)
{
	struct conn *c, *next;

	LIST_REMOVE(d, link);
	LIST_REMOVE(d, of_all);
	if (d->http)
		evhttp_free(d->http);
	for (c = LIST_FIRST(&d->serve->conns); c; c = next) {
		next = LIST_NEXT(c, link);
		if (c->door == d)
			conn_free(c);
	}
	loop_timer_free(d->again);
	free(d);
}
