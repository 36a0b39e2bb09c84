/* alert/mute: what is held, and what pierces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alert/mute.h"
#include "base/mem.h"

static void how_long(void **state)
{
	(void)state;
	assert_int_equal(mute_check(0, false), MUTE_E_END);
	assert_int_equal(mute_check(-1, true), MUTE_E_END);
	assert_int_equal(mute_check(MUTE_MAX_MS, false), 0);
	assert_int_equal(mute_check(MUTE_MAX_MS + 1, false), MUTE_E_LONG);
	assert_int_equal(mute_check(MUTE_MAX_MS + 1, true), 0);
	assert_int_equal(mute_check(MUTE_LONG_MAX_MS, true), 0);
	assert_int_equal(mute_check(MUTE_LONG_MAX_MS + 1, true), MUTE_E_LONGER);
}

static void what_is_held(void **state)
{
	const struct mute v[] = {{.topic = "acme", .severity = SEVERITY_WARNING, .until_ms = 100},
				 {.topic = "acme", .severity = SEVERITY_INFO, .until_ms = 300},
				 {.topic = "beta", .severity = SEVERITY_CRITICAL, .until_ms = 200},
				 {.topic = "gama", .severity = SEVERITY_INFO, .critical = true, .until_ms = 200}};

	(void)state;
#define UNTIL(topic, severity, now) (int)mutes_until(v, ARRAY_LEN(v), topic, severity, now)
	assert_int_equal(UNTIL("acme", SEVERITY_WARNING, 50), 100);
	assert_int_equal(UNTIL("acme", SEVERITY_INFO, 50), 300); /* the longest of them */
	assert_int_equal(UNTIL("acme", SEVERITY_WARNING, 100), 0);
	assert_int_equal(UNTIL("acme", SEVERITY_CRITICAL, 50), 0);
	assert_int_equal(UNTIL("beta", SEVERITY_CRITICAL, 50), 0); /* never, unless it was asked for */
	assert_int_equal(UNTIL("beta", SEVERITY_WARNING, 50), 200);
	assert_int_equal(UNTIL("gama", SEVERITY_CRITICAL, 50), 200);
	assert_int_equal(UNTIL("gama", SEVERITY_WARNING, 50), 0);
	assert_int_equal(UNTIL("otro", SEVERITY_INFO, 50), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(how_long), cmocka_unit_test(what_is_held)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
