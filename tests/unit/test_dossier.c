/* What stands in a dossier, beside the words of its parts: numbers as the reader's language writes them; spans that are one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "alert/dossier.h"
#include "alert/notice_text.h"
#include "alert/page.h"
#include "base/buf.h"
#include "base/clock.h"

static void days_are_said_once_and_times_come_first(void **state)
{
	static const struct dossier_line lines[] = {
		{.at_ms = 10 * HOUR_MS, .what = "opened"},
		{.at_ms = 10 * HOUR_MS + MINUTE_MS, .what = "told", .who = "ana", .text = "begins"},
		{.at_ms = 30 * HOUR_MS, .what = "closed"},
	};
	static const struct dossier_bar bars[] = {{0, 2, 1}, {SECOND_MS, 0, 0}, {2 * SECOND_MS, 5, 0}};
	const struct dossier d = {.topic = "acme",
				  .peak = "warning",
				  .state = "",
				  .closed_ms = TIME_NONE,
				  .usual = 0,
				  .lines = lines,
				  .n_lines = 3,
				  .bars = bars,
				  .n_bars = 3,
				  .bar_ms = 5 * MINUTE_MS};
	const struct notice_reader to = {.lang = TEXT_ES};
	struct buf md = BUF_INIT(1 << 20);
	struct page page;

	(void)state;
	page_begin(&page, "es", NULL);
	dossier_put(&d, &to, &page, &md);
	assert_non_null(strstr(
		page_text(&page),
		"\n1970-01-01\n10:00:00  se abrió\n10:01:00  aviso a ana: empieza\n1970-01-02\n06:00:00  se cerró\n"));
	assert_non_null(strstr(page_text(&page), "(el día anterior: 0 por hora)"));
	assert_non_null(strstr(page_text(&page), "cada 5 minutos, hasta 5 menciones:\n▄▁█\n"));
	assert_null(strstr(page_text(&page), "rojo")); /* there is no picture in a text */
	assert_non_null(strstr(page_html(&page), "rojo"));
	page_done(&page);
	buf_done(&md);
}

static void long_times_are_a_line_that_a_phone_holds(void **state)
{
	static struct dossier_bar bars[DOSSIER_BARS_MAX];
	const struct dossier d = {.topic = "acme",
				  .peak = "warning",
				  .state = "",
				  .closed_ms = TIME_NONE,
				  .usual = -1,
				  .bars = bars,
				  .n_bars = DOSSIER_BARS_MAX,
				  .bar_ms = 5 * MINUTE_MS};
	const struct notice_reader to = {.lang = TEXT_ES};
	struct buf md = BUF_INIT(1 << 20);
	struct page page;
	size_t i;

	(void)state;
	for (i = 0; i < DOSSIER_BARS_MAX; i++)
		bars[i] = (struct dossier_bar){(int64_t)i * 5 * MINUTE_MS, 2, 0};
	page_begin(&page, "es", NULL);
	dossier_put(&d, &to, &page, &md);
	assert_non_null(
		strstr(page_text(&page), "cada 15 minutos, hasta 6 menciones:\n████████████████████████████████\n"));
	page_done(&page);
	buf_done(&md);
}

static bool says(enum text_lang lang, const struct dossier *d, const char *words)
{
	static const char *const tags[TEXT_LANGS] = {[TEXT_EN] = "en", [TEXT_ES] = "es"};
	const struct notice_reader to = {.lang = lang};
	struct buf md = BUF_INIT(1 << 20);
	struct page page;
	bool found;

	page_begin(&page, tags[lang], NULL);
	dossier_put(d, &to, &page, &md);
	found = strstr(buf_str(&md), words) && strstr(page_html(&page), words);
	page_done(&page);
	buf_done(&md);
	return found;
}

static void numbers_are_those_of_the_language(void **state)
{
	struct dossier d = {
		.topic = "acme", .peak = "warning", .state = "", .closed_ms = TIME_NONE, .mentions = 12, .usual = 8.46};

	(void)state;
	assert_true(says(TEXT_ES, &d, "8,5 por hora"));
	assert_true(says(TEXT_EN, &d, "8.5"));
	assert_false(says(TEXT_ES, &d, "8.5"));
	d.usual = -1; /* not known */
	assert_false(says(TEXT_ES, &d, "por hora"));
}

static void a_machine_that_slept_in_pieces(void **state)
{
	static const struct dossier_deaf pieces[] = {
		{NULL, 0, 4 * MINUTE_MS},
		{"radio", 2 * MINUTE_MS, 3 * MINUTE_MS},
		{NULL, 4 * MINUTE_MS, 8 * MINUTE_MS},
		{NULL, 9 * MINUTE_MS, 10 * MINUTE_MS},                      /* heard for a minute */
		{"prensa", 10 * MINUTE_MS, 11 * MINUTE_MS},                 /* another source */
		{NULL, 11 * MINUTE_MS + 1, 12 * MINUTE_MS},                 /* heard for longer */
		{"radio", 3 * MINUTE_MS + DOSSIER_DEAF_JOIN_MS, TIME_NONE}, /* still */
		{"radio", 30 * MINUTE_MS, 40 * MINUTE_MS},                  /* within it */
	};
	struct dossier_deaf v[DOSSIER_DEAF_MAX];
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		n = dossier_deaf_add(v, n, &pieces[i]);
	assert_int_equal(n, 4);
	assert_true(!v[0].source && v[0].from_ms == 0 && v[0].to_ms == 10 * MINUTE_MS);
	assert_string_equal(v[1].source, "radio");
	assert_true(v[1].from_ms == 2 * MINUTE_MS && v[1].to_ms == TIME_NONE);
	assert_string_equal(v[2].source, "prensa");
	assert_true(!v[3].source && v[3].to_ms == 12 * MINUTE_MS);
}

static void as_many_spans_as_there_is_room_for(void **state)
{
	struct dossier_deaf v[DOSSIER_DEAF_MAX], one = {.source = "radio"};
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < DOSSIER_DEAF_MAX + 5; i++) {
		one.from_ms = (int64_t)i * HOUR_MS;
		one.to_ms = one.from_ms + MINUTE_MS;
		n = dossier_deaf_add(v, n, &one);
	}
	assert_int_equal(n, DOSSIER_DEAF_MAX);
	one.from_ms = (DOSSIER_DEAF_MAX - 1) * HOUR_MS + MINUTE_MS;
	one.to_ms = one.from_ms + MINUTE_MS;
	assert_int_equal(dossier_deaf_add(v, n, &one), DOSSIER_DEAF_MAX); /* the last one still grows */
	assert_int_equal(v[n - 1].to_ms, one.to_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_those_of_the_language),
					   cmocka_unit_test(days_are_said_once_and_times_come_first),
					   cmocka_unit_test(long_times_are_a_line_that_a_phone_holds),
					   cmocka_unit_test(a_machine_that_slept_in_pieces),
					   cmocka_unit_test(as_many_spans_as_there_is_room_for)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
