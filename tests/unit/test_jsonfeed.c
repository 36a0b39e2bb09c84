/* JSON Feed and lines of mentions to mentions. FAULTS P10 as far as it touches feeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "mention/job.h"
#include "parse/feed.h"
#include "parse/parse.h"

#define SEEN_MS INT64_C(1795600000000) /* 2026-11-25 */

static void parse(struct arena *a, const char *format, const char *body, size_t len, struct answer *ret)
{
	struct job_feed job = {.source = "fuente",
			       .platform = "feed",
			       .address = "https://json.example/feed.json",
			       .format = format,
			       .seen_ms = SEEN_MS,
			       .not_before_ms = TIME_NONE,
			       .body = body,
			       .body_len = len};

	feed_parse(&job, a, ret);
}

static void read_file(const char *name, struct buf *body)
{
	cleanup(buf_done) struct buf path = BUF_INIT(4096);
	char *to;
	FILE *file;

	buf_put(&path, __FILE__, (size_t)(strrchr(__FILE__, '/') - __FILE__));
	buf_printf(&path, "/../data/feeds/%s", name);
	file = fopen(path.data, "rb");
	if (!file)
		fail_msg("%s: run from the build folder", path.data);
	to = buf_reserve(body, 65536);
	buf_commit(body, fread(to, 1, 65536, file));
	fclose(file);
}

static void test_jsonfeed(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 24);
	cleanup(buf_done) struct buf body = BUF_INIT(1 << 20);
	struct answer answer;
	const struct mention *m;
	char time[CLOCK_RFC3339_SIZE];

	(void)state;
	read_file("feed.json", &body);
	parse(a, "auto", body.data, body.len, &answer);
	m = answer.mentions;
	assert_int_equal(answer.status, ANSWER_OK);
	assert_string_equal(answer.feed.format, "json");
	assert_string_equal(answer.feed.title, "JSON de Andino");
	assert_string_equal(answer.feed.hub, "https://hub.example/j");
	assert_int_equal(answer.n_mentions, 3);
	assert_string_equal(m[0].guid, "1234567890123456789"); /* to the letter */
	assert_string_equal(m[0].url, "https://json.example/1");
	assert_string_equal(m[0].title, "Uno & dos");
	assert_string_equal(m[0].text, "Hola, mundo");
	assert_string_equal(m[0].author.name, "Beto");
	assert_string_equal(m[0].lang, "en");
	assert_string_equal(clock_rfc3339(m[0].published_ms, 0, time), "2026-11-20T15:00:00Z");
	assert_string_equal(m[1].guid, "b");
	assert_string_equal(m[1].url, "https://otro.example/x");
	assert_string_equal(m[1].text, "a < b\nc");
	assert_string_equal(m[1].author.name, "Dora");
	assert_string_equal(m[1].kind, "podcast");
	assert_string_equal(m[1].lang, "es");
	assert_string_equal(clock_rfc3339(m[1].published_ms, 0, time), "2026-11-19T00:00:00Z");
	assert_null(m[2].url);
	assert_string_equal(m[2].author.name, "La Redacción"); /* the feed's */
	assert_string_equal(m[2].author.url, "https://json.example/about");
}

static const struct {
	const char *format, *body;
	enum answer_status status;
	bool recovered;
	size_t mentions;
} outcomes[] = {
	{"auto", "{\"items\":[]}", ANSWER_OK, false, 0},
	{"auto", "\xEF\xBB\xBF {\"items\":[{\"id\":\"x\"}]}", ANSWER_OK, false, 1},
	{"auto", "{\"items\":[{\"title\":\"a\\u0000b\"}]}", ANSWER_OK, false, 1},
	{"auto", "{\"items\":[{\"id\":[1],\"title\":{},\"url\":7,\"authors\":3,\"date_published\":true}]}", ANSWER_OK,
	 false, 0},
	{"auto", "{\"items\":{}}", ANSWER_NOT_A_FEED, false, 0},
	{"auto", "{\"items\":[}", ANSWER_MALFORMED, false, 0},
	{"mentions", "", ANSWER_OK, false, 0},
	{"mentions", "{\"text\":\"a\"}\n\n{\"text\":\"b\"}\n", ANSWER_OK, false, 2},
	{"mentions", "{\"text\":\"a\"}\nbasura\n{\"text\":\"b\"}", ANSWER_OK, true, 2},
	{"mentions", "basura\n[1]\n", ANSWER_MALFORMED, false, 0},
};

static void test_outcomes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(outcomes); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(1 << 24);
		struct answer answer;

		parse(a, outcomes[i].format, outcomes[i].body, strlen(outcomes[i].body), &answer);
		assert_int_equal(answer.status, outcomes[i].status);
		assert_int_equal(answer.recovered, outcomes[i].recovered);
		assert_int_equal(answer.n_mentions, outcomes[i].mentions);
		assert_true((answer.why != NULL) == (answer.status != ANSWER_OK || answer.recovered));
	}
}

static void test_depth(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 24);
	cleanup(buf_done) struct buf body = BUF_INIT(1 << 20);
	struct answer answer;
	size_t i;

	(void)state;
	buf_puts(&body, "{\"items\":");
	for (i = 0; i < 10000; i++)
		buf_putc(&body, '[');
	parse(a, "auto", body.data, body.len, &answer);
	assert_int_equal(answer.status, ANSWER_MALFORMED);
}

/* A mention that was written comes back the same, but for what the job says. */
static void test_mentions_come_back(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 24);
	cleanup(buf_done) struct buf first = BUF_INIT(1 << 20), second = BUF_INIT(1 << 20);
	struct json j = JSON_OUT(&first), k = JSON_OUT(&second);
	struct mention m;
	struct answer answer;

	(void)state;
	mention_init(&m);
	mention_identity("mastodon", "1", m.id);
	m.source = "fuente";
	m.platform = "feed";
	m.kind = "review";
	m.guid = "https://m.example/1";
	m.url = "https://m.example/@ana/1";
	m.title = "Un título <con> signos &amp; \"comillas\"";
	m.text = "dos\nlíneas";
	m.lang = "es";
	m.country = "MX";
	m.author = (struct mention_author){"Ana", "ana", "https://m.example/@ana", 12};
	m.published_ms = SEEN_MS - 5500;
	m.seen_ms = SEEN_MS;
	m.counts = (struct mention_counts){1, 2, 3, COUNT_NONE};
	m.rating = 4.5;
	m.version = "7.1";
	m.parent = "0";
	m.repeats = "luis";
	mention_json(&j, NULL, &m);
	parse(a, "mentions", first.data, first.len, &answer);
	assert_int_equal(answer.n_mentions, 1);
	mention_json(&k, NULL, &answer.mentions[0]);
	assert_string_equal(buf_str(&first), buf_str(&second));
}

/* FAULTS P16: no text of a line is over its bound, or the main process would take the whole answer for broken. */
static void test_fields_are_bounded(void **state)
{
	static const char *const fields[] = {"kind",    "guid", "country", "parent", "version",
					     "repeats", "url",  "lang",    "title"};
	cleanup(arena_freep) struct arena *a = arena_new(1 << 24);
	cleanup(buf_done) struct buf body = BUF_INIT(1 << 20), wire = BUF_INIT(1 << 20);
	struct answer answer, copy;
	size_t i, k;

	(void)state;
	buf_puts(&body, "{\"text\":\"t\"");
	for (i = 0; i < ARRAY_LEN(fields); i++) {
		buf_printf(&body, ",\"%s\":\"https://a.example/", fields[i]);
		for (k = 0; k < MENTION_FIELD_MAX_BYTES; k++)
			buf_putc(&body, 'x');
		buf_puts(&body, "\"");
	}
	buf_puts(&body, "}");
	parse(a, "mentions", body.data, body.len, &answer);
	assert_int_equal(answer.n_mentions, 1);
	answer_put(&wire, &answer);
	assert_int_equal(answer_get(wire.data, wire.len, a, &copy), 0);
	assert_int_equal(strlen(copy.mentions[0].guid), MENTION_FIELD_MAX_BYTES);
}

static int setup(void **state)
{
	(void)state;
	parse_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jsonfeed),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_mentions_come_back),
		cmocka_unit_test(test_fields_are_bounded),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
