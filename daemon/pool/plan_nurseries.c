#include "pool/plan_state.h"

static struct nursery *nursery_of(struct plan *p, uint64_t id)
{
	size_t i;

	for (i = 0; i < PLAN_NURSERIES_MAX; i++)
		if (p->nurseries[i].state != NURSERY_NONE && p->nurseries[i].id == id)
			return &p->nurseries[i];
	return NULL;
}

struct nursery *plan_nursery_in(const struct plan *p, enum nursery_state state)
{
	size_t i;

	for (i = 0; i < PLAN_NURSERIES_MAX; i++)
		if (p->nurseries[i].state == state)
			return (struct nursery *)&p->nurseries[i];
	return NULL;
}

void plan_nursery_kill(struct plan *p, struct nursery *n)
{
	if (n->killed)
		return;
	if (n->state != NURSERY_ENDING)
		plan_act(p, (struct plan_action){.kind = PLAN_TELL, .told = PLAN_LATE, .nursery = n->id});
	plan_act(p, (struct plan_action){.kind = PLAN_KILL_NURSERY, .nursery = n->id});
	n->killed = true;
	n->deadline_ms = TIME_NONE;
}

static void nursery_end(struct plan *p, struct nursery *n, int64_t now_ms)
{
	plan_act(p, (struct plan_action){.kind = PLAN_END, .nursery = n->id});
	n->state = NURSERY_ENDING;
	n->deadline_ms = now_ms + p->reply_ms;
}

static void spawn_later(struct plan *p, int64_t now_ms)
{
	p->spawn_failures++;
	p->spawn_at_ms = now_ms + plan_backoff_ms(p->spawn_failures);
}

static void on_ready(struct plan *p, struct nursery *n)
{
	struct nursery *before = plan_nursery_in(p, NURSERY_SERVING);

	if (n->state != NURSERY_LOADING || n->killed)
		return;
	if (before)
		before->state = NURSERY_DRAINING;
	n->state = NURSERY_SERVING;
	n->deadline_ms = TIME_NONE;
	p->generation = n->generation;
	p->fork_at_ms = TIME_NONE; /* a new set of rules is a new chance */
	p->fork_failures = 0;
	plan_act(p, (struct plan_action){.kind = PLAN_SERVES, .generation = n->generation, .nursery = n->id});
}

static void on_failed(struct plan *p, struct nursery *n, int64_t now_ms)
{
	if (n->state != NURSERY_LOADING)
		return;
	plan_act(p, (struct plan_action){
			    .kind = PLAN_REFUSED, .generation = n->generation, .nursery = n->id, .told = PLAN_RULES});
	if (!n->asked)
		spawn_later(p,
			    now_ms); /* the files changed under a generation that served: wait until they are right */
	nursery_end(p, n, now_ms);
}

static void on_gone(struct plan *p, struct nursery *n, int status, int64_t now_ms)
{
	plan_readers_lost(p, n);
	if (n->state == NURSERY_LOADING && n->asked)
		plan_act(p, (struct plan_action){.kind = PLAN_REFUSED,
						 .generation = n->generation,
						 .nursery = n->id,
						 .told = n->killed ? PLAN_LATE : PLAN_DIED,
						 .status = status});
	else if (n->state != NURSERY_ENDING && !n->killed)
		plan_act(p, (struct plan_action){
				    .kind = PLAN_TELL, .told = PLAN_DIED, .nursery = n->id, .status = status});
	if (n->state == NURSERY_SERVING || (n->state == NURSERY_LOADING && !n->asked))
		spawn_later(p, now_ms);
	*n = (struct nursery){.state = NURSERY_NONE};
}

bool plan_wants_nursery(const struct plan *p, int64_t *ret_from_ms)
{
	if (plan_nursery_in(p, NURSERY_LOADING) || !plan_nursery_in(p, NURSERY_NONE))
		return false;
	*ret_from_ms = p->pending ? TIME_NONE : p->spawn_at_ms; /* people's wishes don't wait for a back-off */
	return p->pending || (p->generation && !plan_nursery_in(p, NURSERY_SERVING));
}

void plan_spawn(struct plan *p, int64_t now_ms)
{
	struct nursery *n;
	int64_t from_ms;

	if (!plan_wants_nursery(p, &from_ms) || now_ms < from_ms)
		return;
	n = plan_nursery_in(p, NURSERY_NONE);
	*n = (struct nursery){
		.id = ++p->last_id,
		.generation = p->pending ? p->pending : p->generation,
		.state = NURSERY_LOADING,
		.asked = p->pending != 0,
		.deadline_ms = now_ms + p->load_ms,
	};
	p->nursery_restarts += !n->asked;
	p->pending = 0;
	plan_act(p, (struct plan_action){.kind = PLAN_SPAWN, .nursery = n->id, .generation = n->generation});
}

void plan_retire_nurseries(struct plan *p, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLAN_NURSERIES_MAX; i++) {
		struct nursery *n = &p->nurseries[i];

		if (n->state == NURSERY_DRAINING && plan_readers_of(p, n, false) == 0)
			nursery_end(p, n, now_ms);
	}
}

void plan_about_nursery(struct plan *p, const struct plan_event *e, int64_t now_ms)
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
