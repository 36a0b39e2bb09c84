#include "fetch/http_value.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

static int month_of(const char *name)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	int i;

	for (i = 0; i < 12; i++)
		if (strncasecmp(name, names + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

struct civil {
	int year, month, day, hour, minute, second;
};

static bool civil_exists(const struct civil *c)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;

	if (c->year < 1583 || c->year > 9999 || c->month < 1 || c->day < 1)
		return false;
	return c->day <= days[c->month - 1] + (c->month == 2 && leap) && c->hour >= 0 && c->hour < 24 &&
	       c->minute >= 0 && c->minute < 60 && c->second >= 0 && c->second <= 60; /* 60: a leap second */
}

static int full_year(int two_digits, int64_t now_ms)
{
	int64_t now_year;
	int month, day, year;

	clock_civil_from_days(now_ms / DAY_MS, &now_year, &month, &day);
	year = (int)(now_year - now_year % 100) + two_digits;
	return year > now_year + 50 ? year - 100 : year;
}

/* One of the four forms, or false. A %n at the end proves that the whole was read. */
static bool read_forms(const char *s, int64_t now_ms, struct civil *c)
{
	char month[4] = "";
	int end = 0;

	if (sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &c->day, month, &c->year, &c->hour,
		   &c->minute, &c->second, &end) == 6 &&
	    end) {
		c->month = month_of(month);
	} else if (sscanf(s, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &c->day, month, &c->year, &c->hour,
			  &c->minute, &c->second, &end) == 6 &&
		   end) {
		c->month = month_of(month);
		c->year = full_year(c->year, now_ms);
	} else if (sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &c->day, &c->hour, &c->minute,
			  &c->second, &c->year, &end) == 6 &&
		   end) {
		c->month = month_of(month);
	} else if (sscanf(s, "%3[A-Za-z] %2d %2d:%2d:%2d %4d GMT%n", month, &c->day, &c->hour, &c->minute, &c->second,
			  &c->year, &end) == 6 &&
		   end) {
		c->month = month_of(month);
	} else {
		return false;
	}
	return s[end] == '\0';
}

int http_date_parse(const char *text, int64_t now_ms, int64_t *ret_ms)
{
	struct civil c = {0};
	int64_t day;

	if (!read_forms(text, now_ms, &c) || !civil_exists(&c))
		return HTTP_VALUE_E_SYNTAX;
	day = clock_days_from_civil(c.year, c.month, c.day);
	*ret_ms = (((day * 24 + c.hour) * 60 + c.minute) * 60 + c.second) * SECOND_MS;
	return 0;
}

int64_t http_retry_after(const char *text, int64_t now_ms, int64_t max_ms)
{
	size_t digits = strspn(text, "0123456789"), i;
	int64_t ms = 0, at_ms;

	if (digits && text[digits] == '\0') {
		for (i = 0; i < digits && ms < max_ms;
		     i++) /* in milliseconds from the start; stops long before overflow */
			ms = ms * 10 + (text[i] - '0') * SECOND_MS;
	} else if (http_date_parse(text, now_ms, &at_ms) == 0) {
		ms = at_ms - now_ms;
	}
	if (ms < 0)
		return 0;
	return ms < max_ms ? ms : max_ms;
}

/* Digits alone; -1: it isn't. */
static int64_t seconds(const char *text, size_t len, int64_t max_s)
{
	int64_t v = 0;
	size_t i;

	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') { /* RFC 9111 asks for tolerance */
		text++;
		len -= 2;
	}
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		v = v * 10 + (text[i] - '0');
		v = v < max_s ? v : max_s;
	}
	return len ? v : -1;
}

int64_t http_max_age(const char *text, int64_t max_s)
{
	static const char max_age[] = "max-age=";
	int64_t found = -1;
	size_t len;

	for (; *text; text += len + (text[len] != '\0')) {
		text += strspn(text, " \t");
		len = strcspn(text, ",");
		if (len && strspn(text, " \t") == len)
			continue;
		if (strncasecmp(text, "no-store", 8) == 0 || strncasecmp(text, "no-cache", 8) == 0)
			return 0;
		if (strncasecmp(text, max_age, sizeof(max_age) - 1) == 0) {
			size_t from = sizeof(max_age) - 1, to = len;

			while (to > from && (text[to - 1] == ' ' || text[to - 1] == '\t'))
				to--;
			found = seconds(text + from, to - from, max_s);
		}
	}
	return found;
}
