/* Seen keys: what stays of them, and what a poll changes. Pure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "store/seen.h"

enum { KEEP_DAYS = 30, MAX = 8 };
#define NOW (1000 * DAY_MS)

static struct seen_entry entry(char id, uint64_t content, int64_t gone_days_ago)
{
	struct seen_entry e = {.key = {.content = content}};

	e.key.id[0] = (uint8_t)id;
	if (gone_days_ago >= 0)
		e.gone = (uint32_t)((NOW - gone_days_ago * DAY_MS) / MINUTE_MS);
	return e;
}

/* "ab-c": a and b are shown, c is gone (by this poll). */
static void tell(const struct seen_entry *v, size_t n, char *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].gone)
			*out++ = '-';
		*out++ = (char)v[i].key.id[0];
	}
	*out = '\0';
}

static void a_poll_changes_what_it_must(void **state)
{
	static const struct {
		const char *old; /* ids; a digit after one: gone for so many times 10 days */
		const char *items;
		const char *want;
		bool changed;
	} cases[] = {
		{"", "", "", false},
		{"", "cab", "abc", true},     /* by id */
		{"abc", "cba", "abc", false}, /* the same as before: no write */
		{"ab", "bc", "-abc", true},   /* gone from now on */
		{"a1b", "b", "-ab", false},   /* gone before, and kept */
		{"a3b", "b", "-ab", false},   /* on its last day */
		{"a4b", "b", "b", true},      /* its time is over */
		{"a4b", "ab", "ab", true},    /* but not if it comes back */
		{"b", "aa", "a-b", true},     /* an item twice is one key */
		{"abc", "", "-a-b-c", true},
		{"a1b1c1d1", "efgh", "-a-b-c-defgh", true}, /* at the bound */
		{"a1b2c1d1", "efghi", "-a-c-defghi", true}, /* past it the one gone for longest is dropped */
		{"abcdefgh", "ijklmn", "-a-bijklmn", true}, /* all go at the same time: no more than must */
		{"a1", "bcdefghijk", "bcdefghi", true},     /* more than the bound is shown: the feed's last go */
		{"a1", "kjihgfedcb", "defghijk", true},     /* whatever their keys */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen_entry old[16], got[32];
		struct item_mark items[16];
		size_t n = 0, n_items = strlen(cases[i].items), n_got, lost, k;
		char text[64];
		const char *s;

		for (s = cases[i].old; *s; s++) {
			int64_t days = s[1] >= '0' && s[1] <= '9' ? (s[1] - '0') * 10 : -1;

			old[n++] = entry(*s, 1, days);
			s += days >= 0;
		}
		for (k = 0; k < n_items; k++)
			items[k] = (struct item_mark){.key = entry(cases[i].items[k], 1, -1).key};
		assert_int_equal(seen_merge(old, n, items, n_items, NOW, KEEP_DAYS, MAX, got, &n_got, &lost),
				 cases[i].changed);
		assert_true(n_got <= MAX);
		tell(got, n_got, text);
		assert_string_equal(text, cases[i].want);
		if (lost > 0)
			assert_int_equal(n_got, MAX);
	}
}

static void another_look_is_a_change(void **state)
{
	struct seen_entry old = entry('a', 1, -1), got[4];
	struct item_mark items[2] = {{.key = entry('a', 2, -1).key}, {.key = entry('a', 3, -1).key}};
	size_t n, lost;

	(void)state;
	assert_true(seen_merge(&old, 1, items, 2, NOW, KEEP_DAYS, MAX, got, &n, &lost));
	assert_int_equal(n, 1);
	assert_int_equal(got[0].key.content, 3); /* of an item that stands twice, the later */
}

static void a_clock_that_was_ahead_keeps_no_key_for_ever(void **state)
{
	struct seen_entry old = entry('a', 1, -400), got[4]; /* gone since a day to come */
	size_t n, lost;

	(void)state;
	assert_true(seen_merge(&old, 1, NULL, 0, NOW, KEEP_DAYS, MAX, got, &n, &lost));
	assert_int_equal(n, 1);
	assert_int_equal(got[0].gone, NOW / MINUTE_MS);
}

static void a_blob_comes_back_and_a_broken_one_as_far_as_it_goes(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(4096);
	struct seen_entry v[3] = {entry('a', 7, -1), entry('b', 8, 3), entry('c', 9, -1)}, *got;
	struct buf b = BUF_INIT(4096);
	size_t n;

	(void)state;
	v[1].key.counts = UINT64_MAX;
	seen_put(&b, v, 3);
	assert_int_equal(b.len, 1 + 3 * 36);
	assert_true(seen_get(b.data, b.len, a, &got, &n));
	assert_int_equal(n, 3);
	assert_int_equal(got[1].gone, v[1].gone);
	assert_true(got[1].key.counts == UINT64_MAX);
	assert_int_equal(got[2].key.content, 9);
	assert_false(seen_get(b.data, b.len - 1, a, &got, &n));
	assert_int_equal(n, 2);
	assert_true(seen_get(NULL, 0, a, &got, &n));
	b.data[0] = 99; /* a format to come */
	assert_false(seen_get(b.data, b.len, a, &got, &n));
	assert_int_equal(n, 0);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_poll_changes_what_it_must),
		cmocka_unit_test(another_look_is_a_change),
		cmocka_unit_test(a_clock_that_was_ahead_keeps_no_key_for_ever),
		cmocka_unit_test(a_blob_comes_back_and_a_broken_one_as_far_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
