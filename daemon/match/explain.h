#pragma once
/*
 * match/explain: why a mention is a hit or none, and what patterns became, as JSON for escuchactl to show. It judges nothing
 * itself: matcher_match() does, and the verdicts that it came by are told (matcher_verdicts()).
 *
 * A mention: {"hit":bool,"own":bool,"lang","sentiment":{"label","score","words"},"topics":[TOPIC…]}; of a hit alone are language
 * and tone told.
 * TOPIC:  {"topic","role","file","line","held":bool, "own":true, "by":"source", "about":CONDITION, "met":n, "rules":[RULE…],
 *          "left":n}. By "source": all that comes from there is of this topic. Without `about`, "about" is missing and "any"
 *          says what will do: "rules", or (a CONDITION, too) "patterns". "rules": those met, then the nearest misses, at most
 *          EXPLAIN_NEAREST (all that are not met, if they are no more); "left" more are not met. Asked for one rule: that one, met or not, and those that it rests on
 *          ("of" names who names them).
 * RULE:   {"rule","of","pack","file","line","met":bool, …CONDITION, "tags","intents"}; met: it is the hit's. It may hold in
 *          a topic that does not.
 * CONDITION: {"when","held":bool,"touched":bool,"distance":n,"file","line","tree":NODE}; touched: something that it wants was
 *          found. Distance: match/explain_miss.
 * NODE:   {"kind":"and|or|not|pattern|rule|near|before|count|known|field","text","held":bool,"miss":true,"parts":[NODE…]}
 *          and, as they apply: "names":[of near and before], "at_most":n, "words":n (between the nearest two; missing: no
 *          text has both), "order":true (both are there, in the other order or in two texts), "count":n, "field":"name", "actual":"text",
 *          "absent":true, "tried":"gave_up|off", "spans":[{"in","at":[n,n],"pattern"}], "list":[words sought], "list_n":n,
 *          "regex". A part that is "miss" would have to be otherwise for the whole to hold.
 *
 * Owner:  the caller's; out holds the JSON. Blocks: never. Bounds: EXPLAIN_LIST_MAX words of a list are shown, and
 *         MENTION_SPANS_MAX spans a part; out's own bound, past which it is full and no JSON.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct job_patterns;
struct job_why;
struct matcher;
struct ruleset;

enum { EXPLAIN_NEAREST = 2, EXPLAIN_LIST_MAX = 8, EXPLAIN_ANY_MAX = 500, EXPLAIN_PATTERNS_BYTES = 128 * 1024 };

/* Begins a job of the matcher (matcher_job()), and matches job->mention, which gets its hits. */
void explain_mention(struct matcher *x, struct job_why *job, struct arena *a, struct buf *out);

/* {"patterns":[{"topic","pack","pattern","file","line","in":["title"…],"fold":bool,"words":n,"regex","literals":[…],
 * "always":bool}],"next":n}: those from number `from` on, until EXPLAIN_PATTERNS_BYTES are full; next: go on there; missing:
 * that was all. always: no literal of it is rare enough to be waited for, and it is tried on every text. */
void explain_patterns(const struct ruleset *rs, const struct job_patterns *job, struct buf *out);
