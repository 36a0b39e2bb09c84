#pragma once
/*
 * parse/xml: foreign XML as three callbacks: prescan() mends or refuses it, xml_read() reads what is left. No tree, no DTD, no
 * entities, nothing opened (FAULTS §3.5).
 *
 * Owner:    all texts are borrowed for the length of a callback, but that names and namespaces stay to the end of xml_parse(),
 *           and the same declaration gives the same pointers.
 * Blocks:   never.
 * Outcomes: XML_E_*; what was called back before a refusal must be thrown away by the caller.
 * Bounds:   PRESCAN_*_MAX; the mended text may be XML_GROWTH times the original.
 */
#include <stddef.h>

#include "base/err.h"

enum { XML_GROWTH = 4, XML_SLACK_BYTES = 64 * 1024 };

struct xml_name {
	const char *local, *prefix, *uri; /* prefix and uri NULL: none; an undeclared prefix has no uri */
};

struct xml_attribute {
	const char *local, *prefix, *value; /* prefix NULL: none */
};

/* A start tag's attributes but for xmlns; xml_attr() finds one. */
struct xml_attrs {
	const struct xml_attribute *v;
	size_t n;
};

struct xml_handler {
	void (*on_start)(void *arg, const struct xml_name *name, const struct xml_attrs *attrs);
	void (*on_end)(void *arg, const struct xml_name *name);
	void (*on_text)(void *arg, const char *s, size_t len);
};

enum {
	XML_E_REFUSED = 1, /* hostile: *ret_why says how */
	XML_E_NO_XML,      /* not one element in it */
	XML_E_BROKEN,      /* it stopped before its end: what came before is good */
};
/* s is valid UTF-8 of charset_to_utf8(). *ret_why: what had to be mended, or what is wrong; a static text, or NULL. */
int xml_parse(const char *s, size_t len, const struct xml_handler *h, void *arg, const char **ret_why) must_use;

/* The value of the first attribute with that local name and prefix (NULL: none). NULL: there is none. */
const char *xml_attr(const struct xml_attrs *attrs, const char *prefix, const char *local);
