#pragma once
/*
 * queue/upkeep: the stream's trimming, in rounds of questions: its groups, what each of them needs, the trimming itself.
 * No I/O: commands go into a buffer, replies come in one by one, as in queue/exchange. It never trims by length.
 *
 * Between the rounds groups may read on, which makes the verdict more careful than need be. A group that is made in that
 * moment, at entries older than keep, could as well have come a moment later.
 *
 * Owner: the caller, by value; large (TRIM_GROUPS_MAX names). Answers are foreign bytes: what makes no sense ends it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "queue/exchange.h"
#include "queue/fault.h"
#include "queue/trim.h"

struct buf;
struct redisReply;

/* Of one XTRIM: some milliseconds of Redis's time. Below the largest node that a stream may have, it would never get on. */
enum { UPKEEP_TRIM_MAX = 10000 };

struct upkeep {
	enum upkeep_round { UPKEEP_GROUPS, UPKEEP_NEEDS, UPKEEP_TRIM, UPKEEP_END } round;
	const char *stream; /* borrowed */
	struct stream_id keep_from;
	struct trim_group groups[TRIM_GROUPS_MAX];
	size_t n_groups;
	size_t asked[TRIM_GROUPS_MAX]; /* the groups that the present round is about */
	size_t n_commands, n_replies;

	/* What came of it. */
	struct trim_verdict verdict;
	int64_t trimmed;
	enum fault fault;
	char why[EXCHANGE_WHY_MAX + 1];
};

void upkeep_begin(struct upkeep *u, const char *stream, struct stream_id keep_from);
/* The round's commands, and how many; 0: it has ended. */
size_t upkeep_next(struct upkeep *u, struct buf *out);
bool upkeep_reply(struct upkeep *u, const struct redisReply *reply); /* true: the last of the round */
/* Known by the last reply of a round: upkeep_next() needs not be called. */
bool upkeep_ended(const struct upkeep *u);
bool upkeep_more(const struct upkeep *u); /* ended, and there may be more to trim */
