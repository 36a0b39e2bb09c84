/* Tables into structs: every type, every mistake, where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/sanitized.h"
#include "base/schema.h"
#include "base/secret.h"

struct shop {
	const char *name;
	struct diag_pos pos;
	int64_t rooms;
};

struct word {
	const char *name;
	const char *regex;
	bool fold;
};

struct city {
	const char *name, *greeting, *file, *url;
	struct diag_pos greeting_pos;
	const struct yaml_node *greeting_node, *any;
	bool open;
	int64_t people, every_ms, size_bytes;
	double part;
	int kind;
	struct secret *password;
	struct shop *first;
	struct shop *shops;
	size_t n_shops;
	const char **streets;
	size_t n_streets;
	struct word *words;
	size_t n_words;
};

static const struct schema_row shop_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct shop, name), .required = true},
	{.key = "rooms", .type = SCHEMA_INT, .at = offsetof(struct shop, rooms), .min = 1, .max = 9, .def = "3"},
};
static bool shop_check(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct shop *s = object;

	return s->rooms != 7 || SCHEMA_FAIL(run, node, "rooms", NULL, TEXT_SCHEMA_EMPTY);
}
static const struct schema_table shop_table =
	SCHEMA_TABLE(struct shop, shop_rows, .pos_at = SCHEMA_AT(struct shop, pos),
		     .name_at = SCHEMA_AT(struct shop, name), .check = shop_check);

static const struct schema_row word_rows[] = {
	{.key = "regex", .type = SCHEMA_STRING, .at = offsetof(struct word, regex), .required = true},
	{.key = "fold", .type = SCHEMA_BOOL, .at = offsetof(struct word, fold), .def = "true"},
};
static const struct schema_table word_table = SCHEMA_TABLE(struct word, word_rows);

/* A union: a text, or a map. */
static bool decode_word(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct word *word = ret;

	(void)row;
	if (node->kind == YAML_MAP)
		return schema_object(run, node, &word_table, word);
	word->fold = true;
	return schema_value(run, node, &text, &word->regex);
}

static const char *const kinds[] = {"village", "town", "metropolis", NULL};
static const char *const later[] = {"airport", NULL};
static const struct schema_row shop_item = {.type = SCHEMA_OBJECT, .table = &shop_table};
static const struct schema_row street_item = {.type = SCHEMA_STRING};
static const struct schema_row word_item = {.type = SCHEMA_CUSTOM,
					    .decode = decode_word,
					    .item_size = sizeof(struct word),
					    .table = &word_table,
					    .name_at = SCHEMA_AT(struct word, name)};

#define AT(m) .at = offsetof(struct city, m)
static const struct schema_row city_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, AT(name), .required = true},
	{.key = "greeting",
	 .type = SCHEMA_STRING,
	 AT(greeting),
	 .pos_at = SCHEMA_AT(struct city, greeting_pos),
	 .node_at = SCHEMA_AT(struct city, greeting_node)},
	{.key = "open", .type = SCHEMA_BOOL, AT(open), .def = "true"},
	{.key = "people", .type = SCHEMA_INT, AT(people), .min = -5},
	{.key = "every", .type = SCHEMA_DURATION, AT(every_ms), .min = 60000, .max = 3600000, .def = "15m"},
	{.key = "size", .type = SCHEMA_SIZE, AT(size_bytes), .max = 8 << 20},
	{.key = "part", .type = SCHEMA_PART, AT(part)},
	{.key = "kind", .type = SCHEMA_ENUM, AT(kind), .names = kinds, .def = "town"},
	{.key = "url", .type = SCHEMA_URL, AT(url)},
	{.key = "file", .type = SCHEMA_PATH, AT(file)},
	{.key = "password", .type = SCHEMA_SECRET, AT(password)},
	{.key = "first", .type = SCHEMA_OBJECT, AT(first), .table = &shop_table},
	{.key = "shops",
	 .type = SCHEMA_LIST,
	 AT(shops),
	 .n_at = offsetof(struct city, n_shops),
	 .max = 3,
	 .item = &shop_item},
	{.key = "streets",
	 .type = SCHEMA_LIST,
	 AT(streets),
	 .n_at = offsetof(struct city, n_streets),
	 .one_or_list = true,
	 .min = 1,
	 .def = "[mayor, 'la paz']",
	 .item = &street_item},
	{.key = "words", .type = SCHEMA_NAMED, AT(words), .n_at = offsetof(struct city, n_words), .item = &word_item},
	{.key = "any", .type = SCHEMA_NODE, AT(any)},
};
static const struct schema_table city_table = SCHEMA_TABLE(struct city, city_rows, .later = later);

struct fixture {
	struct arena *arena;
	struct diag *diag;
	struct city city;
};

static int setup(void **state)
{
	struct fixture *f = NEW(struct fixture);

	f->arena = arena_new(64 << 20);
	f->diag = diag_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	diag_free(f->diag);
	free(f);
	return 0;
}

static int decode(struct fixture *f, const char *text)
{
	struct yaml_doc *doc;

	if (yaml_parse("conf/city.yaml", text, strlen(text), f->arena, f->diag, &doc) != 0)
		return -1;
	return schema_decode(doc, &city_table, f->arena, f->diag, &f->city);
}

static void every_type_is_decoded(void **state)
{
	struct fixture *f = *state;
	const struct city *c = &f->city;

	setenv("TEST_SCHEMA_SECRET", "hunter2\n", 1);
	assert_int_equal(decode(f, "name: la-paz_2\n"
				   "greeting: '  hola  '\n"
				   "open: false\n"
				   "people: -5\n"
				   "every: 2m\n"
				   "size: 8M\n"
				   "part: 12.5%\n"
				   "kind: metropolis\n"
				   "url: https://user@example.com/a?b\n"
				   "file: maps/x.png\n"
				   "password: {env: TEST_SCHEMA_SECRET}\n"
				   "first: {name: uno}\n"
				   "shops:\n  - {name: a, rooms: 9}\n  - name: b\n"
				   "streets: sola\n"
				   "words:\n  x: 'a b'\n  y: {regex: c, fold: false}\n"
				   "any: [1, {}]\n"),
			 0);
	assert_string_equal(c->name, "la-paz_2");
	assert_string_equal(c->greeting, "  hola  ");
	assert_int_equal(c->greeting_pos.line, 2);
	assert_int_equal(c->greeting_pos.column, 11);
	assert_ptr_equal(c->greeting_node->text, c->greeting);
	assert_false(c->open);
	assert_int_equal(c->people, -5);
	assert_int_equal(c->every_ms, 2 * MINUTE_MS);
	assert_int_equal(c->size_bytes, 8 << 20);
	assert_true(c->part == 0.125);
	assert_int_equal(c->kind, 2);
	assert_string_equal(c->file, "conf/maps/x.png");
	assert_string_equal(secret_value(c->password), "hunter2");
	assert_int_equal(c->first->rooms, 3);
	assert_int_equal(c->n_shops, 2);
	assert_int_equal(c->shops[0].rooms, 9);
	assert_string_equal(c->shops[1].name, "b");
	assert_int_equal(c->shops[1].pos.line, 15);
	assert_int_equal(c->n_streets, 1);
	assert_string_equal(c->streets[0], "sola");
	assert_int_equal(c->n_words, 2);
	assert_string_equal(c->words[0].name, "x");
	assert_true(c->words[0].fold);
	assert_string_equal(c->words[1].regex, "c");
	assert_false(c->words[1].fold);
	assert_int_equal(c->any->n, 2);
	assert_int_equal(diag_len(f->diag), 0);
}

static void what_is_left_out_takes_its_default(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(decode(f, "name: x"), 0);
	assert_true(f->city.open);
	assert_int_equal(f->city.every_ms, 15 * MINUTE_MS);
	assert_int_equal(f->city.kind, 1);
	assert_int_equal(f->city.n_streets, 2);
	assert_string_equal(f->city.streets[1], "la paz");
	assert_null(f->city.first);
	assert_null(f->city.password);
	assert_int_equal(f->city.n_shops, 0);
}

static const struct {
	const char *yaml; /* behind "name: x\n" */
	const char *want; /* behind "conf/city.yaml:" */
} mistakes[] = {
	{"nmae: y", "2:1: error: nmae: unknown key; did you mean \"name\"?"},
	{"zzzzzzz: y", "2:1: error: zzzzzzz: unknown key"},
	{"airport: y", "2:1: error: airport: this version does not know this key yet; leave it out"},
	{"name: y", "2:1: error: name: this key stands twice; the first is in line 1"},
	{"greeting: ''", "2:11: error: greeting: the text is empty"},
	{"greeting:", "2:10: error: greeting: there is no value"},
	{"greeting: [a]", "2:11: error: greeting: expected a text"},
	{"open: yes", "2:7: error: open: expected true or false, found \"yes\"; did you mean \"true\"?"},
	{"open: NO", "2:7: error: open: expected true or false, found \"NO\"; did you mean \"false\"?"},
	{"open: True", "2:7: error: open: expected true or false, found \"True\"; did you mean \"true\"?"},
	{"people: 1e3", "2:9: error: people: expected a whole number, found \"1e3\""},
	{"people: -6", "2:9: error: people: expected at least -5, found -6"},
	{"people: 99999999999999999999", "2:9: error: people: expected a whole number, found \"99999999999999999999\""},
	{"every: 59s", "2:8: error: every: expected 1m to 1h, found 59s"},
	{"every: 2h", "2:8: error: every: expected 1m to 1h, found 2h"},
	{"every: 5",
	 "2:8: error: every: expected a duration such as 30s, 5m, 2h or 7d, found \"5\"; did you mean \"5m\"?"},
	{"every: 5min", "2:8: error: every: expected a duration such as 30s, 5m, 2h or 7d, found \"5min\"; did you mean \"5m\"?"},
	{"every: 5 minutos",
	 "2:8: error: every: expected a duration such as 30s, 5m, 2h or 7d, found \"5 minutos\"; did you mean \"5m\"?"},
	{"every: 2 meses", "2:8: error: every: expected a duration such as 30s, 5m, 2h or 7d, found \"2 meses\""},
	{"size: 9M", "2:7: error: size: expected at most 8M, found 9M"},
	{"size: 9MB", "2:7: error: size: expected a size such as 64k, 8M or 2G, found \"9MB\"; did you mean \"9M\"?"},
	{"part: 0.10", "2:7: error: part: expected a part from 0% to 100%, such as 10%, found \"0.10\""},
	{"part: 10",
	 "2:7: error: part: expected a part from 0% to 100%, such as 10%, found \"10\"; did you mean \"10%\"?"},
	{"part: 101%", "2:7: error: part: expected a part from 0% to 100%, such as 10%, found \"101%\""},
	{"kind: metrópolis",
	 "2:7: error: kind: expected one of village, town, metropolis; found \"metrópolis\"; did you mean "
	 "\"metropolis\"?"},
	{"url: example.com",
	 "2:6: error: url: expected an address such as http://…, https://…; did you mean \"https://example.com\"?"},
	{"url: 'exam ple.com'", "2:6: error: url: expected an address such as http://…, https://…"},
	{"url: 'http://'", "2:6: error: url: expected an address such as http://…, https://…"},
	{"url: 'http:///x'", "2:6: error: url: expected an address such as http://…, https://…"},
	{"url: 'http://a b'", "2:6: error: url: expected an address such as http://…, https://…"},
	{"url: 'ftp://example.com'", "2:6: error: url: expected an address such as http://…, https://…"},
	{"url: 'https://u:hunter2@x'",
	 "2:6: error: url: an address here holds no password; it has a key of its own, or comes "
	 "with a {credential: NAME}"},
	{"password: hunter2",
	 "2:11: error: password: expected {env: NAME}, {file: PATH} or {credential: NAME}: a password never "
	 "stands in the file itself"},
	{"password: {envv: hunter2}",
	 "2:12: error: password: expected {env: NAME}, {file: PATH} or {credential: NAME}: a "
	 "password never stands in the file itself; did you mean \"env\"?"},
	{"password: {env: NOT_SET_HERE}", "2:17: error: password: the environment variable NOT_SET_HERE is not set"},
	{"password: {env: 'hunter 2'}", "2:17: error: password: this is no name of a variable or a credential"},
	{"password: {credential: ../hunter}", "2:24: error: password: this is no name of a variable or a credential"},
	{"password: {credential: none}",
	 "2:24: error: password: there is no credential none: looked for in /etc/escuchad/secrets"},
	{"password: {file: none}", "2:18: error: password: the file conf/none does not exist"},
	{"first: x", "2:8: error: first: expected keys and values (\"key: value\")"},
	{"first: {rooms: 2}", "2:8: error: first: the key \"name\" is missing"},
	{"first: {name: x, rooms: 7}", "2:8: error: first.rooms: the text is empty"},
	{"shops: {a: b}", "2:8: error: shops: expected a list (\"- value\" on a line each, or [one, two])"},
	{"shops: [{name: a}, {name: b}, {name: c}, {name: d}]",
	 "2:8: error: shops: expected at most 3 values, found 4"},
	{"shops: [{name: a}, {name: b, room: 1}]", "2:30: error: shops[1].room: unknown key; did you mean \"rooms\"?"},
	{"shops: [{name: a}, {name: b}, {name: a}]",
	 "2:38: error: shops: the name \"a\" stands twice; the first is in line 2"},
	{"shops:\n  - name: a\n  -\n", "4:4: error: shops[1]: there is no value"},
	{"streets: []", "2:10: error: streets: expected at least 1 value, found 0"},
	{"streets: [a, {b: c}]", "2:14: error: streets[1]: expected a text"},
	{"words: {A: x}",
	 "2:9: error: words.A: expected a name made of a-z, 0-9, _ and -, found \"A\"; did you mean \"a\"?"},
	{"words: {a: {fold: true}}", "2:12: error: words.a: the key \"regex\" is missing"},
	{"words: {a: {regex: x, fold: 1}}",
	 "2:29: error: words.a.fold: expected true or false, found \"1\"; did you mean \"true\"?"},
	{"words: [a]", "2:8: error: words: expected keys and values (\"key: value\")"},
};

static void mistakes_are_told_with_place_and_key(void **state)
{
	struct fixture *f = *state;
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_LEN(mistakes); i++) {
		cleanup(freep) char *text = xasprintf("name: x\n%s\n", mistakes[i].yaml);
		cleanup(freep) char *want = xasprintf("conf/city.yaml:%s", mistakes[i].want);
		struct buf said = BUF_INIT(4096);

		diag_free(f->diag);
		f->diag = diag_new();
		f->city.name = "unchanged";
		assert_int_equal(decode(f, text), SCHEMA_E_INVALID);
		assert_string_equal(f->city.name, "unchanged");
		if (diag_len(f->diag))
			diag_render(&said, diag_at(f->diag, 0), TEXT_EN);
		if (diag_len(f->diag) != 1 || strcmp(buf_str(&said), want) != 0) {
			diag_print(f->diag, stderr, TEXT_EN);
			fprintf(stderr, "wanted: %s\n", want);
			wrong++;
		}
		assert_null(strstr(buf_str(&said), "hunter2")); /* no finding holds a secret */
		buf_done(&said);
	}
	assert_int_equal(wrong, 0);
}

static void all_mistakes_of_a_file_are_told_at_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		decode(f, "open: 1\npeople: x\nshops: [{rooms: 0}, {name: Ñ}]\nwords: {a: '', b: *c}\nnada: 1\n"),
		SCHEMA_E_INVALID);
	diag_print(f->diag, stderr, TEXT_EN);
	assert_int_equal(diag_count(f->diag, DIAG_ERROR), 9);
}

static void a_wrong_document_does_not_decode(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(decode(f, "name: x\ngreeting: &g hola\nany: *none\n"), SCHEMA_E_INVALID);
}

/* The 500th unknown key has a guess looked for, the last of 50,000 none: under a second. */
static void many_mistakes_take_no_time(void **state)
{
	struct fixture *f = *state;
	struct buf b = BUF_INIT(YAML_FILE_MAX_BYTES);
	clock_t start;
	size_t i;

	for (i = 0; i < 50000; i++)
		buf_printf(&b, "greetin%zu: x\n", i);
	start = clock();
	assert_int_equal(decode(f, buf_str(&b)), SCHEMA_E_INVALID);
	assert_in_range((clock() - start) / (CLOCKS_PER_SEC / 1000), 0, BUILT_SANITIZED ? 10000 : 1000);
	assert_int_equal(diag_len(f->diag), DIAG_MAX);
	assert_int_equal(diag_count(f->diag, DIAG_ERROR), 50001); /* and no name */
	buf_done(&b);
}

static void names_are_bounded(void **state)
{
	struct fixture *f = *state;
	cleanup(freep) char *fits = xasprintf("name: %0*d", SCHEMA_NAME_MAX, 7);
	cleanup(freep) char *over = xasprintf("name: %0*d", SCHEMA_NAME_MAX + 1, 7);

	assert_int_equal(decode(f, fits), 0);
	assert_int_equal(decode(f, over), SCHEMA_E_INVALID);
}

static void put_key(const char *key, const struct schema_row *row, void *arg)
{
	assert_non_null(row->key);
	buf_printf(arg, "%s ", key);
}

static void every_key_can_be_listed(void **state)
{
	struct buf b = BUF_INIT(4096);

	(void)state;
	schema_each(&city_table, put_key, &b);
	assert_string_equal(
		buf_str(&b),
		"name greeting open people every size part kind url file password first first.name first.rooms "
		"shops shops[].name shops[].rooms streets words words.NAME.regex words.NAME.fold any ");
	buf_done(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_type_is_decoded),
		TEST(what_is_left_out_takes_its_default),
		TEST(mistakes_are_told_with_place_and_key),
		TEST(all_mistakes_of_a_file_are_told_at_once),
		TEST(a_wrong_document_does_not_decode),
		TEST(many_mistakes_take_no_time),
		TEST(names_are_bounded),
		TEST(every_key_can_be_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
