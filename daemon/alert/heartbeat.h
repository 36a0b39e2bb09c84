#pragma once
/*
 * alert/heartbeat: whether a sign of life may go out. Who watches from outside (a dead man's switch) is alarmed once it stays away: so it has to
 * stay away whenever nobody would be told of a crisis. Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum { HEARTBEAT_NETWORKS_MAX = 20 };
#define HEARTBEAT_WAITS_MS (15 * MINUTE_MS) /* a hit that Redis has not taken for so long: the outbox stands still */
#define HEARTBEAT_MIN_MS   (30 * SECOND_MS)
#define HEARTBEAT_MAX_MS   DAY_MS

struct heartbeat_url {
	const char *text;
	bool secret; /* nothing that might hold it is shown */
};

struct heartbeat_config {
	struct heartbeat_url url;
	int64_t every_ms;
	const struct cidr *allow_private;
	size_t n_allow_private;
};

struct heartbeat_facts {
	bool serving;  /* rules are loaded, and it isn't ending */
	bool log_read; /* the log answered */
	bool log_full;
	bool canary;          /* it got stuck where nobody would be told (main/app_canary) */
	size_t sources, deaf; /* all; those of them that are not heard */
	int64_t oldest_ms; /* wall: the oldest hit that waits for Redis; TIME_NONE: none does, or there is no queue */
};
/* NULL: all is well. "starting", "log", "log_full", "deaf", "outbox", "canary": what is not, for the log. */
const char *heartbeat_held_by(const struct heartbeat_facts *f, int64_t wall_ms);
