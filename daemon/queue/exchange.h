#pragma once
/*
 * queue/exchange: what is asked of Redis in one go, and what its answers mean: the greeting, a group of rows, a look at
 * rows that were refused. No I/O: commands go into a buffer, replies come in one by one.
 *
 * Answers are foreign bytes: whatever comes, the exchange ends after as many replies as commands, and what makes no sense
 * is a fault.
 *
 * Owner: the caller, by value.
 */
#include <stdbool.h>
#include <stddef.h>

#include "mention/mention.h"
#include "mention/outbox_row.h"
#include "queue/outbox.h"

struct buf;
struct queue_config;
struct redisReply;

enum {
	EXCHANGE_GROUP_BYTES = 1024 * 1024,     /* of a group: further rows wait, but one always goes */
	EXCHANGE_MAX_BYTES = 128 * 1024 * 1024, /* of that one */
	EXCHANGE_WHY_MAX = 200,
};

enum exchange_kind { EXCHANGE_NONE, EXCHANGE_GREETING, EXCHANGE_GROUP, EXCHANGE_CHECK };

struct exchange {
	enum exchange_kind kind;
	size_t n_commands, n_replies;
	size_t role; /* which of the commands is ROLE, from 1; 0: none */

	size_t n; /* rows: of the group, or asked about */
	struct stream_id ids[OUTBOX_GROUP_MAX];
	size_t at[OUTBOX_GROUP_MAX];                               /* where in the group those asked about stand */
	char mentions[OUTBOX_GROUP_MAX][2 * MENTION_ID_BYTES + 1]; /* of the group; kept for the look at the refused */
	size_t n_group;

	/* What came of it. */
	enum outbox_fate fates[OUTBOX_GROUP_MAX];
	enum fault fault;
	char why[EXCHANGE_WHY_MAX + 1]; /* of fault: plain ASCII */
	struct stream_id top;           /* the stream's last id; {0, 0}: there is no stream */
};

/* AUTH and SELECT where they are needed, ROLE of a master that Sentinels have named, and the stream's last id. */
void exchange_greet(struct exchange *x, const struct queue_config *config, const char *stream, struct buf *out);

/* How many of these rows make a group, and its bytes, about. */
size_t exchange_fit(const struct outbox_row *rows, size_t n, size_t *ret_bytes);

/* MULTI, an XADD for each, EXEC. */
void exchange_group(struct exchange *x, const char *stream, const struct outbox_row *rows, size_t n, struct buf *out);

/* Whose ids, of the present group, are these in the stream? ids ascend. */
void exchange_check(struct exchange *x, const char *stream, const struct stream_id *ids, size_t n, struct buf *out);

/* True: that was the last, and fault, fates and top stand. */
bool exchange_reply(struct exchange *x, const struct redisReply *reply);

/* Text from outside, fit for a log and a terminal: at most EXCHANGE_WHY_MAX of it, plain ASCII. */
void exchange_why(char out[EXCHANGE_WHY_MAX + 1], const char *text, size_t len);

/* Is this entry, of an answer to XRANGE, of the mention (or the change of an incident) with that id? */
bool exchange_holds(const struct redisReply *entry, const char *mention);
