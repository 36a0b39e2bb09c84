/* One message to one person of an escalation: who they are, and whether it goes now or is held. */
#include <stdio.h>
#include <string.h>

#include "alert/escalation_inside.h"
#include "alert/rota.h"

void escalation_act(const struct escalation_run *r, enum escalation_action_kind kind, size_t told,
		    enum incident_reason reason)
{
	if (r->actions->n < ARRAY_LEN(r->actions->v))
		r->actions->v[r->actions->n++] = (struct escalation_action){
			.kind = kind, .told = told, .severity = r->s->severity, .reason = reason};
}

const struct person_config *escalation_person(const struct escalation_by *by, const char *name)
{
	size_t i;

	for (i = 0; i < by->n_people; i++)
		if (strcmp(by->people[i].name, name) == 0)
			return &by->people[i];
	return NULL;
}

struct told *escalation_find(struct escalation *s, const char *person)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->told[i].person, person) == 0)
			return &s->told[i];
	return NULL;
}

struct told *escalation_place(struct escalation *s, const char *person)
{
	struct told *t = escalation_find(s, person);

	if (t || s->n == ESCALATION_PEOPLE_MAX)
		return t;
	t = &s->told[s->n++];
	*t = (struct told){.state = TOLD_NOT, .until_ms = TIME_NONE, .told_ms = TIME_NONE};
	snprintf(t->person, sizeof(t->person), "%s", person);
	return t;
}

bool escalation_reachable(const struct escalation_by *by, const struct person_config *p)
{
	return p->n_reach && (!by->reachable || by->reachable(by->arg, p));
}

static int64_t mute_ms(const struct escalation_run *r)
{
	const struct escalation_by *by = r->by;
	int64_t until_ms = by->muted_until ? by->muted_until(by->muted_arg, by->topic, r->s->severity) : 0;

	return until_ms > by->wall_ms ? until_ms - by->wall_ms : 0;
}

/* How long quiet hours or a mute hold this back; 0: not at all. Who has it is asked, whatever is muted. */
static int64_t hold_ms(const struct escalation_run *r, const struct person_config *p, enum incident_reason reason)
{
	int64_t until_ms, muted_ms;

	if (!p || reason == INCIDENT_ASKED)
		return 0;
	muted_ms = mute_ms(r);
	if (r->s->severity == SEVERITY_CRITICAL)
		return muted_ms;
	until_ms = rotas_quiet_until(r->by->rotas, p, r->by->wall_ms);
	until_ms = until_ms == TIME_NONE ? 0 : until_ms - r->by->wall_ms;
	return until_ms > muted_ms ? until_ms : muted_ms;
}

void escalation_tell(const struct escalation_run *r, struct told *t, const struct person_config *p,
		     enum incident_reason reason)
{
	int64_t ms = hold_ms(r, p, reason);

	t->severity = r->s->severity;
	if (ms > 0) {
		if (t->state != TOLD_HELD)
			t->until_ms = r->now_ms + ms;
		t->state = TOLD_HELD;
		return;
	}
	if (t->state == TOLD_HELD && reason != INCIDENT_HELD && r->s->severity != SEVERITY_CRITICAL)
		return; /* its time comes at once */
	t->state = TOLD_SENT;
	t->until_ms = TIME_NONE;
	t->told_ms = r->now_ms;
	escalation_act(r, ESCALATION_TELL, (size_t)(t - r->s->told), reason);
}

void escalation_tell_held(const struct escalation_run *r)
{
	size_t i;

	for (i = 0; i < r->s->n; i++) {
		struct told *t = &r->s->told[i];
		const struct person_config *p;
		int64_t ms;

		if (t->state != TOLD_HELD || t->until_ms > r->now_ms)
			continue;
		p = escalation_person(r->by, t->person);
		ms = hold_ms(r, p, INCIDENT_HELD);
		if (ms > 0)
			t->until_ms = r->now_ms + ms; /* quiet again: the clock was set, or the hours are others */
		else if (p)
			escalation_tell(r, t, p, INCIDENT_HELD);
		else
			t->state = TOLD_NOT;
	}
}
