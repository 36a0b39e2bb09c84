#include "stats/share.h"

#include <math.h>

/* Before anything is known of a topic: what a brand of no trouble has, worth so many mentions. */
static const double FIRST_SHARE = 0.15, FIRST_WEIGHT = 30, EXPECTED_LEAST = 0.01, WANDER_STEP = 1.0 / 100 /* hours */,
		    WANDER_MOST = 0.02, FREEZE_SIGMA = 2.5;

enum { BINS_A_DAY = 288 };

void share_init(struct share *s)
{
	*s = (struct share){0};
}

static bool is_usable(const struct share_tone *tone)
{
	return tone->r - tone->f >= SHARE_TONE_LEAST;
}

double share_true(const struct share_tone *tone, double negatives, double mentions)
{
	double measured = mentions > 0 ? negatives / mentions : 0;

	return is_usable(tone) ? fmin(fmax((measured - tone->f) / (tone->r - tone->f), 0), 1) : measured;
}

double share_seen(const struct share_tone *tone, double share)
{
	return is_usable(tone) ? share * tone->r + (1 - share) * tone->f : share;
}

bool share_is_known(const struct share *s)
{
	return s->old_n >= FIRST_WEIGHT;
}

static double share_usual(const struct share *s, const struct share_tone *tone)
{
	double first = share_seen(tone, FIRST_SHARE) * FIRST_WEIGHT;

	return share_true(tone, s->old_k + first, s->old_n + FIRST_WEIGHT);
}

/* How far k of n is from q, in standard deviations: the signed root of the deviance, whose tail is right where k is small, too;
 * beside chance (q (1 - q) / n) the hours wander by themselves. */
static double deviation(double n, double k, double q, double wander)
{
	double p = k / n, deviance = 0;

	if (p > 0)
		deviance += p * log(p / q);
	if (p < 1)
		deviance += (1 - p) * log((1 - p) / (1 - q));
	return copysign(sqrt(fmax(0, 2 * n * deviance) / (1 + wander * n / (q * (1 - q)))), p - q);
}

void share_test(const struct share *s, const struct share_tone *tone, double mentions, double negatives,
		struct share_verdict *ret)
{
	double expected;

	*ret = (struct share_verdict){.mentions = mentions, .negatives = negatives, .usual = share_usual(s, tone)};
	if (mentions <= 0)
		return;
	ret->now = share_true(tone, negatives, mentions);
	ret->rise = ret->now - ret->usual;
	expected = fmin(fmax(share_seen(tone, ret->usual), EXPECTED_LEAST), 1 - EXPECTED_LEAST);
	ret->z = deviation(mentions, negatives, expected, s->wander);
	ret->turned = mentions >= SHARE_LEAST && ret->rise >= SHARE_RISE && ret->z >= SHARE_SIGMA;
}

/* The bin that closed makes an hour with those before it; the one that falls out of that hour is learnt, or not. */
/* What left the last hour tells, hour by hour, how much they differ. A crisis tells it, too, but only so much. */
static void learn_wander(struct share *s, const struct share_tone *tone, double n, double k)
{
	double q, off, beyond;

	s->hour_n += (float)n;
	s->hour_k += (float)k;
	if (s->hour_n < SHARE_LEAST || s->bins % SHARE_HOUR)
		return;
	q = fmax(share_seen(tone, share_usual(s, tone)), EXPECTED_LEAST);
	off = s->hour_k / s->hour_n - q;
	beyond = fmin(off * off - q * (1 - q) / s->hour_n, WANDER_MOST);
	s->wander = (float)fmax(0, s->wander + WANDER_STEP * (beyond - s->wander));
	s->hour_n = s->hour_k = 0;
}

static void learn_usual(struct share *s, double n, double k)
{
	static const double fade = 1 - 1.0 / (SHARE_DAYS * BINS_A_DAY);

	s->old_n = (float)(s->old_n * fade + n);
	s->old_k = (float)(s->old_k * fade + k);
}

void share_close(struct share *s, const struct share_tone *tone, double mentions, double negatives)
{
	struct share_verdict now;
	uint32_t at = s->bins % SHARE_HOUR, i;
	double n = mentions, k = negatives;

	for (i = 0; i < SHARE_HOUR; i++) {
		n += i == at ? 0 : s->n[i];
		k += i == at ? 0 : s->k[i];
	}
	share_test(s, tone, n, k, &now);
	if (now.rise < SHARE_RISE || now.z < FREEZE_SIGMA)
		learn_usual(s, s->n[at], s->k[at]);
	learn_wander(s, tone, s->n[at], s->k[at]);
	s->n[at] = (float)mentions;
	s->k[at] = (float)negatives;
	s->bins++;
}
