#pragma once
/*
 * pool/plan_jobs: the jobs that wait: first in, first out within a priority.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan_job {
	uint64_t number;
	unsigned priority, strikes;
	int64_t time_ms;
	bool fresh;     /* for a reader that has had no other */
	bool cancelled; /* while a reader has it */
	struct plan_job *prev, *next;
};

struct plan_queue {
	struct plan_job *first, *last;
	size_t n;
};

void plan_queue_push(struct plan_queue *q, struct plan_job *job); /* at the end */
void plan_queue_push_front(struct plan_queue *q,
			   struct plan_job *job);      /* it lost its turn through no fault of its own */
struct plan_job *plan_queue_pop(struct plan_queue *q); /* NULL: empty */
struct plan_job *plan_queue_take(struct plan_queue *q, uint64_t number); /* NULL: not there */
