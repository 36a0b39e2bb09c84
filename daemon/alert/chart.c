#include "alert/chart.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum colour { PAPER, ALL, NEGATIVE, GROUND, USUAL, COLOURS };
enum { GROUND_PX = 2, TOP_PX = 8, GAP_PX = 8, DASH_PX = 12 };

static const png_byte palette[COLOURS * 3] = {
	255, 255, 255, /* PAPER */
	168, 182, 196, /* ALL */
	200, 50,  40,  /* NEGATIVE */
	91,  102, 112, /* GROUND */
	20,  20,  20,  /* USUAL */
};

static uint32_t largest(const uint32_t *v, size_t n)
{
	uint32_t max = 0;
	size_t i;

	for (i = 0; i < n; i++)
		max = v[i] > max ? v[i] : max;
	return max;
}

void chart_line(struct buf *b, const uint32_t *v, size_t n)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	uint32_t max;
	size_t i;

	n = n < CHART_BARS_MAX ? n : CHART_BARS_MAX;
	max = largest(v, n);
	for (i = 0; i < n; i++) /* rounded up: what is least is still told from nothing */
		buf_puts(b, blocks[v[i] ? ((uint64_t)v[i] * (ARRAY_LEN(blocks) - 1) + max - 1) / max : 0]);
}

/* --- the picture: a byte a dot, its colour --- */

static void fill(png_byte *dots, size_t x, size_t width, size_t from, size_t to, enum colour colour)
{
	for (; from < to; from++) /* upwards from the ground */
		memset(dots + (size_t)(CHART_HEIGHT - 1 - from) * CHART_WIDTH + x, colour, width);
}

static size_t height(double v, double max)
{
	const double room = CHART_HEIGHT - GROUND_PX - TOP_PX;

	return v > 0 ? (size_t)fmax(2, round(v / max * room)) : 0;
}

static void draw(png_byte *dots, const struct chart *c)
{
	const size_t n = c->n < CHART_BARS_MAX ? c->n : CHART_BARS_MAX, slot = CHART_WIDTH / n;
	const double max = fmax(fmax(largest(c->all, n), c->usual), 1);
	size_t i, x;

	for (i = 0; i < n; i++) {
		x = i * slot + GAP_PX / 2;
		fill(dots, x, slot - GAP_PX, GROUND_PX, GROUND_PX + height(c->all[i], max), ALL);
		fill(dots, x, slot - GAP_PX, GROUND_PX, GROUND_PX + height(c->negative[i], max), NEGATIVE);
	}
	fill(dots, 0, n * slot, 0, GROUND_PX, GROUND);
	for (x = 0; c->usual > 0 && x + DASH_PX <= n * slot; x += 2 * DASH_PX)
		fill(dots, x, DASH_PX, GROUND_PX + height(c->usual, max), GROUND_PX + height(c->usual, max) + 2, USUAL);
}

int chart_png(struct buf *b, const struct chart *c)
{
	cleanup(freep) png_byte *dots = xcalloc(CHART_HEIGHT, CHART_WIDTH), *png = xcalloc(1, CHART_PNG_MAX_BYTES);
	png_image image = {.version = PNG_IMAGE_VERSION,
			   .width = CHART_WIDTH,
			   .height = CHART_HEIGHT,
			   .format = PNG_FORMAT_RGB_COLORMAP,
			   .colormap_entries = COLOURS};
	png_alloc_size_t len = CHART_PNG_MAX_BYTES;

	if (!c->n)
		return -EINVAL;
	draw(dots, c);
	if (!png_image_write_to_memory(&image, png, &len, 0, dots, CHART_WIDTH, palette))
		return -ENOMEM; /* it fits whatever is drawn: COLOURS colours, and few edges */
	buf_put(b, png, len);
	return b->full ? -ENOBUFS : 0;
}
