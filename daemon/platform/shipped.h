#pragma once
/*
 * platform/shipped: the files of conf/platforms and of conf/platforms/maps (base/shipped).
 */
#include "base/shipped.h"

extern const struct shipped_file shipped_platforms[];
extern const size_t shipped_platforms_n;
extern const struct shipped_file shipped_maps[];
extern const size_t shipped_maps_n;

/* NULL: there is none of that name. */
const struct shipped_file *shipped_platform(const char *name);
const struct shipped_file *shipped_map(const char *name);
