#pragma once
/*
 * serve/page: a small page for a phone, made whole by the server: a heading, lines of text, perhaps one form with a button. No script, nothing
 * fetched from anywhere.
 *
 * Texts are anybody's: all of them are escaped. Blocks: never.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct buf;

enum { PAGE_LINES_MAX = 8, PAGE_CHOICES_MAX = 200, PAGE_MAX_BYTES = 256 * 1024 };

struct page {
	enum text_lang lang;
	const char *title;
	bool sorry; /* it did not work: says so by its colour, too */
	const char *lines[PAGE_LINES_MAX];
	size_t n_lines;
	const char *button; /* NULL: no form */
	const char *note;   /* asks for a note; NULL: doesn't */
	const char *choose; /* asks for one of … ; NULL: doesn't */
	const char *const *choices;
	size_t n_choices;
};
void page_put(struct buf *b, const struct page *p);
