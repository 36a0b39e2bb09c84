/* What people and logs are told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"

static int64_t steady;

static int64_t fake_wall(void)
{
	return 1709208000123;
}

static int64_t fake_steady(void)
{
	return steady;
}

static void a_finding_has_place_key_sentence_and_guess(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new(), *copy = diag_new();
	struct buf b = BUF_INIT(4096);
	const struct diag_pos late = {.file = "a.yaml", .line = 9, .column = 2}, early = {.file = "a.yaml", .line = 3};

	(void)state;
	diag_error(d, late, "sources[2].evry", "every", TEXT_DIAG_MORE, "7");
	diag_warning(d, early, NULL, NULL, TEXT_DIAG_NOTE);
	diag_sort(d);
	diag_render(&b, diag_at(d, 1), TEXT_ES);
	assert_string_equal(buf_str(&b), "a.yaml:9:2: error: sources[2].evry: … y 7 más; ¿quiso decir \"every\"?");
	assert_int_equal(diag_count(d, DIAG_ERROR), 1);

	buf_reset(&b); /* over the border, and told there in another language */
	diag_write(&b, d);
	assert_int_equal(diag_read(copy, b.data, b.len), 0);
	assert_int_equal(diag_read(copy, b.data, b.len - 1), DIAG_E_FORMAT);
	buf_reset(&b);
	diag_render(&b, diag_at(copy, 1), TEXT_EN);
	assert_string_equal(buf_str(&b), "a.yaml:9:2: error: sources[2].evry: … and 7 more; did you mean \"every\"?");
	buf_done(&b);
}

static void notes_can_be_left_out(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	const struct diag_pos at = {.file = "a.yaml", .line = 3};

	(void)state;
	diag_note(d, at, "tests", "guess", TEXT_DIAG_NOTE);
	diag_warning(d, at, "own", NULL, TEXT_DIAG_NOTE);
	diag_note(d, at, NULL, NULL, TEXT_DIAG_NOTE);
	diag_forget_notes(d);
	assert_int_equal(diag_len(d), 1);
	assert_string_equal(diag_at(d, 0)->key, "own");
	assert_int_equal(diag_count(d, DIAG_NOTE), 0);
	assert_int_equal(diag_count(d, DIAG_WARNING), 1);
}

static void findings_are_bounded_and_all_counted(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	int i;

	(void)state;
	for (i = 0; i < DIAG_MAX + 10; i++)
		diag_error(d, (struct diag_pos){.file = "x"}, NULL, NULL, TEXT_DIAG_ERROR);
	assert_int_equal(diag_len(d), DIAG_MAX);
	assert_int_equal(diag_count(d, DIAG_ERROR), DIAG_MAX + 10);
}

/* FAULTS O3 */
static void a_log_line_can_not_be_broken_or_coloured_from_outside(void **state)
{
	char *line = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&line, &len);
	const struct clock_source fake = {fake_wall, fake_steady};

	(void)state;
	clock_replace(&fake);
	log_to(to);
	LOG_WARN("feed.odd", LOG_S("title", "a\r\nevil=1 \x1b[31m\xE2\x80\xAEx\xFFy"), LOG_I("n", -3),
		 LOG_S("none", NULL));
	assert_string_equal(line, "2024-02-29T12:00:00.123Z warn event=feed.odd "
				  "title=\"a\\r\\nevil=1 \\x1b[31m\\u{202e}x\\xffy\" n=-3 none=-\n");
	log_to(NULL);
	clock_replace(NULL);
	fclose(to);
	free(line);
}

static void what_a_stranger_can_trigger_is_held_back_and_counted(void **state)
{
	char *lines = NULL, *last;
	size_t len = 0;
	FILE *to = open_memstream(&lines, &len);
	const struct clock_source fake = {fake_wall, fake_steady};
	int i;

	(void)state;
	clock_replace(&fake);
	log_to(to);
	for (i = 0; i < 100; i++)
		LOG_LIMITED("x.bad", LOG_S("source", "a"));
	steady += LOG_REPEAT_MS;
	LOG_LIMITED("x.bad", LOG_S("source", "a"));
	fflush(to);
	last = strstr(lines, "held_back=99\n");
	assert_non_null(last);
	assert_non_null(memchr(lines, '\n', len));
	assert_ptr_equal((char *)memchr(lines, '\n', len) + 1 +
				 strlen("2024-02-29T12:00:00.123Z warn event=x.bad source=a "),
			 last);
	log_to(NULL);
	clock_replace(NULL);
	fclose(to);
	free(lines);
}

static void addresses_are_logged_without_their_secrets(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"https://ana:clave@example.com/a?token=abc&q=x#f", "https://***@example.com/a?token=***&q=***"},
		{"https://example.com/a#x?y=1", "https://example.com/a"},
		{"https://example.com/a?b@c", "https://example.com/a?b@c"},
		{"example.com", "example.com"},
		{"", ""},
	};
	struct buf b = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		buf_reset(&b);
		log_address(&b, cases[i].in);
		assert_string_equal(buf_str(&b), cases[i].out);
	}
	buf_done(&b);
}

static void the_language_is_that_of_the_tag(void **state)
{
	(void)state;
	assert_int_equal(text_lang_of("es_MX.UTF-8"), TEXT_ES);
	assert_int_equal(text_lang_of("es"), TEXT_ES);
	assert_int_equal(text_lang_of("est"), TEXT_EN);
	assert_int_equal(text_lang_of("C"), TEXT_EN);
}

static void what_is_one_is_told_as_one(void **state)
{
	static const struct {
		enum text_lang lang;
		const char *n, *want;
	} cases[] = {
		{TEXT_EN, "1", "1 error"}, {TEXT_EN, "0", "0 errors"},  {TEXT_EN, "11", "11 errors"},
		{TEXT_ES, "1", "1 error"}, {TEXT_ES, "2", "2 errores"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *text = TEXT(cases[i].lang, TEXT_MAIN_CHECK_WRONG, cases[i].n);

		assert_string_equal(text, cases[i].want);
	}
}

static void the_system_speaks_the_users_language(void **state)
{
	cleanup(freep) char *absent = text_errno(TEXT_ES, ENOENT), *folder = text_errno(TEXT_EN, EISDIR),
			    *rare = text_errno(TEXT_ES, EXDEV);

	(void)state;
	assert_string_equal(absent, "no existe");
	assert_string_equal(folder, "it is a folder, not a file");
	assert_string_equal(rare, "Invalid cross-device link");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_has_place_key_sentence_and_guess),
		cmocka_unit_test(notes_can_be_left_out),
		cmocka_unit_test(findings_are_bounded_and_all_counted),
		cmocka_unit_test(a_log_line_can_not_be_broken_or_coloured_from_outside),
		cmocka_unit_test(what_a_stranger_can_trigger_is_held_back_and_counted),
		cmocka_unit_test(addresses_are_logged_without_their_secrets),
		cmocka_unit_test(the_language_is_that_of_the_tag),
		cmocka_unit_test(what_is_one_is_told_as_one),
		cmocka_unit_test(the_system_speaks_the_users_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
