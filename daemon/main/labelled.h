#pragma once
/*
 * main/labelled: posts whose tone somebody has said, a line each: "es<TAB>negative<TAB>text", as `escuchactl tone --export`
 * prints them.
 *
 * Blocks: reads a file, or standard input. Bounds: of a longer line its beginning counts.
 */
#include <stdbool.h>
#include <stddef.h>

#include "main/eval_score.h"

struct ctl;

enum { LABELLED_LINE_MAX_BYTES = 1024 * 1024, LABELLED_LANGUAGE_MAX_BYTES = 16 };

struct labelled {
	size_t line;
	const char *lang;
	enum eval_class label;
	const char *text; /* valid UTF-8 */
};

enum { LABELLED_E_FILE = 1, LABELLED_E_LINES };
/* 0; LABELLED_E_FILE: it could not be read, or on_post said that it is enough; LABELLED_E_LINES: all read but for lines that
 * were none. Told. */
int labelled_read(const struct ctl *c, const char *path, bool (*on_post)(void *arg, const struct labelled *post),
		  void *arg);
