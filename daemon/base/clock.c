#include "base/clock.h"

static const struct clock_source *replaced;

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return replaced ? replaced->wall_ms() : read_ms(CLOCK_REALTIME);
}

int64_t clock_steady_ms(void)
{
	return replaced ? replaced->steady_ms() : read_ms(CLOCK_BOOTTIME);
}

struct timespec clock_deadline(int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return until;
}

void clock_replace(const struct clock_source *source)
{
	replaced = source;
}

/* Both after Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, eras have 400 years. */
int64_t clock_days_from_civil(int64_t year, int month, int day)
{
	int64_t era, yoe, doy, doe;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	yoe = year - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void clock_civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = yoe + era * 400 + (*ret_month <= 2);
}

/* So many digits of a number that has no more; returns what comes after them. */
static char *put_digits(char *to, int n, int value)
{
	int i;

	for (i = n; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + n;
}

static char *put_part(char *to, char before, int n, int value)
{
	*to = before;
	return put_digits(to + 1, n, value);
}

char *clock_rfc3339(int64_t wall_ms, int with_ms, char out[CLOCK_RFC3339_SIZE])
{
	int64_t days = wall_ms >= 0 ? wall_ms / DAY_MS : -((-wall_ms + DAY_MS - 1) / DAY_MS);
	int64_t rest = wall_ms - days * DAY_MS, year;
	char *to;
	int month, day, h = (int)(rest / HOUR_MS), m = (int)(rest / MINUTE_MS % 60), s = (int)(rest / SECOND_MS % 60);

	clock_civil_from_days(days, &year, &month, &day);
	if (year < 0 || year > 9999) /* RFC 3339 has four digits */
		year = year < 0 ? 0 : 9999;
	to = put_digits(out, 4, (int)year);
	to = put_part(to, '-', 2, month);
	to = put_part(to, '-', 2, day);
	to = put_part(to, 'T', 2, h);
	to = put_part(to, ':', 2, m);
	to = put_part(to, ':', 2, s);
	if (with_ms)
		to = put_part(to, '.', 3, (int)(rest % 1000));
	*to++ = 'Z';
	*to = '\0';
	return out;
}
