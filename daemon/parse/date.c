#include "parse/date.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "parse/date_scan.h"
#include "parse/date_words.h"

enum {
	WORDS_MAX = 10,      /* words that mean nothing here: a weekday, "de", "of", a zone's long name */
	SUSPECT_YEAR = 1990, /* before the web */
};

static int full_year(int year, size_t digits)
{
	if (digits == 3) /* RFC 5322 §4.3: years of a program that forgot to add 1900 */
		return year + 1900;
	if (digits > 2)
		return year;
	return year < 69 ? year + 2000 : year + 1900; /* as POSIX' strptime */
}

/* "2020/1/10", "07.02.2025", "31/1/20", "06-10-2018". Which of two small numbers is the month is settled at the end. */
static bool numeric_date(struct date_scan *sc, int first, size_t n_first)
{
	char sep = *sc->at;
	int second, third;
	size_t n;

	sc->at++;
	if (!date_scan_take_two(sc, &second) || date_scan_peek(sc, 0) != sep)
		return false;
	sc->at++;
	n = date_scan_digits_ahead(sc);
	if (n < 1 || n > 4)
		return false;
	third = date_scan_take(sc, n);
	if (sc->day != DATE_UNKNOWN || (sc->month != DATE_UNKNOWN && !sc->weak_month) || sc->year != DATE_UNKNOWN)
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

static bool three_numbers_ahead(const struct date_scan *sc)
{
	struct date_scan ahead = *sc;
	char sep = *ahead.at;
	size_t n;

	if (sep != '/' && sep != '.' && sep != '-')
		return false;
	ahead.at++;
	n = date_scan_digits_ahead(&ahead);
	ahead.at += n;
	return n >= 1 && n <= 2 && date_scan_peek(&ahead, 0) == sep && date_scan_is_digit(date_scan_peek(&ahead, 1));
}

/* What stands behind a number, or in front of an hour, where the East writes: 2026年11月22日 下午3时30分. */
enum east { EAST_YEAR, EAST_MONTH, EAST_DAY, EAST_HOUR, EAST_MINUTE, EAST_SECOND, EAST_AM, EAST_PM };
static const struct {
	const char *mark;
	enum east means;
} easts[] = {
	{"年", EAST_YEAR},   {"년", EAST_YEAR},   {"月", EAST_MONTH}, {"월", EAST_MONTH},  {"日", EAST_DAY},
	{"号", EAST_DAY},    {"號", EAST_DAY},    {"일", EAST_DAY},   {"时", EAST_HOUR},   {"時", EAST_HOUR},
	{"点", EAST_HOUR},   {"點", EAST_HOUR},   {"시", EAST_HOUR},  {"分", EAST_MINUTE}, {"분", EAST_MINUTE},
	{"秒", EAST_SECOND}, {"초", EAST_SECOND}, {"上午", EAST_AM},  {"午前", EAST_AM},   {"오전", EAST_AM},
	{"下午", EAST_PM},   {"午後", EAST_PM},   {"오후", EAST_PM},
};

/* -1: none; behind it otherwise. */
static int east_mark(struct date_scan *sc)
{
	size_t i;

	if (sc->at == sc->end || (unsigned char)*sc->at < 0xE4) /* they begin with 0xE4 to 0xED */
		return -1;
	for (i = 0; i < ARRAY_LEN(easts); i++) {
		size_t len = strlen(easts[i].mark);

		if ((size_t)(sc->end - sc->at) >= len && memcmp(sc->at, easts[i].mark, len) == 0) {
			sc->at += len;
			return (int)easts[i].means;
		}
	}
	return -1;
}

/* A number and the mark behind it. False: it was there already, or is too long for that. */
static bool east_number(struct date_scan *sc, int v, size_t n, int means)
{
	int *const fields[] = {&sc->year, &sc->month, &sc->day, &sc->hour, &sc->minute, &sc->second};

	if (means > EAST_SECOND || (means == EAST_YEAR ? n == 1 : n > 2))
		return false;
	if (means <= EAST_HOUR && *fields[means] != DATE_UNKNOWN)
		return false;
	*fields[means] = means == EAST_YEAR ? full_year(v, n) : v;
	return true;
}

static bool number(struct date_scan *sc)
{
	size_t n = date_scan_digits_ahead(sc);
	int v, east;

	if (n > 4)
		return false;
	v = date_scan_take(sc, n);
	east = east_mark(sc);
	if (east >= 0)
		return east_number(sc, v, n, east);
	if (sc->at < sc->end && date_scan_peek(sc, 0) == ':' && n <= 2 && date_scan_is_digit(date_scan_peek(sc, 1)))
		return date_scan_clock_time(sc, v);
	if ((date_scan_peek(sc, 0) == 'h' || date_scan_peek(sc, 0) == 'H') && n <= 2 &&
	    date_scan_is_digit(date_scan_peek(sc, 1))) /* 14h30 */
		return date_scan_clock_time(sc, v);
	if (sc->at < sc->end && three_numbers_ahead(sc))
		return numeric_date(sc, v, n);
	if (n >= 3 && sc->year == DATE_UNKNOWN) {
		sc->year = full_year(v, n);
	} else if (n <= 2 && sc->day == DATE_UNKNOWN) {
		sc->day = v;
	} else if (n <= 2 && sc->year == DATE_UNKNOWN) {
		sc->year = full_year(v, n);
	} else if (n <= 2 && sc->hour == DATE_UNKNOWN) {
		sc->hour = v; /* "3 de mayo de 2020 a las 10", "10 PM" */
	} else {
		return false;
	}
	return true;
}

/* "p.m.", "a. m.": the letter is read and stands at *at. */
static bool dotted_half(struct date_scan *sc, char letter)
{
	const char *p = sc->at;

	if ((letter | 0x20) != 'a' && (letter | 0x20) != 'p')
		return false;
	while (p < sc->end && (*p == '.' || *p == ' '))
		p++;
	if (p == sc->at || p == sc->end || (*p | 0x20) != 'm' || (p + 1 < sc->end && date_scan_is_letter(p[1])))
		return false;
	sc->at = p + 1;
	if ((letter | 0x20) == 'a')
		sc->am = true;
	else
		sc->pm = true;
	return true;
}

static bool word(struct date_scan *sc)
{
	const char *from = sc->at;
	struct date_word_value v;
	enum date_word kind;
	int east = east_mark(sc);

	if (east == EAST_AM || east == EAST_PM) {
		*(east == EAST_AM ? &sc->am : &sc->pm) = true;
		return true;
	}
	sc->at = from;
	while (sc->at < sc->end && date_scan_is_letter(*sc->at))
		sc->at++;
	if (sc->at - from == 1 && sc->hour != DATE_UNKNOWN && dotted_half(sc, *from))
		return true;
	kind = date_word(from, (size_t)(sc->at - from), &v);
	if (kind == DATE_WORD_MONTH && (sc->month == DATE_UNKNOWN || sc->weak_month)) {
		sc->month = v.number;
		sc->weak_month = v.ambiguous;
	} else if (kind == DATE_WORD_MONTH) {
		return v.ambiguous; /* a Tuesday behind the month, else two months */
	} else if (kind == DATE_WORD_WEEKDAY) {
		sc->weekday = v.number;
	} else if (sc->hour == DATE_UNKNOWN ||
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
static bool mark(struct date_scan *sc)
{
	char c = *sc->at;

	if ((c == '+' || c == '-') && date_scan_is_digit(date_scan_peek(sc, 1)) && sc->hour != DATE_UNKNOWN &&
	    !sc->zone_known)
		return date_scan_offset(sc);
	if (c == '(' && sc->hour != DATE_UNKNOWN) { /* a comment of RFC 822, a zone's long name */
		const char *close = memchr(sc->at, ')', (size_t)(sc->end - sc->at));

		sc->at = close ? close + 1 : sc->end;
		return true;
	}
	sc->at++;
	return c != '\0';
}

/* Of two small numbers, is the first the month? What can't be otherwise, then the weekday, then AM and PM, which Americans
 * write, decide; else the day is first. */
static bool month_first(const struct date_scan *sc)
{
	if (sc->day > 12 || sc->month > 12)
		return sc->day <= 12;
	if (sc->weekday &&
	    date_scan_weekday_of(sc->year, sc->month, sc->day) != date_scan_weekday_of(sc->year, sc->day, sc->month)) {
		if (sc->weekday == date_scan_weekday_of(sc->year, sc->month, sc->day))
			return false;
		if (sc->weekday == date_scan_weekday_of(sc->year, sc->day, sc->month))
			return true;
	}
	return sc->separator == '/' && (sc->am || sc->pm);
}

static int loose_date(struct date_scan *sc, int64_t *ret_ms)
{
	while (sc->at < sc->end) {
		bool fits;

		if (date_scan_is_digit(*sc->at))
			fits = number(sc);
		else if (date_scan_is_letter(*sc->at))
			fits = word(sc);
		else
			fits = mark(sc);
		if (!fits)
			return DATE_E_SYNTAX;
	}
	if (sc->year == DATE_UNKNOWN || sc->month == DATE_UNKNOWN)
		return DATE_E_SYNTAX;
	if (sc->day == DATE_UNKNOWN)
		sc->day = 1;
	if (sc->numeric && month_first(sc)) {
		int month = sc->day;

		sc->day = sc->month;
		sc->month = month;
	}
	return date_scan_finish(sc, ret_ms);
}

int date_parse(const char *s, size_t len, int64_t *ret_ms)
{
	struct date_scan start = {.year = DATE_UNKNOWN,
				  .month = DATE_UNKNOWN,
				  .day = DATE_UNKNOWN,
				  .hour = DATE_UNKNOWN},
			 sc;
	int64_t ms;
	size_t n;
	int r;

	while (len && date_scan_is_space(s[len - 1]))
		len--;
	start.at = s;
	start.end = s + len;
	date_scan_skip_space(&start);
	if (start.at == start.end || len > DATE_MAX_BYTES)
		return DATE_E_SYNTAX;

	sc = start;
	n = date_scan_digits_ahead(&sc);
	if (n >= 9 && (sc.at + n == sc.end || sc.at[n] == '.')) {
		r = date_scan_number_alone(&sc, n, &ms);
	} else {
		r = date_scan_iso(&sc, &ms);
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
