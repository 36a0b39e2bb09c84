#include "alert/escalation.h"

#include <string.h>

#include "alert/escalation_inside.h"
#include "alert/rota.h"

/* --- steps and rounds --- */

static bool is_reached(const struct told *t)
{
	return t->state != TOLD_NOT;
}

static int64_t pause_ms(const struct escalation_run *r)
{
	return r->by->policy->repeat_ms ? r->by->policy->repeat_ms : ESCALATION_RETRY_MS;
}

/* What they were told last is on its way still, or came just now. */
static bool is_fresh(const struct escalation_run *r, const struct told *t)
{
	return t->state == TOLD_SENT ||
	       (t->state == TOLD_HAS && t->told_ms != TIME_NONE && r->now_ms - t->told_ms < pause_ms(r) / 2);
}

/* Tells one person of this round. False: it is of no use. */
static bool tell_in_round(const struct escalation_run *r, const struct person_config *p)
{
	struct told *t;

	if (!escalation_reachable(r->by, p))
		return false;
	t = escalation_place(r->s, p->name);
	if (!t)
		return false;
	if (t->round == r->s->round)
		return is_reached(t);
	t->round = r->s->round;
	if (r->again && is_fresh(r, t))
		return true;
	escalation_tell(r, t, p, r->s->reason);
	return true;
}

static bool do_step(const struct escalation_run *r, const struct step_config *step)
{
	struct rota_set set;
	bool any = false;
	size_t i;

	rotas_resolve(r->by->rotas, step->notify, step->n_notify, r->by->wall_ms, &set);
	for (i = 0; i < set.n; i++)
		any = tell_in_round(r, set.v[i]) || any;
	return any;
}

static bool round_reached(const struct escalation *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->told[i].round == s->round && is_reached(&s->told[i]))
			return true;
	return false;
}

/* No step is left: whoever came on call since their step was taken, else nobody. */
static void last_resort(const struct escalation_run *r)
{
	bool any = r->s->nobody || round_reached(r->s);
	size_t i;

	for (i = 0; i < escalation_level(r)->n && !any; i++)
		any = do_step(r, &escalation_level(r)->steps[i]);
	if (any)
		return;
	r->s->nobody = true;
	escalation_act(r, ESCALATION_NOBODY, 0, r->s->reason);
}

/* All steps are past: when the next round begins. */
static void after_the_last(const struct escalation_run *r)
{
	struct escalation *s = r->s;
	int64_t repeat_ms = s->severity == SEVERITY_INFO ? 0 : r->by->policy->repeat_ms;

	if (escalation_level(r)->n)
		last_resort(r);
	if (!repeat_ms && escalation_level(r)->n && !round_reached(s))
		repeat_ms = ESCALATION_RETRY_MS;
	s->due_ms = repeat_ms ? r->now_ms + repeat_ms : TIME_NONE;
}

/* The steps whose time has come, and behind one of which nobody could be told the next one before its time. */
static void go_on(const struct escalation_run *r, bool at_once)
{
	struct escalation *s = r->s;

	while (s->step < escalation_level(r)->n) {
		const struct step_config *step = &escalation_level(r)->steps[s->step];

		if (!at_once && s->started_ms + step->after_ms > r->now_ms) {
			s->due_ms = s->started_ms + step->after_ms;
			return;
		}
		s->step++;
		at_once = !do_step(r, step);
	}
	after_the_last(r);
}

static void start(const struct escalation_run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;

	s->state = ESCALATION_RUNNING;
	s->severity = e->severity;
	s->reason = e->reason;
	s->round++;
	s->step = 0;
	s->nobody = false;
	s->started_ms = r->now_ms;
	go_on(r, false);
}

/* Everybody whom the level means, anew. */
static void repeat(struct escalation_run *r, enum incident_reason reason)
{
	struct escalation *s = r->s;
	size_t i;

	s->round++;
	s->reason = reason;
	s->nobody = false;
	r->again = true;
	s->step = escalation_level(r)->n;
	for (i = 0; i < escalation_level(r)->n; i++)
		(void)do_step(r, &escalation_level(r)->steps[i]);
	after_the_last(r);
}

static void resume(struct escalation_run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;

	if (s->state == ESCALATION_RUNNING)
		return;
	s->state = ESCALATION_RUNNING;
	if (s->step >= escalation_level(r)->n) {
		repeat(r, e->reason);
		return;
	}
	s->reason = e->reason;
	s->nobody = false;
	s->started_ms = r->now_ms - escalation_level(r)->steps[s->step].after_ms; /* the next step is now */
	go_on(r, false);
}

static void stop(const struct escalation_run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;

	s->state = s->state == ESCALATION_IDLE ? ESCALATION_IDLE : ESCALATION_STOPPED;
	s->due_ms = TIME_NONE;
	if (s->state == ESCALATION_STOPPED && e->person)
		escalation_watch_shifts(r);
}

/* --- what else happens --- */

static void due(struct escalation_run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;

	escalation_tell_held(r);
	if (s->state == ESCALATION_IDLE || s->due_ms == TIME_NONE || s->due_ms > r->now_ms)
		return;
	if (s->state == ESCALATION_STOPPED)
		escalation_shift_due(r, e->person);
	else if (s->step < escalation_level(r)->n)
		go_on(r, false);
	else
		repeat(r, INCIDENT_REPEATS);
}

static void tell_all(const struct escalation_run *r, const struct escalation_event *e)
{
	struct told *t;
	size_t i;

	if (e->person) {
		const struct person_config *p = escalation_person(r->by, e->person);

		t = p ? escalation_place(r->s, e->person) : NULL;
		if (t)
			escalation_tell(r, t, p, e->reason);
		return;
	}
	for (i = 0; i < r->s->n; i++) {
		t = &r->s->told[i];
		if ((t->state == TOLD_SENT || t->state == TOLD_HAS) && !(e->but && strcmp(t->person, e->but) == 0))
			escalation_tell(r, t, escalation_person(r->by, t->person), e->reason);
	}
}

static void not_told(const struct escalation_run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;
	struct told *t = escalation_find(s, e->person);

	if (!t || t->state != TOLD_SENT)
		return;
	t->state = TOLD_NOT;
	if (s->state != ESCALATION_RUNNING || round_reached(s))
		return;
	if (s->step < escalation_level(r)->n)
		go_on(r, true);
	else
		last_resort(r);
}

static void clock_set(const struct escalation_run *r, const struct escalation_event *e)
{
	size_t i;

	for (i = 0; i < r->s->n; i++)
		if (r->s->told[i].state == TOLD_HELD)
			r->s->told[i].until_ms = r->now_ms; /* looked at anew */
	escalation_tell_held(r);
	if (r->s->state == ESCALATION_STOPPED && e->person)
		escalation_watch_shifts(r);
}

static void discard(struct escalation *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->told[i].state == TOLD_HELD)
			s->told[i].state = TOLD_NOT;
}

/* --- from outside --- */

const struct told *escalation_told(const struct escalation *s, const char *person)
{
	return escalation_find((struct escalation *)s, person);
}

void escalation_init(struct escalation *s)
{
	memset(s, 0, sizeof(*s));
	s->due_ms = TIME_NONE;
	s->started_ms = TIME_NONE;
}

void escalation_step(struct escalation *s, const struct escalation_event *e, const struct escalation_by *by,
		     int64_t now_ms, struct escalation_actions *ret)
{
	struct escalation_run r = {s, by, now_ms, ret, false};
	struct told *t;

	switch (e->kind) {
	case ESCALATION_EV_DUE:
		due(&r, e);
		break;
	case ESCALATION_EV_START:
		start(&r, e);
		break;
	case ESCALATION_EV_RESUME:
		resume(&r, e);
		break;
	case ESCALATION_EV_STOP:
		stop(&r, e);
		break;
	case ESCALATION_EV_TELL:
		tell_all(&r, e);
		break;
	case ESCALATION_EV_HAS:
		t = escalation_find(s, e->person);
		if (t && t->state == TOLD_SENT)
			t->state = TOLD_HAS;
		break;
	case ESCALATION_EV_NOT:
		not_told(&r, e);
		break;
	case ESCALATION_EV_CLOCK:
		clock_set(&r, e);
		break;
	case ESCALATION_EV_DISCARD:
		discard(s);
		break;
	}
}

int64_t escalation_due(const struct escalation *s)
{
	int64_t at_ms = s->state == ESCALATION_IDLE ? TIME_NONE : s->due_ms;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->told[i].state == TOLD_HELD && (at_ms == TIME_NONE || s->told[i].until_ms < at_ms))
			at_ms = s->told[i].until_ms;
	return at_ms;
}
