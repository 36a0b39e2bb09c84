#pragma once
/*
 * parse/map_inside: what map_load.c (compiles) and map.c (runs) of parse/map share. For them alone.
 */
#include <jq.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct json_names;
struct map_source;

#define MAP_NO_MENTIONS SIZE_MAX

struct map {
	const struct map_source *source; /* the maps' copy */
	const char *scope;
	const struct json_names *names; /* NULL: every member is read */
	struct json_names *own_names;
	bool mail;       /* its answers are messages, not JSON */
	size_t mentions; /* which program; MAP_NO_MENTIONS: none, it makes bodies (parse/map_body) */
	jq_state *jq;    /* all of its programs in one: a compilation costs the same for one and for ten */
};

struct maps {
	struct arena *arena;
	struct map *v;
	size_t n;
};
