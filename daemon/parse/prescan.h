#pragma once
/*
 * parse/prescan: foreign XML → well-formed XML of the plainest kind, for xml_read() behind it.
 *
 * Why not a parser that mends by itself: libxml2's recovery drops what it doesn't understand ("AT&T" → "AT", "&nbsp;" →
 * nothing: FAULTS P6), shifts every element behind a forgotten end tag by one, needs O(n²) for a tag's attributes (P5) and 2 GB
 * for a document of 120 KB with one entity (P2). So all that is ill-formed is mended or refused here:
 *
 *   - character references become characters (HTML's names too), but for those of & < > " '; a bare & is escaped; text with
 *     any of them becomes CDATA;
 *   - a < that starts no tag becomes CDATA, too; attributes without quotes or value are completed;
 *   - every end tag closes what it names: open elements inside it are closed first, and one that matches nothing is
 *     dropped; a forgotten end of <item> and <entry> is put before the next one; at the end all that is open is closed;
 *   - text before and behind the root, comments, processing instructions and the DOCTYPE are dropped.
 *
 * In:     valid UTF-8 without NUL and C0 controls but tab, LF and CR (charset_to_utf8()).
 * Out:    appended to out; well-formed but for duplicate attributes and undeclared prefixes, which mean nothing.
 * Blocks: never. Linear in len.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

enum {
	PRESCAN_DEPTH_MAX = 256,           /* FAULTS P4 */
	PRESCAN_TAG_MAX_BYTES = 32 * 1024, /* FAULTS P5 */
	PRESCAN_ATTRS_MAX = 256,           /* of one tag: 32 KB of them still cost 60 ms a tag */
	PRESCAN_HEAD_BYTES = 4096,         /* how far a misplaced XML declaration is looked for */
};

enum {
	PRESCAN_E_REFUSED = 1, /* entities of its own, too deep, a tag too long */
	PRESCAN_E_NO_XML,      /* not one element in it */
	PRESCAN_E_SIZE,        /* what was mended doesn't fit into out */
};

/* *ret_why: what was mended first, or why it is refused; a static text, NULL where nothing was wrong. Set whatever the
 * outcome is. */
int prescan(const char *s, size_t len, struct buf *out, const char **ret_why) must_use;
