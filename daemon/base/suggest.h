#pragma once
/*
 * base/suggest: "did you mean".
 */
#include <stddef.h>

/* The candidate nearest to word by Damerau-Levenshtein distance (at most a third of the word's length, and at least 1),
 * letter case ignored; NULL if none is near. stride is the distance between candidates' pointers in bytes. */
const char *suggest(const char *word, const char *const *candidates, size_t n, size_t stride);
