/* Feeds of every kind to mentions: tests/data/feeds through feed_parse(). FAULTS P1 to P9, P16. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/feed.h"
#include "parse/feed_item.h"
#include "parse/parse.h"

enum { FILE_MAX = 64 * 1024 * 1024 };
#define ADDRESS "https://feed.example/dir/feed.xml"
#define SEEN_MS INT64_C(1795600000000) /* 2026-11-25: later than every fixture */

struct fixture {
	struct arena *a;
	struct answer answer;
};

static struct job_feed job_of(const char *body, size_t len)
{
	return (struct job_feed){.source = "fuente",
				 .platform = "feed",
				 .address = ADDRESS,
				 .format = "auto",
				 .lang = "fr",
				 .seen_ms = SEEN_MS,
				 .not_before_ms = TIME_NONE,
				 .body = body,
				 .body_len = len};
}

static struct fixture parse(const char *body, size_t len)
{
	struct job_feed job = job_of(body, len);
	struct fixture f = {.a = arena_new(1 << 28)};

	feed_parse(&job, f.a, &f.answer);
	return f;
}

static struct fixture parse_text(const char *body)
{
	return parse(body, strlen(body));
}

/* tests/data/feeds/NAME, beside this file's folder wherever the build runs. */
static struct fixture parse_file(const char *name)
{
	cleanup(buf_done) struct buf path = BUF_INIT(4096), body = BUF_INIT(FILE_MAX);
	struct fixture f;
	FILE *file;
	char *to;

	buf_put(&path, __FILE__, (size_t)(strrchr(__FILE__, '/') - __FILE__));
	buf_printf(&path, "/../data/feeds/%s", name);
	file = fopen(path.data, "rb");
	if (!file)
		fail_msg("%s: run from the build folder", path.data);
	while ((to = buf_reserve(&body, 4096))) {
		size_t n = fread(to, 1, 4096, file);

		buf_commit(&body, n);
		if (n < 4096)
			break;
	}
	fclose(file);
	f = parse(buf_str(&body), body.len);
	return f;
}

static void done(struct fixture *f)
{
	f->a = arena_free(f->a);
}

/* The feeds that searchers make of others' articles: who wrote one, and where it stands. */
static void test_searchers(void **state)
{
	static const char news[] =
		"<rss version='2.0' xmlns:News='https://www.bing.example/news/search?q=x'><channel><title>andino - "
		"Noticias</title>"
		"<item><title>Suben los precios - El Diario - El Faro</title><guid isPermaLink='false'>CBMi1</guid>"
		"<link>https://news.example/rss/articles/CBMi1?oc=5</link><source url='https://faro.example'>El "
		"Faro</source></item>"
		"<item><title>Otra</title><link>https://b.example/"
		"apiclick.aspx?ref=x&amp;url=https%3a%2f%2fdiario.example%2fn&amp;c=1</link>"
		"<News:Source>El Diario</News:Source></item>"
		"<item><title>Sin nadie - El Faro</title><guid>tag:b.example,2013:alerts/feed:7</guid>"
		"<link>https://b.example/url?url=https://diario.example/n%3Fid%3D2</link></item></channel></rss>";
	struct job_feed job = job_of(news, strlen(news));
	struct fixture f = {.a = arena_new(1 << 28)};
	uint8_t id[MENTION_ID_BYTES];
	const struct mention *m;

	(void)state;
	job.unwrap = "url";
	job.outlet = true;
	feed_parse(&job, f.a, &f.answer);
	assert_int_equal(f.answer.n_mentions, 3);
	m = f.answer.mentions;
	assert_string_equal(m[0].title, "Suben los precios - El Diario");
	assert_string_equal(m[0].author.name, "El Faro");
	assert_string_equal(m[0].author.url, "https://faro.example");
	assert_string_equal(m[0].url, "https://news.example/rss/articles/CBMi1?oc=5");
	assert_string_equal(m[1].author.name, "El Diario");
	assert_string_equal(m[1].url, "https://diario.example/n");
	assert_string_equal(m[2].title, "Sin nadie - El Faro");
	assert_string_equal(m[2].url, "https://diario.example/n?id=2");
	mention_identity("", "https://diario.example/n?id=2", id); /* that of the article, whoever found it */
	assert_memory_equal(m[2].id, id, sizeof(id));
	job.unwrap = NULL;
	job.outlet = false;
	feed_parse(&job, f.a, &f.answer);
	assert_string_equal(f.answer.mentions[0].title, "Suben los precios - El Diario - El Faro");
	assert_null(f.answer.mentions[0].author.name);
	done(&f);
}

static const char *time_of(int64_t ms)
{
	static char text[CLOCK_RFC3339_SIZE];

	return clock_rfc3339(ms, ms % 1000 != 0, text);
}

static void test_rss2(void **state)
{
	struct fixture f = parse_file("rss2.xml");
	const struct mention *m = f.answer.mentions;

	(void)state;
	assert_int_equal(f.answer.status, ANSWER_OK);
	assert_null(f.answer.why);
	assert_false(f.answer.recovered);
	assert_string_equal(f.answer.feed.format, "rss");
	assert_string_equal(f.answer.feed.title, "El Faro de Andino");
	assert_string_equal(f.answer.feed.link, "https://faro.example/");
	assert_string_equal(f.answer.feed.hub, "https://hub.example/");
	assert_string_equal(f.answer.feed.lang, "es-MX");
	assert_int_equal(f.answer.feed.ttl_s, 3600); /* the longer of ttl and sy */
	assert_int_equal(f.answer.feed.skip_hours, 1u << 0 | 1u << 23);
	assert_int_equal(f.answer.feed.skip_days, 1u << 0 | 1u << 6);
	assert_int_equal(f.answer.n_items, 2);
	assert_int_equal(f.answer.n_mentions, 2);

	assert_string_equal(m[0].source, "fuente");
	assert_string_equal(m[0].kind, "article");
	assert_string_equal(m[0].guid, "nota-1");
	assert_string_equal(m[0].url, "https://feed.example/notas/1?a=1&b=2");
	assert_string_equal(m[0].title, "Acme \"sube\" precios otra vez");
	assert_string_equal(m[0].text, "Los clientes protestan.\nAcme calla & espera.");
	assert_string_equal(m[0].author.name, "Ana Pérez");
	assert_string_equal(m[0].lang, "es");
	assert_string_equal(time_of(m[0].published_ms), "2026-11-20T16:00:00Z");
	assert_int_equal(m[0].counts.replies, 7);
	assert_int_equal(m[0].counts.likes, COUNT_NONE);
	assert_int_equal(f.answer.items[0].counts.replies, 7);

	assert_string_equal(m[1].kind, "podcast");
	assert_string_equal(m[1].url, "https://faro.example/pod/2"); /* a guid that is the link */
	assert_string_equal(m[1].title, "Podcast: 1 < 2");
	assert_string_equal(m[1].text, "Un texto con etiquetas sin escapar, 3 < 4");
	assert_string_equal(m[1].author.name, "Eva Luna");
	assert_string_equal(m[1].lang, "en");
	assert_string_equal(time_of(m[1].published_ms), "2026-11-19T08:30:00Z");
	done(&f);
}

static void test_atom(void **state)
{
	struct fixture f = parse_file("atom1.xml");
	const struct mention *m = f.answer.mentions;

	(void)state;
	assert_string_equal(f.answer.feed.format, "atom");
	assert_string_equal(f.answer.feed.title, "Blog & more");
	assert_string_equal(f.answer.feed.link, "https://blog.example/es/");
	assert_int_equal(f.answer.n_mentions, 2);
	assert_string_equal(m[0].guid, "tag:blog.example,2026:1");
	assert_string_equal(m[0].url, "https://blog.example/es/1.html");
	assert_string_equal(m[0].title, "Use <b> sparingly"); /* type text: to the letter */
	assert_string_equal(m[0].text, "AT&T <3 ñandú\nEnd");
	assert_string_equal(m[0].author.name, "The Blog");
	assert_string_equal(m[0].author.url, "https://blog.example/about");
	assert_string_equal(m[0].lang, "en");
	assert_string_equal(time_of(m[0].published_ms), "2026-11-20T10:00:00.250Z");
	assert_int_equal(m[0].counts.replies, 12);
	assert_string_equal(m[1].title, "Hola mundo");
	assert_string_equal(m[1].text, "Del vídeo");
	assert_string_equal(m[1].url, "https://other.example/dir/two");
	assert_string_equal(m[1].author.name, "ana@blog.example");
	assert_string_equal(m[1].kind, "video");
	assert_string_equal(m[1].lang, "es");
	assert_int_equal(m[1].counts.replies, 3);
	assert_int_equal(m[1].counts.views, 1234);
	done(&f);
}

static void test_rdf(void **state)
{
	struct fixture f = parse_file("rdf.xml");
	const struct mention *m = f.answer.mentions;

	(void)state;
	assert_string_equal(f.answer.feed.format, "rdf");
	assert_int_equal(f.answer.n_mentions, 2);
	assert_string_equal(m[0].guid, "https://rdf.example/1");
	assert_string_equal(m[0].author.name, "João");
	assert_string_equal(m[0].text, "Não é São");
	assert_string_equal(m[0].lang, "pt");
	assert_string_equal(time_of(m[0].published_ms), "2026-11-20T00:00:00Z");
	assert_true(m[1].date_suspect);
	assert_int_equal(m[1].published_ms, SEEN_MS);
	assert_null(m[1].text);
	assert_null(m[1].url);
	done(&f);
}

/* FAULTS P6, and all else that is mended */
static void test_broken(void **state)
{
	struct fixture f = parse_file("broken.xml");
	const struct mention *m = f.answer.mentions;

	(void)state;
	assert_int_equal(f.answer.status, ANSWER_OK);
	assert_true(f.answer.recovered);
	assert_non_null(f.answer.why);
	assert_string_equal(f.answer.feed.title, "Rota & descuidada");
	assert_int_equal(f.answer.n_mentions, 3);
	assert_string_equal(m[0].title, "Uno: AT&T café & <3");
	assert_string_equal(m[0].url, "https://rota.example/?a=1&copy=2");
	assert_string_equal(m[0].text, "Primero sin cerrar\ny cruzado");
	assert_string_equal(time_of(m[0].published_ms), "2026-11-20T10:00:00Z");
	assert_string_equal(m[1].url, "https://rota.example/2");
	assert_string_equal(m[2].text, "Tercero, cortado en la mit");
	done(&f);
}

#define RSS(inside)  "<rss version='2.0'><channel>" inside "</channel></rss>"
#define ITEM(inside) RSS("<item><title>t</title>" inside "</item>")

static const struct {
	const char *body;
	enum answer_status status;
	const char *why; /* its beginning; NULL: none */
	size_t items;
} outcomes[] = {
	{RSS("<title>vacío</title>"), ANSWER_OK, NULL, 0},
	{"", ANSWER_NOT_A_FEED, "an empty answer", 0},
	{" \r\n ", ANSWER_NOT_A_FEED, "an empty answer", 0},
	{"<!doctype html><html><head><title>Inicie sesión</title></head></html>", ANSWER_NOT_A_FEED,
	 "an HTML page instead of a feed: \"Inicie sesi", 0},
	{"<html><body><p>x", ANSWER_NOT_A_FEED, "an HTML page instead of a feed", 0},
	{"<html><body><feed xmlns='http://www.w3.org/2005/Atom'><entry><title>t</title></entry></feed></body></html>",
	 ANSWER_OK, NULL, 1},
	{"<urlset><url/></urlset>", ANSWER_NOT_A_FEED, "XML of another kind: <urlset>", 0},
	{"Too many requests", ANSWER_NOT_A_FEED, "neither XML nor JSON: \"Too many requests\"", 0},
	{"{\"error\":1}", ANSWER_NOT_A_FEED, "JSON, and no JSON Feed", 0},
	{"{\"items\":[", ANSWER_MALFORMED, "not JSON from line 1", 0},
	/* FAULTS P1, P2, P3 */
	{"<!DOCTYPE rss [<!ENTITY a 'aaaa'>]>" ITEM("&a;"), ANSWER_REFUSED, "a DTD with entities of its own", 0},
	{"<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" ITEM("&x;"), ANSWER_REFUSED, "a DTD with entities",
	 0},
	{"<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'>" ITEM(""), ANSWER_OK, NULL, 1},
	/* FAULTS P8 */
	{"<?xml version='1.0' encoding='utf-7'?>" ITEM(""), ANSWER_REFUSED, "UTF-7", 0},
	/* roots and spaces of names as they come */
	{"<RSS><Channel><Item><Title>t</Title></Item></Channel></RSS>", ANSWER_OK, NULL, 1},
	{"<channel><item><title>t</title></item></channel>", ANSWER_OK, NULL, 1},
	{"<feed><entry><title>t</title></entry></feed>", ANSWER_OK, NULL, 1},
	{RSS("<item/><item><pubDate>1</pubDate></item>"), ANSWER_OK, NULL, 0},                   /* nothing in them */
	{RSS("<item><title>t</title></item><item><title>t</title></item>"), ANSWER_OK, NULL, 1}, /* twins */
};

static void test_outcomes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(outcomes); i++) {
		struct fixture f = parse_text(outcomes[i].body);

		assert_int_equal(f.answer.status, outcomes[i].status);
		assert_int_equal(f.answer.n_items, outcomes[i].items);
		if (!outcomes[i].why)
			assert_null(f.answer.why);
		else
			assert_memory_equal(f.answer.why, outcomes[i].why, strlen(outcomes[i].why));
		assert_true(!f.answer.why || strlen(f.answer.why) < ANSWER_WHY_MAX);
		done(&f);
	}
}

/* One fact of one item each: what is read, in the spellings met. */
#define ATOM(links) "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>t</title>" links "</entry></feed>"

static const struct {
	const char *body, *title, *text, *url, *author;
} facts[] = {
	{ITEM("<link> \n https://a.example/x\n</link>"), "t", NULL, "https://a.example/x", NULL},
	{ITEM("<link>javascript:alert(1)</link>"), "t", NULL, NULL, NULL},
	{ITEM("<link/><guid>https://a.example/g</guid>"), "t", NULL, "https://a.example/g", NULL},
	{ITEM("<guid isPermaLink='false'>https://a.example/g</guid>"), "t", NULL, NULL, NULL},
	{ITEM("<guid>relativo</guid>"), "t", NULL, "https://feed.example/dir/relativo", NULL},
	{ITEM("<link xml:base='https://b.example/d/'>x</link>"), "t", NULL, "https://b.example/d/x", NULL},
	{ITEM("<f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>https://o.example/</f:origLink>"), "t",
	 NULL, "https://o.example/", NULL},
	{ITEM("<source url='x'><title>otra</title></source><image><link>https://i.example/</link></image>"), "t", NULL,
	 NULL, NULL},
	{ITEM("<author>ana@a.example (Ana)</author>"), "t", NULL, NULL, "Ana"},
	{ITEM("<author>Ana &lt;ana@a.example&gt;</author>"), "t", NULL, NULL, "Ana"},
	{ITEM("<author>ana@a.example</author><dc:creator>Ana</dc:creator>"), "t", NULL, NULL, "Ana"},
	{ITEM("<author>ana@a.example</author>"), "t", NULL, NULL, "ana@a.example"},
	{ITEM("<itunes:author>Eva</itunes:author>"), "t", NULL, NULL, "Eva"},
	{ITEM("<dc:creator>P&amp;#233;rez</dc:creator>"), "t", NULL, NULL, "Pérez"},
	/* namespaces: another prefix, a mistyped URI, none declared */
	{ITEM("<c:encoded xmlns:c='http://purl.org/rss/1.0/modules/content/'>x</c:encoded>"), "t", "x", NULL, NULL},
	{ITEM("<c:encoded xmlns:c='HTTPS://purl.org/rss/1.0/modules/content'>x</c:encoded>"), "t", "x", NULL, NULL},
	{ITEM("<content:encoded xmlns:content='urn:wrong'>x</content:encoded>"), "t", "x", NULL, NULL},
	{ITEM("<content:encoded>x</content:encoded><description>y</description>"), "t", "x", NULL, NULL},
	{ITEM("<x:title xmlns:x='urn:x'>otro</x:title>"), "t", NULL, NULL, NULL},
	{RSS("<item><media:title>m</media:title><dc:title>d</dc:title></item>"), "d", NULL, NULL, NULL},
	/* texts */
	{ITEM("<description/><content:encoded> </content:encoded><itunes:summary>s</itunes:summary>"), "t", "s", NULL,
	 NULL},
	{ITEM("<description>d</description><media:description>m</media:description>"), "t", "d", NULL, NULL},
	{ITEM("<description>&amp;lt;p&amp;gt;uno&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;dos&amp;lt;/p&amp;gt;</"
	      "description>"),
	 "t", "uno\ndos", NULL, NULL}, /* escaped twice */
	{RSS("<item><title>El elemento &lt;Foo> y x &lt; y</title></item>"), "El elemento <Foo> y x < y", NULL, NULL,
	 NULL},
	{RSS("<item><title><![CDATA[<b>a</b><br/>b]]></title></item>"), "a b", NULL, NULL, NULL},
	{RSS("<item><title>compaÃ±Ã­a</title></item>"), "compañía", NULL, NULL, NULL},
	{RSS("<item><title>a&#150;b &#x92;c</title></item>"), "a–b ’c", NULL, NULL, NULL}, /* windows-1252 by number */
	{"<feed xmlns='http://purl.org/atom/ns#' version='0.3'><entry><title mode='escaped' "
	 "type='text/html'>&lt;b>x&lt;/b></title>"
	 "<content type='image/png' mode='base64'>AAAA</content><summary>s</summary></entry></feed>",
	 "x", "s", NULL, NULL},
	{"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>t</title><content src='x' type='text/html'/>"
	 "<summary type='html'>&lt;p>s</summary></entry></feed>",
	 "t", "s", NULL, NULL},
	/* which of several links: a page that says so, what says nothing, then the rest; and the first of equals */
	{ATOM("<link rel='alternate' type='application/pdf' href='https://a.example/p'/><link "
	      "href='https://a.example/n'/>"
	      "<link rel='alternate' type='text/html' href='https://a.example/h'/>"
	      "<link rel='alternate' type='text/html; charset=utf-8' href='https://a.example/h2'/>"),
	 "t", NULL, "https://a.example/h", NULL},
	{ATOM("<link rel='self' type='text/html' href='https://a.example/s'/>"
	      "<link rel='alternate' type='application/json' href='https://a.example/j'/>"
	      "<link rel='alternate' href='https://a.example/n'/>"),
	 "t", NULL, "https://a.example/n", NULL},
	{ATOM("<link rel='alternate' type='application/xhtml+xml' href='https://a.example/x'/>"
	      "<link rel='alternate' type='TEXT/HTML' href='https://a.example/h'/>"),
	 "t", NULL, "https://a.example/h", NULL},
	{ATOM("<link rel='alternate' type='application/json' href='https://a.example/j'/>"), "t", NULL,
	 "https://a.example/j", NULL},
};

static void assert_fact(const char *got, const char *want, size_t i, const char *what)
{
	if (!got != !want || (got && strcmp(got, want) != 0))
		fail_msg("facts[%zu].%s: \"%s\", not \"%s\"", i, what, got ? got : "(none)", want ? want : "(none)");
}

static void test_facts(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(facts); i++) {
		struct fixture f = parse_text(facts[i].body);
		const struct mention *m = f.answer.mentions;

		assert_int_equal(f.answer.n_mentions, 1);
		assert_fact(m->title, facts[i].title, i, "title");
		assert_fact(m->text, facts[i].text, i, "text");
		assert_fact(m->url, facts[i].url, i, "url");
		assert_fact(m->author.name, facts[i].author, i, "author");
		done(&f);
	}
}

/* One byte lost anywhere in a well-formed feed costs at the most its own item and what follows: those before it stand. */
static void test_a_byte_lost(void **state)
{
	static const struct {
		const char *head, *item, *tail, *end;
	} kinds[] = {
		{"<?xml version='1.0'?><rss version='2.0'><channel><title>c</title>",
		 "<item><title>Título #</title><link>https://a.example/#</link><description><![CDATA[<p>Texto &amp; "
		 "más</p>]]></description><guid>g#</guid></item>",
		 "</channel></rss>", "</item>"},
		{"<feed xmlns='http://www.w3.org/2005/Atom'><title>c</title>",
		 "<entry><title type='html'>Título #</title><link href='https://a.example/#'/><id>urn:#</id>"
		 "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Texto &amp; "
		 "más</p></div></content>"
		 "</entry>",
		 "</feed>", "</entry>"},
		{"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
		 "<channel><title>c</title></channel>",
		 "<item><title>Título #</title><link>https://a.example/#</link><description>Texto &lt;i&gt;#&lt;/i&gt;"
		 "</description></item>",
		 "</rdf:RDF>", "</item>"},
	};
	enum { ITEMS = 4 };
	size_t kind, i, at;
	const char *c;

	(void)state;
	for (kind = 0; kind < ARRAY_LEN(kinds); kind++) {
		struct buf whole = BUF_INIT(16384), less = BUF_INIT(16384);
		struct fixture f;

		buf_puts(&whole, kinds[kind].head);
		for (i = 0; i < ITEMS; i++)
			for (c = kinds[kind].item; *c; c++)
				buf_putc(&whole, *c == '#' ? (char)('0' + i) : *c);
		buf_puts(&whole, kinds[kind].tail);
		f = parse(whole.data, whole.len);
		assert_int_equal(f.answer.n_mentions, ITEMS);
		for (at = 0; at < whole.len; at++) {
			const char *end = whole.data;
			struct fixture g;

			buf_reset(&less);
			buf_put(&less, whole.data, at);
			buf_put(&less, whole.data + at + 1, whole.len - at - 1);
			g = parse(less.data, less.len);
			for (i = 0; (end = strstr(end, kinds[kind].end)) &&
				    (end += strlen(kinds[kind].end)) <= whole.data + at;
			     i++) {
				if (i >= g.answer.n_mentions ||
				    strcmp(g.answer.mentions[i].title, f.answer.mentions[i].title) != 0 ||
				    strcmp(g.answer.mentions[i].text, f.answer.mentions[i].text) != 0)
					fail_msg("kind %zu without byte %zu: item %zu is lost", kind, at, i);
			}
			done(&g);
		}
		done(&f);
		buf_done(&whole);
		buf_done(&less);
	}
}

/* FAULTS P7: whatever comes, valid UTF-8 leaves. */
static void test_bad_bytes(void **state)
{
	static const char body[] = "<rss><channel><item><title>a\x00\x0b\xff\xc3(b</title></item></channel></rss>";
	struct fixture f = parse(body, sizeof(body) - 1);

	(void)state;
	assert_int_equal(f.answer.n_mentions, 1);
	assert_true(utf8_valid_text(f.answer.mentions[0].title, strlen(f.answer.mentions[0].title)));
	assert_int_equal(f.answer.mentions[0].title[0], 'a');
	done(&f);
}

/* FAULTS P9: HTML far deeper than the XML may be */
static void test_deep_html(void **state)
{
	cleanup(buf_done) struct buf body = BUF_INIT(FILE_MAX);
	struct fixture f;
	size_t i;

	(void)state;
	buf_puts(&body, "<rss><channel><item><title>t</title><description><![CDATA[");
	for (i = 0; i < 3400; i++)
		buf_puts(&body, "<div>");
	buf_puts(&body, "hondo]]></description></item></channel></rss>");
	f = parse(body.data, body.len);
	assert_string_equal(f.answer.mentions[0].text, "hondo");
	done(&f);
}

/* FAULTS P16 */
static void test_bounds(void **state)
{
	cleanup(buf_done) struct buf body = BUF_INIT(FILE_MAX);
	struct fixture f;
	const struct mention *m;
	size_t i;

	(void)state;
	buf_puts(&body, "<rss><channel>");
	for (i = 0; i < ANSWER_ITEMS_MAX + 7; i++)
		buf_printf(&body, "<item><title>%zu</title></item>", i);
	buf_puts(&body, "</channel></rss>");
	f = parse(body.data, body.len);
	assert_int_equal(f.answer.n_items, ANSWER_ITEMS_MAX);
	assert_int_equal(f.answer.items_left, 7);
	done(&f);

	buf_reset(&body);
	buf_puts(&body, "<rss><channel><item><title>t</title><link>https://a.example/");
	for (i = 0; i < MENTION_FIELD_MAX_BYTES; i++)
		buf_putc(&body, 'l');
	buf_puts(&body, "</link><guid>");
	for (i = 0; i < MENTION_FIELD_MAX_BYTES; i++)
		buf_puts(&body, "ñ");
	buf_puts(&body, "</guid><description>");
	for (i = 0; i < MENTION_TEXT_MAX_BYTES; i++)
		buf_puts(&body, "ñ");
	buf_puts(&body, "</description></item></channel></rss>");
	f = parse(body.data, body.len);
	m = f.answer.mentions;
	assert_int_equal(f.answer.n_mentions, 1);
	assert_true(m->cut);
	assert_in_range(strlen(m->text), MENTION_TEXT_MAX_BYTES - 4, MENTION_TEXT_MAX_BYTES);
	assert_true(utf8_valid_text(m->text, strlen(m->text)));
	assert_true(strlen(m->guid) <= MENTION_FIELD_MAX_BYTES);
	assert_true(utf8_valid_text(m->guid, strlen(m->guid)));
	assert_null(m->url); /* half an address is none */
	done(&f);
}

/* FAULTS P15: what was mended is told, also where it is as long as it was; what went leaves no double spaces. */
static void test_mended_text(void **state)
{
	static const char body[] = "<rss><channel><item><title>MarÃa</title><description>&lt;p&gt;uno \u00AD "
				   "dos&amp;nbsp;tres \u00A0 cuatro&lt;/p&gt;</description></item></channel></rss>";
	struct fixture f = parse(body, sizeof(body) - 1);

	(void)state;
	assert_int_equal(f.answer.n_mentions, 1);
	assert_string_equal(f.answer.mentions[0].title, "María");
	assert_string_equal(f.answer.mentions[0].text, "uno dos tres cuatro");
	done(&f);
}

/* What libxml2 would drop of a text once something before it was ill-formed: its references (P6). */
static void test_references_behind_a_mistake(void **state)
{
	static const char body[] = "<rss><channel a='1' a='2'><item><title>Uno</title><description>Uno "
				   "con AT&amp;T, caf&amp;eacute; y 1 &lt; 2</description></item></channel></rss>";
	struct fixture f = parse(body, sizeof(body) - 1);

	(void)state;
	assert_int_equal(f.answer.n_mentions, 1);
	assert_string_equal(f.answer.mentions[0].text, "Uno con AT&T, café y 1 < 2");
	done(&f);
}

/* A text with more markup than is kept is cut, and told so. */
static void test_raw_bound(void **state)
{
	cleanup(buf_done) struct buf body = BUF_INIT(FILE_MAX);
	struct fixture f;

	(void)state;
	buf_puts(&body, "<rss><channel><item><title>t</title><description>inicio ");
	while (body.len < FEED_RAW_MAX_BYTES + 4096)
		buf_puts(&body, "&lt;br&gt;&#32;&#32;&#32;&#32;&#32;&#32;&#32;&#32;&#32;&#32;&#32;&#32;");
	while (body.len < 8 * FEED_RAW_MAX_BYTES)
		buf_puts(&body,
			 "&lt;br class='xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'&gt;");
	buf_puts(
		&body,
		"fin</description></item><item><title>u</title><description>otro</description></item></channel></rss>");
	f = parse(body.data, body.len);
	assert_int_equal(f.answer.n_mentions, 2);
	assert_true(f.answer.mentions[0].cut);
	assert_false(f.answer.mentions[1].cut);
	assert_string_equal(f.answer.mentions[1].text, "otro");
	done(&f);
}

/* Only what is new is told; an edit and a count are marked. */
static void test_second_fetch(void **state)
{
	static const char before[] =
		RSS("<item><guid>tag:1</guid><title>uno</title></item>"
		    "<item><guid>tag:2</guid><title>dos</title><slash:comments>1</slash:comments></item>"
		    "<item><guid>tag:3</guid><title>tres</title></item>");
	static const char after[] =
		RSS("<item><guid>tag:4</guid><title>cuatro</title></item>"
		    "<item><guid>tag:1</guid><title>uno, corregido</title></item>"
		    "<item><guid>tag:2</guid><title>dos</title><slash:comments>2</slash:comments></item>"
		    "<item><guid>tag:3</guid><title>tres</title></item>");
	static const enum item_state want[] = {ITEM_NEW, ITEM_EDITED, ITEM_COUNTED, ITEM_KNOWN};
	struct seen_key seen[3];
	struct job_feed job = job_of(before, strlen(before));
	struct fixture f = {.a = arena_new(1 << 24)};
	size_t i;

	(void)state;
	job.first = true;
	feed_parse(&job, f.a, &f.answer);
	assert_int_equal(f.answer.n_mentions, 3);
	for (i = 0; i < 3; i++) {
		assert_true(f.answer.mentions[i].baseline);
		seen[i] = f.answer.items[i].key;
	}
	job = job_of(after, strlen(after));
	job.seen = seen;
	job.n_seen = 3;
	feed_parse(&job, f.a, &f.answer);
	for (i = 0; i < 4; i++)
		assert_int_equal(f.answer.items[i].state, want[i]);
	assert_int_equal(f.answer.items[2].counts.replies, 2);
	assert_int_equal(f.answer.n_mentions, 2);
	assert_string_equal(f.answer.mentions[0].title, "cuatro");
	assert_false(f.answer.mentions[0].baseline);
	assert_string_equal(f.answer.mentions[1].title, "uno, corregido");
	done(&f);
}

static int setup(void **state)
{
	(void)state;
	parse_init();
	return 0;
}

/* A feed out of a file has no address of its own: links are relative to the site that it names. */
static void test_links_of_a_file(void **state)
{
	static const struct {
		const char *address, *body, *url;
	} cases[] = {
		{"file:copia.xml",
		 "<rss><channel><link>https://s.example/</link><item><link>/1</link></item></channel></rss>",
		 "https://s.example/1"},
		{"file:copia.xml",
		 "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
		 "<channel><link>https://s.example/a/</link></channel><item><title>t</title><link>1</link></item></"
		 "rdf:RDF>",
		 "https://s.example/a/1"},
		{"file:copia.xml",
		 "<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://s.example/'/>"
		 "<entry><title>t</title><link href='1'/></entry></feed>",
		 "https://s.example/1"},
		{"file:copia.xml",
		 "<rss "
		 "xml:base='https://b.example/'><channel><link>https://s.example/</link><item><link>/1</link></item>"
		 "</channel></rss>",
		 "https://b.example/1"}, /* what it says of itself comes first */
		{"file:copia.xml", "<rss><channel><item><title>t</title><link>/1</link></item></channel></rss>", NULL},
		{"file:copia.json",
		 "{\"version\":\"https://jsonfeed.org/version/1.1\",\"home_page_url\":\"https://s.example/\","
		 "\"items\":[{\"id\":\"1\",\"url\":\"/1\",\"content_text\":\"x\"}]}",
		 "https://s.example/1"},
		{ADDRESS, "<rss><channel><link>https://s.example/</link><item><link>/1</link></item></channel></rss>",
		 "https://feed.example/1"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct job_feed job = job_of(cases[i].body, strlen(cases[i].body));
		struct fixture f = {.a = arena_new(1 << 20)};

		job.address = cases[i].address;
		feed_parse(&job, f.a, &f.answer);
		assert_int_equal(f.answer.n_mentions, 1);
		assert_string_equal(f.answer.mentions[0].url ? f.answer.mentions[0].url : "-",
				    cases[i].url ? cases[i].url : "-");
		done(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rss2),
		cmocka_unit_test(test_atom),
		cmocka_unit_test(test_rdf),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_bad_bytes),
		cmocka_unit_test(test_deep_html),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_mended_text),
		cmocka_unit_test(test_references_behind_a_mistake),
		cmocka_unit_test(test_raw_bound),
		cmocka_unit_test(test_second_fetch),
		cmocka_unit_test(test_searchers),
		cmocka_unit_test(test_links_of_a_file),
		cmocka_unit_test(test_a_byte_lost),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
