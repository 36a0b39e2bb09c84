/* Addresses: resolved as RFC 3986 §5.4 says, normalised without making two articles one, judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "parse/url.h"

#define RFC_BASE "http://a/b/c/d;p?q"

static const struct {
	const char *base, *ref, *want; /* want NULL: URL_E_SYNTAX */
} resolved[] = {
	/* RFC 3986 §5.4.1 and §5.4.2 */
	{RFC_BASE, "g:h", "g:h"},
	{RFC_BASE, "g", "http://a/b/c/g"},
	{RFC_BASE, "./g", "http://a/b/c/g"},
	{RFC_BASE, "g/", "http://a/b/c/g/"},
	{RFC_BASE, "/g", "http://a/g"},
	{RFC_BASE, "//g", "http://g"},
	{RFC_BASE, "?y", "http://a/b/c/d;p?y"},
	{RFC_BASE, "g?y", "http://a/b/c/g?y"},
	{RFC_BASE, "#s", "http://a/b/c/d;p?q#s"},
	{RFC_BASE, "g#s", "http://a/b/c/g#s"},
	{RFC_BASE, "g?y#s", "http://a/b/c/g?y#s"},
	{RFC_BASE, ";x", "http://a/b/c/;x"},
	{RFC_BASE, "g;x?y#s", "http://a/b/c/g;x?y#s"},
	{RFC_BASE, "", "http://a/b/c/d;p?q"},
	{RFC_BASE, ".", "http://a/b/c/"},
	{RFC_BASE, "..", "http://a/b/"},
	{RFC_BASE, "../g", "http://a/b/g"},
	{RFC_BASE, "../..", "http://a/"},
	{RFC_BASE, "../../g", "http://a/g"},
	{RFC_BASE, "../../../../g", "http://a/g"},
	{RFC_BASE, "/./g", "http://a/g"},
	{RFC_BASE, "/../g", "http://a/g"},
	{RFC_BASE, "g.", "http://a/b/c/g."},
	{RFC_BASE, "..g", "http://a/b/c/..g"},
	{RFC_BASE, "./../g", "http://a/b/g"},
	{RFC_BASE, "./g/.", "http://a/b/c/g/"},
	{RFC_BASE, "g/../h", "http://a/b/c/h"},
	{RFC_BASE, "g;x=1/../y", "http://a/b/c/y"},
	{RFC_BASE, "g?y/../x", "http://a/b/c/g?y/../x"},
	{RFC_BASE, "g#s/../x", "http://a/b/c/g#s/../x"},
	{RFC_BASE, "http:g", "http://a/b/c/g"},
	/* what feeds hold */
	{"http://example.com", "nota/1", "http://example.com/nota/1"},
	{"https://example.com/feed", "\n  /nota\n/1  ", "https://example.com/nota/1"},
	{NULL, "https://example.com/a b?q=\"x\"", "https://example.com/a%20b?q=%22x%22"},
	{NULL, "https://example.com/año/ñandú?q={a|b}", "https://example.com/año/ñandú?q={a|b}"},
	{"https://example.com/x/", "\\y\\z?a\\b", "https://example.com/y/z?a\\b"},
	{"", "HTTP://Example.com/../a", "http://Example.com/a"},
	{"HTtpS://Example.com/a", "b", "https://Example.com/b"},
	{"urn:x:y", "nota", NULL},
	{"mailto:a@example.com", "nota", NULL},
	{NULL, "nota/1", NULL},
	{NULL, "", NULL},
	{"relative/base", "nota", NULL},
	{NULL, "http:///nota", NULL},
	{NULL, "http://:80/nota", NULL},
	{RFC_BASE, "javascript:alert(1)", "javascript:alert(1)"}, /* url_is_http() turns it down */
	{"file:///a/b", "c", "file:///a/c"},
};

static const struct {
	const char *in, *want;
} normalised[] = {
	{"HTTP://WWW.Example.COM", "http://www.example.com/"},
	{" https://example.com:443/a\n", "https://example.com/a"},
	{"http://example.com:80", "http://example.com/"},
	{"http://example.com:/", "http://example.com/"},
	{"http://example.com:8080/", "http://example.com:8080/"},
	{"https://example.com:80/", "https://example.com:80/"},
	{"http://user:pw@example.com/a", "http://example.com/a"},
	{"http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"},
	{"http://example.com/a/./b/../c", "http://example.com/a/c"},
	{"http://example.com/%7euser/%c3%b1/%2f?q=%e1", "http://example.com/~user/%C3%B1/%2F?q=%E1"},
	{"http://example.com/año", "http://example.com/a%C3%B1o"},
	{"http://example.com/a%zz%", "http://example.com/a%25zz%25"},
	{"http://example.com/%2%44", "http://example.com/%252D"},
	{"http://example.com/a?", "http://example.com/a"},
	{"http://example.com/a?&&b=1&", "http://example.com/a?b=1"},
	{"http://example.com/a#", "http://example.com/a"},
	{"http://example.com/a?utm_source=rss&utm_medium=feed", "http://example.com/a"},
	{"http://example.com/a?id=7&utm_source=rss&amp;utm_medium=feed&p=2", "http://example.com/a?id=7&p=2"},
	{"http://example.com/a?fbclid=x&gclid=y&mc_cid=z&UTM_X=1&n=1", "http://example.com/a?n=1"},
	{"http://example.com/a#xtor=RSS-3208", "http://example.com/a"},
	{"http://example.com/a#Echobox=1700000000", "http://example.com/a"},
	{"http://example.com/a#:~:text=hola", "http://example.com/a"},
	{"http://example.com/a?xtor", "http://example.com/a"},
	/* two articles stay two */
	{"http://example.com/a/", "http://example.com/a/"},
	{"http://example.com/A", "http://example.com/A"},
	{"http://example.com/a?b=2&a=1", "http://example.com/a?b=2&a=1"},
	{"http://example.com/#!/nota/1", "http://example.com/#!/nota/1"},
	{"http://example.com/cambios#v2", "http://example.com/cambios#v2"},
	{"http://example.com/a?utm=1&ref=2&source=3", "http://example.com/a?utm=1&ref=2&source=3"},
	{"http://example.com//a", "http://example.com//a"},
	/* not of the web */
	{"tag:example.com,2026:A B", "tag:example.com,2026:A B"},
	{"nota/1", NULL},
	{"http://", NULL},
	{"http://[::/[fe80::1]/x", NULL}, /* half a bracket: each time another host would be left */
	{"", NULL},
};

static void references_are_resolved(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(resolved); i++) {
		struct buf out = BUF_INIT(1000);
		int r = url_resolve(resolved[i].base, resolved[i].ref, &out);

		if ((r == 0) != (resolved[i].want != NULL) || strcmp(buf_str(&out), r ? "" : resolved[i].want) != 0)
			fail_msg("\"%s\" against \"%s\" gives %d \"%s\"", resolved[i].ref, resolved[i].base, r,
				 buf_str(&out));
		buf_done(&out);
	}
}

static void addresses_are_normalised_and_stay_so(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(normalised); i++) {
		struct buf out = BUF_INIT(1000), again = BUF_INIT(1000);
		int r = url_normalise(normalised[i].in, &out);

		if ((r == 0) != (normalised[i].want != NULL) || strcmp(buf_str(&out), r ? "" : normalised[i].want) != 0)
			fail_msg("\"%s\" gives %d \"%s\"", normalised[i].in, r, buf_str(&out));
		if (r == 0) {
			assert_int_equal(url_normalise(buf_str(&out), &again), 0);
			assert_string_equal(buf_str(&again), buf_str(&out));
		}
		buf_done(&out);
		buf_done(&again);
	}
}

static void guids_are_told_apart(void **state)
{
	static const char *const absolute[] = {
		"http://example.com/1",   "HTTPS://example.com",
		"tag:example.com,2026:1", "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
		"at://did:plc:x/y",       "yt://video",
		"http://127.0.0.1:8000/1"};
	static const char *const opaque[] = {"",
					     "12345",
					     "id:5",
					     "C:\\x",
					     "c://x",
					     "nota/1",
					     "http://",
					     "http:/x",
					     "https:",
					     "tag:",
					     "urn:",
					     "x://",
					     "://x",
					     "http://example.com/a b",
					     "example.com/1",
					     "1http://x"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(absolute); i++)
		if (!url_is_absolute_uri(absolute[i]))
			fail_msg("%s", absolute[i]);
	for (i = 0; i < ARRAY_LEN(opaque); i++)
		if (url_is_absolute_uri(opaque[i]))
			fail_msg("%s", opaque[i]);
}

static void only_the_web_is_http(void **state)
{
	(void)state;
	assert_true(url_is_http("http://example.com"));
	assert_true(url_is_http(" HTTPS://user@example.com:1/x"));
	assert_true(url_is_http("http://[::1]:80/"));
	assert_false(url_is_http("http://example.com::80/"));
	assert_false(url_is_http("http://[::1"));
	assert_false(url_is_http("http://[::1]x/"));
	assert_false(url_is_http("http:///x"));
	assert_false(url_is_http("http://user@/x"));
	assert_false(url_is_http("javascript:alert(1)"));
	assert_false(url_is_http("data:text/html,x"));
	assert_false(url_is_http("httpx://example.com"));
	assert_false(url_is_http(""));
}

static void a_site_is_its_host(void **state)
{
	struct buf out = BUF_INIT(16);

	(void)state;
	assert_int_equal(url_site("https://u@WWW.Example.com:80/x", &out), 0);
	assert_string_equal(buf_str(&out), "example.com");
	assert_int_equal(url_site("mailto:a@example.com", &out), URL_E_SYNTAX);
	assert_int_equal(url_site("http://sixteen.example.com", &out), URL_E_SYNTAX);
	assert_int_equal(out.len, 11);
	buf_done(&out);
}

static void a_parameter_is_read_from_the_query(void **state)
{
	static const struct {
		const char *url, *want; /* NULL: there is none */
	} cases[] = {
		{"https://www.google.com/url?rct=j&sa=t&url=https://diario.example/a%3Fb%3D1&ct=ga",
		 "https://diario.example/a?b=1"},
		{"https://b.example/apiclick.aspx?aurl=x&url=https%3a%2f%2Fdiario.example%2fni%C3%B1o&c=1",
		 "https://diario.example/niño"},
		{"https://b.example/?url=a+b%zz%4", "a b%zz%4"},
		{"https://b.example/?URL=x&curl=y", NULL},
		{"https://b.example/?url=", NULL},
		{"https://b.example/?url", NULL},
		{"https://b.example/?url=%00x", NULL},
		{"https://b.example/?url=%ff", NULL},
		{"https://b.example/#?url=x", NULL},
		{"https://b.example/url=x", NULL},
	};
	struct buf out = BUF_INIT(URL_MAX_BYTES);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		int r = url_parameter(cases[i].url, "url", &out);

		assert_int_equal(r, cases[i].want ? 0 : URL_E_SYNTAX);
		assert_string_equal(buf_str(&out), cases[i].want ? cases[i].want : "");
		buf_reset(&out);
	}
	buf_done(&out);
}

static void one_article_has_one_address_for_stories(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"https://www.diario.example/nota/1", "http://diario.example/nota/1/", true},
		{"https://m.diario.example/nota/1", "https://amp.diario.example/nota/1/amp/?utm_source=x", true},
		{"https://diario.example/nota/1?outputType=amp&id=2#top", "https://diario.example/nota/1?id=2", true},
		{"https://diario.example/nota?id=1", "https://diario.example/nota?id=2", false},
		{"https://diario.example/nota/1", "https://otro.example/nota/1", false},
		{"https://m.example/a", "https://example/a", false}, /* a host of its own */
		{"https://diario.example/amp", "https://diario.example/", true},
		{"https://diario.example/ramp", "https://diario.example/r", false},
		{"https://diario.example/%zz", "https://diario.example/", false},
	};
	struct buf a = BUF_INIT(4 * URL_MAX_BYTES), b = BUF_INIT(4 * URL_MAX_BYTES);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		buf_reset(&a);
		buf_reset(&b);
		assert_int_equal(url_of_story(cases[i].a, &a), 0);
		assert_int_equal(url_of_story(cases[i].b, &b), 0);
		if ((strcmp(buf_str(&a), buf_str(&b)) == 0) != cases[i].same)
			fail_msg("%s, %s", buf_str(&a), buf_str(&b));
	}
	assert_int_equal(url_of_story("tag:x,2026:1", &a), URL_E_SYNTAX);
	assert_int_equal(url_of_story("https://", &a), URL_E_SYNTAX);
	buf_done(&a);
	buf_done(&b);
}

static void a_long_address_is_none(void **state)
{
	struct buf in = BUF_INIT(2 * URL_MAX_BYTES), out = BUF_INIT(10 * URL_MAX_BYTES);

	(void)state;
	buf_puts(&in, "http://example.com/");
	while (in.len < URL_MAX_BYTES)
		buf_putc(&in, 'a');
	assert_int_equal(url_normalise(in.data, &out), 0);
	assert_int_equal(url_resolve(NULL, in.data, &out), 0);
	assert_int_equal(out.len, 2 * URL_MAX_BYTES);
	buf_putc(&in, 'a');
	assert_int_equal(url_normalise(in.data, &out), URL_E_SYNTAX);
	assert_int_equal(url_resolve(NULL, in.data, &out), URL_E_SYNTAX);
	assert_int_equal(url_resolve(in.data, "/x", &out), URL_E_SYNTAX);
	assert_int_equal(out.len, 2 * URL_MAX_BYTES);
	buf_done(&in);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_resolved),
		cmocka_unit_test(addresses_are_normalised_and_stay_so),
		cmocka_unit_test(guids_are_told_apart),
		cmocka_unit_test(only_the_web_is_http),
		cmocka_unit_test(a_site_is_its_host),
		cmocka_unit_test(one_article_has_one_address_for_stories),
		cmocka_unit_test(a_long_address_is_none),
		cmocka_unit_test(a_parameter_is_read_from_the_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
