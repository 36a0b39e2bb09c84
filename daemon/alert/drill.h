#pragma once
/*
 * alert/drill: how long each person took in a drill: told, when the message arrived, when they first answered, whatever they said. Read from the
 * incident's line of events. Pure.
 *
 * Bounds: DRILL_PEOPLE_MAX, those who were told first.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define DRILL_ALERT "@drill" /* opens one; no alert of the configuration is called so */
enum { DRILL_PEOPLE_MAX = 50 };
#define DRILL_MS     (30 * MINUTE_MS) /* then it ends by itself, unless another time was asked for */
#define DRILL_MIN_MS SECOND_MS
#define DRILL_MAX_MS DAY_MS

/* Borrowed from the line. Times are wall; TIME_NONE: never. */
struct drill_line {
	int64_t at_ms;
	const char *what, *who;
};
struct drill_person {
	const char *name;
	int64_t told_ms, arrived_ms, answered_ms;
};
size_t drill_people(const struct drill_line *lines, size_t n, struct drill_person ret[DRILL_PEOPLE_MAX]);
