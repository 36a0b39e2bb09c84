#pragma once
/*
 * stats/surprise: whether a count is improbable for its own series, one closed bin after the other. Pure.
 *
 * The log rate of the last quarter of an hour stands against a slowly learnt level; each series learns its own tail (a
 * generalised Pareto distribution beyond its quantile of 99.5 %), since real counts spread far wider than Poisson's. A gate asks
 * for truly more than twice of what is expected. A burst hardly enters the level, for a day; then it is the new normal. The
 * profile of the day's hours counts only where it halves the variance. One alarm a burst: a further one only by a record 1.3
 * times as surprising within a day. Under a mean of 0.2 a bin statistics see nothing: static thresholds must.
 *
 * The pieces: peaks over a threshold, Siffer et al. (KDD 2017, "SPOT"); level and variance, exponentially weighted; the gate, the
 * signed root of Poisson's deviance.
 *
 * Owner: in place, zeroed by surprise_init(); a copy is as good. Times are in bins; surprise_scale says how long a bin is.
 */
#include <stdbool.h>
#include <stdint.h>

enum { SURPRISE_HOURS = 24, SURPRISE_RING_MAX = 15 };

/* How many bins what takes. */
struct surprise_scale {
	int ring; /* a quarter of an hour */
	int day, week, fortnight;
	float hour_step; /* how much of the news a bin's hour takes in */
};
enum { SURPRISE_BIN_MIN_S = 60, SURPRISE_BIN_MAX_S = 86400, SURPRISE_BIN_S = 300 };
void surprise_scale(struct surprise_scale *ret, int64_t bin_s); /* a bin of SURPRISE_BIN_MIN_S to SURPRISE_BIN_MAX_S */

struct surprise {
	float ring[SURPRISE_RING_MAX]; /* the newest counts; ring[n % scale.ring] is the next */
	float level, var;              /* of the log rate */
	float t, beta, wn;             /* the tail: where it begins, how long it is, by how many it was learnt */
	float record;                  /* of this burst */
	float profile[SURPRISE_HOURS], v0, v1; /* the hours' own level; the variance without it and with it */
	uint32_t n, since, inside;             /* bins: seen; since the record; that a burst lasts */
	bool rearmed;
};
void surprise_init(struct surprise *s);

struct surprise_step {
	double surprise; /* -log10 of the probability of so much or more; 0: nothing of note, or not yet known */
	double alarm;    /* the same where it is an alarm: the first of a burst, or its record; else 0 */
	double expected; /* of the last quarter of an hour */
	bool early;      /* less than a week of the series is known: confidence is low */
};
/* What an alarm must reach: `least`. What stays below it is a record all the same (half of the false alarms on recorded series
 * were a quiet day's second stir), but not once surprise_rearm() was called. */
#define SURPRISE_HIGH   2.2 /* sensitivity: high */
#define SURPRISE_NORMAL 2.45
#define SURPRISE_LOW    2.8
/* The bin that closed, with its count (0, too) and the hour of the day, 0 to 23, where people live. */
void surprise_step(struct surprise *s, const struct surprise_scale *scale, double least, double count, int hour,
		   struct surprise_step *ret);

/* The incident has closed: its record no longer keeps the next alarm back, so that the day's second crisis is told. */
void surprise_rearm(struct surprise *s);

void surprise_turn(struct surprise *s, int hours); /* the hours are others now: what was at h is at h + hours */
