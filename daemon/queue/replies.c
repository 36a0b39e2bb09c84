#include "queue/replies.h"

#include <hiredis/hiredis.h>

struct replies {
	struct redisReader *reader;
	struct redisReplyObjectFunctions functions;
	void *(*make_array)(const redisReadTask *task, int elements); /* hiredis' own */
	size_t pending;                                               /* bytes since the last whole reply */
	const char *why;
};

static void *create_array(const redisReadTask *task, int elements)
{
	struct replies *p = task->privdata;

	if (elements <= REPLIES_ELEMENTS_MAX)
		return p->make_array(task, elements);
	p->why = "an answer larger than any should be";
	return NULL;
}

struct replies *replies_new(void)
{
	struct replies *p = NEW(struct replies);

	p->reader = redisReaderCreate();
	if (!p->reader)
		memory_out();
	p->functions = *p->reader->fn;
	p->make_array = p->functions.createArray;
	p->functions.createArray = create_array;
	p->reader->fn = &p->functions;
	p->reader->privdata = p;
	return p;
}

struct replies *replies_free(struct replies *p)
{
	if (p) {
		redisReaderFree(p->reader);
		free(p);
	}
	return NULL;
}

bool replies_feed(struct replies *p, const char *bytes, size_t len)
{
	p->pending += len;
	if (!p->why && p->pending > REPLIES_MAX_BYTES)
		p->why = "an answer larger than any should be";
	if (!p->why && redisReaderFeed(p->reader, bytes, len) != REDIS_OK)
		p->why = "out of memory";
	return !p->why;
}

struct redisReply *replies_next(struct replies *p)
{
	void *reply = NULL;

	if (p->why)
		return NULL;
	if (redisReaderGetReply(p->reader, &reply) != REDIS_OK) {
		if (!p->why) /* else create_array() has said it already */
			p->why = "what answers there is no Redis";
		return NULL;
	}
	if (reply)
		p->pending = p->reader->len - p->reader->pos;
	return reply;
}

void replies_drop(struct redisReply *reply)
{
	freeReplyObject(reply);
}

const char *replies_why(const struct replies *p)
{
	return p->why;
}
