#include "serve/serve.h"

#include <errno.h>
#include <event2/http.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "serve/inside.h"

enum { SOCKET_MODE = 0660, TCP_BACKLOG = 256 };

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

int serve_listen(const struct http_address *a, int *ret_fd)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, r;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)); /* a restart need not wait for TIME_WAIT */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
			 sizeof(on)); /* Linux: accepted ones inherit it, and this: */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)); /* a follower whose machine is gone */
	if (bind(fd, &a->any, a->len) < 0 || listen(fd, TCP_BACKLOG) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static int open_tcp(struct serve *s, int fd)
{
	int r = door_open(s, fd, true, &s->tcp);

	if (r == 0)
		LOG_INFO("serve.listening", LOG_S("address", s->config.http->listen.shown));
	return r;
}

static int open_doors(struct serve *s, const struct serve_config *config, int socket_fd)
{
	struct door *ignored;
	int r = door_open(s, socket_fd, false, &ignored);

	if (r < 0 && config->http)
		close(config->http_fd);
	if (r < 0)
		return r;
	LOG_INFO("serve.listening", LOG_S("socket", config->socket), LOG_S("by", config->fd ? "systemd" : "escuchad"));
	return config->http ? open_tcp(s, config->http_fd) : 0;
}

int serve_new(struct loop *loop, const struct serve_config *config, const struct serve_ops *ops, void *arg,
	      struct serve **ret)
{
	struct unix_socket door;
	struct serve *s;
	int fd, r;

	fd = config->fd;
	r = fd ? unix_socket_adopt(fd, config->socket, &door)
	       : unix_socket_listen(config->socket, SOCKET_MODE, &door, &fd);
	if (r != 0 && config->http)
		close(config->http_fd);
	if (r < 0)
		return r;
	if (r > 0)
		return r == UNIX_SOCKET_E_BUSY ? SERVE_E_BUSY : SERVE_E_PATH;
	s = NEW(struct serve);
	s->loop = loop;
	s->ops = *ops;
	s->arg = arg;
	s->socket = door;
	take_config(s, config);
	s->sweep = loop_timer_new(loop, conn_sweep, s);
	r = open_doors(s, config, fd);
	if (r < 0) {
		serve_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

static bool same_tokens(const struct http_config *a, const struct http_config *b)
{
	size_t i;

	for (i = 0; i < a->n_tokens && i < b->n_tokens; i++)
		if (a->tokens[i].role != b->tokens[i].role ||
		    memcmp(a->tokens[i].sha256, b->tokens[i].sha256, sizeof(a->tokens[i].sha256)) != 0)
			return false;
	return a->n_tokens == b->n_tokens;
}

/* Each request is judged anew; who follows is not asked again, and so has to come again. */
static void cut_followers(struct serve *s)
{
	struct conn *c;

	LIST_FOREACH(c, &s->conns, link)
	if (c->door->tcp && c->state == CONN_FOLLOWING)
		conn_cut(c, "the tokens changed");
}

bool serve_listens(const struct serve *s, const struct http_address *a)
{
	return s->tcp && http_address_same(&s->config.http->listen, a);
}

int serve_configure(struct serve *s, enum text_lang lang, const struct http_config *http, int http_fd)
{
	const struct http_config *old = s->config.http;

	s->config.lang = lang;
	s->config.http = http;
	if (s->tcp && (!http || http_fd >= 0))
		door_close(TAKE(s->tcp));
	if (s->tcp && !same_tokens(old, http))
		cut_followers(s);
	return http && http_fd >= 0 ? open_tcp(s, http_fd) : 0;
}

void serve_drain(struct serve *s)
{
	struct door *d;

	s->draining = true;
	LIST_FOREACH(d, &s->doors, link)
	door_rest(d);
}

size_t serve_draining(const struct serve *s)
{
	int64_t now = clock_steady_ms();
	const struct conn *c;
	size_t n = 0;

	LIST_FOREACH(c, &s->conns, link)
	n += !c->cut && !conn_is_dead(c) && c->state != CONN_FOLLOWING &&
	     (c->state != CONN_READING || now - c->since_ms < SERVE_DRAIN_MS);
	return n;
}

struct serve *serve_free(struct serve *s)
{
	struct conn *c;

	if (!s)
		return NULL;
	unix_socket_remove(&s->socket);
	while (!LIST_EMPTY(&s->replies)) /* evhttp_free() frees their requests; what the ops still owe goes nowhere */
		reply_abandon(LIST_FIRST(&s->replies));
	LIST_FOREACH(c, &s->conns, link)
	if (c->follower)
		follower_free(c->follower);
	while (!LIST_EMPTY(&s->doors))
		door_free(LIST_FIRST(&s->doors));
	loop_timer_free(s->sweep);
	free(s);
	return NULL;
}
