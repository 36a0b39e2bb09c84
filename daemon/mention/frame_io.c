#include "mention/frame_io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/wire.h"

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void control_put(struct msghdr *m, union control *c, int fd)
{
	struct cmsghdr *h;

	memset(c, 0, sizeof(*c));
	m->msg_control = c->bytes;
	m->msg_controllen = sizeof(c->bytes);
	h = CMSG_FIRSTHDR(m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(int));
}

static int control_get(struct msghdr *m)
{
	struct cmsghdr *h;
	int fd = -1;

	for (h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS && h->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&fd, CMSG_DATA(h), sizeof(int));
	}
	return fd;
}

int frame_send(int fd, enum frame_type type, uint64_t number, const char *bytes, size_t len, int pass_fd)
{
	char header[FRAME_HEADER_BYTES];
	struct iovec v[2];
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
	union control c;
	ssize_t n;

	if (len > FRAME_MAX_BYTES)
		return -EMSGSIZE;
	frame_header(header, type, number, len);
	v[0] = (struct iovec){header, sizeof(header)};
	v[1] = (struct iovec){(void *)(uintptr_t)bytes, len};
	if (pass_fd >= 0)
		control_put(&m, &c, pass_fd);
	while (v[0].iov_len + v[1].iov_len > 0) {
		size_t first;

		n = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		m.msg_control = NULL; /* it went with the first byte */
		m.msg_controllen = 0;
		first = (size_t)n < v[0].iov_len ? (size_t)n : v[0].iov_len;
		v[0] = (struct iovec){(char *)v[0].iov_base + first, v[0].iov_len - first};
		v[1] = (struct iovec){(char *)v[1].iov_base + ((size_t)n - first), v[1].iov_len - ((size_t)n - first)};
	}
	return 0;
}

/* 0: there is something to read. */
static int readable(int fd, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left;
	int r;

	if (deadline_ms == TIME_NONE)
		return 0; /* recvmsg() itself waits */
	do {
		left = deadline_ms - clock_steady_ms();
		if (left <= 0)
			return FRAME_E_LATE;
		r = poll(&p, 1, left < HOUR_MS ? (int)left : (int)HOUR_MS);
		if (r < 0 && errno != EINTR)
			return -errno;
	} while (r <= 0);
	return 0;
}

/* Fills to[0, len). FRAME_E_END if the peer was gone before the first byte, FRAME_E_BROKEN if in the middle. */
static int fill(int fd, char *to, size_t len, int64_t deadline_ms, int *ret_fd)
{
	size_t got = 0;
	int r;

	while (got < len) {
		struct iovec v = {to + got, len - got};
		union control c;
		struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
		ssize_t n;

		r = readable(fd, deadline_ms);
		if (r)
			return r;
		if (ret_fd && *ret_fd < 0) {
			m.msg_control = c.bytes;
			m.msg_controllen = sizeof(c.bytes);
		}
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return got ? FRAME_E_BROKEN : FRAME_E_END;
		if (n < 0)
			return -errno;
		if (m.msg_control)
			*ret_fd = control_get(&m);
		got += (size_t)n;
	}
	return 0;
}

static int recv_frame(int fd, struct buf *b, int64_t deadline_ms, struct frame *ret, int *ret_fd)
{
	struct wire_in in;
	size_t body, len;
	int r;

	buf_reset(b);
	if (!buf_reserve(b, FRAME_HEADER_BYTES))
		return -ENOBUFS;
	r = fill(fd, b->data, FRAME_HEADER_BYTES, deadline_ms, ret_fd);
	if (r)
		return r;
	buf_commit(b, FRAME_HEADER_BYTES);
	in = (struct wire_in)WIRE_IN(b->data, b->len);
	body = wire_get_u32(&in);
	if (body > FRAME_MAX_BYTES || !buf_reserve(b, body))
		return FRAME_E_BROKEN;
	r = fill(fd, b->data + FRAME_HEADER_BYTES, body, deadline_ms, NULL);
	if (r)
		return r == FRAME_E_END ? FRAME_E_BROKEN : r;
	buf_commit(b, body);
	return frame_get(b->data, b->len, ret, &len);
}

int frame_recv(int fd, struct buf *b, int64_t deadline_ms, struct frame *ret, int *ret_fd)
{
	int came = -1;
	int r = recv_frame(fd, b, deadline_ms, ret, ret_fd ? &came : NULL);

	if (r) {
		closep(&came);
		return r;
	}
	if (ret_fd)
		*ret_fd = came;
	return 0;
}
