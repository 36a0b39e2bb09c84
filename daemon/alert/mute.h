#pragma once
/*
 * alert/mute: what somebody silenced: messages about a topic's crises, up to a severity, until an hour. They are held like those of quiet
 * hours (alert/escalation): whoever would have had them gets one message when it is over. Pure.
 *
 * What is critical is never held, unless that was asked for by name. Times are wall time, since that is how an end is said.
 * Bounds: below.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/config.h"
#include "base/clock.h"
#include "base/schema.h"

enum { MUTES_HELD_MAX = 200, MUTE_WHY_MAX_BYTES = 500 };
#define MUTE_MAX_MS      DAY_MS        /* unless it is meant to be longer; then … */
#define MUTE_LONG_MAX_MS (30 * DAY_MS) /* … so long at most */
#define MUTE_DEFAULT_MS  HOUR_MS       /* of one that said no end */

struct mute {
	int64_t id; /* the log's */
	char topic[SCHEMA_NAME_MAX + 1];
	enum severity severity; /* this one, and those below */
	bool critical;          /* what is critical, too */
	int64_t until_ms;
	char *who, *why; /* its owner's */
};

enum {
	MUTE_E_END = 1, /* no time, or one that is past */
	MUTE_E_LONG,    /* above MUTE_MAX_MS, and nobody said that it is meant */
	MUTE_E_LONGER,  /* above MUTE_LONG_MAX_MS */
};
int mute_check(int64_t for_ms, bool is_long) must_use;

/* Until when messages of this topic and severity are held; 0: they aren't. */
int64_t mutes_until(const struct mute *v, size_t n, const char *topic, enum severity severity, int64_t now_ms);
