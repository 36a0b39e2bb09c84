#include "enrich/linear.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "enrich/post.h"

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio: Knuth, TAOCP 6.4 */

enum {
	GRAM_MIN = 3,
	GRAM_MAX = 5,
	SIZE_SHIFT = 40,
	SLOT_SHIFT = 64 - 18,
	SUM_SCORE = 0,  /* nine of them: how much the lexicon's words weigh */
	SUM_PRAISE = 9, /* four: how many terms of praise there are */
	SUM_BLAME = 13,
	SUM_LAST = 17,  /* three */
	SUM_SIGNS = 20, /* four: shouts and questions, each or none */
	SUM_LANGUAGE = 32,
	WEIGHED_MAX = 512, /* tokens of which it is told what they weigh */
};
static const uint64_t PAIR_NEGATED = 1, WORD_START = '^', WORD_END = '$';

/* --- features --- */

static void feature_add(struct linear *l, uint32_t slot, uint32_t kind)
{
	uint64_t bit = UINT64_C(1) << (slot & 63);

	if (l->seen[slot / 64] & bit || l->n == TONE_FEATURES_MAX)
		return;
	l->seen[slot / 64] |= bit;
	l->v[l->n++] = slot | kind;
}

static uint32_t slot_of(uint64_t hash)
{
	uint32_t slot = (uint32_t)(hash * MULTIPLIER >> SLOT_SHIFT);

	return slot < TONE_SUMS ? slot + TONE_SUMS : slot;
}

/* Groups of three to five letters of ^word$, a letter at most twice in a row. */
static void parts_add(struct linear *l, const char *s, const char *end)
{
	uint8_t word[POST_WORD_MAX_BYTES + 2 + 8];
	size_t n = 0, i, size;

	word[n++] = (uint8_t)WORD_START;
	for (; s < end && n <= POST_WORD_MAX_BYTES; s++)
		if (n < 2 || word[n - 1] != (uint8_t)*s || word[n - 2] != (uint8_t)*s)
			word[n++] = (uint8_t)*s;
	word[n++] = (uint8_t)WORD_END;
	for (i = 0; i + GRAM_MIN <= n; i++) {
		uint64_t code = (uint64_t)word[i] << 8 | word[i + 1];

		for (size = GRAM_MIN; size <= GRAM_MAX && i + size <= n; size++) {
			code = code << 8 | word[i + size - 1];
			feature_add(l, slot_of(code | (uint64_t)size << SIZE_SHIFT), TONE_FEATURE_PART);
		}
	}
}

/* All that one token brings; before: the hash of the word in front of it in its clause, 0 for none. */
static void token_add(struct linear *l, const struct post *p, size_t i, uint64_t before)
{
	const struct token *t = &p->v[i];

	feature_add(l, slot_of(t->hash), 0);
	if (t->kind != TOKEN_WORD)
		return;
	if (before)
		feature_add(l, slot_of(post_phrase(before, t->hash)), 0);
	if (t->negated)
		feature_add(l, slot_of(post_phrase(PAIR_NEGATED, t->hash)), 0);
	parts_add(l, p->fold.bytes + t->from, p->fold.bytes + t->to);
}

static bool has_hash(const struct token *t)
{
	return t->kind == TOKEN_WORD || t->kind == TOKEN_PICTURE || t->kind == TOKEN_EMOTICON;
}

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

static void sums_add(struct linear *l, const struct tone *tone, const char *lang, bool shouts, bool asks)
{
	const uint8_t *name = (const uint8_t *)lang;

	feature_add(l, SUM_SCORE + 4 + (uint32_t)lround(tone->score * 4), 0);
	feature_add(l, SUM_PRAISE + (uint32_t)at_most(tone->praise, 3), 0);
	feature_add(l, SUM_BLAME + (uint32_t)at_most(tone->blame, 3), 0);
	feature_add(l, SUM_LAST + (uint32_t)tone->last, 0);
	feature_add(l, SUM_SIGNS + (uint32_t)(shouts + 2 * asks), 0);
	if (name && name[0] && name[1]) /* of the nine languages that are told each has one of its own */
		feature_add(l, SUM_LANGUAGE + ((name[0] * 31u + name[1]) & 31), 0);
}

static void seen_forget(struct linear *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		l->seen[(l->v[i] & (TONE_SLOTS - 1)) / 64] = 0;
	l->n = 0;
}

void linear_read(struct linear *l, struct post *p, const struct tone *tone, const char *lang,
		 const struct tone_place *names, size_t n_names)
{
	bool shouts = false, asks = false;
	uint64_t before = 0;
	size_t i;

	seen_forget(l);
	for (i = 0; i < p->n; i++) {
		const struct token *t = &p->v[i];

		shouts |= t->kind == TOKEN_SHOUT;
		asks |= t->kind == TOKEN_ASK;
		if (has_hash(t) && !tone_is_name(p, i, names, n_names))
			token_add(l, p, i, before);
		before = t->kind == TOKEN_WORD ? t->hash : 0;
	}
	sums_add(l, tone, lang, shouts, asks);
}

/* --- what the model says --- */

/* How much more a token speaks for the label than for the others. */
static double token_weight(struct linear *l, const struct tone_model *m, const struct post *p, size_t i,
			   uint64_t before, enum tone_label label)
{
	double score[TONE_CLASSES];

	seen_forget(l);
	token_add(l, p, i, before);
	tone_model_score(m, l->v, l->n, score);
	return score[label] - (score[TONE_NEUTRAL] + score[TONE_NEGATIVE] + score[TONE_POSITIVE]) / TONE_CLASSES;
}

static void words_tell(struct linear *l, const struct tone_model *m, struct post *p, const struct tone_place *names,
		       size_t n_names, struct tone *ret)
{
	struct tone_term v[WEIGHED_MAX];
	uint64_t before = 0;
	size_t i, n = 0;

	for (i = 0; i < p->n && n < WEIGHED_MAX; i++) {
		const struct token *t = &p->v[i];

		if (has_hash(t) && !tone_is_name(p, i, names, n_names))
			v[n++] = (struct tone_term){token_weight(l, m, p, i, before, ret->label), (uint32_t)i,
						    (uint32_t)i};
		before = t->kind == TOKEN_WORD ? t->hash : 0;
	}
	tone_words_tell(p, v, n, 1, ret);
}

void linear_judge(struct linear *l, const struct tone_model *m, struct post *p, const struct tone_place *names,
		  size_t n_names, struct tone *ret)
{
	double score[TONE_CLASSES], sum = 0;
	int k, best = 0;

	tone_model_score(m, l->v, l->n, score);
	for (k = 1; k < TONE_CLASSES; k++)
		if (score[k] > score[best])
			best = k;
	for (k = 0; k < TONE_CLASSES; k++)
		sum += exp(score[k] - score[best]);
	*ret = (struct tone){.label = (enum tone_label)best};
	ret->score = (exp(score[TONE_POSITIVE] - score[best]) - exp(score[TONE_NEGATIVE] - score[best])) / sum;
	if (ret->label != TONE_NEUTRAL)
		words_tell(l, m, p, names, n_names, ret);
}
