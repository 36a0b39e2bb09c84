/* stats/events, seasonal, share, judge and topic: what a window holds, what is usual, what is called a crisis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"
#include "stats/events.h"
#include "stats/judge.h"
#include "stats/seasonal.h"
#include "stats/share.h"
#include "stats/topic.h"

enum { NOON = 12 };
#define DAY_0 (20000 * DAY_MS)

static void add(struct events *e, int64_t at_ms, uint64_t author, uint64_t story, enum event_tone tone, int name)
{
	uint16_t names[1] = {(uint16_t)name};

	events_add(e, &(struct event){.at_ms = at_ms,
				      .author = author,
				      .story = story,
				      .reach = 10,
				      .tone = tone,
				      .names = names,
				      .n_names = name >= 0});
}

static void a_window_counts_people_and_stories_once(void **unused)
{
	cleanup(events_freep) struct events *e = events_new();
	struct events_count c;

	(void)unused;
	add(e, DAY_0, 1, 100, EVENT_NEGATIVE, 7);
	add(e, DAY_0 + 1, 1, 100, EVENT_NEGATIVE, -1);
	add(e, DAY_0 + HOUR_MS, 2, 100, EVENT_POSITIVE, 7);
	add(e, DAY_0 + HOUR_MS + 1, 3, 101, EVENT_NEUTRAL, 7);
	events_count(e, EVENTS_ALL, DAY_0, DAY_0 + DAY_MS, &c);
	assert_int_equal(c.mentions, 4);
	assert_int_equal(c.matching, 4);
	assert_int_equal(c.authors, 3);
	assert_int_equal(c.stories, 2);
	assert_true(c.reach == 40);
	assert_true(c.last_ms == DAY_0 + HOUR_MS + 1);
	events_count(e, EVENTS_NEGATIVE, DAY_0, DAY_0 + DAY_MS, &c);
	assert_int_equal(c.mentions, 4);
	assert_int_equal(c.matching, 2);
	assert_int_equal(c.authors, 1);
	events_count(e, 7, DAY_0 + 1, DAY_0 + HOUR_MS + 1, &c); /* the first is too old, the last one not yet */
	assert_int_equal(c.mentions, 2);
	assert_int_equal(c.matching, 1);
	events_count(e, EVENTS_ALL, DAY_0 + DAY_MS, DAY_0 + 2 * DAY_MS, &c);
	assert_int_equal(c.mentions, 0);
	assert_true(c.last_ms == INT64_MIN);
}

static void what_is_forgotten_is_forgotten_by_whole_bins(void **unused)
{
	cleanup(events_freep) struct events *e = events_new();
	struct events_count c;

	(void)unused;
	add(e, DAY_0 + HOUR_MS, 1, 1, EVENT_NEUTRAL, -1);
	add(e, DAY_0, 2, 2, EVENT_NEUTRAL, -1); /* out of order */
	add(e, -1, 3, 3, EVENT_NEUTRAL, -1);    /* before 1970: a day's bin all the same */
	assert_int_equal(events_len(e), 3);
	events_forget(e, DAY_0 + HOUR_MS);
	assert_int_equal(events_len(e), 1);
	assert_true(events_since_ms(e) == DAY_0 + HOUR_MS);
	add(e, DAY_0, 4, 4, EVENT_NEUTRAL, -1); /* older than what is kept */
	assert_int_equal(events_len(e), 1);
	events_count(e, EVENTS_ALL, 0, DAY_0 + DAY_MS, &c);
	assert_int_equal(c.mentions, 1);
}

static void no_more_is_kept_than_the_bound(void **unused)
{
	cleanup(events_freep) struct events *e = events_new();
	struct events_count c;
	uint64_t i;

	(void)unused;
	for (i = 0; i < EVENTS_MAX + 5; i++)
		add(e, DAY_0 + (int64_t)(i * 60), i, i % 1000, EVENT_NEUTRAL, -1);
	assert_true(events_len(e) <= EVENTS_MAX);
	assert_true(events_since_ms(e) > DAY_0);
	events_count(e, EVENTS_ALL, events_since_ms(e), INT64_MAX, &c);
	assert_int_equal(c.mentions, events_len(e));
	assert_int_equal(c.authors, events_len(e));
	assert_int_equal(c.stories, 1000);
}

static void the_usual_follows_the_hours_of_a_week(void **unused)
{
	struct seasonal s;
	int bin;

	(void)unused;
	seasonal_init(&s);
	assert_true(seasonal_usual(&s, NOON, 12) < 0);
	assert_true(seasonal_hour(&s, NOON) == 0);
	for (bin = 0; bin < 14 * 288; bin++)
		seasonal_close(&s, bin % 288 / 12 == NOON ? 4 : 1, bin % 288 / 12);
	assert_true(fabs(seasonal_usual(&s, NOON, 12) - 48) < 0.01);
	assert_true(fabs(seasonal_usual(&s, 0, 12) - 12) < 0.01);
	assert_true(fabs(seasonal_usual(&s, NOON, 24) - 60) < 0.01);
	assert_true(fabs(seasonal_usual(&s, NOON, 288) - (23 * 12 + 48)) < 0.1);
	for (bin = 0; bin < 12; bin++) /* a wave does not become usual while it rises, and hardly afterwards */
		seasonal_close(&s, 400, NOON);
	assert_true(fabs(seasonal_usual(&s, NOON, 12) - 48) < 0.01);
	seasonal_close(&s, 1, NOON + 1);
	assert_true(seasonal_usual(&s, NOON, 12) < 48 + 48 * 2 / 7.0 + 2);
}

static void a_share_is_what_is_so_and_not_what_is_measured(void **unused)
{
	static const struct share_tone tone = {.r = 0.5, .f = 0.1}, blind = {.r = 0.3, .f = 0.28};

	(void)unused;
	assert_true(fabs(share_true(&tone, 30, 100) - 0.5) < 1e-9);
	assert_true(share_true(&tone, 5, 100) == 0);
	assert_true(share_true(&tone, 90, 100) == 1);
	assert_true(share_true(&tone, 0, 0) == 0);
	assert_true(fabs(share_seen(&tone, 0.5) - 0.3) < 1e-9);
	assert_true(fabs(share_true(&blind, 30, 100) - 0.3) < 1e-9); /* it can't tell: as measured */
}

static void close_bins(struct share *s, const struct share_tone *tone, int bins, double n, double k)
{
	for (; bins; bins--)
		share_close(s, tone, n, k);
}

static void a_turn_of_tone_is_seen_and_volume_is_not(void **unused)
{
	static const struct share_tone tone = {.r = 0.56, .f = 0.04};
	struct share_verdict v;
	struct share s;
	int i;

	(void)unused;
	share_init(&s);
	for (i = 0; i < 7 * 288; i++)
		share_close(&s, &tone, 5, i % 2);
	share_test(&s, &tone, 60, 6, &v);
	assert_false(v.turned);
	assert_true(fabs(v.usual - (0.1 - 0.04) / 0.52) < 0.02);
	share_test(&s, &tone, 6000, 600, &v); /* a hundred times as many */
	assert_false(v.turned);
	share_test(&s, &tone, 60, 25, &v);
	assert_true(v.turned);
	share_test(&s, &tone, 19, 15, &v); /* of so few no share is told */
	assert_false(v.turned);
	close_bins(&s, &tone, 144, 60, 30); /* half a day of it, and it is not what is usual */
	share_test(&s, &tone, 60, 30, &v);
	assert_true(v.turned);
	assert_true(v.usual < 0.25);
}

static void one_hour_out_of_line_is_usual_for_some(void **unused)
{
	static const struct share_tone tone = {.r = 1};
	struct share_verdict calm, quarrel;
	struct share s;
	int i;

	(void)unused;
	share_init(&s);
	for (i = 0; i < 7 * 288; i++)
		share_close(&s, &tone, 10, 2);
	share_test(&s, &tone, 120, 48, &calm);
	share_init(&s);
	for (i = 0; i < 7 * 288; i++) /* the same mean, but hours of nothing and hours of twice that */
		share_close(&s, &tone, 10, i / 12 % 2 * 3.5 + 0.25);
	share_test(&s, &tone, 120, 48, &quarrel);
	assert_true(calm.turned);
	assert_true(quarrel.z < calm.z / 1.5);
}

static void rare_counts_are_rare(void **unused)
{
	(void)unused;
	assert_true(judge_tail(0, 3) == 1);
	assert_true(fabs(judge_tail(1, 2) - 0.75) < 1e-9); /* 1 - (2 / 4)^2 */
	assert_true(judge_tail(3, 0.1) < 1e-3);
	assert_true(judge_tail(1000, 1) <= 1e-14);
	assert_true(judge_tail(5, 1) < judge_tail(5, 2));
}

static const struct {
	const char *what;
	struct judge_facts facts;
	enum judge_severity severity;
	int reason; /* the one that must stand; -1: none */
} cases[] = {
	{"nothing", {.brand = true, .known = true}, JUDGE_NONE, -1},
	{"volume alone", {.brand = true, .known = true, .volume_unusual = true}, JUDGE_INFO, JUDGE_VOLUME},
	{"a turn", {.brand = true, .share = {.mentions = 30, .turned = true, .z = 4.2}}, JUDGE_WARNING, JUDGE_TURNED},
	{"a turn and many",
	 {.brand = true, .share = {.mentions = 30, .turned = true, .z = 6}, .negatives_unusual = true},
	 JUDGE_CRITICAL,
	 JUDGE_NEGATIVES},
	{"half of them",
	 {.brand = true, .share = {.mentions = 40, .negatives = 20, .now = 0.5, .z = 7}, .negative_authors = 15},
	 JUDGE_CRITICAL,
	 JUDGE_HALF},
	{"half of them, by one person",
	 {.brand = true, .share = {.mentions = 40, .negatives = 20, .now = 0.5, .z = 7}, .negative_authors = 1},
	 JUDGE_NONE,
	 -1},
	{"two with a crisis word", {.brand = true, .words_authors = 2}, JUDGE_NONE, -1},
	{"three with a crisis word", {.brand = true, .words_authors = 3}, JUDGE_WARNING, JUDGE_WORDS},
	{"three, as every hour", {.brand = true, .words_authors = 3, .words_usual = 1}, JUDGE_NONE, -1},
	{"three of a thousand, as usual",
	 {.brand = true, .words_authors = 3, .words_share = 0.003, .share = {.mentions = 1000}},
	 JUDGE_NONE,
	 -1},
	{"ten with a crisis word", {.brand = true, .words_authors = 10}, JUDGE_CRITICAL, JUDGE_WORDS_BY_MANY},
	{"a small brand's bad hour",
	 {.brand = true,
	  .known = true,
	  .share = {.mentions = 4, .now = 1},
	  .negative_authors = 3,
	  .negatives_usual = 0.05},
	 JUDGE_WARNING,
	 JUDGE_FEW},
	{"on its first day",
	 {.brand = true, .share = {.mentions = 4, .now = 1}, .negative_authors = 3},
	 JUDGE_NONE,
	 -1},
	{"beside as many who praise",
	 {.brand = true,
	  .known = true,
	  .share = {.mentions = 8, .now = 0.7},
	  .negative_authors = 3,
	  .positives = 3,
	  .negatives_usual = 0.1},
	 JUDGE_NONE,
	 -1},
	{"a post that spreads", {.brand = true, .growth = 600, .growth_usual = 20}, JUDGE_WARNING, JUDGE_GROWTH},
	{"spread is not known", {.brand = true, .growth = -1, .growth_usual = -1}, JUDGE_NONE, -1},
	{"a competitor's crisis",
	 {.words_authors = 12, .share = {.mentions = 30, .turned = true, .z = 5}},
	 JUDGE_INFO,
	 JUDGE_WORDS},
};

static void each_case_is_called_what_it_is(void **unused)
{
	struct judge_verdict v;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		judge(&cases[i].facts, &v);
		if (v.severity != cases[i].severity || (cases[i].reason >= 0 && !v.by[cases[i].reason]))
			fail_msg("%s: %s", cases[i].what, judge_severity_names[v.severity]);
	}
}

static uint64_t people;

static void say(struct topic *t, int64_t at_ms, enum event_tone tone, const char *tag)
{
	struct said said = {
		.at_ms = at_ms, .author = ++people, .story = people, .tone = tone, .tags = &tag, .n_tags = tag != NULL};

	topic_say(t, &said);
}

/* So many days of a mention every quarter of an hour, each eighth of them negative. */
static int64_t live(struct topic *t, int64_t from_ms, int days)
{
	int64_t at_ms;
	int bin;

	for (bin = 0; bin < days * 288; bin++) {
		at_ms = from_ms + bin * (int64_t)SERIES_BIN_MS;
		if (bin % 3 == 0)
			say(t, at_ms, bin % 24 == 0 ? EVENT_NEGATIVE : EVENT_NEUTRAL, NULL);
		topic_close(t, at_ms + SERIES_BIN_MS, bin / 12 % 24);
	}
	return from_ms + days * DAY_MS;
}

static void a_window_says_what_it_holds(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	struct topic_window w;

	(void)unused;
	say(t, DAY_0, EVENT_NEGATIVE, "crisis");
	say(t, DAY_0 + 1, EVENT_NEUTRAL, "legal");
	topic_close(t, DAY_0 + SERIES_BIN_MS, 0);
	topic_window(t, SERIES_TAG, "crisis", DAY_0 + HOUR_MS / 2, HOUR_MS, 0, &w);
	assert_int_equal(w.count.mentions, 2);
	assert_int_equal(w.count.matching, 1);
	assert_true(w.percent == 50);
	assert_true(w.usual < 0 && w.times_usual < 0); /* not known on the first day */
	assert_true(w.quiet_s == 1800);
	assert_true(w.early);
	assert_false(w.whole);
	topic_window(t, SERIES_RULE, "never-seen", DAY_0 + HOUR_MS / 2, HOUR_MS, 0, &w);
	assert_int_equal(w.count.matching, 0);
	assert_true(w.quiet_s < 0);
}

static double usual_of(struct topic *t, enum series_kind kind, const char *name, int64_t now_ms)
{
	struct topic_window w;

	topic_window(t, kind, name, now_ms, HOUR_MS, 0, &w);
	return w.usual;
}

static void a_bin_counts_each_once_under_all_its_names(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	int64_t at_ms = DAY_0;
	int bin;

	(void)unused;
	for (bin = 0; bin < 2 * 288; bin++, at_ms += SERIES_BIN_MS) {
		say(t, at_ms, bin % 2 ? EVENT_NEGATIVE : EVENT_NEUTRAL, bin % 4 ? NULL : "crisis");
		topic_close(t, at_ms + SERIES_BIN_MS, bin / 12 % 24);
	}
	assert_true(fabs(usual_of(t, SERIES_ALL, NULL, at_ms) - 12) < 1e-6);
	assert_true(fabs(usual_of(t, SERIES_NEGATIVE, NULL, at_ms) - 6) < 1e-6);
	assert_true(fabs(usual_of(t, SERIES_TAG, "crisis", at_ms) - 3) < 1e-6);
	assert_true(usual_of(t, SERIES_TAG, "legal", at_ms) == 0);
}

static void after_a_start_the_log_says_what_was_counted(void **unused)
{
	cleanup(topic_freep) struct topic *said = topic_new("acme", true), *read = topic_new("acme", true);
	struct topic_window x, y;
	int64_t at_ms = DAY_0;
	int bin;

	(void)unused;
	for (bin = 0; bin < 3 * 288; bin++, at_ms += SERIES_BIN_MS) {
		const char *tag = "crisis";

		say(said, at_ms, EVENT_NEGATIVE, tag);
		topic_remember(read, &(struct said){.at_ms = at_ms,
						    .author = people,
						    .story = people,
						    .tone = EVENT_NEGATIVE,
						    .tags = &tag,
						    .n_tags = 1});
		topic_count(read, SERIES_ALL, NULL, 1);
		topic_count(read, SERIES_NEGATIVE, NULL, 1);
		topic_count(read, SERIES_TAG, tag, 1);
		topic_close(said, at_ms + SERIES_BIN_MS, bin / 12 % 24);
		topic_close(read, at_ms + SERIES_BIN_MS, bin / 12 % 24);
	}
	topic_window(said, SERIES_TAG, "crisis", at_ms - 1, HOUR_MS, 0, &x);
	topic_window(read, SERIES_TAG, "crisis", at_ms - 1, HOUR_MS, 0, &y);
	assert_memory_equal(&x, &y, sizeof(x));
	assert_int_equal(x.count.matching, 12);
}

static void what_is_gained_later_counts_now_and_is_no_mention(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	const char *tag = "crisis";
	struct judge_facts facts;
	struct judge_verdict v;
	struct topic_window w;
	int64_t now_ms = live(t, DAY_0, 2);
	struct said said = {.tags = &tag, .n_tags = 1, .tone = EVENT_NEGATIVE};
	int i;

	(void)unused;
	topic_window(t, SERIES_ALL, NULL, now_ms + 3, HOUR_MS, 0, &w);
	assert_int_equal(w.count.mentions, 3);
	for (i = 0; i < 3; i++) {
		said.at_ms = now_ms + i;
		said.author = said.story = ++people;
		topic_gain(t, &said);
	}
	topic_window(t, SERIES_TAG, tag, now_ms + 3, HOUR_MS, 0, &w);
	assert_int_equal(w.count.matching, 3);
	assert_int_equal(w.count.authors, 3);
	assert_int_equal(w.count.mentions, 3);
	topic_window(t, SERIES_NEGATIVE, NULL, now_ms + 3, HOUR_MS, 0, &w);
	assert_int_equal(w.count.matching, 0);
	topic_judge(t, now_ms + 3, 0, &facts, &v);
	assert_int_equal(v.by[JUDGE_WORDS], JUDGE_WARNING);
}

static void what_is_usual_is_the_topics_own(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	struct topic_window w;

	(void)unused;
	say(t, DAY_0, EVENT_NEGATIVE, NULL);
	topic_window(t, SERIES_NEGATIVE, NULL, DAY_0 + 1, HOUR_MS, 0, &w);
	assert_true(w.percent == 100 && w.percent_usual < 0); /* minutes old: nobody knows what it usually has */
	assert_true(w.rises && w.percent_rise > 80);
	topic_window(t, SERIES_NEGATIVE, NULL, live(t, DAY_0, 2), HOUR_MS, 0, &w);
	assert_true(w.percent_usual > 5 && w.percent_usual < 20);
}

static enum judge_severity growth_at(struct topic *t, double fastest, double negative, int64_t now_ms)
{
	struct judge_facts facts;
	struct judge_verdict v;

	topic_set_growth(t, &(struct topic_growth){.fastest = fastest, .negative = negative});
	topic_judge(t, now_ms, 0, &facts, &v);
	return v.by[JUDGE_GROWTH];
}

static void a_negative_post_that_spreads_far_beyond_the_usual(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	int64_t now_ms = live(t, DAY_0, 1);
	int i;

	(void)unused;
	assert_int_equal(growth_at(t, 900, 900, now_ms), JUDGE_NONE); /* what is usual here is not known */
	for (i = 0; i < TOPIC_GROWTH_BINS; i++) {
		topic_set_growth(t, &(struct topic_growth){.fastest = 40, .negative = -1});
		topic_close(t, now_ms += SERIES_BIN_MS, 0);
	}
	assert_int_equal(growth_at(t, 900, 40, now_ms), JUDGE_NONE); /* one that is not negative */
	assert_int_equal(growth_at(t, 900, 150, now_ms), JUDGE_NONE);
	assert_int_equal(growth_at(t, 900, 900, now_ms), JUDGE_WARNING);
	for (i = 0; i < 12; i++)
		topic_close(t, now_ms += SERIES_BIN_MS, 0);
	assert_int_equal(growth_at(t, 900, 900, now_ms), JUDGE_WARNING); /* a wave is not usual while it rises */
}

/* A topic that has much from 9 to 17 h by the clock of its people. */
static void live_by_day(struct topic *t, int days)
{
	int bin, i;

	for (bin = 0; bin < days * 288; bin++) {
		int hour = bin / 12 % 24;

		for (i = 0; i < (hour >= 9 && hour < 17 ? 6 : 0); i++)
			say(t, DAY_0 + bin * (int64_t)SERIES_BIN_MS, EVENT_NEUTRAL, NULL);
		topic_close(t, DAY_0 + (bin + 1) * (int64_t)SERIES_BIN_MS, hour);
	}
}

static double usual_at(struct topic *t, int hour)
{
	struct topic_window w;

	topic_window(t, SERIES_ALL, NULL, DAY_0 + 100 * DAY_MS, HOUR_MS, hour, &w);
	return w.usual;
}

static void what_two_topics_share(void **unused)
{
	cleanup(topic_freep) struct topic *a = topic_new("acme", true), *b = topic_new("acme-pro", true);
	size_t all;
	int i;

	(void)unused;
	assert_int_equal(topic_shared(a, b, DAY_0 + 20, &all), 0);
	assert_int_equal(all, 0);
	for (i = 0; i < 10; i++) {
		say(a, DAY_0 + i, EVENT_NEGATIVE, NULL);
		if (i % 2)
			continue;
		people--;
		say(b, DAY_0 + i, EVENT_NEGATIVE, NULL); /* the same voice at the same instant */
	}
	say(b, DAY_0 + 11, EVENT_NEGATIVE, NULL);
	assert_int_equal(topic_shared(a, b, DAY_0 + 20, &all), 5);
	assert_int_equal(all, 10);
	assert_int_equal(topic_shared(b, a, DAY_0 + 20, &all), 5);
	assert_int_equal(all, 6);
	assert_int_equal(topic_shared(a, b, DAY_0 + HOUR_MS + 20, &all), 0); /* an hour later */
}

static void another_clock_turns_the_hours(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true), *kept = topic_new("acme", true);
	struct buf b = BUF_INIT(1 << 20);
	struct wire_in in;

	(void)unused;
	live_by_day(t, 9);
	topic_set_clock(t, "America/Mexico_City");
	assert_true(usual_at(t, 9) > 60 && usual_at(t, 16) > 60 && usual_at(t, 8) == 0 && usual_at(t, 17) == 0);
	topic_turn(t, 7); /* what is 9 h there is 16 h in Madrid */
	assert_true(usual_at(t, 16) > 60 && usual_at(t, 23) > 60 && usual_at(t, 15) == 0 && usual_at(t, 0) == 0);
	topic_turn(t, -31);
	assert_true(usual_at(t, 9) > 60 && usual_at(t, 8) == 0);
	topic_put(t, &b);
	in = (struct wire_in)WIRE_IN(b.data, b.len);
	assert_int_equal(topic_get(kept, &in), 0);
	assert_string_equal(topic_clock(kept), "America/Mexico_City");
	buf_done(&b);
}

static void a_bin_that_was_skipped_teaches_nothing(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	int64_t now_ms = live(t, DAY_0, 3);
	double before = usual_of(t, SERIES_ALL, NULL, now_ms);
	struct topic_window w;
	int i;

	(void)unused;
	for (i = 0; i < 500; i++)
		say(t, now_ms, EVENT_NEUTRAL, NULL);
	topic_skip(t, now_ms + SERIES_BIN_MS);
	topic_close(t, now_ms + 2 * SERIES_BIN_MS, 0);
	topic_window(t, SERIES_ALL, NULL, now_ms + 2 * SERIES_BIN_MS, HOUR_MS, 0, &w);
	assert_true(w.surprise == 0 && w.usual == before);
	assert_int_equal(w.count.matching, 500 + 3);
}

static void what_comes_late_belongs_to_its_own_hour(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	struct judge_facts facts;
	struct judge_verdict v;
	struct topic_window w;
	struct said said = {.late = true, .tone = EVENT_NEGATIVE, .tags = (const char *const[]){"crisis"}, .n_tags = 1};
	int64_t now_ms = live(t, DAY_0, 10);
	int i;

	(void)unused;
	for (i = 0; i < 12; i++) {
		said.at_ms = now_ms - 5 * HOUR_MS + i * MINUTE_MS;
		said.author = said.story = ++people;
		topic_say(t, &said);
	}
	topic_judge(t, now_ms, 0, &facts, &v);
	assert_int_equal(v.severity, JUDGE_NONE);
	topic_window(t, SERIES_TAG, "crisis", now_ms, HOUR_MS, 0, &w);
	assert_int_equal(w.count.matching, 0);
	topic_close(t, now_ms + SERIES_BIN_MS, 0);
	assert_true(usual_of(t, SERIES_TAG, "crisis", now_ms) == 0);
	topic_judge_late(t, now_ms - 4 * HOUR_MS, 20, &facts, &v);
	assert_int_equal(v.severity, JUDGE_CRITICAL);
	assert_int_equal(v.by[JUDGE_WORDS_BY_MANY], JUDGE_CRITICAL);
}

static void a_crisis_is_called_one_and_its_end_too(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	int64_t now_ms = live(t, DAY_0, 10);
	struct judge_facts facts;
	struct judge_verdict v;
	struct topic_window w;
	int bin, i;

	(void)unused;
	topic_judge(t, now_ms, 0, &facts, &v);
	assert_int_equal(v.severity, JUDGE_NONE);
	for (bin = 0; bin < 6; bin++) {
		for (i = 0; i < 20; i++)
			say(t, now_ms + i, i % 4 ? EVENT_NEGATIVE : EVENT_NEUTRAL, NULL);
		now_ms += SERIES_BIN_MS;
		topic_close(t, now_ms, 0);
	}
	topic_judge(t, now_ms, 0, &facts, &v);
	assert_int_equal(v.severity, JUDGE_CRITICAL);
	assert_int_equal(v.by[JUDGE_VOLUME], JUDGE_INFO);
	topic_window(t, SERIES_NEGATIVE, NULL, now_ms, HOUR_MS, 0, &w);
	assert_int_equal(w.count.matching, 90);
	assert_true(w.percent > 70 && w.percent_usual < 20);
	assert_true(w.times_usual > 50 && w.surprise >= SURPRISE_NORMAL);
	now_ms = live(t, now_ms, 1);
	topic_judge(t, now_ms, 0, &facts, &v);
	assert_int_equal(v.severity, JUDGE_NONE);
}

/* A window of now against a wave: both the same. */
static void assert_same(struct topic *a, struct topic *b, int64_t now_ms)
{
	struct topic_window x, y;
	struct judge_facts fx, fy;
	struct judge_verdict vx, vy;

	topic_window(a, SERIES_NEGATIVE, NULL, now_ms, HOUR_MS, 0, &x);
	topic_window(b, SERIES_NEGATIVE, NULL, now_ms, HOUR_MS, 0, &y);
	assert_true(x.surprise == y.surprise && x.usual == y.usual && x.percent_usual == y.percent_usual);
	assert_int_equal(x.count.matching, y.count.matching);
	topic_judge(a, now_ms, 0, &fx, &vx);
	topic_judge(b, now_ms, 0, &fy, &vy);
	assert_memory_equal(&vx, &vy, sizeof(vx));
	assert_true(fx.share.usual == fy.share.usual && fx.share.z == fy.share.z && fx.words_usual == fy.words_usual);
}

static void what_was_learnt_outlives_a_restart(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	cleanup(topic_freep) struct topic *after = topic_new("acme", true);
	struct buf b = BUF_INIT(1 << 20);
	int64_t now_ms = live(t, DAY_0, 9), saved_ms;
	struct wire_in in;
	int i;

	(void)unused;
	say(t, now_ms, EVENT_NEGATIVE, "crisis");
	now_ms += SERIES_BIN_MS;
	topic_close(t, now_ms, 0);
	now_ms = saved_ms = live(t, now_ms, 1);
	topic_put(t, &b);
	in = (struct wire_in)WIRE_IN(b.data, b.len);
	assert_int_equal(topic_get(after, &in), 0);
	assert_true(wire_done(&in));
	for (i = 0; i < 40; i++) {
		say(t, now_ms + i, EVENT_NEGATIVE, i % 2 ? "crisis" : NULL);
		people--;
		say(after, now_ms + i, EVENT_NEGATIVE, i % 2 ? "crisis" : NULL);
	}
	now_ms += SERIES_BIN_MS;
	topic_close(t, now_ms, 0);
	topic_close(after, now_ms, 0);
	assert_same(t, after, saved_ms + HOUR_MS); /* what was said before is older than the hour */
	buf_done(&b);
}

static void what_is_no_state_is_refused(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	struct buf b = BUF_INIT(1 << 20);
	size_t len;

	(void)unused;
	live(t, DAY_0, 1);
	topic_put(t, &b);
	for (len = 0; len < b.len; len++) {
		struct topic *cut = topic_new("acme", true);
		struct wire_in in = WIRE_IN(b.data, len);

		assert_int_equal(topic_get(cut, &in), TOPIC_E_FORMAT);
		topic_free(cut);
	}
	buf_done(&b);
}

static void no_more_series_than_the_bound(void **unused)
{
	cleanup(topic_freep) struct topic *t = topic_new("acme", true);
	struct topic_window w;
	char name[32];
	int i;

	(void)unused;
	for (i = 0; i < TOPIC_SERIES_MAX + 100; i++) {
		snprintf(name, sizeof(name), "rule-%d", i);
		say(t, DAY_0, EVENT_NEUTRAL, name);
	}
	topic_window(t, SERIES_ALL, NULL, DAY_0 + 1, HOUR_MS, 0, &w);
	assert_int_equal(w.count.matching, TOPIC_SERIES_MAX + 100);
	topic_window(t, SERIES_TAG, "rule-0", DAY_0 + 1, HOUR_MS, 0, &w);
	assert_int_equal(w.count.matching, 1);
	topic_window(t, SERIES_TAG, name, DAY_0 + 1, HOUR_MS, 0, &w); /* no room for it any more */
	assert_int_equal(w.count.matching, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_counts_people_and_stories_once),
		cmocka_unit_test(what_is_forgotten_is_forgotten_by_whole_bins),
		cmocka_unit_test(no_more_is_kept_than_the_bound),
		cmocka_unit_test(the_usual_follows_the_hours_of_a_week),
		cmocka_unit_test(a_share_is_what_is_so_and_not_what_is_measured),
		cmocka_unit_test(a_turn_of_tone_is_seen_and_volume_is_not),
		cmocka_unit_test(one_hour_out_of_line_is_usual_for_some),
		cmocka_unit_test(rare_counts_are_rare),
		cmocka_unit_test(each_case_is_called_what_it_is),
		cmocka_unit_test(a_bin_counts_each_once_under_all_its_names),
		cmocka_unit_test(a_window_says_what_it_holds),
		cmocka_unit_test(after_a_start_the_log_says_what_was_counted),
		cmocka_unit_test(what_is_gained_later_counts_now_and_is_no_mention),
		cmocka_unit_test(what_is_usual_is_the_topics_own),
		cmocka_unit_test(a_negative_post_that_spreads_far_beyond_the_usual),
		cmocka_unit_test(what_two_topics_share),
		cmocka_unit_test(another_clock_turns_the_hours),
		cmocka_unit_test(a_bin_that_was_skipped_teaches_nothing),
		cmocka_unit_test(what_comes_late_belongs_to_its_own_hour),
		cmocka_unit_test(a_crisis_is_called_one_and_its_end_too),
		cmocka_unit_test(what_was_learnt_outlives_a_restart),
		cmocka_unit_test(what_is_no_state_is_refused),
		cmocka_unit_test(no_more_series_than_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
