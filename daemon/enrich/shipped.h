#pragma once
/*
 * enrich/shipped: the lexicons of conf/lexicon, as they were when the program was built (conf/lexicon/generate).
 */
#include <stddef.h>

struct shipped_lexicon {
	const char *name; /* the language: es */
	const char *text; /* the whole file */
};
extern const struct shipped_lexicon shipped_lexicons[];
extern const size_t shipped_lexicons_n;
