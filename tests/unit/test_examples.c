/* Which mentions stand in a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/examples.h"
#include "mention/mention.h"

#define NOW_MS INT64_C(1790000000000)

static void add(struct examples *e, const char *title, bool negative, int64_t followers, uint64_t story, int64_t ago_ms)
{
	struct mention m;

	mention_init(&m);
	m.title = title;
	m.source = negative ? "mala" : "buena";
	m.url = "https://a.example/";
	m.author.name = "Ana";
	m.author.followers = followers;
	m.place.story = story;
	m.seen_ms = m.published_ms = NOW_MS - ago_ms;
	m.sentiment.label = negative ? "negative" : "neutral";
	examples_add(e, &m);
}

static const char *picked(const struct examples *e)
{
	static char text[4096];
	struct incident_example v[INCIDENT_EXAMPLES];
	size_t i, n = examples_pick(e, NOW_MS, v), len = 0;

	text[0] = '\0';
	for (i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s|", v[i].title);
	return text;
}

static void the_largest_the_likest_and_the_first(void **state)
{
	cleanup(examples_freep) struct examples *e = examples_new();

	(void)state;
	assert_string_equal(picked(e), "");
	add(e, "primera", true, 0, 1, 5000);
	assert_string_equal(picked(e), "primera|");
	add(e, "igual", true, 0, 2, 4000);
	add(e, "igual otra vez", true, 0, 2, 3000);
	add(e, "famosa", true, 9000, 3, 2000);
	add(e, "famosa y buena", false, 90000, 4, 1000);
	assert_string_equal(picked(e), "famosa|igual|primera|");
}

static void the_newest_where_nothing_stands_out(void **state)
{
	cleanup(examples_freep) struct examples *e = examples_new();

	(void)state;
	add(e, "vieja", true, 50, 1, EXAMPLES_AGE_MS + 1);
	add(e, "a", false, 0, 0, 4000);
	add(e, "b", false, 0, 0, 3000);
	add(e, "c", false, 0, 0, 2000);
	add(e, "d", false, 0, 0, 1000);
	assert_string_equal(picked(e), "a|d|c|");
}

static bool is_bad(void *arg, const char *source)
{
	(void)arg;
	return strcmp(source, "mala") == 0;
}

static void negative_ones_stay_longest(void **state)
{
	cleanup(examples_freep) struct examples *e = examples_new();
	static char longest[3 * EXAMPLE_TEXT_MAX_BYTES];
	struct incident_example v[INCIDENT_EXAMPLES];
	size_t i, all;

	(void)state;
	add(e, "mala", true, 0, 0, 60000);
	for (i = 0; i < 2 * EXAMPLES_MAX; i++)
		add(e, "otra", false, 0, 0, 1000);
	assert_string_equal(picked(e), "mala|");
	assert_int_equal(examples_from(e, is_bad, NULL, &all), 1);
	assert_int_equal(all, EXAMPLES_MAX);
	for (i = 0; i < EXAMPLES_MAX; i++)
		add(e, "peor", true, 0, 0, 500);
	assert_int_equal(examples_from(e, is_bad, NULL, &all), EXAMPLES_MAX);
	assert_string_equal(picked(e), "mala|peor|peor|" /* the first one stays, too */);
	for (i = 0; i + 3 < sizeof(longest); i += 3)
		memcpy(longest + i, "€", 3);
	add(e, longest, true, 1, 0, 100);
	assert_int_equal(examples_pick(e, NOW_MS, v), 3);
	assert_int_equal(strlen(v[0].title), EXAMPLE_TEXT_MAX_BYTES / 3 * 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_the_likest_and_the_first),
		cmocka_unit_test(the_newest_where_nothing_stands_out),
		cmocka_unit_test(negative_ones_stay_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
