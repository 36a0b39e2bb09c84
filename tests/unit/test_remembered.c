/* Feeds that are remembered between their polls (source/recall, source/marks): what the log is told of them, and when. */
#include "source_box.h"

#include "source/marks.h"
#include "source/recall.h"

static struct {
	struct sources *sources;
	size_t reports, unchanged, stop_at;
	enum poll_end end;
} town;

static const struct source_config feed = {.name = "a",
					  .platform = SOURCE_FEED,
					  .url = "http://a/",
					  .every_ms = 5 * MINUTE_MS,
					  .backfill_ms = SOURCE_BACKFILL_ALL,
					  .format = "auto"};

static void on_report(void *arg, const struct source_status *status, const struct poll_report *report)
{
	(void)arg;
	(void)status;
	town.unchanged += report->unchanged;
	town.end = report->end;
	if (++town.reports == town.stop_at)
		loop_stop(world.loop);
}

/* The feed was heard once, and is known by its ETag. */
static void open_town(void)
{
	static const struct sources_ops ops = {.log = {world_load, world_commit, world_marks}, .on_report = on_report};

	memset(&town, 0, sizeof(town));
	world.pages[0] = (struct page){.url = "http://a/", .body = "uno", .etag = "\"1\"", .outcome = FETCH_OK};
	world.n_pages = 1;
	town.sources = sources_new(world.loop, NULL, NULL, false, &ops, NULL);
	sources_configure(town.sources, &feed, 1);
	town.stop_at = 1;
	world_run();
	assert_int_equal(world.loads, 1);
	assert_int_equal(world.commits, 1);
	assert_int_equal(world.n_jobs, 1);
}

static void close_town(void)
{
	town.sources = sources_free(town.sources);
	world_rest(10);
}

static void next_poll(void)
{
	town.stop_at = town.reports + 1;
	world_skip(30 * MINUTE_MS);
	world_run();
}

static void assert_log(size_t loads, size_t commits, size_t marks)
{
	assert_int_equal(world.loads, loads);
	assert_int_equal(world.commits, commits);
	assert_int_equal(world.marks, marks);
}

static void what_stays_as_it_was_is_only_marked(void **state)
{
	int64_t heard_ms;

	(void)state;
	open_town();
	heard_ms = world.kept[0].state.ok_ms;
	world.pages[0].outcome = FETCH_NOT_MODIFIED;
	next_poll();
	assert_string_equal(world.etag_sent, "\"1\"");
	assert_log(1, 1, 0);
	world_skip(MARKS_WAIT_MS);
	world_until(world.marks == 1);
	assert_true(world.kept[0].state.ok_ms >= heard_ms + 30 * MINUTE_MS);
	assert_true(world.kept[0].state.next_ms > world.kept[0].state.ok_ms);

	world.pages[0].outcome = FETCH_OK; /* a server without validators sends the same again */
	next_poll();
	assert_int_equal(town.unchanged, 2);
	assert_log(1, 1, 1);
	assert_int_equal(world.n_jobs, 1);
	close_town();
}

static void what_is_new_is_read_with_what_the_log_knows(void **state)
{
	(void)state;
	open_town();
	world.pages[0].body = "uno\ndos";
	world.pages[0].etag = "\"2\"";
	next_poll();
	assert_log(2, 2, 0);
	assert_int_equal(world.n_jobs, 2);
	assert_string_equal(world.jobs[1].body, "uno\ndos");
	assert_false(world.jobs[1].first);
	assert_int_equal(world.jobs[1].n_seen, 1);

	world.pages[0].outcome = FETCH_NOT_MODIFIED;
	next_poll();
	assert_string_equal(world.etag_sent, "\"2\"");
	assert_log(2, 2, 0);
	close_town();
}

static void a_failure_is_committed_and_ends_the_memory(void **state)
{
	int64_t heard_ms;

	(void)state;
	open_town();
	world.pages[0].outcome = FETCH_NOT_MODIFIED;
	next_poll();
	world_skip(MARKS_WAIT_MS);
	world_until(world.marks == 1);
	heard_ms = world.kept[0].state.ok_ms;
	world.pages[0].outcome = FETCH_CONNECT;
	next_poll();
	assert_int_equal(town.end, POLL_END_FAILED);
	assert_log(2, 2, 1);
	assert_int_equal(world.kept[0].state.failures, 1);
	assert_int_equal(world.kept[0].state.ok_ms, heard_ms);
	world.pages[0].outcome = FETCH_NOT_MODIFIED;
	next_poll();
	assert_log(3, 3, 1); /* that it is heard again is for the log to know */
	assert_int_equal(world.kept[0].state.failures, 0);
	next_poll();
	assert_log(3, 3, 1);
	close_town();
}

/* What the log can't say now is lost, and asked for again with the validators of what was read. */
static void a_body_that_the_log_has_no_ear_for_comes_again(void **state)
{
	(void)state;
	open_town();
	world.pages[0].body = "uno\ndos";
	world.pages[0].etag = "\"2\"";
	world.load_r = -EIO;
	next_poll();
	assert_int_equal(town.end, POLL_END_FAILED);
	world.load_r = 0;
	next_poll();
	assert_string_equal(world.etag_sent, "\"1\"");
	assert_int_equal(world.n_jobs, 2);
	assert_int_equal(world.jobs[1].n_seen, 1);
	close_town();
}

static void what_the_log_has_lost_is_asked_for_anew(void **state)
{
	(void)state;
	open_town();
	arena_free(world.kept[0].arena);
	world.kept[0] = (struct kept){.arena = NULL};
	world.n_kept = 0;
	world.pages[0].body = "uno\ndos";
	next_poll();
	assert_int_equal(world.asked, 3); /* once with the ETag, once without */
	assert_null(world.etag_sent);
	assert_int_equal(world.n_jobs, 2);
	assert_true(world.jobs[1].first);
	close_town();
}

static void an_orderly_end_loses_no_mark(void **state)
{
	(void)state;
	open_town();
	world.pages[0].outcome = FETCH_NOT_MODIFIED;
	next_poll();
	sources_drain(town.sources);
	assert_log(1, 1, 1);
	close_town();
}

/* A deafness that is told, and its line in the ledger, are committed though the answer was 304. */
static void a_silence_that_is_told_is_committed(void **state)
{
	const struct source_state *kept;
	char body[32];
	int i;

	(void)state;
	open_town();
	for (i = 0; i <= RHYTHM_GAPS; i++) {
		snprintf(body, sizeof(body), "uno\nmas%d", i);
		world.pages[0].body = body;
		next_poll();
	}
	world.pages[0].outcome = FETCH_NOT_MODIFIED;
	for (i = 0; i < 24 * 2 * 4 && !world.n_ledger; i++)
		next_poll();
	assert_int_equal(world.n_ledger, 1);
	assert_string_equal(world.ledger[0].kind, "silent");
	assert_true(i > 100); /* and none of the silent ones before */
	kept = &world.kept[0].state;
	assert_int_equal(world.commits, 1 + RHYTHM_GAPS + 1 + 1);
	assert_true(kept->ok_ms > kept->new_ms + DAY_MS);
	close_town();
}

static void texts_are_kept_to_the_letter(void **state)
{
	static const struct {
		const char *etag, *last_modified;
	} cases[] = {{NULL, NULL}, {"\"a\"", NULL}, {NULL, "Sun"}, {"W/\"b\"", "Mon"}, {"", "Mon"}};
	struct recall *r = NULL, *before;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct source_state s = {
			.etag = cases[i].etag, .last_modified = cases[i].last_modified, .new_ms = 7, .body_hash = i};

		recall_put(&r, &s);
		assert_int_equal(r->body_hash, i);
		assert_int_equal(r->new_ms, 7);
		assert_int_equal(recall_etag(r) != NULL, s.etag != NULL);
		assert_int_equal(recall_last_modified(r) != NULL, s.last_modified != NULL);
		if (s.etag)
			assert_string_equal(recall_etag(r), s.etag);
		if (s.last_modified)
			assert_string_equal(recall_last_modified(r), s.last_modified);
		before = r;
		s.etag = recall_etag(r); /* its own */
		recall_put(&r, &s);
		assert_ptr_equal(r, before);
	}
	recall_put(&r, NULL);
	assert_null(r);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_init, world_done)
	const struct CMUnitTest tests[] = {
		TEST(what_stays_as_it_was_is_only_marked),        TEST(what_is_new_is_read_with_what_the_log_knows),
		TEST(a_failure_is_committed_and_ends_the_memory), TEST(a_body_that_the_log_has_no_ear_for_comes_again),
		TEST(what_the_log_has_lost_is_asked_for_anew),    TEST(an_orderly_end_loses_no_mark),
		TEST(a_silence_that_is_told_is_committed),        cmocka_unit_test(texts_are_kept_to_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
