/* serve/throttle: ten failures a minute, each address for itself (FAULTS A6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/mem.h"
#include "serve/throttle.h"

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage a = {.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET};
	void *to = a.ss_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)&a)->sin6_addr
					   : (void *)&((struct sockaddr_in *)&a)->sin_addr;

	assert_int_equal(inet_pton(a.ss_family, text, to), 1);
	return a;
}

static int64_t wait_ms(const struct throttle *t, const char *text, int64_t now)
{
	struct sockaddr_storage a = address(text);

	return throttle_wait_ms(t, (struct sockaddr *)&a, now);
}

static void fail_times(struct throttle *t, const char *text, int n, int64_t now)
{
	struct sockaddr_storage a = address(text);

	while (n--)
		throttle_fail(t, (struct sockaddr *)&a, now);
}

static void ten_at_once_then_one_every_six_seconds(void **state)
{
	cleanup(freep) struct throttle *t = NEW(struct throttle);
	int64_t now = 1000000;

	(void)state;
	fail_times(t, "192.0.2.1", THROTTLE_FAILURES - 1, now);
	assert_int_equal(wait_ms(t, "192.0.2.1", now), 0);
	fail_times(t, "192.0.2.1", 1, now);
	assert_int_equal(wait_ms(t, "192.0.2.1", now), THROTTLE_REGAIN_MS);
	assert_int_equal(wait_ms(t, "192.0.2.1", now + THROTTLE_REGAIN_MS - 1), 1);
	now += THROTTLE_REGAIN_MS;
	assert_int_equal(wait_ms(t, "192.0.2.1", now), 0);
	fail_times(t, "192.0.2.1", 1, now);
	assert_int_equal(wait_ms(t, "192.0.2.1", now), THROTTLE_REGAIN_MS);
	now += 60000; /* a minute later all is forgiven */
	fail_times(t, "192.0.2.1", THROTTLE_FAILURES - 1, now);
	assert_int_equal(wait_ms(t, "192.0.2.1", now), 0);
}

static void who_is_the_same(void **state)
{
	static const struct {
		const char *failed, *asks;
		bool same;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true}, /* over a socket for both */
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"::1", "127.0.0.1", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) struct throttle *t = NEW(struct throttle);

		fail_times(t, cases[i].failed, THROTTLE_FAILURES, 0);
		assert_int_equal(wait_ms(t, cases[i].asks, 0) > 0, cases[i].same);
	}
}

static void the_table_has_a_bound(void **state)
{
	cleanup(freep) struct throttle *t = NEW(struct throttle);
	char text[INET_ADDRSTRLEN];
	int i;

	(void)state;
	fail_times(t, "192.0.2.1", THROTTLE_FAILURES, 0);
	for (i = 0; i < 3 * THROTTLE_ADDRESSES; i++) {
		snprintf(text, sizeof(text), "10.0.%d.%d", i / 250, i % 250 + 1);
		fail_times(t, text, 1, 1);
	}
	assert_int_equal(t->n, THROTTLE_ADDRESSES);
	assert_true(wait_ms(t, "192.0.2.1", 1) > 0); /* the worst is not pushed out by many that failed once */
}

static void a_unix_socket_never_waits(void **state)
{
	cleanup(freep) struct throttle *t = NEW(struct throttle);
	const struct sockaddr_un a = {.sun_family = AF_UNIX};
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		throttle_fail(t, (const struct sockaddr *)&a, 0);
	assert_int_equal(throttle_wait_ms(t, (const struct sockaddr *)&a, 0), 0);
	assert_int_equal(t->n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_at_once_then_one_every_six_seconds),
		cmocka_unit_test(who_is_the_same),
		cmocka_unit_test(the_table_has_a_bound),
		cmocka_unit_test(a_unix_socket_never_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
