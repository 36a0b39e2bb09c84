/* The record, its identity, its JSON and its way over the border between the two programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/wire.h"
#include "mention/answer.h"
#include "mention/frame.h"
#include "mention/print.h"

static void make(struct mention *m, struct hit *h, struct span *s, const char **names)
{
	mention_init(m);
	mention_identity("feed", "1", m->id);
	m->source = "prensa";
	m->title = "Acme </script> \"sí\"\n";
	m->published_ms = 1709208000000;
	m->seen_ms = 1709208000123;
	m->counts.replies = 3;
	names[0] = "fraud-near";
	*s = (struct span){.in = SPAN_TITLE, .from = 0, .to = 4, .pattern = "name"};
	*h = (struct hit){.topic = "acme", .role = "brand", .rules = names, .n_rules = 1, .spans = s, .n_spans = 1};
	m->hits = h;
	m->n_hits = 1;
}

static void identity_is_sha256_of_scope_and_key(void **state)
{
	uint8_t id[MENTION_ID_BYTES];
	char hex[2 * MENTION_ID_BYTES + 1];

	(void)state; /* printf 'feed\0001' | sha256sum */
	mention_identity("feed", "1", id);
	hash_hex(id, sizeof(id), hex);
	assert_string_equal(hex, "dd259ba02ad8a09290ea279772f69422");
}

/* The words of title and text, a space between words, a NUL between both: what is known must stay known by any version. */
static void content_is_known_by_its_words_wherever_white_space_doubles(void **state)
{
	static const char plain[] = "El molino cerró ayer a las tres, y nadie avisó nada a los vecinos que esperaban.";
	static const char *const spaces[] = {" ", "\n", "  ", "\r\n", " \t \n", "                     "};
	struct buf text = BUF_INIT(512), words = BUF_INIT(512);
	struct mention m;
	size_t i, k, from;

	(void)state;
	mention_init(&m);
	m.text = "x";
	for (from = 0; from < 20; from++) {
		buf_reset(&words);
		buf_puts(&words, plain + from + (plain[from] == ' '));
		buf_put(&words, "\0x", 2);
		for (i = 0; i < ARRAY_LEN(spaces); i++)
			for (k = from; k < strlen(plain); k++) {
				if (plain[k] != ' ')
					continue;
				buf_reset(&text);
				buf_put(&text, plain + from, k - from);
				buf_puts(&text, spaces[i]);
				buf_puts(&text, plain + k + 1);
				buf_puts(&text, k % 2 ? spaces[i] : "");
				m.title = buf_str(&text);
				assert_int_equal(mention_content_hash(&m),
						 hash_u64(&(struct hash_part){words.data, words.len}, 1));
			}
	}
	buf_done(&text);
	buf_done(&words);
}

static void json_has_what_is_known_and_no_more(void **state)
{
	const char *names[1];
	struct mention m;
	struct span s;
	struct hit h;
	struct buf b = BUF_INIT(4096);
	struct json j = JSON_OUT(&b);

	(void)state;
	make(&m, &h, &s, names);
	m.author.verified = VERIFIED_NO;
	mention_json(&j, NULL, &m);
	assert_string_equal(buf_str(&b) + 7 + 32,
			    "\",\"source\":\"prensa\",\"title\":\"Acme <\\/script> \\\"sí\\\"\\n\","
			    "\"author\":{\"verified\":false},"
			    "\"published\":\"2024-02-29T12:00:00Z\",\"seen\":\"2024-02-29T12:00:00.123Z\",\"replies\":"
			    "3,\"own\":false,"
			    "\"hits\":[{\"topic\":\"acme\",\"role\":\"brand\",\"rules\":[\"fraud-near\"],\"tags\":[],"
			    "\"spans\":[{\"in\":\"title\",\"at\":[0,4],\"pattern\":\"name\"}]}]}");
	buf_done(&b);
}

static void intents_are_those_of_all_hits_and_each_once(void **state)
{
	struct hit hits[] = {
		{.topic = "a", .role = "brand", .intents = (const char *[]){"complaint", "support"}, .n_intents = 2},
		{.topic = "b", .role = "brand", .intents = (const char *[]){"support", "purchase"}, .n_intents = 2}};
	struct mention m;
	struct buf b = BUF_INIT(4096);
	struct json j = JSON_OUT(&b);

	(void)state;
	mention_init(&m);
	m.hits = hits;
	m.n_hits = 2;
	mention_json(&j, NULL, &m);
	assert_non_null(strstr(buf_str(&b), "\"intents\":[\"complaint\",\"support\",\"purchase\"],\"hits\""));
	buf_done(&b);
}

static void answer_survives_the_border_and_no_byte_less_does(void **state)
{
	cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);
	const char *names[1];
	struct mention m;
	struct span s;
	struct hit h;
	struct item_mark mark = {.state = ITEM_NEW};
	struct answer a = {.feed = {.title = "T"}, .items = &mark, .n_items = 1, .mentions = &m, .n_mentions = 1}, got;
	struct buf b = BUF_INIT(1 << 20);
	size_t i;

	(void)state;
	make(&m, &h, &s, names);
	m.author.verified = VERIFIED_YES;
	h.intents = (const char *[]){"complaint"};
	h.n_intents = 1;
	m.version = "7.1";
	memcpy(mark.key.id, m.id, sizeof(m.id));
	answer_put(&b, &a);
	assert_int_equal(answer_get(b.data, b.len, arena, &got), 0);
	assert_string_equal(got.feed.title, "T");
	assert_string_equal(got.mentions[0].hits[0].rules[0], "fraud-near");
	assert_int_equal(got.mentions[0].hits[0].n_intents, 1);
	assert_string_equal(got.mentions[0].hits[0].intents[0], "complaint");
	assert_null(got.mentions[0].text);
	assert_string_equal(got.mentions[0].version, "7.1");
	assert_null(got.mentions[0].repeats);
	assert_int_equal(got.mentions[0].author.verified, VERIFIED_YES);
	for (i = 0; i < b.len; i++)
		assert_int_equal(answer_get(b.data, i, arena, &got), ANSWER_E_FORMAT);
	buf_done(&b);
}

static void tone_is_told_and_crosses_the_border(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	const char *words[] = {"pésimo", "un \"robo\""};
	struct buf b = BUF_INIT(4096);
	struct json j = JSON_OUT(&b);
	struct mention m, got;
	struct wire_in in;

	(void)state;
	mention_init(&m);
	m.repeats = "otro";
	m.sentiment = (struct mention_sentiment){"negative", -0.8, words, 2};
	mention_json(&j, NULL, &m);
	assert_non_null(strstr(buf_str(&b), "\"sentiment\":{\"label\":\"negative\",\"score\":-0.8,\"words\":"
					    "[\"pésimo\",\"un \\\"robo\\\"\"]},\"hits\""));
	buf_reset(&b);
	mention_put(&b, &m);
	in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
	mention_get(&in, a, &got);
	assert_true(wire_done(&in));
	assert_string_equal(got.repeats, "otro");
	assert_string_equal(got.sentiment.label, "negative");
	assert_true(got.sentiment.score == -0.8);
	assert_int_equal(got.sentiment.n_words, 2);
	assert_string_equal(got.sentiment.words[1], words[1]);
	buf_done(&b);
}

/* What a reader that foreign bytes took over might write. */
static void a_tone_past_its_bounds_is_refused(void **state)
{
	static char longest[MENTION_TONE_WORD_MAX_BYTES + 2];
	const char *words[MENTION_TONE_WORDS_MAX + 1] = {"a", "b", "c", "d", "e", "f"};
	const char *long_word[] = {longest}, *empty[] = {""};
	const struct {
		struct mention_sentiment s;
		bool good;
	} cases[] = {
		{{"neutral", 0, NULL, 0}, true},
		{{"positive", 1, words, MENTION_TONE_WORDS_MAX}, true},
		{{"positive", 1, words, MENTION_TONE_WORDS_MAX + 1}, false},
		{{"angry", 0, NULL, 0}, false},
		{{"", 0, NULL, 0}, false},
		{{"negative", -1.01, NULL, 0}, false},
		{{"negative", (double)NAN, NULL, 0}, false},
		{{"negative", -1, long_word, 1}, false},
		{{"negative", -1, empty, 1}, false},
	};
	size_t i;

	(void)state;
	memset(longest, 'o', sizeof(longest) - 1);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
		struct buf b = BUF_INIT(4096);
		struct wire_in in;
		struct mention m, got;

		mention_init(&m);
		m.sentiment = cases[i].s;
		mention_put(&b, &m);
		in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
		mention_get(&in, a, &got);
		if (wire_done(&in) != cases[i].good)
			fail_msg("%zu", i);
		buf_done(&b);
	}
}

/* A mention's bytes, with one of them another. */
static bool reads(const struct buf *b, size_t at, char byte)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	cleanup(freep) char *copy = xmalloc(b->len);
	struct mention got;
	struct wire_in in;

	memcpy(copy, b->data, b->len);
	copy[at] = byte;
	in = (struct wire_in)WIRE_IN(copy, b->len);
	mention_get(&in, a, &got);
	return wire_done(&in);
}

static void place_and_fingerprint_cross_the_border_and_only_whole(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct print print = {
		.exact = 7, .link = 9, .words = PRINT_WORDS_LEAST, .parts = 6, .n_numerals = 2, .numerals = {4, 5}};
	struct buf b = BUF_INIT(4096), before = BUF_INIT(4096);
	struct json j = JSON_OUT(&b);
	struct mention m, got;
	struct wire_in in;
	size_t i, place;

	(void)state;
	mention_init(&m);
	m.author.verified = VERIFIED_NO;
	mention_put(&before, &m);
	m.place = (struct mention_place){.story = 0xab, .leader = true, .vip = true, .uncounted = UNCOUNTED_REPEAT};
	mention_json(&j, NULL, &m);
	assert_non_null(
		strstr(buf_str(&b), "\"story\":\"00000000000000ab\",\"uncounted\":\"repeat\",\"vip\":true,\"hits\""));
	buf_reset(&b);
	print.min[PRINT_MINS - 1] = 11;
	m.print = &print;
	mention_put(&b, &m);
	in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
	mention_get(&in, a, &got);
	assert_true(wire_done(&in));
	assert_int_equal(got.author.verified, VERIFIED_NO);
	assert_memory_equal(&got.place, &m.place, sizeof(m.place));
	assert_memory_equal(got.print, &print, sizeof(print));
	for (i = 0; i < b.len; i++) {
		in = (struct wire_in)WIRE_IN(buf_str(&b), i);
		mention_get(&in, a, &got);
		assert_false(wire_done(&in));
	}
	place = before.len + 1;                                         /* behind the second byte of flags */
	assert_false(reads(&b, place + 8, (char)0x42));                 /* no reason of ours */
	assert_false(reads(&b, place + 8, (char)0x08));                 /* no mark of ours */
	assert_false(reads(&b, place + 9 + 16, PRINT_WORDS_LEAST - 1)); /* then there would be no mins */
	assert_false(reads(&b, place + 9 + 18, 2));                     /* more words than any text has */
	assert_false(reads(&b, place + 9 + 24, PRINT_NUMERALS_MAX + 1));
	buf_done(&b);
	buf_done(&before);
}

static void a_mention_that_its_mark_does_not_name_is_refused(void **state)
{
	cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct mention m;
	struct item_mark mark = {.state = ITEM_NEW};
	struct answer a = {.items = &mark, .n_items = 1, .mentions = &m, .n_mentions = 1}, got;
	struct buf b = BUF_INIT(1 << 20);

	(void)state;
	mention_init(&m);
	memset(m.id, 7, sizeof(m.id));
	answer_put(&b, &a);
	assert_int_equal(answer_get(b.data, b.len, arena, &got), ANSWER_E_FORMAT);
	buf_done(&b);
}

static void limits_reached_are_named_and_bounded(void **state)
{
	cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct answer_limit limits[ANSWER_LIMITS_MAX + 1];
	struct answer a = {.limits = limits, .n_limits = ANSWER_LIMITS_MAX}, got;
	struct buf b = BUF_INIT(1 << 20);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(limits); i++)
		limits[i] = (struct answer_limit){.topic = "acme", .pattern = "name", .count = (uint32_t)i};
	answer_put(&b, &a);
	assert_int_equal(answer_get(b.data, b.len, arena, &got), 0);
	assert_int_equal(got.n_limits, ANSWER_LIMITS_MAX);
	assert_string_equal(got.limits[9].topic, "acme");
	assert_int_equal(got.limits[9].count, 9);
	buf_reset(&b);
	a.n_limits++;
	answer_put(&b, &a);
	assert_int_equal(answer_get(b.data, b.len, arena, &got), ANSWER_E_FORMAT);
	buf_reset(&b);
	a.n_limits = 1;
	limits[0].pattern = NULL;
	answer_put(&b, &a);
	assert_int_equal(answer_get(b.data, b.len, arena, &got), ANSWER_E_FORMAT);
	buf_done(&b);
}

static const char long_name[MENTION_FIELD_MAX_BYTES + 2] = {[0 ... MENTION_FIELD_MAX_BYTES] = 'x'};

static void no_name(struct mention *m)
{
	m->hits[0].topic = "";
}

static void strange_topic(struct mention *m)
{
	m->hits[0].topic = "acme\n";
}

static void strange_role(struct mention *m)
{
	m->hits[0].role = "admin";
}

static void nameless_rule(struct mention *m)
{
	m->hits[0].rules[0] = "";
}

static void nameless_pattern(struct mention *m)
{
	m->hits[0].spans[0].pattern = "";
}

static void long_source(struct mention *m)
{
	m->source = long_name;
}

static void before_all_years(struct mention *m)
{
	m->published_ms = INT64_C(-62135596800001);
}

static void after_all_years(struct mention *m)
{
	m->seen_ms = INT64_C(253402300800000);
}

static void backward_span(struct mention *m)
{
	m->hits[0].spans[0].from = 5;
}

static void span_past_all_text(struct mention *m)
{
	m->hits[0].spans[0].to = MENTION_TEXT_MAX_BYTES + 1;
}

static void what_no_reader_of_ours_writes_is_refused(void **state)
{
	void (*const spoils[])(struct mention *) = {
		no_name,     strange_topic,    strange_role,    nameless_rule, nameless_pattern,
		long_source, before_all_years, after_all_years, backward_span, span_past_all_text};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(spoils); i++) {
		cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);
		cleanup(buf_done) struct buf b = BUF_INIT(1 << 20);
		struct wire_in in;
		const char *names[1];
		struct mention m, got;
		struct span s;
		struct hit h;

		make(&m, &h, &s, names);
		spoils[i](&m);
		mention_put(&b, &m);
		in = (struct wire_in)WIRE_IN(b.data, b.len);
		mention_get(&in, arena, &got);
		if (!in.bad)
			fail_msg("case %zu was taken", i);
	}
}

/* A document may say any number: it is cut on its way out, so that no reader is charged for it. */
static void counts_beyond_all_measure_are_cut_and_refused_uncut(void **state)
{
	cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct item_mark mark = {.state = ITEM_COUNTED, .counts = {INT64_MAX, INT64_MIN, MENTION_COUNT_MAX, 7}};
	struct answer a = {.items = &mark, .n_items = 1}, got;
	cleanup(buf_done) struct buf b = BUF_INIT(1 << 20);
	char *at;

	(void)state;
	answer_put(&b, &a);
	assert_int_equal(answer_get(b.data, b.len, arena, &got), 0);
	assert_int_equal(got.items[0].counts.likes, MENTION_COUNT_MAX);
	assert_int_equal(got.items[0].counts.shares, COUNT_NONE);
	assert_int_equal(got.items[0].counts.replies, MENTION_COUNT_MAX);
	assert_int_equal(got.items[0].counts.views, 7);
	at = b.data + b.len - 8 - 3 * 4 -
	     8; /* views: before it ends with no mentions, limits, facts, and none passed over */
	assert_int_equal(*at, 7);
	at[7] = 0x7F;
	assert_int_equal(answer_get(b.data, b.len, arena, &got), ANSWER_E_FORMAT);
}

static void a_feeds_facts_are_cut_and_refused_uncut(void **state)
{
	cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct answer a = {.feed = {.hub = long_name}}, got;
	cleanup(buf_done) struct buf b = BUF_INIT(1 << 20), longer = BUF_INIT(1 << 20);
	const size_t length_at = 1 + 5 * 4; /* the status, and five texts that are not there */

	(void)state;
	answer_put(&b, &a);
	assert_int_equal(answer_get(b.data, b.len, arena, &got), 0);
	assert_int_equal(strlen(got.feed.hub), MENTION_FIELD_MAX_BYTES);
	buf_put(&longer, b.data, length_at);
	wire_put_text(&longer, long_name);
	buf_put(&longer, b.data + length_at + 4 + MENTION_FIELD_MAX_BYTES,
		b.len - length_at - 4 - MENTION_FIELD_MAX_BYTES);
	assert_int_equal(answer_get(longer.data, longer.len, arena, &got), ANSWER_E_FORMAT);
}

static void frames_are_bounded(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	struct frame f;
	size_t len;

	(void)state;
	frame_put(&b, FRAME_READY, 7, "abc", 3);
	assert_int_equal(frame_get(b.data, b.len - 1, &f, &len), FRAME_E_MORE);
	assert_int_equal(frame_get(b.data, b.len, &f, &len), 0);
	assert_int_equal(f.number, 7);
	assert_int_equal(len, b.len);
	memset(b.data, 0xFF, 4);
	assert_int_equal(frame_get(b.data, b.len, &f, &len), FRAME_E_BROKEN);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_is_sha256_of_scope_and_key),
		cmocka_unit_test(content_is_known_by_its_words_wherever_white_space_doubles),
		cmocka_unit_test(json_has_what_is_known_and_no_more),
		cmocka_unit_test(intents_are_those_of_all_hits_and_each_once),
		cmocka_unit_test(answer_survives_the_border_and_no_byte_less_does),
		cmocka_unit_test(tone_is_told_and_crosses_the_border),
		cmocka_unit_test(place_and_fingerprint_cross_the_border_and_only_whole),
		cmocka_unit_test(a_tone_past_its_bounds_is_refused),
		cmocka_unit_test(a_mention_that_its_mark_does_not_name_is_refused),
		cmocka_unit_test(limits_reached_are_named_and_bounded),
		cmocka_unit_test(what_no_reader_of_ours_writes_is_refused),
		cmocka_unit_test(counts_beyond_all_measure_are_cut_and_refused_uncut),
		cmocka_unit_test(a_feeds_facts_are_cut_and_refused_uncut),
		cmocka_unit_test(frames_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
