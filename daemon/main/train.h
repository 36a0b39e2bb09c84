#pragma once
/*
 * main/train: a model of tone (mention/tone_model) out of posts whose tone somebody has said.
 *
 * Logistic regression over the features that a reader tells, by stochastic gradient descent with a step that shrinks, the
 * mean of the weights on the way being the result (Polyak & Juditsky, 1992). Each tone counts the same, however many posts it
 * has. The same posts and seed give the same bytes.
 *
 * It is judged by what it says of posts that it did not see: ten times nine tenths train and one is judged; posts with the
 * same words are never on both sides. It decides in a language if it is better there than the lexicon alone, and by more
 * than chance: of the posts of which one of them is right, it is on more than half, at 95 % (McNemar's test, one-sided).
 *
 * Blocks: computes: some 3 ms a post. Bounds: TRAIN_POSTS_MAX; 4 bytes a feature, some 3 KB a post.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mention/tone_model.h"

enum {
	TRAIN_POSTS_MAX = 100 * 1000,
	TRAIN_POSTS_LEAST = 30,     /* below nothing can be held out */
	TRAIN_LANGUAGE_LEAST = 100, /* posts of a language, for a model to decide in it */
	TRAIN_FOLDS = 10,
};

struct train_post {
	const uint32_t *v;
	size_t n;
	uint8_t label;    /* what it is: enum tone_label */
	uint8_t lexicon;  /* what the lexicon takes it for */
	uint8_t language; /* of `languages` */
};

enum train_verdict { TRAIN_BETTER, TRAIN_NO_BETTER, TRAIN_TOO_FEW };

struct train_result {
	struct tone_model_language languages[TONE_LANGUAGES_MAX]; /* all; the model has those that are better */
	enum train_verdict verdicts[TONE_LANGUAGES_MAX];
	struct tone_model *model; /* the caller's; data is not set */
};

enum { TRAIN_E_FEW = 1 };
/* names: of the languages, "" where it is not known: there no model decides. */
int train(const struct train_post *v, size_t n, const char names[][TONE_LANGUAGE_MAX_BYTES + 1], size_t n_names,
	  uint64_t seed, struct train_result *ret) must_use;
