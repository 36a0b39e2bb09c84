#pragma once
/*
 * parse/date_words: the words that stand in dates: months and weekdays in nine languages, zones, and the
 * halves of the day. Part of
 * parse/date; neither allocates nor keeps anything.
 */
#include <stdbool.h>
#include <stddef.h>

enum { DATE_WORD_MAX_BYTES = 40 }; /* longer is no word of a date */

enum date_word { DATE_WORD_OTHER, DATE_WORD_MONTH, DATE_WORD_WEEKDAY, DATE_WORD_ZONE, DATE_WORD_AM, DATE_WORD_PM };

struct date_word_value {
	int number;     /* the month, 1 to 12; the weekday, 1 (Monday) to 7; the zone in minutes east of UTC */
	bool ambiguous; /* "mar" is March, and Tuesday in Spanish, French and Italian */
};

/* What a run of letters is; case and accents don't count. */
enum date_word date_word(const char *s, size_t len, struct date_word_value *ret);
