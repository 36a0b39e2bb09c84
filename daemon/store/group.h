#pragma once
/*
 * store/group: the writer's transactions: group commit, and what is done behind.
 *
 * Runs on the writer's thread. Blocks on the disk.
 */
#include <stdbool.h>
#include <stddef.h>

#include "store/request.h"

struct writer;

/* Where the requests of a group come from. next() gives the one that is due, if it takes no more than so many rows. */
struct group_source {
	struct request *(*next)(void *arg, size_t rows);
	void *arg;
};

/* Works off what waits (there is at least one) in one transaction, as far as the bounds of a group go, each with a
 * failure of its own. They are in done then, with what became of them; those with 0 are on the disk. */
void group_write(struct writer *w, const struct group_source *from, struct request_queue *done);

/* One bounded step of search and retention; idle: nothing waits. True: more is to do. */
bool group_behind(struct writer *w, bool idle);
