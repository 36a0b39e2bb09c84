#pragma once
/*
 * parse/xml: prescan() and libxml2's push parser behind it, as three callbacks: no tree, no DTD, no entities, nothing
 * opened (FAULTS §3.5).
 *
 * Owner:    all texts are borrowed for the length of a callback.
 * Blocks:   never. parse_init() was called once before.
 * Outcomes: XML_E_*; what was called back before a refusal must be thrown away by the caller.
 * Bounds:   PRESCAN_*_MAX; the mended text may be XML_GROWTH times the original.
 */
#include <stddef.h>

#include "base/err.h"

struct buf;

enum { XML_GROWTH = 4, XML_SLACK_BYTES = 64 * 1024, XML_CHUNK_BYTES = 64 * 1024 };

struct xml_name {
	const char *local, *prefix, *uri; /* prefix and uri NULL: none; an undeclared prefix has no uri */
};

/* A start tag's attributes, opaque: xml_attr() reads them. */
struct xml_attrs {
	const unsigned char **v;
	int n;
};

struct xml_handler {
	void (*on_start)(void *arg, const struct xml_name *name, const struct xml_attrs *attrs);
	void (*on_end)(void *arg, const struct xml_name *name);
	void (*on_text)(void *arg, const char *s, size_t len);
};

enum {
	XML_E_REFUSED = 1, /* hostile: *ret_why says how */
	XML_E_NO_XML,      /* not one element in it */
	XML_E_BROKEN,      /* the parser stopped before its end: what came before is good */
};
/* s is valid UTF-8 of charset_to_utf8(). *ret_why: what had to be mended, or what is wrong; a static text, or NULL. */
int xml_parse(const char *s, size_t len, const struct xml_handler *h, void *arg, const char **ret_why) must_use;

/* The value of the attribute with that local name and prefix (NULL: none), put into out, which is emptied first. NULL:
 * there is none. */
const char *xml_attr(const struct xml_attrs *attrs, const char *prefix, const char *local, struct buf *out);

void xml_init(void); /* libxml2's own, and its loader of external things switched off: once, by parse_init() */
