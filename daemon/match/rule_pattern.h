#pragma once
/*
 * match/rule_pattern: a pattern as a rule file has it: an expression, a list of words, a list of words in a file. Inside
 * match/ only; nothing is compiled, and the list's file not read yet.
 *
 * Owner:  the arena of the document.
 */
#include "base/schema.h"
#include "match/words.h"

struct pattern_def {
	const char *name;
	const struct yaml_node
		*node; /* the regex, or the words: a text, a list, a map that names a file; NULL: wrong, and told */
	const struct word *words; /* NULL: a regex, or a file */
	size_t n_words;
	const char *file; /* of words */
	unsigned in;      /* PATTERN_IN_… */
	bool fold, case_sensitive, forms;
};

extern const struct schema_row rule_pattern_item; /* of struct pattern_def, in a SCHEMA_NAMED */
