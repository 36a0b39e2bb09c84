#pragma once
/*
 * match/topic_compile: what the parts of topic_compile() share: topic.c has names and conditions,
 * topic_patterns.c patterns, topic_tests.c the
 * values that comparisons compare with, topic_order.c what rests on what. Inside match/topic alone.
 */
#include "match/topic.h"

enum { KEY_BYTES = 160 };

struct name {
	const char *name;
	enum expr_kind kind; /* EXPR_PATTERN or EXPR_RULE */
	uint32_t number;     /* in the ruleset */
	uint32_t local;      /* in the topic */
};

enum { NAME_BORROWED = UINT32_MAX }; /* local: it is a shared file's, or a pack's */

struct compile {
	struct ruleset *rs;
	struct topic *t;
	const struct topic_def *def;
	struct diag *d;
	struct name *names; /* by name */
	size_t n_names;
	bool *used; /* of each pattern of the topic */
	unsigned guesses;
	bool in_about; /* the condition is `about` */
	/* the condition being bound */
	const struct yaml_node *node;
	const char *key;
};

/* A mistake: the topic is broken. */
void topic_wrong(struct compile *c, struct diag_pos pos, const char *key, const char *guess, enum text_id text,
		 const char *const args[]);
#define WRONG(c, pos, key, guess, text, ...) topic_wrong((c), (pos), (key), (guess), (text), TEXT_ARGS(__VA_ARGS__))

/* Compiles the patterns and adds them to the ruleset, with the words that stand in files. */
void topic_patterns_add(struct compile *c);

/* What the topic includes (topic_units.c): how many names it brings; adds them, and the packs' rules; drops those of packs that
 * a pattern of the topic has too, and tells of the others that stand twice. */
size_t topic_units_names(const struct compile *c);
void topic_units_add(struct compile *c);
void topic_units_check(struct compile *c);
bool topic_of_pack(const struct name *name); /* a rule of a pack */
/* Of a pack: its patterns get the name that hits have, "complaints.es". */
void topic_unit_done(struct compile *c);

/* Makes sets of the values in the condition being bound, reads the files that it names, finds the rules that carry the tags
 * and intents that it asks for. */
void topic_tests_bind(struct compile *c, struct expr *e);

/* Once all conditions are bound: no rule may rest on itself, nor `about` on what is known later. */
void topic_order_check(struct compile *c);
