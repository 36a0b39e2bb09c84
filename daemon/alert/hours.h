#pragma once
/*
 * alert/hours: hours of the day on days of the week, by the clock on a wall: 'mon-fri', '22:00-07:00'. Pure.
 *
 * Hours hold while the wall shows them, whatever is done to it: those that the change to summer time leaves out never come on
 * that day; those that it shows twice hold twice. So shifts that leave no gap on a plain day leave none on such a day. Hours
 * over midnight belong to the day on which they begin.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/zone.h"

enum { HOURS_DAY_MIN = 24 * 60, HOURS_EVERY_DAY = 0x7F };

struct hours {
	uint8_t days;              /* bit 0: Sunday */
	uint16_t from_min, to_min; /* of the day; to before from is over midnight; 0 to HOURS_DAY_MIN is all day */
};

enum {
	HOURS_E_SYNTAX = 1,
	HOURS_E_RANGE, /* 25:00, 10:75 */
	HOURS_E_EMPTY, /* from and to are the same */
};
int hours_parse(const char *text, struct hours *ret) must_use; /* '07:00-15:00'; sets from_min and to_min alone */
/* 'mon-fri', 'sat', 'mon,wed,fri', 'fri-mon': bits. */
int hours_days(const char *text, uint8_t *ret_days) must_use;
/* '2026-12-20': days since 1970-01-01. */
int hours_date(const char *text, int64_t *ret_day) must_use;

int64_t hours_day(const struct zone_time *t); /* days since 1970-01-01, by the wall */
/* Whether they hold; ret_day (or NULL) is the day on which they began then. */
bool hours_hold(const struct hours *h, const struct zone_time *t, int64_t *ret_day);

/* The first instant behind at_ms at which the wall shows minute_of_day (0 to HOURS_DAY_MIN), or is set: nothing that
 * depends on the wall can change before the earliest of its minutes. At most a day ahead. */
int64_t hours_next(const struct zone *z, int64_t at_ms, int minute_of_day);
/* When the wall first shows a day (or a later one, where that day is left out). */
int64_t hours_day_begins(const struct zone *z, int64_t day);
