#pragma once
/*
 * enrich/shipped: the lexicons of conf/lexicon, by language (base/shipped).
 */
#include "base/shipped.h"

extern const struct shipped_file shipped_lexicons[];
extern const size_t shipped_lexicons_n;
