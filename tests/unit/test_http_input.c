/* serve/query, serve/body: what a request may say, and what is told of one that may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "serve/body.h"
#include "serve/query.h"

static const char *const known[] = {"q", "limit", "after", "topic", "follow", NULL};

/* The text of the one finding; "" without one. To be freed. */
static char *told(const struct diag *d)
{
	struct buf b = BUF_INIT(4096);

	if (diag_len(d))
		diag_render(&b, diag_at(d, 0), TEXT_EN);
	return buf_steal(&b);
}

static void parameters_are_decoded_or_refused(void **state)
{
	static const struct {
		const char *text, *q; /* q NULL: refused */
	} cases[] = {
		{"q=acme", "acme"},
		{"q=%C3%B1and%C3%BA+1", "ñandú 1"},
		{"q=a%2Bb%26c%3Dd", "a+b&c=d"},
		{"q=", ""},
		{"q", ""},
		{"&&q=1&", "1"},
		{"%71=1", "1"},
		{"q=%00", NULL}, /* FAULTS A5: evhttp's own decoding gives an embedded NUL */
		{"q=a%0", NULL},
		{"q=a%", NULL},
		{"q=%zz", NULL},
		{"q=%c3", NULL}, /* ill-formed UTF-8 */
		{"q=%0a", NULL},
		{"q=1&q=2", NULL},
		{"w=1", NULL},
		{"=1", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		struct query q = {NULL};
		int r = query_parse(cases[i].text, known, d, &q);

		if (r != (cases[i].q ? 0 : QUERY_E_INVALID) || diag_len(d) != (size_t)(r != 0))
			fail_msg("%s: %d, %zu findings", cases[i].text, r, diag_len(d));
		if (cases[i].q)
			assert_string_equal(query_text(&q, "q"), cases[i].q);
		query_done(&q);
	}
}

static void parameters_are_bounded(void **state)
{
	static const char *const many[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", NULL};
	cleanup(diag_freep) struct diag *d = diag_new();
	char long_one[QUERY_MAX_BYTES + 2];
	struct query q;

	(void)state;
	assert_int_equal(query_parse("a&b&c&d&e&f&g&h&i&j", many, d, &q), 0);
	assert_int_equal(q.n, QUERY_PARAMETERS_MAX);
	query_done(&q);
	assert_int_equal(query_parse("a&b&c&d&e&f&g&h&i&j&k", many, d, &q), QUERY_E_INVALID);
	memset(long_one, 'x', sizeof(long_one));
	long_one[sizeof(long_one) - 1] = '\0';
	long_one[0] = 'q';
	long_one[1] = '=';
	assert_int_equal(query_parse(long_one, known, d, &q), QUERY_E_INVALID);
	long_one[QUERY_MAX_BYTES] = '\0';
	assert_int_equal(query_parse(long_one, known, d, &q), 0);
	query_done(&q);
}

static void a_near_miss_is_named(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(freep) char *text = NULL;
	struct query q;

	(void)state;
	assert_int_equal(query_parse("limti=3", known, d, &q), QUERY_E_INVALID);
	text = told(d);
	assert_non_null(strstr(text, "did you mean \"limit\"?"));
}

static void numbers_flags_names_cursors(void **state)
{
	static const struct {
		const char *text;
		bool right;
	} cases[] = {
		{"limit=1", true},
		{"limit=1000", true},
		{"limit=0", false},
		{"limit=1001", false},
		{"limit=-1", false},
		{"limit=1x", false},
		{"limit=", false},
		{"limit=18446744073709551617", false},
		{"follow=1", true},
		{"follow=0", true},
		{"follow=yes", false},
		{"follow=", false},
		{"topic=acme_mx-2", true},
		{"topic=Acme", false},
		{"topic=", false},
		{"after=1-0", true},
		{"after=9223372036854775807-18446744073709551615", true},
		{"after=1", false},
		{"after=1-", false},
		{"after=-1", false},
		{"after=1-0x", false},
		{"after=9223372036854775808-0", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		struct stream_id after = {7, 7};
		const char *topic = NULL;
		bool follow = false, given;
		size_t limit = 77;
		struct query q;
		int r;

		assert_int_equal(query_parse(cases[i].text, known, d, &q), 0);
		r = query_number(&q, "limit", 1000, d, &limit) || query_flag(&q, "follow", d, &follow) ||
		    query_name(&q, "topic", d, &topic) || query_cursor(&q, "after", d, &given, &after);
		if (!r != cases[i].right || diag_len(d) != (size_t)!cases[i].right)
			fail_msg("%s: %d", cases[i].text, r);
		if (!cases[i].right) /* written on success alone */
			assert_true(limit == 77 && !follow && !topic && after.ms == 7);
		query_done(&q);
	}
}

static void bodies(void **state)
{
	static const struct {
		const char *json, *told; /* NULL: right */
	} cases[] = {
		{"{\"text\":\"Llamó una clienta\"}", NULL},
		{"{\"text\":\"t\",\"title\":\"T\",\"url\":\"https://example.com/"
		 "\",\"author\":\"ana\",\"topic\":\"acme\"}",
		 NULL},
		{"", "JSON object"},
		{"[]", "JSON object"},
		{"{\"text\":\"t\"} x", "JSON object"},
		{"{\"text\":\"a\\u0000b\"}", "JSON object"},
		{"{\"text\":\"\xc3\"}", "JSON object"},
		{"{\"text\":\"t\",\"text\":\"u\"}", "JSON object"},
		{"{}", "text: expected some text"},
		{"{\"text\":\"\"}", "text: expected some text"},
		{"{\"text\":5}", "text: expected some text"},
		{"{\"text\":\"t\",\"titel\":\"T\"}", "did you mean \"title\"?"},
		{"{\"text\":\"t\",\"url\":\"javascript:alert(1)\"}", "url: expected an address"},
		{"{\"text\":\"t\",\"topic\":\"Acme MX\"}", "topic: expected a name"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		cleanup(freep) char *text = NULL;
		struct body body = {NULL};
		struct serve_add add;
		int r = body_add(cases[i].json, strlen(cases[i].json), d, &body, &add);

		text = told(d);
		if (r != (cases[i].told ? BODY_E_INVALID : 0) || (cases[i].told && !strstr(text, cases[i].told)))
			fail_msg("%s: %d %s", cases[i].json, r, text);
		body_done(&body);
	}
}

static void a_text_that_is_too_long_is_told(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(BODY_TEXT_MAX_BYTES + 100);
	cleanup(freep) char *text = NULL;
	struct serve_add add;
	struct body body;
	size_t i;

	(void)state;
	buf_puts(&b, "{\"text\":\"");
	for (i = 0; i < BODY_TEXT_MAX_BYTES; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\"}");
	assert_int_equal(body_add(b.data, b.len, d, &body, &add), 0);
	body_done(&body);
	b.len -= 2;
	buf_puts(&b, "x\"}");
	assert_int_equal(body_add(b.data, b.len, d, &body, &add), BODY_E_INVALID);
	text = told(d);
	assert_non_null(strstr(text, "too long"));
	buf_done(&b);
}

static void a_poll_names_one_or_says_all(void **state)
{
	static const struct {
		const char *json;
		int r;
		const char *name;
	} cases[] = {
		{"{\"name\":\"prensa\"}", 0, "prensa"},
		{"{\"all\":true}", 0, NULL},
		{"{}", BODY_E_INVALID, NULL},
		{"{\"all\":false}", BODY_E_INVALID, NULL},
		{"{\"all\":true,\"name\":\"prensa\"}", BODY_E_INVALID, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		struct body body = {NULL};
		const char *name = NULL;

		assert_int_equal(body_poll(cases[i].json, strlen(cases[i].json), d, &body, &name), cases[i].r);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
		body_done(&body);
	}
}

static void a_reload_has_no_body(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();

	(void)state;
	assert_int_equal(body_empty("", 0, d), 0);
	assert_int_equal(body_empty("{}", 2, d), 0);
	assert_int_equal(body_empty("{\"force\":true}", 14, d), BODY_E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_decoded_or_refused),
		cmocka_unit_test(parameters_are_bounded),
		cmocka_unit_test(a_near_miss_is_named),
		cmocka_unit_test(numbers_flags_names_cursors),
		cmocka_unit_test(bodies),
		cmocka_unit_test(a_text_that_is_too_long_is_told),
		cmocka_unit_test(a_poll_names_one_or_says_all),
		cmocka_unit_test(a_reload_has_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
