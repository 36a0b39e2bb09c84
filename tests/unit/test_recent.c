/* Rows known by heart: each is given once, and the oldest make room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "store/recent.h"

static void add(struct recent *r, int64_t stream, size_t len)
{
	char *bytes = xcalloc(len, 1);

	bytes[0] = (char)stream;
	recent_add(r, stream, (struct entry){.block = bytes, .bytes = len});
}

static bool take(struct recent *r, int64_t stream)
{
	struct entry e;

	if (!recent_take(r, stream, &e))
		return false;
	assert_int_equal(e.block[0], (char)stream);
	entry_done(&e);
	return true;
}

static void a_row_is_given_once(void **state)
{
	struct recent *r = recent_new();

	(void)state;
	assert_false(take(r, 1));
	add(r, 3, 10);
	add(r, 5, 10);
	add(r, 9, 10);
	recent_forget(r, 5);
	recent_forget(r, 6);
	assert_true(take(r, 9));
	assert_false(take(r, 9));
	assert_false(take(r, 5));
	assert_false(take(r, 4));
	assert_true(take(r, 3));
	add(r, 11, 10); /* left to recent_free() */
	assert_null(recent_free(r));
	assert_null(recent_free(NULL));
}

static void the_oldest_make_room(void **state)
{
	struct recent *r = recent_new();
	int64_t i;

	(void)state;
	for (i = 1; i <= RECENT_ROWS + 2; i++)
		add(r, i, 1);
	assert_false(take(r, 2));
	assert_true(take(r, 3));
	assert_true(take(r, RECENT_ROWS + 2));
	add(r, i, RECENT_BYTES - 1); /* by bytes: one of the others stays */
	assert_false(take(r, RECENT_ROWS));
	assert_true(take(r, RECENT_ROWS + 1));
	assert_true(take(r, i));
	add(r, i + 1, RECENT_BYTES + 1); /* alone it may be larger */
	assert_true(take(r, i + 1));
	recent_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_given_once),
		cmocka_unit_test(the_oldest_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
