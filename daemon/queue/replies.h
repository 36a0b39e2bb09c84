#pragma once
/*
 * queue/replies: bytes from Redis to replies: hiredis' parser, within bounds of our own.
 *
 * Owner:  whoever called replies_new(). Never blocks.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct redisReply;
struct replies;

enum {
	REPLIES_MAX_BYTES = 128 * 1024 * 1024, /* of one reply */
	REPLIES_ELEMENTS_MAX =
		64 * 1024, /* of one array in it, announced or come: hiredis allocates what is announced */
};

struct replies *replies_new(void) must_use;
struct replies *replies_free(struct replies *p); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct replies, replies_free)

/* What was read. False: it can be no Redis that speaks (replies_why() says why); nothing more comes of it. */
bool replies_feed(struct replies *p, const char *bytes, size_t len);
/* The next whole reply, to be freed with replies_drop(); NULL: none yet, or none any more. */
struct redisReply *replies_next(struct replies *p);
void replies_drop(struct redisReply *reply);
const char *replies_why(const struct replies *p); /* what was wrong; NULL: nothing so far */
