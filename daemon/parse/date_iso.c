/* The dates that machines write: ISO 8601, and numbers alone. */
#include "parse/date_scan.h"

#include "base/clock.h"
#include "parse/date.h"

/* "T10:14:55.123Z", "t1014", " 10:14:55 +02:00" to the end of the text. False: not of this shape. */
static bool iso_time(struct date_scan *sc)
{
	size_t n;

	if (date_scan_peek(sc, 0) == 'T' || date_scan_peek(sc, 0) == 't' || date_scan_peek(sc, 0) == '_')
		sc->at++;
	date_scan_skip_space(sc);
	if (sc->at == sc->end)
		return true;
	n = date_scan_digits_ahead(sc);
	if (n == 4 || n == 6) { /* basic */
		sc->hour = date_scan_take(sc, 2);
		sc->minute = date_scan_take(sc, 2);
		sc->second = n == 6 ? date_scan_take(sc, 2) : 0;
		date_scan_fraction(sc);
	} else if (n == 1 || n == 2) {
		int hour = date_scan_take(sc, n);

		if (date_scan_peek(sc, 0) != ':')
			sc->hour = hour;
		else if (!date_scan_clock_time(sc, hour))
			return false;
	} else if (n) {
		return false;
	}
	date_scan_skip_space(sc);
	if ((date_scan_peek(sc, 0) == '+' || date_scan_peek(sc, 0) == '-') && !date_scan_offset(sc))
		return false;
	if (date_scan_peek(sc, 0) == 'Z' || date_scan_peek(sc, 0) == 'z') /* also behind an offset, which then counts */
		sc->at++;
	if (date_scan_peek(sc, 0) == '[') /* "[Europe/Madrid]", Java's; the offset in front of it says it all */
		sc->at = sc->end;
	date_scan_skip_space(sc);
	return sc->at == sc->end;
}

/* Days since 1970 of a day of an ISO week: week 1 is that of 4 January, weeks begin on Monday. */
static int64_t week_days(int year, int week, int weekday)
{
	int64_t jan4 = clock_days_from_civil(year, 1, 4);
	int64_t monday = jan4 - (date_scan_weekday_of(year, 1, 4) - 1);

	return monday + (week - 1) * 7 + weekday - 1;
}

/* "-W05-3", "W053" behind a year. */
static int iso_week(struct date_scan *sc, int64_t *ret_ms)
{
	int week, weekday = 1;

	sc->at += date_scan_peek(sc, 0) == '-' ? 2 : 1;
	if (date_scan_digits_ahead(sc) < 2)
		return DATE_E_SYNTAX;
	week = date_scan_take(sc, 2);
	if (date_scan_peek(sc, 0) == '-' && date_scan_is_digit(date_scan_peek(sc, 1)))
		sc->at++;
	if (date_scan_is_digit(date_scan_peek(sc, 0)))
		weekday = date_scan_take(sc, 1);
	if (!iso_time(sc))
		return DATE_E_SYNTAX;
	if (sc->year < 1 || week < 1 || week > 53 || weekday < 1 || weekday > 7)
		return DATE_E_RANGE;
	return date_scan_finish_time(sc, week_days(sc->year, week, weekday), ret_ms);
}

static int iso_ordinal(struct date_scan *sc, int64_t *ret_ms)
{
	int day = date_scan_take(sc, 3);

	if (!iso_time(sc))
		return DATE_E_SYNTAX;
	if (sc->year < 1 || day < 1 || day > 337 + date_scan_days_in_month(sc->year, 2))
		return DATE_E_RANGE;
	return date_scan_finish_time(sc, clock_days_from_civil(sc->year, 1, 1) + day - 1, ret_ms);
}

/* A year of four digits first, then '-' or digits. DATE_E_SYNTAX sends it on to the looser reader. */
int date_scan_iso(struct date_scan *sc, int64_t *ret_ms)
{
	size_t n = date_scan_digits_ahead(sc);

	if (n != 4 && n != 7 && n != 8)
		return DATE_E_SYNTAX;
	sc->year = date_scan_take(sc, 4);
	sc->month = sc->day = 1;
	if (n == 7)
		return iso_ordinal(sc, ret_ms);
	if (n == 8) {
		sc->month = date_scan_take(sc, 2);
		sc->day = date_scan_take(sc, 2);
	} else if (date_scan_peek(sc, 0) == 'W' || (date_scan_peek(sc, 0) == '-' && date_scan_peek(sc, 1) == 'W')) {
		return iso_week(sc, ret_ms);
	} else if (date_scan_peek(sc, 0) == '-') {
		sc->at++;
		n = date_scan_digits_ahead(sc);
		if (n == 3)
			return iso_ordinal(sc, ret_ms);
		if (!date_scan_take_two(sc, &sc->month))
			return DATE_E_SYNTAX;
		if (date_scan_peek(sc, 0) == '-') {
			sc->at++;
			if (!date_scan_take_two(sc, &sc->day))
				return DATE_E_SYNTAX;
		}
	}
	return iso_time(sc) ? date_scan_finish(sc, ret_ms) : DATE_E_SYNTAX;
}

/* ---- a number alone ---- */

static int64_t take_long(struct date_scan *sc, size_t n)
{
	int64_t v = 0;

	while (n--)
		v = v * 10 + (*sc->at++ - '0');
	return v;
}

/* Unix time: by its digits seconds, milliseconds or microseconds; 14 digits are a date and time in full. */
int date_scan_number_alone(struct date_scan *sc, size_t n, int64_t *ret_ms)
{
	struct date_scan full = *sc;

	if (n == 14) {
		full.year = date_scan_take(&full, 4);
		full.month = date_scan_take(&full, 2);
		full.day = date_scan_take(&full, 2);
		full.hour = date_scan_take(&full, 2);
		full.minute = date_scan_take(&full, 2);
		full.second = date_scan_take(&full, 2);
		return date_scan_finish(&full, ret_ms);
	}
	if (n >= 9 && n <= 11)
		*ret_ms = take_long(sc, n) * SECOND_MS;
	else if (n == 12 || n == 13)
		*ret_ms = take_long(sc, n);
	else if (n == 15 || n == 16)
		*ret_ms = take_long(sc, n) / 1000;
	else
		return DATE_E_SYNTAX;
	if (n <= 11) {
		date_scan_fraction(sc);
		*ret_ms += sc->ms;
	}
	if (sc->at != sc->end)
		return DATE_E_SYNTAX;
	return *ret_ms >= clock_days_from_civil(10000, 1, 1) * DAY_MS ? DATE_E_RANGE : 0;
}
