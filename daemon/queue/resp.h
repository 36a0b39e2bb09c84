#pragma once
/*
 * queue/resp: what stands in a reply of Redis. Replies are bytes with a length, never C strings. Never blocks, no state.
 */
#include <stdbool.h>
#include <stddef.h>

#include "mention/outbox_row.h"

struct redisReply;

bool resp_is_error(const struct redisReply *reply);
bool resp_is_text(const struct redisReply *reply); /* a string or a status */
bool resp_is(const struct redisReply *reply, const char *text);
bool resp_id(const struct redisReply *reply,
	     struct stream_id *ret); /* <ms>-<seq>; what passes our ids is cut to them */

/* The value behind a name, in an array of names and values in turn; NULL: there is none. */
const struct redisReply *resp_field(const struct redisReply *reply, const char *name);
