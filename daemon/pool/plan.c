#include "pool/plan.h"

#include "pool/plan_state.h"

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
	while ((job = plan_queue_pop(&p->fresh)))
		free(job);
	for (i = 0; i < PLAN_READERS_MAX; i++)
		free(p->readers[i].job);
	free(p->actions);
	free(p);
	return NULL;
}

void plan_act(struct plan *p, struct plan_action action)
{
	p->actions = GROW(p->actions, p->n_actions, &p->cap_actions);
	p->actions[p->n_actions++] = action;
}

int64_t plan_backoff_ms(unsigned failures)
{
	int64_t ms = PLAN_BACKOFF_MIN_MS;

	while (--failures && ms < PLAN_BACKOFF_MAX_MS)
		ms *= 2;
	return ms < PLAN_BACKOFF_MAX_MS ? ms : PLAN_BACKOFF_MAX_MS;
}

static void deadlines(struct plan *p, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++) {
		struct reader *r = &p->readers[i];

		if (r->state != READER_NONE && r->deadline_ms != TIME_NONE && now_ms >= r->deadline_ms)
			plan_reader_late(p, r, now_ms);
	}
	for (i = 0; i < PLAN_NURSERIES_MAX; i++) {
		struct nursery *n = &p->nurseries[i];

		if (n->state != NURSERY_NONE && n->deadline_ms != TIME_NONE && now_ms >= n->deadline_ms)
			plan_nursery_kill(p, n);
	}
}

/* What follows from where things stand now. */
static void settle(struct plan *p, int64_t now_ms)
{
	plan_retire_readers(p, now_ms);
	plan_retire_nurseries(p, now_ms);
	plan_spawn(p, now_ms);
	plan_fork(p, now_ms);
	plan_assign(p, now_ms);
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
		plan_submit(p, event);
		break;
	case PLAN_CANCEL:
		plan_cancel(p, event->job);
		break;
	case PLAN_NURSERY_READY:
	case PLAN_NURSERY_FAILED:
	case PLAN_NURSERY_GONE:
		plan_about_nursery(p, event, now_ms);
		break;
	default:
		plan_about_reader(p, event, now_ms);
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
	int64_t due = TIME_NONE, from_ms;
	size_t i;

	for (i = 0; i < PLAN_READERS_MAX; i++)
		if (p->readers[i].state != READER_NONE)
			due = sooner(due, p->readers[i].deadline_ms);
	for (i = 0; i < PLAN_NURSERIES_MAX; i++)
		if (p->nurseries[i].state != NURSERY_NONE)
			due = sooner(due, p->nurseries[i].deadline_ms);
	if (plan_wants_nursery(p, &from_ms))
		due = sooner(due, from_ms);
	if (plan_wants_reader(p))
		due = sooner(due, p->fork_at_ms);
	return due;
}

void plan_status(const struct plan *p, struct plan_status *ret)
{
	const struct nursery *n = plan_nursery_in(p, NURSERY_SERVING);
	size_t i;

	*ret = (struct plan_status){
		.waiting = p->waiting[0].n + p->waiting[1].n + p->fresh.n,
		.generation = n ? n->generation : 0,
		.nursery = n ? n->id : 0,
		.loading = plan_nursery_in(p, NURSERY_LOADING) || p->pending,
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
