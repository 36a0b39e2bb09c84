#pragma once
/*
 * loop/workers: threads for work that blocks, those behind loop_work_start() among them; see loop/loop.h for what run, done
 * and drop promise.
 *
 * Owner:  whoever made it; freed before the loop, or by it. Threads that run something when the loop goes are left to
 *         themselves: the last one frees what they share.
 */
#include "loop/loop.h"

struct workers;

int workers_new(struct loop *l, unsigned threads,
		struct workers **ret) must_use;  /* threads: at most, begun as needed */
struct workers *workers_free(struct workers *p); /* NULL is fine; returns NULL */
int workers_start(struct workers *p, const struct loop_work_ops *ops, void *arg, struct loop_work **ret) must_use;
