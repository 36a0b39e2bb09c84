#pragma once
/*
 * enrich/linear: a post as a model of tone sees it (mention/tone_model), and what that model says of it.
 *
 * The words are the post's own (enrich/post: no capitals, no accents, no stretched letters, no addresses, no handles), so
 * that what the lexicon knows and what the model learns are the same words. A brand's own name is no feature.
 *
 * Owner:  the caller; what it reads with is used again. Blocks: never.
 * Bounds: TONE_FEATURES_MAX features; of a longer post the beginning counts.
 */
#include <stddef.h>
#include <stdint.h>

#include "enrich/tone.h"
#include "mention/tone_model.h"

struct post;

struct linear {
	uint32_t v[TONE_FEATURES_MAX]; /* each once */
	size_t n;
	uint64_t seen[TONE_SLOTS / 64];
};

/* The features of a post that tone_judge() judged as `tone`. lang NULL: not known. */
void linear_read(struct linear *l, struct post *p, const struct tone *tone, const char *lang,
		 const struct tone_place *names, size_t n_names);

/* What the model says of the post just read. The score is what is likelier, praise or blame, and by how much. */
void linear_judge(struct linear *l, const struct tone_model *m, struct post *p, const struct tone_place *names,
		  size_t n_names, struct tone *ret);
