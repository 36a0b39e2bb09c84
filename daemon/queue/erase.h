#pragma once
/*
 * queue/erase: entries that are to go from the stream, in two rounds: whose they are, then XDEL of those that are what they were
 * thought to be. What stands at such an id by now may be another's (a restored log, a foreign writer): that stays.
 * No I/O: commands go into a buffer, replies come in one by one, as in queue/upkeep.
 *
 * Groups that were given such an entry find it in their pending list with no fields, and acknowledge it as any other.
 *
 * Owner: the caller, by value. Answers are foreign bytes: what makes no sense ends it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/exchange.h"
#include "queue/fault.h"

struct buf;
struct redisReply;

struct erase {
	enum erase_round { ERASE_LOOK, ERASE_DELETE, ERASE_END } round;
	const char *stream; /* borrowed */
	size_t n;           /* at most OUTBOX_GROUP_MAX */
	struct outbox_erase rows[OUTBOX_GROUP_MAX];
	bool ours[OUTBOX_GROUP_MAX];
	size_t n_ours, n_commands, n_replies;

	/* What came of it. */
	int64_t deleted;
	enum fault fault;
	char why[EXCHANGE_WHY_MAX + 1];
};

/* rows: copied, the first OUTBOX_GROUP_MAX. */
void erase_begin(struct erase *e, const char *stream, const struct outbox_erase *rows, size_t n);
/* The round's commands, and how many; 0: it has ended. */
size_t erase_next(struct erase *e, struct buf *out);
bool erase_reply(struct erase *e, const struct redisReply *reply); /* true: the last of the round */
/* Known by the last reply of a round: erase_next() needs not be called. */
bool erase_ended(const struct erase *e);
