/* One poll: what it asks for, what it keeps, and that a stop, a bad answer or a log that fails loses nothing. */
#include "source_box.h"

static struct source_config feed = {.name = "prensa",
				    .platform = SOURCE_FEED,
				    .url = "http://a/",
				    .every_ms = 5 * MINUTE_MS,
				    .backfill_ms = SOURCE_BACKFILL_ALL,
				    .format = "auto"};
static struct source_config files = {.name = "notas",
				     .platform = SOURCE_FILE,
				     .every_ms = MINUTE_MS,
				     .backfill_ms = SOURCE_BACKFILL_ALL,
				     .format = "auto"};

struct got {
	bool done;
	struct poll_report report;
	char error[64];
};

static void on_end(void *arg, const struct poll_report *report)
{
	struct got *got = arg;

	assert_false(got->done);
	got->done = true;
	got->report = *report;
	snprintf(got->error, sizeof(got->error), "%s", report->error ? report->error : "");
	loop_stop(world.loop);
}

static struct files_known *known; /* what the source of files remembers; NULL: nothing */

static struct poll *begin(const struct source_config *config, bool at_once, struct got *got)
{
	const struct poll_env env = {.loop = world.loop, .ops = &world_log};
	const struct poll_target target = {
		.name = config->name, .url = config->url, .config = config, .at_once = at_once, .known = known};

	*got = (struct got){.done = false};
	return poll_start(&env, &target, on_end, got);
}

static struct poll_report run(const struct source_config *config, bool at_once)
{
	struct got got;

	(void)begin(config, at_once, &got);
	world_run();
	assert_true(got.done);
	return got.report;
}

static void put_page(const char *body, const char *etag)
{
	world.pages[0] = (struct page){.url = "http://a/", .body = body, .etag = etag, .outcome = FETCH_OK};
	world.n_pages = 1;
}

static void put_files(const char *a, const char *b, const char *c)
{
	static char pattern[128];

	snprintf(pattern, sizeof(pattern), "%s/*.txt", world.dir);
	files.path = pattern;
	world_write("a.txt", a);
	world_write("b.txt", b);
	world_write("c.txt", c);
}

static void a_body_is_read_once(void **state)
{
	struct poll_report r;

	(void)state;
	put_page("uno\ndos", "\"v1\"");
	r = run(&feed, true);
	assert_int_equal(r.end, POLL_END_OK);
	assert_true(r.first);
	assert_int_equal(r.result.new_mentions, 2);
	assert_null(world.etag_sent);
	assert_in_range(r.next_ms - world_wall(), 4 * MINUTE_MS, 6 * MINUTE_MS);

	r = run(&feed, true); /* the same bytes again: no reader is asked */
	assert_true(r.unchanged);
	assert_string_equal(world.etag_sent, "\"v1\"");
	assert_int_equal(world.n_jobs, 1);

	put_page("dos\ntres", "\"v2\"");
	r = run(&feed, true);
	assert_false(r.first);
	assert_int_equal(r.result.new_mentions, 1);

	world.pages[0].outcome = FETCH_NOT_MODIFIED;
	assert_true(run(&feed, true).unchanged);
	assert_string_equal(world.etag_sent, "\"v2\"");
}

static void what_is_not_due_is_not_asked(void **state)
{
	struct poll_report r;

	(void)state;
	put_page("uno", NULL);
	(void)run(&feed, false);
	assert_int_equal(world.asked, 1);
	r = run(&feed, false);
	assert_true(r.early);
	assert_int_equal(world.asked, 1);
	world.jump_ms -= 2 * DAY_MS; /* FAULTS T1 */
	r = run(&feed, false);
	assert_true(r.early);
	assert_in_range(r.next_ms - world_wall(), 0, feed.every_ms);
	world.jump_ms += 2 * DAY_MS;
	world_skip(6 * MINUTE_MS);
	assert_false(run(&feed, false).early);
	assert_int_equal(world.asked, 2);
}

static void a_feed_that_is_gone_is_asked_only_by_hand(void **state)
{
	struct poll_report r;

	(void)state;
	put_page("uno", NULL);
	world.pages[0].outcome = FETCH_GONE;
	assert_int_equal(run(&feed, false).end, POLL_END_GONE);
	world_skip(DAY_MS);
	r = run(&feed, false);
	assert_true(r.early && r.end == POLL_END_GONE);
	assert_int_equal(world.asked, 1);
	world.pages[0].outcome = FETCH_OK;
	assert_int_equal(run(&feed, true).end, POLL_END_OK);
	assert_int_equal(run(&feed, true).end, POLL_END_OK);
}

/* FAULTS F12: an error page must not hide the feed behind its validators */
static void a_body_that_could_not_be_read_is_asked_for_anew(void **state)
{
	struct poll_report r;

	(void)state;
	put_page("uno", "\"v1\"");
	(void)run(&feed, true);
	put_page("bad", "\"v2\"");
	r = run(&feed, true);
	assert_int_equal(r.end, POLL_END_FAILED);
	assert_int_equal(r.failures, 1);
	r = run(&feed, true);
	assert_null(world.etag_sent);
	assert_int_equal(r.failures, 2);
	put_page("die", "\"v3\"");
	assert_int_equal(run(&feed, true).failures, 3);
	assert_int_equal(world.n_jobs, 4); /* the same bad bytes were looked at again */
	put_page("uno\ndos", "\"v4\"");
	r = run(&feed, true);
	assert_int_equal(r.failures, 0);
	assert_false(r.first);
	assert_int_equal(r.result.new_mentions, 1);
}

static void backfill_holds_for_the_first_poll_alone(void **state)
{
	struct source_config week = feed, none = feed;

	(void)state;
	week.name = "semana";
	week.backfill_ms = 7 * DAY_MS;
	none.name = "nada";
	none.backfill_ms = 0;
	put_page("uno", NULL);
	(void)run(&week, true);
	assert_in_range(world_wall() - world.jobs[0].not_before_ms, 7 * DAY_MS, 7 * DAY_MS + WORLD_WAIT_MS);
	(void)run(&none, true);
	assert_true(world.jobs[1].not_before_ms == INT64_MAX);
	put_page("dos", NULL);
	(void)run(&none, true);
	assert_true(world.jobs[2].not_before_ms == TIME_NONE);
}

static void files_are_one_poll(void **state)
{
	struct poll_report r;

	(void)state;
	put_files("uno", "dos", "tres");
	r = run(&files, true);
	assert_int_equal(r.end, POLL_END_OK);
	assert_int_equal(r.items, 3);
	assert_int_equal(r.result.new_mentions, 3);
	assert_true(r.first);
	assert_int_equal(world.n_jobs, 3);
	assert_true(world.jobs[0].first && world.jobs[1].first && world.jobs[2].first);
	assert_int_equal(world.jobs[2].n_seen, 2); /* each sees what those before it have shown */
	assert_int_equal(world.commits, 3);
	assert_int_equal(world.parts, 2);

	r = run(&files, true);
	assert_true(r.unchanged);
	assert_int_equal(world.n_jobs, 3);

	world_write("b.txt", "dos\ncuatro");
	r = run(&files, true);
	assert_int_equal(r.result.new_mentions, 1);
	assert_false(world.jobs[3].first);
}

static void only_files_that_changed_are_read(void **state)
{
	struct files_known memory = {.n = 0};
	struct poll_report r;
	size_t loads;

	(void)state;
	known = &memory;
	put_files("uno", "dos", "die");
	assert_int_equal(run(&files, true).result.new_mentions, 2);
	r = run(&files, true); /* what could not be read is tried again, and it alone */
	assert_int_equal(r.failures, 2);
	assert_int_equal(world.n_jobs, 4);
	world_write("c.txt", "tres");
	assert_int_equal(run(&files, true).result.new_mentions, 1);
	assert_int_equal(world.n_jobs, 5);
	assert_int_equal(memory.n, 3);

	loads = world.loads;
	world.parts = 0;
	world_write("b.txt", "dos\ncuatro");
	r = run(&files, true);
	assert_int_equal(r.result.new_mentions, 1);
	assert_int_equal(world.n_jobs, 6);
	assert_int_equal(world.loads, loads + 1);
	assert_int_equal(world.parts, 1); /* the keys of the files that were not read are not let go */
	assert_true(run(&files, true).unchanged);

	assert_int_equal(remove(world_path("a.txt")), 0); /* one that goes is forgotten, and costs nothing */
	assert_true(run(&files, true).unchanged);
	assert_int_equal(world.n_jobs, 6);
	assert_int_equal(memory.n, 2);

	world.commit_r = -ENOSPC; /* what was not kept was not read */
	world_write("b.txt", "dos\ncuatro\n5");
	assert_string_equal(run(&files, true).error, "log");
	world.commit_r = 0;
	assert_int_equal(run(&files, true).result.new_mentions, 1);
	files_known_done(&memory);
	known = NULL;
}

static void known_files_are_found_among_many(void **state)
{
	struct files_known k = {.n = 0};
	struct files_list list = {.n = FILES_MAX};
	uint64_t i;

	(void)state;
	list.paths = xcalloc(FILES_MAX, sizeof(*list.paths));
	list.signatures = xcalloc(FILES_MAX, sizeof(*list.signatures));
	for (i = 0; i < FILES_MAX; i++) {
		list.paths[i] = xstrdup("x");
		list.signatures[i] = (i * 7919) % FILES_MAX;
		if (i % 2)
			files_known_add(&k, list.signatures[i]);
	}
	files_known_add(&k, list.signatures[1]);
	files_known_add(&k, FILES_MAX + 1); /* of a file that isn't there any more */
	assert_int_equal(k.n, FILES_MAX / 2 + 1);
	assert_true(files_known_skip(&k, &list));
	assert_int_equal(list.n, FILES_MAX / 2);
	assert_int_equal(list.signatures[1], 2 * 7919 % FILES_MAX);
	assert_int_equal(k.n, FILES_MAX / 2);
	assert_false(files_known_skip(&k, &list));
	assert_int_equal(k.n, 0);
	files_list_done(&list);
	files_known_done(&k);
}

/* Whatever the log had kept by then, the files that were not read yet are read after. */
static void a_stop_between_two_files_hides_none(void **state)
{
	struct got got;
	struct poll *p;

	(void)state;
	put_files("uno", "dos", "tres");
	(void)run(&files, true);
	put_files("uno\n1", "dos\n22", "tres\n333");
	world.stop_at_commit = world.commits + 1;
	p = begin(&files, true, &got);
	world_run();
	assert_false(got.done);
	poll_abandon(p);
	world_rest(20);
	assert_int_equal(run(&files, true).result.new_mentions, 2);
	assert_true(run(&files, true).unchanged);
}

static void a_log_that_fails_between_two_files_hides_none(void **state)
{
	struct got got;

	(void)state;
	put_files("uno", "dos", "tres");
	(void)run(&files, true);
	put_files("uno\n1", "dos\n22", "tres\n333");
	world.stop_at_commit = world.commits + 1;
	(void)begin(&files, true, &got);
	world_run();
	world.commit_r = -ENOSPC;
	world_run();
	assert_true(got.done);
	assert_string_equal(got.error, "log");
	assert_true(got.report.next_ms > world_wall()); /* and not at once, again and again */
	world.commit_r = 0;
	assert_int_equal(run(&files, true).result.new_mentions, 2);
}

static void a_bad_file_costs_itself(void **state)
{
	struct poll_report r;

	(void)state;
	put_files("uno", "die", "bad");
	r = run(&files, true);
	assert_int_equal(r.end, POLL_END_FAILED);
	assert_int_equal(r.result.new_mentions, 1);
	r = run(&files, true);
	assert_int_equal(r.failures, 2);   /* in a row, though one of them is read well each time */
	assert_false(world.jobs[3].first); /* the first poll is over, whichever file was bad */
	put_files("uno", "dos", "tres");
	r = run(&files, true);
	assert_int_equal(r.end, POLL_END_OK);
	assert_int_equal(r.failures, 0);
	assert_int_equal(r.result.new_mentions, 2);
}

static void a_bad_first_file_of_a_source_never_seen(void **state)
{
	(void)state;
	put_files("bad", "dos", "tres");
	assert_int_equal(run(&files, true).result.new_mentions, 2);
}

static void no_file_is_a_failure(void **state)
{
	struct poll_report r;

	(void)state;
	files.path = world_path("nada.txt");
	r = run(&files, true);
	assert_int_equal(r.end, POLL_END_FAILED);
	assert_int_equal(r.failures, 1);
}

static void a_log_that_fails_is_a_failure_and_not_a_storm(void **state)
{
	struct got got;

	(void)state;
	put_page("uno", NULL);
	world.load_r = -EIO;
	(void)begin(&feed, false, &got);
	world_run();
	assert_string_equal(got.error, "log");
	assert_in_range(got.report.next_ms - world_wall(), MINUTE_MS, feed.every_ms);
	world.load_r = 0;
	world.commit_r = -ENOSPC;
	(void)begin(&feed, false, &got);
	world_run();
	assert_string_equal(got.error, "log");
	assert_in_range(got.report.next_ms - world_wall(), MINUTE_MS, feed.every_ms);
	world.commit_r = 0;
	assert_true(run(&feed, false).first); /* nothing of it was kept */
}

static void a_full_pool_is_asked_again(void **state)
{
	(void)state;
	put_page("uno", NULL);
	world.refuse_jobs = 1;
	assert_int_equal(run(&feed, true).result.new_mentions, 1);
	assert_int_equal(world.asked, 1); /* the body was kept meanwhile */
}

/* Abandoned wherever it waits: nothing is called, nothing stays behind (the sanitizer looks), what is owed is awaited. */
static void an_abandoned_poll_is_silent(void **state)
{
	struct got got;
	struct poll *p;

	(void)state;
	put_page("uno", NULL);

	world.log_hangs = true; /* while it loads */
	p = begin(&feed, true, &got);
	poll_abandon(p);
	world_answer_log();
	assert_int_equal(world.asked, 0);

	world.pages[0].hangs = true; /* on the network */
	p = begin(&feed, true, &got);
	world_run();
	poll_abandon(p);
	world.pages[0].hangs = false;

	world.reader_hangs = true; /* in a reader */
	p = begin(&feed, true, &got);
	world_run();
	poll_abandon(p);
	world.reader_hangs = false;

	world.refuse_jobs = 1; /* before a full pool */
	p = begin(&feed, true, &got);
	world_rest(50);
	poll_abandon(p);

	world.reader_hangs = true; /* while it commits */
	p = begin(&feed, true, &got);
	world_run();
	world.reader_hangs = false;
	world.log_hangs = true;
	job_end(world_jobs[world_n_jobs - 1]);
	poll_abandon(p);
	world_answer_log();

	world_rest(20);
	assert_false(got.done);
	assert_int_equal(run(&feed, true).end, POLL_END_OK);
	poll_abandon(NULL);
}

/* FAULTS S1: what was heard goes on to its end, what was not is given up. */
static void at_the_end_a_poll_goes_on_once_it_has_its_answer(void **state)
{
	struct got got;
	struct poll *p;

	(void)state;
	put_page("uno", NULL);

	world.log_hangs = true; /* while it loads */
	p = begin(&feed, true, &got);
	assert_false(poll_drain(p));
	poll_abandon(p);
	world_answer_log();

	world.pages[0].hangs = true; /* on the network */
	p = begin(&feed, true, &got);
	world_run();
	assert_false(poll_drain(p));
	poll_abandon(p);
	world.pages[0].hangs = false;

	world.reader_hangs = true; /* in a reader, then while it commits */
	p = begin(&feed, true, &got);
	world_run();
	assert_true(poll_drain(p));
	world.reader_hangs = false;
	world.log_hangs = true;
	job_end(world_jobs[world_n_jobs - 1]);
	assert_true(poll_drain(p));
	world_answer_log();
	assert_true(got.done);
	assert_int_equal(got.report.result.new_mentions, 1);
}

static void at_the_end_files_that_were_not_begun_wait_for_the_next_start(void **state)
{
	struct got got;
	struct poll *p;

	(void)state;
	put_files("uno", "dos", "tres");
	world.reader_hangs = true;
	p = begin(&files, true, &got);
	world_run();
	assert_true(poll_drain(p));
	world.reader_hangs = false;
	job_end(world_jobs[world_n_jobs - 1]);
	world_run();
	assert_true(got.done);
	assert_int_equal(got.report.result.new_mentions, 1);
	assert_int_equal(run(&files, true).result.new_mentions, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_init, world_done)
	const struct CMUnitTest tests[] = {
		TEST(a_body_is_read_once),
		TEST(what_is_not_due_is_not_asked),
		TEST(a_feed_that_is_gone_is_asked_only_by_hand),
		TEST(a_body_that_could_not_be_read_is_asked_for_anew),
		TEST(backfill_holds_for_the_first_poll_alone),
		TEST(files_are_one_poll),
		TEST(only_files_that_changed_are_read),
		TEST(known_files_are_found_among_many),
		TEST(a_stop_between_two_files_hides_none),
		TEST(a_log_that_fails_between_two_files_hides_none),
		TEST(a_bad_file_costs_itself),
		TEST(a_bad_first_file_of_a_source_never_seen),
		TEST(no_file_is_a_failure),
		TEST(a_log_that_fails_is_a_failure_and_not_a_storm),
		TEST(at_the_end_a_poll_goes_on_once_it_has_its_answer),
		TEST(at_the_end_files_that_were_not_begun_wait_for_the_next_start),
		TEST(a_full_pool_is_asked_again),
		TEST(an_abandoned_poll_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
