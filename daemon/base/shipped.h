#pragma once
/*
 * base/shipped: the packs of rules/packs, as they were when the program was built (rules/packs/generate): the reader loads
 * them and escuchactl shows them, so both have the same.
 */
#include <stddef.h>

struct shipped_pack {
	const char *name; /* [a-z0-9_-]+; by name */
	const char *text; /* the whole file */
};
extern const struct shipped_pack shipped_packs[];
extern const size_t shipped_packs_n;
