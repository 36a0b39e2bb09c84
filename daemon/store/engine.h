#pragma once
/*
 * store/engine: the two threads of the log: requests wait for them, their answers for the owner.
 *
 * Owner:  store/store.
 * Blocks: engine_stop() until everything posted is done. Everything else holds its lock for a few instructions.
 */
#include "store/request.h"

struct engine;
struct writer;

struct engine *engine_new(struct writer *w, struct db *reader, void (*wake)(void *arg), void *arg) must_use;
int engine_start(struct engine *e) must_use;
void engine_post(struct engine *e, struct request *req);
void engine_dispatch(struct engine *e);
void engine_stop(
	struct engine *e); /* what is posted from now on is cancelled; all callbacks have run when it returns */
struct engine *engine_free(struct engine *e);
size_t engine_writes_waiting(struct engine *e);
