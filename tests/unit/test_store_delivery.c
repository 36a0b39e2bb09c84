/* Deliveries in the log: nothing at first, then what was put last, with the messages of the same transaction. FAULTS D1. */
#include "store_box.h"

#include <errno.h>

#include "store/delivery.h"
#include "store/notice.h"

struct got {
	bool done;
	int r;
	size_t n;
	bool is_there;
	struct store_delivery row;
	char kept[64];
};

static void on_put(void *arg, int r, const struct notice_row *notices, size_t n)
{
	struct got *got = arg;

	got->r = r;
	got->n = n;
	if (n && r == 0)
		assert_string_equal(notices[0].key, "0123456789abcdef0123456789abcdef");
	got->done = true;
}

static void on_found(void *arg, int r, const struct store_delivery *found)
{
	struct got *got = arg;

	assert_int_equal(r, 0);
	got->is_there = found != NULL;
	if (found) {
		got->row = *found;
		memcpy(got->kept, found->kept, found->len);
	}
	got->done = true;
}

static void on_notices(void *arg, int r, const struct store_notices *found)
{
	struct got *got = arg;

	assert_int_equal(r, 0);
	got->n = found->n;
	got->done = true;
}

static struct got put(struct box *b, const char *kept, size_t len, struct stream_id read, const char *key)
{
	const struct notice_row row = {.key = key,
				       .kind = STORE_DELIVERY_NOTICES,
				       .matter = "quejas ana",
				       .facts = "{}",
				       .person = "ana",
				       .created_ms = box_wall_ms,
				       .next_ms = box_wall_ms,
				       .ended_ms = TIME_NONE};
	struct got got = {.done = false};

	store_delivery_put(b->store, &(struct store_delivery){.read = read, .kept = kept, .len = len}, &row,
			   key != NULL, on_put, &got);
	box_wait(b, &got.done);
	return got;
}

static struct got find(struct box *b)
{
	struct got got = {.done = false};

	store_delivery(b->store, on_found, &got);
	box_wait(b, &got.done);
	return got;
}

static size_t messages(struct box *b)
{
	struct got got = {.done = false};

	store_notices(b->store, STORE_DELIVERY_NOTICES, on_notices, &got);
	box_wait(b, &got.done);
	return got.n;
}

static void is_kept_with_its_messages(void **state)
{
	struct box box, *b = &box;
	struct got got;
	char *large;

	(void)state;
	box_init(b);
	assert_false(find(b).is_there);
	got = put(b, "one", 3, (struct stream_id){7, UINT64_MAX}, NULL);
	assert_int_equal(got.r, 0);
	assert_int_equal(got.n, 0);
	got = put(b, "a\0b", 3, (struct stream_id){8, 2}, "0123456789abcdef0123456789abcdef");
	assert_int_equal(got.r, 0);
	assert_int_equal(got.n, 1);
	box_reopen(b);
	got = find(b);
	assert_true(got.is_there);
	assert_true(got.row.read.ms == 8 && got.row.read.seq == 2);
	assert_int_equal(got.row.len, 3);
	assert_memory_equal(got.kept, "a\0b", 3);
	assert_int_equal(messages(b), 1);

	large = xcalloc(1, STORE_DELIVERY_KEPT_MAX_BYTES + 1); /* past the bound neither is kept */
	got = put(b, large, STORE_DELIVERY_KEPT_MAX_BYTES + 1, (struct stream_id){9, 0},
		  "1123456789abcdef0123456789abcdef");
	free(large);
	assert_int_equal(got.r, -EMSGSIZE);
	assert_true(find(b).row.read.ms == 8);
	assert_int_equal(messages(b), 1);
	box_done(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_kept_with_its_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
