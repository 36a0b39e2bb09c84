/* source/fields: what used to stand in a platform's items and is gone is told once, each day, and when it is over. */
#include "source/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/wire.h"
#include "mention/answer.h"
#include "mention/source_state.h"

#define NOW (INT64_C(20000) * DAY_MS)
enum { ALL_OF = 1 << FIELDS, AUTHOR = 1 << FIELD_AUTHOR, COUNTS = 1 << FIELD_COUNTS, EVERY = ALL_OF - 1 };

/* A poll that showed so many items, each with these fields. */
static enum fields_say poll(struct fields *f, size_t items, unsigned with, int64_t at_ms, int64_t *since_ms)
{
	struct fields_seen seen = {.items = items};
	int i;

	for (i = 0; i < FIELDS; i++)
		seen.had[i] = with & 1U << i ? items : 0;
	return fields_step(f, &seen, at_ms, since_ms);
}

static void told_once_daily_and_over(void **state)
{
	struct fields f = {.gone = 0};
	int64_t since = 0;

	(void)state;
	assert_int_equal(poll(&f, FIELDS_LEARN, EVERY, NOW, &since), FIELDS_SAY_NOTHING);
	assert_int_equal(poll(&f, 29, EVERY & ~AUTHOR, NOW + 1, &since), FIELDS_SAY_NOTHING);
	assert_int_equal(poll(&f, 0, 0, NOW + 2, &since), FIELDS_SAY_NOTHING); /* nothing new tells nothing */
	assert_int_equal(poll(&f, 1, EVERY & ~AUTHOR, NOW + 3, &since), FIELDS_SAY_GONE);
	assert_int_equal(since, NOW + 1);
	assert_int_equal(f.gone, AUTHOR);
	assert_int_equal(poll(&f, 0, 0, NOW + 2 + DAY_MS, &since), FIELDS_SAY_NOTHING);
	assert_int_equal(poll(&f, 0, 0, NOW + 3 + DAY_MS, &since), FIELDS_SAY_STILL);
	assert_int_equal(since, NOW + 1);
	assert_int_equal(poll(&f, 500, EVERY & ~AUTHOR, NOW + 4 + DAY_MS, &since), FIELDS_SAY_NOTHING);
	assert_int_equal(poll(&f, 1, EVERY, NOW + 5 + DAY_MS, &since), FIELDS_SAY_BACK);
	assert_int_equal(since, NOW + 1);
	assert_int_equal(f.gone, 0);
	assert_int_equal(poll(&f, 1, EVERY, NOW + 9 * DAY_MS, &since), FIELDS_SAY_NOTHING);
}

static void what_was_seldom_there_is_not_missed(void **state)
{
	struct fields few = {.gone = 0}, most = {.gone = 0}, young = {.gone = 0};
	struct fields_seen seen = {.items = 1000, .had = {[FIELD_COUNTS] = 900, [FIELD_AUTHOR] = 901}};
	int64_t since;

	(void)state;
	assert_int_equal(fields_step(&few, &seen, NOW, &since), FIELDS_SAY_NOTHING);
	most = few;
	assert_int_equal(poll(&few, 200, EVERY & ~COUNTS, NOW, &since), FIELDS_SAY_NOTHING);
	assert_int_equal(poll(&most, 200, EVERY & ~AUTHOR, NOW, &since), FIELDS_SAY_GONE);
	assert_int_equal(poll(&young, FIELDS_LEARN - 1, EVERY, NOW, &since), FIELDS_SAY_NOTHING);
	assert_int_equal(poll(&young, 200, 0, NOW, &since), FIELDS_SAY_NOTHING);
}

static void another_one_is_told_too(void **state)
{
	struct fields f = {.gone = 0};
	char names[FIELDS_NAMES_MAX_BYTES];
	int64_t since;

	(void)state;
	(void)poll(&f, 5000, EVERY, NOW, &since);
	assert_int_equal(poll(&f, 30, EVERY & ~AUTHOR, NOW + 1, &since), FIELDS_SAY_GONE);
	assert_int_equal(poll(&f, 30, EVERY & ~AUTHOR & ~COUNTS, NOW + 2, &since), FIELDS_SAY_GONE);
	assert_string_equal(fields_names(f.gone, names), "author,counts");
	assert_int_equal(poll(&f, 1, EVERY & ~COUNTS, NOW + 3, &since), FIELDS_SAY_NOTHING); /* one is back: not all */
	assert_string_equal(fields_names(f.gone, names), "counts");
	assert_int_equal(poll(&f, 1, EVERY, NOW + 4, &since), FIELDS_SAY_BACK);
	assert_int_equal(since, NOW + 1);
	assert_string_equal(fields_names(EVERY, names), "author,date,text,url,counts");
}

static void it_is_not_waited_for_for_ever(void **state)
{
	struct fields f = {.gone = 0};
	int64_t since, at;
	int days = 0;

	(void)state;
	(void)poll(&f, 500, EVERY, NOW, &since);
	assert_int_equal(poll(&f, 30, EVERY & ~COUNTS, NOW, &since), FIELDS_SAY_GONE);
	for (at = NOW + DAY_MS; poll(&f, 30, EVERY & ~COUNTS, at, &since) == FIELDS_SAY_STILL; at += DAY_MS)
		days++;
	assert_int_equal(days, FIELDS_FORGET_MS / DAY_MS - 1);
	assert_int_equal(f.gone, 0); /* and was said to be over */
	assert_int_equal(poll(&f, 500, EVERY & ~COUNTS, at + DAY_MS, &since), FIELDS_SAY_NOTHING);
}

static void a_line_of_the_ledger(void **state)
{
	struct fields f = {.gone = 0}, before = f;
	char names[FIELDS_NAMES_MAX_BYTES];
	struct deaf_mark mark;
	int64_t since;

	(void)state;
	(void)poll(&f, 500, EVERY, NOW, &since);
	assert_false(fields_mark(&before, &f, NOW, names, &mark));
	before = f;
	(void)poll(&f, 30, EVERY & ~AUTHOR, NOW + 1, &since);
	assert_true(fields_mark(&before, &f, NOW + 1, names, &mark));
	assert_string_equal(mark.kind, "field");
	assert_string_equal(mark.detail, "author");
	assert_true(mark.from_ms == NOW + 1 && mark.to_ms == TIME_NONE);
	before = f;
	(void)poll(&f, 1, EVERY & ~AUTHOR, NOW + 2, &since);
	assert_false(fields_mark(&before, &f, NOW + 2, names, &mark));
	(void)poll(&f, 1, EVERY, NOW + 3, &since);
	assert_true(fields_mark(&before, &f, NOW + 3, names, &mark));
	assert_true(mark.from_ms == NOW + 1 && mark.to_ms == NOW + 3);
}

static void what_an_answer_shows(void **state)
{
	struct mention m[3];
	const struct answer answer = {.mentions = m, .n_mentions = ARRAY_LEN(m)};
	struct fields_seen seen = {.items = 1};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(m); i++)
		mention_init(&m[i]);
	m[0].author.handle = "ana";
	m[1].author.name = "";
	m[0].published_ms = m[1].published_ms = NOW;
	m[1].date_suspect = true;
	m[2].title = "hola";
	m[1].url = "https://example.com/";
	m[0].counts.likes = 0;
	m[2].counts.views = 9;
	fields_count(&seen, &answer);
	assert_int_equal(seen.items, 4);
	assert_int_equal(seen.had[FIELD_AUTHOR], 1);
	assert_int_equal(seen.had[FIELD_DATE], 1);
	assert_int_equal(seen.had[FIELD_TEXT], 1);
	assert_int_equal(seen.had[FIELD_ADDRESS], 1);
	assert_int_equal(seen.had[FIELD_COUNTS], 2);
}

static void it_survives(void **state)
{
	struct fields f = {.gone = 0}, got = {.gone = 0};
	struct buf b = BUF_INIT(FIELDS_MAX_BYTES);
	int64_t since;
	size_t len;

	(void)state;
	(void)poll(&f, 500, EVERY, NOW, &since);
	(void)poll(&f, 30, EVERY & ~AUTHOR, NOW + 1, &since);
	fields_put(&b, &f);
	assert_false(b.full);
	assert_int_equal(b.len, FIELDS_MAX_BYTES);
	for (len = 0; len < b.len; len++) {
		struct wire_in in = WIRE_IN(buf_str(&b), len);

		assert_false(fields_get(&in, &got));
	}
	assert_int_equal(got.v[0].all, 0);
	{
		struct wire_in in = WIRE_IN(buf_str(&b), b.len);

		assert_true(fields_get(&in, &got));
		assert_true(wire_done(&in));
	}
	assert_int_equal(poll(&got, 30, EVERY & ~AUTHOR, NOW + 2, &since), FIELDS_SAY_NOTHING); /* it was told */
	assert_int_equal(poll(&got, 0, 0, NOW + 1 + DAY_MS, &since), FIELDS_SAY_STILL);
	assert_int_equal(since, NOW + 1);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_once_daily_and_over),
		cmocka_unit_test(what_was_seldom_there_is_not_missed),
		cmocka_unit_test(another_one_is_told_too),
		cmocka_unit_test(it_is_not_waited_for_for_ever),
		cmocka_unit_test(a_line_of_the_ledger),
		cmocka_unit_test(what_an_answer_shows),
		cmocka_unit_test(it_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
