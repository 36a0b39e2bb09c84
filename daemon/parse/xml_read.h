#pragma once
/*
 * parse/xml_read: XML that prescan() wrote, as callbacks: tags with their namespaces, attributes, text.
 *
 * Nothing is mended here, and little looked for: every quote is closed, every element has its end tag, of references there are
 * XML's own five, and there are neither comments nor declarations. That is why a parser for all XML, which looks at each byte
 * for what was settled before, took four times as long (a fifth of all that a reader does). Namespaces, names and the
 * white space of values and text are read as libxml2's SAX2 reads them; test_xml compares.
 *
 * Owner:    the text is the caller's, and is read in place: what was called back with lies in it. Names and namespaces stay to
 *           the end of xml_read(), and the same declaration gives the same pointers; values and texts are borrowed for the
 *           length of a callback.
 * Blocks:   never. Linear in len.
 * Outcomes: XML_READ_E_BROKEN.
 * Bounds:   PRESCAN_DEPTH_MAX, PRESCAN_ATTRS_MAX; XML_NAMESPACES_MAX declarations at a time, further ones are passed over.
 */
#include <stddef.h>

#include "base/err.h"
#include "parse/xml.h"

enum { XML_NAMESPACES_MAX = 128 };

enum { XML_READ_E_BROKEN = 1 }; /* not what prescan() writes; all before it was called back */
/* len bytes, and one more, which is written. */
int xml_read(char *s, size_t len, const struct xml_handler *h, void *arg) must_use;
