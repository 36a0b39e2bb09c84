#pragma once
/*
 * main/eval_score: how well tones are told, from how often each was taken for which.
 *
 * F1 is the harmonic mean of precision and recall; macro-F1 the mean over the classes that there are in the set. r and f are what
 * shares of negatives are corrected by: true = (measured - f) / (r - f).
 */
#include <stdbool.h>
#include <stdint.h>

enum eval_class { EVAL_NEGATIVE, EVAL_NEUTRAL, EVAL_POSITIVE, EVAL_CLASSES };
extern const char *const eval_class_names[EVAL_CLASSES];
/* EVAL_CLASSES: it is none. */
enum eval_class eval_class_of(const char *name);

struct eval_counts {
	uint64_t told[EVAL_CLASSES][EVAL_CLASSES]; /* [what it is][what it was taken for] */
	uint64_t lang_right;                       /* whose language was told as it is */
	uint64_t by_model;                         /* by a model of tone, not by the lexicon alone */
};

struct eval_class_score {
	uint64_t n;                   /* of the class */
	double precision, recall, f1; /* 0 where nothing can be said */
};
struct eval_score {
	uint64_t n;
	double macro_f1, lang;
	struct eval_class_score of[EVAL_CLASSES];
	double r, f; /* of negatives: recall, and the share of the others that was taken for negative */
};

void eval_add(struct eval_counts *to, const struct eval_counts *from);
void eval_score(const struct eval_counts *c, struct eval_score *ret);
