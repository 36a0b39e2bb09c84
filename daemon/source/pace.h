#pragma once
/*
 * source/pace: how long a source waits after a poll. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

enum {
	PACE_QUIET_PART = 16,
	PACE_JITTER_PERMILLE = 100, /* waits are spread by a tenth, so that sources of one start don't stay one herd */
};
#define PACE_LASTING_MS (INT64_C(3600000))
#define PACE_LONGEST_MS (24 * INT64_C(3600000)) /* it never gives up, and asks at least once a day */

enum poll_end {
	POLL_END_OK,      /* read, or nothing new to read */
	POLL_END_FAILED,  /* unreachable, broken, not a feed */
	POLL_END_LIMITED, /* it asked for patience: 429, 503 with Retry-After */
	POLL_END_GONE,    /* 410: it will not be asked again */
};

/* What a feed asks of those who poll it; zeroed: nothing. */
struct pace_wish {
	uint32_t ttl_s;           /* <ttl>, sy:updatePeriod */
	uint32_t skip_hours : 24; /* bit h: hour h (UTC) is skipped */
	uint32_t skip_days : 8;   /* bit 0: Sunday */
};

struct pace_ask {
	int64_t every_ms, slowest_ms;
	int64_t now_ms; /* wall */
	enum poll_end end;
	uint32_t failures;      /* in a row, this one included */
	int64_t retry_after_ms; /* 0: not said */
	int64_t fresh_ms;       /* how long the answer calls itself fresh; 0: not said */
	int64_t quiet_ms;       /* since the source last showed something new; 0: unknown */
	struct pace_wish wish;
	int64_t longest_ms; /* after failures that don't last, if sooner than anybody's; 0: it isn't */
	bool lasting;       /* the failure is one that somebody has to mend: a certificate (FAULTS F3) */
	uint32_t random;    /* any number */
};

/* Milliseconds until the next poll.
 *
 * After a good one: every_ms, and up to slowest_ms longer where the source wants it (freshness, ttl, skipped hours and days)
 * or has been quiet: a source is asked again after a sixteenth of its silence, so that what ends it is never seen later than
 * that. A failure doubles the wait each time, from the second on; who asked for patience without saying how much gets it
 * from the first on, and one that lasts is no reason to ask within the hour. Retry-After is obeyed between every_ms and a day (FAULTS F11). */
int64_t pace_wait_ms(const struct pace_ask *ask);

/* The slowest pace of a source for which nobody named one: four times every_ms, but not over an hour; never below every_ms. */
int64_t pace_slowest_ms(int64_t every_ms);

/* When a source is due after a restart that was polled at polled_ms, with so many failures in a row, and had to wait until
 * next_ms: then, if its present pace or, after failures, anybody's patience can have meant that, else one every_ms after
 * that poll. If the clock was set back since, at most one every_ms from now (FAULTS T1). All wall times, not before now_ms;
 * polled_ms and next_ms may be TIME_NONE. */
int64_t pace_resume_ms(int64_t polled_ms, int64_t next_ms, uint32_t failures, int64_t now_ms, int64_t every_ms,
		       int64_t slowest_ms);
