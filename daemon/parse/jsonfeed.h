#pragma once
/*
 * parse/jsonfeed: what comes as JSON: JSON Feed 1 and 1.1 (jsonfeed.org), and lines of mention_json().
 *
 * Bounds:   jansson's depth of 2048; ANSWER_ITEMS_MAX by the collector.
 * Outcomes: JSON_E_*; numbers that stand for ids are taken to the letter as far as 64 bits go.
 */
#include <stddef.h>

#include "base/err.h"

struct collector;

enum {
	JSON_E_MALFORMED = 1, /* not JSON */
	JSON_E_OTHER,         /* JSON, and no feed */
};
/* s: UTF-8. *ret_why: what was wrong, in the collector's arena; NULL: nothing. */
int jsonfeed_read(const char *s, size_t len, struct collector *c, const char **ret_why) must_use;

/* One mention a line; a line that is none is left out, and *ret_why names the first. JSON_E_MALFORMED if all were none.
 * A line's own "id" (32 hex digits) stays its id; seen, source and platform are the job's. */
int mention_lines_read(const char *s, size_t len, struct collector *c, const char **ret_why) must_use;
