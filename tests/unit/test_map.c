/* parse/map: jq programs over the answers of platforms. FAULTS P10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/map.h"
#include "parse/parse.h"

#define SEEN_MS INT64_C(1763805600000) /* 2025-11-22T10:00:00Z */

struct fixture {
	struct arena *a;
	struct maps *maps;
	struct diag *diag;
	struct answer answer;
	char said[4096]; /* the findings, one a line */
};

static void start(struct fixture *f)
{
	*f = (struct fixture){.a = arena_new(1 << 28), .diag = diag_new()};
}

static void end(struct fixture *f)
{
	maps_free(f->maps);
	diag_free(f->diag);
	arena_free(f->a);
}

static int load(struct fixture *f, const struct map_program *programs, size_t n)
{
	const struct map_source source = {.name = "casa", .programs = programs, .n_programs = n};
	struct buf b = BUF_INIT(sizeof(f->said) - 1);
	int r = maps_load(&source, 1, f->diag, &f->maps);
	size_t i;

	diag_sort(f->diag);
	for (i = 0; i < diag_len(f->diag); i++) {
		diag_render(&b, diag_at(f->diag, i), TEXT_EN);
		buf_putc(&b, '\n');
	}
	memcpy(f->said, buf_str(&b), b.len + 1);
	buf_done(&b);
	return r;
}

static void load_one(struct fixture *f, const char *mentions)
{
	const struct map_program program = {
		.name = "mentions", .text = mentions, .file = "casa.yaml", .line = 10, .column = 5};

	start(f);
	assert_int_equal(load(f, &program, 1), 0);
}

static void run_as(struct fixture *f, const char *body, const char *ctx, const struct seen_key *seen, size_t n_seen)
{
	const struct job_feed job = {.source = "s",
				     .platform = "casa",
				     .address = "https://api.example/1",
				     .format = "map",
				     .map = "casa",
				     .ctx = ctx,
				     .seen_ms = SEEN_MS,
				     .first = !n_seen,
				     .not_before_ms = TIME_NONE,
				     .seen = seen,
				     .n_seen = n_seen,
				     .body = body,
				     .body_len = strlen(body)};

	map_parse(f->maps, &job, NULL, f->a, &f->answer);
}

static void run(struct fixture *f, const char *body)
{
	run_as(f, body, NULL, NULL, 0);
}

static const struct mention *only(const struct fixture *f)
{
	assert_int_equal(f->answer.status, ANSWER_OK);
	assert_int_equal(f->answer.n_mentions, 1);
	return &f->answer.mentions[0];
}

/* --- records --- */

static void a_record_becomes_a_mention(void **state)
{
	static const char body[] =
		"{\"id\":\"7\",\"url\":\"https://x.example/7\",\"title\":\"T\",\"text\":\"dos  l\\u00edneas\\n "
		"y\",\"author\":\"@ana\","
		"\"author_name\":\"Ana\",\"author_url\":\"https://x.example/ana\",\"followers\":12,\"verified\":true,"
		"\"published\":1763800000,\"lang\":\"es-MX\",\"country\":\"mx\",\"likes\":1,\"shares\":\"2\","
		"\"replies\":3.0,"
		"\"views\":-4,\"rating\":\"4.5\",\"version\":7,\"parent\":6,\"repeats\":\"@luis\",\"kind\":\"quote\","
		"\"source\":\"x\","
		"\"hydrate\":{\"a\":1}}";
	uint8_t id[MENTION_ID_BYTES];
	const struct mention *m;
	struct fixture f;

	(void)state;
	load_one(&f, ".");
	run(&f, body);
	m = only(&f);
	mention_identity("casa", "7", id);
	assert_memory_equal(m->id, id, sizeof(id));
	assert_null(f.answer.why);
	assert_string_equal(m->guid, "7");
	assert_string_equal(m->url, "https://x.example/7");
	assert_string_equal(m->title, "T");
	assert_string_equal(m->text, "dos líneas\ny");
	assert_string_equal(m->author.handle, "ana");
	assert_string_equal(m->author.name, "Ana");
	assert_string_equal(m->author.url, "https://x.example/ana");
	assert_int_equal(m->author.followers, 12);
	assert_int_equal(m->author.verified, VERIFIED_YES);
	assert_int_equal(m->published_ms, INT64_C(1763800000000));
	assert_false(m->date_suspect);
	assert_string_equal(m->lang, "es");
	assert_string_equal(m->country, "MX");
	assert_int_equal(m->counts.likes, 1);
	assert_int_equal(m->counts.shares, 2);
	assert_int_equal(m->counts.replies, 3);
	assert_int_equal(m->counts.views, COUNT_NONE);
	assert_true(m->rating == 4.5);
	assert_string_equal(m->version, "7");
	assert_string_equal(m->parent, "6");
	assert_string_equal(m->repeats, "luis");
	assert_string_equal(m->kind, "quote");
	end(&f);
}

static void ids_are_exact_to_the_digit(void **state)
{
	struct fixture f;

	(void)state;
	load_one(&f, ".[] | {id, text: \"t\\(.id)\", parent: .to}");
	run(&f, "[{\"id\":7173219218917098794,\"to\":-9007199254740993},{\"id\":7173219218917098795},{\"id\":"
		"9007199254740992}]");
	assert_int_equal(f.answer.n_mentions, 3);
	assert_string_equal(f.answer.mentions[0].guid, "7173219218917098794");
	assert_string_equal(f.answer.mentions[0].text, "t7173219218917098794");
	assert_string_equal(f.answer.mentions[0].parent, "-9007199254740993");
	assert_string_equal(f.answer.mentions[1].guid, "7173219218917098795");
	assert_string_equal(f.answer.mentions[2].guid, "9007199254740992");
	end(&f);
}

static void times_come_in_all_forms(void **state)
{
	static const struct {
		const char *in;
		int64_t ms;
	} cases[] = {
		{"1763800000", INT64_C(1763800000000)},
		{"1763800000.25", INT64_C(1763800000250)},
		{"1763800000250", INT64_C(1763800000250)},
		{"1763800000250000", INT64_C(1763800000250)},
		{"1763800000250000000", INT64_C(1763800000250)}, /* beyond 2^53: a text of digits by now */
		{"\"1763800000\"", INT64_C(1763800000000)},
		{"\"2025-11-22T08:26:40Z\"", INT64_C(1763800000000)},
		{"\"20251122T082640Z\"", INT64_C(1763800000000)},
		{"\"2025-11-22T08:26:40+0000\"", INT64_C(1763800000000)},
		{"\"Sat, 22 Nov 2025 08:26:40 GMT\"", INT64_C(1763800000000)},
	};
	struct fixture f;
	size_t i;

	(void)state;
	load_one(&f, "{id: 1, text: \"t\", published: .p}");
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char body[100];

		(void)snprintf(body, sizeof(body), "{\"p\":%s}", cases[i].in);
		run(&f, body);
		if (only(&f)->published_ms != cases[i].ms)
			fail_msg("%s: %lld", cases[i].in, (long long)only(&f)->published_ms);
		assert_false(only(&f)->date_suspect);
	}
	run(&f, "{\"p\":\"ayer\"}");
	assert_true(only(&f)->date_suspect);
	assert_int_equal(only(&f)->published_ms, SEEN_MS);
	assert_string_equal(f.answer.why, "a value that can't be: 1 of 1 records in published");
	end(&f);
}

static void texts_are_read_as_their_format_says(void **state)
{
	static const struct {
		const char *format, *in, *want;
	} cases[] = {
		{"html", "<p>uno &amp; dos</p><p>tres</p>", "uno & dos\ntres"},
		{"html", "use &lt;b&gt;", "use <b>"}, /* escaped once, and meant so */
		{"plain", "<p>uno &amp; dos</p>", "<p>uno &amp; dos</p>"},
		{"markdown",
		 "# T\\n\\n**muy** [malo](https://m.example/?a=b) &amp; `x`\\n\\n- uno\\n- dos ![foto](f.png)\\n",
		 "T\nmuy malo & x\nuno\ndos"},
		{"markdown", "a <b>c</b>\\nd #acme @ana_b", "a c\nd #acme @ana_b"},
	};
	struct fixture f;
	size_t i;

	(void)state;
	load_one(&f, "{id: 1, text, text_format, title: .text, title_format: .text_format}");
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char body[400];

		(void)snprintf(body, sizeof(body), "{\"text\":\"%s\",\"text_format\":\"%s\"}", cases[i].in,
			       cases[i].format);
		run(&f, body);
		assert_string_equal(only(&f)->text, cases[i].want);
		assert_null(strchr(only(&f)->title, '\n'));
	}
	end(&f);
}

static void what_cannot_be_is_left_out_and_counted(void **state)
{
	struct fixture f;

	(void)state;
	load_one(&f, ".[]");
	run(&f, "[{\"id\":1,\"text\":\"a\",\"likes\":\"many\"},{\"id\":2,\"text\":\"b\",\"likes\":[]},{\"id\":3,"
		"\"text\":\"c\",\"likes\":null},"
		"{\"id\":{},\"text\":\"d\"},{\"id\":5,\"text\":[\"e\"],\"url\":\"https://m.example/"
		"5\"},{\"text\":\"f\",\"verfied\":true},"
		"{\"id\":7,\"text\":\"g\",\"country\":\"Mexico\",\"lang\":\"Spanish\",\"verified\":\"yes\","
		"\"published\":{}},\"no\"]");
	assert_int_equal(f.answer.status, ANSWER_OK);
	assert_int_equal(f.answer.n_mentions, 7);
	assert_false(f.answer.recovered);
	assert_int_equal(f.answer.mentions[0].counts.likes, COUNT_NONE);
	assert_null(f.answer.mentions[4].text);
	assert_null(f.answer.mentions[6].country);
	assert_null(f.answer.mentions[6].lang);
	assert_string_equal(
		f.answer.why,
		"no object: 1 of 8 records; no id: 2 of 8 records; a value that can't be: 1 of 8 records in country; "
		"a value that can't be: 1 of 8 records in id; a value that can't be: 2 of 8 records in likes; "
		"a value that can't be: 1 of 8 records in published; and in 2 more; no record has \"verfied\"");
	end(&f);
}

static void one_record_that_fails_is_told_and_the_others_go_on(void **state)
{
	struct fixture f;

	(void)state;
	load_one(&f, ".[] | each({id, text: .user.name})");
	run(&f,
	    "[{\"id\":1,\"user\":{\"name\":\"a\"}},{\"id\":2,\"user\":\"b\"},{\"id\":3,\"user\":{\"name\":\"c\"}}]");
	assert_int_equal(f.answer.n_mentions, 2);
	assert_string_equal(f.answer.why, "the map failed at 1 of 3 records: Cannot index string with string \"name\"");
	end(&f);
}

static void a_program_that_fails_keeps_what_it_had(void **state)
{
	struct fixture f;

	(void)state;
	load_one(&f, ".[] | {id, text: .user.name}");
	run(&f,
	    "[{\"id\":1,\"user\":{\"name\":\"a\"}},{\"id\":2,\"user\":\"b\"},{\"id\":3,\"user\":{\"name\":\"c\"}}]");
	assert_int_equal(f.answer.status, ANSWER_OK);
	assert_int_equal(f.answer.n_mentions, 1);
	assert_true(f.answer.recovered);
	assert_string_equal(f.answer.why, "the map failed: Cannot index string with string \"name\"");
	run(&f, "[\"b\"]");
	assert_int_equal(f.answer.status, ANSWER_MALFORMED);
	end(&f);
}

static void the_same_again_is_known(void **state)
{
	static const char body[] =
		"[{\"id\":1,\"text\":\"a\",\"likes\":3},{\"id\":2,\"text\":\"b\"},{\"id\":1,\"text\":\"otra\"}]";
	struct seen_key seen[2];
	struct fixture f;

	(void)state;
	load_one(&f, ".[]");
	run(&f, body);
	assert_int_equal(f.answer.n_items, 2); /* an id is one item's: the first that says so */
	seen[0] = f.answer.items[0].key;
	seen[1] = f.answer.items[1].key;
	run_as(&f, body, NULL, seen, 2);
	assert_int_equal(f.answer.n_mentions, 0);
	run_as(&f, "[{\"id\":1,\"text\":\"a\",\"likes\":4},{\"id\":2,\"text\":\"c\"}]", NULL, seen, 2);
	assert_int_equal(f.answer.items[0].state, ITEM_COUNTED);
	assert_int_equal(f.answer.items[1].state, ITEM_EDITED);
	end(&f);
}

static void maps_of_one_network_share_its_ids(void **state)
{
	uint8_t id[MENTION_ID_BYTES];
	struct fixture f;

	(void)state;
	load_one(&f, "# Jetstream\n# scope: bluesky\n{id: 1, text: \"t\"}, {id: 2, text: \"u\", scope: \"otra\"}");
	run(&f, "{}");
	mention_identity("bluesky", "1", id);
	assert_memory_equal(f.answer.mentions[0].id, id, sizeof(id));
	mention_identity("otra", "2", id);
	assert_memory_equal(f.answer.mentions[1].id, id, sizeof(id));
	end(&f);
}

/* --- facts --- */

static void facts_come_with_the_answer(void **state)
{
	static const struct map_program programs[] = {
		{.name = "mentions", .text = ".items[] | {id, text: .t, parent: $ctx.base}"},
		{.name = "next", .text = ".next # and a comment"},
		{.name = "more", .text = ".page < .pages"},
		{.name = "wait", .text = ".backoff"},
		{.name = "ids", .text = ".items[].id"},
		{.name = "error", .text = ".error | if . then \"\\(.code): \\(.message)\" else null end"},
		{.name = "broken", .text = ".items.x"},
	};
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(load(&f, programs, ARRAY_LEN(programs)), 0);
	run_as(&f,
	       "{\"items\":[{\"id\":1,\"t\":\"a\"},{\"id\":12345678901234567890,\"t\":\"b\"}],\"next\":\"p2\",\"page\":"
	       "1,\"pages\":2,\"backoff\":30}",
	       "{\"base\":\"https://foro.example\"}", NULL, 0);
	assert_int_equal(f.answer.n_mentions, 2);
	assert_string_equal(f.answer.mentions[0].parent, "https://foro.example");
	assert_string_equal(answer_fact(&f.answer, "next"), "p2");
	assert_string_equal(answer_fact(&f.answer, "more"), "true");
	assert_string_equal(answer_fact(&f.answer, "wait"), "30");
	assert_string_equal(answer_fact(&f.answer, "ids"), "1,12345678901234567890");
	assert_null(answer_fact(&f.answer, "error"));
	assert_null(answer_fact(&f.answer, "broken"));
	run(&f, "{\"items\":[],\"next\":null,\"page\":2,\"pages\":2}");
	assert_int_equal(f.answer.n_facts, 0);
	run(&f,
	    "{\"error\":{\"code\":190,\"message\":\"Error validating access token\"}}"); /* no items: the program fails */
	assert_int_equal(f.answer.status, ANSWER_OK);
	assert_string_equal(answer_fact(&f.answer, "error"), "190: Error validating access token");
	end(&f);
}

static void lines_are_read_one_by_one(void **state)
{
	static const struct map_program programs[] = {{.name = "mentions", .text = "select(.id) | {id, text: .t}"},
						      {.name = "cursor", .text = ".at"}};
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(load(&f, programs, ARRAY_LEN(programs)), 0);
	run(&f, "\r\n{\"id\":1,\"t\":\"a\",\"at\":10}\r\n\r\n{\"id\":2,\"t\":\"b\",\"at\":20}\n{\"id\":3,\"t\":\n{"
		"\"ping\":1}\n{\"id\":4,\"t\":\"d");
	assert_int_equal(f.answer.status, ANSWER_OK);
	assert_int_equal(f.answer.n_mentions, 2);
	assert_string_equal(answer_fact(&f.answer, "cursor"), "20");
	assert_true(f.answer.recovered);
	assert_string_equal(f.answer.why, "2 of 5 values: not JSON, or not all of it");
	end(&f);
}

/* --- bytes that are none --- */

static void what_is_no_answer_is_told(void **state)
{
	static const struct {
		const char *body;
		enum answer_status status;
		const char *why;
	} cases[] = {
		{"", ANSWER_NOT_A_FEED, "an empty answer"},
		{" \r\n", ANSWER_NOT_A_FEED, "an empty answer"},
		{"<html><body>Just a moment", ANSWER_NOT_A_FEED,
		 "a page instead of JSON: \"<html><body>Just a moment\""},
		{"The specified phrase is too short.\n", ANSWER_NOT_A_FEED,
		 "no JSON: \"The specified phrase is too short.\""},
		{"[{\"id\":1,\"text\":\"a\"},{\"id\":2", ANSWER_MALFORMED, "not JSON, or not all of it"},
		{"[tru]", ANSWER_MALFORMED, "not JSON, or not all of it"},
	};
	struct fixture f;
	size_t i;

	(void)state;
	load_one(&f, ".[]?");
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		run(&f, cases[i].body);
		assert_int_equal(f.answer.status, cases[i].status);
		assert_string_equal(f.answer.why, cases[i].why);
		assert_int_equal(f.answer.n_items, 0);
	}
	end(&f);
}

static void hostile_json_does_no_harm(void **state)
{
	struct buf deep = BUF_INIT(1 << 20);
	const struct mention *m;
	struct fixture f;
	size_t i;

	(void)state;
	load_one(&f, "if type == \"object\" then . else empty end");
	run(&f, "{\"id\":\"a\\u0000b\",\"text\":\"uno\\u0000dos \\ud800 tres \xff\xfe\",\"id\":\"c\\u0000d\"}");
	m = only(&f);
	assert_string_equal(m->guid, "cd"); /* the last, as libjq has it */
	assert_true(utf8_valid_text(m->text, strlen(m->text)));
	for (i = 0; i < 10000; i++)
		buf_putc(&deep, '[');
	for (i = 0; i < 10000; i++)
		buf_putc(&deep, ']');
	run(&f, buf_str(&deep));
	assert_int_equal(f.answer.status, ANSWER_MALFORMED);
	assert_string_equal(f.answer.why, "it nests too deep");
	buf_done(&deep);
	end(&f);
}

static void fields_are_bounded(void **state)
{
	static const char *const fields[] = {"id",     "kind",        "parent", "version", "repeats",
					     "author", "author_name", "lang",   "text",    "title"};
	struct buf body = BUF_INIT(1 << 23), wire = BUF_INIT(1 << 23);
	struct answer copy;
	struct fixture f;
	size_t i, k;

	(void)state;
	load_one(&f, ".");
	buf_puts(&body, "{\"url\":\"https://m.example/1\"");
	for (i = 0; i < ARRAY_LEN(fields); i++) {
		buf_printf(&body, ",\"%s\":\"", fields[i]);
		for (k = 0; k < MENTION_TEXT_MAX_BYTES + 10; k++)
			buf_puts(&body, "ñ");
		buf_puts(&body, "\"");
	}
	buf_puts(&body, "}");
	run(&f, buf_str(&body));
	assert_true(only(&f)->cut);
	answer_put(&wire, &f.answer);
	assert_int_equal(answer_get(wire.data, wire.len, f.a, &copy), 0);
	assert_int_equal(strlen(copy.mentions[0].guid), MENTION_FIELD_MAX_BYTES);
	assert_in_range(strlen(copy.mentions[0].text), MENTION_TEXT_MAX_BYTES - 3, MENTION_TEXT_MAX_BYTES);
	buf_done(&body);
	buf_done(&wire);
	end(&f);
}

static void programs_that_go_on_are_stopped(void **state)
{
	static const struct map_program programs[] = {{.name = "mentions", .text = "range(1e9) | {id: ., text: \"t\"}"},
						      {.name = "ids", .text = "range(1e9)"}};
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(load(&f, programs, ARRAY_LEN(programs)), 0);
	run(&f, "{}");
	assert_int_equal(f.answer.n_items, ANSWER_ITEMS_MAX);
	assert_int_equal(f.answer.items_left, MAP_OUTPUTS_MAX - ANSWER_ITEMS_MAX);
	assert_string_equal(f.answer.why, "the map failed: it does not come to an end");
	assert_non_null(answer_fact(&f.answer, "ids"));
	end(&f);
}

static void a_job_for_no_map_is_refused(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	run(&f, "{}");
	assert_int_equal(f.answer.status, ANSWER_REFUSED);
	end(&f);
	load_one(&f, ".");
	run_as(&f, "{}", "[1]", NULL, 0);
	assert_int_equal(f.answer.status, ANSWER_REFUSED);
	run_as(&f, "{}", "{", NULL, 0);
	assert_int_equal(f.answer.status, ANSWER_REFUSED);
	end(&f);
}

/* --- what is wrong with a map --- */

static void refused(const char *text, const char *want)
{
	const struct map_program program = {
		.name = "mentions", .text = text, .file = "casa.yaml", .line = 10, .column = 5};
	struct fixture f;

	start(&f);
	if (load(&f, &program, 1) != MAPS_E_INVALID || strncmp(f.said, want, strlen(want)) != 0)
		fail_msg("%s: %s", text, f.said);
	end(&f);
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const char *const cases[][2] = {
		{".a | env", "casa.yaml:10:10: error: mentions: \"env\" is not for maps"},
		{".a |\n  $ENV.HOME", "casa.yaml:11:7: error: mentions: \"$ENV\" is not for maps"},
		{"# ñ\n\"ñ\" | input", "casa.yaml:11:11: error: mentions: \"input\""},
		{"[inputs]", "casa.yaml:10:6: error: mentions: \"inputs\""},
		{"import \"a\" as a; .", "casa.yaml:10:5: error: mentions: \"import\""},
		{"include \"a\"; .", "casa.yaml:10:5: error: mentions: \"include\""},
		{"\"\\(1 | debug)\"", "casa.yaml:10:12: error: mentions: \"debug\""},
		{"stderr", "casa.yaml:10:5: error: mentions: \"stderr\""},
		{"halt", "casa.yaml:10:5: error: mentions: \"halt\""},
		{"input_line_number", "casa.yaml:10:5: error: mentions: \"input_line_number\""},
		{"{a: env}", "casa.yaml:10:9: error: mentions: \"env\""},
		{"now", "casa.yaml:10:5: error: mentions: \"now\""},
		{".x | todate",
		 "casa.yaml:10:10: error: mentions: \"todate\" is not for maps: give the date as it came"},
		{"1e18|todate", "casa.yaml:10:10: error: mentions: \"todate\""}, /* which aborts */
		{"[1] | implode", "casa.yaml:10:11: error: mentions: \"implode\""},
		{".a | (.b", "casa.yaml:10:10: error: mentions: \"(\" is opened here and never closed"},
		{".a | [.b)", "casa.yaml:10:13: error: mentions: \")\" closes nothing"},
		{".a) | (.b", "casa.yaml:10:7: error: mentions: \")\" closes nothing"},
		{"\"abc", "casa.yaml:10:5: error: mentions: a text begins here and does not end"},
		{"\"\\(1", "casa.yaml:10:6: error: mentions: \"\\(\" is opened here"},
		{".a |\n .b | foo",
		 "casa.yaml:11:11: error: mentions: jq does not understand this: foo/0 is not defined"},
		{".a |\n .b | $x", "casa.yaml:11:11: error: mentions: jq does not understand this: $x is not defined"},
		{".a |\n\n .b .. c", "casa.yaml:12:6: error: mentions: jq does not understand this: syntax error"},
		{".a | if", "casa.yaml:"},
		{"# looks at named keys\n.a | keys", "casa.yaml:11:10: error: mentions: \"keys\" looks at all keys"},
		{"# looks at named keys\n..", "casa.yaml:11:5: error: mentions: \"..\" looks at all keys"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		refused(cases[i][0], cases[i][1]);
}

static void names_that_only_look_so_are_let_in(void **state)
{
	struct fixture f;

	(void)state;
	load_one(&f, "# env, input\n.env | .[\"debug\"] | . as $now | {env: 1, date: 2, input} | .stderr, "
		     "\"todate(now) \\\"env\\\"\" | "
		     "{\"text\": .halt?, id: 1}");
	run(&f, "{}");
	end(&f);
}

static void every_program_is_judged_by_itself(void **state)
{
	static const struct map_program programs[] = {
		{.name = "mentions", .text = ".items[]", .file = "a.jq", .line = 1, .column = 1},
		{.name = "next", .text = ".a |\n foo", .file = "b.yaml", .line = 7, .column = 9},
		{.name = "more", .text = "bar(1)", .file = "b.yaml", .line = 9, .column = 9}};
	static const struct map_program none = {.name = "next", .text = "."};
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(load(&f, programs, ARRAY_LEN(programs)), MAPS_E_INVALID);
	assert_non_null(strstr(f.said, "b.yaml:8:10: error: next: jq does not understand this: foo/0"));
	assert_non_null(strstr(f.said, "b.yaml:9:9: error: more: jq does not understand this: bar/1"));
	assert_null(strstr(f.said, "a.jq"));
	end(&f);
	start(&f);
	assert_int_equal(load(&f, &none, 1), MAPS_E_INVALID);
	assert_non_null(strstr(f.said, "has no program \"mentions\""));
	end(&f);
}

static void brackets_are_bounded(void **state)
{
	struct buf text = BUF_INIT(1 << 16);
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_putc(&text, '(');
	refused(buf_str(&text), "casa.yaml:10:105: error: mentions: brackets are too deep");
	buf_done(&text);
}

/* A map that looks at named keys yields what it does without saying so. */
static void what_is_passed_over_is_not_missed(void **state)
{
	static const char body[] = "{\"items\":[{\"big\":[1,{\"id\":9}],\"id\":1,\"x\":{\"t\":\"a\",\"u\":2}},{\"x\":{"
				   "\"t\":\"b\"},\"id\":2,\"more\":\"\\\"}\"}],"
				   "\"meta\":{\"next\":\"n\",\"y\":0}}";
	static const struct map_program without[] = {{.name = "mentions", .text = ".items[] | {id, text: .x[\"t\"]}"},
						     {.name = "next", .text = ".meta.next"}},
					with[] = {{.name = "mentions",
						   .text = "# looks at named keys\n.items[] | {id, text: .x[\"t\"]}"},
						  {.name = "next", .text = ".meta.next"}};
	struct fixture a, b;
	size_t i;

	(void)state;
	start(&a);
	start(&b);
	assert_int_equal(load(&a, without, 2), 0);
	assert_int_equal(load(&b, with, 2), 0);
	run(&a, body);
	run(&b, body);
	assert_int_equal(a.answer.n_mentions, 2);
	assert_int_equal(b.answer.n_mentions, 2);
	for (i = 0; i < 2; i++) {
		assert_memory_equal(a.answer.mentions[i].id, b.answer.mentions[i].id, MENTION_ID_BYTES);
		assert_string_equal(a.answer.mentions[i].text, b.answer.mentions[i].text);
	}
	assert_string_equal(answer_fact(&b.answer, "next"), "n");
	end(&a);
	end(&b);
}

static int setup(void **state)
{
	(void)state;
	parse_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_becomes_a_mention),
		cmocka_unit_test(ids_are_exact_to_the_digit),
		cmocka_unit_test(times_come_in_all_forms),
		cmocka_unit_test(texts_are_read_as_their_format_says),
		cmocka_unit_test(what_cannot_be_is_left_out_and_counted),
		cmocka_unit_test(one_record_that_fails_is_told_and_the_others_go_on),
		cmocka_unit_test(a_program_that_fails_keeps_what_it_had),
		cmocka_unit_test(the_same_again_is_known),
		cmocka_unit_test(maps_of_one_network_share_its_ids),
		cmocka_unit_test(facts_come_with_the_answer),
		cmocka_unit_test(lines_are_read_one_by_one),
		cmocka_unit_test(what_is_no_answer_is_told),
		cmocka_unit_test(hostile_json_does_no_harm),
		cmocka_unit_test(fields_are_bounded),
		cmocka_unit_test(programs_that_go_on_are_stopped),
		cmocka_unit_test(a_job_for_no_map_is_refused),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(names_that_only_look_so_are_let_in),
		cmocka_unit_test(every_program_is_judged_by_itself),
		cmocka_unit_test(brackets_are_bounded),
		cmocka_unit_test(what_is_passed_over_is_not_missed),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
