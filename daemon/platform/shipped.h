#pragma once
/*
 * platform/shipped: the files of conf/platforms, of its maps and of its fixtures (base/shipped).
 */
#include "base/shipped.h"

extern const struct shipped_file shipped_platforms[];
extern const size_t shipped_platforms_n;
extern const struct shipped_file shipped_maps[];
extern const size_t shipped_maps_n;
extern const struct shipped_file shipped_fixtures[]; /* by their names without what they end in */
extern const size_t shipped_fixtures_n;

/* NULL: there is none of that name. */
const struct shipped_file *shipped_platform(const char *name);
const struct shipped_file *shipped_map(const char *name);
