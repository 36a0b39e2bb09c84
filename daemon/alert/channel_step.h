#pragma once
/*
 * alert/channel_step: whether a channel may be used now: the gap between two requests, what a receiver asked us to wait, and a
 * breaker: where CHANNEL_FAILURES_MAX tries in a row came to nothing, nobody waits for a further one until a pause is over, which
 * doubles each time. Pure. Times are steady.
 */
#include <stdbool.h>
#include <stdint.h>

enum { CHANNEL_FAILURES_MAX = 2 };
#define CHANNEL_PAUSE_MS     INT64_C(30000)
#define CHANNEL_PAUSE_MAX_MS INT64_C(600000)
#define CHANNEL_WAIT_MAX_MS  INT64_C(3600000) /* of what a receiver may ask for */

struct channel_health {
	unsigned failures;  /* in a row */
	int64_t pause_ms;   /* the breaker's last; 0: it never opened */
	int64_t broken_ms;  /* until then nothing is tried */
	int64_t limited_ms; /* … since the receiver said so */
	int64_t free_ms;    /* the gap is over */
};

enum channel_gate {
	CHANNEL_OPEN,
	CHANNEL_GAP,    /* wait_ms, then it may */
	CHANNEL_HELD,   /* the receiver said so, for wait_ms */
	CHANNEL_BROKEN, /* for wait_ms */
};
enum channel_gate channel_gate(const struct channel_health *h, int64_t now_ms, int64_t *ret_wait_ms);

void channel_left(struct channel_health *h, int64_t gap_ms, int64_t now_ms); /* a request goes */
void channel_worked(struct channel_health *h);                               /* it answers, whatever it says */
void channel_failed(struct channel_health *h, int64_t now_ms);               /* … or it does not */
void channel_limited(struct channel_health *h, int64_t wait_ms, int64_t now_ms);
