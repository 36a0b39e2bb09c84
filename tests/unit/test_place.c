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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_named_is_found),
		cmocka_unit_test(libcurl_says_the_same),
		cmocka_unit_test(what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
