#pragma once
/*
 * main/source_why: why a source is not heard, in words that its owner can act on.
 */
#include "base/text.h"

/* The class and detail that the log and the API have for it (fetch/outcome, source/poll); either may be NULL. "redis" is of
 * what takes the hits instead. To be freed. */
char *source_why(enum text_lang lang, const char *class_name, const char *detail) must_use;
/* What the system says of a connection, as far as it is one of the errors known by text_errno(). To be freed. */
char *system_why(enum text_lang lang, const char *said) must_use;
