/*
 * Any bytes to the real HTTP server: the Unix socket's door, or (by the first byte) the port's with its hosts and tokens.
 * What comes back is HTTP or nothing, what an op is asked for keeps its word, and a plain request is answered afterwards.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "loop/loop.h"
#include "serve/config.h"
#include "serve/serve.h"

enum { QUIET_MS = 2, PATIENCE_MS = 10000 /* for what must be answered */, ANSWER_BYTES = 64 * 1024, PLAIN_EACH = 64 };
#define TOKEN "0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct site {
	struct loop *loop;
	struct serve *serve;
	struct loop_timer *quiet;
	struct sockaddr_un at;
	struct http_config http;
	struct http_token token;
	struct sockaddr_in port;
	int client;
	char answer[ANSWER_BYTES];
	size_t got;
	unsigned runs;
} site;

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* --- the ops: they look at what they are asked, and answer at once --- */

static void plain(void *arg, struct reply *r)
{
	(void)arg;
	reply_json(r, 200, "{}", 2);
}

static void on_sources(void *arg, const struct serve_page *page, struct reply *r)
{
	demand(page->limit >= 1 && page->limit <= SERVE_LIMIT_MAX);
	plain(arg, r);
}

static void on_coverage(void *arg, const struct serve_coverage *c, struct reply *r)
{
	demand(c->limit >= 1 && c->limit <= SERVE_LIMIT_MAX);
	plain(arg, r);
}

static void on_poll(void *arg, const char *name, struct reply *r)
{
	demand(!name || (*name && utf8_valid_text(name, strlen(name))));
	plain(arg, r);
}

static void on_hits(void *arg, const struct serve_hits *h, struct reply *r)
{
	(void)arg;
	demand(h->limit >= 1 && h->limit <= SERVE_LIMIT_MAX);
	demand(!h->topic || strspn(h->topic, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(h->topic));
	reply_end(r);
}

static void on_search(void *arg, const char *text, size_t limit, struct reply *r)
{
	demand(*text && utf8_valid_text(text, strlen(text)) && limit >= 1 && limit <= SERVE_LIMIT_MAX);
	plain(arg, r);
}

static void on_mention(void *arg, const char *id, struct reply *r)
{
	demand(strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32);
	plain(arg, r);
}

static void on_add(void *arg, const struct serve_add *add, struct reply *r)
{
	demand(*add->text && utf8_valid_text(add->text, strlen(add->text)));
	demand(!add->url || strncasecmp(add->url, "http", 4) == 0);
	plain(arg, r);
}

static void on_outbox(void *arg, enum outbox_stream which, struct stream_id after, size_t limit, struct reply *r)
{
	demand(which < OUTBOX_STREAMS);
	demand(after.ms >= 0 && limit >= 1 && limit <= SERVE_LIMIT_MAX);
	plain(arg, r);
}

static void on_requeue(void *arg, enum outbox_stream which, int64_t back_ms, struct reply *r)
{
	demand(which < OUTBOX_STREAMS);
	demand(back_ms == TIME_NONE || back_ms >= 0);
	plain(arg, r);
}

static void on_drop(void *arg, enum outbox_stream which, const struct stream_id *ids, size_t n, struct reply *r)
{
	demand(which < OUTBOX_STREAMS);
	demand(ids && n >= 1 && n <= SERVE_LIMIT_MAX);
	plain(arg, r);
}

static const struct serve_ops ops = {.status = plain,
				     .sources = on_sources,
				     .coverage = on_coverage,
				     .poll = on_poll,
				     .reload = plain,
				     .hits = on_hits,
				     .search = on_search,
				     .mention = on_mention,
				     .add = on_add,
				     .outbox = on_outbox,
				     .requeue = on_requeue,
				     .drop = on_drop,
				     .ready = plain,
				     .metrics = plain};

/* --- the client --- */

static void on_quiet(void *arg)
{
	(void)arg;
	loop_stop(site.loop);
}

static void on_client(int fd, unsigned what, void *arg)
{
	ssize_t n = recv(fd, site.answer + site.got, sizeof(site.answer) - 1 - site.got, MSG_DONTWAIT);

	(void)what;
	(void)arg;
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		loop_stop(site.loop);
		return;
	}
	site.got += n > 0 ? (size_t)n : 0;
	if (site.got == sizeof(site.answer) - 1)
		loop_stop(site.loop);
	else
		loop_timer_set(site.quiet, QUIET_MS);
}

static void ask(bool tcp, const char *bytes, size_t len, int64_t wait_ms)
{
	const struct linger gone = {.l_onoff = 1}; /* or ports run out in TIME_WAIT */
	struct loop_watch *w;
	int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	site.got = 0;
	demand(fd >= 0);
	demand(connect(fd, tcp ? (struct sockaddr *)&site.port : (struct sockaddr *)&site.at,
		       tcp ? sizeof(site.port) : sizeof(site.at)) == 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &gone, sizeof(gone));
	(void)!send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	w = loop_watch_new(site.loop, fd, on_client, NULL);
	demand(loop_watch_set(w, LOOP_READ) == 0);
	loop_timer_set(site.quiet, wait_ms);
	loop_run(site.loop);
	loop_watch_free(w);
	close(fd);
	site.answer[site.got] = '\0';
}

static void begin(void)
{
	socklen_t len = sizeof(site.port);
	int fd;

	log_to(fopen("/dev/null", "w"));
	demand(loop_new(&site.loop) == 0);
	site.quiet = loop_timer_new(site.loop, on_quiet, NULL);
	site.at.sun_family = AF_UNIX;
	(void)snprintf(site.at.sun_path, sizeof(site.at.sun_path), "/tmp/escuchad-fuzz-%d", (int)getpid());
	hash_sha256(&(struct hash_part){TOKEN, strlen(TOKEN)}, 1, site.token.sha256);
	site.token.role = HTTP_ADMIN;
	site.http = (struct http_config){.tokens = &site.token, .n_tokens = 1, .any_address = true};
	site.http.listen.shown = "127.0.0.1:0";
	site.http.listen.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	site.http.listen.len = sizeof(struct sockaddr_in);
	site.http.listen.loopback = true;
	demand(serve_listen(&site.http.listen, &fd) == 0);
	demand(getsockname(fd, (struct sockaddr *)&site.port, &len) == 0);
	demand(serve_new(site.loop,
			 &(struct serve_config){.socket = site.at.sun_path, .http = &site.http, .http_fd = fd}, &ops,
			 NULL, &site.serve) == 0);
}

static void end(void)
{
	serve_free(site.serve);
	loop_timer_free(site.quiet);
	loop_free(site.loop);
	(void)unlink(site.at.sun_path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char request[] = "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

	if (size < 1)
		return 0;
	if (!site.serve) {
		begin();
		(void)atexit(end);
	}
	ask(data[0] & 1, (const char *)data + 1, size - 1, QUIET_MS);
	/* libevent answers a version below 1 as HTTP/0.9 was: without a head */
	demand(!site.got || strncmp(site.answer, "HTTP/1.", strlen("HTTP/1.")) == 0 ||
	       memmem(data, size, " HTTP/0", 7));
	if (site.runs++ % PLAIN_EACH == 0) { /* it serves on */
		ask(false, request, sizeof(request) - 1, PATIENCE_MS);
		demand(strncmp(site.answer, "HTTP/1.1 200 ", strlen("HTTP/1.1 200 ")) == 0);
	}
	return 0;
}
