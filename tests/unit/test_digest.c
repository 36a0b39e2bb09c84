/* What people read of deliveries: a card of a mention, a digest of days, both as text and as a page; and kept with their words.
 * FAULTS O1, O2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/card.h"
#include "alert/digest.h"
#include "alert/mute.h"
#include "alert/filter.h"
#include "alert/notice_text.h"
#include "alert/page.h"
#include "alert/ready.h"
#include "base/arena.h"
#include "base/buf.h"
#include "mention/mention.h"

enum { ARENA_MAX_BYTES = 4 << 20, FACTS_MAX_BYTES = 2 << 20 };

static int setup(void **state)
{
	*state = arena_new(ARENA_MAX_BYTES);
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

/* --- cards --- */

static const char json[] =
	"{\"mention\":{\"id\":\"00\",\"source\":\"toots\",\"url\":\"https://x.example/1\",\"title\":\"Acme me estafó\","
	"\"text\":\"Acme me estafó ayer en la "
	"tienda\",\"author\":{\"name\":\"Ana\",\"handle\":\"ana\",\"followers\":1200},"
	"\"sentiment\":{\"label\":\"negative\"},\"intents\":[\"complaint\",\"other\"],\"hits\":[{\"topic\":\"acme\","
	"\"rules\":["
	"\"fraud\"],\"spans\":[{\"in\":\"title\",\"at\":[0,4]},{\"in\":\"text\",\"at\":[8,14]},{\"in\":\"text\",\"at\":"
	"[8,14]},"
	"{\"in\":\"text\",\"at\":[9000,9002]},{\"in\":\"author\",\"at\":[0,3]}]},{\"topic\":\"otra\",\"rules\":["
	"\"fraud\"]}]}}";

static void a_card_says_who_what_and_why(void **state)
{
	struct card c;
	struct page p;

	assert_int_equal(card_parse(json, *state, &c), 0);
	page_begin(&p, "es", NULL);
	c.times = 3;
	card_put(&c, TEXT_ES, &p);
	has(page_text(&p), "- Acme me estafó ayer en la tienda\n");
	has(page_text(&p), "Ana, 1200 seguidores, toots · negativa · se dijo 3 veces\n");
	has(page_text(&p), "acme, otra: queja, other; cumple fraud; por: Acme, estafó\n");
	has(page_text(&p), "https://x.example/1\n");
	has(page_html(&p), "<a style=");
	page_done(&p);
}

static void what_is_no_mention_is_no_card(void **state)
{
	static const char *const wrong[] = {
		"", "{", "[]", "{}", "{\"mention\":{}}", "{\"mention\":[]}", "{\"mention\":{\"id\":7}}"};
	struct card c;
	size_t i;

	for (i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(card_parse(wrong[i], *state, &c), CARD_E_FORMAT);
	assert_int_equal(card_parse("{\"id\":\"0\"}", *state, &c), 0); /* nothing is known but that it is one */
	assert_string_equal(c.text, "…");
}

static void a_long_text_is_cut_between_letters(void **state)
{
	cleanup(buf_done) struct buf b = BUF_INIT(1 << 20);
	struct card c;
	int i;

	buf_puts(&b, "{\"id\":\"0\",\"text\":\"x");
	for (i = 0; i < 400; i++)
		buf_puts(&b, "ñ");
	buf_puts(&b, "\"}");
	assert_int_equal(card_parse(buf_str(&b), *state, &c), 0);
	assert_true(strlen(c.text) <= CARD_TEXT_MAX_BYTES);
	assert_string_equal(c.text + strlen(c.text) - strlen("ñ…"), "ñ…");
}

/* --- pages --- */

static void foreign_words_are_no_markup(void **state)
{
	static const char *const hostile[] = {"<script>alert(1)</script>",
					      "\"><img src=x onerror=alert(1)>",
					      "a\r\nBcc: x@y",
					      "\xE2\x80\xAEgnp.exe",
					      "&lt;b&gt;",
					      "]]></p><h1>x"};
	static const char *const no_links[] = {"javascript:alert(1)", "https://x/\"onclick=\"a", "https://x/ y",
					       "data:text/html,x",    "https://x/\r\nA: b",      "http://a/<b>"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(hostile); i++) {
		const char *html;
		struct page p;

		page_begin(&p, "es", hostile[i]);
		page_heading(&p, hostile[i]);
		page_line(&p, hostile[i]);
		page_row(&p, hostile[i], hostile[i], hostile[i]);
		page_said(&p, hostile[i], hostile[i], hostile[i], no_links[i]);
		html = page_html(&p);
		has_not(html, "<script");
		has_not(html, "<img");
		has_not(html, "</p><h1>x");
		has_not(html, "\xE2\x80\xAE");
		has_not(html, "<a ");
		has_not(page_text(&p), "\nBcc");
		has_not(page_text(&p), no_links[i]);
		page_done(&p);
	}
}

static void lines_become_a_page(void **state)
{
	const char *html;
	struct page p;

	(void)state;
	page_begin(&p, "es", "uno");
	page_lines(&p, "dos\n\n1. <b>tres</b> (https://x.example/?a=1&b=2) y http:\n   "
		       "https://y.example/\"onclick=\nfin http");
	html = page_html(&p);
	has(html, "<div>dos</div>\n<div style=\"height:12px\"></div>\n<div>1. &lt;b&gt;tres&lt;/b&gt; (<a ");
	has(html, "href=\"https://x.example/?a=1&amp;b=2\">https://x.example/?a=1&amp;b=2</a>) y http:</div>");
	has(html, "href=\"https://y.example/\">https://y.example/</a>&quot;onclick=</div>");
	has(html, "<div>fin http</div>");
	assert_string_equal(page_text(&p), "");
	page_done(&p);
}

static void a_page_past_its_bound_is_not_given(void **state)
{
	char line[PAGE_LINE_MAX_BYTES];
	struct page p;
	int i;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	page_begin(&p, "es", NULL);
	for (i = 0; i < NOTICE_HTML_MAX_BYTES / PAGE_LINE_MAX_BYTES + 1; i++)
		page_line(&p, line);
	assert_null(page_html(&p));
	assert_true(strlen(page_text(&p)) <= NOTICE_BODY_MAX_BYTES);
	page_done(&p);
}

/* --- digests --- */

static struct mention *said(const char *topic, const char *role, const char *text, int64_t followers, uint64_t story,
			    const char *intent)
{
	static struct hit hit;
	static const char *intents[1];
	static struct mention m;

	mention_init(&m);
	intents[0] = intent;
	hit = (struct hit){.topic = topic, .role = role, .intents = intents, .n_intents = intent != NULL};
	m.text = text;
	m.url = "https://x.example/1";
	m.author.followers = followers;
	m.place.story = story;
	m.sentiment.label = intent && strcmp(intent, "complaint") == 0 ? "negative" : "neutral";
	m.hits = &hit;
	m.n_hits = 1;
	return &m;
}

static const struct notice_reader spanish = {.lang = TEXT_ES, .zone_name = "UTC"};

static void a_digest_tells_how_much_and_what(void **state)
{
	static const char *const deaf[] = {"prensa", "foro"}, *const rose[] = {"retraso", "reembolso"};
	const struct digest_facts f = {.from_ms = 0,
				       .to_ms = 86400000,
				       .deaf = deaf,
				       .n_deaf = 2,
				       .unheard = "YouTube",
				       .rose = rose,
				       .n_rose = 2};
	struct digest *d = digest_new(NULL, NULL);
	cleanup(freep) char *subject = NULL;
	struct mention *m;
	const char *text;
	struct page p;
	int i;

	(void)state;
	digest_topic(d, "acme", "brand", 2.5);
	digest_topic(d, "otra", "competitor", -1);
	for (i = 0; i < 4; i++)
		digest_add(d, said("acme", "brand", "se retrasó el envío", 10 + i, 77, NULL));
	digest_add(d, said("acme", "brand", "me cobraron dos veces", 9000, 78, "complaint"));
	digest_add(d, said("acme", "brand", "¿abren el domingo?", 5, 79, "question"));
	digest_add(d, said("otra", "competitor", "otra abre", 1, 80, NULL));
	m = said("acme", "brand", "de antes", 1000000, 81, "complaint");
	m->baseline = true;
	digest_add(d, m);
	assert_int_equal(digest_mentions(d), 7);
	subject = digest_put(d, &f, &spanish, &p);
	assert_string_equal(subject, "acme: 6 menciones, 2 esperan respuesta");
	text = page_text(&p);
	has(text, "acme: 6 (suele haber unas 2,5; 1 negativa)\n");
	has(text, "otra: 1 (aún no se sabe qué es lo habitual)\n");
	has(text, "2 quejas, preguntas y pedidos de ayuda.");
	has(text, "me cobraron dos veces\n  9000 seguidores\n");
	has(text, "se dijo 4 veces");
	has(text, "Nuevo, o más dicho que antes: retraso, reembolso");
	has(text, "Ahora no se oye: prensa, foro.");
	has(text, "No se escucha: YouTube.");
	has(text, "Desde 1970-01-01 00:00 hasta 1970-01-02 00:00");
	has_not(text, "de antes");
	assert_non_null(page_html(&p));
	page_done(&p);
	digest_free(d);
}

static void a_day_without_anything_is_told_in_a_line(void **state)
{
	const struct digest_facts f = {.from_ms = 0, .to_ms = 86400000};
	struct digest *d = digest_new(NULL, NULL);
	cleanup(freep) char *subject = NULL;
	struct page p;

	(void)state;
	digest_topic(d, "acme", "brand", 2);
	subject = digest_put(d, &f, &spanish, &p);
	assert_string_equal(subject, "acme: sin novedad");
	has(page_text(&p), "Nadie habló de lo que usted sigue.\n");
	has(page_text(&p), "Todas las fuentes responden.\n");
	page_done(&p);
	digest_free(d);
}

static void a_digest_is_of_its_hits_alone(void **state)
{
	struct condition_fault fault;
	struct filter *when;
	struct digest *d;

	assert_int_equal(filter_parse("intent == complaint", *state, &fault, &when), 0);
	d = digest_new(when, NULL);
	digest_add(d, said("acme", "brand", "a", 0, 1, NULL));
	digest_add(d, said("acme", "brand", "b", 0, 2, "complaint"));
	assert_int_equal(digest_mentions(d), 1);
	digest_rebind(d, NULL);
	digest_add(d, said("acme", "brand", "c", 0, 3, NULL));
	assert_int_equal(digest_mentions(d), 2);
	digest_free(d);
	d = digest_new(NULL, "otra");
	digest_add(d, said("acme", "brand", "a", 0, 1, NULL));
	digest_add(d, said("otra", "competitor", "a", 0, 1, NULL));
	assert_int_equal(digest_mentions(d), 1);
	digest_free(d);
}

/* Past the bound of stories those told once make room, and what many tell is still found. */
static void stories_are_bounded(void **state)
{
	const struct digest_facts f = {.from_ms = 0, .to_ms = 1};
	struct digest *d = digest_new(NULL, NULL);
	cleanup(freep) char *subject = NULL;
	struct page p;
	uint64_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		digest_add(d, said("acme", "brand", "la de muchos", 0, 1, NULL));
	for (i = 2; i < 2 * DIGEST_STORIES_MAX; i++)
		digest_add(d, said("acme", "brand", "de uno", 0, i, NULL));
	for (i = 0; i < DIGEST_TOPICS_MAX + 5; i++) {
		char name[32];

		snprintf(name, sizeof(name), "t%d", (int)i);
		digest_topic(d, name, "brand", 0);
	}
	subject = digest_put(d, &f, &spanish, &p);
	has(page_text(&p), "la de muchos");
	has(page_text(&p), "se dijo 3 veces");
	page_done(&p);
	digest_free(d);
}

/* --- kept with its words --- */

static void words_are_kept(void **state)
{
	static const char *const wrong[] = {"", "{}", "[]", "{\"kind\":\"card\",\"subject\":\"a\"}",
					    "{\"kind\":\"incident\",\"subject\":\"a\",\"text\":\"b\"}"};
	const struct notice_mention m[] = {{.title = "t", .url = "https://x", .reach = 5}, {.author = "a"}};
	const struct notice_object o = {.kind = NOTICE_DIGEST,
					.subject = "s",
					.text = "l\nm",
					.html = "<p>",
					.topic = "acme",
					.mentions = m,
					.n_mentions = 2};
	struct notice_object got = {.key = "k"};
	cleanup(buf_done) struct buf b = BUF_INIT(FACTS_MAX_BYTES);
	size_t i;

	ready_json(&o, &b);
	assert_true(ready_parse(buf_str(&b), NULL, NULL));
	assert_true(ready_parse(buf_str(&b), *state, &got));
	assert_int_equal(got.kind, NOTICE_DIGEST);
	assert_string_equal(got.subject, "s");
	assert_string_equal(got.text, "l\nm");
	assert_string_equal(got.html, "<p>");
	assert_string_equal(got.topic, "acme");
	assert_string_equal(got.key, "k");
	assert_int_equal(got.n_mentions, 2);
	assert_string_equal(got.mentions[0].url, "https://x");
	assert_true(got.mentions[0].reach == 5 && got.mentions[1].title == NULL);
	for (i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(ready_parse(wrong[i], *state, &got));
}

/* Until when, by whom and why; of the digest's own topic alone; no more than DIGEST_NAMES_MAX. */
static void what_is_silenced_is_told(void **state)
{
	static const struct notice_reader es = {.lang = TEXT_ES};
	static char luis[] = "luis", ana[] = "ana", eva[] = "eva", zoe[] = "zoe", extra[] = "uno de más",
		    nothing[] = "", known[] = "ya lo sabemos", past[] = "ya pasó";
	struct mute v[DIGEST_NAMES_MAX + 4] = {
		{.topic = "acme", .until_ms = 64800000, .who = luis, .why = known},
		{.topic = "otra", .until_ms = 64800000, .who = ana, .why = nothing},
		{.topic = "acme", .until_ms = 999, .who = eva, .why = past},
	};
	struct digest_facts f = {.from_ms = 0, .to_ms = 1000, .muted = v, .n_muted = 3};
	struct digest *all = digest_new(NULL, NULL), *one = digest_new(NULL, "otra");
	struct page p;
	size_t i;

	(void)state;
	free(digest_put(all, &f, &es, &p));
	has(page_text(&p), "En silencio: acme, hasta 1970-01-01 18:00, por luis: ya lo sabemos\n");
	has(page_text(&p), "En silencio: otra, hasta 1970-01-01 18:00, por ana\n");
	has(page_html(&p), "ya lo sabemos");
	has_not(page_text(&p), "eva");
	page_done(&p);
	free(digest_put(one, &f, &es, &p));
	has(page_text(&p), "por ana");
	has_not(page_text(&p), "luis");
	page_done(&p);
	for (i = 3; i < DIGEST_NAMES_MAX + 4; i++) {
		v[i] = v[1];
		v[i].who = i < DIGEST_NAMES_MAX + 1 ? zoe : extra;
	}
	f.n_muted = i;
	free(digest_put(all, &f, &es, &p));
	has(page_text(&p), "por zoe");
	has_not(page_text(&p), "uno de más");
	has(page_text(&p), "Y 3 silencios más: «escuchactl status»\n");
	page_done(&p);
	digest_free(all);
	digest_free(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_silenced_is_told),
		cmocka_unit_test_setup_teardown(a_card_says_who_what_and_why, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_mention_is_no_card, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_text_is_cut_between_letters, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_words_are_no_markup, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_become_a_page, setup, teardown),
		cmocka_unit_test_setup_teardown(a_page_past_its_bound_is_not_given, setup, teardown),
		cmocka_unit_test_setup_teardown(a_digest_tells_how_much_and_what, setup, teardown),
		cmocka_unit_test_setup_teardown(a_day_without_anything_is_told_in_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(a_digest_is_of_its_hits_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(stories_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(words_are_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
