/* A disk that fails, and one that is full. */
#include "store_box.h"

#include <sqlite3.h>

#include "crash_vfs.h"

/* One mention that hits; what the log answered. */
static int poll_key(struct box *b, const char *key)
{
	struct poll_got got = {.done = false};
	struct found f = found_new();

	found_item(&f, ITEM_NEW, key, key, "acme");
	box_post(b, "prensa", &f, &got);
	box_wait(b, &got.done);
	return got.r;
}

static void a_disk_that_failed_is_not_written_to_again(void **state)
{
	static const unsigned faults[] = {CRASH_SYNCS, CRASH_WRITES};
	size_t i;

	(void)state; /* FAULTS D7 */
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		struct box b;
		struct rows rows = {.n = 0};

		crash_vfs_install();
		box_init(&b);
		assert_int_equal(poll_key(&b, "1"), 0);
		crash_vfs_fail(faults[i], SQLITE_IOERR_FSYNC, 0);
		assert_int_equal(poll_key(&b, "2"), -EIO);
		crash_vfs_fail(0, 0, 0); /* it says that it works again, and is not believed */
		assert_int_equal(poll_key(&b, "3"), -EIO);
		assert_int_equal(poll_key(&b, "4"), -EIO);
		b.store = store_close(b.store);
		crash_vfs_power_on();
		box_open(&b);
		box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
		assert_int_equal(rows.n, 1);
		assert_int_equal(poll_key(&b, "2"), 0);
		rows_done(&rows);
		box_done(&b);
		crash_vfs_power_on();
	}
}

struct fullness {
	int changes;
	bool full;
};

static void on_full(void *arg, bool full)
{
	struct fullness *f = arg;

	f->changes++;
	f->full = full;
}

static void a_full_disk_stops_what_grows_and_lets_go_of_the_rest(void **state)
{
	struct fullness told = {.changes = 0};
	struct rows rows = {.n = 0};
	struct box b;
	struct stat st;

	(void)state; /* FAULTS D6 */
	crash_vfs_install();
	box_init(&b);
	store_on_full(b.store, on_full, &told);
	assert_int_equal(stat(box_path(&b, "escuchad.db.ballast"), &st), 0);
	assert_true(st.st_size >= 16 << 20 && st.st_blocks > 0);
	assert_int_equal(poll_key(&b, "1"), 0);
	crash_vfs_fail(CRASH_WRITES, SQLITE_FULL, 0);
	assert_int_equal(poll_key(&b, "2"), -ENOSPC);
	assert_true(told.full && box_status(&b).full);
	assert_int_equal(stat(box_path(&b, "escuchad.db.ballast"), &st), -1);  /* the room for what follows */
	assert_int_equal(mkdir(box_path(&b, "escuchad.db.ballast"), 0700), 0); /* and none to make it again */
	crash_vfs_fail(0, 0, 0);
	assert_int_equal(poll_key(&b, "2"), -ENOSPC); /* no poll eats it up */
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	box_sent(&b, rows.id, 1); /* but what Redis took is noted */
	assert_int_equal(box_status(&b).pending, 0);
	assert_int_equal(rmdir(box_path(&b, "escuchad.db.ballast")), 0);
	box_until(&b, full, false); /* by itself */
	assert_int_equal(told.changes, 2);
	assert_false(told.full);
	assert_int_equal(stat(box_path(&b, "escuchad.db.ballast"), &st), 0);
	assert_int_equal(poll_key(&b, "2"), 0);
	rows_done(&rows);
	box_done(&b);
	crash_vfs_power_on();
}

static void poll_large(struct box *b, const char *key, const char *topic)
{
	struct poll_got got = {.done = false};
	struct found f = found_new();
	static char text[60000];

	memset(text, 'x', sizeof(text) - 1);
	found_item(&f, ITEM_NEW, key, text, topic);
	box_post(b, "prensa", &f, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void past_its_size_the_oldest_go_and_the_pending_stay(void **state)
{
	enum { LARGE = 120, BOUND = 4 << 20 };
	struct rows rows = {.n = 0};
	struct box b;
	char key[8];
	size_t i;

	(void)state;
	box_init(&b);
	poll_large(&b, "espera", "acme"); /* pending, and the oldest of all */
	for (i = 0; i < LARGE; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		poll_large(&b, key, i % 2 ? "acme" : NULL);
	}
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	box_sent(&b, rows.id + 1, rows.n - 1);
	b.config.size_bytes = BOUND;
	store_configure(b.store, &b.config);
	for (i = 0;
	     i < 500 && box_number(&b, "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count "
				       "FROM pragma_freelist_count)") > BOUND / 4096;
	     i++)
		poll(NULL, 0, 20);
	assert_true(i < 500);
	assert_true(box_status(&b).mentions >= 1);
	assert_int_equal(box_status(&b).pending, 1);
	box_mention(&b, "espera", &rows);
	assert_int_equal(rows.n, 1);
	assert_false(box_status(&b).full);
	rows_done(&rows);
	box_done(&b);
}

static void with_all_of_it_pending_it_is_full_until_some_is_sent(void **state)
{
	struct rows rows = {.n = 0};
	struct box b;
	char key[8];
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < 40; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		poll_large(&b, key, "acme");
	}
	b.config.size_bytes = 1 << 20;
	store_configure(b.store, &b.config);
	box_until(&b, full, true);
	assert_int_equal(poll_key(&b, "nuevo"), -ENOSPC);
	assert_int_equal(box_status(&b).pending, 40); /* nothing that was promised is let go */
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	box_sent(&b, rows.id, rows.n);
	box_until(&b, full, false);
	assert_int_equal(poll_key(&b, "nuevo"), 0);
	rows_done(&rows);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_that_failed_is_not_written_to_again),
		cmocka_unit_test(a_full_disk_stops_what_grows_and_lets_go_of_the_rest),
		cmocka_unit_test(past_its_size_the_oldest_go_and_the_pending_stay),
		cmocka_unit_test(with_all_of_it_pending_it_is_full_until_some_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
