#pragma once
/*
 * main/platform_map: the map of a platform as nurseries take it (mention/map): its program for mentions, and its facts. It has the
 * platform's name, since platforms that share a program have facts of their own; their mentions' ids have one scope all the same.
 *
 * Owner: the arena given, and that of the platforms.
 */
#include <stdbool.h>

struct arena;
struct config;
struct diag;
struct map_source;
struct platform;
struct platforms;

/* False: it has none, being read as a feed or a mail. */
bool platform_map_source(const struct platform *p, struct arena *a, struct map_source *ret);
/* The map of that name alone, without a platform. False: there is none, or it can't be read, which is told. */
bool platform_map_named(struct platforms *all, const char *name, struct arena *a, struct diag *d,
			struct map_source *ret);
/* Those that the sources of a configuration use: sets its maps and n_maps. */
void platform_maps(struct config *c);
