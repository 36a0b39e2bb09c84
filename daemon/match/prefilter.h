#pragma once
/*
 * match/prefilter: one look at a text that tells which of all patterns could be found in it: those of which a literal that
 * they need (match/literals) stands there. PCRE2 alone says whether they are found. A pattern without a literal is always a
 * candidate.
 *
 * Owner:  the ruleset; immutable, shared by forked readers. What a scan writes lies in a prefilter_room, one a matcher.
 * Blocks: never; prefilter_new() takes some 30 ms for ten thousand patterns. A scan allocates nothing but, once, room for
 *         the longest original text.
 * Bounds: the caller's number of patterns, LITERALS_MAX literals each.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct pattern;
struct prefilter;
struct prefilter_room;

/* v are numbered from 0; NULL: no pattern. */
struct prefilter *prefilter_new(const struct pattern *const v[], size_t n) must_use;
struct prefilter *prefilter_free(struct prefilter *f); /* NULL is fine; returns NULL. After its rooms */
DEFINE_CLEANUP(struct prefilter, prefilter_free)

/* Whether scans tell of this pattern. The others are always candidates, in every text. */
bool prefilter_tells(const struct prefilter *f, uint32_t pattern);

/* What has been found out about the texts of one mention. */
struct prefilter_room *prefilter_room_new(const struct prefilter *f) must_use;
struct prefilter_room *prefilter_room_free(struct prefilter_room *room); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct prefilter_room, prefilter_room_free)

void prefilter_begin(struct prefilter_room *room); /* a new mention: all is forgotten */
/* text is the field's folded or original form; field is a bit of the caller's choice. */
void prefilter_scan(struct prefilter_room *room, bool folded, const char *text, size_t len, uint8_t field);

/* The fields in which a pattern (that scans tell of) can be found; 0: in none. */
uint8_t prefilter_fields(const struct prefilter_room *room, uint32_t pattern);
/* All patterns that can be found somewhere, in no order; until the next prefilter_begin(). */
size_t prefilter_candidates(const struct prefilter_room *room, const uint32_t **ret);
