#pragma once
/*
 * match/index: which topics and rules can hold for a mention, told by the patterns that can be found in it, so that ten
 * thousand rules are not asked one by one. Inside match/ only.
 *
 * A condition that can hold though none of its patterns is found (`followers >= 1000`, `not old`, a pattern that the prefilter
 * doesn't tell of) is always asked. Any other only for a mention with a candidate among the patterns that it names, itself
 * or through the rules that it rests on. What is asked too often costs time, and never a hit.
 *
 * Owner:  the ruleset, behind its topics and its prefilter; immutable. What a mention wakes lies in the matcher's index_room.
 * Bounds: as many references as the conditions have nodes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct index;
struct index_room;
struct prefilter;
struct ruleset;

struct index *index_new(const struct ruleset *rs, const struct prefilter *f) must_use;
struct index *index_free(struct index *x); /* NULL is fine; returns NULL. After its rooms */

/* Whether a topic can be met though none of its patterns is found; own posts don't count. */
bool index_wordless(const struct index *x, uint32_t topic);

struct index_room *index_room_new(const struct index *x) must_use;
struct index_room *index_room_free(struct index_room *room); /* NULL is fine; returns NULL */

/* For a mention with these candidates among its patterns; what was said of the last mention is forgotten. */
void index_wake(struct index_room *room, const uint32_t *candidates, size_t n);

/* The first topic, rule or pattern that can hold, from `from` on and below `end`; end: none. Topics with own posts always can. */
uint32_t index_topic(const struct index_room *room, uint32_t from, uint32_t end);
uint32_t index_rule(const struct index_room *room, uint32_t from, uint32_t end);
uint32_t index_pattern(const struct index_room *room, uint32_t from, uint32_t end);
