#pragma once
/*
 * match/topic: a topic as the matcher uses it: compiled, every name a number. Inside match/ only.
 *
 * Owner:  the ruleset: texts and conditions in its arena, patterns on the heap.
 * Bounds: a rule may rest on a rule that rests on a rule …, TOPIC_CHAIN_MAX in a row, so that evaluation may recurse.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "match/expr.h"
#include "match/rule_file.h"

struct pattern;
struct mention;

enum { TOPIC_CHAIN_MAX = 32 };

struct topic_pattern {
	const char *name;
	struct pattern *code;
	unsigned in;    /* PATTERN_IN_… */
	uint32_t topic; /* its number */
};

struct topic_rule {
	const char *name;
	struct expr when;
	const char **tags;
	size_t n_tags;
	const char **intents; /* of a pack's rules */
	size_t n_intents;
};

struct topic {
	const char *name, *role;
	const struct own_def *own;
	size_t n_own;
	uint32_t patterns, n_patterns; /* the first, and how many, in the ruleset's list */
	uint32_t rules, n_rules;
	bool has_about;
	struct expr about;
	bool broken; /* some mistake was found: not to be evaluated */
};

struct ruleset {
	struct arena *arena;
	struct topic_pattern *patterns;
	size_t n_patterns, cap_patterns;
	struct topic_rule *rules;
	size_t n_rules, cap_rules;
	struct topic *topics;
	size_t n_topics, cap_topics;
	struct catalogue *catalogue;
	struct prefilter *prefilter; /* NULL: every pattern is tried on every text */
	struct index *index;         /* with a prefilter alone */
};

/* What a rule carries: its tags (FACT_TAGS) or intents (FACT_INTENT). */
const char *const *topic_carried(const struct topic_rule *rule, enum field_name field, size_t *ret_n);

/* Adds what def says to rs as its next topic; mistakes go to d and leave it broken. */
void topic_compile(struct ruleset *rs, const struct topic_def *def, struct diag *d, bool broken);

/* Whether m is the topic's own post: by its author's handle (letter case and @ don't count) or its address' site (and the
 * sites below it). */
bool topic_own(const struct topic *t, const struct mention *m);
