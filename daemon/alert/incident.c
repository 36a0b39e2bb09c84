#include "alert/incident.h"

#include <stdio.h>
#include <string.h>

#include "alert/incident_facets.h"

const char *const incident_reason_names[] = {
	[INCIDENT_BEGINS] = "begins",  [INCIDENT_RISES] = "rises", [INCIDENT_REPEATS] = "repeats",
	[INCIDENT_LAPSED] = "lapsed",  [INCIDENT_BACK] = "back",   [INCIDENT_GREW] = "grew",
	[INCIDENT_TAKEN_BY] = "taken", [INCIDENT_ASKED] = "asked", [INCIDENT_RECEDES] = "recedes",
	[INCIDENT_ENDS] = "ends",      [INCIDENT_HELD] = "held",   [INCIDENT_SHIFT] = "shift",
};

const char *const incident_state_names[] = {[INCIDENT_OPEN] = "open",
					    [INCIDENT_ACKNOWLEDGED] = "acknowledged",
					    [INCIDENT_RECEDING] = "receding",
					    [INCIDENT_CLOSED] = "closed"};

static void act(struct incident_actions *a, enum incident_action_kind kind, enum incident_reason reason,
		enum severity severity)
{
	if (a->n < INCIDENT_ACTIONS_MAX)
		a->v[a->n++] = (struct incident_action){kind, reason, severity};
}

static void name(char to[INCIDENT_NAME_SIZE], const char *from)
{
	snprintf(to, INCIDENT_NAME_SIZE, "%s", from ? from : "");
}

/* --- states --- */

static int64_t closes_at(const struct incident *i)
{
	int64_t calm_ms = facets_calm_since(i), at_ms, least_ms;

	if (i->state != INCIDENT_RECEDING || calm_ms == TIME_NONE)
		return TIME_NONE;
	least_ms = i->receding_ms + INCIDENT_RECEDE_MS;
	at_ms = i->window >= INCIDENT_CLOSE_MENTIONS ? least_ms : calm_ms + INCIDENT_QUIET_MS;
	return at_ms > least_ms ? at_ms : least_ms;
}

static void no_questions(struct incident *i)
{
	i->raise_ms = i->ask_ms = i->answer_ms = TIME_NONE;
}

/* Nobody has it at this severity: its steps begin. */
static void reopen(struct incident *i, enum incident_reason reason, struct incident_actions *a)
{
	i->state = INCIDENT_OPEN;
	i->receding_ms = TIME_NONE;
	no_questions(i);
	facets_told(i);
	act(a, INCIDENT_START, reason, i->severity);
}

/* It was thought to be over: whoever has it is told, and all where nobody has. */
static void back(struct incident *i, struct incident_actions *a)
{
	if (!*i->owner || i->owned < i->severity) {
		reopen(i, INCIDENT_BACK, a);
		return;
	}
	i->state = INCIDENT_ACKNOWLEDGED;
	i->receding_ms = TIME_NONE;
	facets_told(i);
	act(a, INCIDENT_TELL_OWNER, INCIDENT_BACK, i->severity);
}

static void rise(struct incident *i, enum severity to, struct incident_actions *a)
{
	i->severity = to;
	i->peak = to > i->peak ? to : i->peak;
	i->under_ms = TIME_NONE;
	if (i->state == INCIDENT_RECEDING)
		back(i, a);
	else if (i->state == INCIDENT_ACKNOWLEDGED && i->owned >= to) /* as bad as it was when it was taken */
		act(a, INCIDENT_TELL_OWNER, INCIDENT_GREW, to);
	else
		reopen(i, INCIDENT_RISES, a);
}

static void end(struct incident *i, enum incident_end how, int64_t now_ms, struct incident_actions *a)
{
	i->state = INCIDENT_CLOSED;
	i->end = how;
	no_questions(i);
	i->under_ms = TIME_NONE;
	facets_told(i);
	if ((how == INCIDENT_BY_HAND || how == INCIDENT_FALSE_ALARM) && facets_standing(i) >= 0)
		i->linger_ms = now_ms + INCIDENT_LINGER_MS;
	act(a, INCIDENT_STOP, INCIDENT_ENDS, i->severity);
	if (how != INCIDENT_MERGED && i->peak > SEVERITY_INFO)
		act(a, INCIDENT_TELL, INCIDENT_ENDS, i->severity);
	act(a, INCIDENT_REARM, INCIDENT_ENDS, i->severity);
}

static void grow(struct incident *i, const struct incident_event *e, struct incident_actions *a)
{
	const struct facet *f = facets_find(i, e->alert);

	if (i->state != INCIDENT_ACKNOWLEDGED || !f || !e->met || e->late || f->size < INCIDENT_GROWTH_LEAST ||
	    f->size < 2 * f->told_size)
		return;
	facets_told(i);
	act(a, INCIDENT_TELL_OWNER, INCIDENT_GREW, i->severity);
}

static void judged(struct incident *i, const struct incident_event *e, int64_t now_ms, struct incident_actions *a)
{
	int now_standing;

	facets_judged(i, e, now_ms);
	i->window = e->window;
	now_standing = facets_standing(i);
	if (e->met && (int)e->severity > now_standing)
		now_standing = (int)e->severity;
	if (now_standing > (int)i->severity)
		rise(i, (enum severity)now_standing, a);
	else if (i->state == INCIDENT_RECEDING && e->met && !e->late)
		back(i, a);
	else
		grow(i, e, a);
	if (facets_standing(i) >= (int)i->severity || i->severity == SEVERITY_INFO)
		i->under_ms = TIME_NONE;
	else if (i->under_ms == TIME_NONE)
		i->under_ms = now_ms;
}

static void delivered(struct incident *i, const struct incident_event *e, int64_t now_ms)
{
	if (i->state == INCIDENT_OPEN && i->severity == SEVERITY_WARNING && e->severity == SEVERITY_WARNING &&
	    !i->raised && i->raise_ms == TIME_NONE)
		i->raise_ms = now_ms + INCIDENT_RAISE_MS;
}

static void taken(struct incident *i, const struct incident_event *e, int64_t now_ms, struct incident_actions *a)
{
	bool same = strncmp(i->owner, e->who, INCIDENT_NAME_SIZE - 1) == 0;
	bool was_passed = i->answer_ms != TIME_NONE && !i->asked;

	if (e->severity < i->severity && !(same && i->state == INCIDENT_ACKNOWLEDGED)) {
		/* what they were told of is not the worst of it: the steps of what is worse go on */
		if (!*i->owner) {
			name(i->owner, e->who);
			i->owned = e->severity;
		}
		return;
	}
	name(i->owner, e->who);
	i->owned = i->severity > e->severity ? i->severity : e->severity;
	i->answer_ms = i->raise_ms = TIME_NONE;
	facets_told(i);
	if (i->state == INCIDENT_RECEDING || (same && i->state == INCIDENT_ACKNOWLEDGED && i->asked))
		return;
	i->asked = false;
	i->ask_ms = now_ms + INCIDENT_ASK_MS;
	act(a, INCIDENT_STOP, INCIDENT_TAKEN_BY, i->severity);
	if (!same || was_passed || i->state == INCIDENT_OPEN)
		act(a, INCIDENT_TELL, INCIDENT_TAKEN_BY, i->severity);
	i->state = INCIDENT_ACKNOWLEDGED;
}

static void passed(struct incident *i, const struct incident_event *e, int64_t now_ms, struct incident_actions *a)
{
	name(i->owner, e->who);
	i->owned = i->severity;
	if (i->state == INCIDENT_RECEDING) { /* nobody is to be asked any more */
		act(a, INCIDENT_TELL_OWNER, INCIDENT_TAKEN_BY, i->severity);
		return;
	}
	i->state = INCIDENT_ACKNOWLEDGED;
	i->raise_ms = i->ask_ms = TIME_NONE;
	i->asked = false;
	i->answer_ms = now_ms + INCIDENT_ANSWER_MS;
	act(a, INCIDENT_STOP, INCIDENT_ASKED, i->severity);
	act(a, INCIDENT_TELL_OWNER, INCIDENT_ASKED, i->severity);
}

/* --- waits that are over --- */

static bool is_due(int64_t at_ms, int64_t now_ms)
{
	return at_ms != TIME_NONE && at_ms <= now_ms;
}

static void fall(struct incident *i, int64_t now_ms)
{
	int to = (int)i->severity - 1, least = facets_standing(i);

	i->severity = (enum severity)(to > least ? to : least);
	i->under_ms = i->severity > SEVERITY_INFO && (int)i->severity > least ? now_ms : TIME_NONE;
	if (i->severity < SEVERITY_WARNING)
		i->raise_ms = TIME_NONE;
}

static void questions_due(struct incident *i, int64_t now_ms, struct incident_actions *a)
{
	if (is_due(i->raise_ms, now_ms)) {
		i->raise_ms = TIME_NONE;
		i->raised = true;
		rise(i, SEVERITY_CRITICAL, a);
	}
	if (is_due(i->ask_ms, now_ms)) {
		i->ask_ms = TIME_NONE;
		i->asked = true;
		i->answer_ms = now_ms + INCIDENT_ANSWER_MS;
		act(a, INCIDENT_TELL_OWNER, INCIDENT_ASKED, i->severity);
	} else if (is_due(i->answer_ms, now_ms)) {
		i->answer_ms = TIME_NONE;
		i->state = INCIDENT_OPEN;
		i->owner[0] = '\0';
		act(a, INCIDENT_RESUME, INCIDENT_LAPSED, i->severity);
	}
}

static void recovery_due(struct incident *i, int64_t now_ms, struct incident_actions *a)
{
	if (i->state != INCIDENT_RECEDING && is_due(facets_recede_at(i), now_ms)) {
		i->state = INCIDENT_RECEDING;
		i->receding_ms = now_ms;
		no_questions(i);
		act(a, INCIDENT_STOP, INCIDENT_RECEDES, i->severity);
		if (i->peak > SEVERITY_INFO)
			act(a, INCIDENT_TELL, INCIDENT_RECEDES, i->severity);
	}
	if (i->under_ms != TIME_NONE && is_due(i->under_ms + INCIDENT_DOWN_MS, now_ms))
		fall(i, now_ms);
	if (is_due(closes_at(i), now_ms))
		end(i, INCIDENT_OVER, now_ms, a);
}

static void due(struct incident *i, int64_t now_ms, struct incident_actions *a)
{
	if (i->deaf_ms == TIME_NONE)
		recovery_due(i, now_ms, a);
	if (i->state != INCIDENT_CLOSED)
		questions_due(i, now_ms, a);
}

static void sooner(int64_t *at_ms, int64_t than_ms)
{
	if (than_ms != TIME_NONE && (*at_ms == TIME_NONE || than_ms < *at_ms))
		*at_ms = than_ms;
}

int64_t incident_due(const struct incident *i)
{
	int64_t at_ms = TIME_NONE;

	if (i->state == INCIDENT_CLOSED)
		return i->linger_ms;
	sooner(&at_ms, i->raise_ms);
	sooner(&at_ms, i->ask_ms);
	sooner(&at_ms, i->answer_ms);
	if (i->deaf_ms != TIME_NONE)
		return at_ms;
	if (i->under_ms != TIME_NONE)
		sooner(&at_ms, i->under_ms + INCIDENT_DOWN_MS);
	sooner(&at_ms, i->state == INCIDENT_RECEDING ? closes_at(i) : facets_recede_at(i));
	return at_ms;
}

/* --- closed by hand, and still met --- */

bool incident_absorbs(const struct incident *i, const struct incident_event *e)
{
	const struct facet *f = facets_find((struct incident *)(uintptr_t)i, e->alert);

	return i->state == INCIDENT_CLOSED && i->linger_ms != TIME_NONE && f && e->severity <= i->peak &&
	       (e->size < INCIDENT_GROWTH_LEAST || e->size < 2 * f->told_size);
}

static void linger(struct incident *i, const struct incident_event *e, int64_t now_ms)
{
	if (i->linger_ms == TIME_NONE)
		return;
	if (e->kind == INCIDENT_EV_JUDGED)
		facets_judged(i, e, now_ms);
	if (is_due(i->linger_ms, now_ms) || facets_standing(i) < 0)
		i->linger_ms = TIME_NONE;
}

/* --- steps --- */

void incident_step(struct incident *i, const struct incident_event *e, int64_t now_ms, struct incident_actions *ret)
{
	if (i->state == INCIDENT_CLOSED) {
		linger(i, e, now_ms);
		return;
	}
	switch (e->kind) {
	case INCIDENT_EV_DUE:
		due(i, now_ms, ret);
		break;
	case INCIDENT_EV_JUDGED:
		judged(i, e, now_ms, ret);
		break;
	case INCIDENT_EV_DELIVERED:
		delivered(i, e, now_ms);
		break;
	case INCIDENT_EV_TAKEN:
		taken(i, e, now_ms, ret);
		break;
	case INCIDENT_EV_PASSED:
		passed(i, e, now_ms, ret);
		break;
	case INCIDENT_EV_CLOSED:
		end(i, INCIDENT_BY_HAND, now_ms, ret);
		break;
	case INCIDENT_EV_FALSE_ALARM:
		end(i, INCIDENT_FALSE_ALARM, now_ms, ret);
		break;
	case INCIDENT_EV_MERGED:
		end(i, INCIDENT_MERGED, now_ms, ret);
		break;
	case INCIDENT_EV_HEARD:
		facets_heard(i, e->met, now_ms);
		break;
	}
}

void incident_open(struct incident *i, uint64_t id, const char *topic, const struct incident_event *first,
		   int64_t now_ms, struct incident_actions *ret)
{
	struct incident_event e = *first;

	*i = (struct incident){
		.id = id,
		.state = INCIDENT_OPEN,
		.severity = first->severity,
		.peak = first->severity,
		.opened_ms = now_ms,
		.raise_ms = TIME_NONE,
		.ask_ms = TIME_NONE,
		.answer_ms = TIME_NONE,
		.under_ms = TIME_NONE,
		.receding_ms = TIME_NONE,
		.deaf_ms = TIME_NONE,
		.linger_ms = TIME_NONE,
	};
	name(i->topic, topic);
	act(ret, INCIDENT_START, INCIDENT_BEGINS, i->severity);
	if (first->kind == INCIDENT_EV_TAKEN) { /* by hand: there is nothing that could be met */
		e = (struct incident_event){.kind = INCIDENT_EV_JUDGED,
					    .alert = first->alert,
					    .severity = first->severity,
					    .met = true,
					    .late = true,
					    .settle_ms = INCIDENT_BY_HAND_MS};
	}
	judged(i, &e, now_ms, ret);
	if (first->kind == INCIDENT_EV_TAKEN) {
		i->under_ms = TIME_NONE;
		if (first->who) { /* the first step's people are told that it is, and who has it: one message */
			taken(i, first, now_ms, &(struct incident_actions){.n = 0});
			act(ret, INCIDENT_STOP, INCIDENT_TAKEN_BY, i->severity);
		}
	}
}

void incident_take_over(struct incident *into, const struct incident *from, int64_t now_ms,
			struct incident_actions *ret)
{
	size_t k;

	for (k = 0; k < from->n_facets; k++) {
		const struct facet *f = &from->facets[k];
		struct incident_event e = {.kind = INCIDENT_EV_JUDGED,
					   .alert = f->alert,
					   .severity = f->severity,
					   .met = true,
					   .late = f->unmet_ms != TIME_NONE,
					   .settle_ms = f->settle_ms,
					   .size = f->size,
					   .window = into->window > from->window ? into->window : from->window};

		if (into->state != INCIDENT_CLOSED && (!e.late || !facets_find(into, f->alert)))
			judged(into, &e, now_ms, ret);
	}
}

size_t incident_place(const size_t shared[], size_t n, size_t mentions)
{
	size_t best = 0, k;

	for (k = 1; k < n; k++)
		if (shared[k] > shared[best])
			best = k;
	return !n || shared[best] * 100 >= mentions * INCIDENT_SHARED_PERCENT ? best : n;
}
