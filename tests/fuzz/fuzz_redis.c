/* Whatever answers where Redis should: replies are read within bounds, an exchange ends after as many of them as it asked
 * for, and what it then says can be acted upon. The first byte chooses what was asked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/secret.h"
#include "queue/config.h"
#include "queue/exchange.h"
#include "queue/replies.h"
#include "queue/sentinel.h"
#include "queue/upkeep.h"

enum { ROWS = 3, ARENA_BYTES = 4096, UPKEEP_BYTES = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct exchange *x, uint8_t what, struct arena *a, struct buf *out)
{
	const struct queue_config config = {
		.stream = "s",
		.user = what & 1 ? "u" : NULL,
		.password = what & 1 ? secret_make("p", a) : NULL,
		.redis.database = what & 2,
		.redis.master = what & 32 ? "m" : NULL,
	};
	const struct stream_id ids[ROWS] = {{5, 0}, {5, 1}, {6, 0}};
	struct outbox_row rows[ROWS];
	size_t i;

	for (i = 0; i < ROWS; i++)
		rows[i] = (struct outbox_row){.id = ids[i],
					      .mention = "00000000000000000000000000000000",
					      .json = "{}",
					      .topics = "",
					      .rules = "",
					      .tags = ""};
	if (what & 12)
		exchange_group(x, "s", rows, ROWS, out);
	if (what & 8)
		exchange_check(x, "s", ids, ROWS, out);
	if (!(what & 12))
		exchange_greet(x, &config, config.stream, out);
}

static void judge(const struct exchange *x, enum exchange_kind kind)
{
	size_t i, len = strlen(x->why);

	if (len > EXCHANGE_WHY_MAX || (x->fault != FAULT_NONE && x->n_replies != x->n_commands) || x->top.ms < 0)
		abort();
	for (i = 0; i < len; i++) {
		if (x->why[i] < ' ' || x->why[i] > '~')
			abort();
	}
	for (i = 0; kind != EXCHANGE_GREETING && i < x->n; i++) {
		bool known = kind == EXCHANGE_GROUP ? x->fates[i] != OUTBOX_FOREIGN
						    : x->fates[i] == OUTBOX_TAKEN_IN || x->fates[i] == OUTBOX_FOREIGN;

		if (!x->fault && !known)
			abort();
	}
}

/* Rounds follow one another as long as the bytes last. */
static void trim(const uint8_t *data, size_t size)
{
	static struct upkeep u;
	cleanup(replies_freep) struct replies *replies = replies_new();
	cleanup(buf_done) struct buf out = BUF_INIT(UPKEEP_BYTES);
	struct redisReply *reply;

	upkeep_begin(&u, "s", (struct stream_id){.ms = 1000});
	if (!upkeep_next(&u, &out) || !replies_feed(replies, (const char *)data, size))
		abort();
	while (!upkeep_ended(&u) && (reply = replies_next(replies))) {
		bool round = upkeep_reply(&u, reply);

		replies_drop(reply);
		buf_reset(&out);
		if (round && !upkeep_ended(&u) && !upkeep_next(&u, &out))
			abort(); /* it waits for nothing */
	}
	if (u.n_groups > TRIM_GROUPS_MAX || (u.fault && !upkeep_ended(&u) && u.n_replies >= u.n_commands) ||
	    (u.verdict.trim && stream_id_cmp(u.verdict.min, u.keep_from) > 0))
		abort();
}

/* What a Sentinel says of its master: a name and a port, or nothing. */
static void where(const uint8_t *data, size_t size)
{
	cleanup(replies_freep) struct replies *replies = replies_new();
	char host[SENTINEL_HOST_MAX_BYTES + 1];
	struct redis_address master = {.host = NULL};
	struct redisReply *reply;

	if (!replies_feed(replies, (const char *)data, size))
		abort();
	while ((reply = replies_next(replies))) {
		if (sentinel_master(reply, host, &master) && (!*host || master.host != host || !master.port))
			abort();
		replies_drop(reply);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct exchange x;
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	cleanup(buf_done) struct buf out = BUF_INIT(ARENA_BYTES);
	cleanup(replies_freep) struct replies *replies = replies_new();
	struct redisReply *reply;
	enum exchange_kind kind;
	size_t at = 1, n, got = 0;
	bool ended = false;

	if (!size)
		return 0;
	if (data[0] & 64) {
		where(data + 1, size - 1);
		return 0;
	}
	if (data[0] & 16) {
		trim(data + 1, size - 1);
		return 0;
	}
	memset(&x, 0, sizeof(x));
	ask(&x, data[0], a, &out);
	kind = x.kind;
	for (; at < size && !ended; at += n) {
		n = size - at < 7 ? size - at : 7; /* in pieces, as a network may bring it */
		if (!replies_feed(replies, (const char *)data + at, n))
			break;
		while (!ended && (reply = replies_next(replies))) {
			got++;
			ended = exchange_reply(&x, reply);
			replies_drop(reply);
		}
		if (replies_why(replies))
			break;
	}
	if (ended != (got == x.n_commands))
		abort();
	if (ended)
		judge(&x, kind);
	return 0;
}
