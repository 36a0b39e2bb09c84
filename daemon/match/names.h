#pragma once
/*
 * match/names: where a mention says the names of what it is about: the places of each topic that holds, of the patterns of its
 * own that its `about` names and not under a `not`. Tone must not weigh them ("Victoria", "Crisol").
 *
 * And as which country's it is to be read, where nothing else says so.
 *
 * A topic without `about` has no names: its rules look for troubles as well as for brands. Packs' patterns are none either.
 *
 * Owner:  between matcher_about() and matcher_finish(). Blocks: never. Bounds: the caller's max.
 */
#include <stddef.h>

#include "match/near.h"

struct matcher;

enum names_in { NAMES_IN_TITLE, NAMES_IN_TEXT };

/* The country whose pack the topics that hold include: two letters, as they are written there. NULL: none, or not the same. */
const char *matcher_country(const struct matcher *x);

/* Code points of the title or of the text; topic by topic, pattern by pattern. Returns how many. */
size_t matcher_names(struct matcher *x, enum names_in in, struct place *v, size_t max);
