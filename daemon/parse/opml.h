#pragma once
/*
 * parse/opml: the feeds that a list of sources names (OPML 1.0, 2.0; outlines at any depth up to PRESCAN_DEPTH_MAX).
 *
 * Owner:  entries lie in the arena.
 * Blocks: never; CPU alone. parse_init() was called once before.
 * Bounds: OPML_MAX_BYTES; no cap on entries, since the bytes bound them.
 */
#include <stddef.h>

struct arena;
struct opml_entry;

enum { OPML_MAX_BYTES = 64 * 1024 * 1024 };

/* Each address once, normalised, in the list's order. *ret_why is NULL if all was read, else short English for the log:
 * what of it was broken, or why nothing could be read. */
void opml_parse(const char *bytes, size_t len, struct arena *a, const char **ret_why, struct opml_entry **ret,
		size_t *ret_n);
