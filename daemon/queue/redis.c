#include "queue/redis.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "queue/config.h"
#include "queue/lookup.h"
#include "queue/replies.h"

enum { READ_BYTES = 64 * 1024, READS_A_TURN = 16 };

enum redis_state { REDIS_CLOSED, REDIS_LOOKUP, REDIS_CONNECTING, REDIS_UP };

struct redis {
	struct loop *loop;
	const struct redis_ops *ops;
	void *arg;
	enum redis_state state;
	uint64_t life; /* counts closings: a callback may close, and open anew, what its caller stands on */

	struct lookup *lookup;   /* outlives a closing: a dead name server must not take one thread after another */
	char *asked_host, *host; /* of the lookup, and of the address to be opened, which may be another by then */
	uint16_t asked_port, port;
	struct addrinfo *list, *next;
	int fd;
	struct loop_watch *watch;
	struct replies *replies;
	size_t waiting; /* commands not yet answered */
	struct buf out;
	size_t out_sent; /* bytes of it that went */

	struct loop_timer *failed; /* tells what failed, in the next turn */
	const char *why;           /* a literal, or libc's */
};

static void on_ready(int fd, unsigned what, void *arg);

/* --- ends --- */

static void drop_socket(struct redis *r)
{
	r->watch = loop_watch_free(r->watch);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

void redis_close(struct redis *r)
{
	drop_socket(r);
	if (r->list)
		freeaddrinfo(r->list);
	r->list = r->next = NULL;
	r->replies = replies_free(r->replies);
	buf_done(&r->out);
	r->out_sent = r->waiting = 0;
	loop_timer_stop(r->failed);
	r->state = REDIS_CLOSED;
	r->life++;
}

static void fail(struct redis *r, const char *why)
{
	drop_socket(r);
	r->why = why;
	loop_timer_set(r->failed, 0);
}

static void on_failed(void *arg)
{
	struct redis *r = arg;

	redis_close(r);
	r->ops->on_down(r->arg, r->why);
}

/* --- connects --- */

static void tune(int fd, int family)
{
	const int on = 1, keepalive_s = REDIS_KEEPALIVE_S, probe_s = REDIS_KEEPALIVE_S / 3, probes = 3;

	if (family == AF_UNIX)
		return;
	/* What can't be set is missed by nobody but a slow network. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive_s, sizeof(keepalive_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &probe_s, sizeof(probe_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

static int connect_to(struct redis *r, const struct sockaddr *address, socklen_t len)
{
	r->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd < 0)
		return -errno;
	tune(r->fd, address->sa_family);
	if (connect(r->fd, address, len) < 0 && errno != EINPROGRESS)
		return -errno;
	r->state = REDIS_CONNECTING;
	r->watch = loop_watch_new(r->loop, r->fd, on_ready, r);
	return loop_watch_set(r->watch, LOOP_WRITE);
}

/* The addresses of a name, in libc's order ("localhost" is ::1, then 127.0.0.1); the last one's error is told. */
static void try_next(struct redis *r, int error)
{
	while (r->next) {
		struct addrinfo *at = r->next;

		r->next = at->ai_next;
		error = connect_to(r, at->ai_addr, at->ai_addrlen);
		if (error == 0)
			return;
		drop_socket(r);
	}
	fail(r, strerrordesc_np(-error));
}

static void on_found(void *arg, struct addrinfo *list, const char *why);

static void look_up(struct redis *r)
{
	free(r->asked_host);
	r->asked_host = xstrdup(r->host);
	r->asked_port = r->port;
	if (lookup_start(r->loop, r->host, r->port, on_found, r, &r->lookup) != 0)
		fail(r, "too much waits for a thread");
}

static void on_found(void *arg, struct addrinfo *list, const char *why)
{
	struct redis *r = arg;

	r->lookup = NULL;
	if (r->state != REDIS_LOOKUP || r->asked_port != r->port || strcmp(r->asked_host, r->host) != 0) {
		if (list)
			freeaddrinfo(list);
		if (r->state == REDIS_LOOKUP)
			look_up(r);
	} else if (!list) {
		fail(r, why);
	} else {
		r->list = r->next = list;
		try_next(r, -EADDRNOTAVAIL);
	}
}

static void open_path(struct redis *r, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error;

	memcpy(address.sun_path, path,
	       strnlen(path, sizeof(address.sun_path) - 1)); /* queue/config refuses longer ones */
	error = connect_to(r, (const struct sockaddr *)&address, sizeof(address));
	if (error)
		fail(r, strerrordesc_np(-error)); /* EAGAIN: its backlog is full */
}

void redis_open(struct redis *r, const struct redis_address *address)
{
	r->state = REDIS_LOOKUP;
	if (address->path) {
		open_path(r, address->path);
		return;
	}
	free(r->host);
	r->host = xstrdup(address->host);
	r->port = address->port;
	if (!r->lookup)
		look_up(r);
}

/* --- speaks --- */

static void watch(struct redis *r)
{
	int error = loop_watch_set(r->watch, LOOP_READ | (r->out.len ? LOOP_WRITE : 0));

	if (error)
		fail(r, strerrordesc_np(-error));
}

/* Nothing waits, nearly always: then the two change their room, and nothing is copied. */
static void take_over(struct buf *out, struct buf *commands)
{
	const struct buf empty = *out;

	if (out->len > 0) {
		buf_put(out, commands->data, commands->len);
		out->full |= commands->full;
	} else {
		*out = *commands;
		out->max = empty.max;
		commands->data = empty.data;
		commands->cap = empty.cap;
	}
	buf_reset(commands);
}

/* Room for a usual group is kept for the next. */
static void let_go(struct buf *b)
{
	if (b->cap > REDIS_OUT_KEPT_BYTES)
		buf_done(b);
	else
		buf_reset(b);
}

void redis_send(struct redis *r, struct buf *commands, size_t n_commands)
{
	if (r->state == REDIS_UP && r->fd >= 0) {
		take_over(&r->out, commands);
		r->waiting += n_commands;
		if (r->out.full)
			fail(r, "a group larger than any should be");
		else
			watch(r);
	}
	let_go(commands);
}

static void flush(struct redis *r)
{
	ssize_t n = send(r->fd, r->out.data + r->out_sent, r->out.len - r->out_sent, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		fail(r, strerrordesc_np(errno));
		return;
	}
	r->out_sent += n > 0 ? (size_t)n : 0;
	if (r->out_sent == r->out.len) {
		let_go(&r->out);
		r->out_sent = 0;
	}
	watch(r);
}

/* False: it failed, or was closed. */
static bool take_replies(struct redis *r)
{
	const uint64_t life = r->life;
	struct redisReply *reply;

	while ((reply = replies_next(r->replies))) {
		if (!r->waiting) {
			replies_drop(reply);
			fail(r, "it answers what was not asked");
			return false;
		}
		r->waiting--;
		r->ops->on_reply(r->arg, reply);
		replies_drop(reply);
		if (r->life != life || r->fd < 0)
			return false;
	}
	if (replies_why(r->replies))
		fail(r, replies_why(r->replies));
	return r->fd >= 0;
}

static void receive(struct redis *r)
{
	char bytes[READ_BYTES];
	unsigned i;

	for (i = 0; i < READS_A_TURN; i++) { /* others wait for the loop too */
		ssize_t n = recv(r->fd, bytes, sizeof(bytes), 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			fail(r, n < 0 ? strerrordesc_np(errno) : "Redis closed the connection");
			return;
		}
		(void)replies_feed(r->replies, bytes, (size_t)n);
		if (!take_replies(r) || (size_t)n < sizeof(bytes))
			return;
	}
}

static void finish_connecting(struct redis *r)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error) {
		drop_socket(r);
		try_next(r, -error);
		return;
	}
	r->state = REDIS_UP;
	r->replies = replies_new();
	watch(r);
	if (r->fd >= 0)
		r->ops->on_up(r->arg);
}

static void on_ready(int fd, unsigned what, void *arg)
{
	struct redis *r = arg;
	const uint64_t life = r->life;

	(void)fd;
	if (r->state == REDIS_CONNECTING) {
		finish_connecting(r);
		return;
	}
	if (what & LOOP_READ)
		receive(r);
	if ((what & LOOP_WRITE) && r->life == life && r->fd >= 0 && r->out.len)
		flush(r);
}

struct redis *redis_new(struct loop *l, const struct redis_ops *ops, void *arg)
{
	struct redis *r = NEW(struct redis);

	*r = (struct redis){.loop = l, .ops = ops, .arg = arg, .fd = -1};
	r->failed = loop_timer_new(l, on_failed, r);
	buf_init(&r->out, REDIS_OUT_MAX_BYTES);
	return r;
}

struct redis *redis_free(struct redis *r)
{
	if (!r)
		return NULL;
	redis_close(r);
	lookup_cancel(r->lookup);
	free(r->asked_host);
	free(r->host);
	loop_timer_free(r->failed);
	buf_done(&r->out);
	free(r);
	return NULL;
}
