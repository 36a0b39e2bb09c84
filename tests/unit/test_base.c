/* The small parts of base/ that everything stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "base/wire.h"

/* Every byte counts, and where it stands: at all lengths around those that are taken in one go. */
static void a_quick_hash_sees_every_byte(void **state)
{
	enum { LONGEST = 100 };
	unsigned char bytes[LONGEST];
	uint64_t seen[LONGEST + 1];
	size_t len, i, k;

	(void)state;
	for (i = 0; i < LONGEST; i++)
		bytes[i] = (unsigned char)(i * 37);
	for (len = 0; len <= LONGEST; len++) {
		seen[len] = hash_quick(bytes, len);
		assert_true(hash_quick(bytes, len) == seen[len]);
		for (i = 0; i < len; i++)
			assert_true(seen[i] != seen[len]);
		for (i = 0; i < 8 * len; i++) {
			bytes[i / 8] ^= (unsigned char)(1 << i % 8);
			assert_true(hash_quick(bytes, len) != seen[len]);
			bytes[i / 8] ^= (unsigned char)(1 << i % 8);
		}
	}
	for (i = 0; i + 16 <= LONGEST; i += 8) { /* what changes places */
		unsigned char other[LONGEST];

		for (k = i + 8; k + 8 <= LONGEST; k += 8) {
			memcpy(other, bytes, LONGEST);
			memcpy(other + i, bytes + k, 8);
			memcpy(other + k, bytes + i, 8);
			assert_true(hash_quick(other, LONGEST) != seen[LONGEST]);
		}
	}
	memset(bytes, 0, LONGEST);
	for (len = 1; len <= LONGEST; len++)
		assert_true(hash_quick(bytes, len) != hash_quick(bytes, len - 1));
}

/* It is kept, and asked for by later versions. */
static void a_quick_hash_stays_what_it_is(void **state)
{
	static const char text[] = "Llueve en la ciudad desde temprano; mañana, quién sabe.";

	(void)state;
	assert_int_equal(hash_quick(text, 0), 0x3d15d73171b74f53);
	assert_int_equal(hash_quick(text, 7), 0x24da5ece29e46be3);
	assert_int_equal(hash_quick(text, sizeof(text) - 1), 0x4440e7b7a584e68c);
}

static void buf_stops_at_its_bound_and_says_so(void **state)
{
	struct buf b = BUF_INIT(8);

	(void)state;
	buf_puts(&b, "12345");
	buf_puts(&b, "6789"); /* does not fit: nothing of it is taken */
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "12345");
	buf_puts(&b, "6"); /* full stays full, so that a hole can't pass unseen */
	assert_int_equal(b.len, 5);
	buf_reset(&b);
	buf_puts(&b, "12345678");
	assert_false(b.full);
	buf_drop(&b, 3);
	assert_string_equal(buf_str(&b), "45678");
	buf_done(&b);
}

static void numbers_and_formats_fill_a_buffer_to_its_last_byte(void **state)
{
	static const struct {
		int64_t v;
		const char *want;
	} cases[] = {{0, "0"}, {-7, "-7"}, {INT64_MAX, "9223372036854775807"}, {INT64_MIN, "-9223372036854775808"}};
	struct buf b = BUF_INIT(66);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		buf_reset(&b);
		buf_put_int(&b, cases[i].v);
		assert_string_equal(buf_str(&b), cases[i].want);
	}
	buf_reset(&b);
	buf_printf(&b, "%060d", 1); /* in the first 64 bytes, with the NUL */
	buf_printf(&b, "%s", "abc");
	assert_string_equal(buf_str(&b) + 60, "abc");
	buf_printf(&b, "%s", "defg"); /* one too many: nothing of it */
	assert_true(b.full);
	assert_string_equal(buf_str(&b) + 60, "abc");
	buf_reset(&b);
	buf_printf(&b, "%066d", 1);
	assert_false(b.full);
	assert_int_equal(b.len, 66);
	buf_putc(&b, 'x');
	assert_true(b.full);
	buf_reset(&b);
	for (i = 0; i < 66; i++)
		buf_putc(&b, 'y');
	assert_false(b.full);
	assert_int_equal(strlen(buf_str(&b)), 66);
	buf_done(&b);
}

static void arena_gives_zeroed_memory_of_any_size_and_tells_when_it_is_full(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	size_t size, i;

	(void)state;
	for (size = 1; size < 200000; size *= 3) {
		char *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xAA, size);
	}
	assert_false(arena_full(a));
	arena_alloc(a, 1 << 20);
	assert_true(arena_full(a));
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
}

static const struct {
	const char *in;
	size_t len;
	bool valid;
	const char *scrubbed;
} texts[] = {
	{"se tomó", 8, true, "se tomó"},
	{"a\xF3z", 3, false, "a\xEF\xBF\xBDz"},                             /* latin-1 */
	{"\xC0\xAF", 2, false, "\xEF\xBF\xBD\xEF\xBF\xBD"},                 /* overlong */
	{"\xED\xA0\x80", 3, false, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* a surrogate */
	{"\xF4\x90\x80\x80", 4, false, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
	{"\xE2\x82", 2, false, "\xEF\xBF\xBD"}, /* cut off: one maximal subpart */
	{"a\0b\x0B\tc", 6, true, "ab\tc"},
	{"12345678\xFF", 9, false, "12345678\xEF\xBF\xBD"},
};

static void utf8_is_valid_or_is_made_so(void **state)
{
	struct buf b = BUF_INIT(256);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		buf_reset(&b);
		assert_int_equal(utf8_valid(texts[i].in, texts[i].len), texts[i].valid);
		utf8_scrub(&b, texts[i].in, texts[i].len);
		assert_string_equal(buf_str(&b), texts[i].scrubbed);
		assert_true(utf8_valid_text(buf_str(&b), b.len));
	}
	assert_false(utf8_valid_text("a\0b", 3));
	assert_int_equal(utf8_count("ñandú", strlen("ñandú")), 5);
	assert_int_equal(utf8_cut("ñandú", strlen("ñandú"), 6), 5); /* never in the midst of ú */
	buf_done(&b);
}

/* Texts are read in blocks: what is wrong is wrong at any place of one, and over the edge of two. */
static void utf8_is_valid_or_not_at_every_place(void **state)
{
	static const char *const around[] = {"a", "ñ", "“", "a ñ", "\U0001F600"};
	struct buf b = BUF_INIT(256);
	size_t i, k, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++)
		for (k = 0; k < ARRAY_LEN(around); k++)
			for (n = 0; n < 40; n++) {
				size_t more;

				buf_reset(&b);
				for (more = n % 4; more; more--)
					buf_putc(&b, 'x');
				for (more = n; more; more--)
					buf_puts(&b, around[k]);
				buf_put(&b, texts[i].in, texts[i].len);
				assert_int_equal(utf8_valid(buf_str(&b), b.len), texts[i].valid);
				buf_puts(&b, "ñandúes y más");
				assert_int_equal(utf8_valid(buf_str(&b), b.len), texts[i].valid);
				assert_false(utf8_valid(buf_str(&b), b.len - strlen("\xA1s"))); /* á, cut */
			}
	buf_done(&b);
}

static void wire_never_reads_past_its_end(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 16);
	struct buf b = BUF_INIT(1 << 16);
	struct wire_in in;
	size_t i;

	(void)state;
	wire_put_u8(&b, 7);
	wire_put_i64(&b, -5);
	wire_put_f64(&b, 0.5);
	wire_put_text(&b, NULL);
	wire_put_text(&b, "");
	wire_put_text(&b, "ñ");
	for (i = 0; i <= b.len; i++) {
		in = (struct wire_in)WIRE_IN(b.data, i);
		assert_int_equal(wire_get_u8(&in), i ? 7 : 0);
		(void)wire_get_i64(&in);
		(void)wire_get_f64(&in);
		assert_null(wire_get_text(&in, a));
		(void)wire_get_text(&in, a);
		(void)wire_get_text(&in, a);
		assert_int_equal(wire_done(&in), i == b.len);
	}
	buf_reset(&b);
	wire_put_bytes(&b, "a\0b", 3); /* a text with NUL is no text */
	in = (struct wire_in)WIRE_IN(b.data, b.len);
	assert_null(wire_get_text(&in, a));
	assert_true(in.bad);
	buf_reset(&b);
	wire_put_u32(&b, 0x40000000);
	in = (struct wire_in)WIRE_IN(b.data, b.len);
	assert_int_equal(wire_get_count(&in, 4), 0); /* a count that the input can't hold */
	assert_true(in.bad);
	buf_done(&b);
}

static void civil_days_go_both_ways(void **state)
{
	char out[CLOCK_RFC3339_SIZE];
	int64_t days, year;
	int month, day;

	(void)state;
	assert_int_equal(clock_days_from_civil(1970, 1, 1), 0);
	assert_int_equal(clock_days_from_civil(2024, 2, 29), 19782);
	for (days = -800000; days < 800000; days += 37) {
		clock_civil_from_days(days, &year, &month, &day);
		assert_int_equal(clock_days_from_civil(year, month, day), days);
	}
	assert_string_equal(clock_rfc3339(-1, 1, out), "1969-12-31T23:59:59.999Z");
	assert_string_equal(clock_rfc3339(INT64_C(253402300799000) + 1000, 0, out), "9999-01-01T00:00:00Z");
}

/* Eight bytes are looked at in one go: what must be escaped is seen at each place, behind anything. */
static void json_escapes_at_every_place(void **state)
{
	enum { LEN = 20 };
	size_t c, before, at;

	(void)state;
	for (c = 1; c < 0x80; c++) {
		for (before = 0x1F; before <= 0x81; before += 0x31) { /* a control character, P, one above ASCII */
			for (at = 1; at < LEN; at++) {
				cleanup(buf_done) struct buf b = BUF_INIT(256), plain = BUF_INIT(256);
				struct json j = JSON_OUT(&b), one = JSON_OUT(&plain);
				char text[LEN + 1] = "aaaaaaaaaaaaaaaaaaaa", pair[3] = {(char)before, (char)c, '\0'};

				memcpy(text + at - 1, pair, 2);
				json_text(&j, NULL, text);
				json_text(&one, NULL, pair); /* too short to be looked at so */
				assert_int_equal(b.len, plain.len + LEN - 2);
				assert_memory_equal(b.data + at, plain.data + 1, plain.len - 2);
				assert_int_equal(b.data[at + plain.len - 2], at + 1 < LEN ? 'a' : '"');
			}
		}
	}
}

static void json_escapes_what_could_break_a_line_or_a_page(void **state)
{
	struct buf b = BUF_INIT(4096);
	struct json j = JSON_OUT(&b);

	(void)state;
	json_begin_object(&j, NULL);
	json_text(&j, "a", "\"\\\n\x1b</x>\xE2\x80\xA8y/z");
	json_text(&j, "absent", NULL);
	json_begin_array(&j, "v");
	json_int(&j, NULL, INT64_MIN);
	json_double(&j, NULL, 0.1);
	json_bool(&j, NULL, false);
	json_put_null(&j, NULL);
	json_end_array(&j);
	json_end_object(&j);
	assert_string_equal(buf_str(&b), "{\"a\":\"\\\"\\\\\\n\\u001b<\\/x>\\u2028y/z\","
					 "\"v\":[-9223372036854775808,0.1,false,null]}");
	buf_done(&b);
}

static void suggestions_are_near_or_none(void **state)
{
	static const char *const keys[] = {"sources", "timezone", "language", "url"};

	(void)state;
	assert_string_equal(suggest("suorces", keys, ARRAY_LEN(keys), sizeof(*keys)), "sources");
	assert_string_equal(suggest("Time_zone", keys, ARRAY_LEN(keys), sizeof(*keys)), "timezone");
	assert_string_equal(suggest("ulr", keys, ARRAY_LEN(keys), sizeof(*keys)), "url");
	assert_null(suggest("pineapple", keys, ARRAY_LEN(keys), sizeof(*keys)));
	assert_null(suggest("abc", keys, ARRAY_LEN(keys), sizeof(*keys)));
}

static void hex_goes_both_ways(void **state)
{
	uint8_t bytes[3];
	char hex[7];

	(void)state;
	assert_int_equal(hash_unhex("00fFa9", bytes, 3), 0);
	hash_hex(bytes, 3, hex);
	assert_string_equal(hex, "00ffa9");
	assert_int_equal(hash_unhex("00fFa", bytes, 3), 1);
	assert_int_equal(hash_unhex("00fFag", bytes, 3), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quick_hash_sees_every_byte),
		cmocka_unit_test(a_quick_hash_stays_what_it_is),
		cmocka_unit_test(buf_stops_at_its_bound_and_says_so),
		cmocka_unit_test(numbers_and_formats_fill_a_buffer_to_its_last_byte),
		cmocka_unit_test(arena_gives_zeroed_memory_of_any_size_and_tells_when_it_is_full),
		cmocka_unit_test(utf8_is_valid_or_is_made_so),
		cmocka_unit_test(utf8_is_valid_or_not_at_every_place),
		cmocka_unit_test(wire_never_reads_past_its_end),
		cmocka_unit_test(civil_days_go_both_ways),
		cmocka_unit_test(json_escapes_what_could_break_a_line_or_a_page),
		cmocka_unit_test(json_escapes_at_every_place),
		cmocka_unit_test(suggestions_are_near_or_none),
		cmocka_unit_test(hex_goes_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
