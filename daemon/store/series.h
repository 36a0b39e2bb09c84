#pragma once
/*
 * store/series: what was counted over time, what stats/topic learnt of it, and the hits that the windows of now hold.
 *
 * Owner, threads and answers are as store/store.h says. Bins are counted by the writer (store/bins); what was learnt is a blob of
 * whoever learns.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/outbox_row.h"
#include "mention/series.h"

struct arena;
struct mention;
struct store;

enum {
	STORE_SERIES_ROWS_MAX = 50000, /* of one answer */
	STORE_TOPICS_MAX = 1000,
	STORE_TOPIC_STATE_MAX_BYTES = 8 << 20,
};

struct store_series_ask {
	const char *topic; /* NULL: all series, in bins of five minutes */
	enum series_kind kind;
	const char *name; /* NULL: "" */
	int64_t from_ms, to_ms;
};
/* In the order of their bins' beginnings; more: the bound was met. Borrowed for the call. */
typedef void store_series_cb(void *arg, int r, const struct series_row *rows, size_t n, bool more);
void store_series(struct store *s, const struct store_series_ask *ask, store_series_cb *cb, void *arg); /* ask: copied */

struct topic_state {
	const char *topic;
	int64_t at_ms; /* up to this bin's end */
	const void *state;
	size_t len;
};
void store_topic_states_put(struct store *s, const struct topic_state *v, size_t n,
			    void (*cb)(void *arg, int r), void *arg); /* copied */
typedef void store_topic_states_cb(void *arg, int r, const struct topic_state *v, size_t n);
void store_topic_states(struct store *s, store_topic_states_cb *cb, void *arg);

/* Hits behind an entry of the stream, in its order; those of them that can't be read are left out. */
typedef void store_said_cb(void *arg, int r, const struct mention *const *v, size_t n, struct stream_id last);
void store_said(struct store *s, struct stream_id after, size_t limit, store_said_cb *cb, void *arg);
