#pragma once
/*
 * parse/markdown: Markdown → plain text (md4c, CommonMark with tables and strikethrough).
 *
 * Marks go, what they mark stays: of a link its text, of a picture nothing, of HTML in it what html_to_text() makes of it.
 * A heading, a paragraph, an item, a row begins a line.
 *
 * In:     UTF-8. Blocks: no. Bounds: out->max; past it the text ends and out->full is set.
 */
#include <stddef.h>

struct buf;

void markdown_to_text(const char *s, size_t len, struct buf *out); /* appends */
