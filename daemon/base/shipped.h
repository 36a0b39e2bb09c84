#pragma once
/*
 * base/shipped: files that are in the program as they were when it was built (conf/ship), and the packs of rules/packs: the
 * reader loads them and escuchactl shows them, so both have the same.
 */
#include <stddef.h>

struct shipped_file {
	const char *name; /* [a-z0-9_-]+; tables are by name */
	const char *text; /* the whole file */
	size_t len;
};
extern const struct shipped_file shipped_packs[];
extern const size_t shipped_packs_n;
