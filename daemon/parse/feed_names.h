#pragma once
/*
 * parse/feed_names: what an element of a feed means, whatever its namespace's address was mistyped to.
 *
 * A namespace is known by its URI, compared without scheme, letters' case, "www." and the '/' or '#' at its end; one with an
 * unknown or undeclared URI by its usual prefix; one without prefix is RSS's (or Atom's below <feed>).
 */
#include <stdbool.h>

struct xml_name;

enum feed_ns {
	NS_RSS = 1 << 0, /* and no namespace */
	NS_ATOM = 1 << 1,
	NS_RDF = 1 << 2,
	NS_CONTENT = 1 << 3,
	NS_DC = 1 << 4,
	NS_DCTERMS = 1 << 5,
	NS_MEDIA = 1 << 6,
	NS_ITUNES = 1 << 7,
	NS_SLASH = 1 << 8,
	NS_THREAD = 1 << 9,
	NS_FEEDBURNER = 1 << 10,
	NS_SYNDICATION = 1 << 11,
	NS_XHTML = 1 << 12,
	NS_YOUTUBE = 1 << 13,
	NS_OTHER = 1 << 14,
	NS_CORE = NS_RSS | NS_ATOM,
};

enum feed_el {
	EL_OTHER,
	/* frames */
	EL_RSS,
	EL_RDF,
	EL_ATOM,
	EL_HTML,
	EL_CHANNEL,
	EL_ITEM,
	EL_GROUP,  /* media:group, media:content: around others, nothing itself */
	EL_PERSON, /* Atom's author: holds name, uri, email; RSS's holds text */
	EL_SKIP,   /* with all inside: image, textInput, Atom's source, contributor, … */
	/* rich texts */
	EL_TITLE,
	EL_TITLE_DC,
	EL_TITLE_MEDIA,
	EL_CONTENT,
	EL_CONTENT_HTML,
	EL_CONTENT_XHTML,
	EL_SUMMARY,
	EL_DESCRIPTION,
	EL_CAPTION, /* media:description: of the picture, mostly */
	EL_SUBTITLE,
	/* plain texts */
	EL_LINK,
	EL_LINK_ORIGINAL,
	EL_SOURCE, /* RSS's: whose item it was first */
	EL_ID,
	EL_CREATOR,
	EL_CREATOR_ITUNES,
	EL_NAME,
	EL_EMAIL,
	EL_URI,
	EL_PUBLISHED,
	EL_UPDATED,
	EL_CREATED,
	EL_LANGUAGE,
	EL_REPLIES,
	EL_VIDEO,
	EL_TTL,
	EL_PERIOD,
	EL_FREQUENCY,
	EL_HOUR,
	EL_DAY,
	/* attributes alone */
	EL_ENCLOSURE,
	EL_STATISTICS,
};

enum feed_ns feed_ns_of(const struct xml_name *name, bool atom);
enum feed_el feed_el_of(enum feed_ns ns, const char *local);
