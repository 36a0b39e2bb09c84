#pragma once
/*
 * mention/features: what a reader answers to FRAME_FEATURES: of each mention what a model of its tone can be trained with.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct buf;

enum { FEATURES_NO_LABEL = 3 };

struct features {
	const char *lang;  /* NULL: not known */
	uint8_t label;     /* what the lexicon says: enum tone_label; FEATURES_NO_LABEL: nothing */
	const uint32_t *v; /* mention/tone_model */
	size_t n;
};

enum { FEATURES_E_FORMAT = 1 };
void features_put(struct buf *b, const struct features *v, size_t n);
/* Texts and numbers go to the arena. */
int features_get(const char *bytes, size_t len, struct arena *a, struct features **ret, size_t *ret_n) must_use;
