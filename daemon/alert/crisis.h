#pragma once
/*
 * alert/crisis: an incident and its escalation together, as they are stepped, kept and found again. Pure.
 *
 * What the incident decides, the escalation does; what becomes of messages goes back to the incident. The caller keeps the
 * crisis (crisis_put()) in one transaction with the notices that its actions ask for, and only then sends them.
 */
#include "alert/escalation.h"
#include "alert/incident.h"

struct crisis {
	struct incident incident;
	struct escalation escalation;
};

enum crisis_event_kind {
	CRISIS_EV_DUE,
	CRISIS_EV_INCIDENT, /* incident: whatever it may be given */
	CRISIS_EV_HAS,      /* person: a message arrived */
	CRISIS_EV_NOT,      /* person: no channel took it */
	CRISIS_EV_CLOCK,    /* the wall clock was set, or the configuration is another */
};
struct crisis_event {
	enum crisis_event_kind kind;
	struct incident_event incident;
	const char *person;
};

/* rearm: the detector may tell of this topic anew. */
struct crisis_actions {
	struct escalation_actions tell;
	bool rearm;
};

/* by->policy is the one of the alert that opened it. */
void crisis_open(struct crisis *c, uint64_t id, const char *topic, const struct incident_event *first,
		 const struct escalation_by *by, int64_t now_ms, struct crisis_actions *ret);
void crisis_step(struct crisis *c, const struct crisis_event *e, const struct escalation_by *by, int64_t now_ms,
		 struct crisis_actions *ret);
/* from goes over to into, and is closed. Each has its own actions. */
void crisis_merge(struct crisis *into, struct crisis *from, const struct escalation_by *by, int64_t now_ms,
		  struct crisis_actions *ret_into, struct crisis_actions *ret_from);
int64_t crisis_due(const struct crisis *c);
/* Closed, and nobody waits for a message about it: nothing will ever be due. */
bool crisis_ended(const struct crisis *c);

void crisis_put(const struct crisis *c, int64_t ahead_ms, struct buf *b);
enum { CRISIS_E_FORMAT = 1, CRISIS_MAX_BYTES = 32 * 1024 };
/* in goes on behind it. */
int crisis_get_from(struct wire_in *in, int64_t ahead_ms, int64_t now_ms, int64_t down_ms,
		    struct crisis *ret) must_use;
int crisis_get(const char *bytes, size_t len, int64_t ahead_ms, int64_t now_ms, int64_t down_ms,
	       struct crisis *ret) must_use;
