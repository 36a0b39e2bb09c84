#pragma once
/*
 * main/app: the daemon: everything that runs, in one owner tree, from its start to its end.
 *
 *   app           built lowest floor first, torn down in reverse
 *   app_log       what sources, queue and API ask of the log
 *   app_reload    a new configuration: built whole, then swapped in
 *   app_follow    hits as they are committed, for those who watch
 *   app_api       what escuchactl asks
 *   app_drain     the end, in good order
 *   app_systemd   what systemd is told, and gives
 *   app_once      --once: when all is done, and what it came to
 */
#include <stdbool.h>

#include "base/err.h"

struct config;

enum {
	APP_DONE = 0,
	APP_SOURCE_FAILED = 1, /* --once */
	APP_TEMPORARY = 75,    /* another process owns the state folder; the disk fails */
	APP_CONFIG = 78,       /* configuration or rules are wrong: told */
};

/* Runs until it is told to stop; returns the exit status. config is taken. Blocks. */
int app_run(struct config *config, bool once);
