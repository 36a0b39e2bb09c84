/* Whose word counts for an encoding, and that what comes out is always clean UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "parse/charset.h"

#define BYTES(s) (s), sizeof(s) - 1

static const struct {
	const char *in;
	size_t len;
	const char *content_type, *want, *name;
} cases[] = {
	/* a mark speaks first, whatever is declared */
	{BYTES("\xEF\xBB\xBF<a>ñ</a>"), "text/xml; charset=iso-8859-1", "<a>ñ</a>", "utf-8"},
	{BYTES("\xFF\xFE<\0a\0>\0\xF1\0"), NULL, "<a>ñ", "utf-16le"},
	{BYTES("\xFE\xFF\0<\0a\0>\0\xF1"), "text/xml; charset=utf-8", "<a>ñ", "utf-16be"},
	{BYTES("\xFF\xFE\0\0a\0\0\0\xF1\0\0\0"), NULL, "añ", "utf-32le"},
	{BYTES("\0\0\xFE\xFF\0\0\0a\0\0\0\xF1"), NULL, "añ", "utf-32be"},
	{BYTES("\xFF\xFE\x2D\x4E\x87\x65"), NULL, "中文", "utf-16le"}, /* not one zero in it */
	/* the shape of what has no mark */
	{BYTES("<\0?\0x\0m\0l\0 \0"), NULL, "<?xml ", "utf-16le"},
	{BYTES("\0<\0?\0x\0m\0l\0 "), "application/xml; charset=utf-16", "<?xml ", "utf-16be"},
	{BYTES("\0\0\0<\0\0\0a"), NULL, "<a", "utf-32be"},
	{BYTES("<\0\0\0a\0\0\0"), NULL, "<a", "utf-32le"},
	/* UTF-16 lies: FAULTS P8 */
	{BYTES("<?xml encoding='utf-16'?><a>ñ</a>"), NULL, "<?xml                  ?><a>ñ</a>", "utf-8"},
	{BYTES("<a>plain</a>"), "text/xml; charset=utf-16le", "<a>plain</a>", "utf-8"},
	{BYTES("<?xml encoding='u16'?>a\xF1o"), NULL, "<?xml               ?>año", "windows-1252"},
	/* HTTP before the declaration */
	{BYTES("<?xml version='1.0' encoding='koi8-r'?>\xE9"), "text/xml;charset=\"windows-1251\"",
	 "<?xml version='1.0'                  ?>й", "windows-1251"},
	{BYTES("<?xml version='1.0' encoding='koi8-r'?>\xCA"), "text/xml", "<?xml version='1.0'                  ?>й",
	 "koi8-r"},
	{BYTES("\xE9"), "application/rss+xml; Charset = ISO-8859-7 ; x=y", "ι", "iso-8859-7"},
	{BYTES("\n junk <?xml encoding=\"big5\" ?>\xA4\xA4"), NULL, "\n junk <?xml                 ?>中", "big5"},
	/* lies */
	{BYTES("<?xml encoding='iso-8859-1'?>España"), NULL, "<?xml                      ?>España", "utf-8"},
	{BYTES("Espa\xF1"
	       "a"),
	 "text/xml; charset=utf-8", "España", "windows-1252"},
	{BYTES("<?xml encoding='iso-8859-2'?>\xB1\xE6"), "text/xml; charset=utf-8", "<?xml                      ?>ąć",
	 "iso-8859-2"},
	{BYTES("<?xml encoding='klingon'?>a\xF1o"), NULL, "<?xml                   ?>año", "windows-1252"},
	{BYTES("<?xml encoding='euc-kr'?>\xEC\x95\x88\xEB\x85\x95 ok \xEC\x95\x88"), NULL, NULL, NULL},
	{BYTES(""), NULL, "", "utf-8"},
	/* as the web reads them */
	{BYTES("\x93\x80\x94 a\xF1o"), "text/html; charset=ISO-8859-1", "“€” año", "windows-1252"},
	{BYTES("\x93\xF1\x94"), "text/plain; charset=us-ascii", "“ñ”", "windows-1252"},
	{BYTES("\xD6\xD0"), "text/xml; charset=gb2312", "中", "gb18030"},
	{BYTES("\x93\xFA\x96{"), "text/xml; charset=Shift_JIS", "日本", "shift_jis"},
	{BYTES("\xC6\xFC"), "text/xml; charset=x-euc-jp", "日", "euc-jp"},
	{BYTES("\x1B$BF|\x1B(B!"), "text/xml; charset=iso-2022-jp", "日!", "iso-2022-jp"},
	{BYTES("\xB0\xA1"), "text/xml; charset=ks_c_5601-1987", "가", "euc-kr"},
	{BYTES("\xE0"), "text/xml; charset=x-mac-cyrillic", "а", "mac-cyrillic"},
	{BYTES("\x96"), "text/xml; charset=macintosh", "ñ", "macintosh"},
	{BYTES("\xA4"), "text/xml; charset=iso-8859-15", "€", "iso-8859-15"},
	{BYTES("\xF0"), "text/xml; charset=csISOLatin5", "ğ", "windows-1254"},
	/* FAULTS P7: NUL, controls, bad bytes, what no XML may hold */
	{BYTES("a\0b\x0B"
	       "c\td\r\n\xEF\xBF\xBE"),
	 NULL, "abc\td\r\n", "utf-8"},
	{BYTES("niño \xF1 y \xC3"), NULL, "niño ñ y \uFFFD", "utf-8"},
	{BYTES("ñandú, \xBFqu\xE9? \x93s\xED, corta\xE2\x80"), "text/xml; charset=utf-8",
	 "ñandú, ¿qué? “sí, corta\uFFFD", NULL},
	{BYTES("ok \x81 \xF1"), NULL, "ok \uFFFD ñ", "windows-1252"},
	{BYTES("\xFF\xFE"
	       "a\0\x00\xD8"
	       "b\0"),
	 NULL,
	 "a\uFFFD"
	 "b",
	 "utf-16le"}, /* half a surrogate pair */
	{BYTES("\xFF\xFE"
	       "a\0b"),
	 NULL, "a\uFFFD", "utf-16le"}, /* half a character */
	{BYTES("\xFF\xFE"
	       "a\0\0\0b\0"),
	 NULL, "ab", "utf-16le"},
};

static void the_first_word_that_fits_counts(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(4096);
		const char *name = NULL;

		assert_int_equal(charset_to_utf8(cases[i].in, cases[i].len, cases[i].content_type, &out, &name), 0);
		assert_true(utf8_valid_text(buf_str(&out), out.len));
		if (cases[i].want && strcmp(buf_str(&out), cases[i].want) != 0)
			fail_msg("row %zu gives \"%s\" (%s), not \"%s\"", i, buf_str(&out), name, cases[i].want);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		buf_done(&out);
	}
}

static void utf7_is_refused_by_all_its_names(void **state)
{
	static const char *const types[] = {"text/xml; charset=utf-7", "text/xml; charset=UTF7",
					    "text/xml; charset=unicode-1-1-utf-7", "text/xml; charset=csUnicode11UTF7",
					    "text/xml; charset='x-unicode-2-0-utf-7'"};
	struct buf out = BUF_INIT(4096);
	size_t i;

	(void)state;
	buf_puts(&out, "before");
	for (i = 0; i < ARRAY_LEN(types); i++)
		assert_int_equal(charset_to_utf8(BYTES("+ADw-"), types[i], &out, NULL), CHARSET_E_REFUSED);
	assert_int_equal(charset_to_utf8(BYTES("<?xml encoding=\"utf-7\"?>+ADw-"), NULL, &out, NULL),
			 CHARSET_E_REFUSED);
	assert_string_equal(buf_str(&out), "before");
	buf_done(&out);
}

static void what_does_not_fit_adds_nothing(void **state)
{
	struct buf out = BUF_INIT(10);

	(void)state;
	buf_puts(&out, "ab");
	assert_int_equal(charset_to_utf8(BYTES("\xF1\xF1\xF1\xF1"), NULL, &out, NULL), 0); /* eight bytes: just */
	assert_int_equal(out.len, 10);
	out.len = 2;
	assert_int_equal(charset_to_utf8(BYTES("\xF1\xF1\xF1\xF1 "), NULL, &out, NULL), CHARSET_E_SIZE);
	assert_string_equal(buf_str(&out), "ab");
	buf_done(&out);
}

static void a_long_text_goes_in_steps(void **state)
{
	enum { N = 300000 };
	char *in = xmalloc(N);
	struct buf out = BUF_INIT(4 * N);
	const char *name;

	(void)state;
	memset(in, 0xF1, N);
	assert_int_equal(charset_to_utf8(in, N, "text/xml; charset=windows-1252", &out, &name), 0);
	assert_int_equal(out.len, 2 * N);
	assert_memory_equal(out.data + 2 * N - 4, "ññ", 4);
	free(in);
	buf_done(&out);
}

static void a_bare_name_is_heard_and_an_unknown_one_is_not(void **state)
{
	struct buf out = BUF_INIT(100);
	const char *name;

	(void)state;
	assert_int_equal(charset_named_to_utf8(BYTES("\xE9"), "iso-8859-7", &out, &name), 0);
	assert_int_equal(charset_named_to_utf8(BYTES("\xE9"), "nonsense", &out, &name), 0);
	assert_string_equal(name, "windows-1252");
	assert_int_equal(charset_named_to_utf8(BYTES("é"), NULL, &out, &name), 0);
	assert_string_equal(buf_str(&out), "ιéé");
	charset_close_all();
	assert_int_equal(charset_named_to_utf8(BYTES("\xE9"), "koi8-r", &out, &name), 0);
	assert_string_equal(buf_str(&out), "ιééИ");
	charset_close_all();
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_word_that_fits_counts),
		cmocka_unit_test(utf7_is_refused_by_all_its_names),
		cmocka_unit_test(what_does_not_fit_adds_nothing),
		cmocka_unit_test(a_long_text_goes_in_steps),
		cmocka_unit_test(a_bare_name_is_heard_and_an_unknown_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
