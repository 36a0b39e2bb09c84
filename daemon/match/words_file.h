#pragma once
/*
 * match/words_file: a word list in a file of its own: `words: {file: lists/palabras.txt}`.
 *
 * A word or phrase a line, as below `words: |`; blank lines don't count, nor do those that begin with "# " (with the space:
 * #acme is a word).
 *
 * Owner:  the arena given. Blocks: reads a file. Bounds: WORDS_FILE_MAX_BYTES; WORDS_MAX words.
 */
#include "match/list_file.h"
#include "match/words.h"

struct arena;

enum { WORDS_FILE_MAX_BYTES = 256 * 1024 };

struct words_file {
	struct word *v;
	struct diag_pos *at; /* of each */
	size_t n;
};

enum { WORDS_FILE_E_INVALID = 1 }; /* told: at its own line, or at pos where it can't be read or holds no word */
int words_file_read(const char *path, struct diag_pos pos, const char *key, struct arena *a, struct diag *d,
		    struct words_file *ret) must_use;
