/* base/log, log_line, log_journal: what an event looks like, whatever a stranger put into it. FAULTS O3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/log_journal.h"
#include "base/log_line.h"

enum { ROOM = 1024 * 1024 };
static const int64_t AT = 1795341600123; /* 2026-11-22T10:00:00.123Z */

static const struct {
	const char *value, *plain, *json;
} values[] = {
	{"prensa", "prensa", "\"prensa\""},
	{"", "\"\"", "\"\""},
	{"dos palabras", "\"dos palabras\"", "\"dos palabras\""},
	{"a=\"b\"", "\"a=\\\"b\\\"\"", "\"a=\\\"b\\\"\""},
	{"c:\\d", "c:\\\\d", "\"c:\\\\d\""},
	{"una\nlevel=error event=forged", "\"una\\nlevel=error event=forged\"",
	 "\"una\\u000alevel=error event=forged\""},
	{"\x1b[31mrojo", "\\x1b[31mrojo", "\"\\u001b[31mrojo\""},
	{"\x7f", "\\x7f", "\"\\u007f\""},
	{"\xC2\x9B"
	 "31m",
	 "\\u{009b}31m", "\"\\u009b31m\""}, /* C1: a terminal's CSI */
	{"a\xE2\x80\xAE"
	 "b",
	 "a\\u{202e}b", "\"a\\u202eb\""},                                 /* bidi override */
	{"a\xFF\xC3(", "a\\xff\\xc3(", "\"a\xEF\xBF\xBD\xEF\xBF\xBD(\""}, /* ill-formed: JSON stays JSON */
	{"ñandú 日本", "\"ñandú 日本\"", "\"ñandú 日本\""},
	{"https://ana:secreto@example.com/a?token=abc&b=1#x", "\"https://***@example.com/a?token=***&b=***\"",
	 "\"https://***@example.com/a?token=***&b=***\""},
	{"no: redis://:clave@10.0.0.1:6379/0 and <https://h/?k=v> too",
	 "\"no: redis://***@10.0.0.1:6379/0 and <https://h/?k=***> too\"",
	 "\"no: redis://***@10.0.0.1:6379/0 and <https://h/?k=***> too\""},
	{"https://h/a@b", "https://h/a@b", "\"https://h/a@b\""}, /* no user part */
	{"http://h?a", "http://h?a", "\"http://h?a\""},
	{"://", "://", "\"://\""},
};

static void each_value_is_shown_safely(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		const struct log_field field = LOG_S("v", values[i].value);
		const struct log_entry e = {AT, LOG_LEVEL_WARN, "x.y", &field, 1, 0};
		struct buf b = BUF_INIT(ROOM), want = BUF_INIT(ROOM);

		log_line_plain(&b, &e);
		buf_printf(&want, "2026-11-22T10:00:00.123Z warn event=x.y v=%s", values[i].plain);
		assert_string_equal(buf_str(&b), buf_str(&want));
		buf_reset(&b);
		buf_reset(&want);
		log_line_json(&b, &e);
		buf_printf(&want,
			   "{\"time\":\"2026-11-22T10:00:00.123Z\",\"level\":\"warn\",\"event\":\"x.y\",\"v\":%s}",
			   values[i].json);
		assert_string_equal(buf_str(&b), buf_str(&want));
		buf_done(&b);
		buf_done(&want);
	}
}

static void a_long_value_is_cut_after_it_was_masked(void **state)
{
	static char text[3 * LOG_VALUE_MAX_BYTES];
	const struct log_field field = {.key = "v", .text = text};
	struct buf b = BUF_INIT(ROOM);
	size_t i;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	log_line_value(&b, &field);
	assert_int_equal(b.len, LOG_VALUE_MAX_BYTES + strlen("…"));
	buf_reset(&b);
	for (i = 0; i + 2 < sizeof(text); i += 2) /* never in the middle of a character */
		memcpy(text + i, "ñ", 2);
	text[i] = '\0';
	memmove(text + 1, text, sizeof(text) - 2);
	text[0] = 'a';
	log_line_value(&b, &field);
	assert_int_equal(b.len, LOG_VALUE_MAX_BYTES - 1 + strlen("…"));
	buf_reset(&b);
	memset(text, 'a', sizeof(text) - 1); /* the end of the user part lies behind the cut */
	memcpy(text, "http://u:secreto", 16);
	memcpy(text + 2 * LOG_VALUE_MAX_BYTES, "@host", 5);
	log_line_value(&b, &field);
	assert_memory_equal(buf_str(&b), "http://***@host", 15);
	buf_done(&b);
}

static void numbers_and_what_was_held_back(void **state)
{
	const struct log_field fields[] = {LOG_S("source", NULL), LOG_I("n", INT64_MIN)};
	const struct log_entry e = {AT, LOG_LEVEL_ERROR, "x", fields, 2, 7};
	struct buf b = BUF_INIT(ROOM);

	(void)state;
	log_line_plain(&b, &e);
	assert_string_equal(buf_str(&b),
			    "2026-11-22T10:00:00.123Z error event=x source=- n=-9223372036854775808 held_back=7");
	buf_reset(&b);
	log_line_json(&b, &e);
	assert_string_equal(
		buf_str(&b),
		"{\"time\":\"2026-11-22T10:00:00.123Z\",\"level\":\"error\",\"event\":\"x\",\"source\":\"-\","
		"\"n\":-9223372036854775808,\"held_back\":7}");
	buf_done(&b);
}

/* The n-th of the fields that log_journal_fields() made. */
static const char *field_at(const struct buf *b, size_t n)
{
	const char *s = buf_str(b);

	while (n--)
		s += strlen(s) + 1;
	return s;
}

static void journald_gets_fields(void **state)
{
	const struct log_field fields[] = {LOG_S("source", "prensa"), LOG_S("detail", "see https://u:p@h/?k=v\n"),
					   LOG_I("retry_s", 40)};
	const struct log_entry e = {AT, LOG_LEVEL_WARN, "poll.failed", fields, 3, 2};
	static const char *const want[] = {
		"MESSAGE=event=poll.failed source=prensa detail=\"see https://***@h/?k=***\\n\" retry_s=40 held_back=2",
		"PRIORITY=4",
		"ESCUCHAD_EVENT=poll.failed",
		"MESSAGE_ID=01bbc878e1d64bb4a03d0e0570e6e4d1",
		"HELD_BACK=2",
		"SOURCE_ID=prensa",
		"ESCUCHAD_DETAIL=see https://***@h/?k=***\\n",
		"ESCUCHAD_RETRY_S=40",
	};
	struct buf b = BUF_INIT(ROOM);
	size_t i;

	(void)state;
	assert_int_equal(log_journal_fields(&e, &b), sizeof(want) / sizeof(*want));
	for (i = 0; i < sizeof(want) / sizeof(*want); i++)
		assert_string_equal(field_at(&b, i), want[i]);
	buf_done(&b);
}

static void fields_past_the_bound_stay_in_the_message(void **state)
{
	struct log_field fields[LOG_JOURNAL_FIELDS_MAX + 1];
	const struct log_entry e = {AT, LOG_LEVEL_DEBUG, "x", fields, LOG_JOURNAL_FIELDS_MAX + 1, 0};
	struct buf b = BUF_INIT(ROOM);
	size_t i;

	(void)state;
	for (i = 0; i < LOG_JOURNAL_FIELDS_MAX + 1; i++)
		fields[i] = (struct log_field)LOG_I("k", (int64_t)i);
	assert_int_equal(log_journal_fields(&e, &b), LOG_JOURNAL_FIELDS_MAX);
	assert_non_null(strstr(field_at(&b, 0), " k=16"));
	assert_string_equal(field_at(&b, 1), "PRIORITY=7");
	buf_done(&b);
}

static void journald_is_known_by_its_socket_alone(void **state)
{
	char stream[64];
	struct stat st;
	int null = open("/dev/null", O_WRONLY);

	(void)state;
	assert_int_equal(fstat(null, &st), 0);
	unsetenv("JOURNAL_STREAM");
	assert_false(log_journal_reads(null));
	setenv("JOURNAL_STREAM", "1:2", 1); /* inherited: it names another file */
	assert_false(log_journal_reads(null));
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_true(log_journal_reads(null));
	assert_false(log_journal_reads(-1));
	unsetenv("JOURNAL_STREAM");
	close(null);
}

/* --- where it goes --- */

static int64_t now_ms = 1000;
static int64_t now(void)
{
	return now_ms;
}

static size_t taken;
static bool takes;
static uint64_t held;

static bool take(const struct log_entry *e)
{
	taken++;
	held = e->held;
	return takes;
}

static size_t lines(FILE *f, char **text)
{
	size_t n = 0;
	char *s;

	fflush(f);
	for (s = *text; (s = strchr(s, '\n')); s++)
		n++;
	return n;
}

static void a_sink_takes_events_and_lines_come_where_it_does_not(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	log_to(f);
	log_sink(take);
	takes = true;
	LOG_WARN("x");
	assert_int_equal(taken, 1);
	assert_int_equal(lines(f, &text), 0);
	takes = false; /* journald is away: nothing is lost */
	LOG_WARN("x");
	assert_int_equal(taken, 2);
	assert_int_equal(lines(f, &text), 1);
	log_sink(NULL);
	LOG_WARN("x");
	assert_int_equal(taken, 2);
	assert_int_equal(lines(f, &text), 2);
	LOG_DEBUG("x");
	assert_int_equal(lines(f, &text), 2);
	log_to(NULL);
	fclose(f);
	free(text);
}

static void what_repeats_is_held_back_in_every_form(void **state)
{
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	log_to(f);
	log_format(LOG_FORMAT_JSON);
	for (i = 0; i < 100; i++)
		LOG_LIMITED("y", LOG_S("source", "a"));
	LOG_LIMITED("y", LOG_S("source", "b"));
	assert_int_equal(lines(f, &text), 2);
	now_ms += LOG_REPEAT_MS;
	LOG_LIMITED("y", LOG_S("source", "a"));
	assert_int_equal(lines(f, &text), 3);
	assert_non_null(strstr(text, "\"held_back\":99}"));
	log_sink(take);
	takes = true;
	taken = 0;
	for (i = 0; i < 100; i++)
		LOG_LIMITED("z");
	assert_int_equal(taken, 1);
	now_ms += LOG_REPEAT_MS;
	LOG_LIMITED("z");
	assert_int_equal(taken, 2);
	assert_int_equal(held, 99);
	log_sink(NULL);
	log_format(LOG_FORMAT_PLAIN);
	log_to(NULL);
	fclose(f);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_is_shown_safely),
		cmocka_unit_test(a_long_value_is_cut_after_it_was_masked),
		cmocka_unit_test(numbers_and_what_was_held_back),
		cmocka_unit_test(journald_gets_fields),
		cmocka_unit_test(fields_past_the_bound_stay_in_the_message),
		cmocka_unit_test(journald_is_known_by_its_socket_alone),
		cmocka_unit_test(a_sink_takes_events_and_lines_come_where_it_does_not),
		cmocka_unit_test(what_repeats_is_held_back_in_every_form),
	};

	clock_replace(&(struct clock_source){now, now});
	return cmocka_run_group_tests(tests, NULL, NULL);
}
