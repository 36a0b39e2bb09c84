#pragma once
/*
 * main/ctl_terminal: how wide it is, and texts made to fit: the terminals of phones have 40 columns.
 */
#include <stddef.h>

struct buf;

enum { TERMINAL_MIN_WIDTH = 20 };

size_t terminal_width(void); /* of standard output; 0: it is none, and nothing is cut */
/* Words of a text on lines of at most width columns (0: no bound), all but the first behind `indent` blanks; the first
 * begins at column `at`. With a newline at the end. */
void text_wrap(struct buf *out, const char *text, size_t at, size_t indent, size_t width);
