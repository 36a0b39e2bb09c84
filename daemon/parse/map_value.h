#pragma once
/*
 * parse/map_value: what a map yields for one member, as what the record wants: a number that came as a text, a time in seconds or
 * nanoseconds. Each borrows v; false where it can't be that.
 */
#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

bool map_is_nothing(jv v);                   /* null or "" */
const char *map_text(jv v, size_t *ret_len); /* of a text; borrowed from it */
/* A text as a fact or a message has it, scrubbed and cut, in the arena: of a text, a number, true. NULL: it is nothing, or no
 * scalar. */
const char *map_scalar(jv v, struct arena *a, size_t max_bytes);
bool map_number(jv v, double *ret);   /* a number, or a text that is one */
bool map_count(jv v, int64_t *ret);   /* of what has no sign, such as likes: less than none is COUNT_NONE */
bool map_time(jv v, int64_t *ret_ms); /* seconds, milli-, micro- or nanoseconds; a text in any of parse/date's forms */
