#pragma once
/*
 * main/timezone: names of time zones, by the tz database of this machine.
 *
 * Blocks: looks at files of $TZDIR, else /usr/share/zoneinfo.
 */
#include <stdbool.h>

#include "base/err.h"

bool timezone_known(const char *name);
/* The name that was probably meant: America/Bogota for "bogotá", America/Mexico_City for "America/Mexico"; NULL: no idea.
 * To be freed. */
char *timezone_guess(const char *name) must_use;
/* What this machine is set to: $TZ, else the target of /etc/localtime, else UTC. To be freed. */
char *timezone_local(void) must_use;
