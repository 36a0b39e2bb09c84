#pragma once
/*
 * match/packs: what topics include: packs, by name, and files of patterns that several share; found, read, each once.
 *
 * A pack NAME is packs/NAME.yaml beside the rule file that includes it, else the one that came with the program
 * (base/shipped).
 *
 * Owner:  the arena given. Blocks: reads files. Bounds: PACKS_MAX of both together.
 */
#include "match/rule_file.h"

enum { PACKS_MAX = 500 };

struct packs {
	struct topic_def *v; /* in the order in which they are asked for */
	bool *wrong;         /* of each */
	size_t n;
};

enum { PACKS_E_INVALID = 1 }; /* told; what could be read is in ret */
/* Sets units of each def: numbers in ret->v. */
int packs_read(struct topic_def *defs, size_t n, struct arena *a, struct diag *d, struct packs *ret) must_use;
