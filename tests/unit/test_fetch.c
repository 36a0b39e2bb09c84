/* fetch/ from within: header values, turns of hosts, and what the engine promises those whom it calls. How it bears bad
 * servers is in tests/it/test_fetch.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "fetch/fetch.h"
#include "fetch/hosts.h"
#include "fetch/http_value.h"
#include "loop/loop.h"

#define NOW INT64_C(1795341600000) /* 2026-11-22T10:00:00Z */

/* --- header values --- */

static const struct {
	const char *in;
	int r;
	int64_t want_s;
} dates[] = {
	{"Sun, 06 Nov 1994 08:49:37 GMT", 0, 784111777},
	{"Sunday, 06-Nov-94 08:49:37 GMT", 0, 784111777},
	{"Sun Nov  6 08:49:37 1994", 0, 784111777},
	{"Nov  6 08:49:37 1994 GMT", 0, 784111777},
	{"Thu, 29 Feb 2024 09:00:00 GMT", 0, 1709197200},
	{"Wed, 29 Feb 2023 09:00:00 GMT", HTTP_VALUE_E_SYNTAX, 0},
	{"Mon, 30 Feb 2024 09:00:00 GMT", HTTP_VALUE_E_SYNTAX, 0},
	{"Sat, 31 Dec 2016 23:59:60 GMT", 0, 1483228800}, /* a leap second */
	{"Sun, 06 Nov 1994 24:00:00 GMT", HTTP_VALUE_E_SYNTAX, 0},
	{"Sun, 06 Nov 1994 08:60:00 GMT", HTTP_VALUE_E_SYNTAX, 0},
	{"Monday, 01-Jan-76 00:00:00 GMT", 0, 3345062400}, /* 50 years ahead */
	{"Monday, 01-Jan-77 00:00:00 GMT", 0, 220924800},
	{"Sun, 06 Nov 1994 08:49:37 +0200", HTTP_VALUE_E_SYNTAX, 0},
	{"Sun, 06 Nov 1994 08:49:37 GMT+2", HTTP_VALUE_E_SYNTAX, 0},
	{"Sun, 06 Noviembre 1994 08:49:37 GMT", HTTP_VALUE_E_SYNTAX, 0},
	{"Sun, 00 Nov 1994 08:49:37 GMT", HTTP_VALUE_E_SYNTAX, 0},
	{"1994-11-06T08:49:37Z", HTTP_VALUE_E_SYNTAX, 0},
	{"", HTTP_VALUE_E_SYNTAX, 0},
};

static void dates_of_http(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		int64_t ms = -1;
		int r = http_date_parse(dates[i].in, NOW, &ms);

		if (r != dates[i].r || ms != (r ? -1 : dates[i].want_s * SECOND_MS))
			fail_msg("%s: %d %lld", dates[i].in, r, (long long)ms);
	}
}

static const struct {
	const char *in;
	int64_t want_ms;
} waits[] = {
	{"120", 120000},
	{"0", 0},
	{"86400", DAY_MS},
	{"86401", DAY_MS},
	{"9223372036854775807", DAY_MS},
	{"99999999999999999999999999", DAY_MS},
	{"-5", 0},
	{"1e20", 0},
	{"1.5", 0},
	{"mañana", 0},
	{"", 0},
	{"Sun, 22 Nov 2026 10:10:00 GMT", 600000},
	{"Sun, 22 Nov 2026 09:50:00 GMT", 0},
	{"Fri, 31 Dec 9999 23:59:59 GMT", DAY_MS},
};

/* FAULTS F11 */
static void retry_after_is_between_nothing_and_a_day(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(waits); i++)
		if (http_retry_after(waits[i].in, NOW, FETCH_RETRY_AFTER_MAX_MS) != waits[i].want_ms)
			fail_msg("%s", waits[i].in);
}

static const struct {
	const char *in;
	int64_t want_s;
} ages[] = {
	{"max-age=60", 60},
	{"public, Max-Age=300 , must-revalidate", 300},
	{"max-age=\"60\"", 60},
	{"max-age=0", 0},
	{"max-age=600, no-cache", 0},
	{"no-store", 0},
	{"max-age=99999999999999999999999", 86400},
	{"s-maxage=60", -1},
	{"max-age=-1", -1},
	{"max-age=", -1},
	{"max-age=\"", -1},
	{"max-age=mucho", -1},
	{" , ,,max-age=5", 5},
	{"public", -1},
	{"", -1},
};

static void max_age_is_between_nothing_and_a_day(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ages); i++)
		if (http_max_age(ages[i].in, 86400) != ages[i].want_s)
			fail_msg("%s", ages[i].in);
}

/* --- turns --- */

struct one {
	struct queued queued; /* first, so that a pointer to it is one to this */
	char name;
};

static char take(struct hosts *h, struct one **ret)
{
	struct queued *q = hosts_take(h);

	if (ret)
		*ret = (struct one *)q;
	return q ? ((struct one *)q)->name : '-';
}

static void hosts_take_turns(void **state)
{
	cleanup(hosts_freep) struct hosts *h = hosts_new(2);
	struct one a[4] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}, {.name = 'd'}}, x = {.name = 'x'},
		   y = {.name = 'y'}, *t;

	(void)state;
	for (int i = 0; i < 4; i++)
		hosts_put(h, "http://a:80", &a[i].queued);
	hosts_put(h, "http://x:80", &x.queued);
	hosts_put(h, "http://y:80", &y.queued);
	assert_int_equal(take(h, NULL), 'a');
	assert_int_equal(take(h, NULL), 'x'); /* not b, though it asked earlier */
	assert_int_equal(take(h, NULL), 'y');
	assert_int_equal(take(h, NULL), 'b');
	assert_int_equal(take(h, NULL), '-'); /* two of one host are enough */
	assert_int_equal(hosts_waiting(h), 2);
	assert_int_equal(hosts_running(h), 4);
	hosts_remove(h, &a[0].queued);
	hosts_remove(h, &a[0].queued); /* twice is once */
	assert_int_equal(take(h, &t), 'c');
	assert_int_equal(take(h, NULL), '-');
	hosts_remove(h, &a[3].queued); /* was waiting */
	hosts_remove(h, &a[1].queued);
	assert_int_equal(take(h, NULL), '-');
	hosts_remove(h, &t->queued);
	hosts_remove(h, &x.queued);
	hosts_remove(h, &y.queued);
	assert_int_equal(hosts_waiting(h) + hosts_running(h), 0);
}

/* Random puts, takes and removes against counts kept by hand: no host ever runs more than it may, nothing is lost. */
static void hosts_keep_count(void **state)
{
	enum { N = 300, HOSTS = 7, STEPS = 20000 };
	cleanup(hosts_freep) struct hosts *h = hosts_new(3);
	static struct one v[N];
	int at[N] = {0}, running[HOSTS] = {0}, n_running = 0, n_waiting = 0; /* at: 0 out, 1 waiting, 2 running */
	unsigned seed = 4711;
	char key[8];

	(void)state;
	for (int step = 0; step < STEPS + N; step++) {
		int i = step < STEPS ? (int)(rand_r(&seed) % N) : step - STEPS;

		if (step < STEPS && rand_r(&seed) % 2) {
			struct one *t = (struct one *)hosts_take(h);

			if (t) {
				i = (int)(t - v);
				assert_int_equal(at[i], 1);
				at[i] = 2;
				n_waiting--;
				n_running++;
				assert_true(++running[i % HOSTS] <= 3);
			} else {
				for (int k = 0; k < N; k++)
					assert_false(at[k] == 1 && running[k % HOSTS] < 3);
			}
		} else if (step < STEPS && at[i] == 0) {
			snprintf(key, sizeof(key), "h%d", i % HOSTS);
			hosts_put(h, key, &v[i].queued);
			at[i] = 1;
			n_waiting++;
		} else {
			hosts_remove(h, &v[i].queued);
			n_waiting -= at[i] == 1;
			n_running -= at[i] == 2;
			running[i % HOSTS] -= at[i] == 2;
			at[i] = 0;
		}
		assert_int_equal(hosts_waiting(h), n_waiting);
		assert_int_equal(hosts_running(h), n_running);
	}
	assert_int_equal(n_running + n_waiting, 0);
}

/* --- the engine --- */

struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	_Atomic int accepted;
	char asked[4096]; /* the last request */
};

struct served {
	struct server *server;
	int fd;
};

/* Answers each request on a kept connection; "/never" gets no answer. */
static void *serve_one(void *arg)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhola";
	struct served *s = arg;
	char in[4096];
	ssize_t n;

	while ((n = recv(s->fd, in, sizeof(in) - 1, 0)) > 0) {
		in[n] = '\0';
		memcpy(s->server->asked, in, (size_t)n + 1);
		if (!strncmp(in, "GET /never", 10))
			continue;
		if (send(s->fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
			break;
	}
	close(s->fd);
	free(s);
	return NULL;
}

static void *serve(void *arg)
{
	struct server *server = arg;
	pthread_attr_t attr;
	pthread_t thread;
	int fd;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	while ((fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct served *s = NEW(struct served);

		s->server = server;
		s->fd = fd;
		server->accepted++;
		if (pthread_create(&thread, &attr, serve_one, s) != 0)
			abort();
	}
	pthread_attr_destroy(&attr);
	return NULL;
}

struct bench {
	struct server server;
	struct loop *loop;
	struct fetch *fetch;
	struct cidr local;
	char url[64], never[64];
	char log[64];
	int n, stop_at;
	struct transfer *other;
};

static int setup(void **state)
{
	const struct fetch_config config = {.per_host = 1};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	struct bench *b = NEW(struct bench);

	b->server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(b->server.fd, (struct sockaddr *)&in, len) < 0 || listen(b->server.fd, 16) < 0 ||
	    getsockname(b->server.fd, (struct sockaddr *)&in, &len) < 0)
		return -1;
	b->server.port = ntohs(in.sin_port);
	if (pthread_create(&b->server.thread, NULL, serve, &b->server) != 0)
		return -1;
	snprintf(b->url, sizeof(b->url), "http://127.0.0.1:%u/", b->server.port);
	snprintf(b->never, sizeof(b->never), "http://127.0.0.1:%u/never", b->server.port);
	assert_int_equal(cidr_parse("127.0.0.0/8", &b->local), 0);
	assert_int_equal(loop_new(&b->loop), 0);
	assert_int_equal(fetch_new(b->loop, &config, &b->fetch), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	fetch_free(b->fetch);
	loop_free(b->loop);
	shutdown(b->server.fd, SHUT_RDWR);
	pthread_join(b->server.thread, NULL);
	close(b->server.fd);
	free(b);
	return 0;
}

static void run(struct bench *b)
{
	alarm(20);
	loop_run(b->loop);
	alarm(0);
}

static void note(struct bench *b, char c)
{
	b->log[b->n++] = c;
	if (b->n == b->stop_at)
		loop_stop(b->loop);
}

static struct transfer *start(struct bench *b, const char *url, void (*on_fetched)(struct fetch_result *, void *))
{
	const struct fetch_request request = {.url = url, .allow_private = &b->local, .n_allow_private = 1};
	struct transfer *t = fetch_start(b->fetch, &request, on_fetched, b);

	assert_non_null(t);
	return t;
}

static void on_ok(struct fetch_result *r, void *arg)
{
	struct bench *b = arg;

	assert_int_equal(r->outcome, FETCH_OK);
	assert_string_equal(buf_str(&r->body), "hola");
	note(b, 'o');
}

static void on_blocked(struct fetch_result *r, void *arg)
{
	assert_int_equal(r->outcome, FETCH_BLOCKED);
	assert_non_null(strstr(r->detail, "127.0.0.1"));
	note(arg, 'b');
}

static void on_never(struct fetch_result *r, void *arg)
{
	(void)arg;
	fail_msg("called with %s", r->class_name);
}

/* FAULTS F9: a connection that one source may use is no door for another. */
static void a_kept_connection_is_guarded_too(void **state)
{
	struct bench *b = *state;
	struct fetch_request request = {.url = b->url};

	b->stop_at = 3;
	start(b, b->url, on_ok);
	start(b, b->url, on_ok);
	assert_non_null(fetch_start(b->fetch, &request, on_blocked, b));
	run(b);
	assert_string_equal(b->log, "oob");
	assert_int_equal(b->server.accepted, 1);
}

static void on_only(struct fetch_result *r, void *arg)
{
	assert_int_equal(r->outcome, FETCH_OK);
	note(arg, 'o');
}

/* The second request has the handle and the connection of the first, and nothing else of it. */
static void a_handle_keeps_nothing_of_a_source(void **state)
{
	static const struct fetch_header header = {"X-Of", "the first"};
	const struct fetch_config config = {.transfers = 1};
	struct bench *b = *state;
	struct fetch_request first = {.url = b->url,
				      .etag = "\"1\"",
				      .last_modified = "Sun, 06 Nov 1994 08:49:37 GMT",
				      .user = "ana",
				      .password = "secret",
				      .headers = &header,
				      .n_headers = 1,
				      .post = true,
				      .body = "body",
				      .body_len = 4,
				      .allow_private = &b->local,
				      .n_allow_private = 1};
	struct fetch *one;
	char second[80];

	assert_int_equal(fetch_new(b->loop, &config, &one), 0);
	snprintf(second, sizeof(second), "%ssecond%%2F", b->url); /* which libcurl takes apart, not we */
	b->stop_at = 2;
	assert_non_null(fetch_start(one, &first, on_only, b));
	first = (struct fetch_request){.url = second, .allow_private = &b->local, .n_allow_private = 1};
	assert_non_null(fetch_start(one, &first, on_only, b));
	run(b);
	assert_int_equal(b->server.accepted, 1);
	assert_memory_equal(b->server.asked, "GET /second%2F HTTP/1.1\r\n", 25);
	assert_null(strstr(b->server.asked, "Authorization"));
	assert_null(strstr(b->server.asked, "If-"));
	assert_null(strstr(b->server.asked, "X-Of"));
	assert_null(strstr(b->server.asked, "Content-"));
	assert_non_null(strstr(b->server.asked, "\r\nUser-Agent: escuchad/"));
	fetch_free(one);
}

static void on_start_another(struct fetch_result *r, void *arg)
{
	struct bench *b = arg;

	assert_int_equal(r->outcome, FETCH_OK);
	note(b, 's');
	start(b, b->url, on_ok);
}

static void a_callback_may_start_another(void **state)
{
	struct bench *b = *state;

	b->stop_at = 2;
	start(b, b->url, on_start_another);
	assert_int_equal(b->n, 0);
	run(b);
	assert_string_equal(b->log, "so");
}

static void on_take_body(struct fetch_result *r, void *arg)
{
	cleanup(freep) char *body = buf_steal(&r->body);

	assert_string_equal(body, "hola");
	note(arg, 't');
}

static void a_callback_may_take_the_body(void **state)
{
	struct bench *b = *state;

	b->stop_at = 1;
	start(b, b->url, on_take_body);
	run(b);
	assert_string_equal(b->log, "t");
}

static void on_bad(struct fetch_result *r, void *arg)
{
	assert_int_equal(r->outcome, FETCH_BAD_URL);
	assert_string_not_equal(r->detail, "");
	note(arg, 'x');
}

static void on_bad_cancel_other(struct fetch_result *r, void *arg)
{
	struct bench *b = arg;

	on_bad(r, arg);
	fetch_cancel(b->other);
}

/* Waiting, running, and ended but not yet told: in each state a cancelled transfer keeps quiet. */
static void after_a_cancel_no_callback(void **state)
{
	struct bench *b = *state;
	struct transfer *running = start(b, b->never, on_never), *waiting = start(b, b->url, on_never);

	b->stop_at = 1;
	start(b, "ftp://a/", on_bad_cancel_other);
	b->other = start(b, "gopher://a/", on_never); /* ended already, and told behind the one before */
	run(b);
	assert_string_equal(b->log, "x");
	assert_int_equal(fetch_running(b->fetch), 1);
	assert_int_equal(fetch_waiting(b->fetch), 1);
	fetch_cancel(waiting);
	fetch_cancel(running);
	assert_int_equal(fetch_running(b->fetch) + fetch_waiting(b->fetch), 0);
	b->stop_at = 2;
	start(b, b->url, on_ok); /* the host's only place is free again */
	run(b);
	assert_string_equal(b->log, "xo");
}

static void on_free_engine(struct fetch_result *r, void *arg)
{
	struct bench *b = arg;

	assert_int_equal(r->outcome, FETCH_BAD_URL);
	b->fetch = fetch_free(b->fetch);
	note(b, 'f');
}

static void a_callback_may_free_the_engine(void **state)
{
	struct bench *b = *state;

	b->stop_at = 1;
	start(b, b->never, on_never);
	start(b, b->url, on_never);
	start(b, "nada", on_free_engine);
	start(b, "nada", on_never);
	run(b);
	assert_string_equal(b->log, "f");
}

static void waiting_is_bounded(void **state)
{
	struct bench *b = *state;
	const struct fetch_request request = {.url = "http://192.0.2.1/"};

	for (int i = 0; i < FETCH_WAITING_MAX; i++)
		assert_non_null(fetch_start(b->fetch, &request, on_never, b));
	assert_int_equal(fetch_room(b->fetch), 0);
	assert_null(fetch_start(b->fetch, &request, on_never, b));
}

int main(void)
{
#define ENGINE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_of_http),
		cmocka_unit_test(retry_after_is_between_nothing_and_a_day),
		cmocka_unit_test(max_age_is_between_nothing_and_a_day),
		cmocka_unit_test(hosts_take_turns),
		cmocka_unit_test(hosts_keep_count),
		ENGINE(a_kept_connection_is_guarded_too),
		ENGINE(a_handle_keeps_nothing_of_a_source),
		ENGINE(a_callback_may_start_another),
		ENGINE(a_callback_may_take_the_body),
		ENGINE(after_a_cancel_no_callback),
		ENGINE(a_callback_may_free_the_engine),
		ENGINE(waiting_is_bounded),
	};

	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
