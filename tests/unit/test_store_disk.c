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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_that_failed_is_not_written_to_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
