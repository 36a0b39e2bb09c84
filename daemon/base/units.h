#pragma once
/*
 * base/units: durations, sizes and parts as people write them.
 *
 *   30s 5m 2h 7d   a duration: a whole number and its unit; 0 needs none
 *   64k 8M 2G      a size in bytes, by 1024; a bare number is bytes
 *   10% 2.5%       a part, 0% to 100%; a bare 0.10 is refused, since it may mean 0.1% as well
 */
#include <stdint.h>

#include "base/err.h"

#define UNITS_DURATION_MAX_MS (INT64_C(36500) * 24 * 60 * 60 * 1000) /* 100 years */
#define UNITS_SIZE_MAX        (INT64_C(1) << 60)

enum {
	UNITS_E_SYNTAX = 1,
	UNITS_E_UNIT,  /* a number without its unit */
	UNITS_E_RANGE, /* above the MAX */
};
int units_duration(const char *text, int64_t *ret_ms) must_use;
int units_size(const char *text, int64_t *ret_bytes) must_use;
int units_part(const char *text, double *ret_part) must_use; /* 10% gives 0.1 */
int units_int(const char *text, int64_t *ret) must_use;      /* -12, 0, 7; no "+7", no "007", no blanks */

/* The shortest writing that reads back as the same: "90m", "1h", "0s"; "64k". Milliseconds below a second as "0.5s". */
enum { UNITS_TEXT_SIZE = 32 };
char *units_duration_text(int64_t ms, char out[UNITS_TEXT_SIZE]);
char *units_size_text(int64_t bytes, char out[UNITS_TEXT_SIZE]);
