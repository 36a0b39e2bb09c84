/* Which items are new, and by what key. FAULTS F13, F14. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "mention/job.h"
#include "parse/feed.h"
#include "parse/identity.h"
#include "parse/parse.h"

#define ADDRESS "https://feed.example/rss"

static struct identity_item item(const char *guid, const char *link, uint64_t content)
{
	return (struct identity_item){.guid = guid, .link = link, .key.content = content, .published_ms = 1000};
}

static struct job_feed job_of(enum identity_policy policy, const struct seen_key *seen, size_t n)
{
	return (struct job_feed){
		.address = ADDRESS, .identity = policy, .not_before_ms = TIME_NONE, .seen = seen, .n_seen = n};
}

static void assert_key(const struct identity_item *it, const char *scope, const char *key)
{
	uint8_t want[MENTION_ID_BYTES];

	mention_identity(scope, key, want);
	assert_memory_equal(it->key.id, want, sizeof(want));
}

/* DESIGN §5 */
static const struct {
	enum identity_policy policy;
	const char *guid, *link, *scope, *key;
} keys[] = {
	{IDENTITY_GUID, "tag:a,2026:1", "http://a.example/1", "", "tag:a,2026:1"},
	{IDENTITY_GUID, "https://a.example/?p=1", "http://a.example/1", "", "https://a.example/?p=1"},
	{IDENTITY_GUID, "1", "HTTP://A.example:80/1?utm_source=rss", "", "http://a.example/1"},
	{IDENTITY_GUID, NULL, "http://a.example/1", "", "http://a.example/1"},
	{IDENTITY_GUID, "1", NULL, ADDRESS, "1"},
	{IDENTITY_GUID, "", NULL, ADDRESS, "text:000000000000002a"},
	{IDENTITY_GUID, NULL, NULL, ADDRESS, "text:000000000000002a"},
	{IDENTITY_LINK, "tag:a,2026:1", "http://a.example/1", "", "http://a.example/1"},
	{IDENTITY_LINK, "tag:a,2026:1", NULL, ADDRESS, "text:000000000000002a"},
	{IDENTITY_HASH, "tag:a,2026:1", "http://a.example/1", ADDRESS, "text:000000000000002a"},
};

static void test_keys(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct identity_item it = item(keys[i].guid, keys[i].link, 42);
		struct job_feed job = job_of(keys[i].policy, NULL, 0);

		assert_int_equal(identity_assign(&job, &it, 1), keys[i].policy);
		assert_key(&it, keys[i].scope, keys[i].key);
		assert_int_equal(it.state, ITEM_NEW);
		assert_false(it.twin);
	}
}

static void test_a_shared_key_is_none(void **state)
{
	struct identity_item v[] = {
		item("tag:x", "http://a.example/1", 1),
		item("tag:x", "http://a.example/2", 2),
		item("tag:y", "http://a.example/3", 3),
		item("tag:z", NULL, 4),
		item("tag:z", NULL, 4),
		item("9", NULL, 5),
		item("9", NULL, 6),
	};
	struct job_feed job = job_of(IDENTITY_GUID, NULL, 0);

	(void)state;
	identity_assign(&job, v, sizeof(v) / sizeof(*v));
	assert_key(&v[0], "", "http://a.example/1");
	assert_key(&v[1], "", "http://a.example/2");
	assert_key(&v[2], "", "tag:y");
	assert_key(&v[3], "", "tag:z"); /* the same item twice */
	assert_false(v[3].twin);
	assert_true(v[4].twin);
	assert_key(&v[5], ADDRESS, "text:0000000000000005");
	assert_key(&v[6], ADDRESS, "text:0000000000000006");
}

static void test_states(void **state)
{
	struct identity_item v[] = {item("tag:1", NULL, 1), item("tag:2", NULL, 22), item("tag:3", NULL, 3),
				    item("tag:4", NULL, 4), item("tag:5", NULL, 5)};
	struct seen_key seen[4] = {
		{.content = 1}, {.content = 2}, {.content = 3, .counts = 30}, {.content = 4, .counts = 40}};
	struct job_feed job = job_of(IDENTITY_GUID, seen, 4);
	const enum item_state want[] = {ITEM_KNOWN, ITEM_EDITED, ITEM_COUNTED, ITEM_KNOWN, ITEM_NEW};
	size_t i;
	char guid[32];

	(void)state;
	v[2].key.counts = 31;
	for (i = 0; i < 4; i++) {
		snprintf(guid, sizeof(guid), "tag:%zu", i + 1);
		mention_identity("", guid, seen[i].id);
	}
	assert_int_equal(identity_assign(&job, v, 5), IDENTITY_GUID);
	for (i = 0; i < 5; i++)
		assert_int_equal(v[i].state, want[i]);
}

/* FAULTS F14 and DESIGN §2: backfill lets only the young in, and only on the first poll. */
static void test_backfill(void **state)
{
	struct identity_item v[] = {item("tag:1", NULL, 1), item("tag:2", NULL, 2)};
	struct job_feed job = job_of(IDENTITY_GUID, NULL, 0);

	(void)state;
	v[1].published_ms = 5000;
	job.first = true;
	job.not_before_ms = 5000;
	identity_assign(&job, v, 2);
	assert_int_equal(v[0].state, ITEM_KNOWN);
	assert_int_equal(v[1].state, ITEM_NEW);
	job.first = false;
	identity_assign(&job, v, 2);
	assert_int_equal(v[0].state, ITEM_NEW);
}

/* Drift must be told from a busy hour: below the bounds nothing moves, at them it does. */
static void test_drift_bounds(void **state)
{
	static const struct {
		size_t items, known, moved; /* known: by their keys; moved: by their text alone; the rest is new */
		bool falls;
	} cases[] = {
		{10, 0, 10, true}, {10, 1, 9, true},  {10, 2, 8, false}, /* 80 % and no more */
		{3, 0, 3, true},   {2, 0, 2, false},                     /* IDENTITY_MOVED_MIN */
		{20, 0, 3, false},                                       /* a busy hour with three old texts */
		{20, 0, 11, true}, {10, 0, 0, false},
	};
	size_t c, i;

	(void)state;
	for (c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		struct identity_item v[20];
		struct seen_key seen[20];
		struct job_feed job = job_of(IDENTITY_GUID, seen, cases[c].known + cases[c].moved);
		char guid[20][32];

		memset(seen, 0, sizeof(seen));
		for (i = 0; i < cases[c].items; i++) {
			snprintf(guid[i], sizeof(guid[i]), "tag:%zu", i);
			v[i] = item(guid[i], NULL, 100 + i);
			if (i >= cases[c].known + cases[c].moved)
				continue;
			mention_identity("", i < cases[c].known ? guid[i] : "tag:old", seen[i].id);
			seen[i].id[15] ^= i < cases[c].known ? 0 : (uint8_t)(i + 1);
			seen[i].content = 100 + i;
		}
		assert_int_equal(identity_assign(&job, v, cases[c].items),
				 cases[c].falls ? IDENTITY_LINK : IDENTITY_GUID);
		for (i = 0; i < cases[c].items; i++) {
			bool old = i < cases[c].known + cases[c].moved;
			enum item_state want = !old                 ? ITEM_NEW
					       : cases[c].falls     ? ITEM_MOVED
					       : i < cases[c].known ? ITEM_KNOWN
								    : ITEM_NEW;
			assert_int_equal(v[i].state, want);
			if (want == ITEM_MOVED) /* what the log knows it by */
				assert_memory_equal(v[i].old, seen[i].id, MENTION_ID_BYTES);
		}
	}
}

static void test_a_moved_key_travels(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(4096);
	struct item_mark marks[2] = {{.state = ITEM_MOVED}, {.state = ITEM_KNOWN}};
	struct answer sent = {.items = marks, .n_items = 2}, got;
	struct buf b = BUF_INIT(4096);

	(void)state;
	mention_identity("", "tag:old", marks[0].old);
	mention_identity("", "tag:new", marks[0].key.id);
	mention_identity("", "tag:other", marks[1].key.id);
	answer_put(&b, &sent);
	assert_int_equal(answer_get(b.data, b.len, a, &got), 0);
	assert_int_equal(got.n_items, 2);
	assert_memory_equal(got.items[0].old, marks[0].old, MENTION_ID_BYTES);
	assert_memory_equal(got.items[1].key.id, marks[1].key.id, MENTION_ID_BYTES);
	assert_int_equal(answer_get(b.data, b.len - 1, a, &got), ANSWER_E_FORMAT);
	buf_done(&b);
}

/* One text on every item says nothing: no drift, and nothing is swallowed. */
static void test_empty_texts_are_no_sign(void **state)
{
	struct seen_key seen[1] = {{.content = 7}};
	struct job_feed job = job_of(IDENTITY_GUID, seen, 1);
	struct identity_item v[5];
	char guid[5][32];
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		snprintf(guid[i], sizeof(guid[i]), "tag:n%zu", i);
		v[i] = item(guid[i], NULL, 7);
		v[i].empty = i < 3;
	}
	assert_int_equal(identity_assign(&job, v, 5), IDENTITY_GUID);
	for (i = 0; i < 5; i++)
		assert_int_equal(v[i].state, ITEM_NEW);
}

/* --- FAULTS F13: six feeds, ten fetches, one new story a fetch: one mention a story --- */

enum { FETCHES = 10, WINDOW = 8, STORIES = WINDOW + FETCHES - 1 };

static void guid_changing(struct buf *b, unsigned story, unsigned fetch)
{
	buf_printf(b, "<guid isPermaLink='false'>urn:uuid:%u-%u</guid><link>https://n.example/%u</link>", fetch, story,
		   story);
}

static void guid_same(struct buf *b, unsigned story, unsigned fetch)
{
	(void)story;
	(void)fetch;
	buf_puts(b, "<guid>https://n.example/</guid>");
}

static void guid_none(struct buf *b, unsigned story, unsigned fetch)
{
	(void)b;
	(void)story;
	(void)fetch;
}

static void link_utm(struct buf *b, unsigned story, unsigned fetch)
{
	buf_printf(b, "<link>https://n.example/%u?utm_source=rss&amp;utm_campaign=f%u</link>", story, fetch);
}

static void link_session(struct buf *b, unsigned story, unsigned fetch)
{
	buf_printf(b, "<guid>https://n.example/%u;jsessionid=%u</guid><link>https://n.example/%u?sid=%u</link>", story,
		   fetch, story, fetch);
}

static void normal(struct buf *b, unsigned story, unsigned fetch)
{
	(void)fetch;
	buf_printf(b, "<guid>https://n.example/%u</guid><link>https://n.example/%u</link>", story, story);
}

static const struct {
	void (*put)(struct buf *b, unsigned story, unsigned fetch);
	enum identity_policy ends;
} sources[] = {
	{guid_changing, IDENTITY_LINK}, {guid_same, IDENTITY_GUID},    {guid_none, IDENTITY_GUID},
	{link_utm, IDENTITY_GUID},      {link_session, IDENTITY_HASH}, {normal, IDENTITY_GUID},
};

static void put_feed(struct buf *b, size_t source, unsigned fetch)
{
	unsigned i;

	buf_puts(b, "<rss version='2.0'><channel><title>Noticias</title>");
	for (i = fetch + WINDOW; i-- > fetch;) {
		buf_printf(b, "<item><title>Noticia %u</title><description>Esto pasó el día %u</description>", i, i);
		sources[source].put(b, i, fetch);
		buf_puts(b, "</item>");
	}
	buf_puts(b, "</channel></rss>");
}

static void remember(struct seen_key *seen, size_t *n, const struct answer *answer)
{
	size_t i, k;

	for (i = 0; i < answer->n_items; i++) {
		for (k = 0; k < *n && memcmp(seen[k].id, answer->items[i].key.id, MENTION_ID_BYTES) != 0; k++)
			;
		seen[k] = answer->items[i].key;
		*n += k == *n;
	}
}

static void poll_ten_times(size_t source)
{
	struct seen_key seen[4 * FETCHES * WINDOW];
	unsigned told[STORIES] = {0};
	size_t n_seen = 0, i;
	struct job_feed job = {.source = "n",
			       .platform = "feed",
			       .address = ADDRESS,
			       .format = "auto",
			       .first = true,
			       .not_before_ms = TIME_NONE,
			       .seen_ms = INT64_C(1790000000000),
			       .seen = seen};
	unsigned fetch, changes = 0;

	for (fetch = 0; fetch < FETCHES; fetch++) {
		cleanup(buf_done) struct buf body = BUF_INIT(1 << 20);
		cleanup(arena_freep) struct arena *a = arena_new(1 << 24);
		struct answer answer;

		put_feed(&body, source, fetch);
		job.body = body.data;
		job.body_len = body.len;
		job.n_seen = n_seen;
		feed_parse(&job, a, &answer);
		assert_int_equal(answer.status, ANSWER_OK);
		assert_int_equal(answer.n_items, WINDOW);
		for (i = 0; i < answer.n_mentions; i++)
			told[atol(answer.mentions[i].title + strlen("Noticia "))]++;
		remember(seen, &n_seen, &answer);
		changes += answer.identity_changed;
		job.identity = answer.identity;
		job.first = false;
	}
	for (i = 0; i < STORIES; i++)
		assert_int_equal(told[i], 1);
	assert_int_equal(job.identity, sources[source].ends);
	assert_true(changes <= 1 + (sources[source].ends == IDENTITY_HASH));
}

static void test_one_mention_a_story(void **state)
{
	size_t i;

	(void)state;
	parse_init();
	for (i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		poll_ten_times(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_a_shared_key_is_none),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_backfill),
		cmocka_unit_test(test_drift_bounds),
		cmocka_unit_test(test_a_moved_key_travels),
		cmocka_unit_test(test_empty_texts_are_no_sign),
		cmocka_unit_test(test_one_mention_a_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
