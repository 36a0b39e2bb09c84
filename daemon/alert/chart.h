#pragma once
/*
 * alert/chart: counts over time to be looked at: a line of blocks in a text, a small picture (PNG) in a mail.
 *
 * Blocks: never. Bounds: CHART_BARS_MAX counts; further ones are left out.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

enum {
	CHART_BARS_MAX = 48,
	CHART_WIDTH = 1120, /* shown at half of it, so that it is sharp on a phone */
	CHART_HEIGHT = 240,
	CHART_PNG_MAX_BYTES = 64 * 1024, /* a few hundred as a rule */
};

struct chart {
	const uint32_t *all, *negative; /* oldest first */
	size_t n;
	double usual; /* a line at this height; below 0: none */
};

/* "▁▁▂█": the lowest block is none (not a space: chats drop those that begin a line), the highest the largest. */
void chart_line(struct buf *b, const uint32_t *v, size_t n);
/* b has room for CHART_PNG_MAX_BYTES. */
int chart_png(struct buf *b, const struct chart *c) must_use;
