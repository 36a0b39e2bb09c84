/* Whether a source is heard: what is told of a story of polls, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "source/habits.h"
#include "source/health.h"

/* What escuchad knows of a source besides its health, from poll to poll. */
struct course {
	int64_t now_ms, ok_ms, new_ms;
	uint32_t failures;
};

static void course_poll(struct course *c, struct health_poll *p)
{
	p->now_ms = c->now_ms;
	p->every_ms = 15 * MINUTE_MS;
	c->failures = p->end == POLL_END_OK ? 0 : c->failures + 1;
	p->failures = c->failures;
	if (p->end == POLL_END_OK)
		c->ok_ms = p->now_ms;
	if (p->gap_ms) {
		p->gap_ms = c->new_ms == TIME_NONE ? 0 : p->now_ms - c->new_ms;
		c->new_ms = p->now_ms;
	}
	p->ok_ms = c->ok_ms;
	p->new_ms = c->new_ms;
}

static struct story {
	struct health health;
	struct course course;
	int64_t since_ms;
	unsigned said[HEALTH_SAY_HEARD + 1];
} story;

static int begin(void **state)
{
	(void)state;
	story = (struct story){.course = {.now_ms = INT64_C(1790000000000), .ok_ms = TIME_NONE, .new_ms = TIME_NONE}};
	return 0;
}

static enum health_say step(struct health_poll p)
{
	enum health_say say;

	course_poll(&story.course, &p);
	say = health_step(&story.health, &p, &story.since_ms);
	story.said[say]++;
	return say;
}

static enum health_say after(int64_t ms, struct health_poll p)
{
	story.course.now_ms += ms;
	return step(p);
}

static const struct health_poll fresh = {.read = true, .items = 20, .gap_ms = 1}, same = {.items = 0},
				failed = {.end = POLL_END_FAILED}, no_feed = {.end = POLL_END_FAILED, .answered = true},
				empty = {.read = true}, gone = {.end = POLL_END_GONE};

static void what_cannot_be_reached_is_told_once_then_daily_then_cleared(void **state)
{
	int64_t heard;

	(void)state;
	assert_int_equal(step(fresh), HEALTH_SAY_NOTHING);
	heard = story.course.now_ms;
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, same), HEALTH_SAY_NOTHING); /* an accident */
	heard = story.course.now_ms;
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_DEAF);
	assert_int_equal(story.since_ms, heard);
	assert_string_equal(health_name(story.health.kind), "unreachable");
	for (int i = 0; i < 3 * 24; i++)
		(void)after(HOUR_MS, failed);
	assert_int_equal(story.said[HEALTH_SAY_STILL], 3);
	assert_int_equal(after(HOUR_MS, no_feed), HEALTH_SAY_NOTHING); /* one deafness, another kind */
	assert_string_equal(health_name(story.health.kind), "changed");
	assert_int_equal(after(HOUR_MS, fresh), HEALTH_SAY_HEARD);
	assert_int_equal(story.since_ms, heard);
	assert_int_equal(after(HOUR_MS, same), HEALTH_SAY_NOTHING);
	assert_int_equal(story.said[HEALTH_SAY_DEAF], 1);
	assert_int_equal(story.said[HEALTH_SAY_HEARD], 1);
}

static void what_is_gone_is_told_at_once(void **state)
{
	(void)state;
	assert_int_equal(step(fresh), HEALTH_SAY_NOTHING);
	assert_int_equal(after(HOUR_MS, gone), HEALTH_SAY_DEAF);
}

static void a_source_never_heard_is_deaf_since_it_was_asked(void **state)
{
	int64_t first = story.course.now_ms;

	(void)state;
	assert_int_equal(step(failed), HEALTH_SAY_NOTHING);
	(void)after(HOUR_MS, failed);
	assert_int_equal(after(HOUR_MS, failed), HEALTH_SAY_DEAF);
	assert_int_equal(story.since_ms, first);
}

static void an_empty_feed_has_changed_when_it_stays_so(void **state)
{
	(void)state;
	(void)step(fresh);
	assert_int_equal(after(15 * MINUTE_MS, empty), HEALTH_SAY_NOTHING);
	assert_int_equal(after(15 * MINUTE_MS, same), HEALTH_SAY_NOTHING);
	assert_int_equal(after(15 * MINUTE_MS, same), HEALTH_SAY_DEAF); /* the same: still empty */
	assert_string_equal(health_name(story.health.kind), "changed");
	assert_int_equal(after(15 * MINUTE_MS, fresh), HEALTH_SAY_HEARD);

	(void)begin(state);
	for (int i = 0; i < 100; i++) /* one that never had much */
		assert_int_equal(after(15 * MINUTE_MS, empty), HEALTH_SAY_NOTHING);
}

/* News at eight to twenty, from Monday to Friday. */
static bool publishes(int64_t now_ms)
{
	int64_t day = now_ms / DAY_MS, hour = now_ms / HOUR_MS % 24;

	return (day + 3) % 7 < 5 && hour >= 8 && hour < 20;
}

static void nights_and_weekends_are_a_rhythm_and_a_week_is_not(void **state)
{
	int hours;

	(void)state;
	for (int i = 0; i < 8 * 7 * 24; i++)
		assert_int_equal(after(HOUR_MS, publishes(story.course.now_ms + HOUR_MS) ? fresh : same),
				 HEALTH_SAY_NOTHING);
	while (!publishes(story.course.now_ms))
		(void)after(HOUR_MS, publishes(story.course.now_ms + HOUR_MS) ? fresh : same);
	for (hours = 0; after(HOUR_MS, same) == HEALTH_SAY_NOTHING; hours++)
		assert_true(hours < 7 * 24);
	assert_string_equal(health_name(story.health.kind), "silent");
	assert_true(hours > 64);
	assert_int_equal(story.since_ms, story.course.new_ms);
	for (int i = 0; i < 48; i++)
		(void)after(HOUR_MS, same);
	assert_int_equal(story.said[HEALTH_SAY_STILL], 2);
	assert_int_equal(after(HOUR_MS, fresh), HEALTH_SAY_HEARD);
}

static void a_busy_feed_that_falls_silent_is_told_within_a_day(void **state)
{
	int hours;

	(void)state;
	for (int i = 0; i < 9 * 24; i++)
		(void)after(HOUR_MS, fresh);
	for (hours = 0; after(HOUR_MS, same) == HEALTH_SAY_NOTHING; hours++)
		assert_true(hours < 24);
	assert_true(hours >= 11);
}

static void a_silence_is_not_told_twice_for_the_time_in_which_nobody_answered(void **state)
{
	int64_t heard_ms;

	(void)state;
	for (int i = 0; i < 9 * 24; i++)
		(void)after(HOUR_MS, fresh);
	for (int i = 0; i < 10; i++)
		(void)after(HOUR_MS, failed);
	assert_int_equal(after(HOUR_MS, same), HEALTH_SAY_HEARD);
	heard_ms = story.course.now_ms;
	while (after(HOUR_MS, same) == HEALTH_SAY_NOTHING)
		assert_true(story.course.now_ms - heard_ms < DAY_MS);
	assert_string_equal(health_name(story.health.kind), "silent");
	assert_int_equal(story.since_ms, heard_ms);
}

static void a_clock_set_back_repeats_nothing_for_years(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		(void)after(HOUR_MS, failed);
	assert_int_equal(after(-900 * DAY_MS, failed), HEALTH_SAY_NOTHING);
	assert_int_equal(after(DAY_MS, failed), HEALTH_SAY_STILL);
}

/* Its fields come back, too, and what stands behind them; so does what an earlier version kept, which knew of no fields. */
static void habits_of_a_platform(void **state)
{
	enum { EARLIER_BYTES = 57 };
	const struct health h = {.watched_ms = 1};
	const struct pace_wish w = {.ttl_s = 8};
	const struct fields f = {.gone = 1 << FIELD_TEXT, .told_ms = 3, .line_ms = 2};
	struct buf b = BUF_INIT(HABITS_MAX_BYTES + 16), rest = BUF_INIT(16), earlier = BUF_INIT(HABITS_MAX_BYTES);
	struct fields got_f = {.gone = 0};
	struct pace_wish got_w;
	struct health got_h;
	size_t len;

	(void)state;
	buf_puts(&rest, "behind");
	habits_put(&b, &h, &w, &f);
	assert_true(b.len <= HABITS_MAX_BYTES);
	assert_null(habits_rest(buf_str(&b), b.len, &len));
	for (len = 0; len < b.len; len++)
		assert_false(habits_get(buf_str(&b), len, &got_h, &got_w, &got_f));
	habits_put_rest(&b, &rest);
	assert_true(habits_get(buf_str(&b), b.len, &got_h, &got_w, &got_f));
	assert_int_equal(got_f.gone, 1 << FIELD_TEXT);
	assert_int_equal(got_f.line_ms, 2);
	assert_string_equal(habits_rest(buf_str(&b), b.len, &len), "behind");
	assert_int_equal(len, 6);
	buf_putc(&earlier, 2); /* its version */
	buf_put(&earlier, buf_str(&b) + 1, EARLIER_BYTES - 1);
	got_f.gone = 0;
	assert_true(habits_get(buf_str(&earlier), earlier.len, &got_h, &got_w, &got_f));
	assert_int_equal(got_w.ttl_s, 8);
	assert_int_equal(got_f.gone, 0);
	buf_puts(&earlier, "behind");
	assert_true(habits_get(buf_str(&earlier), earlier.len, &got_h, &got_w, &got_f));
	assert_string_equal(habits_rest(buf_str(&earlier), earlier.len, &len), "behind");
	buf_done(&earlier);
	buf_done(&rest);
	buf_done(&b);
}

/* What is learnt and told comes back as it was; what is not ours changes nothing. */
static void habits_outlive_a_restart(void **state)
{
	const struct health h = {.watched_ms = 1,
				 .deaf_ms = 2,
				 .told_ms = 3,
				 .kind_ms = 4,
				 .rhythm.longest_s = 5,
				 .rhythm.gaps = 6,
				 .kind = HEALTH_CHANGED,
				 .items = 7};
	const struct pace_wish w = {.ttl_s = 8, .skip_hours = 0x800001, .skip_days = 0x41};
	struct health got_h = {.rhythm.gaps = 99};
	struct pace_wish got_w = {.ttl_s = 99};
	struct fields got_f = {.gone = 0};
	struct buf b = BUF_INIT(HABITS_MAX_BYTES);
	size_t len;

	(void)state;
	habits_put(&b, &h, &w, NULL);
	assert_false(b.full);
	for (len = 0; len < b.len; len++) /* cut off anywhere */
		assert_false(habits_get(buf_str(&b), len, &got_h, &got_w, &got_f));
	assert_false(habits_get(NULL, 0, &got_h, &got_w, &got_f));
	assert_int_equal(got_h.rhythm.gaps, 99);
	assert_int_equal(got_w.ttl_s, 99);
	assert_true(habits_get(buf_str(&b), b.len, &got_h, &got_w, &got_f));
	assert_int_equal(got_h.watched_ms, 1);
	assert_int_equal(got_h.deaf_ms, 2);
	assert_int_equal(got_h.told_ms, 3);
	assert_int_equal(got_h.kind_ms, 4);
	assert_int_equal(got_h.rhythm.longest_s, 5);
	assert_int_equal(got_h.rhythm.gaps, 6);
	assert_int_equal(got_h.kind, HEALTH_CHANGED);
	assert_int_equal(got_h.items, 7);
	assert_int_equal(got_w.ttl_s, 8);
	assert_int_equal(got_w.skip_hours, 0x800001);
	assert_int_equal(got_w.skip_days, 0x41);
	buf_done(&b);
}

/* --- a year of a source, by a seed: what is told, and what the ledger comes to --- */

enum { SEEDS = 300, POLLS = 3000, LINES = 4096 };

static struct year {
	struct health health;
	uint32_t random;
	struct course course;
	int64_t asked_ms, told_ms, deaf_ms; /* told_ms, deaf_ms: 0: it is not told as deaf */
	unsigned mood, left;                /* how the source is, for so many polls more */
	struct deaf_mark lines[LINES];
	size_t n_lines;
	int64_t covered_ms, deaf_whole_ms;
} year;

static uint32_t draw(uint32_t n)
{
	year.random = year.random * 1664525 + 1013904223;
	return (year.random >> 8) % n;
}

static struct health_poll next_poll(void)
{
	static const struct health_poll moods[] = {{.read = true, .items = 20, .gap_ms = 1},
						   {.read = true, .items = 20, .gap_ms = 1},
						   {.items = 0},
						   {.read = true},
						   {.end = POLL_END_FAILED},
						   {.end = POLL_END_FAILED, .answered = true},
						   {.end = POLL_END_LIMITED},
						   {.end = POLL_END_GONE}};
	struct health_poll p;

	if (!year.left--) {
		year.mood = draw(ARRAY_LEN(moods));
		year.left = draw(8) ? draw(12) : draw(120);
	}
	p = moods[year.mood];
	year.course.now_ms += (draw(10) ? MINUTE_MS * (5 + draw(60)) : HOUR_MS * (1 + draw(30)));
	course_poll(&year.course, &p);
	p.asked_ms = year.asked_ms;
	year.asked_ms = p.now_ms;
	return p;
}

/* As the log does it: a line is known by kind and beginning, and ends once. */
static void note(const struct deaf_mark *m)
{
	size_t i;

	for (i = 0; i < year.n_lines; i++) {
		struct deaf_mark *line = &year.lines[i];

		if (strcmp(line->kind, m->kind) != 0 || line->from_ms != m->from_ms)
			continue;
		assert_true(line->to_ms == TIME_NONE); /* what is over is over */
		line->to_ms = m->to_ms;
		return;
	}
	assert_true(year.n_lines < LINES);
	assert_true(m->to_ms == TIME_NONE); /* none ends that did not begin */
	year.lines[year.n_lines++] = *m;
}

static void check_told(enum health_say say, int64_t since_ms)
{
	switch (say) {
	case HEALTH_SAY_DEAF:
		assert_int_equal(year.told_ms, 0);
		year.deaf_ms = since_ms;
		break;
	case HEALTH_SAY_STILL:
		assert_true(year.told_ms && year.course.now_ms - year.told_ms >= HEALTH_SELDOM_MS);
		assert_int_equal(since_ms, year.deaf_ms);
		break;
	case HEALTH_SAY_HEARD:
		assert_true(year.told_ms != 0);
		assert_int_equal(since_ms, year.deaf_ms);
		year.deaf_whole_ms += year.course.now_ms - since_ms;
		year.told_ms = 0;
		return;
	case HEALTH_SAY_NOTHING: /* told anew at the first poll a day later, whatever it is deaf of by then */
		assert_true(!year.told_ms || year.course.now_ms - year.told_ms < HEALTH_AGAIN_MS);
		return;
	}
	year.told_ms = year.course.now_ms;
}

/* All that is known after a restart is what was kept. */
static void restart(void)
{
	struct buf b = BUF_INIT(HABITS_MAX_BYTES);
	struct pace_wish wish = {.ttl_s = 0};

	habits_put(&b, &year.health, &wish, NULL);
	memset(&year.health, 0xEE, sizeof(year.health));
	assert_true(habits_get(buf_str(&b), b.len, &year.health, &wish, &(struct fields){.gone = 0}));
	buf_done(&b);
}

/* Open is the last line alone, while it is told; none begins before the one before it has ended. */
static void check_ledger(void)
{
	size_t i;

	year.covered_ms = 0;
	for (i = 0; i < year.n_lines; i++) {
		const struct deaf_mark *line = &year.lines[i];

		if (line->to_ms == TIME_NONE) {
			assert_true(i == year.n_lines - 1 && year.told_ms);
			continue;
		}
		assert_true(line->to_ms >= line->from_ms);
		assert_true(i + 1 == year.n_lines || year.lines[i + 1].from_ms >= line->to_ms);
		year.covered_ms += line->to_ms - line->from_ms;
	}
}

static void live_on(void)
{
	struct health_poll p = next_poll();
	struct health before = year.health;
	struct deaf_mark marks[DEAF_MARKS_MAX];
	int64_t since_ms = TIME_NONE;
	enum health_say say = health_step(&year.health, &p, &since_ms);
	size_t i, n = health_marks(&before, &year.health, p.now_ms, marks);

	for (i = 0; i < n; i++)
		note(&marks[i]);
	check_told(say, since_ms);
	if (!draw(20))
		restart();
}

static void live(uint32_t seed)
{
	year = (struct year){.random = seed,
			     .course = {.now_ms = INT64_C(1790000000000), .ok_ms = TIME_NONE, .new_ms = TIME_NONE},
			     .asked_ms = TIME_NONE};
	for (int i = 0; i < POLLS; i++) {
		live_on();
		check_ledger();
	}
	year.mood = 0; /* something new: whatever it was, it is over */
	year.left = 1;
	live_on();
	check_ledger();
	assert_int_equal(year.told_ms, 0);
	assert_true(year.n_lines > 20);
	assert_int_equal(year.covered_ms, year.deaf_whole_ms); /* neither more nor less than what was told */
}

static void years_of_any_source_are_told_once_and_covered_exactly(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		print_message("# seed %u\n", seed);
		live(seed);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
		TEST(what_cannot_be_reached_is_told_once_then_daily_then_cleared),
		TEST(what_is_gone_is_told_at_once),
		TEST(a_source_never_heard_is_deaf_since_it_was_asked),
		TEST(an_empty_feed_has_changed_when_it_stays_so),
		TEST(nights_and_weekends_are_a_rhythm_and_a_week_is_not),
		TEST(a_busy_feed_that_falls_silent_is_told_within_a_day),
		TEST(a_silence_is_not_told_twice_for_the_time_in_which_nobody_answered),
		TEST(a_clock_set_back_repeats_nothing_for_years),
		TEST(habits_outlive_a_restart),
		TEST(habits_of_a_platform),
		TEST(years_of_any_source_are_told_once_and_covered_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
