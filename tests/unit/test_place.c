/* Who is asked, as a URL names it: what is plain is read here, the rest by libcurl, and both say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "fetch/fetch.h"
#include "fetch/place.h"

static const struct {
	const char *url, *key, *name;
	uint16_t port;
} known[] = {
	{"http://example.com/", "http://example.com:80", "example.com", 80},
	{"https://a-b.example.com/x?y=z#w", "https://a-b.example.com:443", "a-b.example.com", 443},
	{"http://example.com:8080/x", "http://example.com:8080", "example.com", 8080},
	{"https://example.com:65535/", "https://example.com:65535", "example.com", 65535},
	{"http://127.0.0.1:49152/", "http://127.0.0.1:49152", NULL, 49152},
	{"http://127.0.0.1:81/1.xml", "http://127.0.0.1:81", NULL, 81},
	{"http://localhost/", "http://localhost:80", NULL, 80},
	{"http://x.localhost/", "http://x.localhost:80", NULL, 80},
	{"http://intranet/a@b:c", "http://intranet:80", "intranet", 80},
	{"http://xn--caf-dma.example/", "http://xn--caf-dma.example:80", "xn--caf-dma.example", 80},
	/* not plain */
	{"http://Example.COM/", "http://example.com:80", "example.com", 80},
	{"http://example.com", "http://example.com:80", "example.com", 80},
	{"http://example.com?x", "http://example.com:80", "example.com", 80},
	{"http://example.com:0080/", "http://example.com:80", "example.com", 80},
	{"http://u:p@example.com/", "http://example.com:80", "example.com", 80},
	{"http://example.com/a b", "http://example.com:80", "example.com", 80},
	{"http://example.com/\xC3\xB1", "http://example.com:80", "example.com", 80},
	{"http://[::1]:81/", "http://[::1]:81", NULL, 81},
	{"http://127.1/", "http://127.0.0.1:80", NULL, 80},
	{"http://0x7f000001/", "http://127.0.0.1:80", NULL, 80},
	{"http://2130706433/", "http://127.0.0.1:80", NULL, 80},
	{"http://0177.0.0.1/", "http://127.0.0.1:80", NULL, 80},
};

static void check(const char *url, const char *key, const char *name, uint16_t port)
{
	struct place place;
	const char *why = "";

	if (place_of(url, &place, &why) != 0)
		fail_msg("%s: %s", url, why);
	assert_string_equal(place.key, key);
	if (name)
		assert_string_equal(place.name, name);
	else
		assert_null(place.name);
	assert_int_equal(place.port, port);
	place_done(&place);
}

static void what_is_named_is_found(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++)
		check(known[i].url, known[i].key, known[i].name, known[i].port);
}

/* A scheme in capitals is left to libcurl, whatever follows it. */
static void libcurl_says_the_same(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		char url[128];

		assert_true(strlen(known[i].url) < sizeof(url));
		stpcpy(url, known[i].url);
		memcpy(url, "HTTP", 4);
		check(url, known[i].key, known[i].name, known[i].port);
	}
}

static void what_is_none_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "http://",
					  "ftp://example.com/",
					  "file:///etc/passwd",
					  "http://example.com:65536/",
					  "http://example.com:x/",
					  "http://example.com/\x01",
					  "http://exa mple.com/"};
	char longest[FETCH_URL_MAX + 2];
	struct place place;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (place_of(bad[i], &place, &why) != PLACE_E_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "http://example.com/", 19);
	longest[FETCH_URL_MAX + 1] = '\0';
	assert_int_equal(place_of(longest, &place, &why), PLACE_E_INVALID);
	longest[FETCH_URL_MAX] = '\0';
	assert_int_equal(place_of(longest, &place, &why), 0);
	place_done(&place);
}

/* --- a URL's parts --- */

static char *part(CURLU *u, CURLUPart which)
{
	char *text = NULL;

	(void)curl_url_get(u, which, &text, 0);
	return text;
}

/* Whether it was taken apart here; if so, into what libcurl makes of it. */
static bool apart(const char *url)
{
	static const CURLUPart which[] = {CURLUPART_URL,   CURLUPART_SCHEME,  CURLUPART_HOST,     CURLUPART_PORT,
					  CURLUPART_PATH,  CURLUPART_USER,    CURLUPART_PASSWORD, CURLUPART_OPTIONS,
					  CURLUPART_QUERY, CURLUPART_FRAGMENT};
	CURLU *ours, *theirs = curl_url();
	struct place place;
	const char *why;
	size_t i;

	assert_int_equal(place_of(url, &place, &why), 0);
	ours = place_parts(&place, url);
	place_done(&place);
	assert_int_equal(curl_url_set(theirs, CURLUPART_URL, url, CURLU_ALLOW_SPACE), CURLUE_OK);
	for (i = 0; ours && i < ARRAY_LEN(which); i++) {
		char *a = part(ours, which[i]), *b = part(theirs, which[i]);

		if ((a == NULL) != (b == NULL) || (a && strcmp(a, b) != 0))
			fail_msg("%s: %s is no %s", url, a ? a : "nothing", b ? b : "nothing");
		curl_free(a);
		curl_free(b);
	}
	curl_url_cleanup(ours);
	curl_url_cleanup(theirs);
	return ours != NULL;
}

static void its_parts_are_libcurls(void **state)
{
	static const char *const plain[] = {"http://example.com/", "https://example.com:8443/a/b.xml?x=1&y=2",
					    "http://127.0.0.1:81//x", "http://example.com/a:b@c;d=e,f!g$h&i'(j)*k+l~m",
					    "http://example.com/?q=a/b:c@d"};
	static const char *const odd[] = {"http://example.com/a%2Fb",  "http://example.com/a/../b",
					  "http://example.com/.x",     "http://example.com/x#y",
					  "http://example.com/?",      "http://example.com/a?b?c",
					  "http://example.com/?x=[1]", "http://Example.com/x",
					  "http://u@example.com/",     "http://example.com"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(plain); i++)
		if (!apart(plain[i]))
			fail_msg("%s was left to libcurl", plain[i]);
	for (i = 0; i < ARRAY_LEN(odd); i++)
		if (apart(odd[i]))
			fail_msg("%s was not left to libcurl", odd[i]);
}

/* Of any two printable characters in a row, wherever they stand. */
static void no_letters_make_another_url(void **state)
{
	char path[] = "http://example.com/xx/y?z", query[] = "http://example.com:81/y?axxb";
	unsigned a, b, n = 0;

	(void)state;
	for (a = '!'; a < 0x7F; a++)
		for (b = '!'; b < 0x7F; b++) {
			path[19] = query[24] = (char)a;
			path[20] = query[25] = (char)b;
			n += apart(path) + apart(query);
		}
	assert_in_range(n, 2 * 62 * 62, 2 * 94 * 94);
}

static void a_long_path_is_left_to_libcurl(void **state)
{
	char url[19 + PLACE_PATH_MAX + 1];

	(void)state;
	memset(url, 'x', sizeof(url));
	memcpy(url, "http://example.com/", 19);
	url[sizeof(url) - 1] = '\0';
	assert_false(apart(url)); /* its slash counts, too */
	url[sizeof(url) - 2] = '\0';
	assert_true(apart(url));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_named_is_found),      cmocka_unit_test(libcurl_says_the_same),
		cmocka_unit_test(what_is_none_is_refused),     cmocka_unit_test(its_parts_are_libcurls),
		cmocka_unit_test(no_letters_make_another_url), cmocka_unit_test(a_long_path_is_left_to_libcurl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
