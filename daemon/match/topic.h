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
struct word;
struct mention;

enum { TOPIC_CHAIN_MAX = 32 };

struct topic_pattern {
	const char *name;
	struct pattern *code;
	unsigned in;    /* PATTERN_IN_… */
	uint32_t topic; /* its number */
	struct diag_pos at;
	const struct word *words; /* as they were written; NULL: an expression */
	size_t n_words;
};

struct topic_rule {
	const char *name;
	struct diag_pos at;
	struct expr when;
	const char **tags;
	size_t n_tags;
	const char **intents;
	size_t n_intents;
	const char *with; /* of a pack's rule: the pack without which it doesn't count; NULL */
};

/* What topics include (a pack, a file of patterns) is a topic too, in front of theirs: its patterns are compiled and looked for
 * once, its rules judged once a mention, whoever includes it. It is no mention's topic but in its own tests. */
struct topic {
	enum rule_file_kind kind;
	const char *name, *role; /* a pack's name has "pack " before it, which no topic's can have */
	struct diag_pos at, about_at;
	const struct own_def *own;
	size_t n_own;
	uint32_t patterns, n_patterns; /* the first, and how many, in the ruleset's list */
	uint32_t rules, n_rules;
	uint32_t *included; /* the packs' rules that count in this topic, behind its own */
	size_t n_included;
	const char *country; /* whose pack it includes ("mx", "ar"), if one country's alone; NULL: none, or several */
	bool borrows;        /* it can hold by patterns that aren't its own */
	uint32_t borrower;   /* of a pack or a file: the first topic that includes it */
	bool has_about;
	bool no_alerts; /* none of those that every topic has */
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
