#pragma once
/*
 * alert/notice_step: what becomes of one notice: when it is tried, by whom and how, until somebody has it or it is given up.
 * Pure: (state, event, now) → (state, action).
 *
 * A route is one channel of one person; routes are tried in their order. On each, a try that failed for now is made again
 * after a while (NOTICE_TRIES_HERE; not before the receiver said, and then by the next route, where there is one), one that was
 * refused for good is not; then comes the next route, and behind the last
 * one the first again, after a pause that doubles. After NOTICE_ROUNDS_MAX rounds, three days at the usual pace, it is given
 * up, and that is told. A round that other routes have brought forward does not count: who mends a channel by one reload after
 * another loses nothing.
 *
 * A try is kept (NOTICE_TRY, committed) before anything leaves. Where nobody knows whether a try arrived, because the
 * process died or the connection broke behind the message, it is made again, and says so (maybe).
 *
 * Times are steady.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/notice_row.h"

enum {
	NOTICE_TRIES_HERE = 2,
	NOTICE_ROUNDS_MAX = 24,
	NOTICE_ROUND_RETRIES = 15, /* the first pause between rounds, in retries: 5 min at 20 s */
};
#define NOTICE_ROUND_MAX_MS (4 * INT64_C(3600000)) /* the longest pause between rounds */

struct notice_pace {
	int64_t retry_ms; /* from a failed try to the next on the same route */
};

struct notice {
	enum notice_state state;
	uint32_t tries, tries_here, rounds;
	size_t route;
	bool maybe;
	int64_t due_ms; /* NOTICE_NEW: when it is tried next */
};

enum notice_event_kind {
	NOTICE_EV_FOUND,  /* a start found it in the log */
	NOTICE_EV_DUE,    /* its time may have come */
	NOTICE_EV_UNKEPT, /* the log did not take the try: nothing has left */
	NOTICE_EV_TAKEN,  /* the channel has it */
	NOTICE_EV_LATER,  /* not now: no connection, or the server said so */
	NOTICE_EV_NEVER,  /* this address or channel will not take it */
	NOTICE_EV_ROUTES, /* there are other routes than before */
};
struct notice_event {
	enum notice_event_kind kind;
	size_t n_routes; /* that there are now */
	bool maybe;      /* LATER, NEVER: the message may have arrived all the same */
	int64_t wait_ms; /* LATER: of no use before; 0: not known */
};

enum notice_action {
	NOTICE_NOTHING,
	NOTICE_WAIT, /* until due_ms; to be kept */
	NOTICE_TRY,  /* by route: to be kept first, then sent */
	NOTICE_END,  /* state says how; to be kept */
};
enum notice_action notice_step(struct notice *n, const struct notice_event *e, const struct notice_pace *pace,
			       int64_t now_ms);
