/* mention/pseudonym: who speaks and who is named becomes the same stranger each time; what is no name stays as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mention/mention.h"
#include "mention/pseudonym.h"

static struct pseudonym *maker(uint8_t with)
{
	struct pseudonym *p = pseudonym_new();
	uint8_t key[PSEUDONYM_KEY_BYTES];

	memset(key, with, sizeof(key));
	pseudonym_own(p, "@acme_mx");
	pseudonym_own(p, "@Ñandú");
	pseudonym_own(p, "acme.example");
	pseudonym_key(p, key);
	return p;
}

static struct mention said(const char *text)
{
	struct mention m;

	mention_init(&m);
	m.source = "prensa";
	m.platform = "feed";
	m.text = text;
	return m;
}

/* Every pseudonym as U, so that a table can say what is around them. */
static char *with_u(const char *s)
{
	char *out = xstrdup(s), *to = out;

	while (*s) {
		if (!strncmp(s, "u-", 2) && strspn(s + 2, "0123456789abcdef") == PSEUDONYM_DIGITS) {
			*to++ = 'U';
			s += 2 + PSEUDONYM_DIGITS;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
	return out;
}

static const struct {
	const char *in, *want;
} texts[] = {
	/* handles */
	{"@ana dice que no", "@U dice que no"},
	{"¡@ana! («@Luis_92», @josé-luis.)", "¡@U! («@U», @U.)"},
	{"gracias @ñandúes y @peña_nieto", "gracias @U y @U"},
	{"de @a.b@mastodon.social, hoy", "de @U, hoy"},
	{"RT@ana: RT @ana", "RT@U: RT @U"},
	{"\uff20ana y \ufe6bana", "\uff20U y \ufe6bU"},
	{"hola @ana.bsky.social.", "hola @U."},
	{"di adiós @Ana.Perez, @acme_mx.Gracias", "di adiós @U, @acme_mx.Gracias"},
	{"u/ana_92 en r/mexico; y/o u/o", "u/U en r/mexico; y/o u/o"},
	{"did:plc:abc123xyz lo dijo", "U lo dijo"},
	{"@\U0001F600 @ @@ana", "@\U0001F600 @ @@U"},
	/* what only looks like one */
	{"Hola a tod@s, chic@s y amig@s. Precio @ 5", "Hola a tod@s, chic@s y amig@s. Precio @ 5"},
	/* one's own */
	{"@acme_mx @ACME_MX. @acme_mx@mastodon.social @acme_mxx @ÑANDÚ",
	 "@acme_mx @ACME_MX. @acme_mx@mastodon.social @U @ÑANDÚ"},
	{"https://x.com/acme_mx/status/5 y ventas@acme.example, hola@shop.acme.example",
	 "https://x.com/acme_mx/status/5 y ventas@acme.example, hola@shop.acme.example"},
	/* mail */
	{"a ana.perez+x@mail.example.", "a [mail]."},
	{"mailto:señor@correo.example?", "mailto:[mail]?"},
	{"http://ana:clave@red.example/x", "http://U"},
	/* addresses */
	{"mira https://x.com/ana/status/123?s=20, ya", "mira https://x.com/i/status/123, ya"},
	{"https://mobile.twitter.com/ana", "https://mobile.twitter.com/U"},
	{"(https://mastodon.social/@ana/112)", "(https://mastodon.social/@U)"},
	{"https://bsky.app/profile/ana.bsky.social/post/3k", "https://bsky.app/profile/U"},
	{"at://did:plc:xyz123/app.bsky.feed.post/3k", "at://U"},
	{"instagram.com/ana y t.me/ana/5, wa.me/5215512345678", "instagram.com/U y t.me/U, wa.me/U"},
	{"https://www.instagram.com/p/Cx12/ https://youtu.be/dQw4 https://www.youtube.com/watch?v=a1",
	 "https://www.instagram.com/p/Cx12/ https://youtu.be/dQw4 https://www.youtube.com/watch?v=a1"},
	{"https://ana.blogspot.com/2026/x.html", "https://U"},
	{"https://foro.example/user/ana?x=1", "https://foro.example/user/U"},
	{"https://e.example/?mail=ana%40b.example", "https://e.example/?mail=U"},
	{"https://prensa.example:8080/2026/11/22/nota-20381234.html",
	 "https://prensa.example:8080/2026/11/22/nota-20381234.html"},
	{"https://acme.example/user/ana", "https://acme.example/user/ana"},
	{"https://www.youtube.com/@ana", "https://www.youtube.com/@U"},
	/* telephones */
	{"llamen al +52 (55) 1234-5678 o 55 1234 5678", "llamen al [tel] o [tel]"},
	{"cel.3001234567, 555-1234, 612 345 678, (011) 4321-5678", "cel.[tel], [tel], [tel], [tel]"},
	{"2234\u20115678 y 912\u00a0345\u00a0678", "[tel] y [tel]"},
	{"612.345.678 llama", "[tel] llama"},
	{"3001234567 solo mensajes", "[tel] solo mensajes"},
	/* what are none */
	{"22/11/2026 10:30, 2026-11-22 10:00, 20261122, 2024-2026",
	 "22/11/2026 10:30, 2026-11-22 10:00, 20261122, 2024-2026"},
	{"$12345678, 1.500.000, 250.000.000 pesos, 12345678 pesos, 3.14159265, 1 500 000",
	 "$12345678, 1.500.000, 250.000.000 pesos, 12345678 pesos, 3.14159265, 1 500 000"},
	{"pedido #20381234, 50 de 100, 4G, 1234567", "pedido #20381234, 50 de 100, 4G, 1234567"},
	{"", ""},
};

static void texts_name_nobody(void **state)
{
	cleanup(pseudonym_freep) struct pseudonym *p = maker(1);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
		struct mention m = said(texts[i].in);
		cleanup(freep) char *got = NULL;

		pseudonym_mention(p, a, &m);
		got = with_u(m.text);
		if (strcmp(got, texts[i].want) != 0)
			print_error("of: %s\n", texts[i].in);
		assert_string_equal(got, texts[i].want);
	}
}

static struct mention by(const char *handle, const char *name, const char *url)
{
	struct mention m = said("x");

	m.author.handle = handle;
	m.author.name = name;
	m.author.url = url;
	return m;
}

static void somebody_is_one_pseudonym(void **state)
{
	cleanup(pseudonym_freep) struct pseudonym *p = maker(1), *q = maker(2);
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct mention m = by("@Ana.Núñez", "Ana Núñez", "https://red.example/@ana"),
		       other = by("ana.nÚñez@servidor.example", NULL, NULL), text = said("@ANA.NÚÑEZ"),
		       name = by(NULL, "Ana.Núñez", NULL), page = by(NULL, "Ana.Núñez", "https://red.example/ana"),
		       key = m;

	(void)state;
	pseudonym_mention(p, a, &m);
	assert_true(!strncmp(m.author.handle, "u-", 2) && strlen(m.author.handle) == 2 + PSEUDONYM_DIGITS);
	assert_string_equal(m.author.name, m.author.handle);
	assert_null(m.author.url);
	pseudonym_mention(p, a, &other);
	assert_string_equal(other.author.handle, m.author.handle);
	pseudonym_mention(p, a, &text);
	assert_string_equal(text.text + 1, m.author.handle);
	pseudonym_mention(p, a, &name);
	assert_string_not_equal(name.author.name, m.author.handle); /* a name is no handle */
	assert_null(name.author.handle);
	pseudonym_mention(p, a, &page);
	assert_string_not_equal(page.author.name, name.author.name);
	pseudonym_mention(q, a, &key);
	assert_string_not_equal(key.author.handle, m.author.handle); /* another log's key */
}

static void authors_are_not_named_in_their_own_words(void **state)
{
	cleanup(pseudonym_freep) struct pseudonym *p = maker(1);
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct mention m = by("ana_92", "Ana Núñez", NULL), common = by("cliente", "Acme", NULL);
	cleanup(freep) char *got = NULL, *title = NULL;

	(void)state;
	m.title = "ANA Núñez (@ana_92)";
	m.text = "Soy Ana Núñez, ana_92 en todas partes, no Ana Núñezca ni Ana; https://foro.example/x/ana_92/y";
	pseudonym_mention(p, a, &m);
	got = with_u(m.text);
	title = with_u(m.title);
	assert_string_equal(title, "U (@U)");
	assert_string_equal(got, "Soy U, U en todas partes, no Ana Núñezca ni Ana; https://foro.example/x/U");
	common.text = "soy cliente de Acme";
	pseudonym_mention(p, a, &common);
	assert_string_equal(common.text, "soy cliente de Acme"); /* words, for all that is known */
}

static void fields_lead_to_nobody(void **state)
{
	static const struct {
		const char *url, *want;
	} cases[] = {
		{"https://x.com/ana/status/9", "https://x.com/i/status/9"},
		{"https://mastodon.social/@ana/9", NULL},
		{"https://bsky.app/profile/did:plc:abc/post/3k", NULL},
		{"https://prensa.example/2026/nota.html", "https://prensa.example/2026/nota.html"},
		{"https://www.reddit.com/r/mexico/comments/ab12/x/",
		 "https://www.reddit.com/r/mexico/comments/ab12/x/"},
		{"https://x.com/acme_mx/status/9", "https://x.com/acme_mx/status/9"},
		{"https://foro.example/ana", NULL}, /* the author's own handle */
	};
	static const struct {
		const char *id, *want;
	} ids[] = {{"1729", "1729"},
		   {"t3_ab12", "t3_ab12"},
		   {"yt:video:dQw4", "yt:video:dQw4"},
		   {"at://did:plc:abc/x", NULL},
		   {"did:plc:abc", NULL},
		   {"<1@mail.example>", NULL},
		   {"ana-1", NULL},
		   {"https://prensa.example/1", "https://prensa.example/1"},
		   {"https://mastodon.social/users/ana/statuses/1", NULL}};
	cleanup(pseudonym_freep) struct pseudonym *p = maker(1);
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct mention m = by("ana", NULL, NULL);

		m.url = cases[i].url;
		m.repeats = i % 2 ? "Luis" : "acme_mx";
		pseudonym_mention(p, a, &m);
		if (cases[i].want)
			assert_string_equal(m.url, cases[i].want);
		else
			assert_null(m.url);
		assert_int_equal(!strcmp(m.repeats, "acme_mx"), i % 2 == 0);
	}
	for (i = 0; i < ARRAY_LEN(ids); i++) {
		struct mention m = by("ana", NULL, NULL);

		m.guid = m.parent = ids[i].id;
		pseudonym_mention(p, a, &m);
		if (ids[i].want)
			assert_string_equal(m.guid, ids[i].want);
		else
			assert_true(!m.guid && !m.parent);
	}
}

static void own_posts_stay(void **state)
{
	cleanup(pseudonym_freep) struct pseudonym *p = maker(1);
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct mention m = by("@Acme_MX", "Acme México", "https://x.com/acme_mx"),
		       flagged = by(NULL, "Acme", "https://acme.example/");

	(void)state;
	m.text = "Acme México responde a @ana";
	m.url = "https://x.com/acme_mx/status/1";
	pseudonym_mention(p, a, &m);
	assert_string_equal(m.author.name, "Acme México");
	assert_string_equal(m.author.url, "https://x.com/acme_mx");
	assert_non_null(m.url);
	assert_true(!strncmp(m.text, "Acme México responde a @u-", 26));
	flagged.own = true;
	pseudonym_mention(p, a, &flagged);
	assert_string_equal(flagged.author.name, "Acme");
}

/* What a span says stands there: the same words, moved, or the whole of what took their place. */
static void spans_are_moved_along(void **state)
{
	cleanup(pseudonym_freep) struct pseudonym *p = maker(1);
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct span spans[] = {{SPAN_TEXT, 1, 3, "a"},   {SPAN_TEXT, 10, 14, "acme"}, {SPAN_TEXT, 18, 20, "b"},
			       {SPAN_TEXT, 18, 28, "c"}, {SPAN_AUTHOR, 0, 2, "d"},    {SPAN_URL, 0, 2, "e"},
			       {SPAN_TITLE, 0, 4, "f"}};
	struct hit hit = {.topic = "acme", .role = "brand", .spans = spans, .n_spans = ARRAY_LEN(spans)};
	struct mention m = by("luis", NULL, NULL);
	const char *words[] = {"fatal @ana"};

	(void)state;
	m.title = "Acme, @ana";
	m.text = "@añañ dice Acme es @luis, fatal"; /* "Acme" at 11, the handle from 20 */
	spans[1] = (struct span){SPAN_TEXT, 11, 15, "acme"};
	spans[2] = (struct span){SPAN_TEXT, 21, 23, "b"};
	spans[3] = (struct span){SPAN_TEXT, 19, 31, "c"};
	m.hits = &hit;
	m.n_hits = 1;
	m.sentiment = (struct mention_sentiment){.label = "negative", .words = words, .n_words = 1};
	pseudonym_mention(p, a, &m);
	assert_int_equal(m.hits[0].n_spans, 5); /* of author and address nothing is said */
	assert_int_equal(m.hits[0].spans[0].from, 1);
	assert_int_equal(m.hits[0].spans[0].to, 15); /* the whole pseudonym: fourteen characters behind the '@' */
	assert_int_equal(m.hits[0].spans[1].from, 11 + 10);
	assert_int_equal(m.hits[0].spans[1].to, 15 + 10);
	assert_int_equal(m.hits[0].spans[2].from, 30);
	assert_int_equal(m.hits[0].spans[2].to, 44);
	assert_int_equal(m.hits[0].spans[3].from, 29);
	assert_int_equal(m.hits[0].spans[3].to, utf8_count(m.text, strlen(m.text)));
	assert_int_equal(m.hits[0].spans[4].to, 4);
	assert_true(!strncmp(m.sentiment.words[0], "fatal @u-", 9));
	assert_int_equal(hit.n_spans, ARRAY_LEN(spans)); /* the old one is as it was */
}

static double seconds_of(const struct pseudonym *p, const char *unit, size_t bytes)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 26);
	char *text = xmalloc(bytes + 1);
	struct timespec from, to;
	struct mention m;
	size_t i, n = strlen(unit);

	for (i = 0; i + n <= bytes; i += n)
		memcpy(text + i, unit, n);
	text[i] = '\0';
	m = said(text);
	m.author.name = "a a a a a a a a a a a a a a a a b";
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	pseudonym_mention(p, a, &m);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	assert_true(utf8_valid_text(m.text, strlen(m.text)));
	free(text);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* The longest text there is, of what makes scanners go back: eight times the text, no more than some twenty times the time. */
static void long_texts_take_linear_time(void **state)
{
	static const char *const units[] = {"@a ",       "a.", "a",  "1",   "1 ", "a@",   "@",    "u/", "www.",
					    "http://a/", "a-", "+1", "(((", "1-", "a a ", "x.y/", "ñ",  "did:"};
	cleanup(pseudonym_freep) struct pseudonym *p = maker(1);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(units); i++) {
		double small = seconds_of(p, units[i], MENTION_TEXT_MAX_BYTES / 8),
		       large = seconds_of(p, units[i], MENTION_TEXT_MAX_BYTES);

		if (large > 20 * small + 0.05)
			print_error("%s: %f, %f\n", units[i], small, large);
		assert_true(large <= 20 * small + 0.05);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_name_nobody),
		cmocka_unit_test(somebody_is_one_pseudonym),
		cmocka_unit_test(authors_are_not_named_in_their_own_words),
		cmocka_unit_test(fields_lead_to_nobody),
		cmocka_unit_test(own_posts_stay),
		cmocka_unit_test(spans_are_moved_along),
		cmocka_unit_test(long_texts_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
