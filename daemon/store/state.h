#pragma once
/*
 * store/state: what store/store is inside, for the files that make its requests.
 */
#include "store/engine.h"
#include "store/store.h"
#include "store/writer.h"

struct store {
	int lock_fd;
	char *db_path;
	bool recreated; /* by this start */
	bool suspect;   /* store_suspect() */
	bool full_told;
	void (*on_full)(void *arg, bool full);
	void *on_full_arg;
	struct writer writer; /* the writing thread's, once the engine runs */
	struct db *reader;    /* the reading thread's */
	struct engine *engine;
};

#define REQUEST_OF(req, type) ((type *)(void *)(req)) /* its first member is the request */
