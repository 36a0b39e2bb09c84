/* Hits whose counts are due again, and what becomes of one that was judged by them. */
#include "store_box.h"

#include "mention/again.h"
#include "store/again.h"
#include "store/growth.h"

struct due_got {
	bool done;
	size_t n;
	char ids[BOX_ROWS][64];
	struct stream_id marks[AGAIN_STEPS_MAX];
};

static void on_due(void *arg, int r, const struct again_due *due, struct arena **arena)
{
	struct due_got *got = arg;
	size_t i;

	(void)arena;
	assert_int_equal(r, 0);
	got->n = due->n;
	for (i = 0; i < due->n; i++)
		snprintf(got->ids[i], sizeof(got->ids[i]), "%s", due->v[i].guid);
	memcpy(got->marks, due->marks, sizeof(got->marks));
	got->done = true;
}

static struct due_got due(struct box *b, const char *source, const struct again_step *steps, size_t n, size_t limit)
{
	struct again_ask ask = {.source = source, .now_ms = box_wall_ms, .n_steps = n, .limit = limit};
	struct due_got got = {.done = false};

	memcpy(ask.steps, steps, n * sizeof(*steps));
	store_again(b->store, &ask, on_due, &got);
	box_wait(b, &got.done);
	return got;
}

/* The mention again, with so many likes, and met by that rule; NULL: by none. */
static struct mention *judged(struct found *f, const char *key, int64_t likes, const char *rule)
{
	struct mention *m = found_item(f, ITEM_NEW, key, "uno", rule ? "acme" : NULL);
	struct item_mark *item = &f->answer.items[f->answer.n_items - 1];

	item->state = ITEM_JUDGED;
	m->counts.likes = item->counts.likes = likes;
	if (rule) {
		const char **rules = ARENA_ARRAY(f->arena, const char *, 1);

		rules[0] = rule;
		m->hits[0].rules = rules;
		m->hits[0].n_rules = 1;
	}
	return m;
}

static void three_come(struct box *b, const char *source, const char *const keys[3])
{
	struct found f = found_new();
	size_t i;

	for (i = 0; i < 3; i++)
		(void)found_item(&f, ITEM_NEW, keys[i], "uno", "acme");
	(void)box_poll(b, source, f);
}

static void what_is_due_is_told_once_a_step(void **state)
{
	struct again_step steps[] = {{MINUTE_MS, {BOX_START_MS - MINUTE_MS, 0}},
				     {HOUR_MS, {BOX_START_MS - HOUR_MS, 0}}};
	struct due_got got;
	struct box b;

	(void)state;
	box_init(&b);
	three_come(&b, "prensa", (const char *const[]){"1", "2", "3"});
	three_come(&b, "otra", (const char *const[]){"4", "5", "6"});
	assert_int_equal(due(&b, "prensa", steps, 2, 10).n, 0); /* too young */
	box_wall_ms += 2 * MINUTE_MS;
	got = due(&b, "prensa", steps, 2, 2);
	assert_int_equal(got.n, 2); /* no more than was asked for: the mark stands at the last of them */
	assert_string_equal(got.ids[0], "https://example.com/1");
	steps[0].mark = got.marks[0];
	got = due(&b, "prensa", steps, 2, 2);
	assert_int_equal(got.n, 1);
	assert_string_equal(got.ids[0], "https://example.com/3");
	steps[0].mark = got.marks[0];
	assert_int_equal(steps[0].mark.ms, box_wall_ms - MINUTE_MS);
	assert_int_equal(due(&b, "prensa", steps, 2, 10).n, 0);
	box_wall_ms += 2 * HOUR_MS;
	got = due(&b, "prensa", steps, 2, 10);
	assert_int_equal(got.n, 3); /* of the longer step */
	steps[0].mark = (struct stream_id){BOX_START_MS - 1, 0};
	assert_int_equal(due(&b, "prensa", steps, 2, 10).n, 3); /* due to both: once */
	assert_int_equal(due(&b, "nadie", steps, 2, 10).n, 0);
	box_done(&b);
}

static void a_first_polls_are_left_alone(void **state)
{
	const struct again_step step = {MINUTE_MS, {BOX_START_MS - MINUTE_MS, 0}};
	struct found f = found_new();
	struct box b;

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme")->baseline = true;
	(void)found_item(&f, ITEM_NEW, "2", "dos", NULL); /* and so is what is no hit */
	(void)box_poll(&b, "prensa", f);
	box_wall_ms += HOUR_MS;
	assert_int_equal(due(&b, "prensa", &step, 1, 10).n, 0);
	box_done(&b);
}

static void what_gains_a_rule_enters_once_more(void **state)
{
	static const bool sent[] = {false, true};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sent); i++) {
		struct rows rows = {.n = 0}, before = {.n = 0};
		struct found f = found_new();
		struct poll_result result;
		struct box b;

		box_init(&b);
		three_come(&b, "prensa", (const char *const[]){"1", "2", "3"});
		box_outbox(&b, (struct stream_id){.ms = 0}, &before);
		if (sent[i])
			box_sent(&b, before.id, before.n);
		box_wall_ms += MINUTE_MS;
		(void)judged(&f, "1", 700, "viral");
		(void)judged(&f, "2", 7, "near"); /* which it had met */
		(void)judged(&f, "3", 8, NULL);
		result = box_poll(&b, "prensa", f);
		assert_int_equal(result.raised, 1);
		assert_int_equal(result.hits, 0);
		assert_int_equal(result.counted, 3);
		box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
		assert_int_equal(rows.n, sent[i] ? 1 : 3);
		assert_int_equal(stream_id_cmp(rows.id[rows.n - 1], result.last), 0);
		assert_int_equal(rows.id[rows.n - 1].ms, box_wall_ms);
		assert_non_null(strstr(rows.names[rows.n - 1], "acme|loud,near,viral|crisis|"));
		assert_non_null(strstr(rows.json[rows.n - 1], "\"likes\":700"));
		assert_int_equal(box_number(&b, "SELECT count(*) FROM stream"), 3);
		assert_int_equal(box_number(&b, "SELECT count(*) FROM hit"), 3);
		box_check_totals(&b);
		box_reopen(&b); /* and after a restart it is the same */
		box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
		assert_int_equal(rows.n, sent[i] ? 1 : 3);
		box_sent(&b, rows.id, rows.n);
		f = found_new();
		(void)judged(&f, "1", 900, "viral"); /* met already */
		assert_int_equal(box_poll(&b, "prensa", f).raised, 0);
		box_mention(&b, "1", &rows);
		assert_non_null(strstr(rows.json[0], "\"likes\":900"));
		box_check_totals(&b);
		rows_done(&rows);
		rows_done(&before);
		box_done(&b);
	}
}

static void what_is_not_its_sources_or_not_there_is_no_matter(void **state)
{
	struct found f = found_new();
	struct poll_result result;
	struct box b;

	(void)state;
	box_init(&b);
	three_come(&b, "prensa", (const char *const[]){"1", "2", "3"});
	(void)judged(&f, "1", 700, "viral");
	(void)judged(&f, "9", 700, "viral");
	result = box_poll(&b, "otra", f);
	assert_int_equal(result.raised + result.hits + result.new_mentions, 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM mention WHERE likes IS NOT NULL"), 0);
	box_done(&b);
}

static void where_nothing_is_sent_it_moves_up_in_the_log(void **state)
{
	struct found f = found_new();
	struct rows rows = {.n = 0};
	struct box b;

	(void)state;
	box_init(&b);
	b.config.outbox = false;
	store_configure(b.store, &b.config);
	three_come(&b, "prensa", (const char *const[]){"1", "2", "3"});
	box_wall_ms += MINUTE_MS;
	(void)judged(&f, "1", 700, "viral");
	assert_int_equal(box_poll(&b, "prensa", f).raised, 1);
	box_hits(&b, (struct store_hits_filter){.limit = 1}, &rows);
	assert_non_null(strstr(rows.json[0], "viral"));
	assert_int_equal(box_status(&b).pending, 0);
	box_check_totals(&b);
	rows_done(&rows);
	box_done(&b);
}

static void what_was_no_hit_enters_as_any(void **state)
{
	struct found f = found_new();
	struct poll_result result;
	struct box b;

	(void)state;
	box_init(&b);
	(void)found_item(&f, ITEM_NEW, "1", "uno", NULL);
	(void)box_poll(&b, "prensa", f);
	f = found_new();
	(void)judged(&f, "1", 700, "viral");
	result = box_poll(&b, "prensa", f);
	assert_int_equal(result.hits, 1);
	assert_int_equal(result.raised, 0);
	assert_int_equal(box_status(&b).pending, 1);
	box_done(&b);
}

static void the_pace_is_that_of_the_steepest_hour(void **state)
{
	static const struct growth_point slow[] = {{0, 0}, {HOUR_MS, 10}, {2 * HOUR_MS, 100}, {4 * HOUR_MS, 120}};
	static const struct growth_point near_by[] = {{0, 0}, {1000, 50}, {2 * MINUTE_MS, 50}};
	static const struct growth_point falls[] = {{0, 9}, {HOUR_MS, 3}};

	(void)state;
	assert_true(growth_of(slow, 4) == 90);
	assert_true(growth_of(near_by, 2) < 0); /* two looks within a second */
	assert_true(growth_of(near_by, 3) == 50 * 30);
	assert_true(growth_of(falls, 2) == 0);
	assert_true(growth_of(falls, 1) < 0);
	assert_true(growth_of(NULL, 0) < 0);
}

struct growth_got {
	bool done;
	struct growth growth;
};

static void on_growth(void *arg, int r, const struct growth *growth)
{
	struct growth_got *got = arg;

	assert_int_equal(r, 0);
	got->growth = *growth;
	got->done = true;
}

static struct growth growth(struct box *b, const char *topic, int64_t since_ms)
{
	struct growth_got got = {.done = false};

	store_growth(b->store, topic, since_ms, on_growth, &got);
	box_wait(b, &got.done);
	return got.growth;
}

static void the_fastest_post_of_a_topic(void **state)
{
	uint8_t id[MENTION_ID_BYTES];
	struct found f = found_new();
	struct box b;

	(void)state;
	box_init(&b);
	three_come(&b, "prensa", (const char *const[]){"1", "2", "3"});
	assert_true(growth(&b, "acme", BOX_START_MS).per_hour < 0);
	box_wall_ms += HOUR_MS;
	(void)judged(&f, "1", 40, NULL);
	(void)judged(&f, "2", 900, NULL);
	(void)box_poll(&b, "prensa", f);
	mention_identity("test", "2", id);
	assert_true(growth(&b, "acme", BOX_START_MS).per_hour == 900);
	assert_memory_equal(growth(&b, "acme", BOX_START_MS).id, id, sizeof(id));
	assert_true(growth(&b, "otro", BOX_START_MS).per_hour < 0);
	box_wall_ms += 2 * HOUR_MS;
	f = found_new();
	(void)judged(&f, "1", 140, NULL);
	(void)box_poll(&b, "prensa", f);
	assert_true(growth(&b, "acme", BOX_START_MS + HOUR_MS).per_hour == 50); /* the last hours alone */
	box_done(&b);
}

static void the_fastest_negative_post(void **state)
{
	struct found f = found_new();
	struct growth got;
	struct box b;
	int i;

	(void)state;
	box_init(&b);
	for (i = 0; i < 4; i++) {
		struct mention *m =
			found_item(&f, ITEM_NEW, (const char *const[]){"1", "2", "3", "4"}[i], "uno", "acme");

		m->sentiment.label = i == 1 || i == 2 ? "negative" : "neutral";
		m->own = i == 2;
	}
	(void)box_poll(&b, "prensa", f);
	box_wall_ms += HOUR_MS;
	f = found_new();
	(void)judged(&f, "1", 900, NULL);
	(void)judged(&f, "2", 300, NULL);
	(void)judged(&f, "3", 5000, NULL); /* an own one does not count */
	(void)judged(&f, "4", 0, NULL);
	(void)box_poll(&b, "prensa", f);
	got = growth(&b, "acme", BOX_START_MS);
	assert_true(got.per_hour == 900);
	assert_true(got.negative == 300);
	box_done(&b);
}

static const struct poll_gain *gain;
static struct poll_gain gain_seen;
static char gain_rules[64];

/* What is borrowed is looked at while it is there. */
static void on_raised(void *arg, int r, const struct poll_result *result)
{
	bool *done = arg;
	size_t i;

	assert_int_equal(r, 0);
	assert_int_equal(result->n_gained, 1);
	gain_seen = result->gained[0];
	gain = &gain_seen;
	gain_rules[0] = '\0';
	for (i = 0; i < gain->m->n_hits; i++)
		snprintf(gain_rules + strlen(gain_rules), sizeof(gain_rules) - strlen(gain_rules), "%s:%s ",
			 gain->m->hits[i].topic, gain->m->hits[i].n_rules ? gain->m->hits[i].rules[0] : "");
	assert_int_equal(gain->m->seen_ms, BOX_START_MS);
	*done = true;
}

static void what_was_gained_is_told(void **state)
{
	struct found f = found_new();
	struct poll_outcome o = {.state = {.name = "prensa", .platform = "feed"}};
	struct hit hits[2];
	struct mention *m;
	bool done = false;
	struct box b;

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme")->seen_ms = BOX_START_MS;
	(void)box_poll(&b, "prensa", f);
	box_wall_ms += HOUR_MS;
	f = found_new();
	m = judged(&f, "1", 900, "viral");
	hits[0] = m->hits[0];
	hits[1] = (struct hit){.topic = "otro", .role = "brand"};
	m->hits = hits;
	m->n_hits = 2;
	o.answer = &f.answer;
	o.now_ms = box_wall_ms;
	store_poll(b.store, &o, f.arena, on_raised, &done);
	box_wait(&b, &done);
	assert_int_equal(gain_seen.n_new, 1);
	assert_string_equal(gain_rules, "otro: acme:viral ");
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_is_told_once_a_step),
		cmocka_unit_test(a_first_polls_are_left_alone),
		cmocka_unit_test(what_gains_a_rule_enters_once_more),
		cmocka_unit_test(what_is_not_its_sources_or_not_there_is_no_matter),
		cmocka_unit_test(where_nothing_is_sent_it_moves_up_in_the_log),
		cmocka_unit_test(what_was_no_hit_enters_as_any),
		cmocka_unit_test(the_pace_is_that_of_the_steepest_hour),
		cmocka_unit_test(the_fastest_post_of_a_topic),
		cmocka_unit_test(the_fastest_negative_post),
		cmocka_unit_test(what_was_gained_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
