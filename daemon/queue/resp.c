#include "queue/resp.h"

#include <hiredis/hiredis.h>
#include <string.h>

bool resp_is_error(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR;
}

bool resp_is_text(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS;
}

bool resp_is(const struct redisReply *reply, const char *text)
{
	return resp_is_text(reply) && reply->len == strlen(text) && memcmp(reply->str, text, reply->len) == 0;
}

static bool digits(const char **at, const char *end, uint64_t max, uint64_t *ret)
{
	const char *from = *at;
	uint64_t v = 0;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		uint64_t digit = (uint64_t)(**at - '0');

		if (v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return *at > from;
}

bool resp_id(const struct redisReply *reply, struct stream_id *ret)
{
	const char *at, *end;
	uint64_t ms, seq;

	if (!resp_is_text(reply))
		return false;
	at = reply->str;
	end = at + reply->len;
	if (!digits(&at, end, UINT64_MAX, &ms) || at == end || *at++ != '-' || !digits(&at, end, UINT64_MAX, &seq) ||
	    at != end)
		return false;
	ret->ms = ms > INT64_MAX ? INT64_MAX : (int64_t)ms; /* a stranger's: beyond all of ours in any case */
	ret->seq = seq;
	return true;
}

const struct redisReply *resp_field(const struct redisReply *reply, const char *name)
{
	size_t i;

	for (i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2) {
		if (resp_is(reply->element[i], name))
			return reply->element[i + 1];
	}
	return NULL;
}
