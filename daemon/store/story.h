#pragma once
/*
 * store/story: of which story a hit is, whether it counts there, and what its story comes to.
 *
 * Found before the hit's row is written, which says it (mention.place); put once the row is there: all in the hit's own
 * transaction, so that a hit that fails leaves no story and a story no ghost. The index of leaders (store/story_index) follows:
 * the group takes it back with what it undoes.
 *
 * What counts: a story is one thing that many people say, so people count, each once: the same author again is a repeat. Of
 * articles of other sites the first alone counts. Whoever voices.ignore names never does. What came before all that, the same
 * item seen twice and its edits, is no new mention at all (store/take).
 *
 * Reach is potential: the followers of its voices, each voice once, as far as they are known (how many are, is kept beside it).
 *
 * A story is of the topics of its leader: the same words of another brand are another story, which counts for that one.
 *
 * A story has a row as soon as it has a second mention. Of what stands alone, as most of what is said does, there is what a story
 * would begin with, beside its fingerprint, for as long as something may be like it; and without a fingerprint nothing.
 *
 * A story ends STORY_MS after its first mention; who spoke in it is forgotten then, its numbers stay as long as hits do.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/story_index.h"

struct mention;
struct mention_row;
struct print;
struct writer;

struct story_found {
	int64_t id;       /* the number of its leader's mention; 0: this is its leader */
	uint64_t speaker; /* voice_of() it */
	uint64_t voice, source;
	bool new_voice, new_source;
	bool second;               /* none but the leader was in it: … */
	int64_t first_ms;          /* … its row is yet to be made, of what … */
	struct story_began began;  /* … it began with */
	const struct print *print; /* NULL: nothing will be like it */
	struct story_topics topics;
};

/* Sets m->place. print is borrowed by *ret. */
int story_find(struct writer *w, struct mention *m, const struct print *print, int64_t now_ms,
	       struct story_found *ret) must_use;
int story_put(struct writer *w, const struct mention_row *row, const struct story_found *found,
	      int64_t now_ms) must_use;

int story_load(struct writer *w) must_use; /* the index, as the log has it */
int story_sweep(struct writer *w, int64_t now_ms, bool *ret_more) must_use;
