/* store/canary: the mention that nobody wrote is given back as it was kept, over a start; a full log takes none, and takes how it fared. */
#include "store_box.h"

#include "../tools/crash_vfs.h"
#include "store/canary.h"

struct got {
	bool done, found;
	int r;
	struct store_canary row;
	char mention[16];
};

static void on_put(void *arg, int r)
{
	*(struct got *)arg = (struct got){.done = true, .r = r};
}

static int put(struct box *b, const struct store_canary *c)
{
	struct got got = {.done = false};

	store_canary_put(b->store, c, on_put, &got);
	box_wait(b, &got.done);
	return got.r;
}

static void on_found(void *arg, int r, const struct store_canary *c)
{
	struct got *got = arg;

	assert_int_equal(r, 0);
	*got = (struct got){.done = true, .found = c};
	if (!c)
		return;
	got->row = *c;
	assert_true(c->len < sizeof(got->mention));
	memcpy(got->mention, c->mention ? c->mention : "", c->len);
}

static struct got read_back(struct box *b)
{
	struct got got = {.done = false};

	store_canary(b->store, on_found, &got);
	box_wait(b, &got.done);
	return got;
}

static void it_is_given_back_over_a_start(void **state)
{
	struct store_canary c = {
		.last_ms = 5, .since_ms = TIME_NONE, .told_ms = TIME_NONE, .failed = 0, .mention = "uno", .len = 3};
	struct got got;
	struct box b;

	(void)state;
	box_init(&b);
	assert_false(read_back(&b).found);
	assert_int_equal(put(&b, &c), 0);
	c = (struct store_canary){.last_ms = 5, .since_ms = 6, .told_ms = 7, .failed = 3};
	assert_int_equal(put(&b, &c), 0); /* how it fared: the mention stays */
	box_reopen(&b);
	got = read_back(&b);
	assert_true(got.found);
	assert_string_equal(got.mention, "uno");
	assert_int_equal(got.row.last_ms, 5);
	assert_int_equal(got.row.since_ms, 6);
	assert_int_equal(got.row.told_ms, 7);
	assert_int_equal(got.row.failed, 3);
	box_done(&b);
}

static void what_is_too_long_is_refused(void **state)
{
	static const char big[STORE_CANARY_MAX_BYTES + 1];
	struct box b;

	(void)state;
	box_init(&b);
	assert_int_equal(put(&b, &(struct store_canary){.mention = big, .len = sizeof(big) - 1}), 0);
	assert_int_equal(put(&b, &(struct store_canary){.mention = big, .len = sizeof(big)}), -EINVAL);
	box_done(&b);
}

static void a_full_log_takes_none(void **state)
{
	const struct store_canary mention = {.mention = "dos", .len = 3}, word = {.last_ms = 9, .failed = 2};
	struct box b;

	(void)state; /* FAULTS D6 */
	crash_vfs_install();
	box_init(&b);
	crash_vfs_fail(CRASH_WRITES, SQLITE_FULL, 0);
	assert_int_equal(put(&b, &mention), -ENOSPC);
	assert_int_equal(mkdir(box_path(&b, "escuchad.db.ballast"), 0700), 0); /* it stays full */
	crash_vfs_fail(0, 0, 0);
	assert_int_equal(put(&b, &mention), -ENOSPC);
	assert_int_equal(put(&b, &word), 0);
	assert_int_equal(read_back(&b).row.failed, 2);
	box_done(&b);
	crash_vfs_power_on();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_given_back_over_a_start),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(a_full_log_takes_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
