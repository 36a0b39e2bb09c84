#pragma once
/*
 * mention/again: hits whose counts are read again some time after they came (a source's "recheck"): asked for by source/, found by
 * store/, which may not see each other.
 *
 * Each step of a source ("1h") has a mark: hits of that source which entered the stream behind it, and so long ago, are due.
 */
#include <stddef.h>
#include <stdint.h>

#include "mention/outbox_row.h"

struct mention;

enum {
	AGAIN_STEPS_MAX = 8,      /* of one source */
	AGAIN_MENTIONS_MAX = 500, /* of one answer, whatever was asked for */
};

struct again_step {
	int64_t age_ms;
	struct stream_id mark; /* what entered up to here was looked at */
};

struct again_ask {
	const char *source;
	int64_t now_ms;
	struct again_step steps[AGAIN_STEPS_MAX];
	size_t n_steps;
	size_t limit;
};

/* Each mention once, those of a first poll left out. marks: for each step where it stands once these were looked at. */
struct again_due {
	struct mention *v;
	size_t n;
	struct stream_id marks[AGAIN_STEPS_MAX];
};
