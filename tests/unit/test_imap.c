/* fetch/imap, against servers that say nothing: what they may cost in time. The rest is tests/it/test_imap.py. FAULTS F6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "fetch/fetch.h"
#include "fetch/imap.h"
#include "loop/loop.h"

enum { PATIENCE_MS = 200, SOON_MS = 10 * 1000 };

struct told {
	struct loop *loop;
	unsigned n;
	char class_name[32];
};

static void on_done(void *arg, const struct imap_result *r)
{
	struct told *t = arg;

	t->n++;
	*stpncpy(t->class_name, r->class_name ? r->class_name : "", sizeof(t->class_name) - 1) = '\0';
	loop_stop(t->loop);
}

/* Accepted by the kernel, and by nobody else. */
static int listening(char server[32])
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	snprintf(server, 32, "127.0.0.1:%u", ntohs(sin.sin_port));
	return fd;
}

static void a_server_that_says_nothing_is_left(void **state)
{
	static const enum imap_tls ways[] = {IMAP_TLS, IMAP_STARTTLS, IMAP_LOCAL};
	struct told t = {.n = 0};
	struct fetch *f;
	struct cidr local;
	char server[32];
	int fd = listening(server);
	size_t i;

	(void)state;
	assert_int_equal(cidr_parse("127.0.0.0/8", &local), 0);
	assert_int_equal(loop_new(&t.loop), 0);
	assert_int_equal(fetch_new(t.loop, &(struct fetch_config){.contact = NULL}, &f), 0);
	for (i = 0; i < ARRAY_LEN(ways); i++) {
		const struct imap_request request = {.server = server,
						     .tls = ways[i],
						     .user = "ana",
						     .password = "x",
						     .folder = "INBOX",
						     .allow_private = &local,
						     .n_allow_private = 1,
						     .connect_ms = PATIENCE_MS};
		int64_t began = clock_steady_ms();
		struct imap *s = imap_open(f, &request, on_done, &t);

		loop_run(t.loop);
		assert_int_equal(t.n, i + 1);
		assert_string_equal(t.class_name, "timeout");
		assert_in_range(clock_steady_ms() - began, PATIENCE_MS / 2, SOON_MS);
		imap_close(s);
	}
	fetch_free(f);
	loop_free(t.loop);
	close(fd);
}

static void a_session_ends_in_silence_at_any_time(void **state)
{
	const struct imap_request nobody = {.server = "nadie.invalid", .user = "a", .password = "x", .folder = "INBOX"},
				  wrong = {.server = "not a server", .user = "a", .password = "x", .folder = "INBOX"};
	struct told t = {.n = 0};
	struct fetch *f;

	(void)state;
	assert_int_equal(loop_new(&t.loop), 0);
	assert_int_equal(fetch_new(t.loop, &(struct fetch_config){.contact = NULL}, &f), 0);
	assert_null(imap_open(f, &wrong, on_done, &t));
	assert_null(imap_close(imap_open(f, &nobody, on_done, &t))); /* while its name is looked up */
	assert_null(imap_close(NULL));
	fetch_free(f);
	loop_free(t.loop);
	assert_int_equal(t.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_says_nothing_is_left),
		cmocka_unit_test(a_session_ends_in_silence_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
