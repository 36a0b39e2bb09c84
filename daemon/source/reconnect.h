#pragma once
/*
 * source/reconnect: when a source that keeps a connection opens the next one. Pure.
 *
 *   one ends   it was good for something: again, after the platform's pause, and not beyond what an hour allows; else it is a failure, whose
 *              wait is source/pace's, up to RECONNECT_LONGEST_MS
 *   one opens  behind one that was good for nothing it is in doubt, and no good news, until it is good for something: or who opens and
 *              closes for ever would be well each time, asked again each time as if for the first, and never be told as deaf
 *
 * Times are steady milliseconds. Whoever told something, or lasted, was good for something (stream_served).
 * Bounds: RECONNECT_BURST connections at once and another each RECONNECT_EACH_MS: RECONNECT_HOUR_MAX in any hour, both ends included, whatever the other
 *         end does; what people ask for by hand comes on top, and counts.
 */
#include <stdbool.h>
#include <stdint.h>

enum {
	RECONNECT_BURST =
		120, /* cut again and again in mid-frame, it still goes on at the platform's pace for so many */
	RECONNECT_EACH_MS = 30 * 1000,
	RECONNECT_HOUR_MAX = RECONNECT_BURST + 3600 * 1000 / RECONNECT_EACH_MS,
};
#define RECONNECT_LONGEST_MS                                                                                           \
	INT64_C(900000) /* between two tries: who listens live is not deaf for a day behind a night's outage */

struct reconnect {        /* zeroed: none was opened yet */
	int64_t spent_ms; /* until then what was opened weighs: RECONNECT_EACH_MS each */
	bool doubtful;
};

void reconnect_opens(struct reconnect *r, int64_t now_ms);
void reconnect_proved(struct reconnect *r);  /* it is good for something */
void reconnect_useless(struct reconnect *r); /* it was good for nothing, or said that something is wrong */

/* A long poll is such a connection, too: one that is answered with nothing, over and over, at once, would be asked without end. What brings
 * something counts for nothing; who holds it for RECONNECT_EACH_MS is never made to wait. Returns how long until the next, at least. */
int64_t reconnect_empty_ms(struct reconnect *r, uint32_t random, int64_t now_ms);

/* How long before another may be opened, if nothing else speaks against it. random is any number. */
int64_t reconnect_room_ms(const struct reconnect *r, uint32_t random, int64_t now_ms);

enum reconnect_do { RECONNECT_AGAIN, RECONNECT_FAILED };
/* A connection has ended. opened: it had begun. *ret_wait_ms: before the next one, at least; pause_ms is the platform's. */
enum reconnect_do reconnect_step(struct reconnect *r, bool opened, bool served, int64_t pause_ms, uint32_t random,
				 int64_t now_ms, int64_t *ret_wait_ms);
