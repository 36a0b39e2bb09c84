#pragma once
/*
 * stats/seasonal: how many of something an hour of the day usually has: the mean of the same hour of the days before, the last
 * week weighing most. What "times_usual" stands against. Pure; in place, zeroed by seasonal_init().
 */
#include <stdint.h>

enum { SEASONAL_HOURS = 24, SEASONAL_BINS_AN_HOUR = 12 };

struct seasonal {
	float mean[SEASONAL_HOURS];   /* a bin */
	uint8_t days[SEASONAL_HOURS]; /* that this hour was seen on, as far as it matters */
	float sum;                    /* of the hour that is under way, which is learnt when it is over: */
	uint8_t bins, hour;           /* a wave must not become usual while it rises */
};
void seasonal_init(struct seasonal *s);
void seasonal_close(struct seasonal *s, double count, int hour); /* the bin is over; hour: 0 to 23, where people live */

/* Of so many bins that end in this hour; hours that were never seen count as the mean of those that were. Below 0: nothing is
 * known yet. */
double seasonal_usual(const struct seasonal *s, int hour, double bins);

/* Of an hour, where little is counted and a single one's mean is hardly known: its neighbours weigh in, and no hour has less
 * than half of what the day's mean is. 0: nothing is known. */
double seasonal_hour(const struct seasonal *s, int hour);
void seasonal_turn(struct seasonal *s, int hours); /* the hours are others now: what was at h is at h + hours */
double seasonal_mean(const struct seasonal *s);    /* a bin, of all hours; below 0: nothing is known */
