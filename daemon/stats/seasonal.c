#include "stats/seasonal.h"

#include <math.h>

enum { DAYS = 7 }; /* are remembered */

/* What is many times the usual hardly enters it. */
static const double CLIP_TIMES = 3, CLIP_MORE = 1.0 / SEASONAL_BINS_AN_HOUR;

void seasonal_init(struct seasonal *s)
{
	*s = (struct seasonal){0};
}

static void hour_over(struct seasonal *s)
{
	double mean = s->sum / s->bins, known = s->days[s->hour], most = CLIP_TIMES * s->mean[s->hour] + CLIP_MORE;

	if (known > 0)
		mean = fmin(mean, most);
	s->mean[s->hour] += (float)((mean - s->mean[s->hour]) / fmin(known + 1, DAYS));
	s->days[s->hour] += known < DAYS;
}

void seasonal_close(struct seasonal *s, double count, int hour)
{
	if (s->bins && s->hour != hour) {
		hour_over(s);
		s->bins = 0;
		s->sum = 0;
	}
	s->hour = (uint8_t)hour;
	s->bins += s->bins < UINT8_MAX;
	s->sum += (float)count;
}

double seasonal_mean(const struct seasonal *s)
{
	double sum = 0, n = 0;
	int h;

	for (h = 0; h < SEASONAL_HOURS; h++) {
		sum += s->days[h] ? s->mean[h] : 0;
		n += s->days[h] > 0;
	}
	return n > 0 ? sum / n : -1;
}

double seasonal_usual(const struct seasonal *s, int hour, double bins)
{
	double mean = seasonal_mean(s), sum = 0, here;

	if (mean < 0)
		return -1;
	for (; bins > 0; bins -= here) {
		if (bins >= SEASONAL_HOURS * SEASONAL_BINS_AN_HOUR) {
			here = SEASONAL_HOURS * SEASONAL_BINS_AN_HOUR; /* a whole day */
			sum += mean * here;
			continue;
		}
		here = fmin(bins, SEASONAL_BINS_AN_HOUR);
		sum += (s->days[hour] ? s->mean[hour] : mean) * here;
		hour = (hour + SEASONAL_HOURS - 1) % SEASONAL_HOURS;
	}
	return sum;
}

double seasonal_hour(const struct seasonal *s, int hour)
{
	double mean = seasonal_mean(s), sum = 0;
	int i;

	if (mean <= 0)
		return 0;
	for (i = -1; i <= 1; i++) {
		int h = (hour + i + SEASONAL_HOURS) % SEASONAL_HOURS;

		sum += (s->days[h] ? s->mean[h] : mean) * (i ? 1 : 2);
	}
	return fmax(sum / 4, mean / 2) * SEASONAL_BINS_AN_HOUR;
}

void seasonal_turn(struct seasonal *s, int hours)
{
	const struct seasonal was = *s;
	int h;

	hours = (hours % SEASONAL_HOURS + SEASONAL_HOURS) % SEASONAL_HOURS;
	for (h = 0; h < SEASONAL_HOURS; h++) {
		s->mean[(h + hours) % SEASONAL_HOURS] = was.mean[h];
		s->days[(h + hours) % SEASONAL_HOURS] = was.days[h];
	}
	s->hour = (uint8_t)((was.hour + hours) % SEASONAL_HOURS);
}
