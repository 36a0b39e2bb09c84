#pragma once
/*
 * queue/redis: one connection to Redis: addresses tried in turn, bytes out, replies in. It ends at the first thing that goes
 * wrong, says why, and can be opened again.
 *
 * The protocol is read by hiredis; the socket is our own. hiredis' async connection looks names up on the loop, and ends the
 * process on a reply that nothing was asked for: an assert, for which "+OK" from a mail server at that port is enough.
 *
 * Owner:  queue. Callbacks come from the loop, never from within a call here; in them everything but redis_free() may be
 *         called. None comes after redis_close().
 * Blocks: never. Deadlines are the caller's: it closes.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct buf;
struct loop;
struct redis;
struct redis_address;
struct redisReply;

enum {
	REDIS_KEEPALIVE_S = 15,                  /* of silence, before the kernel asks whether the other end is there */
	REDIS_OUT_MAX_BYTES = 136 * 1024 * 1024, /* waiting to be sent: one group, see queue/exchange.h */
	REDIS_OUT_KEPT_BYTES = 512 * 1024,       /* of room, for the next */
};

struct redis_ops {
	void (*on_up)(void *arg);
	void (*on_reply)(void *arg, const struct redisReply *reply); /* one for each command, in order */
	void (*on_down)(void *arg, const char *why);                 /* it could not be made, or ended */
};

struct redis *redis_new(struct loop *l, const struct redis_ops *ops, void *arg) must_use;
struct redis *redis_free(struct redis *r); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct redis, redis_free)

/* address is borrowed for the call. Not while open. A name whose last lookup still runs waits for that one. */
void redis_open(struct redis *r, const struct redis_address *address);
/* commands: empty afterwards, with room in it. Not up: they go nowhere. */
void redis_send(struct redis *r, struct buf *commands, size_t n_commands);
void redis_close(struct redis *r); /* silent; fine if it isn't open */
