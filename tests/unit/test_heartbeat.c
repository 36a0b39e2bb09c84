/* alert/heartbeat: it stays away whenever nobody would be told of a crisis. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "alert/heartbeat.h"

#define NOW INT64_C(1790000000000)
#define WELL .serving = true, .log_read = true, .sources = 3, .oldest_ms = TIME_NONE

static const struct {
	struct heartbeat_facts facts;
	const char *held;
} cases[] = {
	{{WELL}, NULL},
	{{WELL, .deaf = 2}, NULL}, /* operators are told of those */
	{{WELL, .deaf = 3}, "deaf"},
	{{.serving = true, .log_read = true, .oldest_ms = TIME_NONE}, NULL}, /* no source at all: by hand alone */
	{{.log_read = true, .sources = 3, .oldest_ms = TIME_NONE}, "starting"},
	{{.serving = true, .oldest_ms = TIME_NONE}, "log"},
	{{WELL, .log_full = true}, "log_full"},
	{{WELL, .canary = true}, "canary"},
	{{.serving = true, .log_read = true, .oldest_ms = NOW - HEARTBEAT_WAITS_MS}, NULL},
	{{.serving = true, .log_read = true, .oldest_ms = NOW - HEARTBEAT_WAITS_MS - 1}, "outbox"},
	{{.serving = true, .log_read = true, .oldest_ms = NOW + HOUR_MS}, NULL}, /* the clock was set back */
};

static void what_holds_it(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *held = heartbeat_held_by(&cases[i].facts, NOW);

		if (cases[i].held)
			assert_string_equal(held ? held : "well", cases[i].held);
		else
			assert_null(held);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
