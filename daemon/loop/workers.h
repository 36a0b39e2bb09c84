#pragma once
/*
 * loop/workers: the threads behind loop_work_start(); see loop/loop.h for what run, done and drop promise.
 *
 * Owner:  the loop, which makes it when work first comes. Threads that run something when the loop goes are left to
 *         themselves: the last one frees what they share.
 */
#include "loop/loop.h"

struct workers;

int workers_new(struct loop *l, struct workers **ret) must_use;
struct workers *workers_free(struct workers *p); /* NULL is fine; returns NULL */
int workers_start(struct workers *p, const struct loop_work_ops *ops, void *arg, struct loop_work **ret) must_use;
