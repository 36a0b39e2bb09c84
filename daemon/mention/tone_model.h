#pragma once
/*
 * mention/tone_model: a linear model of tone: what `escuchactl train` writes and a reader judges by (enrich/linear).
 *
 * A post is a set of features, each the number of a slot: its words, pairs of words and words behind a negator count 1; the
 * groups of letters of its words (TONE_FEATURE_PART) TONE_PART; together they are brought to the length 1. The first
 * TONE_SUMS slots are not hashed: what the lexicon says of the post, and its language; each counts 1 beside that. A slot
 * weighs for or against each tone; the largest sum decides.
 *
 * The file: lines, an empty line, then the slots, TONE_CLASSES signed bytes each:
 *
 *   escuchad tone model 1
 *   seed 1
 *   data SHA-256 of what it was trained with
 *   posts 1200
 *   lang es 700 0.71 0.64 0.66 0.05      posts; macro-F1 of the model, and of the lexicon alone, on held-out tenths; r; f
 *   scale 0.0123 0.0456                  what a byte's 1 is: of what is hashed, of what is not
 *   sum SHA-256 of the slots
 *
 * In a language that has no line it does not decide: there the lexicon was as good.
 *
 * Owner:  tone_model_read()'s caller. Blocks: never; reading copies 768 KB.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct buf;
struct diag;

enum {
	TONE_SLOTS = 1 << 18,
	TONE_SUMS = 64,
	TONE_CLASSES = 3, /* as enum tone_label (enrich/tone): neutral, negative, positive */
	TONE_LANGUAGES_MAX = 10,
	TONE_LANGUAGE_MAX_BYTES = 3, /* "es", "und" */
	TONE_FEATURES_MAX = 32 * 1024,
	TONE_MODEL_HEAD_MAX_BYTES = 4096,
	TONE_MODEL_MAX_BYTES = TONE_MODEL_HEAD_MAX_BYTES + TONE_SLOTS * TONE_CLASSES,
};
#define TONE_FEATURE_PART (UINT32_C(1) << 31)
#define TONE_PART         0.6

struct tone_model_language {
	char name[TONE_LANGUAGE_MAX_BYTES + 1];
	uint32_t posts;
	double macro_f1, lexicon_macro_f1, r, f;
};

struct tone_model {
	uint64_t seed;
	uint8_t data[32];
	uint32_t posts;
	struct tone_model_language languages[TONE_LANGUAGES_MAX];
	size_t n_languages;
	double scale, scale_sums;
	int8_t weights[TONE_SLOTS * TONE_CLASSES];
};
struct tone_model *tone_model_free(struct tone_model *m); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct tone_model, tone_model_free)

enum { TONE_MODEL_E_INVALID = 1 }; /* told, with file and line */
int tone_model_read(const char *file, const char *bytes, size_t len, struct diag *d, struct tone_model **ret) must_use;
void tone_model_write(struct buf *b, const struct tone_model *m);

/* NULL: it does not decide in that language. "es-MX" is es. */
const struct tone_model_language *tone_model_language(const struct tone_model *m, const char *lang);

/* What speaks for each tone. */
void tone_model_score(const struct tone_model *m, const uint32_t *features, size_t n, double ret[TONE_CLASSES]);
