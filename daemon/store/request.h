#pragma once
/*
 * store/request: one thing asked of the log, and queues of them.
 *
 * Owner: the engine, from engine_post() until its finish() has run on the owner's thread, after which it is freed by its
 * drop(). A queue has no lock of its own.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct db;
struct engine;
struct recent;
struct request;
struct writer;

/* What the reader thread works with. */
struct reader {
	struct db *db;
	struct engine *engine; /* to post what a question found out */
	struct recent *recent;
};

struct request_class {
	/* One of the two: on the writer's thread, inside a transaction that others share; it may run twice, if the first
	 * transaction failed as a whole, and starts from nothing each time. Or on the reader's, inside one of its own. */
	int (*write)(struct request *req, struct writer *w);
	int (*read)(struct request *req, struct reader *rd);
	void (*finish)(struct request *req); /* calls the callback with req->r */
	void (*drop)(struct request *req);
	bool grows;   /* a write that the log takes no more of while it is full */
	bool gathers; /* a write that waits a moment for others, to share a transaction with (engine.c); it never asks the
		       * ledger of authors, which lags behind it (store/author) */
	bool patient; /* a person's question: read after what the daemon itself waits for */
};

struct request {
	const struct request_class *class;
	struct request *next;
	size_t rows; /* about: how much of a group it takes */
	int r;
};

struct request_queue {
	struct request *head, **tail;
	size_t n;
};

static inline void request_queue_init(struct request_queue *q)
{
	*q = (struct request_queue){.tail = &q->head};
}

static inline void request_push(struct request_queue *q, struct request *req)
{
	req->next = NULL;
	*q->tail = req;
	q->tail = &req->next;
	q->n++;
}

static inline struct request *request_pop(struct request_queue *q)
{
	struct request *req = q->head;

	if (!req)
		return NULL;
	q->head = req->next;
	if (!q->head)
		q->tail = &q->head;
	q->n--;
	return req;
}
