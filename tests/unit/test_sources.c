/* All sources: once and for good, lists that change, reloads in mid-poll, clocks that jump, a log that fails. */
#include "source_box.h"

#include "source/inside.h"
#include "source/list.h"
#include "source/turns.h"

static struct {
	struct sources *sources;
	size_t reports, failed, settled, stop_at;
	char last[128]; /* who reported last */
	char names[1024];
	size_t n_names, names_max;
} town;

static struct source_config feed_of(const char *name, const char *url)
{
	return (struct source_config){.name = name,
				      .platform = SOURCE_FEED,
				      .url = url,
				      .every_ms = 5 * MINUTE_MS,
				      .backfill_ms = SOURCE_BACKFILL_ALL,
				      .format = "auto"};
}

static struct source_config list_of(const char *name, const char *path)
{
	struct source_config c = feed_of(name, NULL);

	c.platform = SOURCE_OPML;
	c.path = path;
	return c;
}

static void on_report(void *arg, const struct source_status *status, const struct poll_report *report)
{
	(void)arg;
	town.reports++;
	town.failed += report->end != POLL_END_OK;
	snprintf(town.last, sizeof(town.last), "%s", status->name);
	if (town.reports == town.stop_at)
		loop_stop(world.loop);
}

static struct {
	size_t deaf, still, heard, left;
	char source[64], kind[32];
	int64_t since_ms;
	size_t n_marks;
	struct deaf_mark mark; /* the last that no poll has committed */
} told;

static void on_deaf(void *arg, const struct source_deaf *d)
{
	(void)arg;
	told.deaf += d->say == HEALTH_SAY_DEAF;
	told.still += d->say == HEALTH_SAY_STILL;
	told.heard += d->say == HEALTH_SAY_HEARD && !d->left;
	told.left += d->left;
	snprintf(told.source, sizeof(told.source), "%s", d->source);
	snprintf(told.kind, sizeof(told.kind), "%s", d->kind);
	told.since_ms = d->since_ms;
	told.n_marks += d->n_marks;
	if (d->n_marks)
		told.mark = d->marks[d->n_marks - 1];
}

static void on_settled(void *arg)
{
	(void)arg;
	town.settled++;
	loop_stop(world.loop);
}

static const struct sources_ops ops = {.log = {world_load, world_commit, world_marks},
				       .on_report = on_report,
				       .on_deaf = on_deaf,
				       .on_settled = on_settled};

static void open_town(bool once)
{
	memset(&town, 0, sizeof(town));
	town.sources = sources_new(world.loop, NULL, NULL, once, &ops, NULL);
}

static void close_town(void)
{
	town.sources = sources_free(town.sources);
	world_rest(10);
}

/* Until so many more have reported. */
static void reports(size_t n)
{
	town.stop_at = town.reports + n;
	world_run();
}

static bool on_source(void *arg, const struct source_status *status)
{
	(void)arg;
	strncat(town.names, status->name, sizeof(town.names) - strlen(town.names) - 1);
	strncat(town.names, " ", sizeof(town.names) - strlen(town.names) - 1);
	return ++town.n_names < town.names_max;
}

static const char *names(const char *after, size_t max)
{
	town.names[0] = '\0';
	town.n_names = 0;
	town.names_max = max;
	sources_each(town.sources, after, on_source, NULL);
	return town.names;
}

static void once_asks_everything_once_and_settles(void **state)
{
	struct source_config v[] = {feed_of("b", "http://b/"), feed_of("a", "http://a/"),
				    list_of("l", world_path("l.opml")), list_of("nada", world_path("nada.opml")),
				    feed_of("f", NULL)};

	(void)state;
	world_write("l.opml", "http://l/1\nhttp://l/2\n");
	world_write("f.txt", "uno");
	v[4].platform = SOURCE_FILE;
	v[4].path = world_path("f.txt");
	world.pages[0] = (struct page){.url = "http://b/", .outcome = FETCH_HTTP};
	world.n_pages = 1;
	open_town(true);
	sources_configure(town.sources, v, ARRAY_LEN(v));
	world_run();
	assert_int_equal(town.settled, 1);
	assert_int_equal(town.reports, 6); /* a, b, f, the list's two, and the list that isn't there */
	assert_int_equal(town.failed, 2);
	world_rest(50);
	assert_int_equal(town.settled, 1);
	assert_int_equal(world.asked, 4);
	close_town();
}

static void once_settles_whatever_happens(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};

	(void)state;
	open_town(true);
	sources_configure(town.sources, NULL, 0);
	world_run();
	assert_int_equal(town.settled, 1);
	close_town();

	world.load_r = -EIO;
	open_town(true);
	sources_configure(town.sources, v, 1);
	world_run();
	assert_int_equal(town.failed, 1);
	assert_int_equal(town.settled, 1);
	close_town();

	world.load_r = 0;
	world.commit_r = -ENOSPC;
	open_town(true);
	sources_configure(town.sources, v, 1);
	world_run();
	assert_int_equal(town.failed, 1);
	assert_int_equal(town.settled, 1);
	close_town();
}

static void a_list_that_changes_changes_its_feeds(void **state)
{
	const struct source_config v[] = {list_of("l", world_path("l.opml")), feed_of("z", "http://z/")};
	char before[sizeof(town.names)], middle[128];

	(void)state;
	world_write("l.opml", "http://l/1\nhttp://l/2\n");
	open_town(false);
	sources_configure(town.sources, v, ARRAY_LEN(v));
	reports(3);
	assert_int_equal(sources_count(town.sources), 4);
	snprintf(before, sizeof(before), "%s", names(NULL, 10));

	/* one goes while it is asked, one stays and is not asked again, one comes */
	world.pages[0] = (struct page){.url = "http://l/1", .hangs = true};
	world.n_pages = 1;
	assert_int_equal(sources_poll(town.sources, "l"), 3);
	world_run();
	world_until(world.asked == 5 && world.open == 1);
	world_write("l.opml", "http://l/2\nhttp://l/33\n");
	world_skip(LIST_CHECK_MS);
	world_until(world.asked == 6 && world.open == 0);
	assert_int_equal(sources_count(town.sources), 4);
	assert_string_not_equal(names(NULL, 10), before);
	world_rest(50);
	assert_int_equal(world.asked, 6);

	/* unreadable for a while: all of them stay */
	world_write("l.opml", "");
	(void)sources_poll(town.sources, "l");
	world_rest(100);
	assert_int_equal(sources_count(town.sources), 4);

	/* pages of names */
	assert_string_equal(names(NULL, 1), "l ");
	assert_string_equal(names("l0", 10), "z ");
	(void)names("l", 1);
	snprintf(middle, sizeof(middle), "%.*s", (int)strcspn(town.names, " "), town.names);
	assert_int_equal(strncmp(middle, "l/", 2), 0);
	assert_null(strstr(names(middle, 10), middle));
	assert_int_equal(town.n_names, 2);
	close_town();
}

/* A list that is being written names only some of its feeds for a while: none is dropped until it is whole, or stays so. */
static void a_list_in_mid_write_drops_nobody(void **state)
{
	const struct source_config v[] = {list_of("l", world_path("l.opml"))};

	(void)state;
	world_write("l.opml", "http://l/1\nhttp://l/2\nhttp://l/3\n");
	open_town(false);
	sources_configure(town.sources, v, ARRAY_LEN(v));
	reports(3);
	world_write("l.opml", "http://l/1\nhttp://l/new\ncut\n");
	world_skip(LIST_CHECK_MS);
	reports(1); /* what is new is there at once */
	assert_int_equal(sources_count(town.sources), 5);

	world_write("l.opml", "http://l/1\nhttp://l/new\nhttp://l/2\ncut\n"); /* it grows */
	world_skip(LIST_CHECK_MS);
	world_rest(50);
	assert_int_equal(sources_count(town.sources), 5);

	world_skip(LIST_CHECK_MS); /* and stays like that: this is all of it */
	world_until(sources_count(town.sources) == 4);

	world_write("l.opml", "http://l/2\n");
	world_skip(LIST_CHECK_MS);
	world_until(sources_count(town.sources) == 2);
	close_town();
}

/* A list of so many feeds, from the address's number on. */
static void write_many(size_t from, size_t n)
{
	struct buf b = BUF_INIT(1 << 20);
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(&b, "http://l/%zu\n", from + i);
	world_write("l.opml", buf_str(&b));
	buf_done(&b);
}

struct seen_many {
	char last[64];
	size_t n, of[SOURCE_STANDINGS];
};

static void on_glance(void *arg, const struct source_glance *g)
{
	struct seen_many *seen = arg;

	assert_true(strcmp(seen->last, g->name) < 0); /* in order, each once */
	snprintf(seen->last, sizeof(seen->last), "%s", g->name);
	seen->n++;
	seen->of[g->standing]++;
}

static struct seen_many look_at_all(void)
{
	struct seen_many seen = {.n = 0};

	sources_glance(town.sources, on_glance, &seen);
	return seen;
}

/* FAULTS T2: no turn of the loop takes in, or lets go of, more than SET_SLICE; what looks meanwhile sees an order. */
static void a_long_list_comes_and_goes_in_slices(void **state)
{
	enum { MANY = 5 * SET_SLICE + 7, HALF = MANY / 2 };
	const struct source_config v[] = {feed_of("a", "http://a/"), list_of("l", world_path("l.opml")),
					  feed_of("z", "http://z/")};
	uint64_t changes;

	(void)state;
	write_many(0, MANY);
	open_town(false);
	sources_pause(town.sources, true); /* nobody needs to be asked */
	sources_configure(town.sources, v, ARRAY_LEN(v));
	while (sources_count(town.sources) == 3)
		world_rest(0);
	assert_in_range(sources_count(town.sources), 4, MANY); /* not all of them in one turn */
	assert_int_equal(look_at_all().n, sources_count(town.sources));
	world_until(sources_count(town.sources) == MANY + 3);
	changes = sources_changes(town.sources);

	write_many(HALF, MANY); /* half of them go at once, when as many have come by and by */
	world_skip(LIST_CHECK_MS);
	while (sources_count(town.sources) == MANY + 3)
		world_rest(0);
	assert_in_range(sources_count(town.sources), MANY + 4, MANY + 3 + HALF);
	write_many(HALF + 1, MANY); /* it changes again before it is taken in */
	(void)sources_poll(town.sources, "l");
	world_until(sources_count(town.sources) == MANY + 3);
	world_rest(50);
	assert_int_equal(sources_count(town.sources), MANY + 3);
	assert_int_equal(look_at_all().n, MANY + 3);
	assert_true(sources_changes(town.sources) > changes);

	sources_configure(town.sources, v, 1); /* none is to be seen any more, whatever is still to be freed */
	assert_int_equal(sources_count(town.sources), 1);
	assert_int_equal(look_at_all().n, 1);
	sources_configure(town.sources, v, ARRAY_LEN(v)); /* and all come again */
	world_until(sources_count(town.sources) == MANY + 3);
	sources_configure(town.sources, v, 1);
	close_town(); /* in the middle of it */
}

static void who_is_not_heard_is_found_among_all(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/"), feed_of("b", "http://b/"),
					  feed_of("c", "http://c/")};
	struct seen_many seen;

	(void)state;
	world.pages[0] = (struct page){.url = "http://b/", .outcome = FETCH_HTTP};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, v, ARRAY_LEN(v));
	assert_int_equal(look_at_all().of[SOURCE_NEW], 3);
	reports(3);
	seen = look_at_all();
	assert_int_equal(seen.of[SOURCE_OK], 2);
	assert_int_equal(seen.of[SOURCE_FAILING], 1);
	town.names[0] = '\0';
	town.n_names = 0;
	town.names_max = 10;
	sources_unheard(town.sources, on_source, NULL);
	assert_string_equal(town.names, "b ");
	close_town();
}

static void a_poll_goes_on_through_a_reload(void **state)
{
	struct source_config before[] = {feed_of("a", "http://a/")}, after[] = {feed_of("a", "http://a/")};
	const struct source_config elsewhere[] = {feed_of("a", "http://otra/")};

	(void)state;
	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_OK, .body = "uno", .hangs = true};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, before, 1);
	world_run();
	after[0].topic = "acme";
	sources_configure(town.sources, after, 1);
	memset(before, 0x5a, sizeof(before)); /* it is not looked at any more */
	world_unhang();
	reports(1);
	assert_int_equal(world.asked, 1);
	assert_int_equal(town.failed, 0);

	assert_int_equal(sources_poll(town.sources, "a"), 1); /* and one whose address is another does not */
	world_run();
	assert_int_equal(world.open, 1);
	sources_configure(town.sources, elsewhere, 1);
	assert_int_equal(world.open, 0);
	reports(1);
	assert_int_equal(world.asked, 3);
	close_town();
}

static void a_source_that_goes_while_it_commits_is_awaited(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};

	(void)state;
	open_town(false);
	sources_configure(town.sources, v, 1);
	world.reader_hangs = true;
	world_run();
	world.reader_hangs = false;
	world.log_hangs = true;
	job_end(world_jobs[0]);
	sources_configure(town.sources, NULL, 0);
	assert_int_equal(sources_count(town.sources), 0);
	world_answer_log();
	world_rest(20);
	assert_int_equal(town.reports, 0);

	sources_configure(town.sources, v, 1); /* it is back: what was committed is known */
	world_rest(20);
	assert_int_equal(world.asked, 1);
	assert_int_equal(sources_poll(town.sources, "a"), 1);
	reports(1);
	assert_int_equal(world.n_jobs, 1);
	close_town();
}

/* FAULTS T1 */
static void a_clock_set_back_silences_nobody(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};

	(void)state;
	open_town(false);
	sources_configure(town.sources, v, 1);
	reports(1);
	world.jump_ms -= DAY_MS;
	for (size_t i = 2; i < 5; i++) {
		world_skip(6 * MINUTE_MS);
		reports(1);
		assert_int_equal(world.asked, i);
	}
	world.jump_ms += 9 * DAY_MS; /* and forward: no storm */
	loop_clock_jumped(world.loop);
	world_rest(50);
	assert_int_equal(world.asked, 4);
	close_town();
}

/* FAULTS T1: between the poll's end and its commit. */
static void a_clock_that_is_set_during_a_commit_silences_nobody(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};

	(void)state;
	world.pages[0] = (struct page){.url = "http://a/", .body = "uno", .hangs = true};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, v, 1);
	world_run(); /* until it is asked */
	world.log_hangs = true;
	world.pages[0].hangs = false;
	world_unhang();
	world_run(); /* until it commits */
	world.jump_ms -= DAY_MS;
	town.stop_at = 1;
	world_answer_log();
	assert_int_equal(town.reports, 1);
	world_skip(6 * MINUTE_MS);
	world_until(town.reports == 2);
	assert_int_equal(world.asked, 2);
	close_town();
}

/* FAULTS T1: nor when the log, which knows only the clock that was, is asked once more. */
static void a_clock_set_back_and_a_log_that_fails_silence_nobody(void **state)
{
	struct source_config v[] = {feed_of("a", "http://a/")};

	(void)state;
	v[0].every_ms = 6 * HOUR_MS;
	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_HTTP};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, v, 1);
	reports(1);
	world.jump_ms -= 2 * HOUR_MS;
	world.load_r = -EIO;
	world_skip(7 * HOUR_MS); /* by the log's times it is not due for a while */
	reports(1);
	assert_int_equal(world.asked, 1);
	world.load_r = 0;
	world_skip(6 * MINUTE_MS);
	world_until(world.loads == 3);
	world_rest(20);
	assert_int_equal(world.asked, 2);
	close_town();
}

static void what_the_log_could_not_say_is_asked_again_soon(void **state)
{
	struct source_config v[] = {feed_of("a", "http://a/"), feed_of("b", "http://b/")};

	(void)state;
	v[0].every_ms = v[1].every_ms = DAY_MS;
	world.pages[0] = (struct page){.url = "http://b/", .outcome = FETCH_GONE};
	world.n_pages = 1;
	world.load_r = -EIO;
	open_town(false);
	sources_configure(town.sources, v, 2);
	reports(2);
	assert_int_equal(world.asked, 0);
	world.load_r = 0;
	world_skip(6 * MINUTE_MS);
	reports(2);
	assert_int_equal(world.asked, 2);
	close_town();

	world.load_r = -EIO; /* neither what is not due nor what is gone is asked after that */
	open_town(false);
	sources_configure(town.sources, v, 2);
	reports(2);
	world.load_r = 0;
	world.loads = 0;
	world_skip(6 * MINUTE_MS);
	world_until(world.loads == 2);
	world_rest(20);
	assert_int_equal(world.asked, 2);
	close_town();
}

/* Asked for by hand it said so once more, which could not be kept. */
static void what_is_gone_stays_so_while_the_log_fails(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};

	(void)state;
	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_GONE};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, v, 1);
	reports(1);
	world.commit_r = -ENOSPC;
	assert_int_equal(sources_poll(town.sources, "a"), 1);
	reports(1);
	assert_int_equal(world.asked, 2);
	world.commit_r = 0;
	world.loads = 0;
	world_skip(6 * MINUTE_MS);
	world_until(world.loads == 1);
	world_rest(20);
	assert_int_equal(world.asked, 2);
	close_town();
}

/* After a restart the log says when; from then on the schedule does. */
static void a_restart_asks_nobody_before_its_time(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};

	(void)state;
	open_town(false);
	sources_configure(town.sources, v, 1);
	reports(1);
	close_town();
	open_town(false);
	sources_configure(town.sources, v, 1);
	world_until(world.loads == 2);
	world_rest(10);
	assert_int_equal(world.asked, 1);
	world_skip(6 * MINUTE_MS);
	reports(1);
	assert_int_equal(world.asked, 2);
	close_town();
}

static void a_new_pace_counts_at_once(void **state)
{
	struct source_config slow[] = {feed_of("a", "http://a/")};
	const struct source_config fast[] = {feed_of("a", "http://a/")};

	(void)state;
	slow[0].every_ms = 7 * DAY_MS;
	open_town(false);
	sources_configure(town.sources, slow, 1);
	reports(1);
	sources_configure(town.sources, fast, 1);
	world_until(world.loads == 2);
	world_rest(10);
	assert_int_equal(world.asked, 1); /* not yet: it was asked just now */
	world_skip(6 * MINUTE_MS);
	reports(1);
	assert_int_equal(world.asked, 2);
	close_town();
}

static void a_log_that_fails_is_no_storm(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/"), feed_of("b", "http://b/")};

	(void)state;
	world.load_r = -EIO;
	open_town(false);
	sources_configure(town.sources, v, 2);
	reports(2);
	world_rest(200);
	assert_int_equal(world.loads, 2);
	world.load_r = 0;
	world.commit_r = -ENOSPC;
	world_skip(6 * MINUTE_MS);
	reports(2);
	world_rest(200);
	assert_int_equal(world.loads, 4);
	world.commit_r = 0;
	world_skip(6 * MINUTE_MS);
	reports(2);
	assert_int_equal(town.failed, 4);
	close_town();
}

/* FAULTS D6: what could not be kept is not asked for, and is as soon as it can. */
static void a_pause_asks_nobody_and_forgets_nobody(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/"), feed_of("b", "http://b/")};

	(void)state;
	open_town(false);
	sources_pause(town.sources, true);
	sources_configure(town.sources, v, 2);
	world_rest(10);
	world_skip(6 * MINUTE_MS);
	world_rest(10);
	assert_int_equal(world.loads, 0);
	sources_pause(town.sources, false);
	reports(2);
	assert_int_equal(world.asked, 2);
	close_town();
}

static void asked_by_hand_comes_now_or_after_the_poll_that_runs(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/"), feed_of("b", "http://b/")};

	(void)state;
	open_town(false);
	sources_configure(town.sources, v, 2);
	reports(2);
	assert_int_equal(sources_poll(town.sources, "nadie"), 0);
	assert_int_equal(sources_poll(town.sources, "b"), 1);
	reports(1);
	assert_string_equal(town.last, "b");
	assert_int_equal(sources_poll(town.sources, NULL), 2);
	reports(2);

	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_OK, .body = "uno", .hangs = true};
	world.n_pages = 1;
	(void)sources_poll(town.sources, "a");
	world_run();
	(void)sources_poll(town.sources, "a");
	(void)sources_poll(town.sources, "a");
	world.pages[0].hangs = false;
	world_unhang();
	reports(2);
	world_rest(50);
	assert_int_equal(town.reports, 7); /* twice, not three times */
	close_town();
}

/* FAULTS T2: also of as many as might run at once. */
static void what_a_sleep_made_due_is_spread(void **state)
{
	enum { FEEDS = 40, STEP_MS = 20 * 1000, STEPS = 5 * MINUTE_MS / STEP_MS + 1 };
	static struct source_config v[FEEDS];
	static char names_of[FEEDS][16], urls[FEEDS][32];
	size_t i;

	(void)state;
	for (i = 0; i < FEEDS; i++) {
		snprintf(names_of[i], sizeof(names_of[i]), "%04zu", i);
		snprintf(urls[i], sizeof(urls[i]), "http://h%zu/", i);
		v[i] = feed_of(names_of[i], urls[i]);
		v[i].every_ms = 2 * HOUR_MS;
	}
	open_town(false);
	sources_configure(town.sources, v, FEEDS);
	reports(FEEDS);
	world_skip(3 * HOUR_MS);
	world_rest(50);
	assert_true(world.asked < FEEDS + FEEDS / 4);
	for (i = 0; i < STEPS; i++) {
		world_skip(STEP_MS);
		world_rest(5);
	}
	world_until(world.asked == 2 * FEEDS);
	close_town();
}

/* A host that answers nobody, with more feeds than polls may run at once, stops nobody else. */
static void a_dead_host_silences_nobody_else(void **state)
{
	static struct source_config v[SOURCES_RUNNING_MAX + 44];
	static char names_of[ARRAY_LEN(v)][16], urls[ARRAY_LEN(v)][32];
	size_t i, n = ARRAY_LEN(v);

	(void)state;
	for (i = 0; i < n; i++) {
		snprintf(names_of[i], sizeof(names_of[i]), "%04zu", i);
		snprintf(urls[i], sizeof(urls[i]), "http://dead/%zu", i);
		v[i] = feed_of(names_of[i], i == n - 1 ? "http://alive/" : urls[i]);
	}
	world.pages[0] = (struct page){.url = "http://dead/", .body = "algo", .hangs = true, .below = true};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, v, n);
	world_rest(50);
	assert_true(world.asked < n / 4); /* FAULTS T2: many at a start are spread over some minutes */
	(void)sources_poll(town.sources, NULL);
	world_until(town.reports == 1);
	assert_string_equal(town.last, names_of[n - 1]);
	assert_int_equal(world.asked, TURNS_PER_HOST + 1);

	world.pages[0].hangs = false; /* who waited has its turn, each once */
	world_unhang();
	world_until(town.reports > 10);
	sources_configure(town.sources, v, 20); /* also when most of them go meanwhile */
	world_rest(50);
	assert_true(world.open < TURNS_PER_HOST);
	sources_configure(town.sources, NULL, 0);
	assert_int_equal(sources_count(town.sources), 0);
	close_town();
}

/* FAULTS F12 */
static void a_feed_that_has_moved_for_good_is_followed(void **state)
{
	struct source_config v[] = {feed_of("a", "https://vieja/")};

	(void)state;
	world.pages[0] = (struct page){
		.url = "https://vieja/", .outcome = FETCH_OK, .body = "uno", .permanent_url = "https://nueva/"};
	world.pages[1] = (struct page){.url = "https://nueva/", .outcome = FETCH_OK, .body = "uno"};
	world.n_pages = 2;
	open_town(false);
	sources_configure(town.sources, v, 1);
	reports(1);
	for (int i = 0; i < 2; i++) {
		world_skip(21 * MINUTE_MS);
		reports(1);
		assert_string_equal(world.asked_url, "https://vieja/");
	}
	for (int i = 0; i < 3; i++) {
		world_skip(21 * MINUTE_MS);
		reports(1);
		assert_string_equal(world.asked_url, "https://nueva/");
	}
	assert_int_equal(world.n_jobs, 1); /* the same body, wherever it comes from */

	world.pages[1].outcome = FETCH_GONE; /* the configured address has the last word */
	world_skip(21 * MINUTE_MS);
	reports(1);
	assert_int_equal(town.failed, 1);
	world_skip(21 * MINUTE_MS);
	reports(1);
	assert_string_equal(world.asked_url, "https://vieja/");
	assert_int_equal(town.failed, 1);

	world.pages[0].outcome = FETCH_GONE; /* and it says that it is over */
	world_skip(21 * MINUTE_MS);
	reports(1);
	world_skip(9 * DAY_MS);
	world_rest(50);
	assert_int_equal(town.failed, 2);
	close_town();
}

static void who_moves_elsewhere_each_time_or_to_less_safety_is_not_followed(void **state)
{
	static const char *const places[] = {"https://x/1", "https://x/2"};
	struct source_config v[] = {feed_of("a", "https://a/"), feed_of("b", "https://b/"), feed_of("c", "https://c/")};

	(void)state;
	v[1].user = "ana"; /* what was given for one host goes to no other */
	world.pages[0] = (struct page){.url = "https://a/", .outcome = FETCH_OK, .body = "uno"};
	world.pages[1] =
		(struct page){.url = "https://b/", .outcome = FETCH_OK, .body = "uno", .permanent_url = places[0]};
	world.pages[2] =
		(struct page){.url = "https://c/", .outcome = FETCH_OK, .body = "uno", .permanent_url = "http://c/"};
	world.pages[3] = (struct page){.url = "https://x/", .outcome = FETCH_HTTP, .below = true};
	world.pages[4] = (struct page){.url = "http://c/", .outcome = FETCH_HTTP};
	world.n_pages = 5;
	open_town(false);
	sources_configure(town.sources, v, 3);
	for (int i = 0; i < 6; i++) {
		world.pages[0].permanent_url = places[i % 2];
		reports(3);
		world_skip(21 * MINUTE_MS);
	}
	assert_int_equal(town.failed, 0);
	close_town();
}

/* FAULTS F11: patience is asked for by a host, for all that it has */
static void a_host_that_asks_for_patience_gets_it_from_all_its_sources(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://h/1"), feed_of("b", "http://h/2"),
					  feed_of("c", "http://i/")};

	(void)state;
	open_town(false);
	sources_configure(town.sources, v, 3);
	reports(3);
	world.pages[0] = (struct page){.url = "http://h/1", .outcome = FETCH_LIMITED, .retry_after_ms = 3 * HOUR_MS};
	world.n_pages = 1;
	assert_int_equal(sources_poll(town.sources, "a"), 1);
	reports(1);
	world.n_pages = 0;
	world_skip(30 * MINUTE_MS);
	reports(1); /* of the other host alone */
	world_rest(50);
	assert_string_equal(town.last, "c");
	assert_int_equal(world.asked, 5);
	assert_int_equal(sources_poll(town.sources, "b"), 1); /* who asks by hand knows why */
	reports(1);
	world_skip(3 * HOUR_MS);
	world_until(town.reports >= 8);
	assert_int_equal(town.failed, 1);
	close_town();
}

static bool first_source(void *arg, const struct source_status *status)
{
	*(struct source_status *)arg = *status;
	return false;
}

/* From when to when a source was deaf is told and kept, once each; a log that fails is not its fault. */
static void what_was_not_heard_goes_to_the_ledger(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};
	struct source_status status;
	int64_t heard_ms;

	(void)state;
	memset(&told, 0, sizeof(told));
	open_town(false);
	sources_configure(town.sources, v, 1);
	reports(1);
	sources_each(town.sources, NULL, first_source, &status);
	heard_ms = status.ok_ms;
	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_HTTP};
	world.n_pages = 1;
	for (int i = 0; i < 6; i++) {
		world_skip(3 * HOUR_MS);
		reports(1);
		assert_int_equal(told.deaf, i >= 2);
	}
	assert_int_equal(world.n_ledger, 1);
	assert_string_equal(world.ledger[0].source, "a");
	assert_string_equal(world.ledger[0].kind, "unreachable");
	assert_string_equal(told.kind, "unreachable");
	assert_int_equal(told.since_ms, heard_ms);
	assert_int_equal(world.ledger[0].from_ms, heard_ms);
	assert_true(world.ledger[0].to_ms == TIME_NONE);
	sources_each(town.sources, NULL, first_source, &status);
	assert_string_equal(status.deaf, "unreachable");
	assert_int_equal(status.deaf_ms, heard_ms);

	world.n_pages = 0;
	world_skip(DAY_MS);
	reports(1);
	assert_int_equal(told.heard, 1);
	assert_int_equal(world.n_ledger, 2);
	assert_int_equal(world.ledger[1].from_ms, heard_ms);
	assert_in_range(world.ledger[1].to_ms - heard_ms, DAY_MS, 3 * DAY_MS);
	sources_each(town.sources, NULL, first_source, &status);
	assert_null(status.deaf);

	world.commit_r = -ENOSPC;
	for (int i = 0; i < 5; i++) {
		world_skip(HOUR_MS);
		reports(1);
	}
	assert_int_equal(told.deaf, 1);
	close_town();
}

/* A restart neither tells again nor forgets. */
static void what_was_told_stays_told_over_a_restart(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};
	struct source_status status;
	int64_t since_ms;

	(void)state;
	memset(&told, 0, sizeof(told));
	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_HTTP};
	world.n_pages = 1;
	for (int i = 0; i < 5; i++) { /* a new start for each poll */
		open_town(false);
		sources_configure(town.sources, v, 1);
		world_skip(3 * HOUR_MS);
		reports(1);
		assert_int_equal(told.deaf, i >= 2);
		close_town();
	}
	since_ms = told.since_ms;
	open_town(false);
	sources_configure(town.sources, v, 1);
	world_rest(50); /* it is not due yet, and is known to be deaf all the same */
	sources_each(town.sources, NULL, first_source, &status);
	assert_string_equal(status.deaf, "unreachable");
	assert_int_equal(status.deaf_ms, since_ms);
	world_skip(25 * HOUR_MS);
	reports(1);
	assert_int_equal(told.still, 1);
	assert_int_equal(told.deaf, 1);
	world.n_pages = 0;
	world_skip(25 * HOUR_MS);
	reports(1);
	assert_int_equal(told.heard, 1);
	close_town();
}

/* FAULTS F12: who is gone is not asked, and yet told each day, also after a restart. */
static void what_is_gone_is_told_each_day(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/")};
	size_t asked;

	(void)state;
	memset(&told, 0, sizeof(told));
	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_GONE};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, v, 1);
	reports(1);
	assert_int_equal(told.deaf, 1);
	asked = world.asked;
	world_skip(DAY_MS);
	world_until(told.still == 1);
	world_skip(DAY_MS);
	world_until(told.still == 2);
	close_town();
	open_town(false);
	sources_configure(town.sources, v, 1);
	world_rest(50);
	assert_int_equal(told.still, 2);
	world_skip(DAY_MS);
	world_until(told.still == 3);
	assert_int_equal(world.asked, asked);
	assert_int_equal(town.reports, 0); /* no poll */
	world.n_pages = 0;
	assert_int_equal(sources_poll(town.sources, "a"), 1);
	reports(1);
	assert_int_equal(told.heard, 1);
	close_town();
}

static void who_leaves_is_not_deaf_any_more(void **state)
{
	const struct source_config v[] = {feed_of("a", "http://a/"), feed_of("a", "http://b/")};

	(void)state;
	memset(&told, 0, sizeof(told));
	world.pages[0] = (struct page){.url = "http://a/", .outcome = FETCH_HTTP};
	world.n_pages = 1;
	open_town(false);
	sources_configure(town.sources, v, 1);
	for (int i = 0; i < 3; i++) {
		world_skip(HOUR_MS);
		reports(1);
	}
	assert_int_equal(told.deaf, 1);
	world.n_pages = 0;
	sources_configure(town.sources, v + 1, 1); /* its address was mended */
	assert_int_equal(told.left, 0);
	reports(1);
	assert_int_equal(told.heard, 1);
	assert_int_equal(told.n_marks, 0);

	world.pages[0] = (struct page){.url = "http://b/", .outcome = FETCH_HTTP};
	world.n_pages = 1;
	for (int i = 0; i < 3; i++) {
		world_skip(HOUR_MS);
		reports(1);
	}
	assert_int_equal(told.deaf, 2);
	sources_configure(town.sources, NULL, 0);
	assert_int_equal(told.left, 1);
	assert_int_equal(told.n_marks, 1); /* no poll will say so */
	assert_string_equal(told.mark.kind, "unreachable");
	assert_true(told.mark.to_ms >= told.mark.from_ms);
	close_town();
}

static void a_list_that_cannot_be_read_is_told_too(void **state)
{
	const struct source_config v[] = {list_of("l", world_path("later.opml"))};

	(void)state;
	memset(&told, 0, sizeof(told));
	open_town(false);
	sources_configure(town.sources, v, 1);
	for (int i = 0; i < 100 && !told.deaf; i++) {
		world_skip(LIST_CHECK_MS);
		world_rest(20);
	}
	assert_int_equal(told.deaf, 1);
	assert_string_equal(told.source, "l");
	assert_int_equal(told.n_marks, 1);
	assert_true(told.mark.to_ms == TIME_NONE);
	world_write("later.opml", "http://l/1\n");
	for (int i = 0; i < 100 && !told.heard; i++) {
		world_skip(LIST_CHECK_MS);
		world_rest(20);
	}
	assert_int_equal(told.heard, 1);
	assert_int_equal(told.n_marks, 2);
	assert_true(told.mark.to_ms > told.mark.from_ms);
	close_town();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_init, world_done)
	const struct CMUnitTest tests[] = {
		TEST(once_asks_everything_once_and_settles),
		TEST(once_settles_whatever_happens),
		TEST(a_list_that_changes_changes_its_feeds),
		TEST(a_list_in_mid_write_drops_nobody),
		TEST(a_long_list_comes_and_goes_in_slices),
		TEST(who_is_not_heard_is_found_among_all),
		TEST(a_poll_goes_on_through_a_reload),
		TEST(a_source_that_goes_while_it_commits_is_awaited),
		TEST(a_clock_set_back_silences_nobody),
		TEST(a_clock_that_is_set_during_a_commit_silences_nobody),
		TEST(a_clock_set_back_and_a_log_that_fails_silence_nobody),
		TEST(what_the_log_could_not_say_is_asked_again_soon),
		TEST(what_is_gone_stays_so_while_the_log_fails),
		TEST(a_restart_asks_nobody_before_its_time),
		TEST(a_new_pace_counts_at_once),
		TEST(a_pause_asks_nobody_and_forgets_nobody),
		TEST(a_log_that_fails_is_no_storm),
		TEST(what_was_not_heard_goes_to_the_ledger),
		TEST(what_was_told_stays_told_over_a_restart),
		TEST(what_is_gone_is_told_each_day),
		TEST(who_leaves_is_not_deaf_any_more),
		TEST(a_list_that_cannot_be_read_is_told_too),
		TEST(a_feed_that_has_moved_for_good_is_followed),
		TEST(who_moves_elsewhere_each_time_or_to_less_safety_is_not_followed),
		TEST(a_host_that_asks_for_patience_gets_it_from_all_its_sources),
		TEST(what_a_sleep_made_due_is_spread),
		TEST(a_dead_host_silences_nobody_else),
		TEST(asked_by_hand_comes_now_or_after_the_poll_that_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
