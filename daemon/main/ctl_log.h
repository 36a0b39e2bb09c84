#pragma once
/*
 * main/ctl_log: what the commands share that open the log themselves: backup, fsck, backtest, discard.
 */
#include <stdbool.h>
#include <stdint.h>

#include "main/ctl.h"

/* The log's folder is known, and what store/ writes for an administrator's journal is not shown: the command says in its
 * own words what came of it. False: told. */
bool ctl_log_quiet(const struct ctl *c) must_use;

/* The same for those that judge the log again by rules: there are some, times are shown in the user's zone, and a daemon beside
 * goes first from here on, with its readers. back: a duration, as checked before. CTL_DONE; else told. */
int ctl_log_judged(const struct ctl *c, const char *back, int64_t *ret_back_ms) must_use;
