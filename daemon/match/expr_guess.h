#pragma once
/*
 * match/expr_guess: "did you mean", of conditions: what those write who think in Spanish, in capitals, in the signs of another
 * program or with a slip of the finger. Inside match/expr alone.
 *
 * Owner:  what is returned is a constant, or lies in the arena given. Blocks: never.
 */
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Where "and" or "or" was expected: "y", "ADN", "&&", "sin"; NULL: nothing is near. */
const char *guess_between(const char *word, size_t len, struct arena *a);
/* Where a condition was expected: "NO", "!", "Name"; NULL. */
const char *guess_before(const char *word, size_t len, struct arena *a);
/* "not", where that is what it says: "no", "NI", "sin", "!"; NULL. */
const char *guess_not(const char *word, size_t len, struct arena *a);
/* What stands before "(": "cerca"; NULL. */
const char *guess_call(const char *word, size_t len, struct arena *a);
/* What is compared: "seguidores", "país"; NULL. */
const char *guess_fact(const char *word, size_t len, struct arena *a);
/* A number with its thousands, or decimals, as people write them: "10.000", "10k", "2,5"; whole: without decimals. NULL. */
const char *guess_number(const char *word, size_t len, bool whole, struct arena *a);
