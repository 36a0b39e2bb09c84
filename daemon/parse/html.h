#pragma once
/*
 * parse/html: HTML → plain text, in one pass, without a tree and without recursion.
 *
 * A tag stripper of our own: libxml2's HTML parser gives up over 256 levels and returns nothing (FAULTS P9), and costs
 * fifteen times as much on what is not broken. It follows the WHATWG tokenizer where that matters for text: comments,
 * declarations and quoted attributes are skipped whole; script, style, and what else never shows is dropped with its
 * content; a '<' that starts no tag is text ("a < b", "</3"); what a CDATA section holds is read; character references
 * are all of HTML5's (with the windows-1252 remap of &#128; to &#159;, and without semicolon where HTML allows it).
 *
 * Lines:  block elements, <br>, <li>, <p> and table rows break the line; other white space is folded to one space. No
 *         line is empty, none starts or ends with a space. Alternative texts are left out. NO-BREAK SPACE is kept
 *         inside a line: mojibake_repair(), which runs next, needs it, and makes it a space.
 * In:     UTF-8, also ill-formed; out is valid UTF-8 without NUL and C0 controls. Linear in len, whatever the input.
 * Bounds: out->max; past it the text is cut at a code point and out->full is set.
 */
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { HTML_ENTITY_NAME_MAX = 32 }; /* CounterClockwiseContourIntegral; is the longest of HTML5's names */

/* Appends. A text without '<' and '&' is only folded, its line breaks too. */
void html_to_text(const char *html, size_t len, struct buf *out);

/* Character references alone: tags stay, white space stays. Appends. */
void html_unescape(const char *s, size_t len, struct buf *out);

/* Reads one reference at s ("&eacute;", "&#233;", "&#xE9"), its '&' included. Writes one or two code points to ret_cp
 * and their number to ret_n, returns the bytes read; 0: no reference starts here. */
size_t html_entity(const char *s, size_t len, uint32_t ret_cp[2], size_t *ret_n);
