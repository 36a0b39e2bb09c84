#pragma once
/*
 * alert/incident: the life of one crisis: open → acknowledged → receding → closed. Pure: (state, event, now) → (state, actions).
 *
 * Alerts of its topic join it as facets, each met or not. Its severity is what the worst one that is met asks for:
 *   rises     at once; the steps of the new level begin, whoever took over the lower one. A warning that was delivered and that
 *             nobody took for INCIDENT_RAISE_MS is critical (once; info never rises by time)
 *   falls     a level at a time, each after INCIDENT_DOWN_MS under its threshold
 *   receding  once every facet has been settled for its time (an alert's own `close`, else INCIDENT_DOWN_MS unmet)
 *   closed    receding for INCIDENT_RECEDE_MS, nothing met, and either INCIDENT_CLOSE_MENTIONS in the window, so that the tone is
 *             back, or nothing met for INCIDENT_QUIET_MS. While its sources are deaf these clocks stand still: no data is no recovery
 * Who took it is asked once, after INCIDENT_ASK_MS, whether they are still on it; unanswered for INCIDENT_ANSWER_MS the steps go
 * on. Until then they are told only of growth: twice as much as when they were told last, or worse.
 *
 * Closed by hand, or as a false alarm, while something is met, it lingers: what is met still is the same matter, and opens no other
 * incident (incident_absorbs()), until it has been unmet once, is worse than it ever was, has doubled, or INCIDENT_LINGER_MS pass.
 *
 * Info is told when it begins, and no more. A facet whose alert is no more (a reload) has to be judged once as unmet and settled.
 *
 * Times are steady; incident_put() writes them as wall time, so that a wait survives a restart, and incident_get() cuts what a
 * clock that was set has made absurd (FAULTS T1). What a step changed is to be kept before its actions are done.
 *
 * Bounds: INCIDENT_FACETS_MAX: a further one takes the place of one that is not met; where all are, it only raises the severity.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/config.h"
#include "base/clock.h"
#include "base/schema.h"

struct buf;
struct wire_in;

enum {
	INCIDENT_FACETS_MAX = 32,
	INCIDENT_NAME_SIZE = SCHEMA_NAME_MAX + 1,
	FACET_NAME_SIZE =
		2 * INCIDENT_NAME_SIZE, /* "alert", or "topic:alert" of another brand that the same is said of */
	INCIDENT_CLOSE_MENTIONS = 20,
	INCIDENT_GROWTH_LEAST = 10, /* less is not called growth */
	INCIDENT_SHARED_PERCENT = 30,
	INCIDENT_ACTIONS_MAX = 8,
};
#define INCIDENT_DOWN_MS    (2 * HOUR_MS)
#define INCIDENT_RAISE_MS   (30 * MINUTE_MS)
#define INCIDENT_RECEDE_MS  (30 * MINUTE_MS)
#define INCIDENT_QUIET_MS   (6 * HOUR_MS)
#define INCIDENT_ASK_MS     (60 * MINUTE_MS)
#define INCIDENT_ANSWER_MS  (15 * MINUTE_MS)
#define INCIDENT_LINGER_MS  DAY_MS
#define INCIDENT_BY_HAND_MS DAY_MS /* how long one that was opened by hand lasts, if nobody closes it */

enum incident_state { INCIDENT_OPEN, INCIDENT_ACKNOWLEDGED, INCIDENT_RECEDING, INCIDENT_CLOSED, INCIDENT_STATES };
extern const char *const incident_state_names[]; /* by enum incident_state: "open", … */
enum incident_end { INCIDENT_NOT_ENDED, INCIDENT_OVER, INCIDENT_BY_HAND, INCIDENT_FALSE_ALARM, INCIDENT_MERGED };

struct facet {
	char alert[FACET_NAME_SIZE];
	enum severity severity;
	int64_t unmet_ms;       /* since when it is not met; TIME_NONE: it is */
	int64_t settled_ms;     /* since when its own closing condition holds; TIME_NONE: it doesn't */
	int64_t settle_ms;      /* for how long it has to */
	double size, told_size; /* matching in its window: now; at its most when it was told of */
};

struct incident {
	uint64_t id;
	char topic[INCIDENT_NAME_SIZE];
	enum incident_state state;
	enum incident_end end;
	enum severity severity, peak;
	struct facet facets[INCIDENT_FACETS_MAX];
	size_t n_facets;
	int64_t opened_ms;
	char owner[INCIDENT_NAME_SIZE]; /* who took it; "": nobody */
	enum severity owned;            /* up to which severity */
	bool asked;                     /* whether they are still on it, since they took it */
	bool raised;                    /* critical by time */
	double window;                  /* mentions in it, when it was last judged */
	/* waits: TIME_NONE: none */
	int64_t raise_ms, ask_ms, answer_ms; /* when */
	int64_t under_ms, receding_ms;       /* since when */
	int64_t deaf_ms;                     /* since when its sources are not heard */
	int64_t linger_ms;                   /* closed: until when what is met still is the same matter */
};

enum incident_event_kind {
	INCIDENT_EV_DUE,
	INCIDENT_EV_JUDGED,    /* alert, severity, met, settled, settle_ms, size, window, late */
	INCIDENT_EV_DELIVERED, /* severity: somebody has the message of that level */
	INCIDENT_EV_TAKEN,     /* who, severity: what they were told; also the answer "still on it" */
	INCIDENT_EV_PASSED,    /* who: to them */
	INCIDENT_EV_CLOSED,    /* by hand */
	INCIDENT_EV_FALSE_ALARM,
	INCIDENT_EV_MERGED, /* into another one */
	INCIDENT_EV_HEARD,  /* met: its sources are heard, or not */
};
struct incident_event {
	enum incident_event_kind kind;
	const char *alert, *who;
	enum severity severity;
	bool met, settled;
	bool late;         /* happened hours ago, and was heard now: it is met, and over at once */
	int64_t settle_ms; /* 0: INCIDENT_DOWN_MS */
	double size, window;
};

enum incident_reason {
	INCIDENT_BEGINS,  /* of a level's steps */
	INCIDENT_RISES,   /* of a higher level's */
	INCIDENT_REPEATS, /* nobody has taken it */
	INCIDENT_LAPSED,  /* who took it did not answer */
	INCIDENT_BACK,    /* it was receding */
	INCIDENT_GREW,
	INCIDENT_TAKEN_BY,
	INCIDENT_ASKED, /* still on it? or: do you take it? */
	INCIDENT_RECEDES,
	INCIDENT_ENDS,
	INCIDENT_HELD,  /* what quiet hours kept back */
	INCIDENT_SHIFT, /* they come on call, and who has it is not */
	INCIDENT_REASONS,
};
extern const char *const incident_reason_names[]; /* by enum incident_reason: "begins", … */

enum incident_action_kind {
	INCIDENT_START,      /* the steps of severity begin, by reason */
	INCIDENT_RESUME,     /* they go on */
	INCIDENT_STOP,       /* they don't, until START or RESUME */
	INCIDENT_TELL,       /* everybody who was told: reason; of TAKEN_BY, but for who took it */
	INCIDENT_TELL_OWNER, /* reason */
	INCIDENT_REARM,      /* it is closed: the detector may tell of the next one */
};
struct incident_action {
	enum incident_action_kind kind;
	enum incident_reason reason;
	enum severity severity;
};
struct incident_actions {
	struct incident_action v[INCIDENT_ACTIONS_MAX];
	size_t n;
};

/* first is JUDGED and met; or by hand: INCIDENT_EV_TAKEN with the name of the alert (and who, or NULL: nobody has it yet). */
void incident_open(struct incident *i, uint64_t id, const char *topic, const struct incident_event *first,
		   int64_t now_ms, struct incident_actions *ret);
/* Events that don't fit the state do nothing; nor does any once it is closed. ret may already hold actions. */
void incident_step(struct incident *i, const struct incident_event *e, int64_t now_ms, struct incident_actions *ret);
/* It was closed, and e is no news: it is to be given e nevertheless, which may end that. */
bool incident_absorbs(const struct incident *i, const struct incident_event *e);
/* When INCIDENT_EV_DUE is next wanted; TIME_NONE: never. */
int64_t incident_due(const struct incident *i);
/* from's facets and severity go over to into; from is to be given INCIDENT_EV_MERGED besides. */
void incident_take_over(struct incident *into, const struct incident *from, int64_t now_ms,
			struct incident_actions *ret);

/* Which of a topic's open incidents an alert belongs to: shared[k] of its mentions are v[k]'s. n: to none, it opens another. */
size_t incident_place(const size_t shared[], size_t n, size_t mentions);

/* ahead_ms: wall time less steady time, at that moment. down_ms: for how long nobody listened; that is no recovery. */
void incident_put(const struct incident *i, int64_t ahead_ms, struct buf *b);
enum { INCIDENT_E_FORMAT = 1 };
int incident_get(struct wire_in *in, int64_t ahead_ms, int64_t now_ms, int64_t down_ms, struct incident *ret) must_use;
