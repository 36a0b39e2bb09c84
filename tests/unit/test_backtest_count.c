/* What differs between two judgements: counts, examples, and their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "main/ctl_backtest_count.h"
#include "main/ctl_backtest_run.h"
#include "mention/mention.h"

static struct span span = {.in = SPAN_TEXT, .from = 5, .to = 9, .pattern = "name"};

static struct hit hit_of(const char *topic, const char **rules, size_t n)
{
	return (struct hit){
		.topic = topic, .role = "brand", .rules = rules, .n_rules = n, .spans = &span, .n_spans = 1};
}

static struct mention mention_of(const char *text)
{
	struct mention m;

	mention_init(&m);
	m.source = "prensa";
	m.text = text;
	return m;
}

static const struct backtest_row *row_of(const struct backtest_count *c, const char *topic, const char *rule)
{
	size_t n, i;
	const struct backtest_row *v = backtest_count_rows(c, &n);

	for (i = 0; i < n; i++)
		if (strcmp(v[i].topic, topic) == 0 && (rule ? v[i].rule && strcmp(v[i].rule, rule) == 0 : !v[i].rule))
			return &v[i];
	return NULL;
}

static void assert_row(const struct backtest_row *row, uint64_t before, uint64_t after, uint64_t gained, uint64_t lost)
{
	assert_non_null(row);
	assert_int_equal(row->before, before);
	assert_int_equal(row->after, after);
	assert_int_equal(row->gained, gained);
	assert_int_equal(row->lost, lost);
}

static void topics_and_rules_are_counted_each_for_itself(void **state)
{
	cleanup(backtest_count_freep) struct backtest_count *c = backtest_count_new(NULL),
							    *one = backtest_count_new("b");
	const char *loud[] = {"loud", "near"}, *near[] = {"near"};
	struct hit before[] = {hit_of("a", loud, 2), hit_of("b", NULL, 0)},
		   after[] = {hit_of("a", near, 1), hit_of("c", near, 1)};
	const struct backtest_hits x = {.v = before, .n = 2}, y = {.v = after, .n = 2};
	const struct mention m = mention_of("otra acme más");
	size_t n;

	(void)state;
	backtest_count_add(c, &m, &x, &y);
	assert_row(row_of(c, "a", NULL), 1, 1, 0, 0);
	assert_row(row_of(c, "a", "loud"), 1, 0, 0, 1);
	assert_row(row_of(c, "a", "near"), 1, 1, 0, 0);
	assert_row(row_of(c, "b", NULL), 1, 0, 0, 1);
	assert_row(row_of(c, "c", NULL), 0, 1, 1, 0);
	assert_row(row_of(c, "c", "near"), 0, 1, 1, 0);
	assert_string_equal(row_of(c, "b", NULL)->losses[0]->words, "acme");
	assert_null(row_of(c, "b", NULL)->losses[1]);
	assert_null(row_of(c, "b", NULL)->gains[0]);
	backtest_count_add(one, &m, &x, &y);
	assert_non_null(backtest_count_rows(one, &n));
	assert_int_equal(n, 1);
}

static void examples_and_rows_have_bounds(void **state)
{
	cleanup(backtest_count_freep) struct backtest_count *c = backtest_count_new(NULL);
	const struct backtest_hits none = {.n = 0};
	const struct mention m = mention_of("otra acme más");
	size_t i, k, examples = 0, n;
	const struct backtest_row *rows;

	(void)state;
	for (i = 0; i < COUNT_ROWS_MAX + 10; i++) {
		char topic[16];
		struct hit hit;
		const struct backtest_hits got = {.v = &hit, .n = 1};

		snprintf(topic, sizeof(topic), "t%06zu", i);
		hit = hit_of(topic, NULL, 0);
		backtest_count_add(c, &m, &none, &got);
		if (i < 4) {
			backtest_count_add(c, &m, &none, &got);
			backtest_count_add(c, &m, &none, &got);
			backtest_count_add(c, &m, &none, &got);
		}
	}
	rows = backtest_count_rows(c, &n);
	assert_int_equal(n, COUNT_ROWS_MAX);
	assert_int_equal(backtest_count_rows_left(c), 10);
	assert_int_equal(rows[0].gained, 4);
	for (i = 0; i < n; i++)
		for (k = 0; k < COUNT_EXAMPLES; k++)
			examples += rows[i].gains[k] != NULL;
	assert_int_equal(examples, COUNT_EXAMPLES_MAX);
	assert_non_null(rows[0].gains[COUNT_EXAMPLES - 1]);
}

static void a_long_text_is_cut_around_the_match(void **state)
{
	enum { LONG = 5000 };
	cleanup(freep) char *text = xcalloc(LONG + 1, 1);
	struct span far = {.in = SPAN_TEXT, .from = 4000, .to = 4004, .pattern = "name"};
	struct hit hit = {.topic = "a", .role = "brand", .spans = &far, .n_spans = 1};
	const struct backtest_hits hits = {.v = &hit, .n = 1};
	struct backtest_example *e;
	struct mention m;

	(void)state;
	memset(text, 'x', LONG);
	memcpy(text + 4000, "acme", 4);
	m = mention_of(text);
	e = backtest_example_new(&m, &hits, "a");
	assert_string_equal(e->words, "acme");
	assert_true(strlen(e->json) < COUNT_EXAMPLE_TEXT_BYTES + 1000);
	assert_non_null(strstr(e->json, "\"text\":\"…xxx"));
	assert_non_null(strstr(e->json, "\"at\":[41,45]")); /* 40 before it, and the … */
	backtest_example_free(e);
}

static void words_are_few_and_short(void **state)
{
	cleanup(freep) char *text = xcalloc(2000, 1);
	struct span spans[COUNT_EXAMPLE_WORDS + 4];
	struct hit hit = {.topic = "a", .role = "brand", .spans = spans, .n_spans = COUNT_EXAMPLE_WORDS + 4};
	const struct backtest_hits hits = {.v = &hit, .n = 1};
	struct backtest_example *e;
	struct mention m;
	uint32_t i;

	(void)state;
	memset(text, 'y', 1999);
	for (i = 0; i < COUNT_EXAMPLE_WORDS + 4; i++)
		spans[i] = (struct span){.in = SPAN_TEXT, .from = i, .to = 2 * i + 100, .pattern = "name"};
	m = mention_of(text);
	e = backtest_example_new(&m, &hits, "a");
	assert_true(strlen(e->words) <= (size_t)COUNT_EXAMPLE_WORDS * (COUNT_EXAMPLE_WORD_BYTES + 5));
	backtest_example_free(e);
}

static void the_log_is_held_against_todays_rules_to_the_byte(void **state)
{
	const char *loud[] = {"loud"}, *near[] = {"near"};
	struct hit logged[] = {hit_of("same", loud, 1), hit_of("other", loud, 1), hit_of("gone", loud, 1)},
		   today[] = {hit_of("same", loud, 1), hit_of("other", near, 1), hit_of("fresh", loud, 1)};
	const struct backtest_hits now = {.v = today, .n = 3};
	struct backtest_log log = {.hits = 0};
	struct mention m = mention_of("otra acme más");

	(void)state;
	m.hits = logged;
	m.n_hits = 3;
	backtest_log_add(&log, NULL, &m, &now);
	assert_true(log.hits == 3 && log.same == 1 && log.otherwise == 1 && log.gone == 1 && log.fresh == 1);
	log = (struct backtest_log){.hits = 0};
	backtest_log_add(&log, "fresh", &m, &now);
	assert_true(log.hits == 0 && log.same == 0 && log.gone == 0 && log.fresh == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_and_rules_are_counted_each_for_itself),
		cmocka_unit_test(examples_and_rows_have_bounds),
		cmocka_unit_test(a_long_text_is_cut_around_the_match),
		cmocka_unit_test(words_are_few_and_short),
		cmocka_unit_test(the_log_is_held_against_todays_rules_to_the_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
