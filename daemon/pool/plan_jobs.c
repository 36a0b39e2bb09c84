#include "pool/plan_jobs.h"

/* Between prev and next, of which either may be NULL. */
static void link_in(struct plan_queue *q, struct plan_job *job, struct plan_job *prev, struct plan_job *next)
{
	job->prev = prev;
	job->next = next;
	*(prev ? &prev->next : &q->first) = job;
	*(next ? &next->prev : &q->last) = job;
	q->n++;
}

static struct plan_job *link_out(struct plan_queue *q, struct plan_job *job)
{
	*(job->prev ? &job->prev->next : &q->first) = job->next;
	*(job->next ? &job->next->prev : &q->last) = job->prev;
	job->prev = job->next = NULL;
	q->n--;
	return job;
}

void plan_queue_push(struct plan_queue *q, struct plan_job *job)
{
	link_in(q, job, q->last, NULL);
}

void plan_queue_push_front(struct plan_queue *q, struct plan_job *job)
{
	link_in(q, job, NULL, q->first);
}

struct plan_job *plan_queue_pop(struct plan_queue *q)
{
	return q->first ? link_out(q, q->first) : NULL;
}

struct plan_job *plan_queue_take(struct plan_queue *q, uint64_t number)
{
	struct plan_job *job;

	for (job = q->first; job; job = job->next)
		if (job->number == number)
			return link_out(q, job);
	return NULL;
}
