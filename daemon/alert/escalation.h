#pragma once
/*
 * alert/escalation: who is told of an incident, and when: the steps of a level, one after another, until somebody takes it.
 * Pure: (state, event, now) → (state, actions).
 *
 * Who is on call, or stands in, is asked when a step is due. A step of which nobody can be told (nobody there, or without a
 * working channel) gives way to the next one at once; where no step is left, ESCALATION_NOBODY says so, once a round. Behind the
 * last step everybody is told again every `repeat`, but for info, and but for whom a message is still on its way or came
 * within the last half of it. Quiet hours hold
 * back what is not critical, and a mute what it says: one message comes after them, whatever happened meanwhile. So nobody is told twice of the same:
 * within a round each person is told once of a level.
 *
 * While somebody has it nothing is repeated; but whoever comes on call in the rotas of its level, where who has it is not on call
 * there, is told once that it is and who has it: at the change, also one that fell into a time when nothing ran. A clock that was
 * set is no change.
 *
 * Waits are in the state before they begin. Times are steady, and written as wall time (as alert/incident).
 * Bounds: ESCALATION_PEOPLE_MAX of one incident; whoever is beyond them is not told.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/incident.h"

struct rotas;

enum { ESCALATION_PEOPLE_MAX = 100 };
#define ESCALATION_WAIT_MAX_MS DAY_MS           /* of a step or a round, by the configuration */
#define ESCALATION_HOLD_MAX_MS (7 * DAY_MS)     /* of quiet hours (alert/rota) */
#define ESCALATION_RETRY_MS    (30 * MINUTE_MS) /* where nobody could be told and nothing is repeated */

enum escalation_state { ESCALATION_IDLE, ESCALATION_RUNNING, ESCALATION_STOPPED };
enum told_state {
	TOLD_HELD, /* by quiet hours; nothing was sent */
	TOLD_SENT, /* a message is on its way */
	TOLD_HAS,  /* they have it */
	TOLD_NOT,  /* no channel took it */
	TOLD_STATES,
};

struct told {
	char person[INCIDENT_NAME_SIZE];
	enum told_state state;
	enum severity severity; /* of the last message */
	uint32_t round;         /* in which they were meant last */
	int64_t told_ms;        /* when the last message went; TIME_NONE: never */
	int64_t until_ms;       /* HELD */
};

struct escalation {
	enum escalation_state state;
	enum severity severity;
	enum incident_reason reason; /* for which this round is */
	uint32_t round;
	size_t step; /* the next one */
	bool nobody; /* said in this round */
	int64_t started_ms;
	int64_t due_ms; /* of the next step or round; STOPPED: of the next change of shift; TIME_NONE: none */
	struct told told[ESCALATION_PEOPLE_MAX];
	size_t n;
};

/* What it is stepped by; borrowed. */
struct escalation_by {
	const struct escalation_config *policy;
	const struct rotas *rotas;
	const struct person_config *people;
	size_t n_people;
	/* Whether some channel of theirs works at present; NULL: all do that there are. */
	bool (*reachable)(void *arg, const struct person_config *p);
	void *arg;
	int64_t wall_ms; /* now, as well */
	/* Until when (wall) messages of this severity are held, whoever they are for; 0: they aren't. NULL: never. */
	int64_t (*muted_until)(void *arg, const char *topic, enum severity severity);
	void *muted_arg;
	const char *topic;
};

enum escalation_event_kind {
	ESCALATION_EV_DUE,     /* person: who has it, "": nobody; NULL: no shift is told of it */
	ESCALATION_EV_START,   /* severity, reason */
	ESCALATION_EV_RESUME,  /* reason */
	ESCALATION_EV_STOP,    /* person: as DUE */
	ESCALATION_EV_TELL,    /* who was told: reason; person: that one alone; but: all but that one */
	ESCALATION_EV_HAS,     /* person: a message arrived */
	ESCALATION_EV_NOT,     /* person: no channel took it */
	ESCALATION_EV_CLOCK,   /* the wall clock was set, or people are others; person: as DUE */
	ESCALATION_EV_DISCARD, /* a false alarm: what is held back is dropped */
};
struct escalation_event {
	enum escalation_event_kind kind;
	const char *person, *but;
	enum severity severity;
	enum incident_reason reason;
};

enum escalation_action_kind {
	ESCALATION_TELL,   /* person: reason; to be kept first */
	ESCALATION_NOBODY, /* nobody can be told at present: this is for operators */
};
struct escalation_action {
	enum escalation_action_kind kind;
	size_t told; /* number in told[] */
	enum severity severity;
	enum incident_reason reason;
};
struct escalation_actions {
	struct escalation_action v[2 * ESCALATION_PEOPLE_MAX + 2];
	size_t n;
};

void escalation_init(struct escalation *s);
void escalation_step(struct escalation *s, const struct escalation_event *e, const struct escalation_by *by,
		     int64_t now_ms, struct escalation_actions *ret);
int64_t escalation_due(const struct escalation *s);                                 /* TIME_NONE: never */
const struct told *escalation_told(const struct escalation *s, const char *person); /* NULL: was not meant yet */

void escalation_put(const struct escalation *s, int64_t ahead_ms, struct buf *b);
enum { ESCALATION_E_FORMAT = 1 };
int escalation_get(struct wire_in *in, int64_t ahead_ms, int64_t now_ms, struct escalation *ret) must_use;
