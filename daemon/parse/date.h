#pragma once
/*
 * parse/date: the dates of feeds and APIs, in every form that was met (FAULTS T3; curl_getdate fails on every ISO 8601
 * date and ignores GMT+0200).
 *
 * Forms:  RFC 822 and what passes for it (no weekday, no comma, one-digit days, two-digit years; month names in English,
 *         Spanish, Portuguese, Catalan, French, Italian, German, Dutch, Greek and Russian; weekdays in any language,
 *         unread), 2026年11月22日 10时30分 and its kin in Japanese and Korean,
 *         asctime, ISO 8601 and W3CDTF (extended and basic, year, year-month, ordinal, week; T or space, fractions),
 *         2020/1/10, 07.02.2025, 31/1/2020 (the day first, as our users write, unless it can't be, or the weekday or an AM
 *         or PM speaks against it), "December 3, 2009 …", "… 04:42 PM", Unix seconds, milliseconds and microseconds.
 * Zone:   numeric (honoured behind GMT and UTC too), or one of a table of names; none, an unknown name or an impossible
 *         offset is UTC.
 * Range:  :60 is the next minute's :00, 24:00 the next day's 00:00. 30 February is DATE_E_RANGE. Years 1 to 9999 parse;
 *         the caller judges (date_judge).
 * Reads nothing but its arguments: no locale, no TZ, no clock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { DATE_MAX_BYTES = 200 }; /* longer is DATE_E_SYNTAX */

enum {
	DATE_E_SYNTAX = 1, /* not a date */
	DATE_E_RANGE = 2,  /* shaped like one, but there is no such day or time */
};
/* Milliseconds since 1970-01-01T00:00:00Z. White space around it is ignored. */
int date_parse(const char *s, size_t len, int64_t *ret_ms) must_use;

/* What a mention's date counts as. published_ms may be TIME_NONE. Absent, before 1990 or over 24 h ahead of seen: seen,
 * and suspect. */
int64_t date_judge(int64_t published_ms, int64_t seen_ms, bool *ret_suspect);
