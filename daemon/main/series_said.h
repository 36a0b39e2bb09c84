#pragma once
/*
 * main/series_said: a mention as stats/topic takes it, and when what was said of a topic is judged. The daemon counts by it
 * as mentions are committed (app_series), backtest as they stand in the log.
 *
 * Owner: what series_said() returns borrows the mention's and the hit's names. Blocks: never.
 */
#include <stddef.h>
#include <stdint.h>

#include "stats/topic.h"

struct hit;
struct mention;

enum {
	SERIES_GRACE_MS = 2000, /* what was fetched within a bin is committed soon after it */
	SERIES_JUDGE_MS = 1000, /* hits that come together are judged together */
	SERIES_LATE_BINS_MAX = TOPIC_LATE_KEPT_MS / SERIES_BIN_MS + 1, /* that are judged again at once */
};

struct said series_said(const struct mention *m);
void series_said_names(struct said *said, const struct hit *h);

int64_t series_bin_end(int64_t at_ms);

/* Hours that are judged again, since something of them came late: when they end. */
struct series_late {
	int64_t bins[SERIES_LATE_BINS_MAX];
	size_t n;
};
/* One that is over for longer than TOPIC_LATE_KEPT_MS is not judged again: false. */
bool series_late_add(struct series_late *late, int64_t at_ms, int64_t now_ms);
