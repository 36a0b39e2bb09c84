#pragma once
/*
 * stats/share: whether the share of negatives among a topic's mentions has turned. Volume alone does not move it, and a turn of
 * tone at the usual volume does. Pure.
 *
 * What a tone engine measures is not what is so: of the negatives it finds the part r (recall), of the others it calls the part f
 * negative. A share is therefore de-biased before it is compared: (measured - f) / (r - f), within 0 to 1 (Rogan and Gladen,
 * Am. J. Epidemiol. 107, 1978). The usual share is an exponentially weighted one of the bins older than the last hour (SHARE_DAYS),
 * which stands still while the last hour is SHARE_RISE above it: a crisis does not become what is usual. How far the topic's own
 * hours wander is learnt, too: some brands are always good for a quarrel (a random effect: DerSimonian and Laird, 1986).
 *
 * Owner: in place, zeroed by share_init(). The bins of SHARE_HOUR make the hour; a bin is five minutes.
 */
#include <stdbool.h>
#include <stdint.h>

enum { SHARE_HOUR = 12, SHARE_DAYS = 7, SHARE_LEAST = 20 /* mentions; fewer are no share */ };
#define SHARE_RISE 0.10
#define SHARE_SIGMA                                                                                                    \
	4.2 /* 4.0 called half as much again of nothing at 1,000 mentions a day, and found no more (tests/brands) */

struct share_tone {
	double r, f; /* 0 to 1; r must be above f by SHARE_TONE_LEAST, else shares are taken as measured */
};
#define SHARE_TONE_LEAST 0.05

double share_true(const struct share_tone *tone, double negatives, double mentions);
double share_seen(const struct share_tone *tone,
		  double share); /* the other way: what is measured where so much is true */

struct share {
	float n[SHARE_HOUR], k[SHARE_HOUR]; /* the last bins that closed: mentions, negatives; at[bin % SHARE_HOUR] */
	float old_n, old_k;                 /* the older ones, weighted */
	float hour_n, hour_k;               /* of the older ones: those since the last whole hour */
	float wander;                       /* variance of the hours' measured share beyond what chance explains */
	uint32_t bins;
};
void share_init(struct share *s);

bool share_is_known(const struct share *s); /* what is usual is the topic's own, and no longer what is assumed of any */

struct share_verdict {
	double mentions, negatives; /* of the last hour, as measured */
	double now, usual, rise;    /* de-biased */
	double z; /* of the measured share, in standard deviations from what the usual one would give: those of
				       chance, and those of the topic's own hours */
	bool turned;
};
/* An hour of so many. */
void share_test(const struct share *s, const struct share_tone *tone, double mentions, double negatives,
		struct share_verdict *ret);
void share_close(struct share *s, const struct share_tone *tone, double mentions,
		 double negatives); /* the bin is over */
