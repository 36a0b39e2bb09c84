#pragma once
/*
 * mention/outbox_row: a hit, or what happened to an incident, on its way to its Redis stream: read by store/, sent by queue/, which
 * may not see each other.
 */
#include <stdbool.h>
#include <stdint.h>

enum outbox_stream { OUTBOX_HITS, OUTBOX_INCIDENTS, OUTBOX_STREAMS };

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

/* What an entry of the stream of incidents says beside its JSON. */
struct outbox_change {
	int64_t incident; /* its number */
	const char *severity, *state, *what;
	const char *by; /* a person, or "escuchad" */
	const char *at; /* RFC 3339 */
	bool drill;
};

struct outbox_row {
	struct stream_id id;
	const char *
		mention; /* 32 hex: the mention's own id, or the change's, by which a copy in the stream is known again */
	const char *json; /* the entry's field "mention", or "incident": begins with that id */
	const struct outbox_change
		*change; /* NULL: a hit. Else topics is the one topic, and nothing else stands below */
	const char *topics, *rules, *tags; /* comma-joined, each name once; "" where there are none */
	const char *sentiment, *published; /* NULL: unknown */
};

/* An entry of the stream that is to go from it (store/erase): only if it is of this mention, or change. */
struct outbox_erase {
	struct stream_id id;
	char mention[33]; /* 32 hex; of an incident's change its own id */
};
