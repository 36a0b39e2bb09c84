#pragma once
/*
 * store/engine: the two threads of the log and the requests that they work off.
 *
 * Owner:  store/store. A request belongs to the engine from engine_post() until its finish() has run on the owner's
 *         thread, after which it is freed by its drop().
 * Blocks: engine_stop() until everything posted is done.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct engine;
struct request;
struct writer;

/* What the reader thread works with. */
struct reader {
	struct db *db;
	struct engine *engine; /* to post what a question found out */
};

struct request_class {
	/* One of the two: on the writer's thread, inside a transaction that others share; it may run twice, if the first
	 * transaction failed as a whole, and starts from nothing each time. Or on the reader's, inside one of its own. */
	int (*write)(struct request *req, struct writer *w);
	int (*read)(struct request *req, struct reader *rd);
	void (*finish)(struct request *req); /* calls the callback with req->r */
	void (*drop)(struct request *req);
};

struct request {
	const struct request_class *class;
	struct request *next;
	size_t rows; /* about: how much of a group it takes */
	int r;
};

struct engine *engine_new(struct writer *w, struct db *reader, void (*wake)(void *arg), void *arg) must_use;
int engine_start(struct engine *e) must_use;
void engine_post(struct engine *e, struct request *req);
void engine_dispatch(struct engine *e);
void engine_stop(
	struct engine *e); /* what is posted from now on is cancelled; all callbacks have run when it returns */
struct engine *engine_free(struct engine *e);
size_t engine_writes_waiting(struct engine *e);
