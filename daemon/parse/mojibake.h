#pragma once
/*
 * parse/mojibake: mends UTF-8 that someone read as windows-1252 and wrote again as UTF-8, once or several times
 * ("compaÃ±Ã­a" → "compañía", "â€œ" → "“"), and the bare "Ã" that is left of "í" where the soft hyphen behind it was
 * lost ("MarÃa" → "María").
 *
 * Characters are mended only where they, as windows-1252 (or Latin-1) bytes, are one well-formed UTF-8 sequence of
 * something that people write, and where no language would have put them so: "SÃO", "NÃO", "IRMÃ”", "CAFÉ»" stay. Outside
 * Latin-1's letters, punctuation and emoji it takes two in a row (Cyrillic, Greek, Chinese). A bare "Ã" is mended between
 * a letter and a small letter, and at the end of a word before punctuation or in the few words that Spanish ends so
 * ("asÃ", "aquÃ").
 *
 * Here, too, NO-BREAK SPACE and its narrow sisters become a space, or nothing beside other white space, and the soft
 * hyphen goes. So it runs last, behind html_to_text().
 * In:  valid UTF-8; out: valid UTF-8, never longer than the input.
 */
#include <stdbool.h>
#include <stddef.h>

struct buf;

enum { MOJIBAKE_ROUNDS = 3 }; /* how often a text may have been mangled */

/* Appends. True: white space may now stand beside white space, or at an end. */
bool mojibake_repair(const char *s, size_t len, struct buf *out);
