#pragma once
/*
 * parse/mojibake: mends UTF-8 that someone read as windows-1252 and wrote again as UTF-8, once or several times
 * ("compaÃ±Ã­a" → "compañía", "â€œ" → "“"), and the bare "Ã" that is left of "í" where the soft hyphen behind it was
 * lost
 * ("MarÃa" → "María").
 *
 * A run is mended only where its letters, as windows-1252 (or Latin-1) bytes, are exactly one well-formed UTF-8
 * sequence of a letter or sign that people write; all else stays as it was, so that "SÃO", "NÃO" and "AÇÃO" are safe. A
 * bare "Ã" is mended only between lower-case letters (or behind one, at the end of a word, before a vowel's place that
 * Spanish knows), never in a word in capitals. NO-BREAK SPACE and its narrow sister become a space here, and the soft
 * hyphen goes.
 *
 * In:  valid UTF-8; out: valid UTF-8, never longer than the input. Neither blocks nor keeps anything.
 */
#include <stddef.h>

struct buf;

enum { MOJIBAKE_ROUNDS = 3 }; /* how often a text may have been mangled */

void mojibake_repair(const char *s, size_t len, struct buf *out); /* appends */
