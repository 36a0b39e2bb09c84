#pragma once
/*
 * main/ctl_log: what the commands share that open the log themselves: backup, fsck.
 */
#include <stdbool.h>

#include "main/ctl.h"

/* The log's folder is known, and what store/ writes for an administrator's journal is not shown: the command says in its
 * own words what came of it. False: told. */
bool ctl_log_quiet(const struct ctl *c) must_use;
