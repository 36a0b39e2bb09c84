#pragma once
/*
 * base/zone: local times of any zone of the tz database, beside one another: glibc knows one zone a process at a time.
 *
 * Reads TZif files (RFC 8536, versions 1 to 4), and what holds behind their last transition, which is a rule in POSIX'
 * notation at their end ("CST6CDT,M4.1.0,M10.5.0").
 *
 * Owner:  whoever called zone_load(). Blocks: zone_load() reads a file of $TZDIR, else /usr/share/zoneinfo.
 */
#include <stdint.h>

#include "base/mem.h"

struct zone;

enum { ZONE_FILE_MAX_BYTES = 256 * 1024, ZONE_NAME_MAX_BYTES = 255, ZONE_ABBREVIATION_SIZE = 16 };

enum {
	ZONE_E_NAME = 1, /* no name of a zone: "../x", "/etc/passwd" */
	ZONE_E_FORMAT,   /* no TZif file */
};
/* -errno: it can't be read. */
int zone_load(const char *name, struct zone **ret) must_use;
struct zone *zone_free(struct zone *z); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct zone, zone_free)

/* z NULL is UTC. */
struct zone_time {
	int64_t year;
	int month, day, hour, minute, second; /* month and day from 1 */
	int weekday;                          /* 0: Sunday */
	int32_t offset_s;                     /* east of UTC is positive */
	char abbreviation[ZONE_ABBREVIATION_SIZE];
};
void zone_local(const struct zone *z, int64_t wall_ms, struct zone_time *ret);
