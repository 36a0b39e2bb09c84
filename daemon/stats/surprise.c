#include "stats/surprise.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* DETECTION: what was found on recorded series. */
static const double PSEUDO = 9, /* a count added to the quarter of an hour: few are not many */
	TAIL_SHARE = 0.005,     /* beyond the tail's beginning */
	TAIL_SHAPE = 0.1,       /* xi of the Pareto distribution */
	GATE_TIMES = 2.0, GATE_MORE = 0.3, GATE_SIGMAS = 3, /* truly more than twice what is expected */
	SD_LEAST = 0.1, T_LEAST = 0.5, BETA_LEAST = 0.1, RECORD_TIMES = 1.3, BURST_Z = 3,
		    BURST_STEP = 0.1, /* a burst is learnt at a tenth of the pace */
	CLIP_SD = 3, CLIP_LOG = 1.5, PROFILE_HALVES = 0.5;

enum { TAIL_FIRST = 20, SETTLING = 200, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

static int at_least(int64_t n, int least)
{
	return n < least ? least : (int)n;
}

void surprise_scale(struct surprise_scale *ret, int64_t bin_s)
{
	ret->ring = at_least(15 * MINUTE_S / bin_s, 1);
	ret->day = at_least(DAY_S / bin_s, 1);
	ret->week = at_least(7 * DAY_S / bin_s, 7);
	ret->fortnight = 2 * ret->week;
	ret->hour_step = (float)fmin(0.03 * (double)bin_s / SURPRISE_BIN_S, 0.36);
}

void surprise_init(struct surprise *s)
{
	*s = (struct surprise){.t = 2, .beta = 1, .wn = TAIL_FIRST, .since = UINT32_MAX};
}

void surprise_rearm(struct surprise *s)
{
	s->record = 0;
	s->rearmed = true;
}

void surprise_turn(struct surprise *s, int hours)
{
	float was[SURPRISE_HOURS];
	int h;

	memcpy(was, s->profile, sizeof(was));
	hours = (hours % SURPRISE_HOURS + SURPRISE_HOURS) % SURPRISE_HOURS;
	for (h = 0; h < SURPRISE_HOURS; h++)
		s->profile[(h + hours) % SURPRISE_HOURS] = was[h];
}

static double clamp(double x, double bound)
{
	return fmin(fmax(x, -bound), bound);
}

/* -log10 of the probability of a deviation of z or more. */
static double tail_surprise(const struct surprise *s, double z)
{
	double beyond = z - s->t;

	if (beyond <= 0)
		return -log10(TAIL_SHARE) * fmin(1, z / fmax(s->t, 0.1));
	return -log10(TAIL_SHARE) + log10(1 + TAIL_SHAPE * beyond / s->beta) / TAIL_SHAPE;
}

/* Whether sum is more than twice what is expected, by three sigmas of a Poisson distribution. */
static bool gate_passed(double sum, double expected)
{
	double most = GATE_TIMES * (expected + GATE_MORE);

	return sum > most && sqrt(2 * (sum * log(sum / most) - (sum - most))) >= GATE_SIGMAS;
}

static void tail_learn(struct surprise *s, const struct surprise_scale *scale, double z)
{
	double known = (double)s->n - scale->day;
	double step = known < scale->week ? 1 / (known + TAIL_FIRST) : 1.0 / scale->week;
	bool beyond = z > s->t;

	s->t = (float)fmax(T_LEAST, s->t + 0.5 * step * fmax(s->beta, 0.2) / TAIL_SHARE * (beyond - TAIL_SHARE));
	if (!beyond)
		return;
	s->wn = (float)fmin(s->wn + 1, scale->week * TAIL_SHARE + TAIL_FIRST);
	s->beta = (float)fmax(BETA_LEAST, s->beta + (fmin(z - s->t, 6 * s->beta) - s->beta) / s->wn);
}

static void level_learn(struct surprise *s, const struct surprise_scale *scale, double y, double r, double sd, double z,
			int hour)
{
	double pace = z > BURST_Z && s->inside < (uint32_t)scale->day ? BURST_STEP : 1;
	double clipped = s->n <= SETTLING ? r : clamp(r, CLIP_SD * sd);
	double without = clamp(y - s->level, CLIP_LOG);
	double with = clamp(y - s->level - s->profile[hour], CLIP_LOG);
	double step = fmax(1.0 / (s->n + 1.0), 1.0 / scale->fortnight);

	s->profile[hour] += (float)(scale->hour_step * pace * with);
	s->v0 += (float)(step * (without * without - s->v0));
	s->v1 += (float)(step * (with * with - s->v1));
	step = fmax(1.0 / (s->n + 1.0), 1.0 / scale->week);
	s->level += (float)(step * pace * clipped);
	s->var += (float)(step * pace * (clipped * clipped - s->var));
}

static double ring_add(struct surprise *s, const struct surprise_scale *scale, double count, double *ret_bins)
{
	double sum = 0;
	int i;

	s->ring[s->n % (uint32_t)scale->ring] = (float)count;
	for (i = 0; i < scale->ring; i++)
		sum += s->ring[i];
	*ret_bins = fmin(s->n + 1.0, scale->ring);
	return sum;
}

static double alarm_step(struct surprise *s, const struct surprise_scale *scale, double surprise, double least)
{
	if (s->since > (uint32_t)scale->day)
		s->record = 0;
	if (s->since < UINT32_MAX)
		s->since++;
	if (surprise <= RECORD_TIMES * s->record || (s->rearmed && surprise < least))
		return 0;
	s->record = (float)surprise;
	s->since = 1;
	s->rearmed = false;
	return surprise < least ? 0 : surprise;
}

void surprise_step(struct surprise *s, const struct surprise_scale *scale, double least, double count, int hour,
		   struct surprise_step *ret)
{
	double bins, sum = ring_add(s, scale, count, &bins), y = log((sum + PSEUDO) / bins), hourly, r, sd, z;
	bool known = s->n >= (uint32_t)scale->day;

	if (!s->n)
		s->level = (float)y;
	hourly = s->n >= (uint32_t)scale->week && s->v1 < PROFILE_HALVES * s->v0 ? s->profile[hour] : 0;
	r = y - s->level - hourly;
	sd = sqrt(s->var);
	z = r / fmax(sd, SD_LEAST);
	*ret = (struct surprise_step){.early = s->n < (uint32_t)scale->week};
	ret->expected = fmax(0, exp(s->level + hourly) - PSEUDO / bins) * bins;
	if (known && z > 0 && gate_passed(sum, ret->expected))
		ret->surprise = tail_surprise(s, z);
	if (known)
		tail_learn(s, scale, z);
	s->inside = z > s->t ? s->inside + 1 : s->inside - (s->inside > 0);
	ret->alarm = alarm_step(s, scale, ret->surprise, least);
	level_learn(s, scale, y, r, sd, z, hour);
	s->n += s->n < UINT32_MAX;
}
