#include "pool/plan_state.h"

static struct reader *reader_of(struct plan *p, uint64_t id)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state != READER_NONE && p->readers[i].id == id)
			return &p->readers[i];
	return NULL;
}

static struct reader *reader_slot(const struct plan *p)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state == READER_NONE)
			return (struct reader *)&p->readers[i];
	return NULL;
}

/* --- jobs --- */

static void forget(struct plan *p, struct plan_job *job)
{
	plan_act(p, (struct plan_action){.kind = PLAN_FORGET, .job = job->number});
	free(job);
}

static struct plan_queue *queue_of(struct plan *p, const struct plan_job *job)
{
	return job->fresh ? &p->fresh : &p->waiting[job->priority];
}

/* Its reader was lost with it. */
static void strike(struct plan *p, struct plan_job *job, enum plan_told told, int status)
{
	job->strikes++;
	p->strikes++;
	if (job->cancelled) {
		forget(p, job);
	} else if (job->strikes < PLAN_STRIKES_MAX) {
		job->time_ms *= 2;
		plan_queue_push(queue_of(p, job), job);
	} else {
		p->set_aside++;
		plan_act(p, (struct plan_action){.kind = PLAN_SET_ASIDE,
						 .job = job->number,
						 .told = told,
						 .status = status,
						 .strikes = job->strikes});
		free(job);
	}
}

void plan_submit(struct plan *p, const struct plan_event *e)
{
	struct plan_job *job = NEW(struct plan_job);

	job->number = e->job;
	job->priority = e->priority < PLAN_PRIORITIES ? e->priority : PLAN_PRIORITIES - 1;
	job->time_ms = e->time_ms;
	job->fresh = e->fresh;
	plan_queue_push(queue_of(p, job), job);
}

void plan_cancel(struct plan *p, uint64_t number)
{
	struct plan_job *job;
	size_t i;

	for (i = 0; i <= PLAN_PRIORITIES; i++) {
		job = plan_queue_take(i < PLAN_PRIORITIES ? &p->waiting[i] : &p->fresh, number);
		if (job) {
			forget(p, job);
			return;
		}
	}
	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].job && p->readers[i].job->number == number)
			p->readers[i].job->cancelled = true;
}

/* --- readers --- */

static void reader_dies(struct plan *p, struct reader *r, int64_t now_ms)
{
	plan_act(p, (struct plan_action){.kind = PLAN_KILL, .reader = r->id});
	r->killed = true;
	r->state = READER_DYING;
	r->deadline_ms = now_ms + p->reply_ms;
}

static void reader_close(struct plan *p, struct reader *r, int64_t now_ms)
{
	plan_act(p, (struct plan_action){.kind = PLAN_CLOSE, .reader = r->id});
	r->state = READER_DYING;
	r->told = true;
	r->deadline_ms = now_ms + p->reply_ms;
}

/* It went without having a job: nothing foreign was its end, and starting others at once would only heat the machine. */
static void fork_later(struct plan *p, int64_t now_ms)
{
	p->fork_failures++;
	p->fork_at_ms = now_ms + plan_backoff_ms(p->fork_failures);
}

/* Late or broken: judged at once, and killed. */
static void reader_condemn(struct plan *p, struct reader *r, enum plan_told told, int64_t now_ms)
{
	struct plan_job *job = TAKE(r->job);

	plan_act(p, (struct plan_action){.kind = PLAN_TELL,
					 .told = told,
					 .reader = r->id,
					 .job = job ? job->number : 0,
					 .strikes = job ? job->strikes + 1 : 0});
	r->told = true;
	p->reader_deaths++;
	reader_dies(p, r, now_ms);
	if (job)
		strike(p, job, told, 0);
	else
		fork_later(p, now_ms);
}

static void reader_ready(struct reader *r)
{
	if (r->state == READER_STARTING && r->forked && r->up) {
		r->state = READER_IDLE;
		r->deadline_ms = TIME_NONE;
	}
}

static void on_answered(struct plan *p, struct reader *r, uint64_t job, bool suspect, int64_t now_ms)
{
	if (r->state == READER_DYING)
		return; /* too late: it is being killed */
	if (r->state != READER_BUSY || r->job->number != job) {
		reader_condemn(p, r, PLAN_BROKEN, now_ms);
		return;
	}
	suspect = suspect || r->deadline_ms - now_ms < r->job->time_ms / 2;
	if (r->job->cancelled) {
		forget(p, TAKE(r->job));
	} else {
		p->done++;
		plan_act(p, (struct plan_action){.kind = PLAN_DONE, .job = job, .reader = r->id});
		free(TAKE(r->job));
	}
	r->jobs++;
	r->state = READER_IDLE;
	r->deadline_ms = TIME_NONE;
	p->fork_failures = p->spawn_failures = 0; /* they do work here */
	if (suspect)
		reader_close(p, r, now_ms);
}

/* Its job is judged once it is known how it ended. */
static void on_closed(struct plan *p, struct reader *r, int64_t now_ms)
{
	if (!r->job)
		fork_later(p, now_ms);
	reader_dies(p, r, now_ms);
}

static void reader_drop(struct plan *p, struct reader *r)
{
	plan_act(p, (struct plan_action){.kind = PLAN_DROP, .reader = r->id});
	*r = (struct reader){.state = READER_NONE};
}

static void on_exited(struct plan *p, struct reader *r, int status, int64_t now_ms)
{
	struct plan_job *job = TAKE(r->job);

	if (!r->told) {
		p->reader_deaths++;
		plan_act(p, (struct plan_action){.kind = PLAN_TELL,
						 .told = PLAN_DIED,
						 .reader = r->id,
						 .job = job ? job->number : 0,
						 .strikes = job ? job->strikes + 1 : 0,
						 .status = status});
	}
	if (!job && r->state != READER_DYING)
		fork_later(p, now_ms);
	if (job)
		strike(p, job, PLAN_DIED, status);
	reader_drop(p, r);
}

void plan_readers_lost(struct plan *p, const struct nursery *n)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++) {
		struct reader *r = &p->readers[i];
		struct plan_job *job;

		if (r->state == READER_NONE || r->nursery != n)
			continue;
		job = TAKE(r->job);
		if (job && job->cancelled)
			forget(p, job);
		else if (job)
			plan_queue_push_front(queue_of(p, job), job);
		reader_drop(p, r);
	}
}

void plan_reader_late(struct plan *p, struct reader *r, int64_t now_ms)
{
	r->deadline_ms = TIME_NONE;
	if (r->state == READER_BUSY || (r->state == READER_STARTING && r->forked))
		reader_condemn(p, r, PLAN_LATE, now_ms);
	else if (r->state == READER_DYING && !r->killed)
		reader_dies(p, r, now_ms); /* it was only asked to go, and may not be its own master any more */
	else
		plan_nursery_kill(p, r->nursery); /* it did not fork, or did not report a death */
}

/* The readers of a nursery; those that can work, or will. */
unsigned plan_readers_of(const struct plan *p, const struct nursery *n, bool working)
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state != READER_NONE && p->readers[i].nursery == n)
			count += !working || p->readers[i].state != READER_DYING;
	return count;
}

bool plan_wants_reader(const struct plan *p)
{
	const struct nursery *serving = plan_nursery_in(p, NURSERY_SERVING);

	return serving && !serving->killed && plan_readers_of(p, serving, true) < p->wanted && reader_slot(p);
}

void plan_fork(struct plan *p, int64_t now_ms)
{
	struct nursery *n = plan_nursery_in(p, NURSERY_SERVING);

	while (plan_wants_reader(p) && now_ms >= p->fork_at_ms) {
		struct reader *r = reader_slot(p);

		*r = (struct reader){
			.id = ++p->last_id,
			.nursery = n,
			.state = READER_STARTING,
			.deadline_ms = now_ms + p->reply_ms,
		};
		plan_act(p, (struct plan_action){.kind = PLAN_FORK, .reader = r->id, .nursery = n->id});
	}
}

/* A fresh job waits, and everyone that there may be has had another. */
static bool wants_room(const struct plan *p)
{
	const struct nursery *serving = plan_nursery_in(p, NURSERY_SERVING);
	size_t i;

	if (!p->fresh.n || !serving || plan_readers_of(p, serving, true) < p->wanted)
		return false;
	for (i = 0; i < PLAN_READERS_MAX; i++) {
		const struct reader *r = &p->readers[i];

		if (r->nursery == serving && r->jobs == 0 && (r->state == READER_STARTING || r->state == READER_IDLE))
			return false;
	}
	return true;
}

void plan_retire_readers(struct plan *p, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++) {
		struct reader *r = &p->readers[i];

		if (r->state == READER_IDLE &&
		    (r->jobs >= PLAN_READER_JOBS_MAX || r->nursery->state != NURSERY_SERVING || wants_room(p)))
			reader_close(p, r, now_ms);
	}
}

/* The next that this reader may have; NULL: none. Between the priorities, a fresh one if it has had no other. */
static struct plan_job *job_for(struct plan *p, const struct reader *r)
{
	struct plan_job *job = plan_queue_pop(&p->waiting[0]);

	if (!job && r->jobs == 0)
		job = plan_queue_pop(&p->fresh);
	return job ? job : plan_queue_pop(&p->waiting[1]);
}

void plan_assign(struct plan *p, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++) {
		struct reader *r = &p->readers[i];

		if (r->state != READER_IDLE || r->nursery->killed)
			continue;
		r->job = job_for(p, r);
		if (!r->job)
			continue;
		r->state = READER_BUSY;
		r->deadline_ms = now_ms + r->job->time_ms;
		plan_act(p, (struct plan_action){.kind = PLAN_SEND, .job = r->job->number, .reader = r->id});
	}
}

void plan_about_reader(struct plan *p, const struct plan_event *e, int64_t now_ms)
{
	struct reader *r = reader_of(p, e->reader);

	if (!r)
		return;
	if (e->kind == PLAN_READER_FORKED || e->kind == PLAN_READER_UP) {
		*(e->kind == PLAN_READER_UP ? &r->up : &r->forked) = true;
		reader_ready(r);
	} else if (e->kind == PLAN_READER_ANSWERED) {
		on_answered(p, r, e->job, e->suspect, now_ms);
	} else if (e->kind == PLAN_READER_EXITED) {
		on_exited(p, r, e->status, now_ms);
	} else if (r->state != READER_DYING) {
		if (e->kind == PLAN_READER_BROKEN)
			reader_condemn(p, r, PLAN_BROKEN, now_ms);
		else
			on_closed(p, r, now_ms);
	}
}
