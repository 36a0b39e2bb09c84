#pragma once
/*
 * queue/sentinel: where the master is by now, as the Sentinels say: each is asked in turn, for SENTINEL_ASK_MS at most, until
 * one knows (https://redis.io/docs/reference/sentinel-clients/). What they say may be old: whoever connects asks ROLE.
 *
 * Owner:  queue. on_master comes from the loop, once for each sentinel_ask() that was not stopped.
 * Blocks: never.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct loop;
struct queue_config;
struct redisReply;
struct redis_address;
struct sentinel;

enum {
	SENTINEL_ASK_MS = 300,
	SENTINEL_HOST_MAX_BYTES = 255,
	SENTINEL_AGAIN_MS = 1000 /* before they are all asked once more, where that led to no master */
};

/* host and port, borrowed for the call; NULL: none of them knows, and why says what the last one answered. */
typedef void sentinel_cb(void *arg, const struct redis_address *master, const char *why);

struct sentinel *sentinel_new(struct loop *l, sentinel_cb *on_master, void *arg) must_use;
struct sentinel *sentinel_free(struct sentinel *s); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct sentinel, sentinel_free)

/* config is borrowed until it ends or is stopped. The one that knew last is asked first; but not if `another`, since
 * what it said led nowhere. What is under way is stopped. */
void sentinel_ask(struct sentinel *s, const struct queue_config *config, bool another);
void sentinel_stop(struct sentinel *s); /* silent */

/* The master's address in an answer to "get-master-addr-by-name"; false: it isn't one. ret's host is `host`. */
bool sentinel_master(const struct redisReply *reply, char host[SENTINEL_HOST_MAX_BYTES + 1], struct redis_address *ret);
