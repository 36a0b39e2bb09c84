/* XML mended or refused before it is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "parse/prescan.h"

enum { OUT_MAX = 64 * 1024 * 1024 };

static const struct {
	const char *in, *want, *why;
} cases[] = {
	/* what is well-formed stays, but for what no reader needs */
	{"<r a=\"1\">x</r>", "<r a=\"1\">x</r>", NULL},
	{"<?xml version=\"1.0\"?>\n<!-- c --><r>x<?php y?><!-- d -->z</r>\n", "<r>xz</r>", NULL},
	{"<r a='1' b = \"2\"/>", "<r a=\"1\" b=\"2\"/>", NULL},
	{"<r><![CDATA[<b> & ]] >]]></r>", "<r><![CDATA[<b> & ]] >]]></r>", NULL},
	{"<r>&lt;&gt;&amp;&quot;&apos;</r>", "<r><![CDATA[<>&\"']]></r>", NULL},
	{"<r>&#241;&#xF1;&#38;&#60;</r>", "<r><![CDATA[ññ&<]]></r>", NULL},
	{"<a:b xmlns:a=\"u\"><ñ/></a:b>", "<a:b xmlns:a=\"u\"><ñ/></a:b>", NULL},
	{"<!DOCTYPE rss PUBLIC \"-//x//y [>]\" \"z\" [<!ELEMENT a ANY> <!-- ] > -->]><r/>", "<r/>", NULL},
	{"<!DOCTYPE r [<!ENTITY nbsp \"&#160;\">]><r>a&nbsp;b</r>", "<r><![CDATA[a\u00A0b]]></r>",
	 "an entity that XML doesn't know"},
	/* FAULTS P6 */
	{"<r>caf&eacute;&nbsp;solo</r>", "<r><![CDATA[café\u00A0solo]]></r>", "an entity that XML doesn't know"},
	{"<r>AT&T & yo</r>", "<r><![CDATA[AT&T & yo]]></r>", "a bare &"},
	{"<r a=\"?x=1&copy=2&amp;y\"/>", "<r a=\"?x=1&amp;copy=2&amp;y\"/>", "a bare &"},
	{"<r>&nosuch; &#; &#xZZ;</r>", "<r><![CDATA[&nosuch; &#; &#xZZ;]]></r>", "a bare &"},
	{"<r>1 < 2, <3, <me@example.com></r>", "<r>1 <![CDATA[<]]> 2, <![CDATA[<]]>3, <![CDATA[<]]>me@example.com></r>",
	 "a bare <"},
	{"<r>&#1;&#xFFFE;</r>", "<r><![CDATA[\uFFFD\uFFFD]]></r>", NULL},
	{"<r>its end: ]]&gt; &amp;&ntilde;</r>", "<r>its end: ]]&gt; &amp;ñ</r>", "an entity that XML doesn't know"},
	/* attributes */
	{"<r a=1 b c='x\"y'>z</r>", "<r a=\"1\" b=\"\" c=\"x&quot;y\">z</r>", "an attribute without quotes"},
	{"<r a=\"x < y\"/>", "<r a=\"x &lt; y\"/>", "a < inside an attribute"},
	{"<r><i a=\"x>t</i><i b=\"y\"/></r>", "<r><i a=\"x\">t</i><i b=\"y\"/></r>", "a quote left open"},
	{"<r><i a=\"x\"<b/></i></r>", "<r><i a=\"x\"><b/></i></r>", "a tag left open"},
	{"<r a=\"1\"b=\"2\" = ,/>", "<r a=\"1\" b=\"2\"/>", "a stray character inside a tag"},
	/* nesting */
	{"<r><d>a <b>c</d><e>f</e></r>", "<r><d>a <b>c</b></d><e>f</e></r>", "an element left open"},
	{"<r><d>a</b></d></r>", "<r><d>a</d></r>", "an end tag of nothing open"},
	{"<r>a<br>b<img src='x'>c</img><hr></r>", "<r>a<br/>b<img src=\"x\"/>c<hr/></r>", NULL},
	{"<r><pubDate>x</pubdate>y</r>", "<r><pubDate>x</pubDate>y</r>", NULL},
	{"<r><item><t>1</t><item><t>2</t></item></item></r>", "<r><item><t>1</t></item><item><t>2</t></item></r>",
	 "an item left open"},
	{"<r><d>a</d", "<r><d>a</d></r>", "an end tag left open"},
	{"<r><d>a</d><e f=\"g", "<r><d>a</d></r>", "it ends inside a tag"},
	{"<r><d>cut", "<r><d>cut</d></r>", "it ends in mid-document"},
	{"<r><d><![CDATA[cut", "<r><d><![CDATA[cut]]></d></r>", "CDATA left open"},
	{"<r>a<!-- b</r>", "<r>a-- b</r>", "a comment left open"},
	/* around the root */
	{"\n\n  <?xml version=\"1.0\"?><r/>", "<r/>", "text before the XML declaration"},
	{"<br />\n<b>Warning</b>: x\n<?xml version=\"1.0\"?><r/>", "<r/>", "text before the XML declaration"},
	{"<r/>text<s/>", "<r/>", "text behind the end"},
	{"<r/><s/>", "<r/>", "elements behind the end"},
	{"x &amp; y <r/>", "<r/>", "text before the first element"},
	/* valid UTF-8, and no XML */
	{"<r>a\xEF\xBF\xBE\xEF\xBF\xBF!</r>", "<r>a\xEF\xBF\xBD\xEF\xBF\xBD!</r>", NULL},
};

static void test_mends(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(buf_done) struct buf out = BUF_INIT(OUT_MAX);
		const char *why = "untouched";

		assert_int_equal(prescan(cases[i].in, strlen(cases[i].in), &out, &why), 0);
		assert_string_equal(buf_str(&out), cases[i].want);
		assert_string_equal(why ? why : "nothing", cases[i].why ? cases[i].why : "nothing");
	}
}

/* What was mended once needs no mending. */
static void test_is_idempotent(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(buf_done) struct buf once = BUF_INIT(OUT_MAX), twice = BUF_INIT(OUT_MAX);
		const char *why = NULL;

		assert_int_equal(prescan(cases[i].in, strlen(cases[i].in), &once, &why), 0);
		assert_int_equal(prescan(once.data, once.len, &twice, &why), 0);
		assert_null(why);
		assert_string_equal(buf_str(&once), buf_str(&twice));
	}
}

static void test_finds_no_xml(void **state)
{
	static const char *const none[] = {
		"", "   ", "hola", "{\"a\":1}", "<", "< a", "<?xml version=\"1.0\"?>", "<!--x-->", "&amp;"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(none); i++) {
		cleanup(buf_done) struct buf out = BUF_INIT(OUT_MAX);
		const char *why = NULL;

		assert_int_equal(prescan(none[i], strlen(none[i]), &out, &why), PRESCAN_E_NO_XML);
	}
}

/* FAULTS P1, P2, P3: entities of a document's own, in every spelling that XML allows. */
static void test_refuses_entities(void **state)
{
	static const char *const bad[] = {
		"<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>",
		"<!DOCTYPE r [\n<!ENTITY\tx SYSTEM 'file:///etc/passwd'>]><r>&x;</r>",
		"<!DOCTYPE r [<!ENTITY % p SYSTEM \"http://x.example/d.dtd\"> %p;]><r/>",
		"<!doctype r [<!-- <!ENTITY nbsp ''> --><!ENTITY lol \"lol\">]><r/>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(buf_done) struct buf out = BUF_INIT(OUT_MAX);
		const char *why = NULL;

		assert_int_equal(prescan(bad[i], strlen(bad[i]), &out, &why), PRESCAN_E_REFUSED);
		assert_string_equal(why, "a DTD with entities of its own");
	}
}

static int prescan_of(const struct buf *in)
{
	cleanup(buf_done) struct buf out = BUF_INIT(OUT_MAX);
	const char *why = NULL;

	return prescan(buf_str(in), in->len, &out, &why);
}

static void nest(struct buf *b, size_t levels)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < levels; i++)
		buf_puts(b, "<a>");
	for (i = 0; i < levels; i++)
		buf_puts(b, "</a>");
}

/* FAULTS P4 */
static void test_depth_is_bounded(void **state)
{
	cleanup(buf_done) struct buf in = BUF_INIT(OUT_MAX);

	(void)state;
	nest(&in, PRESCAN_DEPTH_MAX);
	assert_int_equal(prescan_of(&in), 0);
	nest(&in, PRESCAN_DEPTH_MAX + 1);
	assert_int_equal(prescan_of(&in), PRESCAN_E_REFUSED);
	nest(&in, 982600);
	assert_int_equal(prescan_of(&in), PRESCAN_E_REFUSED);
}

static void tag_of(struct buf *b, size_t value_bytes)
{
	size_t i;

	buf_reset(b);
	buf_puts(b, "<r a='");
	for (i = 0; i < value_bytes; i++)
		buf_putc(b, 'x');
	buf_puts(b, "'/>");
}

/* FAULTS P5 */
static void test_tags_are_bounded(void **state)
{
	cleanup(buf_done) struct buf in = BUF_INIT(OUT_MAX);
	size_t n, i;

	(void)state;
	tag_of(&in, PRESCAN_TAG_MAX_BYTES - 16);
	assert_int_equal(prescan_of(&in), 0);
	tag_of(&in, PRESCAN_TAG_MAX_BYTES + 1);
	assert_int_equal(prescan_of(&in), PRESCAN_E_REFUSED);
	for (n = PRESCAN_ATTRS_MAX; n <= PRESCAN_ATTRS_MAX + 1; n++) {
		buf_reset(&in);
		buf_puts(&in, "<r");
		for (i = 0; i < n; i++)
			buf_printf(&in, " a%zu=''", i);
		buf_puts(&in, "/>");
		assert_int_equal(prescan_of(&in), n <= PRESCAN_ATTRS_MAX ? 0 : PRESCAN_E_REFUSED);
	}
}

static void test_growth_is_bounded(void **state)
{
	cleanup(buf_done) struct buf out = BUF_INIT(16);
	const char *why = NULL;

	(void)state;
	assert_int_equal(prescan("<r>&&&&&&&&</r>", 15, &out, &why), PRESCAN_E_SIZE);
}

/* Four megabytes of what is opened and never closed cost no more than four megabytes of anything. */
static void test_is_linear(void **state)
{
	static const char *const open[] = {"<!--",      "<?x ", "<!x ", "</a",      "<a b='x ",
					   "<![CDATA[", "&",    "<",    "<a b=\"<", "<!DOCTYPE ["};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(open); i++) {
		cleanup(buf_done) struct buf in = BUF_INIT(OUT_MAX);
		clock_t start = clock();

		buf_puts(&in, "<r>");
		while (in.len < 4 * 1024 * 1024)
			buf_puts(&in, open[i]);
		(void)prescan_of(&in);
		assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mends),
		cmocka_unit_test(test_is_idempotent),
		cmocka_unit_test(test_finds_no_xml),
		cmocka_unit_test(test_refuses_entities),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_tags_are_bounded),
		cmocka_unit_test(test_growth_is_bounded),
		cmocka_unit_test(test_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
