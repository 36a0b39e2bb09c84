/* store/story, store/author: which story each hit is of, whether it counts, and what is kept of who spoke; after crashes, too. */
#include "store_box.h"

#include "mention/print.h"

/* A fingerprint of an article or a post that is like no other but the one with the same seed. */
static const struct print *print_like(struct arena *a, uint32_t seed)
{
	struct print *p = ARENA_NEW(a, struct print);
	size_t i;

	*p = (struct print){.exact = seed, .words = 20, .parts = 40};
	for (i = 0; i < PRINT_MINS; i++)
		p->min[i] = seed * 1000 + (uint32_t)i;
	return p;
}

struct said {
	const char *key, *handle, *kind, *host, *topic;
	uint32_t seed; /* 0: no fingerprint */
	int64_t followers;
};

static struct mention *say(struct found *f, const struct said *s)
{
	struct mention *m = found_item(f, ITEM_NEW, s->key, s->key, s->topic ? s->topic : "acme");

	m->platform = s->kind && !strcmp(s->kind, "article") ? "feed" : "mastodon";
	m->kind = s->kind ? s->kind : "post";
	m->author.handle = s->handle;
	m->author.followers = s->followers ? s->followers : COUNT_NONE;
	m->url = arena_printf(f->arena, "https://%s/%s", s->host ? s->host : "red.example", s->key);
	m->print = s->seed ? print_like(f->arena, s->seed) : NULL;
	return m;
}

static void said_alone(struct box *b, const char *source, const struct said *s)
{
	struct found f = found_new();

	(void)say(&f, s);
	assert_int_equal(box_poll(b, source, f).hits, 1);
}

/* "story" and why it does not count, as the JSON of a mention has them. */
struct placed {
	char story[17], uncounted[16];
	bool vip;
};

static struct placed place_of(struct box *b, const char *key)
{
	struct rows rows = {.n = 0};
	struct placed p = {"", "", false};
	const char *s;

	box_mention(b, key, &rows);
	assert_int_equal(rows.n, 1);
	s = strstr(rows.json[0], "\"story\":\"");
	if (s)
		snprintf(p.story, sizeof(p.story), "%.16s", s + 9);
	s = strstr(rows.json[0], "\"uncounted\":\"");
	if (s)
		snprintf(p.uncounted, sizeof(p.uncounted), "%.*s", (int)strcspn(s + 13, "\""), s + 13);
	p.vip = strstr(rows.json[0], "\"vip\":true") != NULL;
	rows_done(&rows);
	return p;
}

static bool one_story(struct box *b, const char *x, const char *y)
{
	struct placed px = place_of(b, x), py = place_of(b, y);

	assert_int_equal(strlen(px.story), 16);
	return strcmp(px.story, py.story) == 0;
}

static void the_same_text_of_many_people_is_one_story_and_counts_as_many(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"1", "@ana", .seed = 7, .followers = 100});
	said_alone(&b, "red", &(struct said){"2", "@luis", .seed = 7, .followers = 50});
	said_alone(&b, "otra", &(struct said){"3", "ANA", .seed = 7, .followers = 110});
	said_alone(&b, "red", &(struct said){"4", "@eva", .seed = 8});
	assert_true(one_story(&b, "1", "2"));
	assert_true(one_story(&b, "1", "3"));
	assert_false(one_story(&b, "1", "4"));
	assert_string_equal(place_of(&b, "1").uncounted, "");
	assert_string_equal(place_of(&b, "2").uncounted, "");
	assert_string_equal(place_of(&b, "3").uncounted, "repeat");
	assert_int_equal(
		box_number(&b,
			   "SELECT mentions * 1000 + counted * 100 + voices * 10 + sources FROM story WHERE id = 1"),
		3222);
	assert_int_equal(box_number(&b, "SELECT reach * 10 + known FROM story WHERE id = 1"), 1502);
	assert_int_equal(box_number(&b, "SELECT reach * 10 + known FROM story WHERE id = 2"), 0);
	box_check_totals(&b);
	box_done(&b);
}

/* Of what sites take over from each other the first alone counts; who speaks of it on a network counts, too. */
static void syndicated_articles_count_once(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"0", "@ana", .seed = 7});
	said_alone(&b, "uno", &(struct said){"1", NULL, "article", "www.uno.example", .seed = 7});
	said_alone(&b, "dos", &(struct said){"2", NULL, "article", "dos.example", .seed = 7});
	said_alone(&b, "uno", &(struct said){"3", NULL, "article", "uno.example", .seed = 7});
	said_alone(&b, "red", &(struct said){"4", NULL, .seed = 7});
	said_alone(&b, "red", &(struct said){"5", NULL, .seed = 7});
	assert_string_equal(place_of(&b, "1").uncounted, "");
	assert_string_equal(place_of(&b, "2").uncounted, "syndicated");
	assert_string_equal(place_of(&b, "3").uncounted, "repeat");
	assert_string_equal(place_of(&b, "4").uncounted, ""); /* nobody is named: nobody is known to repeat */
	assert_string_equal(place_of(&b, "5").uncounted, "");
	assert_int_equal(box_number(&b, "SELECT counted FROM story"), 4);
	box_done(&b);
}

static void listed_voices_are_marked_and_do_not_count(void **state)
{
	static const struct voice_name vip[] = {{true, "ana"}}, ignore[] = {{false, "copias.example"}, {true, "bot"}};
	struct store_config config;
	struct box b;

	(void)state;
	box_init(&b);
	config = b.config;
	config.vip = (struct voice_names){vip, 1};
	config.ignore = (struct voice_names){ignore, 2};
	store_configure(b.store, &config);
	said_alone(&b, "red", &(struct said){"1", "@Bot", .seed = 7, .followers = 5});
	said_alone(&b, "red", &(struct said){"2", "@ana", .seed = 7});
	said_alone(&b, "web", &(struct said){"3", NULL, "article", "www.copias.example", .seed = 7});
	assert_string_equal(place_of(&b, "1").uncounted, "ignored");
	assert_true(place_of(&b, "2").vip);
	assert_string_equal(place_of(&b, "2").uncounted, "");
	assert_string_equal(place_of(&b, "3").uncounted, "ignored");
	assert_int_equal(box_number(&b, "SELECT mentions * 10 + counted FROM story"), 31);
	assert_int_equal(box_number(&b, "SELECT reach FROM story"), 0);
	box_done(&b);
}

static void stories_go_on_after_a_restart_and_end_after_three_days(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"1", "@ana", .seed = 7});
	box_reopen(&b);
	box_wall_ms += 3 * DAY_MS;
	said_alone(&b, "red", &(struct said){"2", "@ana", .seed = 7});
	assert_true(one_story(&b, "1", "2"));
	assert_string_equal(place_of(&b, "2").uncounted, "repeat");
	box_wall_ms += 1;
	said_alone(&b, "red", &(struct said){"3", "@ana", .seed = 7});
	assert_false(one_story(&b, "1", "3"));
	assert_string_equal(place_of(&b, "3").uncounted, "");
	box_reopen(&b);
	said_alone(&b, "red", &(struct said){"4", "@eva", .seed = 7});
	assert_true(one_story(&b, "3", "4"));
	box_done(&b);
}

/* A request that fails, past a bound, leaves no leader behind: what is like it begins a story of its own. Its neighbours of the
 * same transaction stay. */
static void a_hit_that_failed_leaves_no_ghost(void **state)
{
	struct poll_got good = {.done = false}, bad = {.done = false};
	struct found f = found_new(), g = found_new();
	static struct span spans[MENTION_SPANS_MAX + 1];
	struct mention *m;
	struct box b;

	(void)state;
	box_init(&b);
	(void)say(&g, &(struct said){"0", "@eva", .seed = 9});
	(void)say(&f, &(struct said){"1", "@ana", .seed = 7});
	m = say(&f, &(struct said){"2", "@luis", .seed = 8});
	m->hits->spans = spans;
	m->hits->n_spans = MENTION_SPANS_MAX + 1; /* -EINVAL, when the first is in the transaction already */
	box_post(&b, "red", &g, &good);
	box_post(&b, "red", &f, &bad);
	box_wait(&b, &good.done);
	box_wait(&b, &bad.done);
	assert_int_equal(good.r, 0);
	assert_int_equal(bad.r, -EINVAL);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story"), 1);
	said_alone(&b, "red", &(struct said){"3", "@luis", .seed = 7});
	said_alone(&b, "red", &(struct said){"4", "@luis", .seed = 9});
	assert_string_equal(place_of(&b, "3").uncounted, "");
	assert_true(one_story(&b, "0", "4"));
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story"), 2);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM author"), 2);
	box_done(&b);
}

/* An edit, and the same item at another source, are no new mentions; what has no fingerprint is a story of its own. */
static void what_is_no_new_mention_is_in_no_story_twice(void **state)
{
	struct found f = found_new();
	struct mention *m;
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"1", "@ana", .seed = 0});
	said_alone(&b, "red", &(struct said){"2", "@ana", .seed = 0});
	assert_false(one_story(&b, "1", "2"));
	m = found_item(&f, ITEM_EDITED, "1", "otras palabras", "acme");
	m->platform = "mastodon";
	m->author.handle = "ana";
	m->print = print_like(f.arena, 7);
	(void)box_poll(&b, "red", f);
	assert_int_equal(box_number(&b, "SELECT sum(mentions) FROM story"), 2);
	assert_int_equal(box_number(&b, "SELECT mentions FROM author"), 2);
	assert_int_equal(strlen(place_of(&b, "1").story), 16);
	box_done(&b);
}

static void an_authors_line_adds_up(void **state)
{
	struct found f = found_new();
	struct mention *m;
	struct box b;

	(void)state;
	box_init(&b);
	m = say(&f, &(struct said){"1", "@Ana", .seed = 7, .followers = 100});
	m->sentiment.label = "negative";
	m->counts.likes = 3;
	m->author.verified = VERIFIED_YES;
	m = say(&f, &(struct said){"2", "ana", .seed = 8, .followers = 90});
	m->sentiment.label = "positive";
	(void)say(&f, &(struct said){"3", NULL, .seed = 9});
	(void)box_poll(&b, "red", f);
	f = found_new();
	(void)found_item(&f, ITEM_COUNTED, "1", NULL, NULL);
	f.answer.items[0].counts =
		(struct mention_counts){.likes = 10, .shares = 2, .replies = COUNT_NONE, .views = 1000};
	box_wall_ms += 1000;
	(void)box_poll(&b, "red", f);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM author"), 1);
	assert_int_equal(
		box_number(&b, "SELECT mentions * 1000 + negative * 100 + neutral * 10 + positive FROM author"), 2101);
	assert_int_equal(box_number(&b, "SELECT followers FROM author"), 100);
	assert_int_equal(box_number(&b, "SELECT interactions * 10 + verified FROM author"), 121);
	box_done(&b);
}

/* What is over is forgotten in its time: prints and parts with the story, numbers with the hits. */
static void what_is_over_is_swept_away(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"1", "@ana", .seed = 7});
	said_alone(&b, "red", &(struct said){"2", "@luis", .seed = 7});
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_part"), 1);
	box_wall_ms += 4 * DAY_MS;
	box_reopen(&b); /* the sweep is of each start */
	box_until(&b, search_lag, 0);
	said_alone(&b, "red", &(struct said){"3", "@eva", .seed = 9});
	for (int i = 0; i < 500 && box_number(&b, "SELECT count(*) FROM story_part"); i++)
		poll(NULL, 0, 20);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_part"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_print"), 1);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story"), 2);
	box_wall_ms += 91 * DAY_MS;
	box_reopen(&b);
	for (int i = 0; i < 500 && box_number(&b, "SELECT count(*) FROM author"); i++)
		poll(NULL, 0, 20);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM author"), 0);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_text_of_many_people_is_one_story_and_counts_as_many),
		cmocka_unit_test(syndicated_articles_count_once),
		cmocka_unit_test(listed_voices_are_marked_and_do_not_count),
		cmocka_unit_test(stories_go_on_after_a_restart_and_end_after_three_days),
		cmocka_unit_test(a_hit_that_failed_leaves_no_ghost),
		cmocka_unit_test(what_is_no_new_mention_is_in_no_story_twice),
		cmocka_unit_test(an_authors_line_adds_up),
		cmocka_unit_test(what_is_over_is_swept_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
