/* What was sent to us: kept before the sender is told so, taken out by the commit that has read it, once however often it comes.
 * FAULTS A7 (replay). */
#include "store_box.h"

#include "store/inbox.h"

struct put_got {
	bool done;
	int r;
	enum store_inbox what;
};

static void on_put(void *arg, int r, enum store_inbox what)
{
	*(struct put_got *)arg = (struct put_got){.done = true, .r = r, .what = what};
}

static struct put_got put(struct box *b, const char *source, const void *body, size_t len)
{
	struct put_got got = {.done = false};

	store_inbox_put(b->store, source, body, len, on_put, &got);
	box_wait(b, &got.done);
	return got;
}

static void take(struct box *b, const char *source, const char *body, enum store_inbox what)
{
	struct put_got got = put(b, source, body, strlen(body));

	assert_int_equal(got.r, 0);
	assert_int_equal(got.what, what);
}

struct next_got {
	bool done;
	int64_t id;
	char body[64]; /* "": none */
};

static void on_next(void *arg, int r, int64_t id, int64_t at_ms, const void *body, size_t len)
{
	struct next_got *got = arg;

	assert_int_equal(r, 0);
	*got = (struct next_got){.done = true, .id = id};
	assert_true(!body || at_ms > 0);
	if (body)
		memcpy(got->body, body, len < sizeof(got->body) ? len : sizeof(got->body) - 1);
}

static struct next_got next_after(struct box *b, const char *source, int64_t after)
{
	struct next_got got = {.done = false};

	store_inbox_next(b->store, source, after, on_next, &got);
	box_wait(b, &got.done);
	return got;
}

static struct next_got next(struct box *b, const char *source)
{
	return next_after(b, source, 0);
}

static void read_it(struct box *b, const char *source, int64_t id, const char *key)
{
	struct found f = found_new();
	struct poll_outcome o;
	struct poll_got got = {.done = false};

	found_item(&f, ITEM_NEW, key, "hola", "acme");
	o = box_outcome(source, &f);
	o.inbox = id;
	store_poll(b->store, &o, f.arena, on_poll, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void each_source_has_its_own_in_their_order(void **state)
{
	struct box b;
	struct next_got got;

	(void)state;
	box_init(&b);
	assert_string_equal(next(&b, "uno").body, "");
	take(&b, "uno", "a", STORE_INBOX_TAKEN);
	take(&b, "dos", "a", STORE_INBOX_TAKEN); /* the same words, of another */
	take(&b, "uno", "b", STORE_INBOX_TAKEN);
	box_reopen(&b);
	got = next(&b, "uno");
	assert_string_equal(got.body, "a");
	read_it(&b, "uno", got.id, "k1");
	assert_string_equal(next(&b, "uno").body, "b");
	assert_string_equal(next(&b, "dos").body, "a");
	assert_string_equal(next_after(&b, "uno", next(&b, "uno").id).body, ""); /* the only one */
	read_it(&b, "dos", next(&b, "uno").id, "k2");                            /* another's row is not its to take */
	assert_string_equal(next(&b, "uno").body, "b");
	box_done(&b);
}

static void a_number_is_never_given_twice(void **state)
{
	struct box b;
	int64_t first;

	(void)state;
	box_init(&b);
	take(&b, "uno", "a", STORE_INBOX_TAKEN);
	first = next(&b, "uno").id;
	read_it(&b, "uno", first, "k1");
	take(&b, "uno", "b", STORE_INBOX_TAKEN);
	read_it(&b, "uno", first, "k1"); /* a poll that was overtaken says it once more */
	assert_string_equal(next(&b, "uno").body, "b");
	box_done(&b);
}

static void what_comes_again_is_not_kept_again(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	take(&b, "uno", "a", STORE_INBOX_TAKEN);
	read_it(&b, "uno", next(&b, "uno").id, "k1");
	box_reopen(&b);
	box_wall_ms += STORE_INBOX_AGAIN_MS;
	take(&b, "uno", "a", STORE_INBOX_AGAIN);
	assert_string_equal(next(&b, "uno").body, "");
	box_wall_ms += 1;
	take(&b, "uno", "a", STORE_INBOX_TAKEN);
	box_wall_ms -= DAY_MS; /* the clock was wrong, and is set right */
	take(&b, "uno", "a", STORE_INBOX_TAKEN);
	box_done(&b);
}

static void a_poll_that_fails_in_the_log_leaves_it(void **state)
{
	struct found f = found_new();
	struct box b;
	struct poll_outcome o;
	struct poll_got got = {.done = false};

	(void)state;
	box_init(&b);
	take(&b, "uno", "a", STORE_INBOX_TAKEN);
	found_item(&f, ITEM_NEW, "k1", "hola", "acme");
	f.answer.items[f.answer.n_items] = f.answer.items[0]; /* an item without its mention: refused */
	f.answer.n_items++;
	o = box_outcome("uno", &f);
	o.inbox = next(&b, "uno").id;
	store_poll(b.store, &o, f.arena, on_poll, &got);
	box_wait(&b, &got.done);
	assert_int_equal(got.r, -EINVAL);
	assert_string_equal(next(&b, "uno").body, "a");
	box_done(&b);
}

static void bounds(void **state)
{
	enum { LARGE = STORE_INBOX_BYTES / STORE_INBOX_MAX_BYTES };
	char *large = xcalloc(1, STORE_INBOX_MAX_BYTES + 1);
	struct put_got got;
	struct box b;
	char body[16];
	int i;

	(void)state;
	box_init(&b);
	assert_int_equal(put(&b, "uno", "", 0).r, -EINVAL);
	assert_int_equal(put(&b, "uno", large, STORE_INBOX_MAX_BYTES + 1).r, -EINVAL);
	for (i = 0; i < LARGE; i++) {
		large[0] = (char)i;
		assert_int_equal(put(&b, "uno", large, STORE_INBOX_MAX_BYTES).what, STORE_INBOX_TAKEN);
	}
	take(&b, "uno", "a", STORE_INBOX_FULL);
	for (i = 0; i < STORE_INBOX_ROWS; i++) {
		snprintf(body, sizeof(body), "%d", i);
		take(&b, "dos", body, STORE_INBOX_TAKEN);
	}
	take(&b, "dos", "a", STORE_INBOX_FULL);
	read_it(&b, "dos", next(&b, "dos").id, "k1");
	take(&b, "dos", "a", STORE_INBOX_TAKEN); /* it was not noted when there was no room */
	box_wall_ms += STORE_INBOX_DAYS * DAY_MS + 1;
	got = put(&b, "tres", "a", 1);
	assert_int_equal(got.what, STORE_INBOX_TAKEN);
	assert_string_equal(next(&b, "uno").body, "");
	free(large);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_source_has_its_own_in_their_order),
		cmocka_unit_test(a_number_is_never_given_twice),
		cmocka_unit_test(what_comes_again_is_not_kept_again),
		cmocka_unit_test(a_poll_that_fails_in_the_log_leaves_it),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
