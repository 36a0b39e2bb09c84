/* parse/json_scan: what libjq gets to see of the bytes. FAULTS P10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "parse/json_names.h"
#include "parse/json_scan.h"

static struct json_names *names_of(const char *const *v)
{
	struct json_names *names = json_names_new();

	for (; *v; v++)
		json_names_add(names, *v, strlen(*v));
	return names;
}

static void scanned(const char *in, const struct json_names *names, const char *want)
{
	struct buf out = BUF_INIT(1 << 20);
	const char *at = in;

	assert_int_equal(json_scan(&at, in + strlen(in), names, &out), 0);
	assert_string_equal(buf_str(&out), want);
	buf_done(&out);
}

static void whole_numbers_beyond_a_double_become_texts(void **state)
{
	static const char *const cases[][2] = {
		{"9007199254740992", "9007199254740992"},
		{"9007199254740993", "\"9007199254740993\""},
		{"-9007199254740992", "-9007199254740992"},
		{"-9007199254740993", "\"-9007199254740993\""},
		{"1732267200123456", "1732267200123456"}, /* Jetstream's time_us: 16 digits, and exact */
		{"7173219218917098794", "\"7173219218917098794\""},
		{"18446744073709551616123", "\"18446744073709551616123\""},
		{"[1234567890123456789,-1234567890123456789 , 1]",
		 "[\"1234567890123456789\",\"-1234567890123456789\" , 1]"},
		{"{\"id\":1234567890123456789}", "{\"id\":\"1234567890123456789\"}"},
		{"1234567890123456789.5",
		 "1234567890123456789.5"}, /* a fraction: nothing that tells two things apart */
		{"12345678901234567890e3", "12345678901234567890e3"},
		{"12345678901234567890E-3", "12345678901234567890E-3"},
		{"\"1234567890123456789\"", "\"1234567890123456789\""}, /* in a text: what it was */
		{"\"\\\"1234567890123456789\"", "\"\\\"1234567890123456789\""},
		{"\"\\\\\"", "\"\\\\\""},
		{"{\"1234567890123456789\":0}", "{\"1234567890123456789\":0}"},
		{"\"\\ud83d\\ude00\\uD83D\\uDE00\"", "\"\\ud83d\\ude00\\uD83D\\uDE00\""}, /* pairs */
		{"\"a\\ud83d\"", "\"a\\ufffd\""},
		{"\"\\ud83d\\ud83d\\ude00b\"", "\"\\ufffd\\ud83d\\ude00b\""},
		{"\"\\ude00\\n\"", "\"\\ufffd\\n\""},
		{"\"\\\\ud83d\"", "\"\\\\ud83d\""}, /* a backslash, and letters */
		{" true ", "true"},
		{"null", "null"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		scanned(cases[i][0], NULL, cases[i][1]);
}

static void what_is_not_named_is_left_out(void **state)
{
	static const char *const cases[][2] = {
		{"{\"a\":1,\"x\":2,\"b\":3}", "{\"a\":1,\"b\":3}"},
		{"{\"x\":1,\"a\":2}", "{\"a\":2}"},
		{"{\"a\":1,\"x\":2}", "{\"a\":1}"},
		{"{\"x\":1}", "{}"},
		{"{\"x\":1 , \"y\":[{\"a\":1}] }", "{}"},
		{"{ \"a\" : 1 , \"x\" : {\"a\":\"}\"} , \"y\" : \"\\\"\" }", "{ \"a\" : 1 }"},
		{"[{\"a\":{\"x\":[1,2],\"b\":[]}},{\"x\":null}]", "[{\"a\":{\"b\":[]}},{}]"},
		{"{\"x\":12345678901234567890,\"a\":12345678901234567890}", "{\"a\":\"12345678901234567890\"}"},
		{"{\"\\u0078\":1,\"a\":2}", "{\"\\u0078\":1,\"a\":2}"}, /* who knows what it says */
		{"{}", "{}"},
		{"[]", "[]"},
	};
	struct json_names *names = names_of((const char *const[]){"a", "b", NULL});
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		scanned(cases[i][0], names, cases[i][1]);
	json_names_free(names);
}

static void a_sequence_goes_on_behind_a_line_that_is_broken(void **state)
{
	static const char in[] = "{\"a\":1}\r\n\r\n{\"a\":\n{\"a\":2}\n]oops\n{\"a\":3} {\"a\":4}\n{\"a\":";
	static const int want[] = {
		0, JSON_SCAN_E_BROKEN, 0, JSON_SCAN_E_BROKEN, 0, 0, JSON_SCAN_E_BROKEN, JSON_SCAN_E_END};
	const char *at = in;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(want); i++) {
		struct buf out = BUF_INIT(1 << 10);

		assert_int_equal(json_scan(&at, in + sizeof(in) - 1, NULL, &out), want[i]);
		buf_done(&out);
	}
}

static void no_end_within_is_broken(void **state)
{
	static const char whole[] = "{\"a\":[1,{\"b\":\"c\\\"\"},true],\"x\":[\"]\",{}]}";
	struct json_names *names = names_of((const char *const[]){"a", NULL});
	size_t len;

	(void)state;
	for (len = 1; len < sizeof(whole) - 1; len++) {
		struct buf out = BUF_INIT(1 << 10);
		const char *at = whole, *again = whole;

		assert_int_equal(json_scan(&at, whole + len, NULL, &out), JSON_SCAN_E_BROKEN);
		assert_ptr_equal(at, whole + len);
		assert_int_equal(json_scan(&again, whole + len, names, &out), JSON_SCAN_E_BROKEN);
		buf_done(&out);
	}
	json_names_free(names);
}

static int depth_of(size_t depth, const char *open, const char *close)
{
	struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	const char *at;
	size_t i;
	int r;

	for (i = 0; i < depth; i++)
		buf_puts(&in, open);
	buf_puts(&in, "1");
	for (i = 0; i < depth; i++)
		buf_puts(&in, close);
	at = in.data;
	r = json_scan(&at, in.data + in.len, NULL, &out);
	buf_done(&in);
	buf_done(&out);
	return r;
}

static void depth_is_bounded(void **state)
{
	struct json_names *names = names_of((const char *const[]){"a", NULL});
	struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	const char *at;
	size_t i;

	(void)state;
	assert_int_equal(depth_of(JSON_DEPTH_MAX, "[", "]"), 0);
	assert_int_equal(depth_of(JSON_DEPTH_MAX + 1, "[", "]"), JSON_SCAN_E_DEEP);
	assert_int_equal(depth_of(JSON_DEPTH_MAX + 1, "{\"a\":", "}"), JSON_SCAN_E_DEEP);
	assert_int_equal(depth_of(10000, "[", "]"), JSON_SCAN_E_DEEP);
	buf_puts(&in, "{\"x\":"); /* what is left out may nest as it likes */
	for (i = 0; i < 10000; i++)
		buf_puts(&in, "[");
	for (i = 0; i < 10000; i++)
		buf_puts(&in, "]");
	buf_puts(&in, "}");
	at = in.data;
	assert_int_equal(json_scan(&at, in.data + in.len, names, &out), 0);
	assert_string_equal(buf_str(&out), "{}");
	buf_done(&in);
	buf_done(&out);
	json_names_free(names);
}

static void room_is_bounded(void **state)
{
	static const char in[] = "[1,2,3]\n4";
	struct buf out = BUF_INIT(4);
	const char *at = in;

	(void)state;
	assert_int_equal(json_scan(&at, in + sizeof(in) - 1, NULL, &out), JSON_SCAN_E_FULL);
	assert_ptr_equal(at, in + 8);
	buf_done(&out);
}

static void a_set_holds_many_names(void **state)
{
	struct json_names *names = json_names_new();
	char name[16];
	unsigned i;

	(void)state;
	for (i = 0; i < 1000; i++)
		json_names_add(names, name, (size_t)snprintf(name, sizeof(name), "k%u", i % 500));
	for (i = 0; i < 500; i++)
		assert_true(json_names_have(names, name, (size_t)snprintf(name, sizeof(name), "k%u", i)));
	assert_false(json_names_have(names, "k500", 4));
	assert_false(json_names_have(names, "", 0));
	json_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_beyond_a_double_become_texts),
		cmocka_unit_test(what_is_not_named_is_left_out),
		cmocka_unit_test(a_sequence_goes_on_behind_a_line_that_is_broken),
		cmocka_unit_test(no_end_within_is_broken),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(room_is_bounded),
		cmocka_unit_test(a_set_holds_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
