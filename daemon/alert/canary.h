#pragma once
/*
 * alert/canary: a mention that nobody wrote goes the way of all others once a day, and is spoken of only where it gets stuck. This decides
 * when it sets out, which stage comes next, how long each may take, and what is told of it. Pure: (state, event, now) → (state, action).
 *
 * Its stages, in the order of a mention's way: a reader reads it, it is a hit of its topic, the log has it and gives it back, the queue
 * has all that was committed before it, a crisis would open for it and somebody would be told, and every channel by which people are reached takes
 * a message up to its last step.
 *
 * What is stuck is told when it begins, at another stage anew, again each day while it lasts, and when it is over; it is tried again every
 * CANARY_AGAIN_MS meanwhile. What was told is to be kept, so that a restart tells nothing twice.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define CANARY_TOPIC    "@canary" /* no topic of a rule file is called so */
#define CANARY_AGAIN_MS HOUR_MS
#define CANARY_FIRST_MS (10 * MINUTE_MS) /* behind a start: everything has found its pace by then */

enum canary_stage {
	CANARY_READER,
	CANARY_MATCH,
	CANARY_LOG,
	CANARY_QUEUE,
	CANARY_ALERT,
	CANARY_CHANNEL,
	CANARY_STAGES /* it came through */
};
extern const char *const canary_stage_names[];       /* "reader", "match", …; NULL at the end */
int64_t canary_patience_ms(enum canary_stage stage); /* that it has, unless it is said otherwise */

struct canary_config {
	bool enabled;
	int at_min; /* minute of the day, where people live */
};

struct canary {
	bool running;
	enum canary_stage stage; /* running: where it is */
	int64_t patience_ms;     /* of each stage of this run; 0: their own */
	int64_t until_ms;        /* running; steady: then the stage has failed */
	/* kept */
	int64_t last_ms;          /* wall: when it set out last; TIME_NONE: never */
	int64_t since_ms;         /* wall: since when it gets stuck; TIME_NONE: it came through */
	enum canary_stage failed; /* where */
	int64_t told_ms;          /* wall: when that was told last */
};
void canary_init(struct canary *c);

enum canary_event_kind {
	CANARY_EV_BEGIN,  /* patience_ms */
	CANARY_EV_PASSED, /* stage: a late word of another one does nothing */
	CANARY_EV_FAILED, /* stage */
	CANARY_EV_DUE,
};
struct canary_event {
	enum canary_event_kind kind;
	enum canary_stage stage;
	int64_t patience_ms;
};

enum canary_say { CANARY_SAY_NOTHING, CANARY_SAY_BEGINS, CANARY_SAY_LASTS, CANARY_SAY_OVER };
struct canary_action {
	bool go;    /* c->stage is to be gone through now */
	bool ended; /* the run is over: c->since_ms says how */
	bool late;  /* it had no more time */
	enum canary_say say;
	int64_t since_ms; /* of what is said */
};
void canary_step(struct canary *c, const struct canary_event *e, int64_t now_ms, int64_t wall_ms,
		 struct canary_action *ret);

/* Wall: when it is to set out next; started_ms: when this process began. zone NULL: UTC. */
struct zone;
int64_t canary_next(const struct canary *c, const struct canary_config *config, const struct zone *zone,
		    int64_t started_ms);
