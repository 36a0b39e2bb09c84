#pragma once
/*
 * base/yaml_source: the bytes behind base/yaml: where a character stands, and what a person meant by it. Inside base/ only.
 *
 * Everything here works on the source alone, since what YAML dropped (a comment that was meant as a hashtag) is in no node.
 *
 * Owner: borrows the text; quoted suggestions are of the arena given.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct arena;

enum { YAML_QUOTED_MAX_BYTES = 200 }; /* of a suggestion; a longer one is cut and ends in … */

struct yaml_source {
	const char *file;
	const char *text; /* NUL behind it */
	size_t len;
	size_t cursor, cursor_index; /* the byte that was asked last, and its number in code points */
};

/* False, with a finding, for what no YAML file of ours may hold: ill-formed UTF-8, controls, foreign line ends, tabs and hard
 * spaces as indentation. */
bool yaml_source_check(const struct yaml_source *s, struct diag *d);

size_t yaml_byte_of(struct yaml_source *s, size_t index); /* of a code point's number; fast for ascending ones */
struct diag_pos yaml_pos_of(const struct yaml_source *s, size_t byte);

size_t yaml_line_start(const struct yaml_source *s, size_t byte);
size_t yaml_line_end(const struct yaml_source *s, size_t byte);
size_t yaml_skip_blanks(const struct yaml_source *s, size_t byte); /* spaces and tabs */

/* Where the value that begins at from would end if it had no special signs: at the end of its line or before a comment, and
 * in a flow collection before a comma or bracket that is not a part of it. Trailing blanks are left out. */
size_t yaml_value_end(const struct yaml_source *s, size_t from, bool in_flow);
/* Where the value around byte begins: behind the last ": ", "- ", or, in a flow collection, "," or opening bracket. */
size_t yaml_value_start(const struct yaml_source *s, size_t byte, bool in_flow);
/* The key of the value at byte, from its own line; NULL if none is there. */
const char *yaml_key_of(const struct yaml_source *s, size_t byte, struct arena *a);
/* A '#' in from..to that began a comment and was hardly meant to: "#andino", not "# a remark". SIZE_MAX: none. */
size_t yaml_hashtag(const struct yaml_source *s, size_t from, size_t to);

/* from..to as YAML's single-quoted text. "'…'" alone if its key speaks of a secret: no message holds one. */
const char *yaml_quoted(const struct yaml_source *s, size_t from, size_t to, struct arena *a);
