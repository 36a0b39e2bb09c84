#include "parse/date.h"

#include <string.h>

#include "base/clock.h"
#include "parse/date_words.h"

enum {
	UNKNOWN = -1,
	ZONE_MAX_MIN = 18 * 60, /* farther from UTC than any clock on Earth ever was */
	WORDS_MAX = 10,         /* words that mean nothing here: a weekday, "de", "of", a zone's long name */
	SUSPECT_YEAR = 1990,    /* before the web */
};

/* The fields as they stand there, and where we are in the text. */
struct scan {
	const char *at, *end;
	int year, month, day; /* UNKNOWN while not met */
	int hour, minute, second, ms;
	int east_min; /* zone */
	bool zone_known, am, pm;
	bool weak_month; /* the month's word may have been a weekday's */
	bool numeric;    /* day and month are two small numbers, the day first until judged */
	char separator;  /* between them */
	int weekday;     /* 1 (Monday) to 7; 0: none met */
	int words;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static char peek(const struct scan *sc, size_t ahead)
{
	return (size_t)(sc->end - sc->at) > ahead ? sc->at[ahead] : '\0';
}

static void skip_space(struct scan *sc)
{
	while (sc->at < sc->end && is_space(*sc->at))
		sc->at++;
}

static size_t digits_ahead(const struct scan *sc)
{
	size_t n = 0;

	while (sc->at + n < sc->end && is_digit(sc->at[n]))
		n++;
	return n;
}

/* The next n digits, which are there; n at most 9. */
static int take(struct scan *sc, size_t n)
{
	int v = 0;

	while (n--)
		v = v * 10 + (*sc->at++ - '0');
	return v;
}

/* ".5", ",123456789": milliseconds, cut rather than rounded, so that a time never moves into the next second. */
static void fraction(struct scan *sc)
{
	int scale = 100;

	if ((peek(sc, 0) != '.' && peek(sc, 0) != ',') || !is_digit(peek(sc, 1)))
		return;
	for (sc->at++; is_digit(peek(sc, 0)); sc->at++, scale /= 10)
		sc->ms += (*sc->at - '0') * scale;
}

/* "+02:00", "-0300", "+5", "+0530"; the sign is next. False: no offset. */
static bool offset(struct scan *sc)
{
	int sign = *sc->at == '-' ? -1 : 1, h, m = 0;
	size_t n;

	sc->at++;
	n = digits_ahead(sc);
	if (n == 1 || n == 2) {
		h = take(sc, n);
		if (peek(sc, 0) == ':') {
			sc->at++;
			n = digits_ahead(sc);
			if (n > 2)
				return false;
			m = take(sc, n);
		}
	} else if (n == 3 || n == 4) {
		h = take(sc, n - 2);
		m = take(sc, 2);
	} else {
		return false;
	}
	if (m <= 59 && h * 60 + m <= ZONE_MAX_MIN) /* "+3000" was met: no such zone, so UTC */
		sc->east_min = sign * (h * 60 + m);
	sc->zone_known = true;
	return true;
}

static bool take_two(struct scan *sc, int *ret)
{
	size_t n = digits_ahead(sc);

	if (n < 1 || n > 2)
		return false;
	*ret = take(sc, n);
	return true;
}

/* "10:00", "9:15:30.5"; the hour is read, its ':' is next. */
static bool clock_time(struct scan *sc, int hour)
{
	if (sc->hour != UNKNOWN)
		return false;
	sc->hour = hour;
	sc->at++;
	if (!take_two(sc, &sc->minute))
		return false;
	sc->second = 0;
	if (peek(sc, 0) == ':' && is_digit(peek(sc, 1))) {
		sc->at++;
		if (!take_two(sc, &sc->second))
			return false;
	}
	fraction(sc);
	return true;
}

static int days_in_month(int year, int month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Fields to milliseconds; days is the date's, already judged. */
static int finish_time(const struct scan *sc, int64_t days, int64_t *ret_ms)
{
	int hour = sc->hour == UNKNOWN ? 0 : sc->hour;

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

static int finish(const struct scan *sc, int64_t *ret_ms)
{
	if (sc->year < 1 || sc->month < 1 || sc->month > 12 || sc->day < 1 ||
	    sc->day > days_in_month(sc->year, sc->month))
		return DATE_E_RANGE;
	return finish_time(sc, clock_days_from_civil(sc->year, sc->month, sc->day), ret_ms);
}

/* ---- ISO 8601 ---- */

/* "T10:14:55.123Z", "t1014", " 10:14:55 +02:00" to the end of the text. False: not of this shape. */
static bool iso_time(struct scan *sc)
{
	size_t n;

	if (peek(sc, 0) == 'T' || peek(sc, 0) == 't' || peek(sc, 0) == '_')
		sc->at++;
	skip_space(sc);
	if (sc->at == sc->end)
		return true;
	n = digits_ahead(sc);
	if (n == 4 || n == 6) { /* basic */
		sc->hour = take(sc, 2);
		sc->minute = take(sc, 2);
		sc->second = n == 6 ? take(sc, 2) : 0;
		fraction(sc);
	} else if (n == 1 || n == 2) {
		int hour = take(sc, n);

		if (peek(sc, 0) != ':')
			sc->hour = hour;
		else if (!clock_time(sc, hour))
			return false;
	} else if (n) {
		return false;
	}
	skip_space(sc);
	if ((peek(sc, 0) == '+' || peek(sc, 0) == '-') && !offset(sc))
		return false;
	if (peek(sc, 0) == 'Z' || peek(sc, 0) == 'z') /* also behind an offset, which then counts */
		sc->at++;
	if (peek(sc, 0) == '[') /* "[Europe/Madrid]", Java's; the offset in front of it says it all */
		sc->at = sc->end;
	skip_space(sc);
	return sc->at == sc->end;
}

static int weekday_of(int year, int month, int day)
{
	return (int)((clock_days_from_civil(year, month, day) + 3) % 7 + 7) % 7 + 1; /* 1970-01-01 was a Thursday */
}

/* Days since 1970 of a day of an ISO week: week 1 is that of 4 January, weeks begin on Monday. */
static int64_t week_days(int year, int week, int weekday)
{
	int64_t jan4 = clock_days_from_civil(year, 1, 4);
	int64_t monday = jan4 - (weekday_of(year, 1, 4) - 1);

	return monday + (week - 1) * 7 + weekday - 1;
}

/* "-W05-3", "W053" behind a year. */
static int iso_week(struct scan *sc, int64_t *ret_ms)
{
	int week, weekday = 1;

	sc->at += peek(sc, 0) == '-' ? 2 : 1;
	if (digits_ahead(sc) < 2)
		return DATE_E_SYNTAX;
	week = take(sc, 2);
	if (peek(sc, 0) == '-' && is_digit(peek(sc, 1)))
		sc->at++;
	if (is_digit(peek(sc, 0)))
		weekday = take(sc, 1);
	if (!iso_time(sc))
		return DATE_E_SYNTAX;
	if (sc->year < 1 || week < 1 || week > 53 || weekday < 1 || weekday > 7)
		return DATE_E_RANGE;
	return finish_time(sc, week_days(sc->year, week, weekday), ret_ms);
}

static int iso_ordinal(struct scan *sc, int64_t *ret_ms)
{
	int day = take(sc, 3);

	if (!iso_time(sc))
		return DATE_E_SYNTAX;
	if (sc->year < 1 || day < 1 || day > 337 + days_in_month(sc->year, 2))
		return DATE_E_RANGE;
	return finish_time(sc, clock_days_from_civil(sc->year, 1, 1) + day - 1, ret_ms);
}

/* A year of four digits first, then '-' or digits. DATE_E_SYNTAX sends it on to the looser reader. */
static int iso_date(struct scan *sc, int64_t *ret_ms)
{
	size_t n = digits_ahead(sc);

	if (n != 4 && n != 7 && n != 8)
		return DATE_E_SYNTAX;
	sc->year = take(sc, 4);
	sc->month = sc->day = 1;
	if (n == 7)
		return iso_ordinal(sc, ret_ms);
	if (n == 8) {
		sc->month = take(sc, 2);
		sc->day = take(sc, 2);
	} else if (peek(sc, 0) == 'W' || (peek(sc, 0) == '-' && peek(sc, 1) == 'W')) {
		return iso_week(sc, ret_ms);
	} else if (peek(sc, 0) == '-') {
		sc->at++;
		n = digits_ahead(sc);
		if (n == 3)
			return iso_ordinal(sc, ret_ms);
		if (!take_two(sc, &sc->month))
			return DATE_E_SYNTAX;
		if (peek(sc, 0) == '-') {
			sc->at++;
			if (!take_two(sc, &sc->day))
				return DATE_E_SYNTAX;
		}
	}
	return iso_time(sc) ? finish(sc, ret_ms) : DATE_E_SYNTAX;
}

/* ---- a number alone ---- */

static int64_t take_long(struct scan *sc, size_t n)
{
	int64_t v = 0;

	while (n--)
		v = v * 10 + (*sc->at++ - '0');
	return v;
}

/* Unix time: by its digits seconds, milliseconds or microseconds; 14 digits are a date and time in full. */
static int number_alone(struct scan *sc, size_t n, int64_t *ret_ms)
{
	struct scan full = *sc;

	if (n == 14) {
		full.year = take(&full, 4);
		full.month = take(&full, 2);
		full.day = take(&full, 2);
		full.hour = take(&full, 2);
		full.minute = take(&full, 2);
		full.second = take(&full, 2);
		return finish(&full, ret_ms);
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
		fraction(sc);
		*ret_ms += sc->ms;
	}
	if (sc->at != sc->end)
		return DATE_E_SYNTAX;
	return *ret_ms >= clock_days_from_civil(10000, 1, 1) * DAY_MS ? DATE_E_RANGE : 0;
}

/* ---- everything else: words and numbers in nearly any order ---- */

static int full_year(int year, size_t digits)
{
	if (digits == 3) /* RFC 5322 §4.3: years of a program that forgot to add 1900 */
		return year + 1900;
	if (digits > 2)
		return year;
	return year < 69 ? year + 2000 : year + 1900; /* as POSIX' strptime */
}

/* "2020/1/10", "07.02.2025", "31/1/20", "06-10-2018". Which of two small numbers is the month is settled at the end. */
static bool numeric_date(struct scan *sc, int first, size_t n_first)
{
	char sep = *sc->at;
	int second, third;
	size_t n;

	sc->at++;
	if (!take_two(sc, &second) || peek(sc, 0) != sep)
		return false;
	sc->at++;
	n = digits_ahead(sc);
	if (n < 1 || n > 4)
		return false;
	third = take(sc, n);
	if (sc->day != UNKNOWN || (sc->month != UNKNOWN && !sc->weak_month) || sc->year != UNKNOWN)
		return false;
	if (n_first == 4) {
		sc->year = first;
		sc->month = second;
		sc->day = third;
		return n <= 2;
	}
	if (n_first > 2 || n == 1)
		return false;
	sc->year = full_year(third, n);
	sc->day = first;
	sc->month = second;
	if (sc->weak_month) /* it was a weekday */
		sc->weekday = 2;
	sc->numeric = true;
	sc->separator = sep;
	return true;
}

static bool three_numbers_ahead(const struct scan *sc)
{
	struct scan ahead = *sc;
	char sep = *ahead.at;
	size_t n;

	if (sep != '/' && sep != '.' && sep != '-')
		return false;
	ahead.at++;
	n = digits_ahead(&ahead);
	ahead.at += n;
	return n >= 1 && n <= 2 && peek(&ahead, 0) == sep && is_digit(peek(&ahead, 1));
}

static bool number(struct scan *sc)
{
	size_t n = digits_ahead(sc);
	int v;

	if (n > 4)
		return false;
	v = take(sc, n);
	if (sc->at < sc->end && peek(sc, 0) == ':' && n <= 2 && is_digit(peek(sc, 1)))
		return clock_time(sc, v);
	if ((peek(sc, 0) == 'h' || peek(sc, 0) == 'H') && n <= 2 && is_digit(peek(sc, 1))) /* 14h30 */
		return clock_time(sc, v);
	if (sc->at < sc->end && three_numbers_ahead(sc))
		return numeric_date(sc, v, n);
	if (n >= 3 && sc->year == UNKNOWN) {
		sc->year = full_year(v, n);
	} else if (n <= 2 && sc->day == UNKNOWN) {
		sc->day = v;
	} else if (n <= 2 && sc->year == UNKNOWN) {
		sc->year = full_year(v, n);
	} else if (n <= 2 && sc->hour == UNKNOWN) {
		sc->hour = v; /* "3 de mayo de 2020 a las 10", "10 PM" */
	} else {
		return false;
	}
	return true;
}

/* "p.m.", "a. m.": the letter is read and stands at *at. */
static bool dotted_half(struct scan *sc, char letter)
{
	const char *p = sc->at;

	if ((letter | 0x20) != 'a' && (letter | 0x20) != 'p')
		return false;
	while (p < sc->end && (*p == '.' || *p == ' '))
		p++;
	if (p == sc->at || p == sc->end || (*p | 0x20) != 'm' || (p + 1 < sc->end && is_letter(p[1])))
		return false;
	sc->at = p + 1;
	if ((letter | 0x20) == 'a')
		sc->am = true;
	else
		sc->pm = true;
	return true;
}

static bool word(struct scan *sc)
{
	const char *from = sc->at;
	struct date_word_value v;
	enum date_word kind;

	while (sc->at < sc->end && is_letter(*sc->at))
		sc->at++;
	if (sc->at - from == 1 && sc->hour != UNKNOWN && dotted_half(sc, *from))
		return true;
	kind = date_word(from, (size_t)(sc->at - from), &v);
	if (kind == DATE_WORD_MONTH && (sc->month == UNKNOWN || sc->weak_month)) {
		sc->month = v.number;
		sc->weak_month = v.ambiguous;
	} else if (kind == DATE_WORD_MONTH) {
		return v.ambiguous; /* a Tuesday behind the month, else two months */
	} else if (kind == DATE_WORD_WEEKDAY) {
		sc->weekday = v.number;
	} else if (sc->hour == UNKNOWN ||
		   kind == DATE_WORD_OTHER) { /* in front of a time, "at", "et", "am" are words */
		return ++sc->words <= WORDS_MAX;
	} else if (kind == DATE_WORD_AM) {
		sc->am = true;
	} else if (kind == DATE_WORD_PM) {
		sc->pm = true;
	} else if (!sc->zone_known) {
		sc->east_min = v.number;
	}
	return true;
}

/* Punctuation, or a zone's sign where a time went before. */
static bool mark(struct scan *sc)
{
	char c = *sc->at;

	if ((c == '+' || c == '-') && is_digit(peek(sc, 1)) && sc->hour != UNKNOWN && !sc->zone_known)
		return offset(sc);
	if (c == '(' && sc->hour != UNKNOWN) { /* a comment of RFC 822, a zone's long name */
		const char *close = memchr(sc->at, ')', (size_t)(sc->end - sc->at));

		sc->at = close ? close + 1 : sc->end;
		return true;
	}
	sc->at++;
	return c != '\0';
}

/* Of two small numbers, is the first the month? What can't be otherwise, then the weekday, then AM and PM, which Americans
 * write, decide; else the day is first. */
static bool month_first(const struct scan *sc)
{
	if (sc->day > 12 || sc->month > 12)
		return sc->day <= 12;
	if (sc->weekday && weekday_of(sc->year, sc->month, sc->day) != weekday_of(sc->year, sc->day, sc->month)) {
		if (sc->weekday == weekday_of(sc->year, sc->month, sc->day))
			return false;
		if (sc->weekday == weekday_of(sc->year, sc->day, sc->month))
			return true;
	}
	return sc->separator == '/' && (sc->am || sc->pm);
}

static int loose_date(struct scan *sc, int64_t *ret_ms)
{
	while (sc->at < sc->end) {
		bool fits;

		if (is_digit(*sc->at))
			fits = number(sc);
		else if (is_letter(*sc->at))
			fits = word(sc);
		else
			fits = mark(sc);
		if (!fits)
			return DATE_E_SYNTAX;
	}
	if (sc->year == UNKNOWN || sc->month == UNKNOWN)
		return DATE_E_SYNTAX;
	if (sc->day == UNKNOWN)
		sc->day = 1;
	if (sc->numeric && month_first(sc)) {
		int month = sc->day;

		sc->day = sc->month;
		sc->month = month;
	}
	return finish(sc, ret_ms);
}

int date_parse(const char *s, size_t len, int64_t *ret_ms)
{
	struct scan start = {.year = UNKNOWN, .month = UNKNOWN, .day = UNKNOWN, .hour = UNKNOWN}, sc;
	int64_t ms;
	size_t n;
	int r;

	while (len && is_space(s[len - 1]))
		len--;
	start.at = s;
	start.end = s + len;
	skip_space(&start);
	if (start.at == start.end || len > DATE_MAX_BYTES)
		return DATE_E_SYNTAX;

	sc = start;
	n = digits_ahead(&sc);
	if (n >= 9 && (sc.at + n == sc.end || sc.at[n] == '.')) {
		r = number_alone(&sc, n, &ms);
	} else {
		r = iso_date(&sc, &ms);
		if (r == DATE_E_SYNTAX) {
			sc = start;
			r = loose_date(&sc, &ms);
		}
	}
	if (r == 0)
		*ret_ms = ms;
	return r;
}

int64_t date_judge(int64_t published_ms, int64_t seen_ms, bool *ret_suspect)
{
	*ret_suspect = published_ms == TIME_NONE || published_ms > seen_ms + DAY_MS ||
		       published_ms < clock_days_from_civil(SUSPECT_YEAR, 1, 1) * DAY_MS;
	return *ret_suspect ? seen_ms : published_ms;
}
