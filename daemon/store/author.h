#pragma once
/*
 * store/author: the ledger of those who spoke of a topic: what is kept of each is added up in the transaction of each hit.
 *
 * An author is a voice (mention/voice). Interactions are the likes, shares and replies of all hits, and move with them.
 * Forgotten keep.hits after the last hit (store/story's sweep); not while an example of theirs is kept (store/toned), since whoever
 * asks to be forgotten is found here.
 */
#include <stdint.h>

#include "base/err.h"

struct mention;
struct mention_counts;
struct writer;

int author_said(struct writer *w, const struct mention *m, int64_t now_ms) must_use; /* a hit, that is new */
/* Counts of a mention changed, which is a hit. */
int author_moved(struct writer *w, const struct mention *m, const struct mention_counts *from,
		 const struct mention_counts *to) must_use;
/* Whose words are kept, hit or not: a line without mentions if there is none. */
int author_known(struct writer *w, const struct mention *m, int64_t now_ms) must_use;
/* Its tone was said to be another; either may be NULL: unknown. */
int author_toned(struct writer *w, const struct mention *m, const char *from, const char *to) must_use;
