#pragma once
/*
 * enrich/lexicon_inside: the table that a lexicon is, shared by its two halves: lexicon.c keeps it and looks up, lexicon_file.c
 * fills it from a file.
 */
#include "enrich/lexicon.h"

/* A slot of the table. A phrase's beginnings stand in it, too: with `more`, and the kind NONE where they are nothing else. */
struct lexicon_entry {
	uint64_t hash; /* 0: free */
	int8_t weight;
	uint8_t kind;
	bool more;  /* longer phrases begin with it */
	bool given; /* written as it is: a form of another word does not change it */
};

struct lexicon {
	char *name;
	struct lexicon_measured measured;
	struct lexicon_entry *v;
	size_t n, cap; /* cap: a power of two */
	size_t terms;
	const struct lexicon *everywhere; /* of a country's: whose it is; NULL: it is none */
	struct lexicon **countries;       /* each has its country for a name */
	size_t n_countries;
};

struct lexicon *lexicon_table(const char *name);
/* The entry of a hash, made if there is none. */
struct lexicon_entry *lexicon_entry(struct lexicon *x, uint64_t hash);
/* What the hash stands for, once; false: it stands for something else already. */
bool lexicon_set(struct lexicon *x, uint64_t hash, enum lexicon_kind kind, int weight, bool given);
