#pragma once
/*
 * alert/rose: the words that are said more than they used to be. Counted in how many mentions, once each; the share now is compared
 * with that of before by the ratio of their likelihoods (Dunning 1993), which is right for rare words, too: ROSE_LEAST_RATIO is one
 * chance in a hundred.
 *
 * Words are runs of letters and digits of at least ROSE_WORD_MIN letters, in small letters; accents stay.
 *
 * Owner:  whoever called rose_new(). Blocks: never.
 * Bounds: ROSE_WORDS_MAX words; then those heard once make room. ROSE_TEXT_MAX_BYTES of a mention are read.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct mention;
struct rose;

enum {
	ROSE_WORDS_MAX = 16384,
	ROSE_WORD_MIN = 4, /* letters */
	ROSE_WORD_MAX_BYTES = 40,
	ROSE_TEXT_MAX_BYTES = 2000,
	ROSE_LEAST = 3, /* mentions with it now */
	ROSE_MAX = 6,
};
#define ROSE_LEAST_RATIO 6.63

struct rose *rose_new(void) must_use;
struct rose *rose_free(struct rose *r); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct rose, rose_free)

void rose_add(struct rose *r, const struct mention *m, bool now); /* now: else it is what used to be said */
/* The most telling first; borrowed until the next rose_add(). Nothing while nothing is known of before. Returns how many. */
size_t rose_pick(struct rose *r, const char *ret[ROSE_MAX]);
