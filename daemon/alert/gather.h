#pragma once
/*
 * alert/gather: when what operators are told leaves: not piece by piece, and not without end. Pure.
 *
 * What comes within gather_ms of the first piece goes with it: ten sources that fall silent together are one message. The
 * first GATHER_FIRST messages wait for nothing else; further ones are pause_ms apart, on the average, and whatever comes
 * meanwhile waits for the next. An hour of rest earns one of the first ones back.
 */
#include <stdint.h>

enum { GATHER_FIRST = 3 };

struct gather {
	int64_t paid_until_ms; /* steady: each message costs a pause; so far is paid for */
};

/* When news that first came at first_ms go. */
int64_t gather_due(const struct gather *g, int64_t first_ms, int64_t gather_ms, int64_t pause_ms);
void gather_left(struct gather *g, int64_t now_ms,
		 int64_t pause_ms); /* a message left, or was about to before a restart */
