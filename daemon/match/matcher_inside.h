#pragma once
/*
 * match/matcher_inside: what the three parts of the matcher share: matcher.c has the two halves, matcher_judge.c says whether a
 * condition holds, matcher_tell.c where and why. Inside match/matcher alone.
 */
#include "match/expr.h"
#include "match/fold.h"
#include "match/index.h"
#include "match/matcher.h"
#include "match/near.h"
#include "match/pattern.h"
#include "match/prefilter.h"
#include "match/topic.h"
#include "mention/mention.h"

/* The texts of a mention that patterns look at. */
enum field_id { FIELD_TITLE, FIELD_TEXT, FIELD_AUTHOR, FIELD_HANDLE, FIELD_URL, FIELDS };

struct field {
	const char *text; /* NULL: absent */
	size_t len;
	struct fold fold;
	bool folded;
	struct near_words words;
	bool worded; /* words are of this text */
};

struct field_kind {
	unsigned in;
	int span; /* enum span_in; -1: a place in it is none of the contract's texts */
};
extern const struct field_kind matcher_fields[FIELDS];

/* What is known of a pattern or a rule for the mention at hand: the turn in which it was found out, and what. A new mention
 * is a new turn, so that nothing has to be wiped. Where a prefilter rules patterns out, it will write FACT(turn, false). */
typedef uint32_t fact;
#define FACT(turn, held) ((turn) << 1 | (held))
enum { TURN_MAX = INT32_MAX };

/* Every match of a pattern, text by text: slices of the matcher's places. */
struct found {
	uint32_t pattern;
	struct {
		uint32_t first, n;
	} in[FIELDS];
};

struct matcher {
	const struct ruleset *rs;
	struct pattern_room *room;
	struct field fields[FIELDS];
	uint32_t turn;
	fact *patterns, *rules, *topics; /* a topic's: it holds */
	size_t n_held;                   /* topics that do */
	const struct mention *m;
	const char *only;
	struct matcher_between between;
	/* what can be found in it; both NULL without a prefilter: everything can */
	struct prefilter_room *candidates;
	struct index_room *awake;
	unsigned scanned[2]; /* PATTERN_IN_… of the original, of the folded texts that are scanned */
	/* of this turn, for near, before and count: found_of[pattern] is a place in found, if found there is the pattern's */
	uint32_t *found_of;
	struct found *found;
	size_t n_found, cap_found;
	struct place *places;
	size_t n_places, cap_places;
	/* one hit being made */
	uint32_t hit_turn;
	uint32_t *pattern_spans, *rule_spans; /* the hit_turn in which its spans were taken */
	struct span spans[MENTION_SPANS_MAX];
	size_t n_spans;
	/* the job */
	uint32_t *times;   /* of each pattern: limits reached */
	uint32_t *limited; /* the patterns whose times are not 0, in the order of their first */
	size_t n_limited;
	uint8_t *off;   /* of each pattern: matcher_off() */
	struct sieve *sieve; /* NULL: not asked for yet */
	int64_t job_ns; /* what is left of MATCHER_JOB_MS */
	/* this turn: the pattern that took most so far, for when the time is over */
	uint32_t slowest;
	int64_t slowest_ns;
	bool time_over;
	bool telling; /* what is judged already is looked for again, to say where: nothing is unknown by that */
	/* this turn: patterns that were given up, each once, and no more than a hit can tell of */
	fact *gave_up; /* by pattern */
	size_t n_gave_up;
};

/* The next topic, rule or pattern from `from` on that may hold; end: none below it. */
uint32_t matcher_next_rule(const struct matcher *x, uint32_t from, uint32_t end);
uint32_t matcher_next_pattern(const struct matcher *x, uint32_t from, uint32_t end);

/* --- matcher_judge.c --- */
void matcher_fold(struct field *f); /* once a text */
bool matcher_pattern_held(struct matcher *x, uint32_t number);
bool matcher_rule_held(struct matcher *x, uint32_t number);
bool matcher_leaf(void *x, const struct expr_node *node); /* an expr_leaf_fn */
/* The matches of a pattern in one text, at most max; they may be places without a letter. Returns how many. */
size_t matcher_places(struct matcher *x, uint32_t number, enum field_id id, struct place *v, size_t max);
/* All of them; valid until the next leaf is judged. */
const struct found *matcher_found(struct matcher *x, uint32_t number);
/* Each pair that near_pairs() tells of, for a near or a before. */
typedef void matcher_pair_fn(void *arg, enum field_id id, const struct place *a, const struct place *b, size_t words);
void matcher_pairs(struct matcher *x, const struct expr_node *node, matcher_pair_fn *on_pair, void *arg);
size_t matcher_count(struct matcher *x, uint32_t number);

/* --- matcher.c --- */
/* The next rule that holds, from the i-th on: of the topic's own, then its packs'. *i is set behind it; false: none is left. */
bool matcher_rule_next(struct matcher *x, const struct topic *t, size_t *i, uint32_t *ret);

/* --- matcher_tell.c --- */
void matcher_spans(struct matcher *x, const struct topic *t); /* into x->spans, of the hit that the mention is */
