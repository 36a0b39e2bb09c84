#pragma once
/*
 * main/ctl_backtest_said: the hits of a log as the series take them (main/series_said), small enough to be kept until all are
 * there: a log is read from its end, and a detector learns from the beginning.
 *
 * Owner:  whoever called backtest_said_new(). Everything that is given is copied. Blocks: never.
 * Bounds: as given to backtest_said_new(). The newest come first, so that what is too much is the oldest, and
 *         backtest_said_cut_ms() says up to when all are there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "stats/topic.h"

struct backtest_hits;
struct backtest_said;
struct catalogue;
struct mention;

/* 64 bytes a hit, 8 a name. */
enum { BACKTEST_SAID_MAX = 1000 * 1000, BACKTEST_SAID_NAMES_MAX = 8 * 1000 * 1000 };

struct backtest_said *backtest_said_new(size_t max, size_t names_max) must_use;
struct backtest_said *backtest_said_free(struct backtest_said *s); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct backtest_said, backtest_said_free)

/* Before the first mention: whose hits they are. */
void backtest_said_begin(struct backtest_said *s, const struct catalogue *c);
const struct catalogue *backtest_said_catalogue(const struct backtest_said *s);

/* Of a mention that does not count nothing is kept (mention/series.h), but that its topics were there. */
void backtest_said_add(struct backtest_said *s, const struct mention *m, const struct backtest_hits *hits);

/* After the last one: in the order in which they were seen. */
void backtest_said_sort(struct backtest_said *s);
size_t backtest_said_len(const struct backtest_said *s);
struct backtest_said_one {
	int64_t seen_ms;
	size_t topic; /* of the catalogue */
	struct said said;
};
struct backtest_said_one backtest_said_at(const struct backtest_said *s, size_t i);
/* When a topic was first hit, counted or not, of what is kept; TIME_NONE: never. */
int64_t backtest_said_first_ms(const struct backtest_said *s, size_t topic);
/* From then on all are there; TIME_NONE: nothing was left out. */
int64_t backtest_said_cut_ms(const struct backtest_said *s);
