#pragma once
/*
 * match/lint: what in a rule file is right, and yet does not do what was meant: a pattern that can never match, a word of
 * everybody's, a condition that always holds. And what would be a danger: a pattern that explodes (match/adversary).
 *
 * All findings are warnings or notes, and block nothing, but for patterns that explode: their topic is broken. Each says
 * where, why, and what to write instead. It looks at what stands in the file itself; a topic that is broken already is left alone.
 *
 * Owner:  everything is borrowed. Blocks: CPU, bounded: LINT_WORLDS_MAX ways the facts can be for a condition,
 *         LINT_SLOW_MAX patterns tried on long texts, LINT_SAID_MAX findings of a topic (more are not told); all patterns' trials
 *         together take LINT_TRIALS_MS of CPU time. What is left then serves untried, which is told: it is bounded
 *         by the limits all the same, and tried in a load to come, since what bore its try is known to that (match/tried).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diag;
struct pattern_room;
struct ruleset;
struct topic;
struct topic_def;
struct tried;

enum { LINT_WORLDS_MAX = 2048, LINT_SLOW_MAX = 200, LINT_SAID_MAX = 100, LINT_TRIALS_MS = 5000 };

/* What lasts from one topic to the next. */
struct lint_all {
	struct pattern_room *room;
	size_t slow_left;    /* from LINT_SLOW_MAX */
	int64_t left_ns;     /* for trials */
	bool untried;        /* and told */
	struct tried *tried; /* what bore its try before, and needs none; NULL: all are tried */
};
/* Whether the topic may serve. */
bool lint_topic(struct lint_all *all, const struct ruleset *rs, const struct topic *t, const struct topic_def *def,
		struct diag *d);
