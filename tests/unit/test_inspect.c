/* store/inspect: beside a store that writes, slowly, and stopped. */
#include "store_box.h"

#include <errno.h>
#include <pthread.h>

#include "store/inspect.h"

static void fill(struct box *b, int from)
{
	struct found f = found_new();
	char key[16];
	int i;

	for (i = from; i < from + 3; i++) {
		snprintf(key, sizeof(key), "%d", i);
		found_item(&f, ITEM_NEW, key, "uno", "acme");
	}
	(void)box_poll(b, "prensa", f);
}

static void change(const struct box *b, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void beside_a_store_that_writes(void **state)
{
	cleanup(inspect_freep) struct inspect *slow = NULL, *fast = NULL;
	struct inspect_found found = {.mentions = -1};
	struct box b;

	(void)state; /* FAULTS D8 */
	box_init(&b);
	fill(&b, 0);
	slow = inspect_new(box_path(&b, "escuchad.db"), true);
	assert_int_equal(inspect_run(slow, &found), 0);
	assert_true(inspect_clean(&found) && found.mentions == 3 && found.hits == 3);
	fill(&b, 3);
	change(&b, "UPDATE mention SET text = 'otro' WHERE id = 2");
	fast = inspect_new(box_path(&b, "escuchad.db"), false);
	assert_int_equal(inspect_run(fast, &found), 0);
	assert_false(inspect_clean(&found));
	assert_int_equal(found.n[INSPECT_ROW_DAMAGED], 1);
	assert_int_equal(found.hits, 6);
	box_done(&b);
}

static void one_that_is_stopped_says_so(void **state)
{
	cleanup(inspect_freep) struct inspect *i = NULL;
	struct inspect_found found = {.mentions = -1};
	struct box b;

	(void)state;
	box_init(&b);
	fill(&b, 0);
	i = inspect_new(box_path(&b, "escuchad.db"), true);
	inspect_stop(i);
	assert_int_equal(inspect_run(i, &found), -ECANCELED);
	box_done(&b);
}

static void a_file_that_is_none(void **state)
{
	cleanup(inspect_freep) struct inspect *i = inspect_new("/nonexistent/escuchad.db", false);
	struct inspect_found found = {.mentions = -1};

	(void)state;
	assert_int_equal(inspect_run(i, &found), -ENOENT);
	assert_int_equal(found.mentions, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside_a_store_that_writes),
		cmocka_unit_test(one_that_is_stopped_says_so),
		cmocka_unit_test(a_file_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
