#pragma once
/*
 * main/ctl_backtest: what backtest and discard say alike.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "main/ctl.h"

struct backtest_run;
struct diag;

bool backtest_since_check(const struct ctl *c, const char *since); /* false: it is no time, told */
/* What replay_open() and the like returned other than 0, told. Returns the exit status. */
int backtest_complain(const struct ctl *c, int r, const char *path);
/* backtest_run(), with what failed told. Returns an exit status. */
int backtest_run_told(const struct ctl *c, const struct backtest_run *run) must_use;

/* What it returned, told, likewise. */
int backtest_told(const struct ctl *c, int r, size_t n_sets, size_t set, const struct diag *diag) must_use;

/* "12000 of 50000 mentions" on a terminal's own line, and that line empty again. */
void backtest_progress(const struct ctl *c, uint64_t n, int64_t total);
void backtest_progress_end(void);
