/* The log's mentions once more: newest first, as they were judged, bounded, and without a trace. */
#include "store_box.h"

#include <sqlite3.h>

#include "store/replay.h"

enum { PART = 60 };

struct seen_again {
	struct arena *arena;
	struct mention v[1000];
	size_t n, batches, most;
};

static struct replay *open_replay(struct box *b, int64_t since_ms)
{
	struct replay *r = NULL;

	assert_int_equal(replay_open(b->dir, since_ms, &r), 0);
	return r;
}

static void read_all(struct replay *r, struct seen_again *ret)
{
	size_t n;

	*ret = (struct seen_again){.arena = arena_new(SIZE_MAX)};
	do {
		assert_int_equal(replay_next(r, ret->arena, ret->v + ret->n, &n), 0);
		ret->n += n;
		ret->batches += n > 0;
		ret->most = n > ret->most ? n : ret->most;
	} while (n);
}

/* n mentions of one poll, a minute apart from the last; every tenth is a hit. */
static void poll_some(struct box *b, const char *prefix, size_t n, size_t text_bytes)
{
	cleanup(freep) char *text = xcalloc(text_bytes + 1, 1);
	struct found f = found_new();
	size_t i;

	memset(text, 'a', text_bytes);
	arena_free(f.arena);
	f.arena = arena_new(SIZE_MAX);
	f.answer.items = ARENA_ARRAY(f.arena, struct item_mark, BOX_ROWS);
	f.answer.mentions = ARENA_ARRAY(f.arena, struct mention, BOX_ROWS);
	for (i = 0; i < n; i++) {
		cleanup(freep) char *key = xasprintf("%s%zu", prefix, i);

		found_item(&f, ITEM_NEW, key, text, i % 10 == 0 ? "acme" : NULL);
	}
	(void)box_poll(b, "prensa", f);
	box_wall_ms += MINUTE_MS;
}

static void all_are_given_once_newest_first(void **state)
{
	struct box b;
	struct replay *r;
	struct seen_again seen;
	size_t i;
	char key[16];

	(void)state;
	box_init(&b);
	for (i = 0; i < 5; i++) {
		snprintf(key, sizeof(key), "%zu-", i);
		poll_some(&b, key, PART, 3);
	}
	r = open_replay(&b, 0);
	poll_some(&b, "later-", 1, 3); /* not among them */
	read_all(r, &seen);
	assert_int_equal(seen.n, 5 * PART);
	assert_int_equal(seen.most, REPLAY_ROWS_MAX);
	assert_int_equal(seen.batches, 2);
	for (i = 1; i < seen.n; i++)
		assert_true(seen.v[i].seen_ms <= seen.v[i - 1].seen_ms);
	assert_string_equal(seen.v[0].url, "https://example.com/4-59");
	assert_true(seen.v[9].n_hits == 1 && seen.v[0].n_hits == 0);
	assert_string_equal(seen.v[9].hits[0].rules[1], "near");
	arena_free(seen.arena);
	replay_free(r);

	r = open_replay(&b, BOX_START_MS + 3 * MINUTE_MS);
	read_all(r, &seen);
	assert_int_equal(seen.n, 2 * PART + 1);
	arena_free(seen.arena);
	replay_free(r);
	box_done(&b);
}

static void long_texts_make_small_batches(void **state)
{
	struct box b;
	struct replay *r;
	struct seen_again seen;

	(void)state;
	box_init(&b);
	poll_some(&b, "x", 20, 200 * 1024);
	r = open_replay(&b, 0);
	read_all(r, &seen);
	assert_int_equal(seen.n, 20);
	assert_true(seen.most <= REPLAY_ROWS_MAX_BYTES / (200 * 1024) + 1);
	arena_free(seen.arena);
	replay_free(r);
	box_done(&b);
}

static int64_t likes_of(struct box *b, const char *key)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	struct replay *r = open_replay(b, 0);
	struct mention m;
	uint8_t id[MENTION_ID_BYTES];

	mention_identity("test", key, id);
	assert_int_equal(replay_find(r, id, a, &m), 0);
	mention_identity("test", "nowhere", id);
	assert_int_equal(replay_find(r, id, a, &m), REPLAY_E_NONE);
	replay_free(r);
	return m.counts.likes;
}

static void count_likes(struct box *b, enum item_state state, int64_t likes)
{
	struct found f = found_new();
	struct mention *m = found_item(&f, state, "1", state == ITEM_NEW ? "uno" : "otro", "acme");

	f.answer.items[0].counts.likes = likes;
	if (m)
		m->counts.likes = likes;
	(void)box_poll(b, "prensa", f);
	box_wall_ms += MINUTE_MS;
}

static void counts_are_those_that_it_was_judged_by(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	count_likes(&b, ITEM_NEW, 5);
	assert_int_equal(likes_of(&b, "1"), 5);
	count_likes(&b, ITEM_COUNTED, 50);
	assert_int_equal(likes_of(&b, "1"), 5);
	count_likes(&b, ITEM_EDITED, 60); /* judged anew */
	count_likes(&b, ITEM_COUNTED, 600);
	assert_int_equal(likes_of(&b, "1"), 60);
	box_done(&b);
}

static void run_sql(struct box *b, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_row_that_cannot_be_read_is_left_out_and_counted(void **state)
{
	struct box b;
	struct replay *r;
	struct seen_again seen;

	(void)state;
	box_init(&b);
	poll_some(&b, "x", 20, 3);
	run_sql(&b, "UPDATE mention SET hits = x'FF00' WHERE id IN (1, 7)");
	r = open_replay(&b, 0);
	read_all(r, &seen);
	assert_int_equal(seen.n, 18);
	assert_int_equal(replay_damaged(r), 2);
	arena_free(seen.arena);
	replay_free(r);
	run_sql(&b, "UPDATE mention SET hits = x'FF00'"); /* a batch without any */
	r = open_replay(&b, 0);
	read_all(r, &seen);
	assert_int_equal(seen.n, 0);
	assert_int_equal(replay_damaged(r), 20);
	arena_free(seen.arena);
	replay_free(r);
	box_done(&b);
}

static void how_far_it_sees_and_what_was_deaf(void **state)
{
	static const char *const deaf[] = {"d1", "d2", "d3", "d4"};
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	struct box b;
	struct replay *r;
	struct replay_reach reach;
	struct replay_deaf told;
	size_t i;

	(void)state;
	box_init(&b);
	r = open_replay(&b, 0);
	assert_int_equal(replay_reach(r, &reach), 0);
	assert_true(reach.mentions == 0 && reach.first_ms == TIME_NONE && reach.plain_first_ms == TIME_NONE);
	replay_free(r);
	poll_some(&b, "hit", 1, 3);
	poll_some(&b, "x", 20, 3);
	for (i = 0; i < ARRAY_LEN(deaf); i++) {
		const struct deaf_mark mark = {"unreachable", BOX_START_MS,
					       BOX_START_MS + ((int64_t)i + 1) * MINUTE_MS};
		struct poll_got done = {.done = false};

		store_deaf_put(b.store, deaf[i], &mark, on_done, &done);
		box_wait(&b, &done.done);
	}
	box_wall_ms += HOUR_MS;
	r = open_replay(&b, BOX_START_MS + 30 * SECOND_MS);
	assert_int_equal(replay_reach(r, &reach), 0);
	assert_int_equal(reach.mentions, 20);
	assert_int_equal(reach.first_ms, BOX_START_MS);
	assert_int_equal(reach.plain_first_ms, BOX_START_MS + MINUTE_MS);
	assert_int_equal(replay_deaf(r, box_wall_ms, a, &told), 0);
	assert_int_equal(told.sources, 4);
	assert_int_equal(told.down_ms, 0);
	assert_string_equal(told.names[0], "d4");
	assert_string_equal(told.names[2], "d2");
	replay_free(r);
	/* a rule that went quiet, or a field that is gone: their sources were heard */
	run_sql(&b, "INSERT INTO deaf (source, kind, began, ended) VALUES (0, 'down', 1790000010000, 1790000045000), "
		    "(9998, 'rule', 1790000010000, NULL), (9999, 'field', 1790000010000, NULL)");
	r = open_replay(&b, BOX_START_MS + 30 * SECOND_MS);
	assert_int_equal(replay_deaf(r, box_wall_ms, a, &told), 0);
	assert_int_equal(told.down_ms, 15 * SECOND_MS); /* as far as it lies in the time */
	assert_int_equal(told.sources, 4);
	replay_free(r);
	box_done(&b);
}

static void what_is_no_log_of_ours(void **state)
{
	struct box b;
	struct replay *r;

	(void)state;
	assert_int_equal(replay_open("/nowhere", 0, &r), REPLAY_E_NONE);
	box_init(&b);
	run_sql(&b, "PRAGMA user_version = 1");
	assert_int_equal(replay_open(b.dir, 0, &r), REPLAY_E_OLDER);
	run_sql(&b, "PRAGMA user_version = 9999");
	assert_int_equal(replay_open(b.dir, 0, &r), REPLAY_E_NEWER);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_given_once_newest_first),
		cmocka_unit_test(long_texts_make_small_batches),
		cmocka_unit_test(counts_are_those_that_it_was_judged_by),
		cmocka_unit_test(a_row_that_cannot_be_read_is_left_out_and_counted),
		cmocka_unit_test(how_far_it_sees_and_what_was_deaf),
		cmocka_unit_test(what_is_no_log_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
