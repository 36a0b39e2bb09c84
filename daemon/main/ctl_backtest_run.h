#pragma once
/*
 * main/ctl_backtest_run: the log's mentions once more through sandboxed readers, by one or two sets of rules: the daemon's own
 * way of judging (pool/, FRAME_MATCH), over what it has kept. Nobody is told, and nothing is written.
 *
 * Blocks: until all are judged. Bounds: BACKTEST_CHUNKS_MAX chunks of REPLAY_ROWS_MAX mentions are in memory at a time,
 * however large the log is.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct catalogue;
struct diag;
struct hit;
struct mention;
struct replay;
struct source_topics;

enum {
	BACKTEST_SETS_MAX = 2,
	BACKTEST_CHUNKS_MAX = 8,
};

struct backtest_hits {
	const struct hit *v;
	size_t n;
	bool unknown; /* it cost its readers, and was not judged */
	bool by_hand; /* it was added with its topic, whatever the rules say */
};

struct backtest_run {
	struct replay *replay;
	const struct source_topics *topics;
	struct {
		const char *const *rules;
		size_t n_rules;
	} sets[BACKTEST_SETS_MAX];
	size_t n_sets;
	const char *lexicon; /* a folder of the user's own lexicons; NULL: none */
	void *arg;
	/* Before the first mention; what the sets name. False: that was all (BACKTEST_E_STOPPED). May be NULL. */
	bool (*on_ready)(void *arg, const struct catalogue *const sets[BACKTEST_SETS_MAX]);
	/* Newest first; m->hits are the log's, got those of each set. All is borrowed. */
	void (*on_mention)(void *arg, const struct mention *m, const struct backtest_hits got[BACKTEST_SETS_MAX]);
	/* A pattern gave up in `times` fields. May be NULL. */
	void (*on_limit)(void *arg, size_t set, const char *topic, const char *pattern, size_t times);
};

enum {
	BACKTEST_E_RULES = 1, /* *ret_set's don't load; diag says why */
	BACKTEST_E_CORRUPT,   /* the log is damaged */
	BACKTEST_E_STOPPED,
};
/* -errno: of the log, or no reader could be started (-ENOENT: it isn't there). */
int backtest_run(const struct backtest_run *run, struct diag *diag, size_t *ret_set) must_use;
