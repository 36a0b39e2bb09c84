#pragma once
/*
 * match/adversary: whether there are texts that a pattern can't bear (FAULTS P11: `(a+)+$`), found out before it serves.
 *
 * The texts are made from the pattern's own letters: a beginning that it likes, something repeated, an end that it does not.
 * On ADVERSARY_SHORT bytes only what doubles its work with every letter reaches a limit, and is refused. What reaches it on
 * ADVERSARY_LONG bytes grows with the cube of the length: it serves, and may give up on long texts. No proof: what passes
 * is bounded by the limits all the same, and watched (pool, main/rule_watch).
 *
 * Owner:  the pattern and the room are borrowed. Blocks: CPU, some 50 µs for most patterns that repeat anything; none for others.
 * Bounds: ADVERSARY_PUMPS_MAX things repeated behind ADVERSARY_HEADS_MAX beginnings.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct pattern;
struct pattern_room;

enum {
	ADVERSARY_SHORT_BYTES = 256,
	ADVERSARY_LONG_BYTES = 1024,
	ADVERSARY_PUMPS_MAX = 16,
	ADVERSARY_HEADS_MAX = 4,
	ADVERSARY_RUN_BYTES = 64, /* of a beginning, or of something repeated */
};

enum {
	ADVERSARY_E_EXPLODES = 1, /* to be refused */
	ADVERSARY_E_SLOW,         /* may give up on long texts; only looked for if `slow` is asked for */
};
/* source is what the pattern was made of: an expression, or one word of its list with its * (what stands in it becomes the
 * texts' letters). *ret_repeated, of ADVERSARY_RUN_BYTES and a NUL: what was repeated. */
int adversary_try(const struct pattern *p, struct pattern_room *room, const char *source, size_t len, bool slow,
		  char ret_repeated[ADVERSARY_RUN_BYTES + 1]) must_use;

/* Whether a pattern of an expression is worth a try: its pieces don't tell that no text that is tried can take PATTERN_MATCH_LIMIT
 * steps from a place (match/regex_steps). slow: no long one, either. */
bool adversary_worth(const struct pattern *p, bool slow);
