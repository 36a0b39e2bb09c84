#pragma once
/*
 * mention/map: how an API's answers become mentions, as it goes to a nursery: named jq programs, compiled there and run by
 * readers alone.
 *
 * A map has the program "mentions", which yields one record an output, and small ones over the same document that say how
 * to go on: "next", "cursor", "error", "wait", "more", and any other name that a platform gives them. Each of these is a
 * fact: its outputs as texts, several joined by commas; null, false and "" are none. All see $ctx, the job's parameters.
 *
 * A channel's map has the program "new" in the place of "mentions", and others beside it: each makes one JSON value of a notice.
 *
 * Comments before the program "mentions", each on a line of its own, say what no program can:
 *
 *   # scope: NAME          of its records' ids (DESIGN §5): maps of one network share it. Left out: the map's own name
 *   # looks at named keys  its programs look at no member that they do not name: no keys, to_entries, `..` and the like, and
 *                          no .[] on an object. Then the rest of an answer is passed over unread, which is most of it
 *   # reads mail           its answers are messages, not JSON: the document is what parse/map_mail makes of one
 *
 * Owner:  the arena that job_load_get() or map_sources_copy() was given.
 * Bounds: below; a map past them is no map.
 */
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct wire_in;

enum {
	MAPS_MAX = 256,
	MAP_PROGRAMS_MAX = 32,             /* of one map */
	MAP_PROGRAM_MAX_BYTES = 64 * 1024, /* of one program */
	MAP_CTX_MAX_BYTES = 64 * 1024,     /* of a job's $ctx */
};
#define MAP_MENTIONS "mentions" /* the program that yields records */
#define MAP_BODY     "new"      /* … and in its place, of a channel's: what makes a request's body (mention/body_job) */

struct map_program {
	const char *name; /* [a-z0-9_]+ */
	const char *text;
	const char *file;      /* where it stands, for findings; NULL: nowhere */
	uint32_t line, column; /* of its first character, from 1; 0: unknown. A block's every line is indented alike */
};

struct map_source {
	const char *name; /* [a-z0-9_-]+, by which jobs ask for it */
	const struct map_program *programs;
	size_t n_programs;
};

void map_sources_put(struct buf *b, const struct map_source *v, size_t n);
/* Past a bound, or without what a map must have: in->bad. */
void map_sources_get(struct wire_in *in, struct arena *a, const struct map_source **ret, size_t *ret_n);
/* All of it, in the arena. */
const struct map_source *map_sources_copy(const struct map_source *v, size_t n, struct arena *a);
