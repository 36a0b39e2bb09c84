/* doctor: Redis, asked without the daemon: is it there, does it let us in, and does it keep what it is given? */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "main/config.h"
#include "main/ctl_doctor.h"
#include "queue/command.h"

enum { REPLY_MAX_BYTES = 64 * 1024 };

static bool wait_for(int fd, short events, int64_t until_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left = until_ms - clock_steady_ms();

	return left > 0 && poll(&p, 1, (int)left) == 1;
}

static int connect_to(const struct sockaddr *address, socklen_t len, int64_t until_ms)
{
	cleanup(closep) int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t size = sizeof(int);
	int error = 0, made;

	if (fd < 0)
		return -errno;
	if (connect(fd, address, len) < 0 && errno != EINPROGRESS)
		return -errno;
	if (!wait_for(fd, POLLOUT, until_ms))
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error)
		return -(error ? error : errno);
	made = fd;
	fd = -1;
	return made;
}

static int connect_path(const char *path, int64_t until_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	return connect_to((struct sockaddr *)&address, sizeof(address), until_ms);
}

static int connect_host(const struct redis_address *redis, int64_t until_ms)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL, *at;
	char port[12];
	int r = -EHOSTUNREACH;

	snprintf(port, sizeof(port), "%u", redis->port);
	if (getaddrinfo(redis->host, port, &hints, &found) != 0)
		return r;
	for (at = found; at && r < 0; at = at->ai_next)
		r = connect_to(at->ai_addr, at->ai_addrlen, until_ms);
	freeaddrinfo(found);
	return r;
}

/* AUTH, where there is a password, and INFO, in one go. */
static void put_questions(struct buf *b, const struct queue_config *q)
{
	const char *user = q->user ? q->user : q->redis.user;

	if (q->password) {
		command_begin(b, user ? 3 : 2);
		command_text(b, "AUTH");
		if (user)
			command_text(b, user);
		command_text(b, secret_value(q->password));
	}
	command_begin(b, 1);
	command_text(b, "INFO");
}

/* Until the answer to INFO is whole, or an error came. */
static bool is_whole(const struct buf *b)
{
	const char *at = strchr(buf_str(b), '$');
	long len = at ? strtol(at + 1, NULL, 10) : 0;
	const char *body = at ? strstr(at, "\r\n") : NULL;

	return strchr(buf_str(b), '-') == buf_str(b) || strstr(buf_str(b), "\r\n-") ||
	       (body && b->len >= (size_t)(body + 2 - buf_str(b)) + (size_t)len);
}

static int ask_info(int fd, const struct queue_config *q, int64_t until_ms, struct buf *ret)
{
	cleanup(buf_done) struct buf out = BUF_INIT(REPLY_MAX_BYTES);
	ssize_t n;

	put_questions(&out, q);
	n = send(fd, buf_str(&out), out.len, MSG_NOSIGNAL);
	explicit_bzero(out.data, out.len);
	if (n != (ssize_t)out.len)
		return n < 0 ? -errno : -EIO;
	while (!is_whole(ret)) {
		char *room = buf_reserve(ret, 4096);

		if (!room)
			return -EMSGSIZE;
		if (!wait_for(fd, POLLIN, until_ms))
			return -ETIMEDOUT;
		n = recv(fd, room, 4095, 0);
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		room[n] = '\0';
		buf_commit(ret, (size_t)n);
	}
	return 0;
}

/* "maxmemory_policy:noeviction" of INFO; NULL: not said. To be freed. */
static char *fact(const char *info, const char *name)
{
	cleanup(freep) char *key = xasprintf("\n%s:", name);
	const char *at = strstr(info, key);

	return at ? xstrndup(at + strlen(key), strcspn(at + strlen(key), "\r\n")) : NULL;
}

static void say_facts(struct doctor *d, const char *shown, const char *info)
{
	cleanup(freep) char *version = fact(info, "redis_version"), *policy = fact(info, "maxmemory_policy"),
			    *limit = fact(info, "maxmemory"), *aof = fact(info, "aof_enabled"),
			    *role = fact(info, "role");

	DOCTOR_FINE(d, TEXT_DOCTOR_REDIS, shown, version ? version : "?");
	if (role && strcmp(role, "master") != 0)
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_REDIS_ROLE, TEXT_DOCTOR_REDIS_ROLE_CURE, shown);
	if (aof && strcmp(aof, "0") == 0)
		DOCTOR_WARNS(d, TEXT_DOCTOR_REDIS_AOF, TEXT_DOCTOR_REDIS_AOF_CURE);
	if (policy && strcmp(policy, "noeviction") != 0 && limit && strcmp(limit, "0") != 0)
		DOCTOR_WARNS(d, TEXT_DOCTOR_REDIS_POLICY, TEXT_DOCTOR_REDIS_POLICY_CURE, policy);
}

void doctor_redis(struct doctor *d)
{
	const struct queue_config *q = d->config ? d->config->queue : NULL;
	cleanup(buf_done) struct buf info = BUF_INIT(REPLY_MAX_BYTES);
	int64_t until_ms = clock_steady_ms() + DOCTOR_WAIT_MS;
	cleanup(closep) int fd = -1;
	cleanup(freep) char *why = NULL;
	const char *error;
	int r;

	if (!q || q->redis.master) /* Sentinels name another server: the daemon's status says how that goes */
		return;
	r = fd = q->redis.path ? connect_path(q->redis.path, until_ms) : connect_host(&q->redis, until_ms);
	if (r >= 0)
		r = ask_info(fd, q, until_ms, &info);
	if (r < 0) {
		why = text_errno(d->ctl->lang, -r);
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_REDIS_AWAY, TEXT_DOCTOR_REDIS_AWAY_CURE, q->redis.shown, why);
		return;
	}
	error = buf_str(&info)[0] == '-' ? buf_str(&info) : strstr(buf_str(&info), "\r\n-");
	if (error) {
		error += strspn(error, "\r\n-");
		why = xstrndup(error, strcspn(error, "\r\n"));
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_REDIS_REFUSES, TEXT_DOCTOR_REDIS_REFUSES_CURE, q->redis.shown, why);
		return;
	}
	say_facts(d, q->redis.shown, buf_str(&info));
}
