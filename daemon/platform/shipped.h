#pragma once
/*
 * platform/shipped: the files of conf/platforms and of conf/platforms/maps, as they were when the program was built
 * (conf/platforms/generate). By name, each.
 */
#include <stddef.h>

struct shipped_file {
	const char *name; /* [a-z0-9_-]+ */
	const char *text; /* the whole file */
	size_t len;
};
extern const struct shipped_file shipped_platforms[];
extern const size_t shipped_platforms_n;
extern const struct shipped_file shipped_maps[];
extern const size_t shipped_maps_n;

/* NULL: there is none of that name. */
const struct shipped_file *shipped_platform(const char *name);
const struct shipped_file *shipped_map(const char *name);
