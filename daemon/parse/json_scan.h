#pragma once
/*
 * parse/json_scan: the bytes of JSON, one value after the other, as libjq can have them (FAULTS §3.6).
 *
 * libjq keeps numbers as doubles: whole numbers beyond 2^53, which ids are, come out as texts of the same digits. What nests too
 * deep is refused here, half a pair of surrogates (an emoji that a platform cut through) becomes U+FFFD, where libjq would refuse
 * all of it, and what a map never names is left out before anything is made of it, which is most of an API's
 * answer. Whether the rest is JSON is jv_parse()'s to judge.
 *
 * Owner:  borrows the bytes. Blocks: no; linear, a gigabyte a second. Recursion: JSON_DEPTH_MAX.
 */
#include <stddef.h>

#include "base/err.h"

struct buf;
struct json_names;

enum { JSON_DEPTH_MAX = 200 }; /* libjq itself: 256 */

enum {
	JSON_SCAN_E_END = 1, /* nothing is left but white space */
	JSON_SCAN_E_BROKEN,  /* no JSON, or not all of it; *at is behind its line, where the next value may begin */
	JSON_SCAN_E_DEEP,    /* JSON_DEPTH_MAX; the same */
	JSON_SCAN_E_FULL,    /* out's bound; the same */
};
/* Appends the first value in [*at, end) and moves *at behind it. Members that names has not are left out, with all that is in
 * them; a name that is written with a backslash stays, whatever it says. NULL: all stay. */
int json_scan(const char **at, const char *end, const struct json_names *names, struct buf *out) must_use;
