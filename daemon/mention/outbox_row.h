#pragma once
/*
 * mention/outbox_row: a hit on its way to the Redis stream: read by store/, sent by queue/, which may not see each other.
 */
#include <stdint.h>

/* A stream id <ms>-<seq>, chosen by the log's writer inside the commit; it never goes back. */
struct stream_id {
	int64_t ms; /* wall */
	uint64_t seq;
};

static inline int stream_id_cmp(struct stream_id a, struct stream_id b)
{
	if (a.ms != b.ms)
		return a.ms < b.ms ? -1 : 1;
	return a.seq < b.seq ? -1 : a.seq > b.seq;
}

struct outbox_row {
	struct stream_id id;
	const char *mention; /* 32 hex: the mention's own id, by which a copy in the stream is known again */
	const char *json;    /* mention_json(): the entry's field "mention" */
	const char *topics, *rules, *tags; /* comma-joined, each name once; "" where there are none */
	const char *sentiment, *published; /* NULL: unknown */
};

/* An entry of the stream that is to go from it (store/erase): only if it is of this mention. */
struct outbox_erase {
	struct stream_id id;
	char mention[33]; /* 32 hex */
};
