#pragma once
/*
 * base/clock: the one place that time comes from. Tests, the simulator and backtests replace it.
 *
 * Wall time is milliseconds since 1970-01-01T00:00:00Z and may jump; it is what people and the log see. Steady time is
 * milliseconds that never go back and go on during suspend (CLOCK_BOOTTIME); waits and deadlines are counted in it.
 */
#include <stdint.h>
#include <time.h>

int64_t clock_wall_ms(void);
int64_t clock_steady_ms(void);
struct timespec clock_deadline(int64_t ms); /* so long from now: CLOCK_MONOTONIC, for pthread_cond_timedwait() */

struct clock_source {
	int64_t (*wall_ms)(void);
	int64_t (*steady_ms)(void);
};
void clock_replace(const struct clock_source *source); /* NULL: the machine's own again */

#define TIME_NONE  INT64_MIN /* a time that is not known */
#define SECOND_MS  INT64_C(1000)
#define MINUTE_MS  (60 * SECOND_MS)
#define HOUR_MS    (60 * MINUTE_MS)
#define DAY_MS     (24 * HOUR_MS)

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar (month 1 to 12), and back. */
int64_t clock_days_from_civil(int64_t year, int month, int day);
void clock_civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);

enum { CLOCK_RFC3339_SIZE = 32 };
/* RFC 3339 in UTC, "2026-11-22T10:00:00Z", with milliseconds where asked. Returns out. */
char *clock_rfc3339(int64_t wall_ms, int with_ms, char out[CLOCK_RFC3339_SIZE]);
