#include "parse/date_scan.h"

#include "base/clock.h"
#include "parse/date.h"

enum { ZONE_MAX_MIN = 18 * 60 }; /* farther from UTC than any clock on Earth ever was */

/* ".5", ",123456789": milliseconds, cut rather than rounded, so that a time never moves into the next second. */
void date_scan_fraction(struct date_scan *sc)
{
	int scale = 100;

	if ((date_scan_peek(sc, 0) != '.' && date_scan_peek(sc, 0) != ',') ||
	    !date_scan_is_digit(date_scan_peek(sc, 1)))
		return;
	for (sc->at++; date_scan_is_digit(date_scan_peek(sc, 0)); sc->at++, scale /= 10)
		sc->ms += (*sc->at - '0') * scale;
}

/* "+02:00", "-0300", "+5", "+0530"; the sign is next. False: no offset. */
bool date_scan_offset(struct date_scan *sc)
{
	int sign = *sc->at == '-' ? -1 : 1, h, m = 0;
	size_t n;

	sc->at++;
	n = date_scan_digits_ahead(sc);
	if (n == 1 || n == 2) {
		h = date_scan_take(sc, n);
		if (date_scan_peek(sc, 0) == ':') {
			sc->at++;
			n = date_scan_digits_ahead(sc);
			if (n > 2)
				return false;
			m = date_scan_take(sc, n);
		}
	} else if (n == 3 || n == 4) {
		h = date_scan_take(sc, n - 2);
		m = date_scan_take(sc, 2);
	} else {
		return false;
	}
	if (m <= 59 && h * 60 + m <= ZONE_MAX_MIN) /* "+3000" was met: no such zone, so UTC */
		sc->east_min = sign * (h * 60 + m);
	sc->zone_known = true;
	return true;
}

bool date_scan_take_two(struct date_scan *sc, int *ret)
{
	size_t n = date_scan_digits_ahead(sc);

	if (n < 1 || n > 2)
		return false;
	*ret = date_scan_take(sc, n);
	return true;
}

/* "10:00", "9:15:30.5"; the hour is read, its ':' is next. */
bool date_scan_clock_time(struct date_scan *sc, int hour)
{
	if (sc->hour != DATE_UNKNOWN)
		return false;
	sc->hour = hour;
	sc->at++;
	if (!date_scan_take_two(sc, &sc->minute))
		return false;
	sc->second = 0;
	if (date_scan_peek(sc, 0) == ':' && date_scan_is_digit(date_scan_peek(sc, 1))) {
		sc->at++;
		if (!date_scan_take_two(sc, &sc->second))
			return false;
	}
	date_scan_fraction(sc);
	return true;
}

int date_scan_days_in_month(int year, int month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Fields to milliseconds; days is the date's, already judged. */
int date_scan_finish_time(const struct date_scan *sc, int64_t days, int64_t *ret_ms)
{
	int hour = sc->hour == DATE_UNKNOWN ? 0 : sc->hour;

	if (sc->pm && hour < 12)
		hour += 12;
	else if (sc->am && hour == 12)
		hour = 0;
	if (hour > 24 || sc->minute > 59 || sc->second > 60)
		return DATE_E_RANGE;
	if (hour == 24 && (sc->minute || sc->second || sc->ms))
		return DATE_E_RANGE;
	*ret_ms = days * DAY_MS + hour * HOUR_MS + (sc->minute - sc->east_min) * MINUTE_MS + sc->second * SECOND_MS +
		  (sc->second == 60 ? 0 : sc->ms); /* a leap second counts as the next second, whole */
	return 0;
}

int date_scan_finish(const struct date_scan *sc, int64_t *ret_ms)
{
	if (sc->year < 1 || sc->month < 1 || sc->month > 12 || sc->day < 1 ||
	    sc->day > date_scan_days_in_month(sc->year, sc->month))
		return DATE_E_RANGE;
	return date_scan_finish_time(sc, clock_days_from_civil(sc->year, sc->month, sc->day), ret_ms);
}

int date_scan_weekday_of(int year, int month, int day)
{
	return (int)((clock_days_from_civil(year, month, day) + 3) % 7 + 7) % 7 + 1; /* 1970-01-01 was a Thursday */
}
