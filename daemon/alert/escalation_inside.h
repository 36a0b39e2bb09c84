#pragma once
/*
 * alert/escalation_inside: what the files behind alert/escalation share: one step under way.
 *
 * escalation.c        the surface: steps, rounds, and what each event does
 * escalation_people.c a message to one person: now, or held
 * escalation_shift.c  changes of shift while somebody has it
 *
 * Pure. Inside alert/.
 */
#include "alert/config.h"
#include "alert/escalation.h"

/* One step, with all that it works by. */
struct escalation_run {
	struct escalation *s;
	const struct escalation_by *by;
	int64_t now_ms;
	struct escalation_actions *actions;
	bool again; /* a round behind the first one */
};

static inline const struct level_config *escalation_level(const struct escalation_run *r)
{
	return &r->by->policy->levels[r->s->severity];
}

void escalation_act(const struct escalation_run *r, enum escalation_action_kind kind, size_t told,
		    enum incident_reason reason);

const struct person_config *escalation_person(const struct escalation_by *by, const char *name); /* NULL: not of ours */
struct told *escalation_find(struct escalation *s, const char *person);  /* NULL: not meant yet */
struct told *escalation_place(struct escalation *s, const char *person); /* NULL: there is no room */
bool escalation_reachable(const struct escalation_by *by, const struct person_config *p);
/* At once, or behind what holds it. p NULL: nobody of the configuration any more. */
void escalation_tell(const struct escalation_run *r, struct told *t, const struct person_config *p,
		     enum incident_reason reason);
void escalation_tell_held(const struct escalation_run *r); /* whose time has come */

/* When the level's rotas may mean others; at the latest in ESCALATION_WAIT_MAX_MS, for no kept wait is longer. */
void escalation_watch_shifts(const struct escalation_run *r);
/* owner "": nobody has it; NULL: no shift is told of it. */
void escalation_shift_due(const struct escalation_run *r, const char *owner);
