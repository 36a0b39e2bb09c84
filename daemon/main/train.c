#include "main/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "main/eval_score.h"

enum { EPOCHS = 20, WEIGHTS = TONE_SLOTS * TONE_CLASSES };

static const double STEP = 1.5, STEP_SUMS = 0.1, SHRINKS_BY = 1.0, CHANCE = 1.64;

/* eval_score's order of the tones */
static const enum eval_class classes[TONE_CLASSES] = {EVAL_NEUTRAL, EVAL_NEGATIVE, EVAL_POSITIVE};

struct training {
	const struct train_post *posts;
	size_t n;
	uint64_t state; /* of what shuffles */
	uint32_t *order;
	uint8_t *folds;
	float *weights, *behind; /* behind: what the weights' mean is less than they are, times the steps */
	double class_weight[TONE_CLASSES];
	uint64_t step;
};

/* --- one model --- */

/* Marsaglia's xorshift64: shuffling needs no more, and gives the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void shuffle(struct training *t, size_t n)
{
	size_t i;

	for (i = n; i > 1; i--) {
		size_t k = next_random(&t->state) % i;
		uint32_t was = t->order[k];

		t->order[k] = t->order[i - 1];
		t->order[i - 1] = was;
	}
}

static bool is_sum(uint32_t feature)
{
	return (feature & (TONE_SLOTS - 1)) < TONE_SUMS;
}

/* What a feature counts in a post of that length; 1 beside it for what is not hashed. */
static double counts(uint32_t feature, double length)
{
	return is_sum(feature) ? 1 : (feature & TONE_FEATURE_PART ? TONE_PART : 1) / length;
}

static double length_of(const struct train_post *p)
{
	double square = 0;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!is_sum(p->v[i]))
			square += p->v[i] & TONE_FEATURE_PART ? TONE_PART * TONE_PART : 1;
	return square > 0 ? sqrt(square) : 1;
}

static void learn(struct training *t, const struct train_post *p, double step)
{
	double length = length_of(p), score[TONE_CLASSES] = {0}, most, sum = 0, by[TONE_CLASSES];
	size_t i;
	int k;

	for (i = 0; i < p->n; i++) {
		const float *w = t->weights + (size_t)(p->v[i] & (TONE_SLOTS - 1)) * TONE_CLASSES;

		for (k = 0; k < TONE_CLASSES; k++)
			score[k] += (double)w[k] * counts(p->v[i], length);
	}
	most = fmax(score[0], fmax(score[1], score[2]));
	for (k = 0; k < TONE_CLASSES; k++)
		sum += by[k] = exp(score[k] - most);
	for (k = 0; k < TONE_CLASSES; k++)
		by[k] = step * t->class_weight[p->label] * ((k == p->label) - by[k] / sum);
	for (i = 0; i < p->n; i++) {
		size_t at = (size_t)(p->v[i] & (TONE_SLOTS - 1)) * TONE_CLASSES;
		double of = counts(p->v[i], length) * (is_sum(p->v[i]) ? STEP_SUMS : 1);

		for (k = 0; k < TONE_CLASSES; k++) {
			t->weights[at + (size_t)k] += (float)(by[k] * of);
			t->behind[at + (size_t)k] += (float)(by[k] * of * (double)t->step);
		}
	}
	t->step++;
}

/* The posts that are not of the fold, in order; returns how many. */
static size_t others_take(struct training *t, unsigned fold)
{
	size_t of[TONE_CLASSES] = {0}, n = 0, i;
	int k, present = 0;

	for (i = 0; i < t->n; i++)
		if (t->folds[i] != fold) {
			t->order[n++] = (uint32_t)i;
			of[t->posts[i].label]++;
		}
	for (k = 0; k < TONE_CLASSES; k++)
		present += of[k] > 0;
	for (k = 0; k < TONE_CLASSES; k++)
		t->class_weight[k] = of[k] ? (double)n / (double)of[k] / present : 0;
	return n;
}

static int8_t quantised(double weight, double scale)
{
	return (int8_t)(scale > 0 ? lround(weight / scale) : 0);
}

static void model_take(const struct training *t, struct tone_model *m)
{
	double most[2] = {0}; /* hashed, and not */
	size_t i;

	for (i = 0; i < WEIGHTS; i++) {
		double w = (double)t->weights[i] - (double)t->behind[i] / (double)(t->step ? t->step : 1);
		bool sums = i < TONE_SUMS * TONE_CLASSES;

		t->weights[i] = (float)w;
		most[sums] = fmax(most[sums], fabs((double)t->weights[i]));
	}
	m->scale = most[0] / INT8_MAX;
	m->scale_sums = most[1] / INT8_MAX;
	for (i = 0; i < WEIGHTS; i++)
		m->weights[i] =
			quantised((double)t->weights[i], i < TONE_SUMS * TONE_CLASSES ? m->scale_sums : m->scale);
}

/* fold: the one that is held out; TRAIN_FOLDS: none. */
static void model_train(struct training *t, uint64_t seed, unsigned fold, struct tone_model *ret)
{
	size_t n = others_take(t, fold), i;
	int epoch;

	memset(t->weights, 0, WEIGHTS * sizeof(*t->weights));
	memset(t->behind, 0, WEIGHTS * sizeof(*t->behind));
	t->state = seed ? seed : 1;
	t->step = 0;
	for (epoch = 0; epoch < EPOCHS; epoch++) {
		shuffle(t, n);
		for (i = 0; i < n; i++)
			learn(t, &t->posts[t->order[i]], STEP / (1 + SHRINKS_BY * epoch));
	}
	model_take(t, ret);
}

/* --- how good it is --- */

struct judged {
	struct eval_counts model, lexicon;
	uint64_t model_alone, lexicon_alone; /* posts on which one of them alone is right */
};

static int told_by(const struct tone_model *m, const struct train_post *p)
{
	double score[TONE_CLASSES];
	int k, best = 0;

	tone_model_score(m, p->v, p->n, score);
	for (k = 1; k < TONE_CLASSES; k++)
		if (score[k] > score[best])
			best = k;
	return best;
}

static void fold_judge(const struct training *t, const struct tone_model *m, unsigned fold, struct judged *of_language)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct train_post *p = &t->posts[i];
		struct judged *j = &of_language[p->language];
		int told;

		if (t->folds[i] != fold)
			continue;
		told = told_by(m, p);
		j->model.told[classes[p->label]][classes[told]]++;
		j->lexicon.told[classes[p->label]][classes[p->lexicon]]++;
		j->model_alone += told == p->label && p->lexicon != p->label;
		j->lexicon_alone += told != p->label && p->lexicon == p->label;
	}
}

static enum train_verdict verdict_of(const struct judged *j, const struct tone_model_language *l)
{
	double alone = (double)j->model_alone - (double)j->lexicon_alone;
	double both = (double)(j->model_alone + j->lexicon_alone);

	if (l->posts < TRAIN_LANGUAGE_LEAST || !*l->name)
		return TRAIN_TOO_FEW;
	return l->macro_f1 > l->lexicon_macro_f1 && alone > CHANCE * sqrt(both) ? TRAIN_BETTER : TRAIN_NO_BETTER;
}

static void languages_judge(const struct judged *v, const char names[][TONE_LANGUAGE_MAX_BYTES + 1], size_t n,
			    struct train_result *ret)
{
	struct tone_model *m = ret->model;
	size_t i;

	for (i = 0; i < n; i++) {
		struct tone_model_language *l = &ret->languages[i];
		struct eval_score model, lexicon;

		eval_score(&v[i].model, &model);
		eval_score(&v[i].lexicon, &lexicon);
		memcpy(l->name, names[i], sizeof(l->name));
		l->posts = (uint32_t)model.n;
		l->macro_f1 = model.macro_f1;
		l->lexicon_macro_f1 = lexicon.macro_f1;
		l->r = model.r;
		l->f = model.f;
		ret->verdicts[i] = verdict_of(&v[i], l);
		if (ret->verdicts[i] == TRAIN_BETTER)
			m->languages[m->n_languages++] = *l;
	}
}

/* Posts with the same features are in the same fold. */
static void folds_part(struct training *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		t->folds[i] =
			(uint8_t)(hash_quick(t->posts[i].v, t->posts[i].n * sizeof(*t->posts[i].v)) % TRAIN_FOLDS);
}

static bool learnable(const struct train_post *v, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (v[i].label != v[0].label)
			return n >= TRAIN_POSTS_LEAST;
	return false;
}

int train(const struct train_post *v, size_t n, const char names[][TONE_LANGUAGE_MAX_BYTES + 1], size_t n_names,
	  uint64_t seed, struct train_result *ret)
{
	struct judged of_language[TONE_LANGUAGES_MAX] = {0};
	struct training t = {.posts = v, .n = n};
	unsigned fold;

	if (!learnable(v, n))
		return TRAIN_E_FEW;
	t.order = xcalloc(n, sizeof(*t.order));
	t.folds = xcalloc(n, sizeof(*t.folds));
	t.weights = xcalloc(WEIGHTS, sizeof(*t.weights));
	t.behind = xcalloc(WEIGHTS, sizeof(*t.behind));
	*ret = (struct train_result){.model = NEW(struct tone_model)};
	folds_part(&t);
	for (fold = 0; fold < TRAIN_FOLDS; fold++) {
		model_train(&t, seed, fold, ret->model);
		fold_judge(&t, ret->model, fold, of_language);
	}
	model_train(&t, seed, TRAIN_FOLDS, ret->model);
	ret->model->seed = seed;
	ret->model->posts = (uint32_t)n;
	languages_judge(of_language, names, n_names, ret);
	free(t.order);
	free(t.folds);
	free(t.weights);
	free(t.behind);
	return 0;
}
