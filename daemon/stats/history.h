#pragma once
/*
 * stats/history: a series as others export it: a CSV file of a time and a count a line, into bins.
 *
 *   timestamp,count              (a first line without numbers is a header)
 *   2026-02-26 21:42:53,104      or 2026-02-26T21:42:53Z, with an offset, or seconds or milliseconds since 1970
 *
 * Times ascend. A bin is as long as most lines are apart, from a minute to a day; what is missing between two lines are bins of 0.
 *
 * Owner: history_free(). Nothing is written, and nothing but the bytes is read. Bounds: below; a finding past each.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct diag;

enum { HISTORY_ROWS_MAX = 10 * 1000 * 1000, HISTORY_GAP_MAX = 1000 * 1000 /* bins of 0 in a row */ };
#define HISTORY_COUNT_MAX 1e12

struct history_row {
	int64_t at_s;  /* since 1970; a time without a zone is taken for UTC */
	int hour;      /* of the day, as the line has it */
	double count;
	size_t before; /* bins of 0 between the row before and this one */
	const char *time, *number; /* as they stand in the bytes, which are borrowed */
	size_t time_len, number_len;
};

struct history {
	struct history_row *v;
	size_t n;
	int64_t bin_s;
};

enum { HISTORY_E_INVALID = 1 };
int history_read(const char *file, const char *bytes, size_t len, struct diag *d, struct history **ret) must_use;
struct history *history_free(struct history *h); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct history, history_free)
