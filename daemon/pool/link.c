#include "pool/link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/wire.h"
#include "loop/loop.h"

enum { KEEP_BYTES = 1024 * 1024, READ_BYTES = 64 * 1024 };

struct out {
	struct out *next;
	char header[FRAME_HEADER_BYTES];
	char small[LINK_INLINE_BYTES];
	const char *bytes;
	size_t len, sent; /* sent counts the header too */
	int fd;
};

struct link {
	struct loop *loop;
	struct loop_watch *watch;
	const struct link_ops *ops;
	void *arg;
	int fd;
	bool freed, ended;
	struct buf in;
	size_t most; /* bytes of the next frame that comes */
	struct out *first, **last;
	size_t n_out;
};

static void out_free(struct out *o)
{
	closep(&o->fd);
	free(o);
}

/* The memory goes once no frame of ours is on the stack any more. */
static void bury(void *arg)
{
	struct link *l = arg;

	buf_done(&l->in);
	free(l);
}

struct link *link_free(struct link *l)
{
	struct out *o;

	if (!l)
		return NULL;
	l->freed = true;
	l->watch = loop_watch_free(l->watch);
	while ((o = l->first)) {
		l->first = o->next;
		out_free(o);
	}
	closep(&l->fd);
	l->fd = -1;
	loop_defer(l->loop, bury, l);
	return NULL;
}

static void end(struct link *l, enum link_end how)
{
	if (l->ended || l->freed)
		return;
	l->ended = true;
	l->watch = loop_watch_free(l->watch);
	l->ops->on_end(l->arg, how);
}

static ssize_t write_some(int fd, struct out *o)
{
	const size_t header_left = o->sent < FRAME_HEADER_BYTES ? FRAME_HEADER_BYTES - o->sent : 0;
	const size_t body_sent = o->sent - (FRAME_HEADER_BYTES - header_left);
	const size_t body_left = o->len - body_sent;
	struct iovec v[] = {
		{o->header + FRAME_HEADER_BYTES - header_left, header_left},
		{(char *)(uintptr_t)o->bytes + body_sent, body_left < LINK_TURN_BYTES ? body_left : LINK_TURN_BYTES},
	};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = ARRAY_LEN(v)};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;

	if (o->fd >= 0 && o->sent == 0) {
		struct cmsghdr *h;

		memset(&control, 0, sizeof(control));
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &o->fd, sizeof(int));
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* One turn's worth. */
static void write_turn(struct link *l)
{
	size_t budget = LINK_TURN_BYTES;

	while (l->first && budget) {
		struct out *o = l->first;
		ssize_t n = write_some(l->fd, o);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0) {
			(void)shutdown(l->fd, SHUT_RDWR); /* the reading side sees the end, in its turn */
			break;
		}
		o->sent += (size_t)n;
		budget -= (size_t)n < budget ? (size_t)n : budget;
		if (o->sent < FRAME_HEADER_BYTES + o->len)
			continue;
		l->first = o->next;
		if (!l->first)
			l->last = &l->first;
		l->n_out--;
		out_free(o);
	}
	if (!l->ended && loop_watch_set(l->watch, l->first ? LOOP_READ | LOOP_WRITE : LOOP_READ) < 0)
		(void)shutdown(l->fd, SHUT_RDWR);
}

/* Seen in the header, before any of the rest is taken in. */
static bool too_long(const struct link *l)
{
	struct wire_in in = WIRE_IN(buf_str(&l->in), l->in.len);

	return l->in.len >= FRAME_HEADER_BYTES && wire_get_u32(&in) > l->most;
}

/* Hands on the frames that are there. */
static void frames(struct link *l)
{
	while (!l->freed && !l->ended) {
		struct frame f;
		size_t len;
		int r = too_long(l) ? FRAME_E_BROKEN : frame_get(buf_str(&l->in), l->in.len, &f, &len);

		if (r == FRAME_E_MORE)
			return;
		if (r) {
			end(l, LINK_BROKEN);
			return;
		}
		l->ops->on_frame(l->arg, &f);
		if (l->freed)
			return;
		if (len == l->in.len && l->in.cap > KEEP_BYTES)
			buf_done(&l->in);
		else
			buf_drop(&l->in, len);
	}
}

static void read_turn(struct link *l)
{
	size_t budget = LINK_TURN_BYTES;

	while (budget && !l->freed && !l->ended) {
		char *to = buf_reserve(&l->in, READ_BYTES);
		ssize_t n;

		if (!to) { /* can't be: frames() takes what is whole, and refuses what is longer */
			end(l, LINK_BROKEN);
			return;
		}
		n = recv(l->fd, to, READ_BYTES, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			end(l, LINK_CLOSED);
			return;
		}
		buf_commit(&l->in, (size_t)n);
		budget -= (size_t)n < budget ? (size_t)n : budget;
		frames(l);
	}
}

static void on_ready(int fd, unsigned what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	if (what & LOOP_WRITE)
		write_turn(l);
	if (what & LOOP_READ)
		read_turn(l);
}

int link_new(struct loop *loop, int fd, const struct link_ops *ops, void *arg, struct link **ret)
{
	struct link *l = NEW(struct link);
	int r;

	*l = (struct link){.loop = loop, .ops = ops, .arg = arg, .fd = fd, .most = FRAME_MAX_BYTES};
	buf_init(&l->in, FRAME_HEADER_BYTES + FRAME_MAX_BYTES + READ_BYTES);
	l->last = &l->first;
	l->watch = loop_watch_new(loop, fd, on_ready, l);
	r = loop_watch_set(l->watch, LOOP_READ);
	if (r < 0) {
		link_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

void link_bound(struct link *l, size_t max_bytes)
{
	l->most = max_bytes;
}

bool link_sending(const struct link *l)
{
	return l->first != NULL;
}

void link_send(struct link *l, enum frame_type type, uint64_t number, const char *bytes, size_t len, int pass_fd)
{
	struct out *o;

	if (l->ended || l->n_out >= LINK_QUEUE_MAX) { /* one that doesn't read is found by its deadline */
		closep(&pass_fd);
		return;
	}
	o = NEW(struct out);
	frame_header(o->header, type, number, len);
	if (len <= sizeof(o->small))
		bytes = len ? memcpy(o->small, bytes, len) : o->small;
	o->bytes = bytes;
	o->len = len;
	o->fd = pass_fd;
	*l->last = o;
	l->last = &o->next;
	l->n_out++;
	write_turn(l);
}
