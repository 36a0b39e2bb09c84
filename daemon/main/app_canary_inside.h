#pragma once
/*
 * main/app_canary_inside: what the files of app_canary share. Nobody else includes it.
 */
#include "alert/canary.h"
#include "alert/config.h"
#include "main/app_canary.h"
#include "main/app_inside.h"
#include "mention/mention.h"

enum { CANARY_WHY_MAX_BYTES = 600 };

/* One channel that is tried. Stays while it is under way, whatever became of the run. */
struct canary_try {
	struct app_canary *canary;
	uint64_t run; /* for which it is */
	bool busy;
	char channel[SCHEMA_NAME_MAX + 1];
};

struct app_canary {
	struct app *app;
	struct loop_timer *timer;
	struct zone *zone;
	struct canary state;
	bool known; /* what the log has of it */
	uint64_t run;
	int64_t entered_ms;             /* steady: its stage */
	int64_t took_ms[CANARY_STAGES]; /* of this run; TIME_NONE: not gone through */
	struct buf why;                 /* what it is stuck by, short; "" where the time said it */
	struct reply *replies[CANARY_REPLIES_MAX];
	size_t n_replies;
	/* of the run */
	struct arena *arena;
	struct mention mention;
	const char *topic, *guid;
	int64_t at_ms; /* wall */
	uint64_t job;  /* of the reader; 0: none */
	struct canary_try tries[CHANNELS_MAX];
	size_t n_tried, n_worked, n_waiting;
};

/* app_canary.c */
void canary_event(struct app_canary *k, enum canary_event_kind kind, enum canary_stage stage);

/* app_canary_way.c: each ends in canary_event(), now or later. */
void canary_go(struct app_canary *k);
void canary_look(struct app_canary *k);  /* at what nobody tells of: the queue */
void canary_leave(struct app_canary *k); /* the run is over */
