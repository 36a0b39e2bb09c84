#pragma once
/*
 * match/rule_file: one rule file (DESIGN §4) as it is written, with the places of what it says; nothing is compiled, no name
 * looked up. A pack, and a file of patterns that topics share, are rule files without a topic. Inside match/ only.
 *
 * Owner:  the arena given. Blocks: reads a file.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/schema.h"
#include "match/rule_pattern.h"

struct arena;

enum rule_role { ROLE_BRAND, ROLE_COMPETITOR, ROLE_INDUSTRY };
extern const char *const rule_role_names[];
enum rule_alerts { RULE_ALERTS_DEFAULT, RULE_ALERTS_NONE }; /* of those that every topic has */

/* An own handle, without its @, or an own site; small letters. */
struct own_def {
	bool handle;
	const char *value; /* NULL: wrong, and told */
};

struct rule_def {
	const char *name, *when;
	const struct yaml_node *name_node, *when_node;
	const char **tags, **intents;
	size_t n_tags, n_intents;
	const struct yaml_node *tags_node, *intents_node; /* NULL: left out */
	const char *with; /* of a pack's rule: counts only where the topic includes that pack, too; NULL */
	const struct yaml_node *with_node;
};

struct test_hits {
	bool none;          /* no mention of the topic */
	const char **rules; /* the rules met, no more and no fewer */
	size_t n;
	const struct yaml_node *node;
};

/* What a test says that there is; not known: the fact is absent. */
struct test_number {
	bool known;
	double value;
};

/* Names that the hit must carry, no more and no fewer. */
struct test_names {
	const char **v;
	size_t n;
	const struct yaml_node *node; /* NULL: not asked */
};

struct test_def {
	struct diag_pos pos;
	const char *title, *text, *author, *url, *site;
	const struct yaml_node *site_node;
	const char *lang, *country, *platform, *source, *kind, *version, *repeats;
	struct test_number followers, likes, shares, replies, views, rating, verified;
	struct test_hits hits;
	struct test_names tags, intents;
};

enum rule_file_kind { RULE_FILE_TOPIC, RULE_FILE_PACK, RULE_FILE_PATTERNS };

enum { RULE_FILE_INCLUDE_MAX = 50, RULE_FILE_FILES_MAX = 50 };

struct topic_def {
	enum rule_file_kind kind;
	bool shipped; /* came with the program: its tests ran when that was built */
	const struct yaml_doc *doc;
	const char *name; /* a pack's, too; of a file of patterns, its path */
	const struct yaml_node *name_node;
	int role;   /* enum rule_role */
	int alerts; /* enum rule_alerts */
	struct own_def *own;
	size_t n_own;
	struct pattern_def *patterns;
	size_t n_patterns;
	const char **include; /* packs */
	size_t n_include;
	const struct yaml_node *include_node;
	const char **files; /* of shared patterns */
	size_t n_files;
	const struct yaml_node *files_node;
	uint32_t *units; /* the files and packs, as topics of the ruleset: match/packs */
	size_t n_units;
	const char **intents, **tags; /* of a pack: of each rule that doesn't say its own */
	size_t n_intents, n_tags;
	const char *about; /* NULL: left out */
	const struct yaml_node *about_node;
	struct rule_def *rules;
	size_t n_rules;
	struct test_def *tests;
	size_t n_tests;
};

extern const struct schema_table rule_file_table, rule_pack_table, rule_patterns_table; /* of struct topic_def */

enum {
	RULE_FILE_E_INVALID = 1, /* ret holds what is right; the rest is NULL or zero, and told */
	RULE_FILE_E_UNREADABLE,  /* ret holds nothing */
};
int rule_file_read(const char *path, enum rule_file_kind kind, struct arena *a, struct diag *d,
		   struct topic_def *ret) must_use;
/* A pack that is in memory; file is what findings call it. */
int rule_pack_parse(const char *file, const char *text, struct arena *a, struct diag *d,
		    struct topic_def *ret) must_use;
