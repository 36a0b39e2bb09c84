#pragma once
/*
 * main/ctl_backtest_print: what a backtest found, for people and as JSON.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "main/ctl_backtest_alerts_print.h"
#include "main/ctl_backtest_count.h"
#include "main/ctl_output.h"
#include "store/replay.h"

enum { BACKTEST_LIMITS_MAX = 64 }; /* patterns that gave up and are named */

struct backtest_limit {
	char *topic, *pattern;
	size_t set; /* 0: today's rules, 1: those of --rules */
	uint64_t times;
};

struct backtest_report {
	const char *rules; /* what --rules names, for people; NULL: today's rules against the log */
	const char *since; /* as it was asked: "30d" */
	int64_t since_ms, now_ms;
	uint64_t mentions, unknown; /* judged; of these not, since their readers died */
	size_t damaged;             /* rows that can't be read */
	const struct backtest_count *count;
	struct backtest_log log;
	struct replay_reach reach;
	struct replay_deaf deaf;
	struct backtest_limit limits[BACKTEST_LIMITS_MAX];
	size_t n_limits;
	struct backtest_alerts_report alerts;
};

bool backtest_changes(const struct backtest_report *r);
void backtest_print(const struct ctl *c, const struct backtest_report *r, struct buf *out);
void backtest_json(const struct backtest_report *r, struct buf *out);

/* One example, over some lines. */
void backtest_example_print(const struct ctl *c, const struct backtest_example *e, struct buf *out);
