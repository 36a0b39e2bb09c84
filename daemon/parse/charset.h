#pragma once
/*
 * parse/charset: bytes of a document in whatever encoding → valid UTF-8.
 *
 * Whose word counts, the first that fits the bytes: a byte-order mark; the shape of UTF-16 or UTF-32 without one; the
 * charset of the HTTP Content-Type; the XML declaration (also behind other text); UTF-8; windows-1252. A word that the
 * bytes contradict is passed over: UTF-8 that is none, UTF-16 in what is ASCII, an 8-bit encoding where the bytes are
 * well-formed UTF-8, a multibyte encoding with many impossible sequences, a name that nobody knows. (feedparser does the
 * same but for the third, and RFC 3023's us-ascii default, which no feed obeys.) UTF-8 with a few bytes of windows-1252 in
 * it is read as both. Names are read as the web reads them (WHATWG Encoding: iso-8859-1 is windows-1252, gb2312 is
 * gb18030) and only those of charset.c's table are allowed. UTF-7 is refused where its word is asked for (FAULTS P8).
 *
 * Out:    valid UTF-8 without NUL, without the C0 controls but tab, LF, CR, and without U+FFFE and U+FFFF (no XML);
 *         what was ill-formed is U+FFFD. The mark is gone, and the encoding="…" of an XML declaration is blanked out,
 *         so that a parser takes the text as the UTF-8 that it is.
 * Bounds: out->max; CHARSET_HEAD_BYTES are looked at for a declaration.
 * State:  the iconv descriptors are the process's (inside the sandbox iconv_open fails, so they are opened in the
 *         nursery and inherited by fork). One thread.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

enum { CHARSET_HEAD_BYTES = 1024, CHARSET_NAME_MAX = 40 };

void charset_open_all(void);  /* every allowed descriptor, once; later calls cost nothing */
void charset_close_all(void); /* for tests; they open again when needed */

enum {
	CHARSET_E_REFUSED = 1, /* UTF-7, by any of its names */
	CHARSET_E_SIZE = 2,    /* it doesn't fit into out; out holds nothing that was added */
};
/* Appends to out. content_type is the header's value as it came, or NULL. ret_name (may be NULL) is set to the
 * canonical name of the encoding that was used, a static string ("utf-8", "windows-1252", …). */
int charset_to_utf8(const char *bytes, size_t len, const char *content_type, struct buf *out,
		    const char **ret_name) must_use;

/* The same for a part whose encoding is told by a bare name (mail, JSON): name may be NULL or unknown, then it is
 * sniffed. */
int charset_named_to_utf8(const char *bytes, size_t len, const char *name, struct buf *out,
			  const char **ret_name) must_use;
