#pragma once
/*
 * queue/trim: up to where the stream may be trimmed, as a pure decision (DESIGN §5, FAULTS R6): never what a group has yet
 * to read or to acknowledge, and only what is older than queue.keep.
 *
 * No I/O, no clock; queue/upkeep asks Redis.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/outbox_row.h"

enum { TRIM_NAME_MAX_BYTES = 255, TRIM_GROUPS_MAX = 256 /* more of them: nothing is trimmed, and that is told */ };

struct trim_group {
	char name[TRIM_NAME_MAX_BYTES + 1];
	size_t name_len;
	struct stream_id delivered; /* the last that it was given; {0, 0}: it reads from the start and has not begun */
	bool pending;               /* some that it was given are not acknowledged */
	bool needs_any;
	struct stream_id needs; /* the oldest entry not acknowledged, else the first after the last given */
};

struct trim_verdict {
	bool trim;
	struct stream_id min; /* entries below it may go */
	size_t n_behind;      /* groups that hold entries older than keep: trim_behind() */
};

/* Entries below it are older than keep_ms. */
struct stream_id trim_keep_from(int64_t now_ms, int64_t keep_ms);
bool trim_behind(const struct trim_group *g, struct stream_id keep_from);
struct trim_verdict trim_decide(const struct trim_group *groups, size_t n, struct stream_id keep_from);

/* The smallest id above this one. */
struct stream_id trim_after(struct stream_id id);
