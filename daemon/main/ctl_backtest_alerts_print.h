#pragma once
/*
 * main/ctl_backtest_alerts_print: which incidents would have opened, beside those that there really were: for people and as JSON.
 */
#include <stddef.h>
#include <stdint.h>

#include "main/ctl_backtest_alerts.h"
#include "main/ctl_output.h"
#include "store/replay.h"

struct json;

struct backtest_alerts_report {
	const struct backtest_alerts *alerts; /* NULL: the configuration has mistakes, and they were not judged */
	const struct config *config;          /* whose alerts; NULL likewise */
	const char *file, *topic;             /* that --alerts names, that --topic names; NULL: today's; all */
	const struct replay_incident *happened;
	size_t n_happened;
	const size_t *again;      /* backtest_alerts_match()'s */
	int64_t since_ms, cut_ms; /* cut: backtest_said_cut_ms() */
};

void backtest_alerts_print(const struct ctl *c, const struct backtest_alerts_report *r, struct buf *out);
void backtest_alerts_json(const struct backtest_alerts_report *r, struct json *j);
