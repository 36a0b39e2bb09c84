#pragma once
/*
 * base/utf8: valid UTF-8 (RFC 3629), and how to get it.
 *
 * Everything behind parse/ is valid UTF-8 without NUL; what comes over a border is checked there once.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

bool utf8_valid(const char *s, size_t len);            /* no surrogates, nothing above U+10FFFF, no overlong forms */
bool utf8_valid_text(const char *s, size_t len);       /* the same, and no NUL */
const char *utf8_skip_ascii(const char *s, const char *end); /* to the first byte of another character, or end */
size_t utf8_count(const char *s, size_t len);          /* code points of valid text */
size_t utf8_cut(const char *s, size_t len, size_t max); /* the longest prefix of at most max bytes that ends a code point */

/* Reads one code point at s < end; valid or not, moves at least one byte. An ill-formed sequence gives U+FFFD and moves
 * past its maximal subpart (Unicode 15, §3.9, U+FFFD substitution). */
uint32_t utf8_next(const char **s, const char *end);
size_t utf8_encode(uint32_t cp, char out[4]);
void utf8_put(struct buf *b, uint32_t cp);

/* Appends s with ill-formed sequences as U+FFFD and without NUL and the C0 controls but tab, LF and CR. */
void utf8_scrub(struct buf *b, const char *s, size_t len);
