#pragma once
/*
 * match/near: how many words lie between matches, for near() and before().
 *
 * A word is a run of letters, digits and the marks on them; what nobody sees (a soft hyphen, a zero-width space) does not
 * part it. Between two matches count those that lie wholly between: a word that a match begins or ends in belongs to the
 * match. What overlaps or touches is 0 apart.
 *
 * Owner:  the caller. Blocks: never. Places are code points of the original text, in which alone a folded and a plain
 *         pattern's matches can be compared. Matches of one pattern come in order and don't overlap.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
	uint32_t from, to;
};

/* The words of a text. Memory is kept from one text to the next. */
struct near_words {
	struct place *v;
	size_t n, cap;
};
void near_words_read(struct near_words *w, const char *text, size_t len); /* valid UTF-8 */
void near_words_done(struct near_words *w);

/* The words between two places, whichever comes first. */
size_t near_between(const struct near_words *w, struct place a, struct place b);

typedef void near_pair_fn(void *arg, size_t a, size_t b, size_t words);
/* Calls on_pair for each match and the last of the other pattern that begins no later than it; ordered: for each of b's and
 * the last of a's that begins before it. Among these pairs are the nearest two of all. O(n_a + n_b), and two searches in w
 * for each. */
void near_pairs(const struct near_words *w, const struct place *a, size_t n_a, const struct place *b, size_t n_b,
		bool ordered, near_pair_fn *on_pair, void *arg);
