#pragma once
/*
 * mention/catalogue: what a set of rules knows, by name: topics with their roles, rules, tags and intents. The nursery says it
 * with FRAME_READY, so that escuchad can check a source's `topic` without seeing a rule file.
 *
 * Owner:  the arena that catalogue_get() was given; a ruleset owns the one that it was loaded into.
 * Bounds: MENTION_HITS_MAX topics, CATALOGUE_NAMES_MAX rules, tags, intents and own accounts each of a topic.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "mention/mention.h"

enum { CATALOGUE_NAMES_MAX = 20 * 1000, CATALOGUE_TONES_MAX = 16 };

struct catalogue_topic {
	const char *name;                      /* [a-z0-9_-]+ */
	const char *role;                      /* brand | competitor | industry */
	const char **rules, **tags, **intents; /* of the packs that it includes, too */
	size_t n_rules, n_tags, n_intents;
	const char **own; /* accounts ("@acme_mx") and sites of whom it watches, in small letters */
	size_t n_own;
	bool no_alerts; /* `alerts: none`: none of those that every topic has */
};

/* How the tone of a language is judged: r of the negatives it finds, f of the others it takes for one. */
struct catalogue_tone {
	const char *lang;
	double r, f;
};

struct catalogue {
	struct catalogue_topic *topics; /* in the order of their files */
	size_t n_topics;
	/* of all topics and packs; both 0 without a prefilter. n_always: those that are tried on every text */
	size_t n_patterns, n_always;
	struct catalogue_tone tones[CATALOGUE_TONES_MAX]; /* of the languages of which that is known */
	size_t n_tones;
	const char *
		whole; /* the topic because of which firehoses are read whole (match/sieve); NULL: none, or no prefilter */
};

void catalogue_put(struct buf *b, const struct catalogue *c);
enum { CATALOGUE_E_FORMAT = 1 };
/* CATALOGUE_E_FORMAT for what catalogue_put() did not write. */
int catalogue_get(const char *bytes, size_t len, struct arena *a, struct catalogue *ret) must_use;

const struct catalogue_topic *catalogue_topic(const struct catalogue *c, const char *name); /* NULL: no such topic */
const struct catalogue_tone *catalogue_tone(const struct catalogue *c, const char *lang);   /* NULL: not known */
