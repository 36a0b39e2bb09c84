#pragma once
/*
 * parse/map_body: what a channel's program makes of a notice (mention/body_job): one JSON value.
 *
 * Owner: the arena given. Blocks: no; CPU alone, bounded as parse/map is.
 */
#include <stddef.h>

struct arena;
struct buf;
struct job_body;
struct maps;

enum { MAP_BODY_E_FAILED = 1 }; /* *ret_why says why, cut at BODY_WHY_MAX_BYTES */
int map_body(struct maps *maps, const struct job_body *job, struct arena *a, struct buf *ret, const char **ret_why);
