#include "pool/plan.h"

#include <string.h>

#include "base/clock.h"
#include "pool/plan_jobs.h"

enum nursery_state { NURSERY_NONE, NURSERY_LOADING, NURSERY_SERVING, NURSERY_DRAINING, NURSERY_ENDING };
enum reader_state { READER_NONE, READER_STARTING, READER_IDLE, READER_BUSY, READER_DYING };

struct nursery {
	uint64_t id, generation;
	enum nursery_state state;
	bool asked;  /* somebody waits for the outcome of this load */
	bool killed; /* its end is on the way, and was told */
	int64_t deadline_ms;
};

struct reader {
	uint64_t id;
	struct nursery *nursery;
	enum reader_state state;
	bool forked, up;
	bool told; /* its end is known already: closed by us, killed as late or broken */
	unsigned jobs;
	struct plan_job *job; /* BUSY; or DYING, and not judged yet */
	int64_t deadline_ms;
};

struct plan {
	unsigned wanted;
	int64_t reply_ms, load_ms;
	struct nursery nurseries[PLAN_NURSERIES_MAX];
	struct reader readers[PLAN_READERS_MAX];
	struct plan_queue waiting[PLAN_PRIORITIES];
	uint64_t last_id;
	uint64_t generation; /* that served last; 0: none yet */
	uint64_t pending;    /* to be loaded next; 0: none */
	unsigned fork_failures, spawn_failures; /* in a row */
	int64_t fork_at_ms, spawn_at_ms;        /* not before */
	uint64_t done, set_aside, strikes, reader_deaths, nursery_restarts;
	struct plan_action *actions;
	size_t n_actions, cap_actions;
};

struct plan *plan_new(const struct plan_config *config)
{
	const unsigned patience = config->patience ? config->patience : 1;
	const unsigned most = PLAN_READERS_MAX / PLAN_NURSERIES_MAX;
	struct plan *p = NEW(struct plan);

	p->wanted = config->readers < 1 ? 1 : config->readers > most ? most : config->readers;
	p->reply_ms = (int64_t)PLAN_REPLY_MS * patience;
	p->load_ms = (int64_t)PLAN_LOAD_MS * patience;
	p->fork_at_ms = p->spawn_at_ms = TIME_NONE;
	return p;
}

struct plan *plan_free(struct plan *p)
{
	struct plan_job *job;
	size_t i;

	if (!p)
		return NULL;
	for (i = 0; i < PLAN_PRIORITIES; i++)
		while ((job = plan_queue_pop(&p->waiting[i])))
			free(job);
	for (i = 0; i < PLAN_READERS_MAX; i++)
		free(p->readers[i].job);
	free(p->actions);
	free(p);
	return NULL;
}

static void act(struct plan *p, struct plan_action action)
{
	p->actions = GROW(p->actions, p->n_actions, &p->cap_actions);
	p->actions[p->n_actions++] = action;
}

static int64_t backoff_ms(unsigned failures)
{
	int64_t ms = PLAN_BACKOFF_MIN_MS;

	while (--failures && ms < PLAN_BACKOFF_MAX_MS)
		ms *= 2;
	return ms < PLAN_BACKOFF_MAX_MS ? ms : PLAN_BACKOFF_MAX_MS;
}

static struct nursery *nursery_of(struct plan *p, uint64_t id)
{
	size_t i;

	for (i = 0; i < PLAN_NURSERIES_MAX; i++)
		if (p->nurseries[i].state != NURSERY_NONE && p->nurseries[i].id == id)
			return &p->nurseries[i];
	return NULL;
}

static struct nursery *nursery_in(struct plan *p, enum nursery_state state)
{
	size_t i;

	for (i = 0; i < PLAN_NURSERIES_MAX; i++)
		if (p->nurseries[i].state == state)
			return &p->nurseries[i];
	return NULL;
}

static struct reader *reader_of(struct plan *p, uint64_t id)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state != READER_NONE && p->readers[i].id == id)
			return &p->readers[i];
	return NULL;
}

static struct reader *reader_slot(struct plan *p)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state == READER_NONE)
			return &p->readers[i];
	return NULL;
}

/* --- jobs --- */

static void forget(struct plan *p, struct plan_job *job)
{
	act(p, (struct plan_action){.kind = PLAN_FORGET, .job = job->number});
	free(job);
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
		plan_queue_push(&p->waiting[job->priority], job);
	} else {
		p->set_aside++;
		act(p, (struct plan_action){.kind = PLAN_SET_ASIDE,
					    .job = job->number,
					    .told = told,
					    .status = status,
					    .strikes = job->strikes});
		free(job);
	}
}

static void on_submit(struct plan *p, const struct plan_event *e)
{
	struct plan_job *job = NEW(struct plan_job);

	job->number = e->job;
	job->priority = e->priority < PLAN_PRIORITIES ? e->priority : PLAN_PRIORITIES - 1;
	job->time_ms = e->time_ms;
	plan_queue_push(&p->waiting[job->priority], job);
}

static void on_cancel(struct plan *p, uint64_t number)
{
	struct plan_job *job;
	size_t i;

	for (i = 0; i < PLAN_PRIORITIES; i++) {
		job = plan_queue_take(&p->waiting[i], number);
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
	act(p, (struct plan_action){.kind = PLAN_KILL, .reader = r->id});
	r->state = READER_DYING;
	r->deadline_ms = now_ms + p->reply_ms;
}

static void reader_close(struct plan *p, struct reader *r, int64_t now_ms)
{
	act(p, (struct plan_action){.kind = PLAN_CLOSE, .reader = r->id});
	r->state = READER_DYING;
	r->told = true;
	r->deadline_ms = now_ms + p->reply_ms;
}

/* It went without having a job: nothing foreign was its end, and starting others at once would only heat the machine. */
static void fork_later(struct plan *p, int64_t now_ms)
{
	p->fork_failures++;
	p->fork_at_ms = now_ms + backoff_ms(p->fork_failures);
}

/* Late or broken: judged at once, and killed. */
static void reader_condemn(struct plan *p, struct reader *r, enum plan_told told, int64_t now_ms)
{
	struct plan_job *job = TAKE(r->job);

	act(p, (struct plan_action){.kind = PLAN_TELL,
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

static void on_answered(struct plan *p, struct reader *r, uint64_t job, int64_t now_ms)
{
	if (r->state == READER_DYING)
		return; /* too late: it is being killed */
	if (r->state != READER_BUSY || r->job->number != job) {
		reader_condemn(p, r, PLAN_BROKEN, now_ms);
		return;
	}
	if (r->job->cancelled) {
		forget(p, TAKE(r->job));
	} else {
		p->done++;
		act(p, (struct plan_action){.kind = PLAN_DONE, .job = job, .reader = r->id});
		free(TAKE(r->job));
	}
	r->jobs++;
	r->state = READER_IDLE;
	r->deadline_ms = TIME_NONE;
	p->fork_failures = p->spawn_failures = 0; /* they do work here */
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
	act(p, (struct plan_action){.kind = PLAN_DROP, .reader = r->id});
	*r = (struct reader){.state = READER_NONE};
}

static void on_exited(struct plan *p, struct reader *r, int status, int64_t now_ms)
{
	struct plan_job *job = TAKE(r->job);

	if (!r->told) {
		p->reader_deaths++;
		act(p, (struct plan_action){.kind = PLAN_TELL,
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

/* --- nurseries --- */

static void nursery_kill(struct plan *p, struct nursery *n)
{
	if (n->killed)
		return;
	if (n->state != NURSERY_ENDING)
		act(p, (struct plan_action){.kind = PLAN_TELL, .told = PLAN_LATE, .nursery = n->id});
	act(p, (struct plan_action){.kind = PLAN_KILL_NURSERY, .nursery = n->id});
	n->killed = true;
	n->deadline_ms = TIME_NONE;
}

static void nursery_end(struct plan *p, struct nursery *n, int64_t now_ms)
{
	act(p, (struct plan_action){.kind = PLAN_END, .nursery = n->id});
	n->state = NURSERY_ENDING;
	n->deadline_ms = now_ms + p->reply_ms;
}

static void spawn_later(struct plan *p, int64_t now_ms)
{
	p->spawn_failures++;
	p->spawn_at_ms = now_ms + backoff_ms(p->spawn_failures);
}

static void on_ready(struct plan *p, struct nursery *n)
{
	struct nursery *before = nursery_in(p, NURSERY_SERVING);

	if (n->state != NURSERY_LOADING || n->killed)
		return;
	if (before)
		before->state = NURSERY_DRAINING;
	n->state = NURSERY_SERVING;
	n->deadline_ms = TIME_NONE;
	p->generation = n->generation;
	p->fork_at_ms = TIME_NONE; /* a new set of rules is a new chance */
	p->fork_failures = 0;
	act(p, (struct plan_action){.kind = PLAN_SERVES, .generation = n->generation, .nursery = n->id});
}

static void on_failed(struct plan *p, struct nursery *n, int64_t now_ms)
{
	if (n->state != NURSERY_LOADING)
		return;
	act(p, (struct plan_action){.kind = PLAN_REFUSED, .generation = n->generation, .nursery = n->id, .told = PLAN_RULES});
	if (!n->asked)
		spawn_later(p, now_ms); /* the files changed under a generation that served: wait until they are right */
	nursery_end(p, n, now_ms);
}

static void on_gone(struct plan *p, struct nursery *n, int status, int64_t now_ms)
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
			plan_queue_push_front(&p->waiting[job->priority], job);
		reader_drop(p, r);
	}
	if (n->state == NURSERY_LOADING && n->asked)
		act(p, (struct plan_action){.kind = PLAN_REFUSED,
					    .generation = n->generation,
					    .nursery = n->id,
					    .told = n->killed ? PLAN_LATE : PLAN_DIED,
					    .status = status});
	else if (n->state != NURSERY_ENDING && !n->killed)
		act(p, (struct plan_action){.kind = PLAN_TELL, .told = PLAN_DIED, .nursery = n->id, .status = status});
	if (n->state == NURSERY_SERVING || (n->state == NURSERY_LOADING && !n->asked))
		spawn_later(p, now_ms);
	*n = (struct nursery){.state = NURSERY_NONE};
}

/* --- what follows from where things stand --- */

static void deadlines(struct plan *p, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++) {
		struct reader *r = &p->readers[i];

		if (r->state == READER_NONE || r->deadline_ms == TIME_NONE || now_ms < r->deadline_ms)
			continue;
		r->deadline_ms = TIME_NONE;
		if (r->state == READER_BUSY || (r->state == READER_STARTING && r->forked))
			reader_condemn(p, r, PLAN_LATE, now_ms);
		else
			nursery_kill(p, r->nursery); /* it did not fork, or did not report a death */
	}
	for (i = 0; i < PLAN_NURSERIES_MAX; i++) {
		struct nursery *n = &p->nurseries[i];

		if (n->state != NURSERY_NONE && n->deadline_ms != TIME_NONE && now_ms >= n->deadline_ms)
			nursery_kill(p, n);
	}
}

/* Whether a nursery is to be started, and from when on. */
static bool wants_nursery(struct plan *p, int64_t *ret_from_ms)
{
	if (nursery_in(p, NURSERY_LOADING) || !nursery_in(p, NURSERY_NONE))
		return false;
	*ret_from_ms = p->pending ? TIME_NONE : p->spawn_at_ms; /* people's wishes don't wait for a back-off */
	return p->pending || (p->generation && !nursery_in(p, NURSERY_SERVING));
}

static void spawn(struct plan *p, int64_t now_ms)
{
	struct nursery *n;
	int64_t from_ms;

	if (!wants_nursery(p, &from_ms) || now_ms < from_ms)
		return;
	n = nursery_in(p, NURSERY_NONE);
	*n = (struct nursery){
		.id = ++p->last_id,
		.generation = p->pending ? p->pending : p->generation,
		.state = NURSERY_LOADING,
		.asked = p->pending != 0,
		.deadline_ms = now_ms + p->load_ms,
	};
	p->nursery_restarts += !n->asked;
	p->pending = 0;
	act(p, (struct plan_action){.kind = PLAN_SPAWN, .nursery = n->id, .generation = n->generation});
}

/* The readers of a nursery; those that can work, or will. */
static unsigned readers_of(const struct plan *p, const struct nursery *n, bool working)
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state != READER_NONE && p->readers[i].nursery == n)
			count += !working || p->readers[i].state != READER_DYING;
	return count;
}

static bool wants_reader(struct plan *p, const struct nursery *serving)
{
	return serving && !serving->killed && readers_of(p, serving, true) < p->wanted && reader_slot(p);
}

static void fork_readers(struct plan *p, int64_t now_ms)
{
	struct nursery *n = nursery_in(p, NURSERY_SERVING);

	while (wants_reader(p, n) && now_ms >= p->fork_at_ms) {
		struct reader *r = reader_slot(p);

		*r = (struct reader){
			.id = ++p->last_id,
			.nursery = n,
			.state = READER_STARTING,
			.deadline_ms = now_ms + p->reply_ms,
		};
		act(p, (struct plan_action){.kind = PLAN_FORK, .reader = r->id, .nursery = n->id});
	}
}

/* Readers that have done enough, and generations that have. */
static void retire(struct plan *p, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++) {
		struct reader *r = &p->readers[i];

		if (r->state == READER_IDLE &&
		    (r->jobs >= PLAN_READER_JOBS_MAX || r->nursery->state != NURSERY_SERVING))
			reader_close(p, r, now_ms);
	}
	for (i = 0; i < PLAN_NURSERIES_MAX; i++) {
		struct nursery *n = &p->nurseries[i];

		if (n->state == NURSERY_DRAINING && readers_of(p, n, false) == 0)
			nursery_end(p, n, now_ms);
	}
}

static void assign(struct plan *p, int64_t now_ms)
{
	size_t i, q;

	for (i = 0; i < PLAN_READERS_MAX; i++) {
		struct reader *r = &p->readers[i];

		if (r->state != READER_IDLE || r->nursery->killed)
			continue;
		for (q = 0; q < PLAN_PRIORITIES && !r->job; q++)
			r->job = plan_queue_pop(&p->waiting[q]);
		if (!r->job)
			return; /* nothing waits */
		r->state = READER_BUSY;
		r->deadline_ms = now_ms + r->job->time_ms;
		act(p, (struct plan_action){.kind = PLAN_SEND, .job = r->job->number, .reader = r->id});
	}
}

static void settle(struct plan *p, int64_t now_ms)
{
	retire(p, now_ms);
	spawn(p, now_ms);
	fork_readers(p, now_ms);
	assign(p, now_ms);
}

static void about_nursery(struct plan *p, const struct plan_event *e, int64_t now_ms)
{
	struct nursery *n = nursery_of(p, e->nursery);

	if (!n)
		return;
	if (e->kind == PLAN_NURSERY_READY)
		on_ready(p, n);
	else if (e->kind == PLAN_NURSERY_FAILED)
		on_failed(p, n, now_ms);
	else
		on_gone(p, n, e->status, now_ms);
}

static void about_reader(struct plan *p, const struct plan_event *e, int64_t now_ms)
{
	struct reader *r = reader_of(p, e->reader);

	if (!r)
		return;
	if (e->kind == PLAN_READER_FORKED || e->kind == PLAN_READER_UP) {
		*(e->kind == PLAN_READER_UP ? &r->up : &r->forked) = true;
		reader_ready(r);
	} else if (e->kind == PLAN_READER_ANSWERED) {
		on_answered(p, r, e->job, now_ms);
	} else if (e->kind == PLAN_READER_EXITED) {
		on_exited(p, r, e->status, now_ms);
	} else if (r->state != READER_DYING) {
		if (e->kind == PLAN_READER_BROKEN)
			reader_condemn(p, r, PLAN_BROKEN, now_ms);
		else
			on_closed(p, r, now_ms);
	}
}

struct plan_actions plan_step(struct plan *p, const struct plan_event *event, int64_t now_ms)
{
	p->n_actions = 0;
	switch (event->kind) {
	case PLAN_TICK:
		deadlines(p, now_ms);
		break;
	case PLAN_LOAD:
		p->pending = event->generation; /* whatever else waited to be loaded is overtaken */
		break;
	case PLAN_SUBMIT:
		on_submit(p, event);
		break;
	case PLAN_CANCEL:
		on_cancel(p, event->job);
		break;
	case PLAN_NURSERY_READY:
	case PLAN_NURSERY_FAILED:
	case PLAN_NURSERY_GONE:
		about_nursery(p, event, now_ms);
		break;
	default:
		about_reader(p, event, now_ms);
	}
	settle(p, now_ms);
	return (struct plan_actions){p->actions, p->n_actions};
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a == TIME_NONE ? b : b == TIME_NONE || a < b ? a : b;
}

int64_t plan_due(const struct plan *p)
{
	struct plan *q = (struct plan *)(uintptr_t)p; /* the seekers below change nothing */
	int64_t due = TIME_NONE, from_ms;
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state != READER_NONE)
			due = sooner(due, p->readers[i].deadline_ms);
	for (i = 0; i < PLAN_NURSERIES_MAX; i++)
		if (p->nurseries[i].state != NURSERY_NONE)
			due = sooner(due, p->nurseries[i].deadline_ms);
	if (wants_nursery(q, &from_ms))
		due = sooner(due, from_ms);
	if (wants_reader(q, nursery_in(q, NURSERY_SERVING)))
		due = sooner(due, p->fork_at_ms);
	return due;
}

void plan_status(const struct plan *p, struct plan_status *ret)
{
	const struct nursery *n = nursery_in((struct plan *)(uintptr_t)p, NURSERY_SERVING);
	size_t i;

	*ret = (struct plan_status){
		.waiting = p->waiting[0].n + p->waiting[1].n,
		.generation = n ? n->generation : 0,
		.nursery = n ? n->id : 0,
		.loading = nursery_in((struct plan *)(uintptr_t)p, NURSERY_LOADING) || p->pending,
		.done = p->done,
		.set_aside = p->set_aside,
		.strikes = p->strikes,
		.reader_deaths = p->reader_deaths,
		.nursery_restarts = p->nursery_restarts,
	};
	for (i = 0; i < PLAN_READERS_MAX; i++) {
		const struct reader *r = &p->readers[i];

		ret->readers += n && r->nursery == n && (r->state == READER_IDLE || r->state == READER_BUSY);
		ret->busy += r->job != NULL;
	}
}
