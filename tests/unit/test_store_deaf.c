/* The coverage ledger: lines that begin, go on over restarts and end once; who was deaf when; what goes. */
#include "store_box.h"

struct lines {
	bool done, more;
	size_t n;
	char text[BOX_ROWS][128]; /* source kind from to why; times in minutes of the test */
	struct stream_id cursor[BOX_ROWS];
};

static int64_t minute(int64_t n)
{
	return BOX_START_MS + n * MINUTE_MS;
}

static void on_lines(void *arg, int r, const struct store_deaf *v, size_t n, bool more)
{
	struct lines *lines = arg;

	assert_int_equal(r, 0);
	assert_true(n <= BOX_ROWS);
	for (lines->n = 0; lines->n < n; lines->n++) {
		const struct deaf_mark *m = &v[lines->n].mark;
		char to[24] = "-";

		if (m->to_ms != TIME_NONE)
			snprintf(to, sizeof(to), "%jd", (intmax_t)((m->to_ms - BOX_START_MS) / MINUTE_MS));
		snprintf(lines->text[lines->n], sizeof(lines->text[0]), "%s %s %jd %s %s",
			 v[lines->n].source ? v[lines->n].source : "*", m->kind,
			 (intmax_t)((m->from_ms - BOX_START_MS) / MINUTE_MS), to, m->why ? m->why : "-");
		lines->cursor[lines->n] = v[lines->n].cursor;
	}
	lines->more = more;
	lines->done = true;
}

static void ask(struct box *b, struct store_deaf_filter filter, struct lines *lines)
{
	*lines = (struct lines){.done = false};
	store_deaf(b->store, &filter, on_lines, lines);
	box_wait(b, &lines->done);
}

/* All of them, in one text. */
static const char *ledger(struct box *b)
{
	static char all[BOX_ROWS * 130];
	struct lines lines;
	size_t i;

	ask(b, (struct store_deaf_filter){.from_ms = TIME_NONE, .to_ms = TIME_NONE}, &lines);
	all[0] = '\0';
	for (i = 0; i < lines.n; i++) {
		strncat(all, lines.text[i], sizeof(all) - strlen(all) - 1);
		strncat(all, "; ", sizeof(all) - strlen(all) - 1);
	}
	return all;
}

static void put(struct box *b, const char *source, const char *kind, int64_t from, int64_t to, const char *why)
{
	const struct deaf_mark mark = {
		.kind = kind, .from_ms = minute(from), .to_ms = to == TIME_NONE ? TIME_NONE : minute(to), .why = why};
	struct poll_got got = {.done = false};

	store_deaf_put(b->store, source, &mark, on_done, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void poll_with(struct box *b, const char *source, const struct deaf_mark *marks, size_t n)
{
	struct poll_got got = {.done = false};
	struct poll_outcome o = box_outcome(source, NULL);
	size_t i;

	for (i = 0; i < n; i++)
		o.deaf[i] = marks[i];
	o.n_deaf = n;
	o.state.habits = "\x01h\0bits";
	o.state.habits_len = 7;
	store_poll(b->store, &o, NULL, on_poll, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void a_line_goes_on_over_a_restart_and_ends_once(void **state)
{
	struct deaf_mark marks[2] = {
		{.kind = "unreachable", .from_ms = minute(10), .to_ms = TIME_NONE, .why = "timeout"}};
	struct box b;

	(void)state;
	box_init(&b);
	poll_with(&b, "prensa", marks, 1);
	box_reopen(&b);
	poll_with(&b, "prensa", marks, 1); /* said again: the same line */
	assert_string_equal(ledger(&b), "prensa unreachable 10 - timeout; ");
	marks[0].to_ms = minute(30);
	marks[1] = (struct deaf_mark){.kind = "changed", .from_ms = minute(30), .to_ms = TIME_NONE};
	poll_with(&b, "prensa", marks, 2);
	assert_string_equal(ledger(&b), "prensa unreachable 10 30 timeout; prensa changed 30 - -; ");
	put(&b, "prensa", "unreachable", 10, 50, NULL); /* it was over already */
	put(&b, "prensa", "changed", 30, 20, NULL);     /* the clock was set back */
	assert_string_equal(ledger(&b), "prensa unreachable 10 30 timeout; prensa changed 30 30 -; ");
	box_check_totals(&b);
	box_done(&b);
}

static void of_a_kind_one_line_is_open(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	put(&b, "prensa", "silent", 5, TIME_NONE, NULL);
	put(&b, "radio", "silent", 6, TIME_NONE, NULL);
	put(&b, "prensa", "silent", 20, TIME_NONE, NULL);
	put(&b, "prensa", "changed", 21, TIME_NONE, NULL);
	assert_string_equal(ledger(&b),
			    "prensa silent 5 20 -; radio silent 6 - -; prensa silent 20 - -; prensa changed 21 - -; ");
	put(&b, "prensa", "silent", 5, TIME_NONE, "dns"); /* one that was ended too soon is open again */
	assert_string_equal(ledger(&b), "prensa silent 5 - dns; radio silent 6 - -; prensa silent 20 20 -; "
					"prensa changed 21 - -; ");
	box_done(&b);
}

static void what_source_has_learnt_is_given_back(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	poll_with(&b, "prensa", NULL, 0);
	assert_int_equal(box_number(&b, "SELECT habits = x'01680062697473' FROM source"), 1);
	box_done(&b);
}

static void who_was_deaf_between_two_times(void **state)
{
	static const char *const two[] = {"radio", "lista/"}, *const none[] = {NULL};
	struct lines lines;
	struct box b;

	(void)state;
	box_init(&b);
	put(&b, "prensa", "unreachable", 0, 10, "dns");
	put(&b, "radio", "unreachable", 5, 15, "dns");
	put(&b, "lista/0123456789abcdef", "silent", 12, TIME_NONE, NULL);
	put(&b, NULL, "down", 20, 30, NULL);
	put(&b, "prensa", "changed", 40, TIME_NONE, NULL);

	ask(&b, (struct store_deaf_filter){.from_ms = minute(10), .to_ms = minute(20)}, &lines);
	assert_int_equal(lines.n, 2); /* what ended at 10 and what begins at 20 lie outside */
	assert_string_equal(lines.text[0], "radio unreachable 5 15 dns");
	assert_string_equal(lines.text[1], "lista/0123456789abcdef silent 12 - -");
	ask(&b, (struct store_deaf_filter){.from_ms = minute(0), .to_ms = minute(60), .sources = two, .n_sources = 2},
	    &lines);
	assert_int_equal(lines.n, 3);
	assert_string_equal(lines.text[0], "radio unreachable 5 15 dns");
	assert_string_equal(lines.text[1], "lista/0123456789abcdef silent 12 - -");
	assert_string_equal(lines.text[2], "* down 20 30 -");
	ask(&b, (struct store_deaf_filter){.from_ms = minute(0), .to_ms = minute(60), .sources = none}, &lines);
	assert_int_equal(lines.n, 1);
	assert_string_equal(lines.text[0], "* down 20 30 -");
	box_done(&b);
}

static void pages_give_each_line_once(void **state)
{
	struct lines lines = {.n = 0};
	struct store_deaf_filter filter = {.from_ms = TIME_NONE, .to_ms = TIME_NONE, .limit = 2};
	char name[] = "a";
	struct box b;
	size_t seen = 0;

	(void)state;
	box_init(&b);
	for (; name[0] < 'h'; name[0]++)
		put(&b, name, "silent", 7, TIME_NONE, NULL); /* all at once, as when the network goes */
	do {
		ask(&b, filter, &lines);
		seen += lines.n;
		assert_true(lines.n <= 2);
		filter.after = lines.n ? lines.cursor[lines.n - 1] : filter.after;
	} while (lines.more);
	assert_int_equal(seen, 7);
	box_done(&b);
}

struct alive {
	bool done;
	int64_t from, to; /* minutes */
};

static void on_alive(void *arg, int r, const struct store_gap *gap)
{
	struct alive *a = arg;

	assert_int_equal(r, 0);
	a->from = (gap->from_ms - BOX_START_MS) / MINUTE_MS;
	a->to = (gap->to_ms - BOX_START_MS) / MINUTE_MS;
	a->done = true;
}

static struct alive alive(struct box *b, bool first)
{
	struct alive a = {.done = false};

	store_alive(b->store, first, on_alive, &a);
	box_wait(b, &a.done);
	return a;
}

static void standing_still_is_told_from_the_last_sign_of_life(void **state)
{
	struct alive a;
	struct box b;

	(void)state;
	box_init(&b);
	a = alive(&b, true); /* never before: nothing was missed */
	assert_int_equal(a.from, a.to);
	put(&b, NULL, "paused", 0, TIME_NONE, NULL);
	box_wall_ms = minute(70);
	a = alive(&b, false);
	assert_int_equal(a.from, a.to);
	b.store = store_close(b.store);
	box_wall_ms = minute(72);
	box_open(&b);
	a = alive(&b, true); /* an upgrade is no deafness */
	assert_int_equal(a.from, a.to);
	assert_string_equal(ledger(&b), "* paused 0 70 -; ");
	box_reopen(&b);
	box_wall_ms = minute(87);
	a = alive(&b, true);
	assert_int_equal(a.from, 72);
	assert_int_equal(a.to, 87);
	assert_string_equal(ledger(&b), "* paused 0 70 -; * down 72 87 -; ");
	box_done(&b);
}

static void days_pass(struct box *b, int64_t days)
{
	box_wall_ms += days * DAY_MS;
	box_steady_ms += days * DAY_MS;
	poll_with(b, "reloj", NULL, 0);
}

static int64_t count(struct box *b, const char *what)
{
	cleanup(freep) char *sql = xasprintf("SELECT count(*) FROM deaf WHERE %s", what);

	return box_number(b, sql);
}

static void until(struct box *b, const char *what, int64_t n)
{
	for (int i = 0; i < 2000 && count(b, what) != n; i++)
		(void)poll(NULL, 0, 5);
	assert_int_equal(count(b, what), n);
}

static void lines_are_kept_for_a_year_and_outlive_their_source(void **state)
{
	struct deaf_mark mark = {.kind = "silent", .from_ms = minute(0), .to_ms = TIME_NONE};
	struct box b;

	(void)state;
	box_init(&b);
	poll_with(&b, "vieja", &mark, 1); /* nobody asks it any more, and nobody saw it go */
	put(&b, "prensa", "unreachable", 0, 5, NULL);
	put(&b, "prensa", "unreachable", -600 * 24 * 60, -500 * 24 * 60, NULL);
	days_pass(&b, 1);
	until(&b, "1", 2); /* the first look; only from the second on is it known who isn't asked any more */
	days_pass(&b, STORE_DEAF_LOST_DAYS);
	until(&b, "ended IS NULL", 0);
	assert_string_equal(ledger(&b),
			    "vieja silent 0 0 -; prensa unreachable 0 5 -; "); /* it was polled then, last */
	days_pass(&b, STORE_DEAF_DAYS - 4);
	assert_int_equal(count(&b, "1"), 2);
	assert_string_equal(ledger(&b), "vieja silent 0 0 -; prensa unreachable 0 5 -; ");
	days_pass(&b, 3);
	until(&b, "1", 0);
	days_pass(&b, 2);
	for (int i = 0; i < 2000 && box_number(&b, "SELECT count(*) FROM name") > 1; i++)
		(void)poll(NULL, 0, 5);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM name"), 1);
	box_check_totals(&b);
	box_done(&b);
}

static void no_more_lines_are_kept_than_the_bound(void **state)
{
	struct box b;
	sqlite3 *db;
	cleanup(freep) char *sql =
		xasprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
			  "INSERT INTO deaf (source, kind, began, ended) SELECT 0, 'down', i, %jd FROM n",
			  STORE_DEAF_MAX + 3, (intmax_t)BOX_START_MS);

	(void)state;
	box_init(&b);
	put(&b, "prensa", "silent", -1000, TIME_NONE, NULL);
	assert_int_equal(sqlite3_open(box_path(&b, "escuchad.db"), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	days_pass(&b, 1);
	until(&b, "1", STORE_DEAF_MAX + 1); /* those that are open don't count */
	assert_int_equal(count(&b, "source = 0 AND began <= 3"), 0);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_goes_on_over_a_restart_and_ends_once),
		cmocka_unit_test(of_a_kind_one_line_is_open),
		cmocka_unit_test(what_source_has_learnt_is_given_back),
		cmocka_unit_test(who_was_deaf_between_two_times),
		cmocka_unit_test(pages_give_each_line_once),
		cmocka_unit_test(standing_still_is_told_from_the_last_sign_of_life),
		cmocka_unit_test(lines_are_kept_for_a_year_and_outlive_their_source),
		cmocka_unit_test(no_more_lines_are_kept_than_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
