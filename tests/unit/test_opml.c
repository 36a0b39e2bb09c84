/* Lists of feeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mention/job.h"
#include "parse/opml.h"
#include "parse/parse.h"

static void read_list(struct arena *a, const char *body, const char **why, struct opml_entry **v, size_t *n)
{
	opml_parse(body, strlen(body), a, why, v, n);
}

static void test_a_list(void **state)
{
	static const char body[] = "<?xml version='1.0' encoding='iso-8859-1'?>\n<opml "
				   "version='2.0'><head><title>Prensa</title></head><body>"
				   "<outline text='Diarios'><outline text='Norte'>"
				   "<outline type='rss' text='El Norte' title='El Norte: \xE1gil &amp;amp; serio' "
				   "xmlUrl='https://norte.example/rss?a=1&amp;b=2'/>"
				   "</outline></outline>"
				   "<outline text='  Sur \n 24 ' xmlUrl=' https://Sur.example/feed '/>"
				   "<outline xmlUrl='HTTPS://sur.example:443/feed'/>" /* the same again */
				   "<outline xmlurl='feed://oeste.example/rss' text=''/>"
				   "<outline xmlUrl='feed:https://este.example/rss'/>"
				   "</body></opml>";
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct opml_entry *v;
	const char *why;
	size_t n;

	(void)state;
	read_list(a, body, &why, &v, &n);
	assert_null(why);
	assert_int_equal(n, 4);
	assert_string_equal(v[0].url, "https://norte.example/rss?a=1&b=2");
	assert_string_equal(v[0].title, "El Norte: ágil & serio");
	assert_string_equal(v[1].url, "https://Sur.example/feed");
	assert_string_equal(v[1].title, "Sur 24");
	assert_string_equal(v[2].url, "http://oeste.example/rss");
	assert_null(v[2].title);
	assert_string_equal(v[3].url, "https://este.example/rss");
}

static const struct {
	const char *body, *why; /* why: its beginning */
	size_t n;
} broken[] = {
	{"<opml><body/></opml>", NULL, 0},
	{"", "not an OPML list", 0},
	{"hola", "not an OPML list", 0},
	{"<html><body>x</body></html>", "not an OPML list", 0},
	{"<rss><channel/></rss>", "not an OPML list", 0},
	{"<opml><body><outline xmlUrl='https://a.example/&b=1' text='A & B'>", "mended: ", 1},
	{"<opml><body><outline xmlUrl=https://a.example/ text=A><outline xmlUrl='https://b.example/'/>", "mended: ", 2},
	{"<opml><body><outline xmlUrl='https://a.example/'/><outline xmlUrl='https://b.exam",
	 "mended: it ends inside a tag", 1},
	{"<opml><outline xmlUrl='javascript:x'/><outline xmlUrl='/x'/><outline xmlUrl='https://a.example/'/></opml>",
	 "2 outlines whose xmlUrl is no http address", 1},
	{"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml><outline xmlUrl='https://a.example/'/></opml>",
	 "a DTD with entities of its own", 0},
};

static void test_broken_lists(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(broken); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
		struct opml_entry *v;
		const char *why;

		read_list(a, broken[i].body, &why, &v, &n);
		assert_int_equal(n, broken[i].n);
		if (broken[i].why) {
			assert_non_null(why);
			assert_memory_equal(why, broken[i].why, strlen(broken[i].why));
		} else {
			assert_null(why);
		}
	}
}

/* No cap on entries: a hundred thousand come through, more than 10 MB of them. */
static void test_a_long_list(void **state)
{
	enum { FEEDS = 100000 };
	cleanup(arena_freep) struct arena *a = arena_new(1 << 28);
	cleanup(buf_done) struct buf body = BUF_INIT(OPML_MAX_BYTES);
	struct opml_entry *v;
	const char *why;
	size_t i, n;

	(void)state;
	buf_puts(&body, "<opml><body>");
	for (i = 0; i < FEEDS; i++)
		buf_printf(&body,
			   "<outline type=\"rss\" version=\"RSS\" text=\"Fuente n\xC3\xBAmero %zu de una lista larga\" "
			   "description=\"Nada\" xmlUrl=\"https://f%zu.example/rss.xml\"/>\n",
			   i, i);
	buf_puts(&body, "</body></opml>");
	opml_parse(body.data, body.len, a, &why, &v, &n);
	assert_null(why);
	assert_int_equal(n, FEEDS);
	assert_string_equal(v[FEEDS - 1].url, "https://f99999.example/rss.xml");
}

static void test_too_large(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct opml_entry *v;
	const char *why;
	size_t n;

	(void)state;
	opml_parse("<opml/>", (size_t)OPML_MAX_BYTES + 1, a, &why, &v, &n); /* refused by its length, unread */
	assert_string_equal(why, "a list of more than 64 MB");
	assert_int_equal(n, 0);
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
		cmocka_unit_test(test_a_list),
		cmocka_unit_test(test_broken_lists),
		cmocka_unit_test(test_a_long_list),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
