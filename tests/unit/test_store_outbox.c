/* The outbox: ids that never go back, rows until they are sent, new ids, rewinding, damage. */
#include "store_box.h"

#include <sqlite3.h>

#include "store/stream_id.h"
#include "store/stream_rows.h"

static void add_hit(struct box *b, const char *key, const char *topic)
{
	struct found f = found_new();

	found_item(&f, ITEM_NEW, key, key, topic);
	assert_int_equal(box_poll(b, "prensa", f).hits, 1);
}

static void ids_follow_time_and_never_go_back(void **state)
{
	static const struct {
		int64_t last_ms, last_seq, now_ms, ms, seq;
	} cases[] = {
		{0, 0, 1790000000000, 1790000000000, 0},
		{1790000000000, 0, 1790000000000, 1790000000000, 1},
		{1790000000000, 7, 1790000000001, 1790000000001, 0},
		{1790000000000, 7, 1780000000000, 1790000000000, 8},              /* the clock went back */
		{1790000000000, STREAM_SEQ_MAX, 1790000000000, 1790000000001, 0}, /* a full millisecond */
		{0, 0, -5, 1, 0}, /* a clock before 1970; 0-0 is no id */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct stream_id last = {.ms = cases[i].last_ms, .seq = (uint64_t)cases[i].last_seq};
		struct stream_id got = stream_id_unpack(stream_id_next(stream_id_pack(last), cases[i].now_ms));

		assert_int_equal(got.ms, cases[i].ms);
		assert_int_equal(got.seq, cases[i].seq);
	}
	assert_true(stream_id_pack((struct stream_id){.ms = INT64_MAX, .seq = UINT64_MAX}) == INT64_MAX);
	assert_true(stream_id_pack((struct stream_id){.ms = -1}) == 0);
}

static void time_jumps_back_and_ids_do_not(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	size_t i;

	(void)state; /* FAULTS §1.1: time */
	box_init(&b);
	add_hit(&b, "1", "acme");
	box_wall_ms -= DAY_MS;
	add_hit(&b, "2", "acme");
	box_reopen(&b); /* nor over a restart */
	add_hit(&b, "3", "acme");
	box_wall_ms += 2 * DAY_MS;
	add_hit(&b, "4", "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 4);
	for (i = 1; i < rows.n; i++)
		assert_true(stream_id_cmp(rows.id[i - 1], rows.id[i]) < 0);
	assert_int_equal(rows.id[2].ms, BOX_START_MS);
	assert_int_equal(rows.id[2].seq, 2);
	assert_int_equal(rows.id[3].ms, BOX_START_MS + DAY_MS);
	rows_done(&rows);
	box_done(&b);
}

static void rows_wait_until_they_are_sent_in_any_order(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	struct stream_id ids[3];
	struct store_status st;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < 3; i++)
		add_hit(&b, (const char *[]){"1", "2", "3"}[i], "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 3);
	memcpy(ids, rows.id, sizeof(ids));
	box_sent(&b, (struct stream_id[]){ids[2], ids[0], {.ms = 5}}, 3); /* one that isn't there is no matter */
	box_reopen(&b);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_int_equal(stream_id_cmp(rows.id[0], ids[1]), 0);
	box_outbox(&b, ids[1], &rows); /* only what lies behind */
	assert_int_equal(rows.n, 0);
	st = box_status(&b);
	assert_int_equal(st.pending, 1);
	assert_int_equal(stream_id_cmp(st.oldest_pending, ids[1]), 0);
	assert_int_equal(stream_id_cmp(st.last_sent, ids[2]), 0);
	assert_int_equal(stream_id_cmp(st.last, ids[2]), 0);
	box_check_totals(&b);
	rows_done(&rows);
	box_done(&b);
}

static void names_are_joined_each_once(void **state)
{
	struct box b;
	struct found f = found_new();
	struct rows rows = {.n = 0};
	struct mention *m;

	(void)state;
	box_init(&b);
	m = found_item(&f, ITEM_NEW, "1", "uno", "acme");
	m->n_hits = 3;
	m->hits = ARENA_ARRAY(f.arena, struct hit, 3);
	m->hits[0] = *found_hit(f.arena, "acme");
	m->hits[1] = *found_hit(f.arena, "acme-mx");
	m->hits[2] = (struct hit){
		.topic = "rival", .role = "competitor", .tags = (const char *[]){"cris", "crisis"}, .n_tags = 2};
	m->hits[0].intents = m->hits[2].intents = (const char *[]){"complaint"};
	m->hits[0].n_intents = m->hits[2].n_intents = 1;
	m->published_ms = TIME_NONE;
	(void)box_poll(&b, "prensa", f);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_memory_equal(rows.names[0], "acme,acme-mx,rival|loud,near|crisis,cris|-|", 43);
	assert_int_equal(strlen(rows.names[0]), 43 + 2 * MENTION_ID_BYTES);
	assert_non_null(strstr(rows.json[0], "\"intents\":[\"complaint\"],"));
	assert_memory_equal(rows.json[0] + strlen("{\"id\":\""), rows.names[0] + 43, 2 * MENTION_ID_BYTES);
	rows_done(&rows);
	box_done(&b);
}

/* The stream says the tone, from the row that was just taken and from the log. */
static void tone_is_kept_and_told(void **state)
{
	static const char want[] =
		"\"sentiment\":{\"label\":\"negative\",\"score\":-0.53,\"words\":[\"pésimo\",\"robo\"]}";
	struct box b;
	struct rows rows = {.n = 0};
	struct mention *m;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < 2; i++) { /* the second with what stands before it in the log's bytes */
		struct found f = found_new();

		m = found_item(&f, ITEM_NEW, i ? "2" : "1", "uno", "acme");
		m->sentiment = (struct mention_sentiment){"negative", -0.53, (const char *[]){"pésimo", "robo"}, 2};
		m->repeats = i ? "otro" : NULL;
		(void)box_poll(&b, "prensa", f);
	}
	for (i = 0; i < 2; i++) {
		box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
		assert_int_equal(rows.n, 2);
		assert_non_null(strstr(rows.json[0], want));
		assert_non_null(strstr(rows.json[1], want));
		assert_null(strstr(rows.json[0], "\"repeats\""));
		assert_non_null(strstr(rows.json[1], "\"repeats\":\"otro\""));
		box_reopen(&b);
	}
	rows_done(&rows);
	box_done(&b);
}

struct id_got {
	bool done;
	int r;
	struct stream_id id;
};

static void on_id(void *arg, int r, struct stream_id id)
{
	struct id_got *got = arg;

	*got = (struct id_got){.done = true, .r = r, .id = id};
}

static struct id_got new_id_above(struct box *b, struct stream_id old, struct stream_id above)
{
	struct id_got got = {.done = false};

	store_outbox_new_id(b->store, OUTBOX_HITS, old, above, on_id, &got);
	box_wait(b, &got.done);
	return got;
}

static struct id_got new_id(struct box *b, struct stream_id old)
{
	return new_id_above(b, old, (struct stream_id){.ms = 0});
}

static void a_new_id_is_above_the_stream(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	struct stream_id above = {.ms = clock_wall_ms() + 2 * DAY_MS, .seq = 7};
	struct stream_id absurd = {.ms = INT64_MAX, .seq = 7};
	struct id_got got;

	(void)state; /* FAULTS D5, T1: the stream was written by a clock that was two days ahead */
	box_init(&b);
	add_hit(&b, "1", "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	got = new_id_above(&b, rows.id[0], above);
	assert_int_equal(got.r, 0);
	assert_true(stream_id_cmp(got.id, above) > 0);
	add_hit(&b, "2", "acme"); /* what comes later is above it as well */
	box_outbox(&b, got.id, &rows);
	assert_int_equal(rows.n, 1);
	got = new_id_above(&b, rows.id[0], absurd); /* not followed: the ids would run out */
	assert_int_equal(got.r, 0);
	assert_true(got.id.ms <= above.ms + 1);
	rows_done(&rows);
	box_done(&b);
}

static void a_refused_row_gets_a_new_id(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	struct stream_id old, last;
	struct id_got got;

	(void)state; /* FAULTS D5 */
	box_init(&b);
	add_hit(&b, "1", "acme");
	add_hit(&b, "2", "rival");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	old = rows.id[0];
	last = rows.id[1];
	got = new_id(&b, old);
	assert_int_equal(got.r, 0);
	assert_true(stream_id_cmp(got.id, last) > 0);
	assert_int_equal(new_id(&b, old).r, -ENOENT);
	box_reopen(&b);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows); /* its checksum moved along */
	assert_int_equal(rows.n, 2);
	assert_int_equal(stream_id_cmp(rows.id[1], got.id), 0);
	assert_non_null(strstr(rows.json[1], "\"text\":\"1\""));
	box_hits(&b, (struct store_hits_filter){.topic = "acme"}, &rows); /* and its topic */
	assert_int_equal(rows.n, 1);
	assert_int_equal(stream_id_cmp(rows.id[0], got.id), 0);
	rows_done(&rows);
	box_done(&b);
}

struct rewind_got {
	bool done;
	size_t set_back, before;
};

static void on_rewind(void *arg, int r, size_t set_back, size_t before)
{
	struct rewind_got *got = arg;

	assert_int_equal(r, 0);
	*got = (struct rewind_got){.done = true, .set_back = set_back, .before = before};
}

static void rewinding_sets_back_what_is_young_enough(void **state)
{
	static const struct {
		size_t to;            /* behind the nth row; 0: all */
		int64_t not_before_h; /* after the start */
		size_t set_back, before;
	} cases[] = {{0, -24, 4, 0}, {2, -24, 2, 0}, {0, 2, 2, 2}, {1, 2, 2, 1}, {4, 0, 0, 0}, {0, 99, 0, 4}};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct rows rows = {.n = 0};
		struct rewind_got got = {.done = false};
		struct stream_id to = {.ms = 0};
		struct box b;

		box_init(&b);
		for (k = 0; k < 4; k++) {
			char key[2] = {(char)('0' + k), '\0'};

			add_hit(&b, key, "acme");
			box_wall_ms += HOUR_MS;
		}
		box_outbox(&b, to, &rows);
		box_sent(&b, rows.id, rows.n);
		if (cases[i].to > 0)
			to = rows.id[cases[i].to - 1];
		store_outbox_rewind(b.store, OUTBOX_HITS, to, BOX_START_MS + cases[i].not_before_h * HOUR_MS, on_rewind,
				    &got);
		box_wait(&b, &got.done);
		assert_int_equal(got.set_back, cases[i].set_back);
		assert_int_equal(got.before, cases[i].before);
		assert_int_equal(stream_id_pack(box_status(&b).last_sent),
				 box_number(&b, "SELECT coalesce(max(id), 0) FROM outbox WHERE state = 1"));
		box_check_totals(&b);
		box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
		assert_int_equal(rows.n, cases[i].set_back);
		rows_done(&rows);
		box_done(&b);
	}
}

static void without_a_queue_nothing_is_pending(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	struct store_config off;

	(void)state;
	box_init(&b);
	off = b.config;
	off.outbox = false;
	store_configure(b.store, &off);
	add_hit(&b, "1", "acme");
	store_configure(b.store, &b.config);
	add_hit(&b, "2", "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	box_hits(&b, (struct store_hits_filter){.limit = 0}, &rows);
	assert_int_equal(rows.n, 2); /* in the log all the same */
	rows_done(&rows);
	box_done(&b);
}

static void a_row_that_the_disk_changed_is_set_aside(void **state)
{
	static const char *const damage[] = {
		"UPDATE mention SET text = 'otro' WHERE id = 1",
		"UPDATE mention SET guid = 'otro', flags = 0 WHERE id = 1",
		"UPDATE mention SET hits = x'01ff' WHERE id = 1",
		"UPDATE stream SET mention = 2 WHERE mention = 1",
		"DELETE FROM mention WHERE id = 1",
	};
	size_t i;

	(void)state; /* FAULTS D8 */
	for (i = 0; i < ARRAY_LEN(damage); i++) {
		struct rows rows = {.n = 0};
		struct box b;
		sqlite3 *db;

		box_init(&b);
		add_hit(&b, "1", "acme");
		add_hit(&b, "2", "acme");
		box_reopen(&b); /* what it has just put it knows by heart */
		assert_int_equal(sqlite3_open(box_path(&b, "escuchad.db"), &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, damage[i], NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
		assert_int_equal(rows.n, 1);
		assert_non_null(strstr(rows.json[0], "\"text\":\"2\""));
		box_until(&b, set_aside, 1);
		assert_int_equal(box_status(&b).pending, 1);
		rows_done(&rows);
		box_done(&b);
	}
}

static void behind_many_damaged_rows_the_sound_one_is_found(void **state)
{
	enum { DAMAGED = 7, AT_ONCE = 3 };
	struct rows rows = {.n = 0};
	struct box b;
	sqlite3 *db;
	char key[8];
	size_t i;

	(void)state; /* FAULTS D8 */
	box_init(&b);
	for (i = 0; i <= DAMAGED; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		add_hit(&b, key, "acme");
	}
	box_reopen(&b);
	assert_int_equal(sqlite3_open(box_path(&b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE stream SET crc = crc + 1 WHERE mention <= 7", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	store_outbox_read(b.store, OUTBOX_HITS, (struct stream_id){.ms = 0}, AT_ONCE, on_outbox, &rows);
	box_wait(&b, &rows.done);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"text\":\"7\""));
	box_until(&b, set_aside, DAMAGED);
	rows_done(&rows);
	store_outbox_read(b.store, OUTBOX_HITS, (struct stream_id){.ms = 0}, 0, on_outbox,
			  &rows); /* none asked for, none given */
	box_wait(&b, &rows.done);
	assert_int_equal(rows.n, 0);
	box_done(&b);
}

/* Rows come from memory or, asked for again, from the log: the same. What changes while it waits goes as it is then. */
static void rows_just_put_are_as_the_log_has_them(void **state)
{
	static const char *const keys[] = {"1", "2", "3"};
	struct rows first = {.n = 0}, again = {.n = 0};
	struct found f = found_new(), changed = found_new();
	struct mention *m;
	struct box b;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		m = found_item(&f, ITEM_NEW, keys[i], "uno", "acme");
		m->counts = (struct mention_counts){COUNT_NONE, 7, 0, COUNT_NONE};
		m->author.followers = 12;
		m->author.verified = VERIFIED_NO;
		m->rating = 4.5;
		m->version = i == 0 ? "7.1" : NULL;
		m->repeats = i == 2 ? "luis" : NULL;
	}
	(void)box_poll(&b, "prensa", f);
	(void)found_item(&changed, ITEM_EDITED, "2", "dos", "acme");
	changed.answer.items[0].counts.likes = 5;
	(void)box_poll(&b, "prensa", changed);
	box_outbox(&b, (struct stream_id){.ms = 0}, &first);
	assert_int_equal(first.n, ARRAY_LEN(keys));
	assert_non_null(strstr(first.json[1], "\"text\":\"dos\""));
	assert_non_null(strstr(first.json[1], "\"likes\":5"));
	for (i = 0; i < 2; i++) {
		if (i == 1)
			box_reopen(&b);
		box_outbox(&b, (struct stream_id){.ms = 0}, &again);
		assert_int_equal(again.n, first.n);
		for (size_t k = 0; k < first.n; k++) {
			assert_string_equal(again.json[k], first.json[k]);
			assert_int_equal(stream_id_cmp(again.id[k], first.id[k]), 0);
		}
	}
	rows_done(&first);
	rows_done(&again);
	box_done(&b);
}

/* Rows of the stream and of its index are put several in a statement: not past what looks at them, nor one twice. */
static void rows_of_one_poll_are_there_for_each_other(void **state)
{
	enum { N = 2 * STREAM_ROWS_BATCH + 3 };
	struct rows rows = {.n = 0};
	struct found f = found_new();
	struct box b;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < N; i++) {
		char key[16];
		struct mention *m;

		snprintf(key, sizeof(key), "%zu", i);
		m = found_item(&f, ITEM_NEW, key, "uno", "acme");
		m->n_hits = 3; /* one of the topics twice */
		m->hits = ARENA_ARRAY(f.arena, struct hit, 3);
		m->hits[0] = m->hits[2] = *found_hit(f.arena, "acme");
		m->hits[1] = *found_hit(f.arena, "rival");
	}
	(void)found_item(&f, ITEM_EDITED, "18", "dos", "acme"); /* the last of them, not yet written */
	assert_int_equal(box_poll(&b, "prensa", f).hits, N);
	box_reopen(&b);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, N);
	assert_non_null(strstr(rows.json[N - 1], "\"text\":\"dos\""));
	assert_int_equal(box_number(&b, "SELECT count(*) FROM hit"), 2 * N);
	box_check_totals(&b);
	rows_done(&rows);
	box_done(&b);
}

/* Those that were asked for again or dropped since a group was read are not taken for sent with it. */
static void a_group_is_sent_as_it_was_named(void **state)
{
	struct rows rows = {.n = 0};
	struct stream_id some[2];
	struct box b;
	char key[8];
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		add_hit(&b, key, "acme");
	}
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 4);
	some[0] = rows.id[0];
	some[1] = rows.id[2];
	box_sent(&b, some, 2);
	assert_int_equal(box_status(&b).pending, 2);
	assert_int_equal(stream_id_cmp(box_status(&b).oldest_pending, rows.id[1]), 0);
	box_check_totals(&b);
	box_sent(&b, rows.id, 4); /* two of them are in */
	assert_int_equal(box_status(&b).pending, 0);
	assert_int_equal(stream_id_cmp(box_status(&b).last_sent, rows.id[3]), 0);
	box_check_totals(&b);
	rows_done(&rows);
	box_done(&b);
}

static void one_answer_has_bounds(void **state)
{
	enum { LARGE = 12, LARGE_BYTES = 1 << 20 };
	struct box b;
	struct rows rows = {.n = 0};
	cleanup(freep) char *text = xmalloc(LARGE_BYTES + 1);
	size_t i, k;

	(void)state;
	memset(text, 'x', LARGE_BYTES);
	text[LARGE_BYTES] = '\0';
	box_init(&b);
	for (i = 0; i < LARGE; i++) {
		char key[8];
		struct found f = found_new();

		snprintf(key, sizeof(key), "g%zu", i);
		found_item(&f, ITEM_NEW, key, text, "acme");
		(void)box_poll(&b, "prensa", f);
	}
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows); /* by bytes */
	assert_true(rows.n >= 1 && rows.n < LARGE);
	box_sent(&b, rows.id, rows.n);
	box_outbox(&b, rows.id[rows.n - 1], &rows);
	assert_true(rows.n >= 1);

	for (i = 0; i < 20; i++) { /* by rows */
		struct found f = found_new();

		for (k = 0; k < BOX_ROWS; k++) {
			char key[16];

			snprintf(key, sizeof(key), "%zu-%zu", i, k);
			found_item(&f, ITEM_NEW, key, "t", "acme");
		}
		(void)box_poll(&b, "prensa", f);
	}
	box_outbox(&b, (struct stream_id){.ms = BOX_START_MS, .seq = LARGE - 1}, &rows);
	assert_int_equal(rows.n, STORE_ROWS_MAX);
	rows_done(&rows);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_follow_time_and_never_go_back),
		cmocka_unit_test(time_jumps_back_and_ids_do_not),
		cmocka_unit_test(rows_wait_until_they_are_sent_in_any_order),
		cmocka_unit_test(names_are_joined_each_once),
		cmocka_unit_test(tone_is_kept_and_told),
		cmocka_unit_test(a_refused_row_gets_a_new_id),
		cmocka_unit_test(a_new_id_is_above_the_stream),
		cmocka_unit_test(rewinding_sets_back_what_is_young_enough),
		cmocka_unit_test(without_a_queue_nothing_is_pending),
		cmocka_unit_test(a_row_that_the_disk_changed_is_set_aside),
		cmocka_unit_test(behind_many_damaged_rows_the_sound_one_is_found),
		cmocka_unit_test(rows_just_put_are_as_the_log_has_them),
		cmocka_unit_test(rows_of_one_poll_are_there_for_each_other),
		cmocka_unit_test(a_group_is_sent_as_it_was_named),
		cmocka_unit_test(one_answer_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
