/* match/sieve and parse/json_texts: of a firehose's frames those are passed over that hit nothing, and no others: with them and without,
 * the same mentions hit, on frames that chance made. FAULTS P10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "folder_box.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/catalogue.h"
#include "mention/job.h"
#include "parse/json_texts.h"
#include "parse/map.h"
#include "parse/parse.h"

enum { ROUNDS = 60, FRAMES = 150, TEXT_MAX = 1 << 16, BODY_MAX = 1 << 22, ARENA_BYTES = 1 << 28 };

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* --- texts --- */

static const char *found(struct json_texts *t, const char *json)
{
	return json_texts_find(t, json, strlen(json)) ? buf_str(&t->out) : NULL;
}

/* "|" stands for what is between two texts. */
static void strings_are_found_as_fields_have_them(void **state)
{
	static const struct {
		const char *json, *want;
	} cases[] = {
		{"{\"a\":\"uno\",\"b\" : [\"dos\", {\"c\":\"tres\"}]}", "uno|dos|tres|"},
		{"{\"\":\"\",\"n\":12,\"t\":true}", ""},
		{"\"a \\\"b\\\" \\\\ c\"", "a \"b\" \\ c|"},
		{"[\"\\u00f1\\u00D1\\ud83d\\ude00\\ud800x\"]", "ñÑ😀\xEF\xBF\xBDx|"},
		{"[\"a\\tb  c \"]", "a\tb  c |a b c|"},
		{"[\"a\\nb\"]", "a\nb|a b|"},
		{"[\"a<b>c</b>d\"]", "a<b>c</b>d|acd|"},
		{"[\"caf&eacute;\"]", "caf&eacute;|café|"},
		{"[\"caf&amp;eacute; &lt;b&gt;x&lt;/b&gt;\"]",
		 "caf&amp;eacute; &lt;b&gt;x&lt;/b&gt;|café x|caf&eacute; <b>x</b>|"},
		{"[\"compa\xC3\x83\xC2\xB1ia\"]", "compaÃ±ia|compañia|"},
		{"[\"a\\u0001b\"]", "ab|a|b|"},
		{"[\"sin fin", NULL},
		{"[\"sin fin\\\\\\\"", NULL},
	};
	struct json_texts t;
	size_t i, k;

	(void)state;
	json_texts_init(&t, TEXT_MAX);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = found(&t, cases[i].json);
		cleanup(freep) char *shown = got ? xstrdup(got) : NULL;

		for (k = 0; shown && shown[k]; k++)
			if (shown[k] == JSON_TEXTS_APART && !(cases[i].want[k] == JSON_TEXTS_APART))
				shown[k] = '|';
		if (!shown != !cases[i].want || (shown && strcmp(shown, cases[i].want) != 0))
			fail_msg("%s: %s", cases[i].json, shown);
	}
	json_texts_done(&t);
}

static void more_than_there_is_room_for_is_said(void **state)
{
	struct json_texts t;

	(void)state;
	json_texts_init(&t, 4);
	assert_false(json_texts_find(&t, "\"\\u00f1ocho bytes\"", 17));
	json_texts_done(&t);
}

/* --- with and without --- */

static const char *const topics[] = {
	"topic: a\nrole: brand\npatterns:\n  name: {words: [acme, acme mx, '@acme*']}\n  toon: coyote\nabout: 'name "
	"and not toon'\n",
	"topic: b\nrole: brand\npatterns:\n  n: '\\bnueve\\b'\n  t: '(estafa\\w*|fraude)'\nrules:\n  - {name: x, when: "
	"'near(n, t, 3)'}\n"
	"  - {name: y, when: 'x or count(n) >= 3'}\n",
	"topic: c\nrole: brand\npatterns:\n  k: {words: [niño, compañía]}\n  u: {regex: '\\bKILO\\b', case: true, "
	"fold: false}\n"
	"  w: {words: 'ana ruiz', in: [author]}\n  s: 'dos tres'\n",
	"topic: d\nrole: brand\nown: ['@acme_mx', acme.example.com]\npatterns:\n  z: zeta\nabout: 'not (not z)'\n",
};
static const char wordless[] = "topic: e\nrole: brand\npatterns:\n  z: zeta\nabout: 'not z'\n";
static const char addressed[] = "topic: f\nrole: brand\npatterns:\n  z: {regex: zeta, in: [title, url]}\n";

static struct ruleset *rules_load(size_t n, const char *more)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	char folder[] = "/tmp/test_sieve.XXXXXX";
	const char *const path = folder;
	struct ruleset *rs = NULL;
	size_t i;

	assert_non_null(mkdtemp(folder));
	for (i = 0; i < n + (more != NULL); i++) {
		cleanup(freep) char *file = xasprintf("%s/%zu.yaml", folder, i);

		file_write(file, i < n ? topics[i] : more);
	}
	if (ruleset_load(&path, 1, d, &rs) != 0)
		diag_print(d, stderr, TEXT_EN);
	assert_non_null(rs);
	ruleset_prefilter(rs);
	assert_int_equal(folder_remove(folder), 0);
	return rs;
}

static struct maps *map_load(void)
{
	static const struct map_program program = {
		.name = "mentions",
		.text = "{id: .id, title: .a.title, text: .a.b[0], text_format: .f, author: .h, author_name: .n}",
		.file = "casa.yaml"};
	static const struct map_source source = {.name = "casa", .programs = &program, .n_programs = 1};
	cleanup(diag_freep) struct diag *d = diag_new();
	struct maps *maps = NULL;

	assert_int_equal(maps_load(&source, 1, d, &maps), 0);
	return maps;
}

/* A string of JSON, each character as it stands or escaped. */
static void put_string(struct buf *b, const char *s)
{
	const char *end = s + strlen(s);

	buf_putc(b, '"');
	while (s < end) {
		const char *from = s;
		uint32_t cp = utf8_next(&s, end);

		if (cp < 0x20 || cp == '"' || cp == '\\' || pick(12) == 0) {
			if (cp > 0xFFFF)
				buf_printf(b, "\\u%04X\\u%04x", 0xD800 + ((cp - 0x10000) >> 10),
					   0xDC00 + ((cp - 0x10000) & 0x3FF));
			else
				buf_printf(b, "\\u%04x", cp);
		} else {
			buf_put(b, from, (size_t)(s - from));
		}
	}
	buf_puts(b, pick(40) ? "\"" : "\\ud83d\"");
}

static void put_text(struct buf *b, uint32_t n)
{
	static const char *const pieces[] = {
		"acme",
		"ACME",
		"Acme MX",
		"\u00c1cme",
		"@acme_ayuda",
		"ac<b>me</b>",
		"acm&eacute;",
		"&#97;cme",
		"a&amp;#99;me",
		"<p>acme</p>",
		"acm\u00c3\u00a9",
		"a\u0301cme",
		"\uff21\uff23\uff2d\uff25",
		"ac\u200bme",
		"ac\xC2\xADme",
		"ac\x01me",
		"ac",
		"me",
		"coyote",
		"nueve",
		"estafadores",
		"FRAUDE",
		"fra",
		"ude",
		"ni\u00f1o",
		"nin\u0303o",
		"ni\u00c3\u00b1o",
		"compa\u00f1ia",
		"compan\u0303\u00eda",
		"KILO",
		"Kilo",
		"ana ruiz",
		"ana\nruiz",
		"ana&nbsp;ruiz",
		"dos tres",
		"dos  tres",
		"dos\ttres",
		"dos\xC2\xA0tres",
		"dos\u3000tres",
		"zeta",
		"z&eacute;ta",
		"hola",
		"que",
		"tal",
		"\U0001F600",
		"x < y",
		"R&D",
		"\"",
		"\\",
		"&lt;b&gt;ze&lt;/b&gt;ta",
	};
	struct buf text = BUF_INIT(TEXT_MAX);

	for (n = pick(n); n; n--)
		buf_printf(&text, "%s%s", pick(3) ? "hola" : pieces[pick(ARRAY_LEN(pieces))], pick(5) ? " " : "");
	put_string(b, buf_str(&text));
	buf_done(&text);
}

static void put_frame(struct buf *b, uint32_t number)
{
	static const char *const handles[] = {"\"ana\"", "\"@acme_mx\"", "\"ACME_MX\"", "null", "\"ana ruiz\""};

	buf_printf(b, "{\"id\":\"i%u\",\"acme\":%u,\"h\":%s,\"f\":%s,\"n\":", number, number,
		   handles[pick(20) < 19 ? 0 : pick(5)], pick(3) ? "null" : "\"html\"");
	put_text(b, 3);
	buf_puts(b, ",\"a\":{\"title\":");
	put_text(b, 4);
	buf_puts(b, pick(2) ? ",\"b\":[" : " , \"b\" : [ ");
	put_text(b, 9);
	buf_printf(b, "]}}%s\n", pick(50) ? "" : " basura");
}

static bool passes(void *matcher, const char *texts, size_t len)
{
	return matcher_could(matcher, texts, len);
}

static void run(struct maps *maps, struct matcher *x, const struct buf *body, bool sieve, struct arena *a,
		struct answer *ret)
{
	const struct job_feed job = {.source = "s",
				     .platform = "casa",
				     .address = "https://api.example/1",
				     .format = "map",
				     .map = "casa",
				     .seen_ms = INT64_C(1763805600000),
				     .not_before_ms = TIME_NONE,
				     .sieve = sieve,
				     .body = buf_str(body),
				     .body_len = body->len};
	size_t i;

	map_parse(maps, &job, &(struct map_sieve){passes, x}, a, ret);
	assert_int_equal(ret->status, ANSWER_OK);
	for (i = 0; i < ret->n_mentions; i++)
		(void)matcher_match(x, &ret->mentions[i], NULL, a);
}

static void same_mention(const struct mention *want, const struct mention *got)
{
	size_t i;

	if (!got || strcmp(want->guid, got->guid) != 0)
		fail_msg("%s was passed over: %zu hits, own %d: \"%s\" \"%s\" \"%s\"", want->guid, want->n_hits,
			 want->own, want->title, want->text, want->author.name);
	assert_int_equal(want->n_hits, got->n_hits);
	assert_int_equal(want->own, got->own);
	for (i = 0; i < want->n_hits; i++)
		assert_string_equal(want->hits[i].topic, got->hits[i].topic);
}

/* Of those that hit something or are somebody's own each passes, in their order. Returns how many they were. */
static size_t compare(const struct answer *all, const struct answer *some)
{
	size_t i, k = 0, n = 0;

	for (i = 0; i < all->n_mentions; i++) {
		const struct mention *m = &all->mentions[i];

		if (!m->n_hits && !m->own)
			continue;
		while (k < some->n_mentions && strcmp(some->mentions[k].guid, m->guid) != 0)
			k++;
		same_mention(m, k < some->n_mentions ? &some->mentions[k] : NULL);
		n++;
	}
	return n;
}

static void same_hits_with_and_without(void **state)
{
	struct ruleset *rs = rules_load(ARRAY_LEN(topics), NULL);
	struct matcher *x = matcher_new(rs);
	struct maps *maps = map_load();
	struct buf body = BUF_INIT(BODY_MAX);
	size_t hits = 0, passed_over = 0, passed = 0;
	uint32_t round;

	(void)state;
	assert_true(matcher_sifts(x));
	assert_null(ruleset_catalogue(rs)->whole);
	for (round = 1; round <= ROUNDS; round++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		struct answer all, some;
		uint32_t i;

		seed = round;
		buf_reset(&body);
		for (i = 0; i < FRAMES; i++)
			put_frame(&body, i);
		run(maps, x, &body, false, a, &all);
		run(maps, x, &body, true, a, &some);
		assert_int_equal(all.passed_over, 0);
		hits += compare(&all, &some);
		passed += some.n_mentions;
		passed_over += some.passed_over;
	}
	/* each of the two is a good part: a sieve that stops nothing, or all, would be seen */
	assert_true(hits > 1500 && passed_over > 1500);
	assert_true(passed < hits * 3);
	buf_done(&body);
	maps_free(maps);
	matcher_free(x);
	ruleset_free(rs);
}

static void a_topic_without_words_opens_it(void **state)
{
	const char *const more[] = {wordless, addressed};
	static const char *const names[] = {"e", "f"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(more); i++) {
		struct ruleset *rs = rules_load(ARRAY_LEN(topics), more[i]);
		struct matcher *x = matcher_new(rs);

		assert_false(matcher_sifts(x));
		assert_true(matcher_could(x, "hola", 4));
		assert_string_equal(ruleset_catalogue(rs)->whole, names[i]);
		matcher_free(x);
		ruleset_free(rs);
	}
}

/* The last line says where the document ends, though nobody wants it; what is no JSON costs itself. */
static void what_is_passed_over_still_tells_where_it_ends(void **state)
{
	static const struct map_program programs[] = {
		{.name = "mentions", .text = "{id: .id, text: .text}", .file = "c.yaml"},
		{.name = "cursor", .text = ".at", .file = "c.yaml"}};
	static const struct map_source source = {.name = "casa", .programs = programs, .n_programs = 2};
	static const char *const bodies[] = {
		"{\"id\":1,\"text\":\"hola\",\"at\":7}\n{\"id\":2,\"text\":\"nada\",\"at\":8}\n",
		"{\"id\":1,\"text\":\"acme\",\"at\":7}\n{\"id\":2,\"text\":\"nada\",\"at\":8}",
		"{\"id\":1,\"text\":\"hola\",\"at\":7}\n{\"id\":2,\"text\":\"nada\"",
	};
	static const struct {
		size_t mentions, passed_over;
		const char *cursor;
	} want[] = {{0, 2, "8"}, {1, 1, "8"}, {0, 2, NULL}};
	struct ruleset *rs = rules_load(1, NULL);
	struct matcher *x = matcher_new(rs);
	cleanup(diag_freep) struct diag *d = diag_new();
	struct maps *maps = NULL;
	size_t i;

	(void)state;
	assert_int_equal(maps_load(&source, 1, d, &maps), 0);
	for (i = 0; i < ARRAY_LEN(bodies); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		struct buf body = BUF_INIT(BODY_MAX);
		const char *cursor;
		struct answer answer;

		buf_puts(&body, bodies[i]);
		run(maps, x, &body, true, a, &answer);
		cursor = answer_fact(&answer, "cursor");
		assert_int_equal(answer.n_mentions, want[i].mentions);
		assert_int_equal(answer.passed_over, want[i].passed_over);
		assert_int_equal(answer.recovered, !want[i].cursor);
		assert_string_equal(cursor ? cursor : "-", want[i].cursor ? want[i].cursor : "-");
		buf_done(&body);
	}
	maps_free(maps);
	matcher_free(x);
	ruleset_free(rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_found_as_fields_have_them),
		cmocka_unit_test(more_than_there_is_room_for_is_said),
		cmocka_unit_test(same_hits_with_and_without),
		cmocka_unit_test(a_topic_without_words_opens_it),
		cmocka_unit_test(what_is_passed_over_still_tells_where_it_ends),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
