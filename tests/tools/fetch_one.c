/* Fetches the URLs given and prints a line of JSON for each result, and one for the whole: what tests/it/test_fetch.py
 * drives the engine with.
 *
 * fetch_one [--allow CIDR]… [--resolve HOST:PORT:ADDRESS]… [--KEY VALUE]… [--body] [--repeat N] URL…
 *
 * ws:// and wss:// are WebSockets: {"open":true}, {"message":TEXT} or {"too_long":BYTES} for each message, and the result at the end.
 * --pause-ms N: each message fills the receiver for so long. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "fetch/fetch.h"
#include "loop/loop.h"

enum { LIST_MAX = 16, LINE_BYTES = 64 << 20 };

struct run {
	struct loop *loop;
	size_t left;
	bool body;
	struct transfer *socket; /* the last WebSocket */
	struct loop_timer *pause;
	unsigned pause_ms;
};

/* --- WebSockets --- */

static void say(const char *key, const char *text, size_t len)
{
	struct buf line = BUF_INIT(LINE_BYTES);
	struct json j = JSON_OUT(&line);

	json_begin_object(&j, NULL);
	if (text)
		json_text_n(&j, key, text, len);
	else
		json_int(&j, key, (int64_t)len);
	json_end_object(&j);
	puts(buf_str(&line));
	(void)fflush(stdout);
	buf_done(&line);
}

static void on_open(void *arg)
{
	(void)arg;
	say("open", NULL, 1);
}

static bool on_message(void *arg, const char *bytes, size_t len)
{
	struct run *run = arg;

	say(bytes ? "message" : "too_long", bytes, len);
	if (!run->pause_ms)
		return true;
	loop_timer_set(run->pause, run->pause_ms);
	return false;
}

static void on_pause_over(void *arg)
{
	struct run *run = arg;

	fetch_resume(run->socket);
}

static void on_fetched(struct fetch_result *r, void *arg)
{
	struct run *run = arg;
	struct buf line = BUF_INIT(LINE_BYTES);
	struct json j = JSON_OUT(&line);

	json_begin_object(&j, NULL);
	json_text(&j, "class", r->class_name);
	json_int(&j, "status", r->status);
	json_int(&j, "bytes", (int64_t)r->body.len);
	json_int(&j, "wire_bytes", (int64_t)r->wire_bytes);
	json_int(&j, "redirects", r->redirects);
	json_int(&j, "retry_after_ms", r->retry_after_ms);
	json_int(&j, "fresh_ms", r->fresh_ms);
	json_int(&j, "total_ms", r->total_ms);
	json_time(&j, "cert_until", r->cert_until_ms, false);
	json_text(&j, "etag", r->etag);
	json_text(&j, "last_modified", r->last_modified);
	json_text(&j, "content_type", r->content_type);
	json_text(&j, "effective_url", r->effective_url);
	json_text(&j, "permanent_url", r->permanent_url);
	json_text(&j, "address", r->address);
	json_text(&j, "detail", r->detail);
	if (run->body)
		json_text_n(&j, "body", buf_str(&r->body), r->body.len);
	json_end_object(&j);
	puts(buf_str(&line));
	buf_done(&line);
	loop_timer_stop(run->pause);
	if (--run->left == 0)
		loop_stop(run->loop);
}

static long peak_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static int usage(const char *what)
{
	fprintf(stderr, "fetch_one: %s\n", what);
	return 2;
}

enum option_key {
	ALLOW = 256,
	RESOLVE,
	ETAG,
	LAST_MODIFIED,
	LANGUAGE,
	USER,
	PASSWORD,
	MAX_BYTES,
	CONNECT_MS,
	TOTAL_MS,
	SLOW_BYTES,
	SLOW_S,
	CA,
	CONTACT,
	TRANSFERS,
	PER_HOST,
	REPEAT,
	PING_MS,
	PAUSE_MS,
	BODY,
};

static const struct option options[] = {
	{"allow", 1, NULL, ALLOW},
	{"resolve", 1, NULL, RESOLVE},
	{"etag", 1, NULL, ETAG},
	{"last-modified", 1, NULL, LAST_MODIFIED},
	{"language", 1, NULL, LANGUAGE},
	{"user", 1, NULL, USER},
	{"password", 1, NULL, PASSWORD},
	{"max-bytes", 1, NULL, MAX_BYTES},
	{"connect-ms", 1, NULL, CONNECT_MS},
	{"total-ms", 1, NULL, TOTAL_MS},
	{"slow-bytes", 1, NULL, SLOW_BYTES},
	{"slow-s", 1, NULL, SLOW_S},
	{"ca", 1, NULL, CA},
	{"contact", 1, NULL, CONTACT},
	{"transfers", 1, NULL, TRANSFERS},
	{"per-host", 1, NULL, PER_HOST},
	{"repeat", 1, NULL, REPEAT},
	{"ping-ms", 1, NULL, PING_MS},
	{"pause-ms", 1, NULL, PAUSE_MS},
	{"body", 0, NULL, BODY},
	{0},
};

struct settings {
	struct fetch_config config;
	struct fetch_request request;
	struct cidr allow[LIST_MAX];
	const char *resolve[LIST_MAX + 1];
	size_t n_resolve;
	unsigned repeat, pause_ms;
	bool body;
};

static int set_text(struct settings *s, int key, char *value)
{
	switch (key) {
	case ALLOW:
		if (s->request.n_allow_private == LIST_MAX ||
		    cidr_parse(value, &s->allow[s->request.n_allow_private]) != 0)
			return usage("--allow wants a network, at most sixteen");
		s->request.n_allow_private++;
		return 0;
	case RESOLVE:
		if (s->n_resolve == LIST_MAX)
			return usage("too many --resolve");
		s->resolve[s->n_resolve++] = value;
		return 0;
	case ETAG:
		s->request.etag = value;
		return 0;
	case LAST_MODIFIED:
		s->request.last_modified = value;
		return 0;
	case LANGUAGE:
		s->request.accept_language = value;
		return 0;
	case USER:
		s->request.user = value;
		return 0;
	case PASSWORD:
		s->request.password = value;
		return 0;
	case CA:
		s->config.ca_file = value;
		return 0;
	case CONTACT:
		s->config.contact = value;
		return 0;
	default:
		return 2;
	}
}

static int set(struct settings *s, int key, char *value)
{
	unsigned long n = value ? strtoul(value, NULL, 10) : 0;

	switch (key) {
	case MAX_BYTES:
		s->request.max_bytes = n;
		return 0;
	case CONNECT_MS:
		s->request.connect_ms = (uint32_t)n;
		return 0;
	case TOTAL_MS:
		s->request.total_ms = (uint32_t)n;
		return 0;
	case SLOW_BYTES:
		s->request.slow_bytes = (uint32_t)n;
		return 0;
	case SLOW_S:
		s->request.slow_s = (uint32_t)n;
		return 0;
	case TRANSFERS:
		s->config.transfers = (unsigned)n;
		return 0;
	case PER_HOST:
		s->config.per_host = (unsigned)n;
		return 0;
	case REPEAT:
		s->repeat = (unsigned)n;
		return 0;
	case PING_MS:
		s->request.ping_ms = (uint32_t)n;
		return 0;
	case PAUSE_MS:
		s->pause_ms = (unsigned)n;
		return 0;
	case BODY:
		s->body = true;
		return 0;
	default:
		return value ? set_text(s, key, value) : 2;
	}
}

static int fetch_all(struct settings *s, char *const *urls, size_t n)
{
	cleanup(loop_freep) struct loop *loop = NULL;
	cleanup(fetch_freep) struct fetch *fetch = NULL;
	struct run run = {.left = n * s->repeat, .body = s->body, .pause_ms = s->pause_ms};
	const struct fetch_receiver receiver = {.on_open = on_open, .on_message = on_message, .arg = &run};
	long before_kb;

	if (loop_new(&loop) < 0 || fetch_new(loop, &s->config, &fetch) < 0)
		return 1;
	run.loop = loop;
	run.pause = loop_timer_new(loop, on_pause_over, &run);
	before_kb = peak_kb();
	for (size_t i = 0; i < n * s->repeat; i++) {
		s->request.url = urls[i % n];
		s->request.websocket = s->request.apart = strncmp(urls[i % n], "ws", 2) == 0;
		s->request.receiver = s->request.websocket ? &receiver : NULL;
		run.socket = fetch_start(fetch, &s->request, on_fetched, &run);
		if (!run.socket)
			return usage("too many URLs");
	}
	if (run.left)
		loop_run(loop);
	loop_timer_free(run.pause);
	printf("{\"lag_us\":%lld,\"grown_kb\":%ld}\n", (long long)loop_lag_us(loop), peak_kb() - before_kb);
	return 0;
}

int main(int argc, char **argv)
{
	struct settings s = {.repeat = 1};
	int key;

	setlocale(LC_ALL, "");
	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (set(&s, key, optarg) != 0)
			return 2;
	s.request.allow_private = s.allow;
	s.config.resolve = s.resolve;
	return fetch_all(&s, argv + optind, (size_t)(argc - optind));
}
