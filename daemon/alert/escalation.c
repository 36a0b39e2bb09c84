#include "alert/escalation.h"

#include <stdio.h>
#include <string.h>

#include "alert/rota.h"

/* One step, with all that it works by. */
struct run {
	struct escalation *s;
	const struct escalation_by *by;
	int64_t now_ms;
	struct escalation_actions *actions;
	bool again; /* a round behind the first one */
};

static void act(const struct run *r, enum escalation_action_kind kind, size_t told, enum incident_reason reason)
{
	if (r->actions->n < ARRAY_LEN(r->actions->v))
		r->actions->v[r->actions->n++] = (struct escalation_action){
			.kind = kind, .told = told, .severity = r->s->severity, .reason = reason};
}

/* --- people --- */

static const struct person_config *find_person(const struct escalation_by *by, const char *name)
{
	size_t i;

	for (i = 0; i < by->n_people; i++)
		if (strcmp(by->people[i].name, name) == 0)
			return &by->people[i];
	return NULL;
}

static struct told *find_told(struct escalation *s, const char *person)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->told[i].person, person) == 0)
			return &s->told[i];
	return NULL;
}

const struct told *escalation_told(const struct escalation *s, const char *person)
{
	return find_told((struct escalation *)s, person);
}

/* NULL: there is no room. */
static struct told *place(struct escalation *s, const char *person)
{
	struct told *t = find_told(s, person);

	if (t || s->n == ESCALATION_PEOPLE_MAX)
		return t;
	t = &s->told[s->n++];
	*t = (struct told){.state = TOLD_NOT, .until_ms = TIME_NONE, .told_ms = TIME_NONE};
	snprintf(t->person, sizeof(t->person), "%s", person);
	return t;
}

static bool reachable(const struct escalation_by *by, const struct person_config *p)
{
	return p->n_reach && (!by->reachable || by->reachable(by->arg, p));
}

static int64_t mute_ms(const struct run *r)
{
	const struct escalation_by *by = r->by;
	int64_t until_ms = by->muted_until ? by->muted_until(by->muted_arg, by->topic, r->s->severity) : 0;

	return until_ms > by->wall_ms ? until_ms - by->wall_ms : 0;
}

/* How long quiet hours or a mute hold this back; 0: not at all. Who has it is asked, whatever is muted. */
static int64_t hold_ms(const struct run *r, const struct person_config *p, enum incident_reason reason)
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

static void tell(const struct run *r, struct told *t, const struct person_config *p, enum incident_reason reason)
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
	act(r, ESCALATION_TELL, (size_t)(t - r->s->told), reason);
}

/* --- steps and rounds --- */

static const struct level_config *level(const struct run *r)
{
	return &r->by->policy->levels[r->s->severity];
}

static bool is_reached(const struct told *t)
{
	return t->state != TOLD_NOT;
}

static int64_t pause_ms(const struct run *r)
{
	return r->by->policy->repeat_ms ? r->by->policy->repeat_ms : ESCALATION_RETRY_MS;
}

/* What they were told last is on its way still, or came just now. */
static bool is_fresh(const struct run *r, const struct told *t)
{
	return t->state == TOLD_SENT ||
	       (t->state == TOLD_HAS && t->told_ms != TIME_NONE && r->now_ms - t->told_ms < pause_ms(r) / 2);
}

/* Tells one person of this round. False: it is of no use. */
static bool tell_in_round(const struct run *r, const struct person_config *p)
{
	struct told *t;

	if (!reachable(r->by, p))
		return false;
	t = place(r->s, p->name);
	if (!t)
		return false;
	if (t->round == r->s->round)
		return is_reached(t);
	t->round = r->s->round;
	if (r->again && is_fresh(r, t))
		return true;
	tell(r, t, p, r->s->reason);
	return true;
}

static bool do_step(const struct run *r, const struct step_config *step)
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
static void last_resort(const struct run *r)
{
	bool any = r->s->nobody || round_reached(r->s);
	size_t i;

	for (i = 0; i < level(r)->n && !any; i++)
		any = do_step(r, &level(r)->steps[i]);
	if (any)
		return;
	r->s->nobody = true;
	act(r, ESCALATION_NOBODY, 0, r->s->reason);
}

/* All steps are past: when the next round begins. */
static void after_the_last(const struct run *r)
{
	struct escalation *s = r->s;
	int64_t repeat_ms = s->severity == SEVERITY_INFO ? 0 : r->by->policy->repeat_ms;

	if (level(r)->n)
		last_resort(r);
	if (!repeat_ms && level(r)->n && !round_reached(s))
		repeat_ms = ESCALATION_RETRY_MS;
	s->due_ms = repeat_ms ? r->now_ms + repeat_ms : TIME_NONE;
}

/* The steps whose time has come, and behind one of which nobody could be told the next one before its time. */
static void go_on(const struct run *r, bool at_once)
{
	struct escalation *s = r->s;

	while (s->step < level(r)->n) {
		const struct step_config *step = &level(r)->steps[s->step];

		if (!at_once && s->started_ms + step->after_ms > r->now_ms) {
			s->due_ms = s->started_ms + step->after_ms;
			return;
		}
		s->step++;
		at_once = !do_step(r, step);
	}
	after_the_last(r);
}

static void start(const struct run *r, const struct escalation_event *e)
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
static void repeat(struct run *r, enum incident_reason reason)
{
	struct escalation *s = r->s;
	size_t i;

	s->round++;
	s->reason = reason;
	s->nobody = false;
	r->again = true;
	s->step = level(r)->n;
	for (i = 0; i < level(r)->n; i++)
		(void)do_step(r, &level(r)->steps[i]);
	after_the_last(r);
}

static void resume(struct run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;

	if (s->state == ESCALATION_RUNNING)
		return;
	s->state = ESCALATION_RUNNING;
	if (s->step >= level(r)->n) {
		repeat(r, e->reason);
		return;
	}
	s->reason = e->reason;
	s->nobody = false;
	s->started_ms = r->now_ms - level(r)->steps[s->step].after_ms; /* the next step is now */
	go_on(r, false);
}

/* --- shifts --- */

/* Whether somebody is on call in one of the level's rotas. */
static bool on_call(const struct run *r, const char *person, int64_t wall_ms)
{
	const struct level_config *l = level(r);
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

/* When the level's rotas may mean others; at the latest in ESCALATION_WAIT_MAX_MS, for no kept wait is longer. */
static void watch_shifts(const struct run *r)
{
	const struct level_config *l = level(r);
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
static void tell_shift(const struct run *r, const char *owner, int64_t before_ms)
{
	const struct escalation_by *by = r->by;
	size_t i;

	if (on_call(r, owner, by->wall_ms))
		return;
	for (i = 0; i < by->n_people; i++) {
		const struct person_config *p = &by->people[i];
		struct told *t;

		if (!reachable(by, p) || !on_call(r, p->name, by->wall_ms) || on_call(r, p->name, before_ms))
			continue;
		t = place(r->s, p->name);
		if (t)
			tell(r, t, p, INCIDENT_SHIFT);
	}
}

static void shift_due(const struct run *r, const char *owner)
{
	int64_t before_ms = r->by->wall_ms - (r->now_ms - r->s->due_ms) - 1; /* the change may be long past */

	r->s->due_ms = TIME_NONE;
	if (!owner)
		return;
	if (*owner)
		tell_shift(r, owner, before_ms);
	watch_shifts(r);
}

static void stop(const struct run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;

	s->state = s->state == ESCALATION_IDLE ? ESCALATION_IDLE : ESCALATION_STOPPED;
	s->due_ms = TIME_NONE;
	if (s->state == ESCALATION_STOPPED && e->person)
		watch_shifts(r);
}

/* --- what else happens --- */

static void held_due(const struct run *r)
{
	size_t i;

	for (i = 0; i < r->s->n; i++) {
		struct told *t = &r->s->told[i];
		const struct person_config *p;
		int64_t ms;

		if (t->state != TOLD_HELD || t->until_ms > r->now_ms)
			continue;
		p = find_person(r->by, t->person);
		ms = hold_ms(r, p, INCIDENT_HELD);
		if (ms > 0)
			t->until_ms = r->now_ms + ms; /* quiet again: the clock was set, or the hours are others */
		else if (p)
			tell(r, t, p, INCIDENT_HELD);
		else
			t->state = TOLD_NOT;
	}
}

static void due(struct run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;

	held_due(r);
	if (s->state == ESCALATION_IDLE || s->due_ms == TIME_NONE || s->due_ms > r->now_ms)
		return;
	if (s->state == ESCALATION_STOPPED)
		shift_due(r, e->person);
	else if (s->step < level(r)->n)
		go_on(r, false);
	else
		repeat(r, INCIDENT_REPEATS);
}

static void tell_all(const struct run *r, const struct escalation_event *e)
{
	struct told *t;
	size_t i;

	if (e->person) {
		const struct person_config *p = find_person(r->by, e->person);

		t = p ? place(r->s, e->person) : NULL;
		if (t)
			tell(r, t, p, e->reason);
		return;
	}
	for (i = 0; i < r->s->n; i++) {
		t = &r->s->told[i];
		if ((t->state == TOLD_SENT || t->state == TOLD_HAS) && !(e->but && strcmp(t->person, e->but) == 0))
			tell(r, t, find_person(r->by, t->person), e->reason);
	}
}

static void not_told(const struct run *r, const struct escalation_event *e)
{
	struct escalation *s = r->s;
	struct told *t = find_told(s, e->person);

	if (!t || t->state != TOLD_SENT)
		return;
	t->state = TOLD_NOT;
	if (s->state != ESCALATION_RUNNING || round_reached(s))
		return;
	if (s->step < level(r)->n)
		go_on(r, true);
	else
		last_resort(r);
}

static void clock_set(const struct run *r, const struct escalation_event *e)
{
	size_t i;

	for (i = 0; i < r->s->n; i++)
		if (r->s->told[i].state == TOLD_HELD)
			r->s->told[i].until_ms = r->now_ms; /* looked at anew */
	held_due(r);
	if (r->s->state == ESCALATION_STOPPED && e->person)
		watch_shifts(r);
}

static void discard(struct escalation *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->told[i].state == TOLD_HELD)
			s->told[i].state = TOLD_NOT;
}

/* --- from outside --- */

void escalation_init(struct escalation *s)
{
	memset(s, 0, sizeof(*s));
	s->due_ms = TIME_NONE;
	s->started_ms = TIME_NONE;
}

void escalation_step(struct escalation *s, const struct escalation_event *e, const struct escalation_by *by,
		     int64_t now_ms, struct escalation_actions *ret)
{
	struct run r = {s, by, now_ms, ret, false};
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
		t = find_told(s, e->person);
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
