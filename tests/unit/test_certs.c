/* source/certs: when a certificate near its end is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "source/certs.h"

#define DAY (24 * INT64_C(3600000))
#define NOW INT64_C(1795341600000)

/* FAULTS F3 */
static void one_near_its_end_is_told_daily_until_it_is_renewed(void **state)
{
	cleanup(certs_freep) struct certs *c = certs_new();
	int64_t until = NOW + CERTS_SOON_MS;

	(void)state;
	assert_int_equal(certs_step(c, "a.example", until, NOW), CERT_SAY_NOTHING);
	assert_int_equal(certs_step(c, "a.example", until, NOW + 1), CERT_SAY_ENDS);
	assert_int_equal(certs_step(c, "a.example", until, NOW + 2), CERT_SAY_NOTHING);
	assert_int_equal(certs_step(c, "b.example", until, NOW + 2), CERT_SAY_ENDS); /* each host is its own */
	assert_int_equal(certs_step(c, "a.example", until, NOW + DAY), CERT_SAY_NOTHING);
	assert_int_equal(certs_step(c, "a.example", until, NOW + DAY + 1), CERT_SAY_STILL);
	assert_int_equal(certs_step(c, "a.example", until, NOW + DAY + 2), CERT_SAY_NOTHING);
	assert_int_equal(certs_step(c, "a.example", NOW + 90 * DAY, NOW + DAY + 3), CERT_SAY_RENEWED);
	assert_int_equal(certs_step(c, "a.example", NOW + 90 * DAY, NOW + DAY + 4), CERT_SAY_NOTHING);
}

static void one_that_has_ended_is_not_told(void **state)
{
	cleanup(certs_freep) struct certs *c = certs_new();

	(void)state;
	assert_int_equal(certs_step(c, "a.example", NOW - 1, NOW), CERT_SAY_NOTHING);
	assert_int_equal(certs_step(c, "a.example", NOW, NOW), CERT_SAY_NOTHING);
}

static void a_clock_set_back_delays_no_more_than_a_day(void **state)
{
	cleanup(certs_freep) struct certs *c = certs_new();
	int64_t until = NOW + 3 * DAY, before = NOW - 5 * DAY;

	(void)state;
	assert_int_equal(certs_step(c, "a.example", until, NOW), CERT_SAY_ENDS);
	assert_int_equal(certs_step(c, "a.example", until, before), CERT_SAY_NOTHING);
	assert_int_equal(certs_step(c, "a.example", until, before + DAY), CERT_SAY_STILL);
}

static void hosts_are_bounded_and_ended_ones_make_room(void **state)
{
	cleanup(certs_freep) struct certs *c = certs_new();
	char host[32];
	int i;

	(void)state;
	for (i = 0; i < CERTS_MAX; i++) {
		snprintf(host, sizeof(host), "h%d.example", i);
		assert_int_equal(certs_step(c, host, NOW + DAY, NOW), CERT_SAY_ENDS);
	}
	assert_int_equal(certs_step(c, "late.example", NOW + 2 * DAY, NOW), CERT_SAY_NOTHING);
	assert_int_equal(certs_step(c, "late.example", NOW + 2 * DAY, NOW + DAY), CERT_SAY_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_near_its_end_is_told_daily_until_it_is_renewed),
		cmocka_unit_test(one_that_has_ended_is_not_told),
		cmocka_unit_test(a_clock_set_back_delays_no_more_than_a_day),
		cmocka_unit_test(hosts_are_bounded_and_ended_ones_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
