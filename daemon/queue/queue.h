#pragma once
/*
 * queue/queue: hits, or what happened to incidents, on their way from the log to their Redis stream, in groups, each taken whole or not at all, one in flight.
 *
 * What it may do next is decided by queue/outbox (a pure step); here it is done. Redis away, refusing or hanging costs
 * nothing but time: rows stay in the log until the stream has them, and the connection is sought again for ever.
 *
 * Owner:  main. The configuration is borrowed until queue_configure() or queue_free().
 * Blocks: never; names are resolved by the loop's threads.
 * What it needs of the log comes by callbacks (struct queue_ops), since the log stands in a room of its own.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "mention/outbox_row.h"

struct loop;
struct queue;
struct queue_config;
struct queue_token; /* a question to the log, until it is answered; it outlives the queue, if need be */

/* What main gives. Each is answered by the function named: once, never from within. r < 0: the log could not; it is asked
 * again after a while. What is handed in is borrowed for the call, both ways. */
struct queue_ops {
	/* → queue_read_done(): of the rows behind `after` the oldest that were not sent, at most max, ids ascending */
	void (*read)(void *arg, struct stream_id after, size_t max, struct queue_token *token);
	/* → queue_sent_done(): the stream has these rows */
	void (*sent)(void *arg, const struct stream_id *ids, size_t n, struct queue_token *token);
	/* → queue_new_id_done(): the row gets a new id, larger than all of ours and, where that can be, than `above` */
	void (*new_id)(void *arg, struct stream_id old, struct stream_id above, struct queue_token *token);
	/* → queue_rewind_done(): rows behind `to` that were sent are to be sent again, but for those before not_before_ms */
	void (*rewind)(void *arg, struct stream_id to, int64_t not_before_ms, struct queue_token *token);
	/* → queue_erase_read_done(): of the entries behind `after` that are to go from the stream the first, at most max, ids
	 * ascending; late: those that have gone of late as well */
	void (*erase_read)(void *arg, struct stream_id after, bool late, size_t max, struct queue_token *token);
	/* → queue_erased_done(): the stream has these no more */
	void (*erased)(void *arg, const struct outbox_erase *rows, size_t n, struct queue_token *token);
	/* → queue_pending_done(): how many rows were not sent */
	void (*pending)(void *arg, struct queue_token *token);
};
void queue_read_done(struct queue_token *t, int r, const struct outbox_row *rows, size_t n);
void queue_sent_done(struct queue_token *t, int r);
void queue_new_id_done(struct queue_token *t, int r,
		       struct stream_id id); /* r -ENOENT: there is no such row any more */
void queue_erase_read_done(struct queue_token *t, int r, const struct outbox_erase *rows, size_t n);
void queue_erased_done(struct queue_token *t, int r);
void queue_pending_done(struct queue_token *t, int r, int64_t rows);
void queue_rewind_done(struct queue_token *t, int r, size_t set_back, size_t left_before);

/* Connects at once, and sends what the log has for that stream. Each stream has a queue, and a connection, of its own. */
struct queue *queue_new(struct loop *l, const struct queue_config *config, enum outbox_stream which,
			const struct queue_ops *ops, void *arg) must_use;
struct queue *
queue_free(struct queue *q); /* NULL is fine; returns NULL. Answers still owed are awaited, and go nowhere */
DEFINE_CLEANUP(struct queue, queue_free)

/* The same server and stream (queue_config_same()), said anew: limits and password may differ. */
void queue_configure(struct queue *q, const struct queue_config *config);
void queue_poke(struct queue *q);       /* rows were committed */
void queue_erase(struct queue *q);      /* entries are to go: the log has them */
bool queue_idle(const struct queue *q); /* the stream has every row that the log knows, and nothing is under way */

enum { QUEUE_WATCH_MS = 2000 /* from one question to the Sentinels, whether the master is the same, to the next */ };
enum { QUEUE_LOOK_MS = 5000 /* from one look at how many rows wait to the next, while any do */ };
enum { QUEUE_ERROR_MAX_BYTES = 200, QUEUE_BEHIND_SHOWN_MAX = 20, QUEUE_BEHIND_AGAIN_MS = 24 * 60 * 60 * 1000 };
/* A group of readers that has not read or acknowledged what is older than queue.keep, which therefore stays. */
struct queue_behind {
	const char *group; /* plain ASCII */
	int64_t oldest_ms; /* wall: when that entry came */
};

struct queue_status {
	bool connected;             /* and the stream takes what is sent */
	const char *error;          /* why not: short, plain ASCII, valid until the queue is called next; NULL: none */
	int64_t since_ms;           /* wall: since when it is connected, or is not */
	struct stream_id last_sent; /* {0, 0}: none since the start */
	uint64_t sent;              /* rows, since the start */
	uint64_t trimmed;           /* entries, since the start */
	uint64_t erased;            /* entries of who is forgotten, since the start */
	bool high_water; /* as many rows wait as queue.high_water says, and have not sunk to half of it since */
	size_t n_behind; /* groups; the first few of them: */
	struct queue_behind behind[QUEUE_BEHIND_SHOWN_MAX];
};
void queue_status(const struct queue *q, struct queue_status *ret);
