/* main/ctl_export_csv: a sheet that a spreadsheet opens as it was meant, and calculates nothing in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/mem.h"
#include "main/ctl_export_csv.h"

static const struct {
	const char *in, *want;
} cells[] = {
	{NULL, ""},
	{"", ""},
	{"plain ñ", "plain ñ"},
	{"a;b", "\"a;b\""},
	{"a,b", "\"a,b\""},
	{"dijo \"no\"", "\"dijo \"\"no\"\"\""},
	{"dos\nlíneas", "\"dos\nlíneas\""},
	{"=1+1", "\"'=1+1\""},
	{"+57 300", "\"'+57 300\""},
	{"-2", "\"'-2\""},
	{"@ana", "\"'@ana\""},
	{"\t=1", "\"'\t=1\""},
	{" \n@x", "\"' \n@x\""},
	{"\u00a0=1", "\"'\u00a0=1\""},
	{"\uff1d1", "\"'\uff1d1\""},
	{"a=b", "a=b"},
	{" a", "\" a\""},
};

static void cells_calculate_nothing(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cells); i++) {
		struct buf b = BUF_INIT(1024);

		csv_cell(cells[i].in, &b);
		assert_string_equal(buf_str(&b), cells[i].want);
		buf_done(&b);
	}
}

static void long_cells_are_cut(void **state)
{
	struct buf text = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
	size_t i;

	(void)state;
	for (i = 0; i < CSV_CELL_MAX_UNITS / 2; i++)
		buf_puts(&text, "\U0001F600");
	csv_cell(buf_str(&text), &b);
	assert_int_equal(b.len, text.len); /* two units each: it just fits */
	buf_reset(&b);
	buf_putc(&text, 'x');
	csv_cell(buf_str(&text), &b);
	assert_int_equal(b.len, text.len - 1 + strlen("\"\u2026\""));
	buf_done(&text);
	buf_done(&b);
}

static void columns_are_parted_as_in_the_country(void **state)
{
	static const struct {
		enum text_lang lang;
		const char *zone;
		char separator, decimal;
	} cases[] = {{TEXT_ES, "America/Bogota", ';', ','},
		     {TEXT_ES, "America/Mexico_City", ',', '.'},
		     {TEXT_ES, "Europe/Madrid", ';', ','},
		     {TEXT_ES, NULL, ';', ','},
		     {TEXT_EN, "America/Bogota", ',', '.'}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const struct ctl c = {.lang = cases[i].lang};
		const struct csv csv = csv_of(&c, cases[i].zone);

		assert_int_equal(csv.separator, cases[i].separator);
		assert_int_equal(csv.decimal, cases[i].decimal);
	}
}

static size_t separators(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == ';';
	return n;
}

static void rows_have_the_columns_of_the_head(void **state)
{
	const struct ctl c = {.lang = TEXT_ES};
	const struct csv csv = csv_of(&c, NULL);
	struct buf head = BUF_INIT(1 << 16), row = BUF_INIT(1 << 16), none = BUF_INIT(1 << 16);
	json_t *m = json_loads("{\"id\":\"ab\",\"text\":\"Acme\",\"likes\":3,\"rating\":4.5,\"story\":"
			       "\"1234567890123456\",\"sentiment\":{\"label\":\"negative\",\"score\":-0.8},"
			       "\"author\":{\"handle\":\"@ana\"},\"hits\":[{\"topic\":\"a\",\"tags\":[\"x\"]},{"
			       "\"topic\":\"b\",\"tags\":[\"x\",\"y\"]}]}",
			       0, NULL),
	       *empty = json_object();

	(void)state;
	csv_head(&csv, &head);
	csv_row(&csv, m, &row);
	csv_row(&csv, empty, &none);
	assert_int_equal(strncmp(buf_str(&head), "\xef\xbb\xbf", 3), 0);
	assert_int_equal(separators(buf_str(&row)), separators(buf_str(&head)));
	assert_int_equal(separators(buf_str(&none)), separators(buf_str(&head)));
	assert_non_null(strstr(buf_str(&row), ";-0,80;"));
	assert_non_null(strstr(buf_str(&row), ";4,50;"));
	assert_non_null(strstr(buf_str(&row), ";a b;"));
	assert_non_null(strstr(buf_str(&row), ";x y;"));
	assert_non_null(strstr(buf_str(&row), ";s1234567890123456;"));
	assert_non_null(strstr(buf_str(&row), ";ana;"));
	assert_string_equal(buf_str(&row) + row.len - 5, ";ab\r\n");
	buf_done(&head);
	buf_done(&row);
	buf_done(&none);
	json_decref(m);
	json_decref(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_calculate_nothing),
		cmocka_unit_test(long_cells_are_cut),
		cmocka_unit_test(columns_are_parted_as_in_the_country),
		cmocka_unit_test(rows_have_the_columns_of_the_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
