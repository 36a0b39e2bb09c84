/* Connections that are kept, and servers that don't keep them: how often each is opened again, counted over a simulated day. FAULTS T2,
 * F11, O7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "source/pace.h"
#include "source/reconnect.h"

enum { SOURCES = 1000, HOURS = 24, FOREVER = -1 };

/* What a server does to who connects, and for how long. */
struct server {
	int64_t lasts_ms;       /* a connection; FOREVER: until now at the earliest */
	bool opens, tells;      /* it answers as a stream; … and says something */
	int64_t from_ms, to_ms; /* of the day: while it is so; before and after connections last */
	int64_t retry_after_ms; /* it asks for patience; 0: it doesn't */
};

struct one {
	struct reconnect reconnect;
	uint32_t failures, per_hour[HOURS + 1];
	int64_t at_ms, heard_ms; /* the next connection; … since when it is heard again */
	bool well;
};

static uint32_t chance_state;

static uint32_t chance(void)
{
	chance_state = chance_state * 1664525 + 1013904223;
	return chance_state ^ chance_state >> 15;
}

static int64_t failed(struct one *x, enum poll_end end, int64_t now, int64_t room_ms, int64_t retry_after_ms)
{
	x->failures++;
	return now +
	       pace_wait_ms(&(struct pace_ask){.every_ms = MINUTE_MS,
					       .slowest_ms = MINUTE_MS,
					       .end = end,
					       .failures = x->failures,
					       .retry_after_ms = retry_after_ms > room_ms ? retry_after_ms : room_ms,
					       .longest_ms = RECONNECT_LONGEST_MS,
					       .random = chance()});
}

/* One connection, from its beginning to when the next one is opened; as source/poll_stream does it. */
static void connect_once(struct one *x, const struct server *s, int64_t pause_ms)
{
	int64_t now = x->at_ms, wait;
	bool served;

	reconnect_opens(&x->reconnect, now);
	if (now < s->from_ms || now >= s->to_ms) { /* it is well */
		x->heard_ms = now;
		x->well = true;
		x->failures = 0;
		reconnect_proved(&x->reconnect);
		now = now < s->from_ms ? s->from_ms : (HOURS + 1) * HOUR_MS;
		served = true;
	} else if (s->retry_after_ms) {
		x->at_ms = failed(x, POLL_END_LIMITED, now, 0, s->retry_after_ms);
		return;
	} else {
		now += s->lasts_ms;
		served = s->opens && s->tells;
		if (served || (s->opens && !x->reconnect.doubtful)) /* it was good news, for a while */
			x->failures = 0;
	}
	if (reconnect_step(&x->reconnect, s->opens || x->well, served, pause_ms, chance(), now, &wait) ==
	    RECONNECT_AGAIN)
		x->at_ms = now + wait;
	else
		x->at_ms = failed(x, POLL_END_FAILED, now, wait, 0);
	x->well = false;
}

static struct one *day_of(const struct server *s, int64_t pause_ms)
{
	struct one *v = xcalloc(SOURCES, sizeof(*v));
	size_t i;

	chance_state = 20261122;
	for (i = 0; i < SOURCES; i++) {
		while (v[i].at_ms < HOURS * HOUR_MS) {
			v[i].per_hour[v[i].at_ms / HOUR_MS]++;
			connect_once(&v[i], s, pause_ms);
		}
	}
	return v;
}

static const struct {
	const char *what;
	struct server server;
	int64_t pause_ms;
	uint32_t first_hour, later_hour; /* connections of one source, at most */
	uint32_t later_all;              /* of all thousand, in any later hour */
} storms[] = {
	{"refuses at once", {.to_ms = INT64_MAX}, SECOND_MS, 8, 6, 5000},
	{"opens, and closes at once", {.opens = true, .to_ms = INT64_MAX}, SECOND_MS, 8, 6, 5000},
	{"opens, and says nothing", {.opens = true, .lasts_ms = MINUTE_MS, .to_ms = INT64_MAX}, SECOND_MS, 8, 5, 4500},
	{"takes, and answers nothing", {.lasts_ms = MINUTE_MS, .to_ms = INT64_MAX}, SECOND_MS, 8, 5, 4500},
	{"says one thing, and closes",
	 {.opens = true, .tells = true, .to_ms = INT64_MAX},
	 0,
	 RECONNECT_HOUR_MAX,
	 122,
	 121000},
	{"says one thing, and closes, at a pace",
	 {.opens = true, .tells = true, .to_ms = INT64_MAX},
	 MINUTE_MS,
	 90,
	 90,
	 66000},
	{"asks for ten minutes", {.retry_after_ms = 10 * MINUTE_MS, .to_ms = INT64_MAX}, SECOND_MS, 7, 7, 6100},
	{"asks for a second, always", {.retry_after_ms = 1, .to_ms = INT64_MAX}, SECOND_MS, 67, 67, 60500},
};

static void a_day_of_storms_is_bounded_in_each_hour(void **state)
{
	size_t i, k, hour;

	(void)state;
	for (i = 0; i < ARRAY_LEN(storms); i++) {
		struct one *v = day_of(&storms[i].server, storms[i].pause_ms);

		for (hour = 0; hour < HOURS; hour++) {
			uint32_t most = 0, all = 0;

			for (k = 0; k < SOURCES; k++) {
				all += v[k].per_hour[hour];
				most = v[k].per_hour[hour] > most ? v[k].per_hour[hour] : most;
			}
			if (most > (hour ? storms[i].later_hour : storms[i].first_hour) ||
			    (hour && all > storms[i].later_all) || !all)
				fail_msg("%s: hour %zu: %u of one, %u of all", storms[i].what, hour, most, all);
		}
		free(v);
	}
}

/* A thousand lose one host in the same millisecond, and find it again within minutes, but not all in one. */
static void a_host_that_was_lost_is_found_again_by_all_and_not_at_once(void **state)
{
	const struct server night = {.from_ms = HOUR_MS, .to_ms = 9 * HOUR_MS};
	struct one *v = day_of(&night, 5 * SECOND_MS);
	uint32_t minutes[20] = {0};
	size_t i, most = 0;

	(void)state;
	for (i = 0; i < SOURCES; i++) {
		int64_t late = v[i].heard_ms - night.to_ms;

		assert_in_range(late, 0, RECONNECT_LONGEST_MS * 11 / 10);
		minutes[late / MINUTE_MS]++;
	}
	for (i = 0; i < ARRAY_LEN(minutes); i++)
		most = minutes[i] > most ? minutes[i] : most;
	assert_in_range(most, SOURCES / 20, SOURCES / 4);
	free(v);
}

static void those_that_were_cut_come_back_apart(void **state)
{
	uint32_t tenths[20] = {0};
	size_t i;

	(void)state;
	chance_state = 7;
	for (i = 0; i < SOURCES; i++) {
		struct reconnect r = {.doubtful = true};
		int64_t wait;

		reconnect_opens(&r, HOUR_MS);
		assert_int_equal(reconnect_step(&r, true, true, 10 * SECOND_MS, chance(), HOUR_MS, &wait),
				 RECONNECT_AGAIN);
		assert_in_range(wait, 5 * SECOND_MS, 15 * SECOND_MS);
		assert_false(r.doubtful);
		tenths[wait / SECOND_MS]++;
	}
	for (i = 5; i < 15; i++)
		assert_in_range(tenths[i], SOURCES / 20, SOURCES / 5);
}

/* To the number: RECONNECT_BURST in a row, the next when there is room, and no hour with more than the bound. */
static void the_bound_is_reached_and_not_passed(void **state)
{
	int64_t opened[2 * RECONNECT_HOUR_MAX], now = 12345, wait;
	struct reconnect r = {.spent_ms = 0};
	size_t n, first = 0, most = 0;

	(void)state;
	for (n = 0; n < ARRAY_LEN(opened); n++) {
		reconnect_opens(&r, now);
		opened[n] = now;
		while (opened[first] < now - HOUR_MS)
			first++;
		most = n + 1 - first > most ? n + 1 - first : most;
		wait = reconnect_room_ms(&r, 0, now);
		assert_int_equal(wait > 0, n + 1 >= RECONNECT_BURST);
		assert_in_range(reconnect_room_ms(&r, UINT32_MAX, now), wait, wait + (wait ? RECONNECT_EACH_MS : 0));
		now += wait;
	}
	assert_int_equal(most, RECONNECT_HOUR_MAX);
	assert_int_equal(reconnect_room_ms(&r, 0, now + RECONNECT_BURST * (int64_t)RECONNECT_EACH_MS), 0);
}

static const struct {
	int64_t holds_ms; /* an answer with nothing comes after so long */
	uint32_t first_hour, later_hour;
} holds[] = {
	{0, RECONNECT_HOUR_MAX, 122}, {300, RECONNECT_HOUR_MAX, 122}, {10 * SECOND_MS, RECONNECT_HOUR_MAX, 122},
	{29 * SECOND_MS, 121, 121},   {50 * SECOND_MS, 72, 72},
};

/* Each second, if a server would have it so: it is not. Who holds what it is asked until its time is over never waits for us. */
static void a_long_poll_in_vain_is_no_storm(void **state)
{
	size_t i, hour;

	(void)state;
	chance_state = 3;
	for (i = 0; i < ARRAY_LEN(holds); i++) {
		struct reconnect r = {.spent_ms = 0};
		uint32_t per_hour[HOURS + 1] = {0};
		int64_t now = 0, wait;

		while (now < HOURS * HOUR_MS) {
			per_hour[now / HOUR_MS]++;
			now += holds[i].holds_ms;
			wait = reconnect_empty_ms(&r, chance(), now);
			assert_true(holds[i].holds_ms < RECONNECT_EACH_MS || !wait);
			now += wait > SECOND_MS ? wait : SECOND_MS; /* every: 1s */
		}
		assert_in_range(per_hour[0], 1, holds[i].first_hour);
		for (hour = 1; hour < HOURS; hour++)
			assert_in_range(per_hour[hour], 1, holds[i].later_hour);
	}
}

static void doubt_begins_with_what_opened_for_nothing(void **state)
{
	static const struct {
		bool doubtful, opened, served, then;
		enum reconnect_do what;
	} cases[] = {
		{false, false, false, false,
		 RECONNECT_FAILED}, /* it never opened: that was no good news, and needs no doubt */
		{true, false, false, true, RECONNECT_FAILED},
		{false, true, false, true, RECONNECT_FAILED},
		{true, true, true, false, RECONNECT_AGAIN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct reconnect r = {.doubtful = cases[i].doubtful};
		int64_t wait = -1;

		assert_int_equal(reconnect_step(&r, cases[i].opened, cases[i].served, 0, 1, 0, &wait), cases[i].what);
		assert_int_equal(r.doubtful, cases[i].then);
		assert_int_equal(wait, 0);
		reconnect_useless(&r);
		assert_true(r.doubtful);
		reconnect_proved(&r);
		assert_false(r.doubtful);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_of_storms_is_bounded_in_each_hour),
		cmocka_unit_test(a_host_that_was_lost_is_found_again_by_all_and_not_at_once),
		cmocka_unit_test(those_that_were_cut_come_back_apart),
		cmocka_unit_test(the_bound_is_reached_and_not_passed),
		cmocka_unit_test(a_long_poll_in_vain_is_no_storm),
		cmocka_unit_test(doubt_begins_with_what_opened_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
