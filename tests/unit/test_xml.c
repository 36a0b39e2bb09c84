/* What prescan() wrote, read by xml_read() as libxml2's SAX2 parser reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "parse/charset.h"
#include "parse/prescan.h"
#include "parse/xml.h"
#include "parse/xml_read.h"

enum { OUT_MAX = 16 * 1024 * 1024 };

/* --- what was called back, as text --- */

static void put_name(struct buf *b, const char *prefix, const char *local)
{
	if (prefix)
		buf_printf(b, "%s:", prefix);
	buf_puts(b, local);
}

static void on_start(void *arg, const struct xml_name *name, const struct xml_attrs *attrs)
{
	size_t i;

	buf_puts(arg, "<");
	put_name(arg, name->prefix, name->local);
	buf_printf(arg, "{%s}", name->uri ? name->uri : "");
	for (i = 0; i < attrs->n; i++) {
		buf_puts(arg, " ");
		put_name(arg, attrs->v[i].prefix, attrs->v[i].local);
		buf_printf(arg, "=[%s]", attrs->v[i].value);
	}
	buf_puts(arg, ">");
}

static void on_end(void *arg, const struct xml_name *name)
{
	buf_puts(arg, "</");
	put_name(arg, name->prefix, name->local);
	buf_printf(arg, "{%s}>", name->uri ? name->uri : "");
}

static void on_text(void *arg, const char *s, size_t len)
{
	buf_put(arg, s, len);
}

static const struct xml_handler handler = {on_start, on_end, on_text};

/* --- libxml2 --- */

/* Without NOENT it hands on every & of a value as "&#38;", for a tree that would read it again. */
static char *value_of(const xmlChar *from, const xmlChar *to)
{
	cleanup(buf_done) struct buf b = BUF_INIT(OUT_MAX);
	const char *s = (const char *)from, *end = (const char *)to, *amp;

	while ((amp = memmem(s, (size_t)(end - s), "&#38;", 5))) {
		buf_put(&b, s, (size_t)(amp - s) + 1);
		s = amp + 5;
	}
	buf_put(&b, s, (size_t)(end - s));
	return buf_steal(&b);
}

static void theirs_start(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_ns,
			 const xmlChar **ns, int n_attrs, int n_defaulted, const xmlChar **v)
{
	struct xml_name name = {(const char *)local, (const char *)prefix, (const char *)uri};
	struct xml_attribute attrs[PRESCAN_ATTRS_MAX];
	int i;

	(void)n_ns;
	(void)ns;
	(void)n_defaulted;
	for (i = 0; i < n_attrs; i++)
		attrs[i] = (struct xml_attribute){(const char *)v[5 * i], (const char *)v[5 * i + 1],
						  value_of(v[5 * i + 3], v[5 * i + 4])};
	on_start(arg, &name, &(struct xml_attrs){attrs, (size_t)n_attrs});
	for (i = 0; i < n_attrs; i++)
		free((char *)(uintptr_t)attrs[i].value);
}

static void theirs_end(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	on_end(arg, &(struct xml_name){(const char *)local, (const char *)prefix, (const char *)uri});
}

static void theirs_text(void *arg, const xmlChar *s, int len)
{
	on_text(arg, (const char *)s, (size_t)len);
}

static void no_error(void *arg, xmlErrorPtr error)
{
	(void)arg;
	(void)error;
}

static void read_by_libxml2(const struct buf *xml, struct buf *events)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = theirs_start,
		.endElementNs = theirs_end,
		.characters = theirs_text,
		.cdataBlock = theirs_text,
		.ignorableWhitespace = theirs_text,
		.serror = no_error,
	};
	xmlParserCtxtPtr ctxt = xmlCreatePushParserCtxt(&sax, events, NULL, 0, NULL);

	(void)xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_RECOVER);
	(void)xmlSwitchEncoding(ctxt, XML_CHAR_ENCODING_UTF8);
	(void)xmlParseChunk(ctxt, buf_str(xml), (int)xml->len, 0);
	(void)xmlParseChunk(ctxt, "", 0, 1);
	xmlFreeParserCtxt(ctxt);
}

/* --- both --- */

static void both_read(const char *s, size_t len, const char *of)
{
	cleanup(buf_done) struct buf xml = BUF_INIT(OUT_MAX), ours = BUF_INIT(OUT_MAX), theirs = BUF_INIT(OUT_MAX);
	const char *why;

	if (prescan(s, len, &xml, &why) != 0)
		return;
	read_by_libxml2(&xml, &theirs);
	assert_int_equal(xml_read(xml.data, xml.len, &handler, &ours), 0);
	if (strcmp(buf_str(&ours), buf_str(&theirs)) != 0)
		fail_msg("%s:\nours   %s\ntheirs %s", of, buf_str(&ours), buf_str(&theirs));
}

static const char *const documents[] = {
	"<r/>",
	"<r a='1' b=\"2\">x<i/>y<j></j>z</r>",
	"<r>&lt;&gt;&amp;&quot;&apos; &amp;lt; &#241; &bad; &</r>",
	"<r>]]&gt; &amp;amp; &#13; \r\n a \r b \n c</r>",
	"<r><![CDATA[<b> & ]] > &amp; \r\n]]>&amp;<![CDATA[]]></r>",
	"<r a='&lt;&gt;&amp;&quot;&apos; &amp;lt; &#38;#38; &bad; &'/>",
	"<r a='x\r\ny\tz \n w\ru &#10;&#13;&#9;'/>",
	"<r xmlns='u:1'><a><b xmlns=''><c/></b><c/></a></r>",
	"<r xmlns:p='u:1'><p:a p:b='1' c='2'><p:a xmlns:p='u:2'><p:c/></p:a><p:d/></p:a></r>",
	"<p:r p:a='1' xmlns:p='u:1' xmlns='u:&amp;' xml:lang='es'/>",
	"<r><p:a q:b='1'/><xml:c/><a:b:c/><d: e:='1'/><:f/></r>",
	"<r xmlns:p=''><p:a/></r>",
	"<r xmlns:p='u:1'><i xmlns:p='u:2'/><p:a/></r>",
	"<r a='1' a='2' b/>",
	"<rss><channel><item><title>x<item><título año='ñ'>y</r>",
};

static void what_is_written_by_hand_is_read_as_libxml2_reads_it(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(documents); i++)
		both_read(documents[i], strlen(documents[i]), documents[i]);
}

/* Returns how many files there are. */
static int folder_read(const char *name)
{
	cleanup(buf_done) struct buf folder = BUF_INIT(4096);
	struct dirent **entries = NULL;
	int n, i, files = 0;

	buf_put(&folder, __FILE__, (size_t)(strrchr(__FILE__, '/') - __FILE__));
	buf_printf(&folder, "/../%s", name);
	n = scandir(buf_str(&folder), &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		cleanup(buf_done) struct buf path = BUF_INIT(4096), file = BUF_INIT(OUT_MAX), text = BUF_INIT(OUT_MAX);

		buf_printf(&path, "%s/%s", buf_str(&folder), entries[i]->d_name);
		if (entries[i]->d_type == DT_REG && file_read(buf_str(&path), &file, NULL) == 0 &&
		    charset_to_utf8(buf_str(&file), file.len, NULL, &text, NULL) == 0) {
			both_read(buf_str(&text), text.len, entries[i]->d_name);
			files++;
		}
		free(entries[i]);
	}
	free(entries);
	return files;
}

static void feeds_are_read_as_libxml2_reads_them(void **state)
{
	(void)state; /* none: run from the build folder */
	assert_true(folder_read("data/feeds") >= 4);
	assert_true(folder_read("fuzz/corpus/feed") >= 10);
}

/* --- what libxml2 does otherwise, or is not asked for --- */

static void read_ours(const char *s, struct buf *events)
{
	cleanup(buf_done) struct buf xml = BUF_INIT(OUT_MAX);
	const char *why;

	assert_int_equal(prescan(s, strlen(s), &xml, &why), 0);
	assert_int_equal(xml_read(xml.data, xml.len, &handler, events), 0);
}

/* libxml2 drops all text before it, and stops at a name that is none. */
static void an_end_of_cdata_is_text_and_any_name_is_one(void **state)
{
	cleanup(buf_done) struct buf events = BUF_INIT(OUT_MAX);

	(void)state;
	read_ours("<r>uno ]]> dos<\u00D7 \u00F7='1'/></r>", &events);
	assert_string_equal(buf_str(&events), "<r{}>uno ]]> dos<\u00D7{} \u00F7=[1]></\u00D7{}></r{}>");
}

static void deepest_are_read(void **state)
{
	cleanup(buf_done) struct buf doc = BUF_INIT(OUT_MAX), events = BUF_INIT(OUT_MAX);
	size_t i;

	(void)state;
	for (i = 0; i < PRESCAN_DEPTH_MAX; i++)
		buf_puts(&doc, "<a>");
	buf_puts(&doc, "<b/>");
	read_ours(buf_str(&doc), &events);
	assert_non_null(strstr(buf_str(&events), "<b{}></b{}></a{}>"));
}

static void namespaces_are_bounded_and_go_with_their_element(void **state)
{
	cleanup(buf_done) struct buf doc = BUF_INIT(OUT_MAX), events = BUF_INIT(OUT_MAX);
	size_t i;

	(void)state;
	buf_puts(&doc, "<r><i");
	for (i = 1; i <= XML_NAMESPACES_MAX; i++) /* xml's own is one */
		buf_printf(&doc, " xmlns:n%zu='u:%zu'", i, i);
	buf_printf(&doc, "><n%d:a/><n%d:b/></i><i xmlns:n1='u:new'><n1:c/></i><n1:d/></r>", XML_NAMESPACES_MAX - 1,
		   XML_NAMESPACES_MAX);
	read_ours(buf_str(&doc), &events);
	assert_non_null(strstr(buf_str(&events), "<n127:a{u:127}>"));
	assert_non_null(strstr(buf_str(&events), "<n128:b{}>"));
	assert_non_null(strstr(buf_str(&events), "<n1:c{u:new}>"));
	assert_non_null(strstr(buf_str(&events), "<n1:d{}>"));
}

/* What no prescan() wrote ends with a word, and reads nothing behind its end. */
static void anything_else_breaks_off(void **state)
{
	static const char whole[] = "<a:r xmlns:a=\"u\" b=\"&lt;\">x<![CDATA[y]]></a:r>";
	static const char *const others[] = {
		"<r",  "<r>",  "</r>",         "<r></r></r>",     "<r a=1></r>", "<r a=\"></r>", "<r ></r>",
		"<r/", "<r/x", "<!-- --><r/>", "<r><![CDATA[x]]", "<>",          "<r>x"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(others); i++) {
		cleanup(buf_done) struct buf doc = BUF_INIT(OUT_MAX), events = BUF_INIT(OUT_MAX);

		buf_puts(&doc, others[i]);
		if (xml_read(doc.data, doc.len, &handler, &events) != XML_READ_E_BROKEN)
			fail_msg("%s", others[i]);
	}
	for (i = 1; i < strlen(whole); i++) {
		cleanup(buf_done) struct buf doc = BUF_INIT(OUT_MAX), events = BUF_INIT(OUT_MAX);

		buf_put(&doc, whole, i);
		assert_int_equal(xml_read(doc.data, doc.len, &handler, &events), XML_READ_E_BROKEN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_by_hand_is_read_as_libxml2_reads_it),
		cmocka_unit_test(feeds_are_read_as_libxml2_reads_them),
		cmocka_unit_test(an_end_of_cdata_is_text_and_any_name_is_one),
		cmocka_unit_test(deepest_are_read),
		cmocka_unit_test(namespaces_are_bounded_and_go_with_their_element),
		cmocka_unit_test(anything_else_breaks_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
