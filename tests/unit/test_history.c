/* stats/history: which lines are read, and what is said of others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "stats/history.h"

static void every_way_to_write_a_time_is_the_same_time(void **state)
{
	static const char *const same[] = {
		"2026-02-26 21:45:00,7",
		"2026-02-26T21:45:00Z,7",
		"2026-02-26 21:45,7",
		"2026-02-26T16:45:00-05:00,7",
		"2026-02-26T22:45:00+0100,7",
		"1772142300,7",
		"1772142300000,7",
		"\"2026-02-26 21:45:00.000\";7.0\r",
		"2026/02/26 21:45:00,7",
		"\xEF\xBB\xBF"
		"2026-02-26 21:45:00 , 7 ",
		"time,count\n2026-02-26 21:45:00,7",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(same); i++) {
		cleanup(history_freep) struct history *h = NULL;

		if (history_read("x.csv", same[i], strlen(same[i]), NULL, &h))
			fail_msg("%s", same[i]);
		assert_int_equal(h->n, 1);
		assert_int_equal(h->v[0].at_s, 1772142300);
		assert_true(h->v[0].count == 7);
		assert_int_equal(h->bin_s, 300);
	}
}

static void missing_lines_are_bins_of_nothing(void **state)
{
	static const char text[] =
		"2026-01-01 00:00:00,1\n2026-01-01 00:10:00,2\n\n2026-01-01 00:20:30,3\n2026-01-01 01:00:00,4\n"
		"2026-01-01 01:10:00,5\n";
	cleanup(history_freep) struct history *h = NULL;

	(void)state;
	assert_int_equal(history_read("x.csv", text, strlen(text), NULL, &h), 0);
	assert_int_equal(h->n, 5);
	assert_int_equal(h->bin_s, 600);
	assert_int_equal(h->v[1].before, 0);
	assert_int_equal(h->v[2].before, 0);
	assert_int_equal(h->v[3].before, 3);
	assert_int_equal(h->v[3].hour, 1);
	assert_int_equal(h->v[4].before, 0);
}

static const struct {
	const char *text, *said;
} wrong[] = {
	{"", "x.csv: error: not a line with a time"},
	{"time,count\n", "error: not a line with a time"},
	{"2026-02-26 21:45:00\n", "x.csv:1:1: error: expected a time and a count with a comma"},
	{"a,b\n2026-02-26 25:45:00,1\n", "x.csv:2:1: error: expected a time such as"},
	{"2026-02-26 21:45:00,-1\n", "x.csv:1:1: error: expected a count"},
	{"2026-02-26 21:45:00,1e99\n", "x.csv:1:1: error: expected a count"},
	{"2026-02-26 21:45:00,nan\n", "x.csv:1:1: error: expected a count"},
	{"2026-02-26 21:45:00,1\n2026-02-26 21:45:00,1\n", "x.csv:2:1: error: the times must ascend"},
	{"1772142300,1\n1772142301,1\n", "error: the lines must be a minute to a day apart"},
	{"1772142300,1\n1872142300,1\n", "error: the lines must be a minute to a day apart"},
};

static void what_is_wrong_is_told_with_its_line(void **state)
{
	struct buf b = BUF_INIT(1024);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		struct history *h = NULL;

		assert_int_equal(history_read("x.csv", wrong[i].text, strlen(wrong[i].text), d, &h), HISTORY_E_INVALID);
		assert_null(h);
		buf_reset(&b);
		diag_render(&b, diag_at(d, 0), text_lang_of("en"));
		if (!strstr(buf_str(&b), wrong[i].said))
			fail_msg("%zu: %s", i, buf_str(&b));
	}
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_write_a_time_is_the_same_time),
		cmocka_unit_test(missing_lines_are_bins_of_nothing),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
