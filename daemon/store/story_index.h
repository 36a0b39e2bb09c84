#pragma once
/*
 * store/story_index: which story a fingerprint (mention/print) is of, among the leaders of the last three days.
 *
 * A step without a clock or a disk: (index, fingerprint, now) -> leader. It is compared with leaders alone, each a story's
 * first, and never chained: what is like a copy and unlike the first begins a story of its own. Of several the most alike,
 * then the oldest.
 *
 * Two that speak of no topic in common are of two stories, whatever else they share: "Acme estafa" and "Andina estafa" are
 * two matters, and each counts for its own topic.
 *
 * Leaders are looked up by 32 bands of two mins, by the exact text and by the article's address. Two of which half is common
 * meet in eight bands: so that of a band that very many share (a brand's name is in each of its hits) the newest
 * STORY_BAND_STEPS alone need be looked at.
 *
 * Owner:  who made it (store/writer). It is what the table story_leader says of the last three days: whoever takes rows back
 *         takes leaders back, too (story_index_undo), and after a start it is made of the rows, the oldest first.
 * Bounds: below; past STORIES_MAX the oldest goes, and what is like it begins another story. Some 600 bytes each.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mention/print.h"

enum { STORIES_MAX = 1 << 16, STORY_BANDS = 32, STORY_BAND_STEPS = 32, STORY_TOPICS_MAX = 6 };
#define STORY_MS (3 * DAY_MS)

/* What a mention speaks of, each topic's name as a number. None: not known, or more than STORY_TOPICS_MAX; then it has
 * something in common with everything. */
struct story_topics {
	uint32_t n;
	uint32_t v[STORY_TOPICS_MAX];
};

/* What a story is while its leader is alone in it. */
struct story_began {
	uint64_t voice, source; /* hashed */
	int64_t reach;
	bool counted, article, known; /* it counts; as an article, too; how far it reaches is known */
};

struct story_leader {
	uint64_t story;   /* its number for people */
	int64_t id;       /* of its mention */
	int64_t first_ms; /* wall */
	struct story_began began;
	struct story_topics topics;
	struct print print;
};

struct story_index;

struct story_index *story_index_new(void) must_use;
struct story_index *story_index_free(struct story_index *x); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct story_index, story_index_free)

/* NULL: none. Borrowed until the next change. Leaders from over STORY_MS before now_ms are none. */
const struct story_leader *story_index_find(struct story_index *x, const struct print *p,
					    const struct story_topics *topics, int64_t now_ms);
void story_index_add(struct story_index *x, const struct story_leader *leader);
size_t story_index_len(const struct story_index *x);

/* What was added since a mark is taken back. Room that was made for it is not: the oldest may be missing. */
uint64_t story_index_mark(const struct story_index *x);
void story_index_undo(struct story_index *x, uint64_t mark);
void story_index_clear(struct story_index *x); /* earlier marks hold no more */
