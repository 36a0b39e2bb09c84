#pragma once
/*
 * match/matcher: says which topics a mention is a hit of, by which rules, and where in its text.
 *
 * Two halves, because language, tone, intent and story cost more than they are worth on what is nobody's mention: first
 * matcher_about() (patterns and each topic's `about`), then, if some topic holds, the enriching stages, then
 * matcher_finish() (the rules). matcher_match() does both.
 *
 * Owner:  one matcher a thread or process; it borrows the ruleset, which must outlive it. The mention is borrowed from
 *         matcher_about() to matcher_finish(), and its texts must not change between.
 * Blocks: never. Memory grows to the longest text seen, then stays: matching allocates nothing but the hits, in the
 * arena. Limits: a match costs at most PATTERN_MATCH_LIMIT steps. A pattern that reaches it counts as not found in that
 * field, and is told by matcher_limits(); one that did so MATCHER_LIMITS_MAX times in a job is set aside for the rest
 * of it, since a bad pattern must not eat the job's deadline (FAULTS P11). Patterns together may take MATCHER_MENTION_MS of CPU
 * time for a mention, and MATCHER_JOB_MS for a job's (MATCHER_LEAST_MS for each all the same). The rest of a mention's patterns
 * count as given up then, and the one that took most has reached its limit.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct arena;
struct expr;
struct expr_verdict;
struct mention;
struct matcher;
struct ruleset;

enum {
	MATCHER_LIMITS_MAX = 16,
	MATCHER_MENTION_MS = 250,
	MATCHER_JOB_MS = 750, /* of the two seconds that a job has at least */
	MATCHER_LEAST_MS = 1,
	MATCHER_HURRY_MS = 1000,         /* of a job's two seconds by wall; the rest is for what is not patterns */
	MATCHER_FOUND_MAX = 2000,        /* matches of a pattern in one text that near, before and count look at */
	MATCHER_PLACES_MAX = 256 * 1024, /* matches kept from one leaf to the next */
};

struct matcher *matcher_new(const struct ruleset *rs) must_use;
struct matcher *matcher_free(struct matcher *x); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct matcher, matcher_free)

/* A new job begins: limits are forgotten, set-aside patterns are tried again. */
void matcher_job(struct matcher *x);

/* The job is to be done in that time by wall, other work of the machine included: past it, a mention's patterns have
 * MATCHER_LEAST_MS of CPU time, which is more than all but the longest take. Until the next matcher_job(). */
void matcher_hurry(struct matcher *x, int64_t ms);

/* The pattern of that topic (or of a pack that it includes) is not tried any more: escuchad has seen it give up too often. It
 * counts as not found, and hits say so in `limited`. What has no such name is ignored. */
void matcher_off(struct matcher *x, const char *topic, const char *pattern);

/* Topics but this one are left out; NULL: none is. For a rule file's own tests. */
void matcher_only(struct matcher *x, const char *topic);

/* What comes between the halves in matcher_match(), once some topic holds: sets m->lang and m->sentiment. NULL: nothing. */
struct matcher_between {
	void (*judge)(void *arg, struct matcher *x, struct mention *m, struct arena *a);
	void *arg;
};
void matcher_between(struct matcher *x, const struct matcher_between *between); /* copied */

/* What comes between, of the mention of the last matcher_about(); matcher_match() does it, too. */
void matcher_enrich(struct matcher *x, struct mention *m, struct arena *a);

/* Whether a mention made of these texts could be one of some topic, or an own post (match/sieve). Without a prefilter: yes. */
/* False: every text could. */
bool matcher_sifts(struct matcher *x);
bool matcher_could(struct matcher *x, const char *texts, size_t len);

/* Whether m is a mention of some topic, or an own post. source_topic: what the source's configuration says all of it
 * speaks of; NULL, or a name that no topic has: nothing. Sets m->own. */
bool matcher_about(struct matcher *x, struct mention *m, const char *source_topic);
/* Evaluates the rules and writes m->hits (0 of them if matcher_about() said false) with rules and tags in the order of
 * their file, spans sorted by field and place. Names point into the ruleset; the arrays are in the arena. */
void matcher_finish(struct matcher *x, struct mention *m, struct arena *a);
/* Both halves, and what comes between; whether there is a hit. */
bool matcher_match(struct matcher *x, struct mention *m, const char *source_topic, struct arena *a);

/* Patterns that reached their limit since matcher_job(): the i-th, or false past the last. Names live with the ruleset.
 */
struct matcher_limit {
	const char *topic, *pattern;
	size_t times; /* fields in which it was given up or not tried at all */
};
bool matcher_limits(const struct matcher *x, size_t i, struct matcher_limit *ret);

/* Why: any condition of the ruleset, judged for the mention of the last matcher_about(): after matcher_finish(), and before the
 * next. A verdict for each of its nodes; they and what they hold live in the arena. What gave up did so since matcher_job(). */
struct expr_verdict *matcher_verdicts(struct matcher *x, const struct expr *e, struct arena *a);
const struct ruleset *matcher_rules(const struct matcher *x);
