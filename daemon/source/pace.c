#include "source/pace.h"

#include <stdbool.h>

#include "base/clock.h"

static int64_t between(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

static int64_t longest_ms(int64_t every_ms)
{
	return every_ms > PACE_LONGEST_MS ? every_ms : PACE_LONGEST_MS; /* every: 7d stays 7 days */
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t pace_slowest_ms(int64_t every_ms)
{
	return longer(every_ms, 4 * every_ms < HOUR_MS ? 4 * every_ms : HOUR_MS);
}

static bool skips(const struct pace_wish *w, int64_t at_ms)
{
	int64_t hours = at_ms / HOUR_MS, days = hours / 24;

	return w->skip_hours >> hours % 24 & 1 || w->skip_days >> (days + 4) % 7 & 1; /* 1970 began on a Thursday */
}

/* wait, or until the first hour that isn't skipped, if that comes before most. */
static int64_t past_skipped(const struct pace_ask *a, int64_t wait, int64_t most)
{
	int64_t at = a->now_ms + wait;

	while (at - a->now_ms < most && skips(&a->wish, at))
		at = (at / HOUR_MS + 1) * HOUR_MS + a->random % MINUTE_MS;
	return at - a->now_ms < most ? at - a->now_ms : most;
}

static int64_t spread_ms(int64_t wait, uint32_t random)
{
	return (int64_t)(random % 1000) * (wait * PACE_JITTER_PERMILLE / 1000) / 1000;
}

/* After an answer: between every and slowest. */
static int64_t well_ms(const struct pace_ask *a)
{
	int64_t wait = longer(longer(a->fresh_ms, a->wish.ttl_s * SECOND_MS), a->quiet_ms / PACE_QUIET_PART);

	wait = between(wait, a->every_ms, longer(a->every_ms, a->slowest_ms));
	wait += 2 * spread_ms(wait, a->random) - wait * PACE_JITTER_PERMILLE / 1000;
	return longer(wait, past_skipped(a, wait, a->slowest_ms));
}

int64_t pace_wait_ms(const struct pace_ask *a)
{
	bool unsaid = a->end == POLL_END_LIMITED && a->retry_after_ms <= 0;
	int64_t longest = longest_ms(a->every_ms), wait = a->every_ms;
	uint32_t i;

	if (a->end == POLL_END_OK && a->retry_after_ms <= 0)
		return well_ms(a);
	if (a->end == POLL_END_FAILED || unsaid) {
		for (i = unsaid ? 0 : 1; i < a->failures && wait < longest; i++)
			wait *= 2;
	}
	if (a->longest_ms && a->end == POLL_END_FAILED && wait > a->longest_ms)
		wait = longer(a->longest_ms, a->every_ms);
	if (a->lasting)
		wait = longer(wait, PACE_LASTING_MS);
	wait = between(longer(wait, a->retry_after_ms), a->every_ms, longest);
	if (a->retry_after_ms >= wait) /* sooner than asked for would be rude: later only */
		return wait + spread_ms(wait, a->random);
	return wait + 2 * spread_ms(wait, a->random) - wait * PACE_JITTER_PERMILLE / 1000;
}

int64_t pace_resume_ms(int64_t polled_ms, int64_t next_ms, uint32_t failures, int64_t now_ms, int64_t every_ms,
		       int64_t slowest_ms)
{
	int64_t longest = failures ? longest_ms(every_ms) : longer(every_ms, slowest_ms);

	if (next_ms == TIME_NONE)
		return now_ms;
	if (polled_ms == TIME_NONE || polled_ms > now_ms)
		return between(next_ms, now_ms, now_ms + every_ms);
	if (next_ms - polled_ms > longest + longest * PACE_JITTER_PERMILLE / 1000)
		next_ms = polled_ms + every_ms;
	return next_ms > now_ms ? next_ms : now_ms;
}
