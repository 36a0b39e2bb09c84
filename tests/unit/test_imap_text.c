/* fetch/imap_text: names and words as IMAP writes them, and a server's bytes as they come: whole, letter by letter, and hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fetch/imap_text.h"

static void folders_are_written_in_modified_utf7(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{"INBOX", "\"INBOX\""},
		{"Quejas & más", "\"Quejas &- m&AOE-s\""},
		{"~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""}, /* RFC 3501's own */
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"\xF0\x9F\x98\x80", "\"&2D3eAA-\""},
		{"ñ&", "\"&APE-&-\""},
		{"", "\"\""},
	};
	struct buf b = BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		buf_reset(&b);
		imap_put_folder(&b, cases[i].name);
		assert_string_equal(buf_str(&b), cases[i].want);
	}
	buf_reset(&b);
	imap_put_quoted(&b, "x\r\nA1 LOGOUT"); /* no word becomes a command */
	assert_string_equal(buf_str(&b), "\"\"");
	buf_reset(&b);
	imap_put_day(&b, INT64_C(1795352474) * SECOND_MS);
	assert_string_equal(buf_str(&b), "22-Nov-2026");
	buf_done(&b);
}

static const char answer[] =
	"* OK [UIDNEXT 3] go on {5}\r\n"
	"* 1 FETCH (FLAGS (\\Seen \"a)b\") UID 7 INTERNALDATE \" 2-Jan-2026 10:00:00 +0100\" BODY[]<0> {9}\r\n"
	"E1 OK\r\n){ RFC822.SIZE 20)\r\n"
	"E1 OK done\r\n";

/* What it came to, however it was cut. */
static void take(size_t step)
{
	struct imap_reader r;
	struct imap_item item;
	const char *words;
	size_t at = 0, used, n = 0;
	int got;

	imap_reader_init(&r);
	while (at < strlen(answer)) {
		size_t len = strlen(answer) - at < step ? strlen(answer) - at : step;

		got = imap_read(&r, answer + at, len, &used);
		at += used;
		assert_true(got == 0 || got == IMAP_READ_MORE);
		if (got)
			continue;
		switch (n++) {
		case 0:
			assert_int_equal(imap_status_of(buf_str(&r.line), "*", &words), IMAP_OK);
			assert_false(r.has_literal);
			break;
		case 1:
			assert_int_equal(imap_status_of(buf_str(&r.line), "E1", &words), IMAP_NONE);
			assert_true(imap_item_of(buf_str(&r.line), &item));
			assert_true(item.uid == 7 && item.size == 20 && item.has_body && !item.text_at);
			assert_int_equal(item.arrived_ms, INT64_C(1767344400) * SECOND_MS);
			assert_int_equal(r.literal.len, 9);
			assert_memory_equal(buf_str(&r.literal), "E1 OK\r\n){", 9);
			break;
		default:
			assert_int_equal(imap_status_of(buf_str(&r.line), "E1", &words), IMAP_OK);
		}
	}
	assert_int_equal(n, 3);
	imap_reader_done(&r);
}

static void an_answer_is_the_same_however_it_is_cut(void **state)
{
	size_t step;

	(void)state;
	for (step = 1; step <= strlen(answer); step++)
		take(step);
}

static void status_codes_are_read(void **state)
{
	const char *words = "";
	uint32_t n = 0;

	(void)state;
	assert_int_equal(imap_status_of("E1 NO [UNAVAILABLE] later\n", "E1", &words), IMAP_NO);
	assert_true(imap_has_code(words, "unavailable") && !imap_has_code(words, "UN"));
	assert_int_equal(imap_status_of("E11 OK\n", "E1", &words), IMAP_NONE);
	assert_int_equal(imap_status_of("E1 OKAY\n", "E1", &words), IMAP_NONE);
	assert_true(imap_number_code("[UIDVALIDITY 4294967295] x\n", "UIDVALIDITY", &n) && n == UINT32_MAX);
	assert_false(imap_number_code("[UIDVALIDITY 4294967296]\n", "UIDVALIDITY", &n));
	assert_false(imap_number_code("[UIDVALIDITY]\n", "UIDVALIDITY", &n));
	assert_true(imap_exists("* 23 EXISTS\n", &n) && n == 23);
	assert_false(imap_exists("* EXISTS\n", &n));
}

static void count(void *arg, uint32_t n)
{
	*(uint64_t *)arg += n;
}

static void searches_and_odd_items(void **state)
{
	static const char *const odd[] = {"* 1 FETCH (\n",
					  "* 1 FETCH (UID\n",
					  "* 1 FETCH (UID 5 BODY[] \"a\n",
					  "* 1 FETCH (UID x)\n",
					  "* 1 FETCH ((((((\n",
					  "* 1 FETCH ()\n",
					  "* 1 FETCH (BODY[HEADER.FIELDS (A B)] NIL UID 5\n"};
	struct imap_item item;
	uint64_t sum = 0;
	size_t i;

	(void)state;
	assert_true(imap_search_each("* SEARCH 2 84 99999999999 882\n", count, &sum) && sum == 968);
	assert_true(imap_search_each("* SEARCH\n", count, &sum) && sum == 968);
	assert_false(imap_search_each("* LIST\n", count, &sum));
	for (i = 0; i < ARRAY_LEN(odd); i++)
		assert_true(imap_item_of(odd[i], &item) && !item.has_body);
	assert_int_equal(item.uid, 5);
	assert_true(imap_item_of("* 1 FETCH (BODY[] \"a\\\"b\" UID 5)\n", &item));
	assert_true(item.has_body && item.uid == 5 && item.text_len == 4);
	assert_false(imap_item_of("* x FETCH (UID 5)\n", &item));
}

static void what_is_too_long_is_no_answer(void **state)
{
	static char bytes[64 * 1024];
	struct imap_reader r;
	size_t used, n = 0;
	int got;

	(void)state;
	memset(bytes, '1', sizeof(bytes));
	imap_reader_init(&r);
	while ((got = imap_read(&r, bytes, sizeof(bytes), &used)) == IMAP_READ_MORE)
		assert_true((n += used) < IMAP_LINE_MAX + sizeof(bytes));
	assert_int_equal(got, IMAP_READ_WRONG);
	imap_reader_done(&r);
	imap_reader_init(&r);
	assert_int_equal(imap_read(&r, "* 1 FETCH (BODY[] {4000000000}\r\n", 32, &used), IMAP_READ_MORE);
	for (n = 0; n < 40; n++)
		assert_int_equal(imap_read(&r, bytes, sizeof(bytes), &used), IMAP_READ_MORE);
	assert_int_equal(r.literal.len, IMAP_LITERAL_KEPT_MAX); /* its beginning, and no more memory than that */
	imap_reader_done(&r);
	imap_reader_init(&r);
	assert_int_equal(imap_read(&r, "* OK\0A1 OK\r\n", 12, &used), IMAP_READ_WRONG);
	imap_reader_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_are_written_in_modified_utf7),
		cmocka_unit_test(an_answer_is_the_same_however_it_is_cut),
		cmocka_unit_test(status_codes_are_read),
		cmocka_unit_test(searches_and_odd_items),
		cmocka_unit_test(what_is_too_long_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
