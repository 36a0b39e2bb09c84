/* escuchactl's parts: names, tables, arguments, and the files that init makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/yaml.h"
#include "fetch/outcome.h"
#include "main/ctl_init.h"
#include "main/ctl_name.h"
#include "main/ctl_options.h"
#include "main/ctl_output.h"
#include "main/source_why.h"
#include "main/ctl_record.h"
#include "mention/mention.h"

/* escuchactl.c's, which is not linked here: what is said goes nowhere. */
static enum text_id last_complaint;
void ctl_complain(const struct ctl *c, enum text_id id, const char *const args[])
{
	(void)c;
	(void)args;
	last_complaint = id;
}
void ctl_say(const struct ctl *c, enum text_id id, const char *const args[])
{
	ctl_complain(c, id, args);
}

static void slugs(void **state)
{
	static const struct {
		const char *text, *slug;
	} cases[] = {
		{"Acme", "acme"},
		{"Ñandú & Co: #1", "nandu-co-1"},
		{"O'Higgins", "ohiggins"},
		{"O’Higgins", "ohiggins"},
		{"@x", "x"},
		{"  Café   Andino  ", "cafe-andino"},
		{"Cafe\xcc\x81", "cafe"}, /* a mark of its own */
		{"Škoda Łódź", "skoda-lodz"},
		{"日本", ""},
		{"---", ""},
		{"a b c d e f g h i j k l m n o p q r s t u v w x y z",
		 "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *slug = name_slug(cases[i].text);

		assert_string_equal(slug, cases[i].slug);
		assert_true(strlen(slug) <= NAME_SLUG_MAX_BYTES);
	}
}

static void names_are_cleaned_and_bounded(void **state)
{
	char long_name[1000];
	cleanup(freep) char *a = name_clean(" \t Acme\x1b[31m\n ", 12), *b = NULL;

	(void)state;
	assert_string_equal(a, "Acme[31m");
	memset(long_name, 0xc3, sizeof(long_name));
	b = name_clean(long_name, sizeof(long_name)); /* ill-formed too */
	assert_true(strlen(b) <= NAME_TEXT_MAX_BYTES);
}

static void web_addresses(void **state)
{
	static const struct {
		const char *url;
		bool right;
		const char *host;
	} cases[] = {
		{"https://www.example.com/rss.xml?a=1", true, "example.com"},
		{"http://10.0.0.1:8080/x", true, "10.0.0.1"},
		{"https://", false, ""},
		{"https:///x", false, ""},
		{"ftp://example.com/", false, ""},
		{"example.com/rss", false, ""},
		{"https://example.com/a b", false, "example.com"},
		{"https://example.com/'x'", false, "example.com"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *host = name_host(cases[i].url);

		if (name_is_web_address(cases[i].url) != cases[i].right)
			fail_msg("%s", cases[i].url);
		assert_string_equal(host, cases[i].host);
	}
}

static void countries_by_any_name(void **state)
{
	static const char *const mexico[] = {"mx", "MX", "México", "mexico", "MEXICO"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(mexico); i++)
		assert_string_equal(country_find(mexico[i])->code, "MX");
	assert_string_equal(country_find("España")->code, "ES");
	assert_null(country_find("Atlantis"));
	assert_null(country_find(""));
	assert_string_equal(country_guess("Mejico", TEXT_ES), "México");
}

static void why_a_source_is_deaf_is_told_in_words(void **state)
{
	static const struct {
		const char *class_name, *detail, *want;
	} cases[] = {
		{NULL, NULL, "-"},
		{"dns", "Could not resolve host: x.example", "ningún servidor tiene ese nombre; revise la dirección"},
		{"http_404", "HTTP 404", "no hay nada en esa dirección (HTTP 404); revísela"},
		{"http_418", NULL, "el sitio contesta HTTP 418"},
		{"http_502", NULL, "el sitio tiene problemas (HTTP 502); se consultará de nuevo más tarde"},
		{"file", "feeds/a.xml: Permission denied", "no se puede leer su archivo: no tiene permiso para eso"},
		{"file", NULL, "no se puede leer su archivo: -"},
		{"log", "No space left on device",
		 "lo que trajo no se pudo guardar en el registro: el disco está lleno"},
		{"redis", "No such file or directory", "no existe"},
		{"redis", "NOAUTH Authentication required.", "NOAUTH Authentication required."},
		{"later", "of a later daemon", "later (of a later daemon)"},
		{"later", NULL, "later"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *why = source_why(TEXT_ES, cases[i].class_name, cases[i].detail);

		assert_string_equal(why, cases[i].want);
	}
}

/* Every class that fetch knows has words; "ok" and what is no failure has none. */
static void every_outcome_of_a_fetch_has_words(void **state)
{
	int o;

	(void)state;
	for (o = FETCH_LIMITED; o < FETCH_OUTCOMES; o++) {
		const char *name = fetch_outcome_name((enum fetch_outcome)o);
		cleanup(freep) char *why = source_why(TEXT_EN, name, NULL);

		if (o != FETCH_HTTP && o != FETCH_FAILED)
			assert_string_not_equal(why, name);
	}
}

static void columns_stand_by_display_width(void **state)
{
	struct table *t = table_new(2);
	struct buf out = BUF_INIT(4096);

	(void)state;
	TABLE_ROW(t, "ñandú", "1");
	TABLE_ROW(t, "e\xcc\x81", "2"); /* a mark has no width */
	TABLE_ROW(t, "日本", "3");      /* two columns a letter */
	TABLE_ROW(t, NULL, "");
	TABLE_ROW(t, "a\x1b[31m\xc2\x9b\xe2\x80\xae", "b\nc"); /* no control, C1 or bidi override gets out */
	table_print(t, &out);
	assert_string_equal(buf_str(&out), "ñandú  1\n"
					   "e\xcc\x81      2\n"
					   "日本   3\n"
					   "-      -\n"
					   "a[31m  b c\n");
	buf_done(&out);
	table_free(t);
}

static void times_are_local(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"2026-11-22T10:00:00Z", "2026-11-22 05:00:00"},
		{"2026-11-22T10:00:00.123Z", "2026-11-22 05:00:00"},
		{"2026-11-22T03:00:00Z", "2026-11-21 22:00:00"},
		{"2026-13-22T10:00:00Z", "-"},
		{"2026-11-22T10:00:00", "-"},
		{"soon", "-"},
		{NULL, "-"},
	};
	char zone[] = "America/Bogota";
	struct ctl c = {.timezone = zone};
	size_t i;

	(void)state;
	local_zone(&c);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *out = local_time(&c, cases[i].in);

		assert_string_equal(out, cases[i].out);
	}
}

static void words_found_stand_out(void **state)
{
	static const char hit[] =
		"{\"source\":\"prensa\",\"title\":\"Acme\\u001b[2J\",\"text\":\"¡Ñandú!\\nAcme es un FRAUDE\","
		"\"url\":\"https://example.com/"
		"\",\"hits\":[{\"topic\":\"acme\",\"rules\":[\"r\"],\"tags\":[\"t\",\"u\"],"
		"\"spans\":[{\"in\":\"text\",\"at\":[8,12],\"pattern\":\"n\"},{\"in\":\"text\",\"at\":[19,9999]},"
		"{\"in\":\"text\",\"at\":[-5,2]},{\"in\":\"title\",\"at\":[0,4]}]}]}";
	json_t *json = json_loads(hit, 0, NULL);
	struct ctl c = {.colour = true};
	struct buf out = BUF_INIT(4096);

	(void)state;
	hit_print(&c, json, &out);
	assert_non_null(strstr(buf_str(&out), "¡Ñandú! \033[1;33mAcme\033[0m es un \033[1;33mFRAUDE\033[0m\n"));
	assert_non_null(strstr(buf_str(&out), "\033[1;33mAcme\033[0m\033[1m[2J")); /* and the escape sequence is none */
	buf_reset(&out);
	c.colour = false;
	hit_print(&c, json, &out);
	assert_string_equal(buf_str(&out), "-  prensa  [acme: r #t, u]\n  Acme[2J\n  ¡Ñandú! Acme es un FRAUDE\n"
					   "  https://example.com/\n");
	json_decref(json);
	buf_done(&out);
}

static void long_texts_are_shown_around_the_first_word(void **state)
{
	struct buf text = BUF_INIT(8192), out = BUF_INIT(8192);
	struct ctl c = {.colour = false};
	json_t *json;
	int i;

	(void)state;
	for (i = 0; i < 500; i++)
		buf_puts(&text, "ñ");
	json = json_pack("{s:s, s:[{s:[{s:s, s:[i, i]}]}]}", "text", buf_str(&text), "hits", "spans", "in", "text",
			 "at", 400, 404);
	hit_print(&c, json, &out);
	assert_non_null(strstr(buf_str(&out), "  …ñ"));
	assert_int_equal(strlen(strstr(buf_str(&out), "…")), strlen("…") + 2 * 180 + strlen("\n"));
	json_decref(json);
	buf_done(&text);
	buf_done(&out);
}

static void records_are_read_back(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	static const char full[] =
		"{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"source\":\"s\",\"title\":\"T\","
		"\"text\":\"x\",\"author\":"
		"{\"name\":\"Ana\",\"followers\":12,\"verified\":false},\"published\":\"2026-11-22T10:00:00Z\","
		"\"likes\":3,\"rating\":4.5}";
	const char *why = NULL;
	struct mention m;

	(void)state;
	mention_init(&m);
	assert_int_equal(record_read(full, strlen(full), 7, a, &m, &why), 0);
	assert_int_equal(m.id[15], 15);
	assert_string_equal(m.author.name, "Ana");
	assert_int_equal(m.author.followers, 12);
	assert_int_equal(m.author.verified, VERIFIED_NO);
	assert_int_equal(m.counts.likes, 3);
	assert_int_equal(m.counts.views, COUNT_NONE);
	assert_true(m.rating == 4.5 && m.published_ms == INT64_C(1795341600000) && m.seen_ms == 7);
	assert_int_equal(record_read("{\"text\":5}", 10, 7, a, &m, &why), RECORD_E_TEXT);
	assert_int_equal(record_read("{\"title\":\"x\"}", 13, 7, a, &m, &why), 0);
	assert_int_equal(record_read("[]", 2, 7, a, &m, &why), RECORD_E_TEXT);
	assert_int_equal(record_read("{", 1, 7, a, &m, &why), RECORD_E_JSON);
	assert_non_null(why);
}

/* --- arguments --- */

static void options_in_any_order(void **state)
{
	static const struct {
		const char *argv[8];
		int r;
		const char *file, *topic;
		bool follow;
		int left;
	} cases[] = {
		{{"tail", "a", "-f", "b", NULL}, 0, NULL, NULL, true, 3},
		{{"tail", "--topic=x", "--follow", NULL}, 0, NULL, "x", true, 1},
		{{"tail", "-fc", "file", NULL}, 0, "file", NULL, true, 1},
		{{"tail", "-cfile", "-t", "x", NULL}, 0, "file", "x", false, 1},
		{{"tail", "--", "-f", "-", NULL}, 0, NULL, NULL, false, 3},
		{{"tail", "-", NULL}, 0, NULL, NULL, false, 2},
		{{"tail", "--topic", NULL}, CTL_OPTIONS_E_USAGE, NULL, NULL, false, 0},
		{{"tail", "-t", NULL}, CTL_OPTIONS_E_USAGE, NULL, NULL, false, 0},
		{{"tail", "--follow=1", NULL}, CTL_OPTIONS_E_USAGE, NULL, NULL, false, 0},
		{{"tail", "--folow", NULL}, CTL_OPTIONS_E_USAGE, NULL, NULL, false, 0},
		{{"tail", "-x", NULL}, CTL_OPTIONS_E_USAGE, NULL, NULL, false, 0},
		{{"tail", "-h", NULL}, CTL_OPTIONS_E_HELP, NULL, NULL, false, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct {
			const char *topic;
			bool follow;
		} v = {NULL};
		const struct ctl_option own[] = {
			{"follow", 'f', CTL_FLAG, (size_t)((char *)&v.follow - (char *)&v)},
			{"topic", 't', CTL_VALUE, (size_t)((char *)&v.topic - (char *)&v)},
		};
		struct ctl c = {.lang = TEXT_EN};
		char *argv[8] = {NULL};
		int argc = 0, r;

		for (; cases[i].argv[argc]; argc++)
			argv[argc] = (char *)cases[i].argv[argc];
		r = ctl_options(&c, own, ARRAY_LEN(own), &v, &argc, argv);
		if (r != cases[i].r)
			fail_msg("case %zu: %d", i, r);
		if (r)
			continue;
		assert_true(v.follow == cases[i].follow && argc == cases[i].left);
		assert_true(!v.topic == !cases[i].topic && !c.config_given == !cases[i].file);
		if (v.topic)
			assert_string_equal(v.topic, cases[i].topic);
		if (c.config_given)
			assert_string_equal(c.config_given, cases[i].file);
	}
}

static void a_list_has_a_bound(void **state)
{
	struct ctl_list list = {.n = 0};
	const struct ctl_option own[] = {{"feed", 0, CTL_MANY, 0}};
	char *argv[CTL_LIST_MAX + 3] = {(char *)"init"}, one[] = "--feed=x";
	struct ctl c = {.lang = TEXT_EN};
	int argc, i;

	(void)state;
	for (i = 1; i <= CTL_LIST_MAX + 1; i++)
		argv[i] = one;
	argc = CTL_LIST_MAX + 1;
	assert_int_equal(ctl_options(&c, own, 1, &list, &argc, argv), 0);
	list.n = 0;
	argv[1] = one; /* they were moved to the front, and a NULL behind them */
	argc = CTL_LIST_MAX + 2;
	assert_int_equal(ctl_options(&c, own, 1, &list, &argc, argv), CTL_OPTIONS_E_USAGE);
	assert_int_equal(last_complaint, TEXT_CTL_OPTION_OFTEN);
}

/* --- init --- */

static void lists_are_split_and_doubles_dropped(void **state)
{
	struct init_answers a = {.lang = TEXT_ES};
	struct buf many = BUF_INIT(4096);
	int i;

	(void)state;
	init_list_add(&a.competitors, " Rival , rival,, Ñandú & Co: #1\n");
	assert_int_equal(a.competitors.n, 2);
	assert_string_equal(a.competitors.v[1], "Ñandú & Co: #1");
	for (i = 0; i < INIT_LIST_MAX + 10; i++)
		buf_printf(&many, "c%d,", i);
	init_list_add(&a.competitors, buf_str(&many));
	assert_int_equal(a.competitors.n, INIT_LIST_MAX);
	buf_done(&many);
	init_answers_done(&a);
}

static const struct yaml_node *at(const struct yaml_node *node, const char *key)
{
	const struct yaml_node *value = yaml_get(node, key);

	assert_non_null(value);
	return value;
}

/* Whatever the names are, the files are YAML that gives them back. (That the daemon takes them and their tests pass is
 * test_ctl.py's.) */
static void files_give_back_what_was_answered(void **state)
{
	static const char *const brands[] = {"O'Higgins", "Ñandú & Co: #1", "@x",   "- a: {b}", "'",    "''x''",
					     "\"x\" # y", "*acme*",         "null", "%x %s",    "日本", "|x\\n"};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(brands); i++) {
		struct init_answers a = {.lang = i % 2 ? TEXT_EN : TEXT_ES,
					 .brand = xstrdup(brands[i]),
					 .country = country_find("cl"),
					 .zone = xstrdup("America/Santiago"),
					 .redis = xstrdup("redis://127.0.0.1:6379/0"),
					 .news = true};
		struct init_files files;
		size_t playbooks = 0;

		init_list_add(&a.handles, "@o'higgins, acme.com");
		init_list_add(&a.competitors, brands[i]); /* the same name twice: two topics all the same */
		init_list_add(&a.industry, "café, cafetería*");
		init_list_add(&a.feeds, "https://example.com/it's,https://www.example.com/b");
		init_files_make(&a, &files);
		assert_int_equal(files.n, 5);
		for (k = 0; k < files.n; k++) {
			cleanup(arena_freep) struct arena *arena = arena_new(SIZE_MAX);
			cleanup(diag_freep) struct diag *d = diag_new();
			struct yaml_doc *doc;
			size_t j;

			for (j = 0; j < k; j++)
				assert_string_not_equal(files.v[j].path, files.v[k].path);
			if (strcmp(files.v[k].path, "playbooks/crisis.md") == 0) {
				playbooks++;
				continue;
			}
			if (yaml_parse(files.v[k].path, files.v[k].text, strlen(files.v[k].text), arena, d, &doc) !=
				    0 ||
			    diag_len(d)) {
				diag_print(d, stderr, TEXT_EN);
				fail_msg("%s of %s", files.v[k].path, brands[i]);
			}
			if (k == 0) {
				const struct yaml_node *sources = at(doc->root, "sources");

				assert_int_equal(sources->n, 4); /* two searches, two feeds */
				assert_string_equal(at(sources->items[2], "url")->text, "https://example.com/it's");
				assert_string_equal(at(sources->items[2], "name")->text, "example-com");
				assert_string_equal(at(sources->items[3], "name")->text, "example-com-2");
			} else if (k == 1) {
				assert_string_equal(at(doc->root, "own")->items[0]->text, "@o'higgins");
				assert_string_equal(at(doc->root, "role")->text, "brand");
			}
		}
		assert_int_equal(playbooks, 1);
		init_files_done(&files);
		init_answers_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slugs),
		cmocka_unit_test(names_are_cleaned_and_bounded),
		cmocka_unit_test(web_addresses),
		cmocka_unit_test(countries_by_any_name),
		cmocka_unit_test(why_a_source_is_deaf_is_told_in_words),
		cmocka_unit_test(every_outcome_of_a_fetch_has_words),
		cmocka_unit_test(columns_stand_by_display_width),
		cmocka_unit_test(times_are_local),
		cmocka_unit_test(words_found_stand_out),
		cmocka_unit_test(long_texts_are_shown_around_the_first_word),
		cmocka_unit_test(records_are_read_back),
		cmocka_unit_test(options_in_any_order),
		cmocka_unit_test(a_list_has_a_bound),
		cmocka_unit_test(lists_are_split_and_doubles_dropped),
		cmocka_unit_test(files_give_back_what_was_answered),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
