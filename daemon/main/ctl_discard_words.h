#pragma once
/*
 * main/ctl_discard_words: what an exclusion could be made of: words and phrases near the match, the author, the site.
 *
 * Here they are only gathered and chosen from; which mentions each of them is found in, a reader says (they are written as
 * rules of a topic of their own), so that an exclusion means here what it will mean in the rule file.
 *
 * Owner:  whoever called candidates_new(). Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "main/ctl_discard_rule.h"

struct buf;
struct mention;

enum {
	CANDIDATES_MAX = 200,   /* MENTION_NAMES_MAX is what one hit may name */
	CANDIDATES_NEAR = 12,   /* words away from the match */
	CANDIDATE_WORD_CP = 40, /* the longest word that is one */
	DISCARD_NOISE_MAX = 50, /* mentions judged together: a bit each */
};
#define CANDIDATES_TOPIC "candidates"

struct candidate {
	enum exclusion_kind kind;
	char *value;
	unsigned cost;     /* of its looks: the nearer and the more telling, the smaller */
	uint64_t noise;    /* bit i: it is found in noise i */
	uint64_t others;   /* other hits of the topic that it is found in */
	uint64_t anywhere; /* mentions of all kinds */
};

struct candidates {
	struct candidate v[CANDIDATES_MAX];
	size_t n;
	uint64_t mentions; /* all that were looked at */
};

struct candidates *candidates_new(void) must_use;
struct candidates *candidates_free(struct candidates *c); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct candidates, candidates_free)

/* What this noise offers; its hit of the topic says where the match is. What is there already, or past the bound, is left. */
void candidates_take(struct candidates *c, const struct mention *noise, const char *topic);
/* One line with something in it that can be looked for: no sign alone, which the rules refuse with a place nobody knows. */
bool candidate_may_be(const char *s);
/* One that somebody asked for. */
void candidates_add(struct candidates *c, enum exclusion_kind kind, const char *value, unsigned cost);

/* A rule file: a rule cN a candidate. */
void candidates_rules(const struct candidates *c, struct buf *out);
/* The number of a rule of that file; SIZE_MAX: none. */
size_t candidates_number(const struct candidates *c, const char *rule);

/* The best exclusion of that kind (a few of them where one does not do) that holds for all of that noise: of those that cost
 * no other hit the one that looks best, else the one that costs fewest. tried: those that are not to be used. False: there is
 * none. */
struct chosen {
	size_t v[DISCARD_VALUES_MAX]; /* numbers */
	size_t n;
	uint64_t others; /* an upper bound of the other hits that go with it */
};
bool candidates_choose(const struct candidates *c, enum exclusion_kind kind, uint64_t noise,
		       const bool tried[CANDIDATES_MAX], struct chosen *ret);
/* Those that hold for all of that noise by themselves, best first; returns how many, at most max. */
size_t candidates_best(const struct candidates *c, uint64_t noise, size_t ret[], size_t max);
