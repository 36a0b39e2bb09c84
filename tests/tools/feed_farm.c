/*
 * A great many small feeds: each address 127.1.A.B is a host of its own, each path on it a feed that never changes. Every second feed
 * has an ETag and answers 304 to it; the others answer the same body again.
 *
 *   feed_farm HOSTS LOG      prints the port once it listens; ends with its input
 *
 * LOG gets a line a request, "MILLISECONDS HOST PATH STATUS", by the steady clock: what was asked when, by the one who was asked.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { HOSTS_MAX = 4000, LOG_BUFFER_BYTES = 1 << 16 };

static FILE *out;

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void on_request(struct evhttp_request *request, void *arg)
{
	const char *path = evhttp_request_get_uri(request), *host = evhttp_request_get_host(request);
	const char *known = evhttp_find_header(evhttp_request_get_input_headers(request), "If-None-Match");
	bool tagged = (path[strlen(path) - 1] & 1) == 0;
	struct evbuffer *body = evbuffer_new();
	int status = known ? HTTP_NOTMODIFIED : HTTP_OK;

	(void)arg;
	if (tagged)
		evhttp_add_header(evhttp_request_get_output_headers(request), "ETag", "\"one\"");
	if (status == HTTP_OK) {
		evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "application/rss+xml");
		evbuffer_add_printf(
			body,
			"<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Diario %s</title>"
			"<link>http://%s%s</link><description>Noticias de la ciudad</description>"
			"<item><guid>http://%s%s/1</guid><title>Hoy llueve en la ciudad</title>"
			"<description>Llueve desde temprano, y seguirá lloviendo.</description></item></channel></rss>",
			path, host, path, host, path);
	}
	evhttp_send_reply(request, status, NULL, body);
	evbuffer_free(body);
	fprintf(out, "%lld %s %s %d\n", now_ms(), host, path, status);
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fflush(out);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

/* The same port on so many addresses. Returns it; 0: it can't be had. */
static int listen_on(struct evhttp *http, int hosts)
{
	struct evhttp_bound_socket *first = evhttp_bind_socket_with_handle(http, "127.1.0.0", 0);
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int i, port;

	if (!first || getsockname(evhttp_bound_socket_get_fd(first), (struct sockaddr *)&address, &len) != 0)
		return 0;
	port = ntohs(address.sin_port);
	for (i = 1; i < hosts; i++) {
		char name[32];

		snprintf(name, sizeof(name), "127.1.%d.%d", i / 250, i % 250);
		if (evhttp_bind_socket(http, name, (unsigned short)port) != 0)
			return 0;
	}
	return port;
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct timeval second = {.tv_sec = 1};
	int hosts = argc == 3 ? (int)strtol(argv[1], NULL, 10) : 0, port;
	struct rlimit files;

	if (hosts < 1 || hosts > HOSTS_MAX || !(out = fopen(argv[2], "we"))) {
		fprintf(stderr, "usage: feed_farm HOSTS LOG\n");
		return 2;
	}
	setvbuf(out, NULL, _IOFBF, LOG_BUFFER_BYTES);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	port = listen_on(http, hosts);
	if (!port) {
		fprintf(stderr, "feed_farm: no port: %s\n", strerror(errno));
		return 1;
	}
	evhttp_set_gencb(http, on_request, NULL);
	evhttp_set_timeout(http, 30);
	event_add(event_new(base, -1, EV_PERSIST, on_second, NULL), &second);
	event_add(event_new(base, 0, EV_READ, on_input, base), NULL);
	printf("%d\n", port);
	fflush(stdout);
	event_base_dispatch(base);
	return fclose(out) == 0 ? 0 : 1;
}
