#include "alert/channel_step.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

enum channel_gate channel_gate(const struct channel_health *h, int64_t now_ms, int64_t *ret_wait_ms)
{
	if (now_ms < h->broken_ms) {
		*ret_wait_ms = h->broken_ms - now_ms;
		return CHANNEL_BROKEN;
	}
	if (now_ms < h->limited_ms) {
		*ret_wait_ms = h->limited_ms - now_ms;
		return CHANNEL_HELD;
	}
	*ret_wait_ms = now_ms < h->free_ms ? h->free_ms - now_ms : 0;
	return *ret_wait_ms ? CHANNEL_GAP : CHANNEL_OPEN;
}

void channel_left(struct channel_health *h, int64_t gap_ms, int64_t now_ms)
{
	h->free_ms = now_ms + gap_ms;
}

void channel_worked(struct channel_health *h)
{
	h->failures = 0;
	h->pause_ms = 0;
}

void channel_failed(struct channel_health *h, int64_t now_ms)
{
	if (++h->failures < CHANNEL_FAILURES_MAX)
		return;
	h->pause_ms = h->pause_ms ? least(2 * h->pause_ms, CHANNEL_PAUSE_MAX_MS) : CHANNEL_PAUSE_MS;
	h->broken_ms = now_ms + h->pause_ms;
}

void channel_limited(struct channel_health *h, int64_t wait_ms, int64_t now_ms)
{
	channel_worked(h);
	h->limited_ms = now_ms + least(wait_ms, CHANNEL_WAIT_MAX_MS);
}
