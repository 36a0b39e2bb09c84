#pragma once
/*
 * base/markup: text as HTML and XML want it.
 */
struct buf;

/* As the text of an element, or as an attribute's value between quotes of either kind. Controls are the caller's. */
void markup_put(struct buf *b, const char *text);
