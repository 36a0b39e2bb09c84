#pragma once
/*
 * parse/date_scan: a date while it is read: where we are in the text, the fields met so far, and what becomes of them.
 * Part of parse/date; neither allocates nor keeps anything.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATE_UNKNOWN = -1 };

/* The fields as they stand there, and where we are in the text. */
struct date_scan {
	const char *at, *end;
	int year, month, day; /* DATE_UNKNOWN while not met */
	int hour, minute, second, ms;
	int east_min; /* zone */
	bool zone_known, am, pm;
	bool weak_month; /* the month's word may have been a weekday's */
	bool numeric;    /* day and month are two small numbers, the day first until judged */
	char separator;  /* between them */
	int weekday;     /* 1 (Monday) to 7; 0: none met */
	int words;
};

static inline bool date_scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool date_scan_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool date_scan_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static inline char date_scan_peek(const struct date_scan *sc, size_t ahead)
{
	return (size_t)(sc->end - sc->at) > ahead ? sc->at[ahead] : '\0';
}

static inline void date_scan_skip_space(struct date_scan *sc)
{
	while (sc->at < sc->end && date_scan_is_space(*sc->at))
		sc->at++;
}

static inline size_t date_scan_digits_ahead(const struct date_scan *sc)
{
	size_t n = 0;

	while (sc->at + n < sc->end && date_scan_is_digit(sc->at[n]))
		n++;
	return n;
}

/* The next n digits, which are there; n at most 9. */
static inline int date_scan_take(struct date_scan *sc, size_t n)
{
	int v = 0;

	while (n--)
		v = v * 10 + (*sc->at++ - '0');
	return v;
}

/* Each moves behind what it read. False: it isn't there, or stands where it can't. */
void date_scan_fraction(struct date_scan *sc);
bool date_scan_offset(struct date_scan *sc);
bool date_scan_take_two(struct date_scan *sc, int *ret); /* a number of one or two digits */
bool date_scan_clock_time(struct date_scan *sc, int hour);

int date_scan_days_in_month(int year, int month);
int date_scan_weekday_of(int year, int month, int day); /* 1 (Monday) to 7 */

/* The fields as a time: 0 or DATE_E_RANGE. days: since 1970, where the date is known already. */
int date_scan_finish_time(const struct date_scan *sc, int64_t days, int64_t *ret_ms);
int date_scan_finish(const struct date_scan *sc, int64_t *ret_ms);

/* parse/date_iso.c: ISO 8601 from a year of four digits on, and numbers of nine digits and more; 0 or DATE_E_… */
int date_scan_iso(struct date_scan *sc, int64_t *ret_ms);
int date_scan_number_alone(struct date_scan *sc, size_t n_digits, int64_t *ret_ms);
