#include "alert/hours.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"

/* --- as they are written --- */

static bool take_number(const char **s, int digits_least, int digits_most, int *ret)
{
	int n = 0, digits = 0;

	while (digits < digits_most && **s >= '0' && **s <= '9') {
		n = n * 10 + *(*s)++ - '0';
		digits++;
	}
	*ret = n;
	return digits >= digits_least;
}

static int take_clock(const char **s, uint16_t *ret)
{
	int hour, minute;

	if (!take_number(s, 1, 2, &hour) || *(*s) != ':')
		return HOURS_E_SYNTAX;
	++*s;
	if (!take_number(s, 2, 2, &minute))
		return HOURS_E_SYNTAX;
	if (hour > 24 || minute > 59 || (hour == 24 && minute))
		return HOURS_E_RANGE;
	*ret = (uint16_t)(hour * 60 + minute);
	return 0;
}

int hours_parse(const char *text, struct hours *ret)
{
	uint16_t from, to;
	int r = take_clock(&text, &from);

	if (r)
		return r;
	if (*text++ != '-')
		return HOURS_E_SYNTAX;
	r = take_clock(&text, &to);
	if (r)
		return r;
	if (*text)
		return HOURS_E_SYNTAX;
	if (from == to || from == HOURS_DAY_MIN)
		return HOURS_E_EMPTY;
	ret->from_min = from;
	ret->to_min = to ? to : HOURS_DAY_MIN; /* to 0:00 is to the day's end */
	return 0;
}

static bool take_day(const char **s, int *ret)
{
	static const char names[][4] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
	int i;

	for (i = 0; i < 7; i++)
		if (strncmp(*s, names[i], 3) == 0) {
			*s += 3;
			*ret = i;
			return true;
		}
	return false;
}

int hours_days(const char *text, uint8_t *ret_days)
{
	unsigned days = 0;
	int from, to, i;

	for (;;) {
		if (!take_day(&text, &from))
			return HOURS_E_SYNTAX;
		to = from;
		if (*text == '-') {
			text++;
			if (!take_day(&text, &to))
				return HOURS_E_SYNTAX;
		}
		for (i = from; i != to; i = (i + 1) % 7)
			days |= 1U << i;
		days |= 1U << to;
		if (!*text)
			break;
		if (*text++ != ',')
			return HOURS_E_SYNTAX;
		text += *text == ' ';
	}
	*ret_days = (uint8_t)days;
	return 0;
}

int hours_date(const char *text, int64_t *ret_day)
{
	int year, month, day, back_month, back_day;
	int64_t n, back_year;

	if (!take_number(&text, 4, 4, &year) || *text++ != '-' || !take_number(&text, 2, 2, &month) || *text++ != '-' ||
	    !take_number(&text, 2, 2, &day) || *text)
		return HOURS_E_SYNTAX;
	if (year < 1970 || month < 1 || month > 12 || day < 1)
		return HOURS_E_RANGE;
	n = clock_days_from_civil(year, month, day);
	clock_civil_from_days(n, &back_year, &back_month, &back_day);
	if (back_month != month || back_day != day) /* 30 February */
		return HOURS_E_RANGE;
	*ret_day = n;
	return 0;
}

/* --- by the wall --- */

int64_t hours_day(const struct zone_time *t)
{
	return clock_days_from_civil(t->year, t->month, t->day);
}

bool hours_hold(const struct hours *h, const struct zone_time *t, int64_t *ret_day)
{
	int minute = t->hour * 60 + t->minute;
	bool over = h->to_min < h->from_min, begun_today = minute >= h->from_min && (over || minute < h->to_min);
	bool begun_before = over && minute < h->to_min;
	int yesterday = (t->weekday + 6) % 7;

	if (begun_today && h->days >> t->weekday & 1) {
		if (ret_day)
			*ret_day = hours_day(t);
		return true;
	}
	if (begun_before && h->days >> yesterday & 1) {
		if (ret_day)
			*ret_day = hours_day(t) - 1;
		return true;
	}
	return false;
}

/* The wall is set somewhere in (from_s, to_s]: when. */
static int64_t when_set(const struct zone *z, int64_t from_s, int64_t to_s, int32_t offset_s)
{
	struct zone_time t;

	while (to_s - from_s > 1) {
		int64_t middle = from_s + (to_s - from_s) / 2;

		zone_local(z, middle * SECOND_MS, &t);
		if (t.offset_s == offset_s)
			from_s = middle;
		else
			to_s = middle;
	}
	return to_s;
}

int64_t hours_next(const struct zone *z, int64_t at_ms, int minute_of_day)
{
	int64_t at_s = at_ms / SECOND_MS - (at_ms % SECOND_MS < 0), next_s;
	struct zone_time t, then;
	int shown_s, wait_s;

	zone_local(z, at_ms, &t);
	shown_s = (t.hour * 60 + t.minute) * 60 + t.second;
	wait_s = (minute_of_day % HOURS_DAY_MIN) * 60 - shown_s;
	if (wait_s <= 0)
		wait_s += HOURS_DAY_MIN * 60;
	next_s = at_s + wait_s;
	zone_local(z, next_s * SECOND_MS, &then);
	if (then.offset_s != t.offset_s)
		next_s = when_set(z, at_s, next_s, t.offset_s);
	return next_s * SECOND_MS;
}

int64_t hours_day_begins(const struct zone *z, int64_t day)
{
	int64_t at_ms = (day - 1) * DAY_MS - DAY_MS / 2; /* no zone is a day and a half from UTC */
	struct zone_time t;

	for (;;) {
		zone_local(z, at_ms, &t);
		if (hours_day(&t) >= day)
			return at_ms;
		at_ms = hours_next(z, at_ms, 0);
	}
}
