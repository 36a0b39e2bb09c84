#pragma once
/*
 * parse/feed_xml: RSS 0.9x, 1.0, 2.0 and Atom 0.3, 1.0 by one reader, since feeds mix them as they please.
 *
 * What it knows is feed_names' elements; it gives the collector one raw item after the other as they end.
 */
#include <stddef.h>

#include "base/err.h"

struct collector;

enum {
	FEED_XML_E_HTML = 1,  /* a page for people */
	FEED_XML_E_OTHER,     /* XML of another kind; no XML at all: then *ret_why is NULL */
	FEED_XML_E_REFUSED,   /* hostile; throw away what was collected */
	FEED_XML_E_MALFORMED, /* broken, and nothing in it could be saved */
};
/* s: UTF-8 of charset_to_utf8(). *ret_why: what was wrong or had to be mended, static or in the arena; NULL: nothing. */
int feed_xml_read(const char *s, size_t len, struct collector *c, const char **ret_why) must_use;
