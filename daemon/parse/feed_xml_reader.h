#pragma once
/*
 * parse/feed_xml_reader: the state of one feed_xml_read(), shared by its three files and nobody else: feed_xml.c takes
 * the parser's callbacks, feed_xml_start.c reads what a start tag says, feed_xml_end.c what an element held.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "parse/feed_item.h"
#include "parse/feed_names.h"
#include "parse/prescan.h"

struct xml_attrs;

enum { FEED_XML_NS_CACHE = 32 };

/* One open element outside texts with markup. */
struct feed_frame {
	enum feed_el el;
	bool atom;    /* of Atom's namespace: the type attribute tells how to read it */
	bool capture; /* its text is wanted */
	bool rich;    /* elements inside are markup */
	bool escaped; /* some were met: what follows is escaped, so that the whole is HTML */
	bool unread;  /* a picture, base64: nothing to read */
	enum text_kind kind;
	size_t from; /* its text in reader.text */
	const char *base, *lang;
};

struct feed_reader {
	struct collector *c;
	struct feed_frame frames[PRESCAN_DEPTH_MAX + 1]; /* frames[0] stands around the root */
	size_t depth;
	unsigned skip, markup; /* levels inside what is left out, inside what is kept as markup */
	struct buf text, url;
	struct {
		const char *uri, *prefix;
		enum feed_ns ns;
	} cache[FEED_XML_NS_CACHE]; /* the same pointers are the same names */
	bool atom, html, known;     /* known: the root is a feed's */
	const char *root;
	bool in_item;
	struct raw_item raw;
	int title_rank, link_rank;
	bool permalink;                              /* of the <guid> being read */
	const char *permalink_text, *permalink_base; /* an address that it may be; resolved if the item has no link */
	struct raw_author person;                    /* the <author> being read */
	uint32_t period_s, frequency;
};

/* which link is the item's: the highest, and of equals the first */
enum { FEED_LINK_OTHER_TYPE = 1, FEED_LINK_ALTERNATE, FEED_LINK_HTML, FEED_LINK_RSS };

/* An absolute address in the arena; NULL: none can be made of it. */
const char *feed_xml_resolve(struct feed_reader *r, const char *base, const char *ref);
/* url: absolute; NULL and what is not http is left out. */
void feed_xml_link(struct feed_reader *r, const char *url, int rank);
/* Digits alone; COUNT_NONE for anything else. */
int64_t feed_xml_count(const char *s);

/* A known element opened: what its attributes say, and whether its text is wanted. */
void feed_xml_start(struct feed_reader *r, struct feed_frame *f, enum feed_ns ns, const struct xml_attrs *attrs);
/* It ends; its text stands in r->text from f->from on. */
void feed_xml_end(struct feed_reader *r, const struct feed_frame *f);
void feed_xml_end_item(struct feed_reader *r, const struct feed_frame *f);
