/* main/fixture: what differs between a mention and what a file expects of it, with its place there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/yaml.h"
#include "main/fixture.h"
#include "mention/mention.h"

static const struct {
	const char *expected;
	const char *key; /* of the first finding; NULL: there is none, or it has no key */
	size_t n;
	uint32_t column;
} cases[] = {
	{"[{id: '00000000000000000000000000000000', text: hola, likes: 3}]", NULL, 0, 0},
	{"[{id: '00000000000000000000000000000000', text: hola, likes: 3, seen: x, hits: [1]}]", NULL, 0, 0},
	{"[{id: '00000000000000000000000000000000', text: adiós, likes: 3}]", "[0].text", 1, 49},
	{"[{id: '00000000000000000000000000000000', text: hola, likes: '3', tags: [a]}]", "[0].tags", 1, 73},
	{"[{id: '00000000000000000000000000000000', text: [hola], likes: 3}]", "[0].text", 1, 49},
	{"[{id: '00000000000000000000000000000000', text: hola}]", "[0].likes", 1, 2},
	{"[hola]", "[0]", 1, 2},
	{"[]", NULL, 1, 1},
	{"hola: 1", NULL, 1, 1},
};

static void test_what_differs_is_told(void **state)
{
	const struct fixture_names names = {"plaza", "plaza.json"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
		cleanup(diag_freep) struct diag *d = diag_new();
		struct yaml_doc *doc;
		struct mention m;

		mention_init(&m);
		m.text = "hola";
		m.counts.likes = 3;
		assert_int_equal(yaml_parse("f", cases[i].expected, strlen(cases[i].expected), a, d, &doc), 0);
		fixture_compare(doc, &m, 1, &names, d);
		assert_int_equal(diag_count(d, DIAG_ERROR), cases[i].n);
		if (!cases[i].n)
			continue;
		assert_int_equal(diag_at(d, 0)->pos.column, cases[i].column);
		if (cases[i].key)
			assert_string_equal(diag_at(d, 0)->key, cases[i].key);
		else
			assert_null(diag_at(d, 0)->key);
	}
}

/* A value as long as a post is not told whole, nor cut within a letter. */
static void test_a_long_value_is_cut(void **state)
{
	const struct fixture_names names = {"plaza", "plaza.json"};
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	cleanup(diag_freep) struct diag *d = diag_new();
	char text[2 * 300 + 1];
	struct yaml_doc *doc;
	struct mention m;
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++)
		memcpy(text + 2 * i, "ñ", 2);
	text[600] = 0;
	mention_init(&m);
	m.text = text;
	assert_int_equal(yaml_parse("f", "[{text: hola}]", 14, a, d, &doc), 0);
	fixture_compare(doc, &m, 1, &names, d);
	assert_string_equal(diag_at(d, 0)->key, "[0].text");
	assert_int_equal(strlen(diag_at(d, 0)->args[1]), 2 * FIXTURE_SHOWN_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_differs_is_told),
		cmocka_unit_test(test_a_long_value_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
