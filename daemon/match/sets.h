#pragma once
/*
 * match/sets: the values that a comparison compares with: `[es, pt]`, or the lines of a file (`{file: lists/sites.txt}`).
 *
 * A file has one value a line; blank lines, and what stands behind a # at a line's beginning or after a blank, don't count.
 *
 * Owner:  the arena given. Blocks: set_read() reads a file.
 * Bounds: SET_VALUES_MAX values, SET_FILE_MAX_BYTES of a file. Asking costs a binary search (for a site, one a label).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "match/fields.h"

struct arena;

enum { SET_VALUES_MAX = 50 * 1000, SET_FILE_MAX_BYTES = 1024 * 1024 };

struct set {
	const char **words;    /* WORD and CARRIED: normal form, sorted, each once */
	const double *numbers; /* NUMBER: as written */
	size_t n;
};

/* words are in the field's normal form; sorted here. */
void set_make(const char **words, size_t n, struct set *ret);

enum { SET_E_INVALID = 1 }; /* every mistake is in diag: the file's at its own line, one that can't be read at pos */
int set_read(enum field_name field, const char *path, struct diag_pos pos, const char *key, struct arena *a,
	     struct diag *d, struct set *ret) must_use;

bool set_has(const struct set *s, const char *word, size_t len);
/* The same for a host name: also what lies below a site of the set. */
bool set_has_site(const struct set *s, const char *host, size_t len);
