/* While somebody has an incident: who comes on call is told so. */
#include <string.h>

#include "alert/escalation_inside.h"
#include "alert/rota.h"

/* Whether somebody is on call in one of the level's rotas. */
static bool on_call(const struct escalation_run *r, const char *person, int64_t wall_ms)
{
	const struct level_config *l = escalation_level(r);
	struct rota_set set;
	size_t i, k, p;

	for (i = 0; i < l->n; i++)
		for (k = 0; k < l->steps[i].n_notify; k++) {
			if (!l->steps[i].notify[k].rota)
				continue;
			rota_at(r->by->rotas, l->steps[i].notify[k].rota, wall_ms, &set);
			for (p = 0; p < set.n; p++)
				if (strcmp(set.v[p]->name, person) == 0)
					return true;
		}
	return false;
}

void escalation_watch_shifts(const struct escalation_run *r)
{
	const struct level_config *l = escalation_level(r);
	int64_t wall_ms = r->by->wall_ms, next_ms = wall_ms + ESCALATION_WAIT_MAX_MS;
	bool any = false;
	size_t i, k;

	for (i = 0; i < l->n; i++)
		for (k = 0; k < l->steps[i].n_notify; k++) {
			if (!l->steps[i].notify[k].rota)
				continue;
			any = true;
			next_ms = rota_next(r->by->rotas, l->steps[i].notify[k].rota, wall_ms, next_ms);
		}
	r->s->due_ms = any ? r->now_ms + (next_ms - wall_ms) : TIME_NONE;
}

/* Only whom the change brought in: whoever stays knows who has it. Behind a gap that is the first who comes. */
static void tell_shift(const struct escalation_run *r, const char *owner, int64_t before_ms)
{
	const struct escalation_by *by = r->by;
	size_t i;

	if (on_call(r, owner, by->wall_ms))
		return;
	for (i = 0; i < by->n_people; i++) {
		const struct person_config *p = &by->people[i];
		struct told *t;

		if (!escalation_reachable(by, p) || !on_call(r, p->name, by->wall_ms) || on_call(r, p->name, before_ms))
			continue;
		t = escalation_place(r->s, p->name);
		if (t)
			escalation_tell(r, t, p, INCIDENT_SHIFT);
	}
}

void escalation_shift_due(const struct escalation_run *r, const char *owner)
{
	int64_t before_ms = r->by->wall_ms - (r->now_ms - r->s->due_ms) - 1; /* the change may be long past */

	r->s->due_ms = TIME_NONE;
	if (!owner)
		return;
	if (*owner)
		tell_shift(r, owner, before_ms);
	escalation_watch_shifts(r);
}
