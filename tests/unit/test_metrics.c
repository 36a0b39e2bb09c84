/* base/metrics: what a scrape reads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/metrics.h"

enum { TEXT_MAX_BYTES = 16 * 1024 * 1024 };

static void assert_text(const struct metrics *m, const char *want)
{
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);

	metrics_write(m, &b);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void a_family_is_told_with_its_help_and_its_series(void **state)
{
	cleanup(metrics_freep) struct metrics *m = metrics_new();
	struct metric *polls =
		metrics_counter(m, "polls_total", "Polls that ended.", METRIC_LABELS("source", "result"));
	struct metric *lag = metrics_gauge(m, "lag_seconds", "How late.", NULL);

	(void)state;
	metric_add(polls, 1, METRIC_VALUES("prensa", "ok"));
	metric_add(polls, 1, METRIC_VALUES("prensa", "failed"));
	metric_add(polls, 2, METRIC_VALUES("prensa", "ok"));
	metric_set(lag, 0.25, NULL);
	metric_set(lag, 0.1, NULL);
	assert_text(
		m,
		"# HELP polls_total Polls that ended.\n# TYPE polls_total counter\n"
		"polls_total{source=\"prensa\",result=\"ok\"} 3\npolls_total{source=\"prensa\",result=\"failed\"} 1\n"
		"# HELP lag_seconds How late.\n# TYPE lag_seconds gauge\nlag_seconds 0.1\n");
}

static void what_was_never_counted_is_0_without_labels_and_absent_with_them(void **state)
{
	cleanup(metrics_freep) struct metrics *m = metrics_new();

	(void)state;
	(void)metrics_counter(m, "a_total", "A.", NULL);
	(void)metrics_counter(m, "b_total", "B.", METRIC_LABELS("source"));
	assert_text(m, "# HELP a_total A.\n# TYPE a_total counter\na_total 0\n");
}

static void numbers_read_back_as_the_same(void **state)
{
	static const struct {
		double in;
		const char *want;
	} cases[] = {
		{0, "g 0\n"},
		{1764000000.123, "g 1764000000.123\n"},
		{9007199254740991.0, "g 9007199254740991\n"},
		{1.0 / 3, "g 0.3333333333333333\n"},
		{-2, "g -2\n"},
		{NAN, "g NaN\n"},
		{INFINITY, "g +Inf\n"},
		{-INFINITY, "g -Inf\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(metrics_freep) struct metrics *m = metrics_new();
		struct buf b = BUF_INIT(TEXT_MAX_BYTES);

		metric_set(metrics_gauge(m, "g", "G.", NULL), cases[i].in, NULL);
		metrics_write(m, &b);
		assert_string_equal(strrchr(buf_str(&b), '#') + strlen("# TYPE g gauge\n"), cases[i].want);
		buf_done(&b);
	}
}

static void values_are_escaped_cut_and_utf_8(void **state)
{
	cleanup(metrics_freep) struct metrics *m = metrics_new();
	struct metric *f = metrics_gauge(m, "g", "a\\b\nc \"d\"", METRIC_LABELS("v"));
	char *endless = xasprintf("%0*d", METRIC_VALUE_MAX_BYTES - 1, 0), *cut = xasprintf("%s\xc3\xb1", endless);
	char *want = xasprintf(
		"# HELP g a\\\\b\\nc \"d\"\n# TYPE g gauge\ng{v=\"a\\\"b\\\\c\\nd}\"} 1\ng{v=\"%s\"} 2\ng{v=\"\"} 3\n",
		endless);

	(void)state;
	metric_set(f, 1, METRIC_VALUES("a\"b\\c\nd}"));
	metric_set(f, 2, METRIC_VALUES(cut)); /* ñ would end one byte past the bound */
	metric_set(f, 3, METRIC_VALUES("\xff\xfe"));
	assert_text(m, want);
	free(endless);
	free(cut);
	free(want);
}

static void a_histogram_counts_up(void **state)
{
	static const double bounds[] = {0.1, 1, 10};
	cleanup(metrics_freep) struct metrics *m = metrics_new();
	struct metric *f = metrics_histogram(m, "d_seconds", "D.", METRIC_LABELS("kind"), bounds, ARRAY_LEN(bounds));

	(void)state;
	metric_observe(f, 0.1, METRIC_VALUES("a")); /* a bound is inside */
	metric_observe(f, 0.5, METRIC_VALUES("a"));
	metric_observe(f, 100, METRIC_VALUES("a"));
	assert_text(m, "# HELP d_seconds D.\n# TYPE d_seconds histogram\n"
		       "d_seconds_bucket{kind=\"a\",le=\"0.1\"} 1\nd_seconds_bucket{kind=\"a\",le=\"1\"} 2\n"
		       "d_seconds_bucket{kind=\"a\",le=\"10\"} 2\nd_seconds_bucket{kind=\"a\",le=\"+Inf\"} 3\n"
		       "d_seconds_sum{kind=\"a\"} 100.6\nd_seconds_count{kind=\"a\"} 3\n");
}

static void an_empty_histogram_is_all_0(void **state)
{
	static const double bounds[] = {1};
	cleanup(metrics_freep) struct metrics *m = metrics_new();

	(void)state;
	(void)metrics_histogram(m, "h_seconds", "H.", NULL, bounds, 1);
	assert_text(m, "# HELP h_seconds H.\n# TYPE h_seconds histogram\nh_seconds_bucket{le=\"1\"} 0\n"
		       "h_seconds_bucket{le=\"+Inf\"} 0\nh_seconds_sum 0\nh_seconds_count 0\n");
}

/* Beyond a thousand sources they are one. */
static void the_first_label_has_a_cap(void **state)
{
	cleanup(metrics_freep) struct metrics *m = metrics_new();
	struct metric *f = metrics_counter(m, "polls_total", "P.", METRIC_LABELS("source", "result"));
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	char name[32];
	size_t i;

	(void)state;
	for (i = 0; i < METRIC_VALUES_MAX + 500; i++) {
		snprintf(name, sizeof(name), "source-%zu", i);
		metric_add(f, 1, METRIC_VALUES(name, "ok"));
	}
	metric_add(f, 1, METRIC_VALUES("source-0", "failed"));
	assert_int_equal(metric_series(f), METRIC_VALUES_MAX + 2);
	metrics_write(m, &b);
	assert_non_null(strstr(buf_str(&b), "polls_total{source=\"source-999\",result=\"ok\"} 1\n"));
	assert_non_null(strstr(buf_str(&b), "polls_total{source=\"other\",result=\"ok\"} 500\n"));
	assert_non_null(strstr(buf_str(&b), "polls_total{source=\"source-0\",result=\"failed\"} 1\n"));
	buf_done(&b);
}

static void so_have_all_series_together(void **state)
{
	cleanup(metrics_freep) struct metrics *m = metrics_new();
	struct metric *f = metrics_counter(m, "x_total", "X.", METRIC_LABELS("a", "b"));
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	char name[32];
	size_t i;

	(void)state;
	for (i = 0; i < METRIC_SERIES_MAX + 41; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		metric_add(f, 1, METRIC_VALUES("same", name));
	}
	assert_int_equal(metric_series(f), METRIC_SERIES_MAX);
	metrics_write(m, &b);
	assert_non_null(strstr(buf_str(&b), "x_total{a=\"other\",b=\"other\"} 42\n"));
	buf_done(&b);
}

static void a_cleared_family_begins_anew(void **state)
{
	cleanup(metrics_freep) struct metrics *m = metrics_new();
	struct metric *f = metrics_gauge(m, "g", "G.", METRIC_LABELS("v"));

	(void)state;
	metric_set(f, 1, METRIC_VALUES("a"));
	metric_clear(f);
	metric_set(f, 2, METRIC_VALUES("b"));
	assert_text(m, "# HELP g G.\n# TYPE g gauge\ng{v=\"b\"} 2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_is_told_with_its_help_and_its_series),
		cmocka_unit_test(what_was_never_counted_is_0_without_labels_and_absent_with_them),
		cmocka_unit_test(numbers_read_back_as_the_same),
		cmocka_unit_test(values_are_escaped_cut_and_utf_8),
		cmocka_unit_test(a_histogram_counts_up),
		cmocka_unit_test(an_empty_histogram_is_all_0),
		cmocka_unit_test(the_first_label_has_a_cap),
		cmocka_unit_test(so_have_all_series_together),
		cmocka_unit_test(a_cleared_family_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
