#pragma once
/*
 * queue/queue_inside: what queue/queue is inside, for its parts: queue.c, what it does and tells; queue_redis.c, what Redis and
 * the Sentinels say; queue_log.c, what the log says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "queue/erase.h"
#include "queue/exchange.h"
#include "queue/outbox.h"
#include "queue/queue.h"
#include "queue/upkeep.h"
#include "queue/water.h"

struct behind;
struct loop_timer;
struct redis;
struct redis_address;
struct sentinel;

struct queue_token {
	LIST_ENTRY(queue_token) entry;
	struct queue *queue; /* NULL: it is gone */
};

struct queue {
	struct loop *loop;
	const struct queue_config *config;
	enum outbox_stream which;
	const struct queue_ops *ops;
	void *arg;

	struct outbox outbox;
	struct redis *redis;
	struct sentinel *sentinel; /* NULL: the address is the master's */
	struct loop_timer *watch;  /* of what they say while all is well */
	char *master;              /* its host, as they said last; NULL: nothing yet */
	uint16_t master_port;
	struct exchange exchange;
	struct buf out;       /* commands, as they are made: the room is used again */
	struct upkeep upkeep; /* in place of the exchange, while outbox.work is WORK_TRIM */
	struct erase erase;   /* likewise, while it is WORK_ERASE; then until the log has noted it */
	uint64_t erased;
	char erase_why[QUEUE_ERROR_MAX_BYTES + 1]; /* why nothing can be deleted, as it was logged; "": it can */
	struct behind *behind;
	uint64_t trimmed;
	char trim_why[QUEUE_ERROR_MAX_BYTES + 1]; /* why it can't be trimmed, as it was logged; "": it can */
	struct loop_timer *timer;
	struct loop_timer *look; /* at how many rows wait */
	bool looking, look_armed;
	struct water water;
	LIST_HEAD(, queue_token) tokens; /* what the log owes */

	char error[QUEUE_ERROR_MAX_BYTES + 1]; /* the last one; "": none */
	char told[QUEUE_ERROR_MAX_BYTES + 1];  /* as it was logged */
	int64_t since_ms;
	struct stream_id last_sent;
	uint64_t sent;
	size_t n_marking; /* rows that the log is marking as sent */
	struct stream_id marking;
};

const char *queue_stream(const struct queue *q);   /* its name */
void queue_note(struct queue *q, const char *why); /* the last fault: fit for a log, when it is told */
/* No action calls back from within. rows: those that the log has just read, else NULL. */
void queue_step_with(struct queue *q, struct outbox_event e, const struct outbox_row *rows);
void queue_step(struct queue *q, struct outbox_event e);

/* --- queue_redis.c --- */

extern const struct redis_ops queue_redis_ops;
void queue_watch_sentinels(struct queue *q);
void queue_ask_sentinels_anew(struct queue *q); /* the configuration is another */

/* --- queue_log.c --- */

struct queue_token *queue_token_new(struct queue *q);
void queue_look_soon(struct queue *q); /* at how many rows wait */
void queue_look(void *arg);            /* of its timer */
