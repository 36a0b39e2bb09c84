/* FAULTS O7: a receiver that fails is left alone for a while, one that asks us to wait is obeyed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alert/channel_step.h"

static enum channel_gate gate(const struct channel_health *h, int64_t now, int64_t want_ms)
{
	int64_t wait = -1;
	enum channel_gate g = channel_gate(h, now, &wait);

	assert_int_equal(wait, want_ms);
	return g;
}

static void the_breaker_opens_and_its_pause_doubles(void **state)
{
	struct channel_health h = {0};
	int64_t now = 1000, pause = CHANNEL_PAUSE_MS;
	int i;

	(void)state;
	channel_failed(&h, now);
	assert_int_equal(gate(&h, now, 0), CHANNEL_OPEN); /* once is nothing */
	for (i = 0; i < 8; i++) {
		channel_failed(&h, now);
		assert_int_equal(gate(&h, now, pause), CHANNEL_BROKEN);
		now += pause;
		assert_int_equal(gate(&h, now, 0), CHANNEL_OPEN); /* one is let through */
		pause = 2 * pause < CHANNEL_PAUSE_MAX_MS ? 2 * pause : CHANNEL_PAUSE_MAX_MS;
	}
	channel_worked(&h);
	channel_failed(&h, now);
	assert_int_equal(gate(&h, now, 0), CHANNEL_OPEN);
}

static void who_asks_us_to_wait_is_obeyed_up_to_a_bound(void **state)
{
	struct channel_health h = {0};

	(void)state;
	channel_limited(&h, 5000, 1000);
	assert_int_equal(gate(&h, 2000, 4000), CHANNEL_HELD);
	assert_int_equal(gate(&h, 6000, 0), CHANNEL_OPEN);
	channel_limited(&h, INT64_MAX / 2, 6000);
	assert_int_equal(gate(&h, 6000, CHANNEL_WAIT_MAX_MS), CHANNEL_HELD);
}

static void requests_keep_their_distance(void **state)
{
	struct channel_health h = {0};

	(void)state;
	channel_left(&h, 100, 1000);
	assert_int_equal(gate(&h, 1040, 60), CHANNEL_GAP);
	assert_int_equal(gate(&h, 1100, 0), CHANNEL_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_breaker_opens_and_its_pause_doubles),
		cmocka_unit_test(who_asks_us_to_wait_is_obeyed_up_to_a_bound),
		cmocka_unit_test(requests_keep_their_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
