#pragma once
/*
 * parse/feed_text: plain texts: folded, and told from HTML.
 */
#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Runs of white space to one space, or to one line break where they hold one; none at either end. Past out->max the text
 * is cut at a code point and out->full is set. */
void text_fold(const char *s, size_t len, struct buf *out);

/* Titles are plain text by RSS's book and HTML by custom. HTML is what has an end tag or a character reference, and
 * only tags that HTML knows: "x < y" and "the <Foo> class" stay what they are. */
bool text_looks_like_html(const char *s, size_t len);
