/* Counts as blocks and as a picture, which libpng reads again: dots of the right colour where they belong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <png.h>
#include <string.h>

#include "alert/chart.h"
#include "base/buf.h"
#include "base/mem.h"

static void blocks_stand_for_counts(void **state)
{
	static const struct {
		uint32_t v[4];
		const char *want;
	} cases[] = {
		{{0, 0, 0, 0}, "▁▁▁▁"},
		{{0, 1, 1, 0}, "▁██▁"},
		{{1, 700, 350, 0}, "▂█▅▁"}, /* one of many is still told from none */
		{{UINT32_MAX, 1, 0, UINT32_MAX}, "█▂▁█"},
	};
	uint32_t many[CHART_BARS_MAX + 1] = {0};
	struct buf b = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		b.len = 0;
		chart_line(&b, cases[i].v, 4);
		assert_string_equal(buf_str(&b), cases[i].want);
	}
	b.len = 0;
	chart_line(&b, many, CHART_BARS_MAX + 1);
	assert_int_equal(b.len, CHART_BARS_MAX * strlen("▁"));
	buf_done(&b);
}

/* "paper", "all", "negative", "ground", "usual" */
static const char *colour(const png_byte *rgb)
{
	static const struct {
		png_byte rgb[3];
		const char *name;
	} colours[] = {{{255, 255, 255}, "paper"},
		       {{168, 182, 196}, "all"},
		       {{200, 50, 40}, "negative"},
		       {{91, 102, 112}, "ground"},
		       {{20, 20, 20}, "usual"}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(colours); i++)
		if (memcmp(rgb, colours[i].rgb, 3) == 0)
			return colours[i].name;
	return "?";
}

static png_byte *picture(const struct chart *c)
{
	struct buf b = BUF_INIT(CHART_PNG_MAX_BYTES);
	png_image image = {.version = PNG_IMAGE_VERSION};
	png_byte *dots;

	assert_int_equal(chart_png(&b, c), 0);
	assert_in_range(b.len, 100, 8000); /* a mail carries it to a phone */
	assert_true(png_image_begin_read_from_memory(&image, buf_str(&b), b.len));
	assert_int_equal(image.width, CHART_WIDTH);
	assert_int_equal(image.height, CHART_HEIGHT);
	image.format = PNG_FORMAT_RGB;
	dots = xcalloc(1, PNG_IMAGE_SIZE(image));
	assert_true(png_image_finish_read(&image, NULL, dots, 0, NULL));
	buf_done(&b);
	return dots;
}

static const char *at(const png_byte *dots, size_t bar, size_t n, size_t up)
{
	size_t slot = CHART_WIDTH / n;

	return colour(dots + 3 * ((CHART_HEIGHT - 1 - up) * (size_t)CHART_WIDTH + bar * slot + slot / 2));
}

static void the_picture_shows_them(void **state)
{
	static const uint32_t all[4] = {0, 10, 5, 10}, negative[4] = {0, 0, 5, 5};
	cleanup(freep) png_byte *dots = picture(&(struct chart){.all = all, .negative = negative, .n = 4, .usual = -1});
	const size_t low = 20, middle = CHART_HEIGHT * 3 / 4, top = CHART_HEIGHT - 1;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_string_equal(at(dots, i, 4, 0), "ground");
		assert_string_equal(at(dots, i, 4, top), "paper");
	}
	assert_string_equal(at(dots, 0, 4, low), "paper");
	assert_string_equal(at(dots, 1, 4, low), "all");
	assert_string_equal(at(dots, 1, 4, middle), "all");
	assert_string_equal(at(dots, 2, 4, low), "negative");
	assert_string_equal(at(dots, 2, 4, middle), "paper");
	assert_string_equal(at(dots, 3, 4, low), "negative");
	assert_string_equal(at(dots, 3, 4, middle), "all");
}

/* What is usual is a line, and never beyond the paper, however much less there is now. */
static void what_is_usual_is_a_line(void **state)
{
	static const uint32_t none[CHART_BARS_MAX];
	static const double usual[] = {0.01, 1, 7.5, 1e9};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(usual); i++) {
		cleanup(freep) png_byte *dots =
			picture(&(struct chart){.all = none, .negative = none, .n = CHART_BARS_MAX, .usual = usual[i]});
		size_t found = 0;

		for (k = 0; k < (size_t)CHART_WIDTH * CHART_HEIGHT; k++)
			found += strcmp(colour(dots + 3 * k), "usual") == 0;
		assert_in_range(found, CHART_WIDTH / 2, CHART_WIDTH * 2);
	}
}

static void nothing_is_no_picture(void **state)
{
	struct buf b = BUF_INIT(CHART_PNG_MAX_BYTES), small = BUF_INIT(16);
	static const uint32_t one[1] = {UINT32_MAX};

	(void)state;
	assert_true(chart_png(&b, &(struct chart){.n = 0}) < 0);
	assert_int_equal(b.len, 0);
	assert_true(chart_png(&small, &(struct chart){.all = one, .negative = one, .n = 1, .usual = 1}) < 0);
	buf_done(&b);
	buf_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_stand_for_counts),
		cmocka_unit_test(the_picture_shows_them),
		cmocka_unit_test(what_is_usual_is_a_line),
		cmocka_unit_test(nothing_is_no_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
