/* What one poll's transaction does: mentions, doubles, edits, counts, keys, state; and that a failure is its own. */
#include "store_box.h"

#include <sqlite3.h>

#include "store/tally.h"

struct source_got {
	bool done;
	struct store_source source;
};

static void on_source(void *arg, int r, struct store_source *source)
{
	struct source_got *got = arg;

	assert_int_equal(r, 0);
	got->source = *source;
	source->arena = NULL; /* taken */
	got->done = true;
}

static struct store_source load(struct box *b, const char *name)
{
	struct source_got got = {.done = false};

	store_source_load(b->store, name, on_source, &got);
	box_wait(b, &got.done);
	return got.source;
}

static void one_poll_is_there_whole_also_after_a_restart(void **state)
{
	struct box b;
	struct found f = found_new();
	struct poll_result result;
	struct store_source s;
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme");
	found_item(&f, ITEM_NEW, "2", "dos", NULL);
	found_item(&f, ITEM_KNOWN, "3", NULL, NULL);
	result = box_poll(&b, "prensa", f);
	assert_int_equal(result.new_mentions, 2);
	assert_int_equal(result.hits, 1);
	box_reopen(&b);

	s = load(&b, "prensa");
	assert_true(s.known);
	assert_true(s.state.baselined);
	assert_int_equal(s.n_seen, 3);
	assert_int_equal(s.state.ok_ms, BOX_START_MS);
	assert_true(s.state.new_ms == TIME_NONE);
	assert_null(s.state.etag);
	arena_free(s.arena);

	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.id[0].ms, BOX_START_MS);
	assert_int_equal(stream_id_cmp(result.last, rows.id[0]), 0);
	assert_non_null(strstr(rows.json[0],
			       "\"source\":\"prensa\",\"platform\":\"feed\",\"guid\":\"https://example.com/1\","
			       "\"url\":\"https://example.com/1\",\"title\":\"T\",\"text\":\"uno\","));
	assert_non_null(
		strstr(rows.json[0],
		       "\"hits\":[{\"topic\":\"acme\",\"role\":\"brand\",\"rules\":[\"loud\",\"near\"],"
		       "\"tags\":[\"crisis\"],\"spans\":[{\"in\":\"text\",\"at\":[0,2],\"pattern\":\"name\"}]}]}"));
	assert_memory_equal(rows.names[0], "acme|loud,near|crisis|2026-09-21T14:13:15Z|", 43);
	rows_done(&rows);
	box_done(&b);
}

static void a_source_not_known_is_said_so(void **state)
{
	struct box b;
	struct store_source s;

	(void)state;
	box_init(&b);
	s = load(&b, "nadie");
	assert_false(s.known);
	assert_string_equal(s.state.name, "nadie");
	assert_true(s.state.next_ms == TIME_NONE);
	assert_int_equal(s.n_seen, 0);
	arena_free(s.arena);
	box_done(&b);
}

static void a_state_alone_keeps_keys_and_texts_to_the_letter(void **state)
{
	struct box b;
	struct found f = found_new();
	struct poll_got got = {.done = false};
	struct poll_outcome o;
	struct store_source s;

	(void)state;
	box_init(&b);
	o = box_outcome("prensa", NULL);
	found_item(&f, ITEM_NEW, "1", "uno", NULL);
	(void)box_poll(&b, "prensa", f);
	o.state.etag = "W/\"a b\"";
	o.state.last_modified = "Jue, 29 Feb 2024";
	o.state.address = "https://example.com/new";
	o.state.error = "http_410";
	o.state.gone = true;
	o.state.failures = 7;
	o.state.body_hash = UINT64_MAX - 1;
	o.state.identity = IDENTITY_HASH;
	store_poll(b.store, &o, NULL, on_poll, &got);
	o.state.etag = NULL; /* was copied */
	box_wait(&b, &got.done);
	s = load(&b, "prensa");
	assert_string_equal(s.state.etag, "W/\"a b\"");
	assert_string_equal(s.state.last_modified, "Jue, 29 Feb 2024");
	assert_string_equal(s.state.address, "https://example.com/new");
	assert_string_equal(s.state.error, "http_410");
	assert_true(s.state.gone);
	assert_int_equal(s.state.failures, 7);
	assert_true(s.state.body_hash == UINT64_MAX - 1);
	assert_int_equal(s.state.identity, IDENTITY_HASH);
	assert_int_equal(s.n_seen, 1);
	arena_free(s.arena);
	box_done(&b);
}

static void on_marked(void *arg, int r)
{
	assert_int_equal(r, 0);
	*(bool *)arg = true;
}

static void marks_move_times_and_nothing_else(void **state)
{
	const struct source_mark v[] = {{"nadie", 1, 2}, {"prensa", BOX_START_MS + 5, BOX_START_MS + 6}};
	struct box b;
	struct found f = found_new();
	struct store_source s;
	bool done = false;

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", NULL);
	(void)box_poll(&b, "prensa", f);
	store_marks(b.store, v, ARRAY_LEN(v), on_marked, &done);
	box_wait(&b, &done);
	s = load(&b, "prensa");
	assert_int_equal(s.state.polled_ms, BOX_START_MS + 5);
	assert_int_equal(s.state.ok_ms, BOX_START_MS + 5);
	assert_int_equal(s.state.next_ms, BOX_START_MS + 6);
	assert_true(s.state.baselined);
	assert_int_equal(s.n_seen, 1);
	arena_free(s.arena);
	s = load(&b, "nadie"); /* passed over */
	assert_false(s.known);
	arena_free(s.arena);
	box_done(&b);
}

/* More than go into one statement, and some that are left over; whom nobody knows is among both. */
static void many_marks_are_each_their_sources(void **state)
{
	enum { KNOWN = 70, TOLD = KNOWN + 2 };
	struct source_mark v[TOLD];
	char names[TOLD][16];
	struct box b;
	struct store_source s;
	bool done = false;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < TOLD; i++) {
		snprintf(names[i], sizeof(names[i]), i == 7 || i == TOLD - 1 ? "nadie-%zu" : "medio-%zu", i);
		v[i] = (struct source_mark){names[i], BOX_START_MS + (int64_t)i, BOX_START_MS + 1000 + (int64_t)i};
		if (names[i][0] == 'm')
			(void)box_poll(&b, names[i], found_new());
	}
	v[3].next_ms = TIME_NONE;
	store_marks(b.store, v, TOLD, on_marked, &done);
	box_wait(&b, &done);
	for (i = 0; i < TOLD; i++) {
		s = load(&b, names[i]);
		assert_int_equal(s.known, names[i][0] == 'm');
		if (s.known) {
			assert_int_equal(s.state.polled_ms, v[i].ok_ms);
			assert_int_equal(s.state.ok_ms, v[i].ok_ms);
			assert_int_equal(s.state.next_ms, v[i].next_ms);
			assert_true(s.state.baselined);
		}
		arena_free(s.arena);
	}
	box_done(&b);
}

static void a_double_is_noted_and_not_stored_again(void **state)
{
	struct box b;
	struct found first = found_new(), second = found_new(), third = found_new();
	struct rows rows = {.n = 0};
	struct poll_result result;

	(void)state;
	box_init(&b);
	found_item(&first, ITEM_NEW, "1", "uno", "acme");
	(void)box_poll(&b, "prensa", first);
	found_item(&second, ITEM_NEW, "1", "otro texto", "acme");
	result = box_poll(&b, "agencia", second);
	assert_int_equal(result.new_mentions, 0);
	assert_int_equal(result.doubles, 1);
	assert_int_equal(result.hits, 0);
	found_item(&third, ITEM_NEW, "1", "otro texto", "acme"); /* its keys were lost: no second double */
	result = box_poll(&b, "agencia", third);
	assert_int_equal(result.doubles, 0);
	box_mention(&b, "1", &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"text\":\"uno\""));
	assert_non_null(strstr(rows.json[0], "\"also\":[\"agencia\"],\"versions\":[],\"counts\":[]}"));
	assert_int_equal(box_status(&b).hits, 1);
	rows_done(&rows);
	box_done(&b);
}

/* A source's `topic`, or a rule on sources, finds more in the same words. */
static void a_second_source_with_a_topic_makes_it_a_hit_once(void **state)
{
	struct box b;
	struct found first = found_new(), second = found_new(), third = found_new();
	struct rows rows = {.n = 0};
	struct poll_result result;

	(void)state;
	box_init(&b);
	found_item(&first, ITEM_NEW, "1", "uno", NULL)->baseline = true;
	assert_int_equal(box_poll(&b, "prensa", first).hits, 0);
	found_item(&second, ITEM_NEW, "1", "uno", "acme");
	result = box_poll(&b, "muro", second);
	assert_int_equal(result.doubles, 1);
	assert_int_equal(result.hits, 1);
	assert_int_equal(result.new_mentions, 0);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"source\":\"prensa\""));
	assert_null(strstr(rows.json[0], "baseline")); /* what made it enter was live */
	box_sent(&b, rows.id, 1);

	found_item(&third, ITEM_NEW, "1", "uno", "rival"); /* one more topic: in the log, but it was sent */
	assert_int_equal(box_poll(&b, "otra", third).hits, 0);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 0);
	box_hits(&b, (struct store_hits_filter){.topic = "rival"}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"topic\":\"acme\""));
	rows_done(&rows);
	box_done(&b);
}

/* Whoever shows another's link, or has taken a reader over, puts no topic on what the other wrote. */
static void what_a_second_source_says_in_other_words_is_its_own(void **state)
{
	struct box b;
	struct found first = found_new(), second = found_new(), third = found_new(), edited = found_new();
	struct rows rows = {.n = 0};
	struct poll_result result;

	(void)state;
	box_init(&b);
	found_item(&first, ITEM_NEW, "1", "uno", NULL);
	assert_int_equal(box_poll(&b, "prensa", first).hits, 0);
	found_item(&second, ITEM_NEW, "1", "texto distinto", "acme");
	result = box_poll(&b, "muro", second);
	assert_int_equal(result.doubles, 1);
	assert_int_equal(result.new_mentions, 1);
	assert_int_equal(result.hits, 1);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"source\":\"muro\""));
	assert_non_null(strstr(rows.json[0], "\"text\":\"texto distinto\""));
	assert_non_null(strstr(rows.json[0], "\"at\":[0,2]")); /* in its own text */
	rows_done(&rows);
	box_mention(&b, "1", &rows);
	assert_non_null(strstr(rows.json[0], "\"text\":\"uno\""));
	assert_non_null(strstr(rows.json[0], "\"hits\":[]"));
	rows_done(&rows);

	found_item(&third, ITEM_NEW, "1", "texto distinto", "acme"); /* its keys were lost: known all the same */
	assert_int_equal(box_poll(&b, "muro", third).hits, 0);
	found_item(&edited, ITEM_EDITED, "1", "y ahora otro", "acme"); /* an edit of its own, not of the first's */
	result = box_poll(&b, "muro", edited);
	assert_int_equal(result.edited, 1);
	assert_int_equal(result.hits, 0);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"text\":\"y ahora otro\""));
	assert_int_equal(box_status(&b).hits, 1);
	rows_done(&rows);
	box_done(&b);
}

struct entered {
	bool done;
	size_t n, n_hits;
	char topic[16], title[16];
};

static void on_entered(void *arg, int r, const struct poll_result *result)
{
	struct entered *e = arg;

	assert_int_equal(r, 0);
	e->n = result->n_entered;
	if (e->n) {
		e->n_hits = result->entered[0]->n_hits;
		snprintf(e->topic, sizeof(e->topic), "%s", result->entered[0]->hits[0].topic);
		snprintf(e->title, sizeof(e->title), "%s", result->entered[0]->title);
	}
	e->done = true;
}

/* Who counts hits by topic is told of those that entered, not of all that were matched. */
static void what_entered_has_the_topics_it_entered_with(void **state)
{
	struct found first = found_new(), second = found_new(), edited = found_new();
	struct entered entered = {.done = false}, by_edit = {.done = false};
	struct poll_outcome o;
	struct mention *m;
	struct box b;

	(void)state;
	box_init(&b);
	found_item(&first, ITEM_NEW, "1", "uno", "rival");
	found_item(&first, ITEM_NEW, "2", "dos", NULL);
	assert_int_equal(box_poll(&b, "prensa", first).hits, 1);
	m = found_item(&second, ITEM_NEW, "1", "texto distinto", NULL);
	m->n_hits = 2;
	m->hits = ARENA_ARRAY(second.arena, struct hit, 2);
	m->hits[0] = *found_hit(second.arena, "rival");
	m->hits[1] = *found_hit(second.arena, "acme");
	o = box_outcome("muro", &second);
	store_poll(b.store, &o, second.arena, on_entered, &entered);
	box_wait(&b, &entered.done);
	assert_int_equal(entered.n, 1);
	assert_int_equal(entered.n_hits, 1);
	assert_string_equal(entered.topic, "acme");
	found_item(&edited, ITEM_EDITED, "2", "ahora", "acme");
	o = box_outcome("prensa", &edited);
	store_poll(b.store, &o, edited.arena, on_entered, &by_edit);
	box_wait(&b, &by_edit.done);
	assert_int_equal(by_edit.n, 1);
	assert_string_equal(by_edit.topic, "acme");
	assert_string_equal(by_edit.title, "T");
	box_done(&b);
}

static void an_edit_is_a_version(void **state)
{
	static const struct {
		const char *before, *after; /* topics */
		size_t hits;                /* entered by the edit */
		size_t rows;                /* of the outbox after it */
	} cases[] = {
		{NULL, NULL, 0, 0},
		{NULL, "acme", 1, 1},
		{"acme", NULL, 0, 1}, /* a topic once met stays */
		{"acme", "rival", 0, 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct box b;
		struct found first = found_new(), second = found_new();
		struct rows rows = {.n = 0};
		struct poll_result result;

		box_init(&b);
		found_item(&first, ITEM_NEW, "1", "antes", cases[i].before);
		(void)box_poll(&b, "prensa", first);
		box_wall_ms += 1000;
		found_item(&second, ITEM_EDITED, "1", "ahora", cases[i].after);
		result = box_poll(&b, "prensa", second);
		assert_int_equal(result.edited, 1);
		assert_int_equal(result.new_mentions, 0);
		assert_int_equal(result.hits, cases[i].hits);
		box_mention(&b, "1", &rows);
		assert_non_null(strstr(rows.json[0], "\"text\":\"ahora\""));
		assert_non_null(strstr(rows.json[0], "\"seen\":\"2026-09-21T14:13:20.000Z\""));
		assert_non_null(strstr(
			rows.json[0],
			"\"versions\":[{\"until\":\"2026-09-21T14:13:21.000Z\",\"title\":\"T\",\"text\":\"antes\"}]"));
		box_outbox(&b, (struct stream_id){.ms = 0}, &rows); /* its checksum goes with the edit */
		assert_int_equal(rows.n, cases[i].rows);
		rows_done(&rows);
		box_done(&b);
	}
}

static void what_is_told_by_another_key_is_the_same_mention(void **state)
{
	struct box b;
	struct found first = found_new(), moved = found_new(), edited = found_new(), counted = found_new();
	struct rows rows = {.n = 0};
	struct poll_result result;

	(void)state; /* FAULTS F13 */
	box_init(&b);
	found_item(&first, ITEM_NEW, "guid-1", "uno", "acme");
	(void)box_poll(&b, "prensa", first);
	found_item(&moved, ITEM_MOVED, "link-1", NULL, NULL);
	mention_identity("test", "guid-1", moved.answer.items[0].old);
	found_item(&moved, ITEM_MOVED, "link-2", NULL, NULL); /* of one that was never taken in */
	mention_identity("test", "guid-2", moved.answer.items[1].old);
	found_item(&moved, ITEM_MOVED, "guid-1", NULL, NULL); /* its key is the same by both policies */
	mention_identity("test", "guid-1", moved.answer.items[2].old);
	(void)box_poll(&b, "prensa", moved);
	box_reopen(&b);
	found_item(&edited, ITEM_EDITED, "link-1", "uno, corregido", "acme");
	result = box_poll(&b, "prensa", edited);
	assert_int_equal(result.edited, 1);
	assert_int_equal(result.new_mentions + result.hits, 0);
	found_item(&counted, ITEM_COUNTED, "link-1", NULL, NULL);
	counted.answer.items[0].counts.likes = 7;
	(void)box_poll(&b, "prensa", counted);
	assert_int_equal(box_status(&b).mentions, 1);
	box_mention(&b, "guid-1", &rows); /* by the key that it entered the stream with */
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "uno, corregido"));
	assert_non_null(strstr(rows.json[0], "\"likes\":7"));
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows); /* and its checksum holds */
	assert_int_equal(rows.n, 1);
	rows_done(&rows);
	box_done(&b);
}

static void versions_have_a_bound(void **state)
{
	struct box b;
	struct rows rows = {.n = 0};
	size_t n = 0, i;
	const char *at;

	(void)state;
	box_init(&b);
	for (i = 0; i < STORE_VERSIONS_MAX + 5; i++) {
		struct found f = found_new();
		char text[16];

		snprintf(text, sizeof(text), "texto %zu", i);
		found_item(&f, i ? ITEM_EDITED : ITEM_NEW, "1", text, NULL);
		(void)box_poll(&b, "prensa", f);
		box_wall_ms++;
	}
	box_mention(&b, "1", &rows);
	for (at = rows.json[0]; (at = strstr(at, "\"until\"")); at++)
		n++;
	assert_int_equal(n, STORE_VERSIONS_MAX);
	assert_non_null(strstr(rows.json[0], "\"text\":\"texto 0\"")); /* the first stays */
	assert_null(strstr(rows.json[0], "\"text\":\"texto 1\""));
	assert_non_null(strstr(rows.json[0], "\"text\":\"texto 23\""));
	rows_done(&rows);
	box_done(&b);
}

static void poll_counts(struct box *b, int64_t likes)
{
	struct found f = found_new();

	found_item(&f, ITEM_COUNTED, "1", NULL, NULL);
	f.answer.items[0].counts.likes = likes;
	(void)box_poll(b, "prensa", f);
}

static void counts_keep_each_change_with_its_time(void **state)
{
	struct box b;
	struct found f = found_new();
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme")->counts = (struct mention_counts){1, COUNT_NONE, 5, COUNT_NONE};
	(void)box_poll(&b, "prensa", f);
	box_wall_ms += 60000;
	poll_counts(&b, 1); /* no change */
	poll_counts(&b, 9);
	box_mention(&b, "1", &rows);
	assert_non_null(strstr(rows.json[0], "\"likes\":9,\"replies\":5,"));
	assert_non_null(strstr(rows.json[0],
			       "\"counts\":[{\"at\":\"2026-09-21T14:13:20.000Z\",\"likes\":1,\"replies\":5},"
			       "{\"at\":\"2026-09-21T14:14:20.000Z\",\"likes\":9,\"replies\":5}]"));
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows); /* counts are not part of the checksum */
	assert_int_equal(rows.n, 1);
	rows_done(&rows);
	box_done(&b);
}

static void counts_are_their_first_source_s_to_say(void **state)
{
	struct box b;
	struct found f = found_new(), other = found_new(), forged = found_new();
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme")->counts.likes = 5;
	(void)box_poll(&b, "prensa", f);
	found_item(&other, ITEM_NEW, "1", "uno", "acme")->counts.likes = 9;
	(void)box_poll(&b, "muro", other);
	found_item(&forged, ITEM_COUNTED, "1", NULL, NULL);
	forged.answer.items[0].counts.likes = 1000000;
	(void)box_poll(&b, "muro", forged);
	box_mention(&b, "1", &rows);
	assert_non_null(strstr(rows.json[0], "\"likes\":5"));
	assert_non_null(strstr(rows.json[0], "\"counts\":[]"));
	rows_done(&rows);
	poll_counts(&b, 8);
	box_mention(&b, "1", &rows);
	assert_non_null(strstr(rows.json[0], "\"likes\":8"));
	rows_done(&rows);
	box_done(&b);
}

static void counts_have_a_bound(void **state)
{
	struct box b;
	struct found f = found_new();
	struct rows rows = {.n = 0};
	struct poll_got got[STORE_COUNTS_MAX] = {{.done = false}};
	const char *at;
	size_t n = 0;
	int64_t i;

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", NULL)->counts.likes = 0;
	(void)box_poll(&b, "prensa", f);
	for (i = 0; i < STORE_COUNTS_MAX; i++) {
		struct found more = found_new();
		struct poll_got *to = &got[i];

		found_item(&more, ITEM_COUNTED, "1", NULL, NULL);
		more.answer.items[0].counts.likes = i + 1;
		box_wall_ms++;
		box_post(&b, "prensa", &more, to);
		if (i % 50 == 49 || i + 3 > STORE_COUNTS_MAX)
			box_wait(&b, &to->done); /* so that the clock has passed between them */
	}
	box_wall_ms++;
	poll_counts(&b, 5000);
	box_mention(&b, "1", &rows);
	for (at = rows.json[0]; (at = strstr(at, "\"at\":\"")); at++)
		n++;
	assert_true(n > 2 && n <= STORE_COUNTS_MAX);
	assert_non_null(strstr(rows.json[0], "\"counts\":[{\"at\":\"2026-09-21T14:13:20.000Z\",\"likes\":0}"));
	assert_non_null(strstr(rows.json[0], "\"likes\":5000}]}"));
	rows_done(&rows);
	box_done(&b);
}

static void baseline_goes_to_log_and_stream_marked(void **state)
{
	struct box b;
	struct found f = found_new();
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme")->baseline = true;
	assert_int_equal(box_poll(&b, "prensa", f).hits, 1);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"baseline\":true"));
	rows_done(&rows);
	box_done(&b);
}

static void a_hand_made_mention_is_one_like_others(void **state)
{
	struct box b;
	struct found f = found_new();
	struct poll_got got = {.done = false};
	struct rows rows = {.n = 0};
	struct mention *m;

	(void)state;
	box_init(&b);
	m = found_item(&f, ITEM_NEW, "1", "llamada de una clienta", "acme");
	m->source = "ana";
	store_add(b.store, m, on_poll, &got);
	arena_free(f.arena);
	box_wait(&b, &got.done);
	assert_int_equal(got.r, 0);
	assert_int_equal(got.result.new_mentions, 1);
	assert_int_equal(got.result.hits, 1);
	box_hits(&b, (struct store_hits_filter){.limit = 5}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"source\":\"ana\""));
	assert_int_equal(box_status(&b).sources, 0); /* a hand is no source to be polled */
	rows_done(&rows);
	box_done(&b);
}

/* Another connection to the same file: what only a fault brings about. */
static void sql(const struct box *b, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Posts three polls at once, of which the second fails after it has written; raise says how it fails. */
static void fail_the_second(const char *raise, int want)
{
	struct box b;
	struct found f[3] = {found_new(), found_new(), found_new()};
	struct poll_got got[3] = {{.done = false}};
	char trigger[200];
	sqlite3 *other;
	struct rows rows = {.n = 0};
	struct store_source s;
	size_t i;

	box_init(&b);
	snprintf(trigger, sizeof(trigger),
		 "CREATE TRIGGER bomb BEFORE INSERT ON mention WHEN new.text = 'bomb' BEGIN SELECT RAISE(%s, 'x'); END",
		 raise);
	sql(&b, trigger);
	found_item(&f[0], ITEM_NEW, "1", "uno", "acme");
	found_item(&f[1], ITEM_NEW, "2", "dos", "rival"); /* its topic's name is new, and forgotten with it */
	found_item(&f[1], ITEM_NEW, "3", "bomb", "acme");
	found_item(&f[2], ITEM_NEW, "4", "cuatro", "rival");
	assert_int_equal(sqlite3_open(box_path(&b, "escuchad.db"), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	box_post(&b, "a", &f[0], &got[0]); /* the writer can't begin until all three wait: one group */
	box_post(&b, "b", &f[1], &got[1]);
	box_post(&b, "c", &f[2], &got[2]);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	for (i = 0; i < 3; i++)
		box_wait(&b, &got[i].done);
	assert_int_equal(got[0].r, 0);
	assert_int_equal(got[1].r, want);
	assert_int_equal(got[2].r, 0);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 2);
	box_hits(&b, (struct store_hits_filter){.topic = "rival"}, &rows);
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "cuatro"));
	s = load(&b, "b"); /* neither what it found nor the cursor that says so */
	assert_false(s.known);
	arena_free(s.arena);
	assert_int_equal(box_status(&b).mentions, 2);
	rows_done(&rows);
	box_done(&b);
}

static void a_failure_in_a_group_is_its_own(void **state)
{
	(void)state;
	fail_the_second("ABORT", -EINVAL);
	fail_the_second("ROLLBACK", -EINVAL); /* as a full disk does: the transaction of all is gone (FAULTS D6) */
}

/* Counts are added up in memory for so many names, and exact for more; also where one of those who share a transaction fails
 * half-way. */
static void counts_are_exact_for_many_names(void **state)
{
	struct poll_got first = {.done = false}, broken = {.done = false}, last = {.done = false};
	struct found many = found_new(), half = found_new(), more = found_new();
	struct box b;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < TALLY_NAMES; i++) { /* and a source */
		char name[16];

		snprintf(name, sizeof(name), "t%zu", i);
		found_item(&many, ITEM_NEW, name, name, name);
	}
	found_item(&half, ITEM_NEW, "a", "a", "t0");
	found_item(&half, ITEM_NEW, "b", "b", "t1");
	half.answer.n_mentions--; /* an item without its mention: refused, when the other is written */
	found_item(&more, ITEM_NEW, "c", "c", "t0");
	box_post(&b, "prensa", &many, &first);
	box_post(&b, "muro", &half, &broken);
	box_post(&b, "blog", &more, &last);
	box_wait(&b, &last.done);
	assert_int_equal(first.r, 0);
	assert_int_equal(broken.r, -EINVAL);
	assert_int_equal(last.r, 0);
	assert_int_equal(box_status(&b).mentions, TALLY_NAMES + 1);
	box_check_totals(&b);
	box_done(&b);
}

static void what_passes_a_bound_is_refused_whole(void **state)
{
	struct box b;
	struct found f = found_new();
	struct poll_got got = {.done = false};
	struct mention *m;
	size_t i;

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme");
	m = found_item(&f, ITEM_NEW, "2", "dos", NULL);
	m->n_hits = MENTION_HITS_MAX + 1;
	m->hits = ARENA_ARRAY(f.arena, struct hit, m->n_hits);
	for (i = 0; i < m->n_hits; i++)
		m->hits[i] = (struct hit){.topic = "t", .role = "brand"};
	store_add(b.store, m, on_poll, &got); /* by hand, too */
	box_wait(&b, &got.done);
	assert_int_equal(got.r, -EINVAL);
	got.done = false;
	box_post(&b, "prensa", &f, &got);
	box_wait(&b, &got.done);
	assert_int_equal(got.r, -EINVAL);
	assert_int_equal(box_status(&b).mentions, 0);
	box_done(&b);
}

struct all_got {
	bool done;
	size_t n;
	char names[64];
};

static void on_sources(void *arg, int r, const struct source_state *v, size_t n, struct arena **arena)
{
	struct all_got *got = arg;
	size_t i;

	(void)arena;
	assert_int_equal(r, 0);
	for (i = 0; i < n; i++) {
		snprintf(got->names + strlen(got->names), sizeof(got->names) - strlen(got->names), "%s,", v[i].name);
		assert_int_equal(v[i].next_ms, BOX_START_MS + 300000);
	}
	got->n = n;
	got->done = true;
}

static void poll_part(struct box *b, const char *key, enum item_state state, bool more)
{
	struct found f = found_new();
	struct poll_got got = {.done = false};
	struct poll_outcome o;

	found_item(&f, state, key, key, NULL);
	o = box_outcome("notas", &f);
	o.more = more;
	store_poll(b->store, &o, f.arena, on_poll, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

/* The files of a pattern come one after another: what one of them doesn't show, another may. */
static void keys_of_a_part_wait_for_the_last(void **state)
{
	static const char *const keys[] = {"a", "b", "c"};
	struct box b;
	struct store_source s;
	size_t i;

	(void)state;
	box_init(&b);
	poll_part(&b, "lost", ITEM_NEW, true);
	for (i = 0; i < 3; i++)
		poll_part(&b, keys[i], ITEM_NEW, i < 2);
	box_wall_ms += 2 * STORE_SEEN_DAYS * DAY_MS; /* nothing changed, nothing was read */
	for (i = 0; i < 3; i++) {
		s = load(&b, "notas");
		assert_int_equal(s.n_seen, 4);
		arena_free(s.arena);
		poll_part(&b, keys[i], ITEM_KNOWN, i < 2);
	}
	s = load(&b, "notas");
	assert_int_equal(s.n_seen, 3); /* but what no file shows any more has had its time */
	arena_free(s.arena);
	box_done(&b);
}

static void all_sources_come_by_name(void **state)
{
	static const char *const names[] = {"prensa", "lista/0f", "blog"};
	struct box b;
	struct all_got got = {.done = false};
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < ARRAY_LEN(names); i++)
		(void)box_poll(&b, names[i], found_new());
	store_sources(b.store, on_sources, &got);
	box_wait(&b, &got.done);
	assert_string_equal(got.names, "blog,lista/0f,prensa,");
	box_done(&b);
}

static void closing_does_all_that_was_asked_and_calls_everyone(void **state)
{
	struct box b;
	struct poll_got got[100] = {{.done = false}};
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < ARRAY_LEN(got); i++) {
		struct found f = found_new();
		char key[8];

		snprintf(key, sizeof(key), "%zu", i);
		found_item(&f, ITEM_NEW, key, "uno", "acme");
		box_post(&b, "prensa", &f, &got[i]);
	}
	assert_true(store_waiting(b.store) == 100);
	b.store = store_close(b.store);
	for (i = 0; i < ARRAY_LEN(got); i++)
		assert_true(got[i].done && got[i].r == 0);
	box_open(&b);
	assert_int_equal(box_status(&b).pending, 100);
	box_done(&b);
}

static void the_queue_has_a_bound(void **state)
{
	struct box b;
	struct poll_got *got = xcalloc(STORE_QUEUE_MAX + 1, sizeof(*got));
	sqlite3 *other;
	size_t i;

	(void)state;
	box_init(&b);
	assert_int_equal(sqlite3_open(box_path(&b, "escuchad.db"), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK); /* the writer stands */
	for (i = 0; i <= STORE_QUEUE_MAX; i++)
		store_outbox_sent(b.store, OUTBOX_HITS, NULL, 0, on_done, &got[i]);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	for (i = 0; i <= STORE_QUEUE_MAX; i++) {
		box_wait(&b, &got[i].done);
		assert_int_equal(got[i].r, i < STORE_QUEUE_MAX ? 0 : -ENOBUFS);
	}
	assert_int_equal(store_waiting(b.store), 0);
	free(got);
	box_done(&b);
}

static int64_t late_steady(void)
{
	return box_steady_ms += STORE_QUERY_MAX_MS + 1;
}

static void on_late(void *arg, int r, const struct store_row *v, size_t n)
{
	struct poll_got *got = arg;

	(void)v;
	assert_int_equal(n, 0);
	got->r = r;
	got->done = true;
}

static void a_question_has_a_deadline(void **state)
{
	static const struct clock_source late = {.wall_ms = box_wall, .steady_ms = late_steady};
	struct box b;
	struct poll_got got = {.done = false};
	size_t i, k;

	(void)state;
	box_init(&b);
	for (i = 0; i < 30; i++) {
		struct found f = found_new();

		for (k = 0; k < BOX_ROWS; k++) {
			char key[16];

			snprintf(key, sizeof(key), "%zu-%zu", i, k);
			found_item(&f, ITEM_NEW, key, "t", "acme");
		}
		(void)box_poll(&b, "prensa", f);
	}
	b.store = store_close(b.store);
	clock_replace(&late); /* each look at the clock is too late */
	box_open(&b);
	store_hits(b.store, &(struct store_hits_filter){.limit = 0}, on_late, &got);
	box_wait(&b, &got.done);
	assert_int_equal(got.r, -ETIMEDOUT);
	got.done = false;
	store_outbox_sent(b.store, OUTBOX_HITS, NULL, 0, on_done, &got); /* writes have none */
	box_wait(&b, &got.done);
	assert_int_equal(got.r, 0);
	box_done(&b);
}

static struct {
	struct box box;
	struct poll_got again;
} closing;

static void on_done_ask_again(void *arg, int r)
{
	on_done(arg, r);
	store_outbox_sent(closing.box.store, OUTBOX_HITS, NULL, 0, on_done, &closing.again);
}

enum { QUESTIONS = 1000 };
static size_t questions_answered, answered_before_the_load;

static void on_question(void *arg, int r, const struct store_status *status)
{
	(void)arg;
	(void)status;
	assert_int_equal(r, 0);
	questions_answered++;
}

static void on_load_between(void *arg, int r, struct store_source *source)
{
	bool *done = arg;

	(void)source;
	assert_int_equal(r, 0);
	answered_before_the_load = questions_answered;
	*done = true;
}

static void peoples_questions_keep_no_source_waiting(void **state)
{
	bool done = false;
	struct box b;
	size_t i;

	(void)state;
	box_init(&b);
	questions_answered = 0;
	for (i = 0; i < QUESTIONS; i++)
		store_status(b.store, on_question, NULL);
	store_source_load(b.store, "prensa", on_load_between, &done);
	box_wait(&b, &done);
	assert_true(answered_before_the_load < QUESTIONS);
	box_done(&b);
	assert_int_equal(questions_answered, QUESTIONS);
}

static void asking_a_store_that_closes_is_cancelled(void **state)
{
	struct poll_got first = {.done = false};

	(void)state;
	box_init(&closing.box);
	store_outbox_sent(closing.box.store, OUTBOX_HITS, NULL, 0, on_done_ask_again, &first);
	store_close(closing.box.store);
	assert_int_equal(first.r, 0);
	assert_true(closing.again.done);
	assert_int_equal(closing.again.r, -ECANCELED);
	closing.box.store = NULL;
	box_done(&closing.box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_poll_is_there_whole_also_after_a_restart),
		cmocka_unit_test(a_source_not_known_is_said_so),
		cmocka_unit_test(a_state_alone_keeps_keys_and_texts_to_the_letter),
		cmocka_unit_test(marks_move_times_and_nothing_else),
		cmocka_unit_test(many_marks_are_each_their_sources),
		cmocka_unit_test(a_double_is_noted_and_not_stored_again),
		cmocka_unit_test(a_second_source_with_a_topic_makes_it_a_hit_once),
		cmocka_unit_test(what_a_second_source_says_in_other_words_is_its_own),
		cmocka_unit_test(counts_are_their_first_source_s_to_say),
		cmocka_unit_test(what_entered_has_the_topics_it_entered_with),
		cmocka_unit_test(an_edit_is_a_version),
		cmocka_unit_test(what_is_told_by_another_key_is_the_same_mention),
		cmocka_unit_test(versions_have_a_bound),
		cmocka_unit_test(counts_keep_each_change_with_its_time),
		cmocka_unit_test(counts_have_a_bound),
		cmocka_unit_test(baseline_goes_to_log_and_stream_marked),
		cmocka_unit_test(a_hand_made_mention_is_one_like_others),
		cmocka_unit_test(a_failure_in_a_group_is_its_own),
		cmocka_unit_test(counts_are_exact_for_many_names),
		cmocka_unit_test(what_passes_a_bound_is_refused_whole),
		cmocka_unit_test(keys_of_a_part_wait_for_the_last),
		cmocka_unit_test(all_sources_come_by_name),
		cmocka_unit_test(the_queue_has_a_bound),
		cmocka_unit_test(a_question_has_a_deadline),
		cmocka_unit_test(peoples_questions_keep_no_source_waiting),
		cmocka_unit_test(asking_a_store_that_closes_is_cancelled),
		cmocka_unit_test(closing_does_all_that_was_asked_and_calls_everyone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
