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

int64_t pace_wait_ms(int64_t every_ms, enum poll_end end, uint32_t failures, int64_t retry_after_ms, uint32_t random)
{
	bool unsaid = end == POLL_END_LIMITED && retry_after_ms <= 0;
	int64_t longest = longest_ms(every_ms);
	int64_t wait = every_ms, spread;
	uint32_t i;

	if (end == POLL_END_FAILED || unsaid) {
		for (i = unsaid ? 0 : 1; i < failures && wait < longest; i++)
			wait *= 2;
	}
	if (end == POLL_END_LIMITED || retry_after_ms > 0)
		wait = retry_after_ms > wait ? retry_after_ms : wait;
	wait = between(wait, every_ms, longest);
	spread = wait * PACE_JITTER_PERMILLE / 1000;
	if (retry_after_ms >= wait) /* sooner than asked for would be rude: later only */
		return wait + (int64_t)(random % 1000) * spread / 1000;
	return wait - spread + (int64_t)(random % 1000) * 2 * spread / 1000;
}

int64_t pace_resume_ms(int64_t polled_ms, int64_t next_ms, uint32_t failures, int64_t now_ms, int64_t every_ms)
{
	int64_t longest = failures ? longest_ms(every_ms) : every_ms;

	if (next_ms == TIME_NONE)
		return now_ms;
	if (polled_ms == TIME_NONE || polled_ms > now_ms)
		return between(next_ms, now_ms, now_ms + every_ms);
	if (next_ms - polled_ms > longest + longest * PACE_JITTER_PERMILLE / 1000)
		next_ms = polled_ms + every_ms;
	return next_ms > now_ms ? next_ms : now_ms;
}
