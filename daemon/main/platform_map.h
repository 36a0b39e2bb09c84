#pragma once
/*
 * main/platform_map: the map of a platform as nurseries take it (mention/map): its program for mentions, and its facts.
 *
 * Owner: the arena given, and that of the platforms.
 */
#include <stdbool.h>

struct arena;
struct diag;
struct map_source;
struct platform;
struct platforms;

/* False: it has none, being read as a feed or a mail; or its program is not there, which is told. */
bool platform_map_source(struct platforms *all, const struct platform *p, struct arena *a, struct diag *d,
			 struct map_source *ret);
/* The map of that name alone, without a platform. False: there is none. */
bool platform_map_named(struct platforms *all, const char *name, struct arena *a, struct diag *d,
			struct map_source *ret);
