#pragma once
/*
 * main/ctl_backtest_count: what differs between two judgements of the same mentions: of each topic and rule how many before
 * and after, gained and lost, and the newest examples.
 *
 * A hit is a mention of a topic: two topics of one mention are two hits. Pure: nothing is read or written.
 *
 * Owner:  whoever called backtest_count_new(). Everything that is given is copied.
 * Bounds: below; past COUNT_ROWS_MAX rows the others are not counted one by one (of them rows_left), past COUNT_EXAMPLES_MAX
 *         there are no further examples.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct backtest_hits;
struct backtest_count;
struct hit;
struct mention;

enum {
	COUNT_EXAMPLES = 3,              /* of a row, of each kind */
	COUNT_EXAMPLES_MAX = 3000,       /* of all */
	COUNT_ROWS_MAX = 50 * 1000,      /* topics and rules */
	COUNT_EXAMPLE_TEXT_BYTES = 1024, /* of its text around the first match; of the title, from its start */
	COUNT_EXAMPLE_WORDS = 8,         /* matched words that are named */
	COUNT_EXAMPLE_WORD_BYTES = 60,
};

struct backtest_example {
	char *id;    /* 32 hex digits */
	char *json;  /* mention_json() of what is shown of it, with the hits of the side that has them */
	char *words; /* that were matched, comma-joined; "": none */
};

struct backtest_row {
	char *topic, *rule; /* rule NULL: the topic itself */
	uint64_t before, after, gained, lost;
	struct backtest_example *gains[COUNT_EXAMPLES], *losses[COUNT_EXAMPLES]; /* NULL behind the last */
};

/* topic NULL: all. */
struct backtest_count *backtest_count_new(const char *topic) must_use;
struct backtest_count *backtest_count_free(struct backtest_count *c); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct backtest_count, backtest_count_free)

void backtest_count_add(struct backtest_count *c, const struct mention *m, const struct backtest_hits *before,
			const struct backtest_hits *after);

/* By topic, the topic itself before its rules. */
const struct backtest_row *backtest_count_rows(const struct backtest_count *c, size_t *ret_n);
uint64_t backtest_count_rows_left(const struct backtest_count *c); /* times that a row was not counted */

/* The log's hits against what today's rules make of the same mentions. */
struct backtest_log {
	uint64_t hits;      /* that the log has */
	uint64_t same;      /* given again, to the byte */
	uint64_t otherwise; /* given again with other rules, tags or places */
	uint64_t gone;      /* not given any more */
	uint64_t fresh;     /* given, and not in the log */
};
void backtest_log_add(struct backtest_log *log, const char *topic, const struct mention *m,
		      const struct backtest_hits *today);

const struct hit *backtest_hit(const struct backtest_hits *hits, const char *topic); /* NULL: there is none */

/* Of an example, to be freed with backtest_example_free(). */
struct backtest_example *backtest_example_new(const struct mention *m, const struct backtest_hits *hits,
					      const char *topic) must_use;
void backtest_example_free(struct backtest_example *e);
