#include "alert/crisis.h"

#include "base/buf.h"
#include "base/wire.h"

/* Who has it, of whom those who come on shift are told: "": nobody yet. NULL: it is open, or over, and nobody is to be told of a shift. */
static const char *keeper(const struct crisis *c)
{
	const struct incident *i = &c->incident;

	return i->state == INCIDENT_ACKNOWLEDGED || i->state == INCIDENT_RECEDING ? i->owner : NULL;
}

/* What the incident decided. */
static void carry_out(struct crisis *c, const struct incident_actions *decided, const struct escalation_by *by,
		      int64_t now_ms, struct crisis_actions *ret)
{
	size_t i;

	for (i = 0; i < decided->n; i++) {
		const struct incident_action *a = &decided->v[i];
		struct escalation_event e = {.severity = a->severity, .reason = a->reason};

		switch (a->kind) {
		case INCIDENT_START:
			e.kind = ESCALATION_EV_START;
			break;
		case INCIDENT_RESUME:
			e.kind = ESCALATION_EV_RESUME;
			break;
		case INCIDENT_STOP:
			e.kind = ESCALATION_EV_STOP;
			e.person = keeper(c);
			break;
		case INCIDENT_TELL_OWNER:
			e.person = c->incident.owner;
			e.kind = ESCALATION_EV_TELL;
			break;
		case INCIDENT_TELL:
			e.kind = ESCALATION_EV_TELL;
			if (a->reason == INCIDENT_TAKEN_BY) /* who said so had their answer where they said it */
				e.but = c->incident.owner;
			break;
		case INCIDENT_REARM:
			ret->rearm = true;
			continue;
		}
		escalation_step(&c->escalation, &e, by, now_ms, &ret->tell);
	}
}

static void step_incident(struct crisis *c, const struct incident_event *e, const struct escalation_by *by,
			  int64_t now_ms, struct crisis_actions *ret)
{
	struct incident_actions decided = {.n = 0};

	if (e->kind == INCIDENT_EV_FALSE_ALARM && c->incident.state != INCIDENT_CLOSED)
		escalation_step(&c->escalation, &(struct escalation_event){.kind = ESCALATION_EV_DISCARD}, by, now_ms,
				&ret->tell);
	incident_step(&c->incident, e, now_ms, &decided);
	carry_out(c, &decided, by, now_ms, ret);
}

/* A message arrived: of the severity that it spoke of. */
static void has(struct crisis *c, const struct crisis_event *e, const struct escalation_by *by, int64_t now_ms,
		struct crisis_actions *ret)
{
	const struct told *t = escalation_told(&c->escalation, e->person);
	struct incident_event arrived = {.kind = INCIDENT_EV_DELIVERED};

	if (!t || t->state != TOLD_SENT)
		return;
	arrived.severity = t->severity;
	escalation_step(&c->escalation, &(struct escalation_event){.kind = ESCALATION_EV_HAS, .person = e->person}, by,
			now_ms, &ret->tell);
	step_incident(c, &arrived, by, now_ms, ret);
}

void crisis_open(struct crisis *c, uint64_t id, const char *topic, const struct incident_event *first,
		 const struct escalation_by *by, int64_t now_ms, struct crisis_actions *ret)
{
	struct incident_actions decided = {.n = 0};

	*ret = (struct crisis_actions){.rearm = false};
	escalation_init(&c->escalation);
	incident_open(&c->incident, id, topic, first, now_ms, &decided);
	carry_out(c, &decided, by, now_ms, ret);
}

void crisis_step(struct crisis *c, const struct crisis_event *e, const struct escalation_by *by, int64_t now_ms,
		 struct crisis_actions *ret)
{
	struct escalation_event own = {.person = e->person};

	ret->rearm = false;
	ret->tell.n = 0;
	switch (e->kind) {
	case CRISIS_EV_DUE:
		step_incident(c, &(struct incident_event){.kind = INCIDENT_EV_DUE}, by, now_ms, ret);
		own.kind = ESCALATION_EV_DUE;
		own.person = keeper(c);
		break;
	case CRISIS_EV_INCIDENT:
		step_incident(c, &e->incident, by, now_ms, ret);
		return;
	case CRISIS_EV_HAS:
		has(c, e, by, now_ms, ret);
		return;
	case CRISIS_EV_NOT:
		own.kind = ESCALATION_EV_NOT;
		break;
	case CRISIS_EV_CLOCK:
		own.kind = ESCALATION_EV_CLOCK;
		own.person = keeper(c);
		break;
	}
	escalation_step(&c->escalation, &own, by, now_ms, &ret->tell);
}

void crisis_merge(struct crisis *into, struct crisis *from, const struct escalation_by *by, int64_t now_ms,
		  struct crisis_actions *ret_into, struct crisis_actions *ret_from)
{
	static const struct crisis_event merged = {.kind = CRISIS_EV_INCIDENT,
						   .incident = {.kind = INCIDENT_EV_MERGED}};
	struct incident_actions decided = {.n = 0};

	ret_into->rearm = false;
	ret_into->tell.n = 0;
	incident_take_over(&into->incident, &from->incident, now_ms, &decided);
	carry_out(into, &decided, by, now_ms, ret_into);
	crisis_step(from, &merged, by, now_ms, ret_from);
}

int64_t crisis_due(const struct crisis *c)
{
	int64_t a_ms = incident_due(&c->incident), b_ms = escalation_due(&c->escalation);

	if (a_ms == TIME_NONE || b_ms == TIME_NONE)
		return a_ms == TIME_NONE ? b_ms : a_ms;
	return a_ms < b_ms ? a_ms : b_ms;
}

bool crisis_ended(const struct crisis *c)
{
	return c->incident.state == INCIDENT_CLOSED && crisis_due(c) == TIME_NONE;
}

void crisis_put(const struct crisis *c, int64_t ahead_ms, struct buf *b)
{
	incident_put(&c->incident, ahead_ms, b);
	escalation_put(&c->escalation, ahead_ms, b);
}

int crisis_get_from(struct wire_in *in, int64_t ahead_ms, int64_t now_ms, int64_t down_ms, struct crisis *ret)
{
	struct crisis c;

	if (incident_get(in, ahead_ms, now_ms, down_ms, &c.incident) != 0 ||
	    escalation_get(in, ahead_ms, now_ms, &c.escalation) != 0)
		return CRISIS_E_FORMAT;
	*ret = c;
	return 0;
}

int crisis_get(const char *bytes, size_t len, int64_t ahead_ms, int64_t now_ms, int64_t down_ms, struct crisis *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);
	struct crisis c;

	if (crisis_get_from(&in, ahead_ms, now_ms, down_ms, &c) != 0 || !wire_done(&in))
		return CRISIS_E_FORMAT;
	*ret = c;
	return 0;
}
