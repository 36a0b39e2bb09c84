/* store/story, store/author: which story each hit is of, whether it counts, and what is kept of who spoke; after crashes, too. */
#include "store_box.h"

#include "mention/print.h"
#include "mention/voice.h"
#include "store/author.h"
#include "store/forget.h"
#include "store/ledger.h"
#include "store/toned.h"

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
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story"),
			 1); /* who says it alone makes no story of it yet */
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

/* The same words, by the same site, of another brand: they count for that one, as its first; after a start as before. */
static void what_is_said_alike_of_another_topic_is_another_story(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "uno", &(struct said){"1", NULL, "article", "uno.example", .seed = 7});
	said_alone(&b, "uno", &(struct said){"2", NULL, "article", "uno.example", "andina", 7});
	box_reopen(&b);
	said_alone(&b, "dos", &(struct said){"3", NULL, "article", "dos.example", "sierra", 7});
	said_alone(&b, "uno", &(struct said){"4", NULL, "article", "uno.example", "andina", 7});
	assert_false(one_story(&b, "1", "2"));
	assert_true(one_story(&b, "2", "4"));
	assert_string_equal(place_of(&b, "2").uncounted, "");
	assert_string_equal(place_of(&b, "3").uncounted, "");
	assert_string_equal(place_of(&b, "4").uncounted, "repeat");
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

/* What a story begins with is known when its second mention comes, though escuchad was killed or started anew in between, and
 * its leader is no longer kept. */
static void a_story_begins_with_what_its_leader_was(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	b.config.keep_hits_ms = DAY_MS;
	store_configure(b.store, &b.config);
	said_alone(&b, "uno", &(struct said){"1", NULL, "article", "uno.example", .seed = 7, .followers = 100});
	said_alone(&b, "uno", &(struct said){"2", "@ana", .seed = 8, .followers = 30});
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story"), 0);
	box_wall_ms += 2 * DAY_MS;
	box_reopen(&b);
	for (int i = 0; i < 500 && box_number(&b, "SELECT count(*) FROM mention"); i++)
		poll(NULL, 0, 20);
	said_alone(&b, "dos", &(struct said){"3", NULL, "article", "dos.example", .seed = 7, .followers = 5});
	said_alone(&b, "uno", &(struct said){"4", "@ana", .seed = 8, .followers = 30});
	assert_string_equal(place_of(&b, "3").uncounted, "syndicated");
	assert_string_equal(place_of(&b, "4").uncounted, "repeat");
	assert_int_equal(box_number(&b, "SELECT mentions * 10000 + counted * 1000 + voices * 100 + sources * 10 + "
					"articles FROM story WHERE id = 1"),
			 21221);
	assert_int_equal(box_number(&b, "SELECT reach * 10 + known FROM story WHERE id = 1"), 1052);
	assert_int_equal(
		box_number(&b,
			   "SELECT mentions * 1000 + counted * 100 + voices * 10 + sources FROM story WHERE id = 2"),
		2111);
	assert_int_equal(box_number(&b, "SELECT reach * 10 + known FROM story WHERE id = 2"), 301);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story WHERE first < last"), 2);
	box_done(&b);
}

/* As the log had it up to version 11: a row each, also of those that stand alone, under numbers of their own. */
static const char to_version_11[] =
	"DROP TABLE story; DROP TABLE story_leader; DROP TABLE story_part; DROP TABLE canary; DROP TABLE "
	"incident_change; DROP TABLE incident_erase; DELETE FROM mark WHERE name = 'incidents';"
	"CREATE TABLE story (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, leader INTEGER NOT NULL, first INTEGER NOT "
	"NULL,"
	" last INTEGER NOT NULL, mentions INTEGER NOT NULL, counted INTEGER NOT NULL, voices INTEGER NOT NULL, sources "
	"INTEGER NOT NULL, articles INTEGER NOT NULL, reach INTEGER NOT NULL, known INTEGER NOT NULL, voice INTEGER "
	"NOT NULL, "
	"source INTEGER NOT NULL) STRICT;"
	"CREATE INDEX story_leader ON story (leader);"
	"CREATE TABLE story_print (story INTEGER PRIMARY KEY, first INTEGER NOT NULL, print BLOB NOT NULL) STRICT;"
	"CREATE TABLE story_part (story INTEGER NOT NULL, kind INTEGER NOT NULL, what INTEGER NOT NULL,"
	" PRIMARY KEY (story, kind, what)) STRICT, WITHOUT ROWID;"
	/* each numbered by how many leaders are not older, so that its number is another's mention's */
	"INSERT INTO story SELECT (SELECT count(*) FROM old_leader WHERE story <= p.story), p.key, p.story, p.first, "
	"coalesce(s.last, "
	"p.first), coalesce(s.mentions, 1), coalesce(s.counted, p.counted), coalesce(s.voices, 1), coalesce(s.sources, "
	"1), "
	"coalesce(s.articles, p.article), coalesce(s.reach, p.reach), coalesce(s.known, p.known), p.voice, p.source "
	"FROM "
	"old_leader p LEFT JOIN old_story s ON s.id = p.story;"
	"INSERT INTO story_print SELECT s.id, p.first, p.print FROM old_leader p JOIN story s ON s.leader = p.story;"
	"INSERT INTO story_part SELECT s.id, p.kind, p.what FROM old_part p JOIN story s ON s.leader = p.story;"
	"DROP TABLE old_story; DROP TABLE old_leader; DROP TABLE old_part; DROP TABLE evidence; DROP TABLE answer; "
	"DROP TABLE answer_hit; "
	"DROP TABLE delivery; DROP TABLE link_key; DROP TABLE link_used; DROP TABLE chat_of; DROP TABLE chat_place; "
	"DROP TABLE mute; DROP TABLE sent_as; DROP TABLE erase; DROP TABLE former; PRAGMA user_version = 11;";

static void stories_of_an_older_log_go_on(void **state)
{
	struct box b;
	sqlite3 *db;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"0", NULL});
	said_alone(&b, "red", &(struct said){"1", "@ana", .seed = 7, .followers = 100});
	said_alone(&b, "red", &(struct said){"2", "@ana", .seed = 8, .followers = 10});
	said_alone(&b, "otra", &(struct said){"3", "@luis", .seed = 8, .followers = 1});
	b.store = store_close(b.store);
	assert_int_equal(sqlite3_open(box_path(&b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			     "CREATE TABLE old_story AS SELECT * FROM story; CREATE TABLE old_leader AS SELECT "
			     "* FROM story_leader; CREATE TABLE old_part AS SELECT * FROM story_part;",
			     NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, to_version_11, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	box_open(&b);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story"), 1); /* that of two */
	said_alone(&b, "red", &(struct said){"4", "@eva", .seed = 7, .followers = 20});
	said_alone(&b, "red", &(struct said){"5", "@luis", .seed = 8, .followers = 1});
	assert_true(one_story(&b, "1", "4"));
	assert_true(one_story(&b, "2", "5"));
	assert_string_equal(place_of(&b, "5").uncounted, "repeat");
	assert_int_equal(
		box_number(&b,
			   "SELECT mentions * 1000 + counted * 100 + voices * 10 + sources FROM story WHERE id = 2"),
		2221);
	assert_int_equal(box_number(&b, "SELECT reach FROM story WHERE id = 2"), 120);
	assert_int_equal(
		box_number(&b,
			   "SELECT mentions * 1000 + counted * 100 + voices * 10 + sources FROM story WHERE id = 3"),
		3222);
	assert_int_equal(box_number(&b, "SELECT reach FROM story WHERE id = 3"), 11);
	box_check_totals(&b);
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
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_leader"), 1);
	said_alone(&b, "red", &(struct said){"3", "@luis", .seed = 7});
	said_alone(&b, "red", &(struct said){"4", "@luis", .seed = 9});
	assert_string_equal(place_of(&b, "3").uncounted, "");
	assert_true(one_story(&b, "0", "4"));
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_leader"), 2);
	assert_int_equal(box_number(&b, "SELECT sum(mentions) FROM story"), 2);
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
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_leader"), 0);
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

/* What a poll says of an author and what it changes of what was said before share one line, in whatever order. */
static void an_authors_line_moves_with_what_is_just_said(void **state)
{
	struct found f = found_new();
	struct box b;

	(void)state;
	box_init(&b);
	say(&f, &(struct said){"1", "@ana"})->counts.likes = 3;
	(void)say(&f, &(struct said){"2", "@luis"});
	(void)box_poll(&b, "red", f);
	f = found_new();
	say(&f, &(struct said){"3", "@ana"})->counts.likes = 20;
	(void)found_item(&f, ITEM_COUNTED, "1", NULL, NULL);
	f.answer.items[1].counts.likes = 10; /* 7 more */
	(void)found_item(&f, ITEM_COUNTED, "2", NULL, NULL);
	f.answer.items[2].counts.shares = 4;
	say(&f, &(struct said){"4", "@luis"})->author.name = "Luis";
	box_wall_ms += 1000;
	(void)box_poll(&b, "red", f);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM author"), 2);
	assert_int_equal(box_number(&b, "SELECT interactions FROM author WHERE handle = 'ana'"), 30);
	assert_int_equal(box_number(&b, "SELECT interactions FROM author WHERE handle = 'luis' AND name = 'Luis'"), 4);
	assert_int_equal(box_number(&b, "SELECT sum(mentions) FROM author WHERE last - first = 1000"), 4);
	box_done(&b);
}

/* More voices in one transaction than are noted at a time. */
static void each_of_many_authors_has_a_line(void **state)
{
	enum { VOICES = AUTHORS_GROUP + AUTHORS_GROUP / 2, SAID = 2 * VOICES };
	struct found f = found_new();
	size_t i;
	struct box b;

	(void)state;
	box_init(&b);
	f.answer.items = ARENA_ARRAY(f.arena, struct item_mark, SAID);
	f.answer.mentions = ARENA_ARRAY(f.arena, struct mention, SAID);
	for (i = 0; i < SAID; i++) {
		struct found one = {.arena = f.arena,
				    .answer = {.items = &f.answer.items[i], .mentions = &f.answer.mentions[i]}};

		(void)say(&one, &(struct said){arena_printf(f.arena, "%zu", i),
					       arena_printf(f.arena, "@voz%zu", i % VOICES)});
	}
	f.answer.n_items = f.answer.n_mentions = SAID;
	assert_int_equal(box_poll(&b, "red", f).hits, SAID);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM author WHERE mentions = 2"), VOICES);
	assert_int_equal(box_number(&b, "SELECT count(DISTINCT handle) FROM author"), VOICES);
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
	box_fill_search(&b);
	said_alone(&b, "red", &(struct said){"3", "@eva", .seed = 9});
	for (int i = 0; i < 500 && box_number(&b, "SELECT count(*) FROM story_part"); i++)
		poll(NULL, 0, 20);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_part"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM story_leader"), 1);
	assert_int_equal(box_number(&b, "SELECT mentions FROM story"), 2);
	box_wall_ms += 91 * DAY_MS;
	box_reopen(&b);
	for (int i = 0; i < 500 && box_number(&b, "SELECT count(*) FROM author"); i++)
		poll(NULL, 0, 20);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM author"), 0);
	box_done(&b);
}

/* --- the ledger --- */

static void asked(struct box *b, bool stories, const struct store_ledger_filter *filter, struct rows *rows)
{
	rows_done(rows);
	(stories ? store_stories : store_authors)(b->store, filter, on_rows, rows);
	box_wait(b, &rows->done);
	rows->done = false;
	assert_int_equal(rows->r, 0);
}

static void stories_and_authors_are_told_the_largest_first(void **state)
{
	static const struct voice_name vip[] = {{true, "eva"}};
	const struct store_ledger_filter all = {.since_ms = TIME_NONE, .vip = {vip, 1}};
	struct store_ledger_filter filter = all;
	struct rows rows = {.n = 0};
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"0", "@vieja", .seed = 5, .topic = "otra"});
	box_wall_ms += 8 * DAY_MS;
	said_alone(&b, "red", &(struct said){"1", "@ana", .seed = 7, .followers = 999});
	said_alone(&b, "red", &(struct said){"2", "@eva", .seed = 8});
	said_alone(&b, "otra", &(struct said){"3", "@luis", .seed = 7});
	said_alone(&b, "red", &(struct said){"4", "@luis", .seed = 9});
	said_alone(&b, "red", &(struct said){"5", "@vieja", .seed = 6});
	said_alone(&b, "red", &(struct said){"6", NULL, .seed = 10});
	box_wall_ms++;
	said_alone(&b, "otra", &(struct said){"7", "@rosa", .seed = 10, .topic = "otra"});
	said_alone(&b, "otra", &(struct said){"8", "@luis", .seed = 7});
	said_alone(&b, "otra", &(struct said){"9", "@rosa", .seed = 10, .topic = "otra"});
	asked(&b, true, &all, &rows);
	assert_int_equal(rows.n, 2); /* those that more than one mention is of */
	assert_non_null(strstr(
		rows.json[0],
		"\"mentions\":3,\"counted\":2,\"authors\":2,\"sources\":2,\"potential_reach\":999,\"reach_known\":1,"));
	assert_non_null(strstr(rows.json[0], "\"source\":\"red\",\"title\":\"T\",\"url\":\"https://red.example/1\""));
	filter.since_ms = box_wall_ms;
	asked(&b, true, &filter, &rows);
	assert_int_equal(rows.n, 2);
	filter.limit = 1;
	asked(&b, true, &filter, &rows);
	assert_int_equal(rows.n, 1);
	asked(&b, false, &all, &rows);
	assert_int_equal(rows.n, 5);
	assert_non_null(strstr(rows.json[0], "\"handle\":\"")); /* two mentions */
	filter = (struct store_ledger_filter){.since_ms = box_wall_ms - DAY_MS, .topic = "acme", .vip = {vip, 1}};
	asked(&b, false, &filter, &rows);
	assert_int_equal(rows.n, 5);
	assert_non_null(strstr(rows.json[0], "\"mentions\":7,\"counted\":6,\"authors\":4,\"unnamed\":1,\"first_heard\":"
					     "0.714,\"largest_story\":{\"story\":\""));
	assert_non_null(strstr(rows.json[0], "\"share\":0.428},\"loudest\":0.428}"));
	assert_non_null(strstr(rows.json[1], "\"handle\":\"luis\""));
	assert_non_null(strstr(rows.json[1], "\"mentions\":3,\"negative\":0"));
	filter.topic = "nadie";
	asked(&b, false, &filter, &rows);
	assert_int_equal(rows.n, 1);
	rows_done(&rows);
	box_done(&b);
}

static void influence_is_the_figure_that_is_told(void **state)
{
	(void)state;
	assert_int_equal(voice_influence(COUNT_NONE, 0, 1), 0);
	assert_int_equal(voice_influence(999, 0, 5), 30);
	assert_int_equal(voice_influence(0, 500, 5), 30);
	assert_int_equal(voice_influence(1000000, 0, 1), 60);
	assert_int_equal(voice_influence(MENTION_COUNT_MAX, MENTION_COUNT_MAX, 1), 100);
	assert_int_equal(voice_influence(5, 5, 0), 8);
}

/* --- to be forgotten --- */

struct forgot {
	bool done;
	int r;
	struct forgotten sum;
};

static void on_forgot(void *arg, int r, const struct forgotten *f)
{
	struct forgot *got = arg;

	got->r = r;
	if (f)
		got->sum = *f;
	got->done = true;
}

static struct forgot forget(struct box *b, const char *who, bool really)
{
	struct forgot got = {.done = false};

	store_forget(b->store, who, really, on_forgot, &got);
	box_wait(b, &got.done);
	return got;
}

static void on_tone(void *arg, int r, const char *was)
{
	struct poll_got *got = arg;

	got->r = was && strcmp(was, "positive") == 0 ? 100 + r : r;
	got->done = true;
}

static int tone(struct box *b, const char *key, const char *label)
{
	struct poll_got got = {.done = false};
	uint8_t id[MENTION_ID_BYTES];

	mention_identity("test", key, id);
	store_tone(b->store, id, label, on_tone, &got);
	box_wait(b, &got.done);
	return got.r;
}

static void who_asks_for_it_is_forgotten_and_not_heard_again(void **state)
{
	struct rows rows = {.n = 0};
	struct found f = found_new();
	struct poll_got again = {.done = false};
	struct forgot got;
	struct box b;

	(void)state;
	box_init(&b);
	said_alone(&b, "red", &(struct said){"1", "@Ana", .seed = 7});
	said_alone(&b, "red", &(struct said){"2", "@luis", .seed = 7});
	said_alone(&b, "red", &(struct said){"3", "ana", .seed = 8});
	(void)found_item(&f, ITEM_NEW, "4", "sin acierto", NULL);
	f.answer.mentions[0].author.handle = "ana";
	(void)box_poll(&b, "red", f);
	f = found_new();
	found_item(&f, ITEM_EDITED, "4", "otra cosa", NULL)->author.handle = "ana";
	(void)box_poll(&b, "red", f);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	box_sent(&b, rows.id, 1);
	assert_int_equal(tone(&b, "1", "negative"), 0);
	box_fill_search(&b);
	assert_int_equal(forget(&b, "ana", false).r, -EINVAL);
	got = forget(&b, "@ANA", false);
	assert_int_equal(got.sum.mentions, 3);
	assert_int_equal(box_status(&b).mentions, 4);
	got = forget(&b, "@ANA", true);
	assert_int_equal(got.r, 0);
	assert_int_equal(got.sum.mentions, 3);
	assert_int_equal(got.sum.hits, 2);
	assert_int_equal(got.sum.waiting, 1);
	assert_int_equal(got.sum.versions, 1);
	assert_int_equal(got.sum.authors, 1);
	assert_int_equal(got.sum.stories, 2);
	assert_int_equal(got.sum.tones, 1);
	assert_int_equal(got.sum.sent, 1);
	assert_int_equal(box_status(&b).mentions, 1);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM version"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM toned"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM author"), 1);
	box_search(&b, "T", &rows);
	assert_int_equal(rows.n, 1);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	box_check_totals(&b);
	/* not again, even after a restart; others are */
	box_reopen(&b);
	f = found_new();
	(void)say(&f, &(struct said){"5", "@ana", .seed = 7});
	(void)say(&f, &(struct said){"6", "@anabel", .seed = 7});
	assert_int_equal(box_poll(&b, "red", f).hits, 1);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM mention WHERE lower(author_handle) LIKE '%ana'"), 0);
	/* nothing in the log says who it was */
	assert_int_equal(box_number(&b, "SELECT count(*) FROM forgotten WHERE instr(digest, CAST('ana' AS BLOB))"), 0);
	store_welcome(b.store, "@ana", on_done, &again);
	box_wait(&b, &again.done);
	assert_int_equal(again.r, 0);
	again.done = false;
	store_welcome(b.store, "@ana", on_done, &again);
	box_wait(&b, &again.done);
	assert_int_equal(again.r, -ENOENT);
	said_alone(&b, "red", &(struct said){"7", "@ana", .seed = 9});
	rows_done(&rows);
	box_done(&b);
}

/* More mentions than a step looks at; by the address of a page. */
static void forgetting_goes_through_the_whole_log(void **state)
{
	struct forgot got;
	struct box b;
	char key[16];
	int i, k, n = 0;

	(void)state;
	box_init(&b);
	for (i = 0; i * 60 < FORGET_LOOK_ROWS + 60; i++) {
		struct found f = found_new();

		for (k = 0; k < 60; k++) {
			snprintf(key, sizeof(key), "%d", i * 60 + k);
			found_item(&f, ITEM_NEW, key, "x", NULL)->author.url =
				k % 30 ? NULL : "https://Red.example/@Ana/";
			n += k % 30 == 0;
		}
		(void)box_poll(&b, "red", f);
	}
	got = forget(&b, "https://red.example/@ana", true);
	assert_int_equal(got.r, 0);
	assert_int_equal(got.sum.mentions, n);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM mention WHERE author_url IS NOT NULL"), 0);
	box_check_totals(&b);
	box_done(&b);
}

/* --- tones set right --- */

static void a_tone_set_right_stays_and_is_an_example(void **state)
{
	struct rows rows = {.n = 0};
	struct found f = found_new();
	struct mention *m;
	struct box b;

	(void)state;
	box_init(&b);
	m = say(&f, &(struct said){"1", "@ana", .seed = 7});
	m->sentiment = (struct mention_sentiment){.label = "positive", .score = 0.5};
	m->lang = "es";
	(void)box_poll(&b, "red", f);
	assert_int_equal(tone(&b, "nada", "negative"), -ENOENT);
	assert_int_equal(tone(&b, "1", "negative"), 100);
	box_mention(&b, "1", &rows);
	assert_non_null(strstr(rows.json[0],
			       "\"sentiment\":{\"label\":\"negative\",\"score\":-1,\"words\":[],\"by\":\"hand\"}"));
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows); /* it waits: it goes as it is now, and its checksum holds */
	assert_int_equal(rows.n, 1);
	assert_non_null(strstr(rows.json[0], "\"by\":\"hand\""));
	assert_int_equal(box_number(&b, "SELECT negative * 10 + positive FROM author"), 10);
	f = found_new(); /* an edit does not undo it */
	m = found_item(&f, ITEM_EDITED, "1", "otro texto", "acme");
	m->sentiment = (struct mention_sentiment){.label = "positive", .score = 0.5};
	(void)box_poll(&b, "red", f);
	box_mention(&b, "1", &rows);
	assert_non_null(strstr(rows.json[0], "\"label\":\"negative\""));
	rows_done(&rows);
	store_toned(b.store, NULL, 10, on_rows, &rows);
	box_wait(&b, &rows.done);
	assert_int_equal(rows.n, 1);
	assert_non_null(
		strstr(rows.json[0],
		       "\"label\":\"negative\",\"was\":\"positive\",\"lang\":\"es\",\"title\":\"T\",\"text\":\"1\"}"));
	rows_done(&rows);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_text_of_many_people_is_one_story_and_counts_as_many),
		cmocka_unit_test(syndicated_articles_count_once),
		cmocka_unit_test(what_is_said_alike_of_another_topic_is_another_story),
		cmocka_unit_test(listed_voices_are_marked_and_do_not_count),
		cmocka_unit_test(stories_go_on_after_a_restart_and_end_after_three_days),
		cmocka_unit_test(a_story_begins_with_what_its_leader_was),
		cmocka_unit_test(stories_of_an_older_log_go_on),
		cmocka_unit_test(a_hit_that_failed_leaves_no_ghost),
		cmocka_unit_test(what_is_no_new_mention_is_in_no_story_twice),
		cmocka_unit_test(an_authors_line_adds_up),
		cmocka_unit_test(an_authors_line_moves_with_what_is_just_said),
		cmocka_unit_test(each_of_many_authors_has_a_line),
		cmocka_unit_test(what_is_over_is_swept_away),
		cmocka_unit_test(stories_and_authors_are_told_the_largest_first),
		cmocka_unit_test(influence_is_the_figure_that_is_told),
		cmocka_unit_test(who_asks_for_it_is_forgotten_and_not_heard_again),
		cmocka_unit_test(forgetting_goes_through_the_whole_log),
		cmocka_unit_test(a_tone_set_right_stays_and_is_an_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
