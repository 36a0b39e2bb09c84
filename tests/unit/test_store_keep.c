/* Retention: what goes, what stays, and that nothing is left behind of what went. */
#include "store_box.h"

static void poll_one(struct box *b, const char *key, const char *topic)
{
	struct found f = found_new();

	found_item(&f, ITEM_NEW, key, key, topic);
	(void)box_poll(b, "prensa", f);
}

/* Time passes, and something happens, so that the writer has a look. */
static void days_pass(struct box *b, int64_t days)
{
	box_wall_ms += days * DAY_MS;
	box_steady_ms += days * DAY_MS;
	(void)box_poll(b, "reloj", found_new());
}

static void each_kind_has_its_time_and_the_pending_stays(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	poll_one(&b, "sin", NULL);
	poll_one(&b, "con", "acme");
	poll_one(&b, "pendiente", "acme");
	poll_one(&b, "otra", "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	box_sent(&b, (struct stream_id[]){rows.id[0], rows.id[2]}, 2);

	days_pass(&b, 6);
	poll_one(&b, "tarde", NULL);
	box_fill_search(&b);
	assert_int_equal(box_status(&b).mentions, 5);

	days_pass(&b, 2); /* 8: mentions without a hit go after 7 */
	box_until(&b, mentions, 4);
	box_mention(&b, "sin", &rows);
	assert_int_equal(rows.n, 0);
	box_mention(&b, "tarde", &rows);
	assert_int_equal(rows.n, 1);

	days_pass(&b, 84); /* 92: hits go after 90, but not the pending one, nor the newest of the stream */
	box_until(&b, mentions, 2);
	assert_int_equal(box_status(&b).pending, 1);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"text\":\"pendiente\""));
	box_sent(&b, rows.id, 1);

	days_pass(&b, 1);
	box_until(&b, mentions, 1);
	rows_done(&rows);
	box_done(&b);
}

static void what_went_leaves_nothing_behind(void **state)
{
	struct box b;
	struct found again = found_new(), counted = found_new(), edited = found_new();
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	poll_one(&b, "1", "acme");
	found_item(&again, ITEM_NEW, "1", "1", "rival");
	(void)box_poll(&b, "agencia", again);
	found_item(&edited, ITEM_EDITED, "1", "cambiado", "acme");
	box_wall_ms += 5;
	(void)box_poll(&b, "prensa", edited);
	found_item(&counted, ITEM_COUNTED, "1", NULL, NULL);
	counted.answer.items[0].counts.likes = 3;
	(void)box_poll(&b, "prensa", counted);
	poll_one(&b, "2", "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	box_sent(&b, rows.id, rows.n);
	box_fill_search(&b);
	assert_int_equal(box_number(&b,
				    "SELECT (SELECT count(*) FROM sighting) + (SELECT count(*) FROM version) + (SELECT "
				    "count(*) FROM counts)"),
			 4);

	days_pass(&b, 91);
	box_until(&b, mentions, 1);
	box_search(&b, "cambiado", &rows);
	assert_int_equal(rows.n, 0);
	assert_int_equal(box_number(&b,
				    "SELECT (SELECT count(*) FROM sighting) + (SELECT count(*) FROM version) + (SELECT "
				    "count(*) FROM counts)"),
			 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM search WHERE search MATCH 'cambiado'"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM hit"), 1);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM stream"), 1);
	box_check_totals(&b);
	rows_done(&rows);
	box_done(&b);
}

static void ids_do_not_go_back_when_all_hits_are_gone(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	struct stream_id last;

	(void)state;
	box_init(&b);
	poll_one(&b, "1", "acme");
	poll_one(&b, "2", "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	last = rows.id[1];
	box_sent(&b, rows.id, 2);
	days_pass(&b, 200);
	box_until(&b, hits, 1);
	box_wall_ms = BOX_START_MS - DAY_MS; /* and the clock goes back to before them */
	box_reopen(&b);
	poll_one(&b, "3", "acme");
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_true(stream_id_cmp(rows.id[0], last) > 0);
	rows_done(&rows);
	box_done(&b);
}

static void a_clock_that_was_ahead_does_not_stop_it(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	box_wall_ms += 3650 * DAY_MS;
	poll_one(&b, "futuro", NULL);
	box_wall_ms -= 3650 * DAY_MS;
	poll_one(&b, "viejo", NULL);
	days_pass(&b, 8);
	box_until(&b, mentions, 1);
	box_done(&b);
}

static void much_goes_in_many_steps_and_pages_come_back(void **state)
{
	enum { POLLS = 40 };
	struct box b;
	size_t i, k;
	int64_t before;

	(void)state;
	box_init(&b);
	for (i = 0; i < POLLS; i++) {
		struct found f = found_new();

		for (k = 0; k < BOX_ROWS; k++) {
			char key[16], text[4000];

			snprintf(key, sizeof(key), "%zu-%zu", i, k);
			memset(text, 'x', sizeof(text) - 1);
			text[sizeof(text) - 1] = '\0';
			found_item(&f, ITEM_NEW, key, text, NULL);
		}
		(void)box_poll(&b, "prensa", f);
	}
	box_fill_search(&b);
	assert_int_equal(box_status(&b).mentions, POLLS * BOX_ROWS);
	before = box_number(&b, "PRAGMA page_count");
	assert_int_equal(box_number(&b, "PRAGMA auto_vacuum"), 2);
	days_pass(&b, 8);
	box_until(&b, mentions, 0);
	for (i = 0; i < 500 && box_number(&b, "PRAGMA page_count") > before / 2; i++)
		poll(NULL, 0, 20);
	assert_true(box_number(&b, "PRAGMA page_count") <= before / 2);
	box_done(&b);
}

static void for_ever_is_for_ever(void **state)
{
	struct box b;
	struct store_config keep;

	(void)state;
	box_init(&b);
	keep = b.config;
	keep.keep_mentions_ms = keep.keep_hits_ms = 0;
	store_configure(b.store, &keep);
	poll_one(&b, "1", NULL);
	days_pass(&b, 4000);
	store_configure(b.store, &b.config); /* shortened: at once, not at the next pass */
	box_until(&b, mentions, 0);
	box_done(&b);
}

static size_t keys_of(struct box *b, const char *source)
{
	cleanup(freep) char *sql = xasprintf("SELECT coalesce((SELECT length(keys) / 36 FROM seen JOIN name ON "
					     "name.id = seen.source WHERE name.name = '%s'), 0)",
					     source);

	return (size_t)box_number(b, sql);
}

static void a_removed_source_is_forgotten_but_not_at_once(void **state)
{
	struct box b;

	(void)state; /* FAULTS C4 */
	box_init(&b);
	poll_one(&b, "1", NULL);
	days_pass(&b, STORE_SOURCE_DAYS - 1);
	box_until(&b, mentions, 0);
	assert_int_equal(keys_of(&b, "prensa"), 1); /* it comes back and goes on where it was */
	assert_int_equal(box_status(&b).sources, 2);
	days_pass(&b, 2);
	box_until(&b, sources, 1);
	assert_int_equal(keys_of(&b, "prensa"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM name WHERE name = 'prensa'"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM name"), 1);
	poll_one(&b, "2", "acme"); /* as new; what the writer remembered of names is not asked */
	box_check_totals(&b);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM mention JOIN name ON name.id = mention.source"), 1);
	box_done(&b);
}

/* What a first poll has kept so far: it was not polled yet, and its keys and state are all that is known. */
static void a_first_poll_under_way_is_not_an_old_source(void **state)
{
	struct found f = found_new();
	struct poll_got got = {.done = false};
	struct poll_outcome o;
	struct box b;

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "1", NULL);
	o = box_outcome("giro", &f);
	o.state.polled_ms = o.state.ok_ms = TIME_NONE;
	o.state.habits = "token";
	o.state.habits_len = 5;
	store_poll(b.store, &o, f.arena, on_poll, &got);
	box_wait(&b, &got.done);
	box_reopen(&b);
	poll_one(&b, "2", NULL); /* the writer has its first look */
	days_pass(&b, STORE_SOURCE_DAYS - 1);
	days_pass(&b, 2);
	box_until(&b, sources, 2); /* giro and reloj: prensa is forgotten */
	assert_int_equal(keys_of(&b, "prensa"), 0);
	assert_int_equal(keys_of(&b, "giro"), 1);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM source WHERE polled IS NULL AND habits = x'746f6b656e'"),
			 1);
	box_done(&b);
}

/* A part of a source that shows as many keys as one answer may, none of them new. */
static void poll_crowd(struct box *b, char part)
{
	struct found f = {.arena = arena_new(4 << 20)};
	struct poll_got got = {.done = false};
	struct poll_outcome o;
	size_t i;

	f.answer.items = ARENA_ARRAY(f.arena, struct item_mark, ANSWER_ITEMS_MAX);
	for (i = 0; i < ANSWER_ITEMS_MAX; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%c%zu", part, i);
		f.answer.items[i] = (struct item_mark){.state = ITEM_KNOWN};
		mention_identity("test", key, f.answer.items[i].key.id);
	}
	f.answer.n_items = ANSWER_ITEMS_MAX;
	o = box_outcome("archivo", &f);
	o.more = true;
	store_poll(b->store, &o, f.arena, on_poll, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static struct poll_result poll_archive(struct box *b)
{
	struct found f = found_new();

	found_item(&f, ITEM_NEW, "viejo", "viejo", "acme");
	return box_poll(b, "archivo", f);
}

static void what_a_crowded_source_still_shows_does_not_enter_twice(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	size_t i;

	(void)state;
	box_init(&b);
	assert_int_equal(poll_archive(&b).hits, 1);
	poll_one(&b, "1", "acme"); /* the newest of the stream is never let go */
	for (i = 0; i < 3; i++) {
		box_wall_ms += MINUTE_MS;
		poll_crowd(&b, (char)('a' + i));
	}
	assert_int_equal(keys_of(&b, "archivo"), STORE_SEEN_MAX);
	assert_int_equal(poll_archive(&b).hits, 0); /* its key is lost, but its mention is there */
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	box_sent(&b, rows.id, rows.n);
	days_pass(&b, 60);
	poll_crowd(&b, 'a');
	days_pass(&b, 40);
	box_until(&b, mentions, 1);
	poll_crowd(&b, 'b');
	assert_int_equal(poll_archive(&b).hits, 0);
	assert_int_equal(box_status(&b).mentions, 1);
	for (i = 0; i < 6; i++) { /* shown now and then, it stays known */
		days_pass(&b, 80);
		poll_crowd(&b, (char)('c' + i));
		assert_int_equal(poll_archive(&b).hits, 0);
	}
	for (i = 0; i < 5; i++)
		days_pass(&b, 80);
	for (i = 0; i < 500 && box_number(&b, "SELECT count(*) FROM past") > 0; i++)
		poll(NULL, 0, 20);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM past"), 0);
	rows_done(&rows);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_time_and_the_pending_stays),
		cmocka_unit_test(what_went_leaves_nothing_behind),
		cmocka_unit_test(ids_do_not_go_back_when_all_hits_are_gone),
		cmocka_unit_test(a_clock_that_was_ahead_does_not_stop_it),
		cmocka_unit_test(much_goes_in_many_steps_and_pages_come_back),
		cmocka_unit_test(for_ever_is_for_ever),
		cmocka_unit_test(a_removed_source_is_forgotten_but_not_at_once),
		cmocka_unit_test(a_first_poll_under_way_is_not_an_old_source),
		cmocka_unit_test(what_a_crowded_source_still_shows_does_not_enter_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
