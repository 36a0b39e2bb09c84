/* Questions to the log: search with what people type, hits by topic and cursor. */
#include "store_box.h"

#include "store/search.h"

static void questions_have_no_syntax(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"acme", "\"acme\""},
		{"  acme\tfraude ", "\"acme\" \"fraude\""},
		{"acme AND NOT (x OR y)", "\"acme\" \"AND\" \"NOT\" \"(x\" \"OR\" \"y)\""},
		{"title:acme", "\"title:acme\""},
		{"\"cobro doble\" acme", "\"cobro doble\" \"acme\""},
		{"\"sin cerrar", "\"\"\"sin\" \"cerrar\""},
		{"a\"b", "\"a\"\"b\""},
		{"estaf*", "\"estaf\"*"},
		{"*", "\"\"*"},
		{"", ""},
		{" \n", ""},
		{"a\xC3\xB1o", "\"a\xC9\xB2o\""},  /* año: ñ is kept apart from n */
		{"an\xCC\x83o", "\"a\xC9\xB2o\""}, /* the same, decomposed */
		{"AN\xCC\x83O", "\"A\xC9\xB2O\""},
		{"n", "\"n\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(4096);

		search_question(&b, cases[i].text);
		assert_string_equal(buf_str(&b), cases[i].want);
		buf_done(&b);
	}
}

static void fill(struct box *b)
{
	static const char *const texts[] = {
		"Acme me cobr\xC3\xB3 dos veces, es un FRAUDE",
		"feliz a\xC3\xB1o nuevo",
		"el ano es otra cosa",
		"estafadores de siempre",
		"NEAR AND OR NOT",
		"comillas \"raras\" y col:on",
	};
	struct found f = found_new();
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		struct mention *m = found_item(&f, ITEM_NEW, texts[i], texts[i], i == 0 ? "acme" : NULL);

		m->author.name = i == 3 ? "Pe\xC3\xB1"
					  "a Nieto"
					: NULL;
	}
	(void)box_poll(b, "prensa", f);
}

static void search_finds_what_a_person_means(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
		{"fraude", 1},
		{"COBRO", 1}, /* accents don't count */
		{"cobr\xC3\xB3 acme", 1},
		{"acme nadie", 0},
		{"\"dos veces\"", 1},
		{"\"veces dos\"", 0},
		{"a\xC3\xB1o", 1}, /* ñ does */
		{"ANO", 1},
		{"estaf*", 1},
		{"estaf", 0},
		{"pe\xC3\xB1"
		 "a",
		 1},      /* the author's name */
		{"t", 6}, /* the title of all */
		/* hostile: no error, and no more than their words */
		{"NEAR", 1},
		{"near(a b, 2)", 0},
		{"AND", 1},
		{"OR OR OR", 1},
		{"NOT", 1},
		{"\"", 0},
		{"\"\"\"\"", 0},
		{"*", 0},
		{"^a", 0},
		{"{title text}: acme", 0},
		{"- + ( ) : ^ * \" '", 0},
		{"'; DROP TABLE mention; --", 0},
		{"col:on", 1},
		{"\xEF\xBF\xBD", 0},
	};
	struct box b;
	struct rows rows = {.n = 0};
	size_t i;

	(void)state;
	box_init(&b);
	fill(&b);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		box_search(&b, cases[i].text, &rows);
		if (rows.n != cases[i].n)
			print_error("%s: %zu rows\n", cases[i].text, rows.n);
		assert_int_equal(rows.n, cases[i].n);
	}
	rows_done(&rows);
	box_done(&b);
}

static void a_search_text_has_bounds(void **state)
{
	enum { LONG = 100000 };
	cleanup(freep) char *text = xmalloc(LONG + 1);
	struct rows rows = {.n = 0};
	struct box b;
	struct buf q = BUF_INIT(8 * STORE_SEARCH_MAX_BYTES);
	size_t i, n = 0;

	(void)state;
	box_init(&b);
	fill(&b);
	for (i = 0; i < LONG; i++)
		text[i] = i % 2 ? ' ' : '"';
	text[LONG] = '\0';
	box_search(&b, text, &rows);
	assert_int_equal(rows.n, 0);
	for (i = 0; i < LONG; i++)
		text[i] = i % 2 ? ' ' : 't';
	box_search(&b, text, &rows);
	assert_int_equal(rows.n, 6);
	search_question(&q, text);
	for (i = 0; i < q.len; i++)
		n += q.data[i] == 't';
	assert_int_equal(n, STORE_SEARCH_MAX_WORDS);
	assert_false(q.full);
	buf_done(&q);
	rows_done(&rows);
	box_done(&b);
}

static void an_edit_is_found_by_its_new_words_alone(void **state)
{
	struct box b;
	struct found first = found_new(), second = found_new();
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	found_item(&first, ITEM_NEW, "1", "p\xC3\xA1jaro antiguo", NULL);
	(void)box_poll(&b, "prensa", first);
	box_fill_search(&b);
	found_item(&second, ITEM_EDITED, "1", "p\xC3\xA1jaro reciente", NULL);
	(void)box_poll(&b, "prensa", second);
	box_search(&b, "antiguo", &rows);
	assert_int_equal(rows.n, 0);
	box_search(&b, "reciente pajaro", &rows);
	assert_int_equal(rows.n, 1);
	rows_done(&rows);
	box_done(&b);
}

static void the_index_goes_on_from_its_mark(void **state)
{
	struct box b;
	struct found f = found_new();
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "antes del cierre", NULL);
	(void)box_poll(&b, "prensa", f);
	box_reopen(&b);
	box_search(&b, "cierre", &rows);
	assert_int_equal(rows.n, 1);
	rows_done(&rows);
	box_done(&b);
}

/* Nobody has to wait for the index: what it has not yet is brought in by the question. */
static void a_question_finds_what_was_just_said(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	fill(&b);
	assert_true(box_status(&b).search_lag > 0);
	box_search(&b, "estafadores", &rows);
	assert_int_equal(rows.n, 1);
	assert_int_equal(box_status(&b).search_lag, 0);
	rows_done(&rows);
	box_done(&b);
}

/* As many as a step takes are indexed without a question; the few that are left wait for more. */
static void many_are_indexed_when_it_is_quiet(void **state)
{
	enum { LEFT = 7 };
	struct box b;
	size_t i = 0;

	(void)state;
	box_init(&b);
	while (i < SEARCH_BATCH_ROWS + LEFT) {
		struct found f = found_new();
		size_t k;

		for (k = 0; k < BOX_ROWS && i < SEARCH_BATCH_ROWS + LEFT; k++, i++) {
			char key[24];

			(void)snprintf(key, sizeof(key), "%zu", i);
			found_item(&f, ITEM_NEW, key, "algo que nadie busca", NULL);
		}
		(void)box_poll(&b, "prensa", f);
	}
	box_until(&b, search_lag, LEFT);
	box_done(&b);
}

static void the_index_waits_for_many_or_for_long(void **state)
{
	static const struct {
		int64_t behind, rested_ms;
		bool idle, due;
	} cases[] = {
		{0, SEARCH_REST_MS, true, false},
		{1, SEARCH_REST_MS - 1, true, false},
		{1, SEARCH_REST_MS, true, true},
		{1, SEARCH_REST_MS, false, false}, /* there is something to do that somebody waits for */
		{SEARCH_BATCH_ROWS - 1, 0, true, false},
		{SEARCH_BATCH_ROWS, 0, true, true},
		{SEARCH_BEHIND_ROWS - 1, SEARCH_REST_MS, false, false},
		{SEARCH_BEHIND_ROWS, 0, false, true}, /* however much */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(search_is_due(cases[i].behind, cases[i].rested_ms, cases[i].idle), cases[i].due);
}

/* ñ, as one letter or as an n with its tilde behind it; nothing else. */
static void the_tilde_of_n_stays(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{"", ""},
		{"ano", "ano"},
		{"a\xC3\xB1o A\xC3\x91O", "a\xC9\xB2o A\xC9\xB2O"},
		{"an\xCC\x83o N\xCC\x83", "a\xC9\xB2o \xC9\xB2"},
		{"a\xCC\x83 \xC3\xA1\xC3\xBC n", "a\xCC\x83 \xC3\xA1\xC3\xBC n"},
		{"nn\xCC\x83\xC3\xB1", "n\xC9\xB2\xC9\xB2"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(64);

		search_fold(&b, cases[i].in);
		assert_string_equal(buf_str(&b), cases[i].want);
		buf_done(&b);
	}
}

/* Of how many segments FTS5 makes one is put down with the first step, and stays. */
static void the_index_is_merged_less_often(void **state)
{
	static const char merged[] = "SELECT v FROM search_config WHERE k = 'automerge'";
	struct box b;

	(void)state;
	box_init(&b);
	fill(&b);
	box_fill_search(&b);
	assert_int_equal(box_number(&b, "SELECT v FROM search_config WHERE k = 'hashsize'"), SEARCH_HASH_BYTES);
	assert_int_equal(box_number(&b, merged), SEARCH_MERGE_FROM);
	box_reopen(&b);
	assert_int_equal(box_number(&b, merged), SEARCH_MERGE_FROM);
	box_done(&b);
}

static void hits_come_newest_or_from_a_cursor(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	struct stream_id third;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < 6; i++) {
		struct found f = found_new();
		char key[2] = {(char)('0' + i), '\0'};

		found_item(&f, ITEM_NEW, key, key, i % 2 ? "rival" : "acme");
		(void)box_poll(&b, "prensa", f);
	}
	box_hits(&b, (struct store_hits_filter){.limit = 4}, &rows);
	assert_int_equal(rows.n, 4);
	assert_non_null(strstr(rows.json[0], "\"text\":\"2\"")); /* oldest first, of the newest */
	assert_non_null(strstr(rows.json[3], "\"text\":\"5\""));
	third = rows.id[0];
	box_hits(&b, (struct store_hits_filter){.since = true, .after = third, .limit = 2}, &rows);
	assert_int_equal(rows.n, 2);
	assert_non_null(strstr(rows.json[0], "\"text\":\"3\""));
	box_hits(&b, (struct store_hits_filter){.since = true, .after = third, .topic = "acme"}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"text\":\"4\""));
	assert_string_equal(rows.names[0], "acme");
	box_hits(&b, (struct store_hits_filter){.topic = "rival", .limit = 1}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"text\":\"5\""));
	box_hits(&b, (struct store_hits_filter){.topic = "nadie"}, &rows);
	assert_int_equal(rows.n, 0);
	rows_done(&rows);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_have_no_syntax),
		cmocka_unit_test(search_finds_what_a_person_means),
		cmocka_unit_test(a_search_text_has_bounds),
		cmocka_unit_test(an_edit_is_found_by_its_new_words_alone),
		cmocka_unit_test(the_index_goes_on_from_its_mark),
		cmocka_unit_test(a_question_finds_what_was_just_said),
		cmocka_unit_test(many_are_indexed_when_it_is_quiet),
		cmocka_unit_test(the_index_waits_for_many_or_for_long),
		cmocka_unit_test(the_tilde_of_n_stays),
		cmocka_unit_test(the_index_is_merged_less_often),
		cmocka_unit_test(hits_come_newest_or_from_a_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
