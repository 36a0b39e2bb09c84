#pragma once
/*
 * match/lint_inside: what the parts of the linter share: lint.c walks a topic, lint_regex.c and lint_edges.c read expressions, lint_words.c
 * lists and lint_word.c their words, lint_when.c conditions, lint_tags.c tags and intents, lint_always.c what every text is tried with. Inside match/lint alone.
 */
#include "base/diag.h"
#include "match/lint.h"
#include "match/regex_token.h"
#include "match/rule_file.h"
#include "match/topic.h"

enum { LINT_KEY_BYTES = 160, LINT_SHOWN_BYTES = 120 };

struct lint {
	struct lint_all *all;
	const struct ruleset *rs;
	const struct topic *t;
	const struct topic_def *def;
	struct diag *d;
	size_t said;
};

/* One pattern, as written and as compiled. */
struct lint_pattern {
	const struct pattern_def *def;
	const struct topic_pattern *compiled;
	const char *key; /* "patterns.NAME" */
	bool alone;      /* a match of it is enough for a mention of a brand or competitor */
};

void lint_say(struct lint *l, enum diag_severity severity, struct diag_pos pos, const char *key, enum text_id text,
	      const char *const args[]);
#define LINT_WARN(l, pos, key, text, ...) lint_say((l), DIAG_WARNING, (pos), (key), (text), TEXT_ARGS(__VA_ARGS__))
#define LINT_NOTE(l, pos, key, text, ...) lint_say((l), DIAG_NOTE, (pos), (key), (text), TEXT_ARGS(__VA_ARGS__))

/* Where the i-th word of a list stands. */
struct diag_pos lint_word_pos(const struct lint *l, const struct pattern_def *def, size_t i);
/* What of a word has room in a finding. */
void lint_shown(char to[LINT_SHOWN_BYTES], const char *s, size_t len);
/* The bytes of a text that has no word in it but what html makes of letters: "&aacute;"; 0: none. */
size_t lint_entity(const char *s, size_t len, size_t *ret_at);

/* An expression and its pieces. */
struct lint_scan {
	struct lint *l;
	const struct lint_pattern *p;
	const char *s;
	size_t len;
	const struct rx_token *v;
	size_t n;   /* without the end, which v has too */
	bool lines; /* (?m): ^ and $ are of a line */
};

void lint_scan_say(struct lint_scan *x, enum diag_severity severity, size_t token, enum text_id text,
		   const char *const args[]);
#define SCAN_WARN(x, token, text, ...) lint_scan_say((x), DIAG_WARNING, (token), (text), TEXT_ARGS(__VA_ARGS__))
#define SCAN_NOTE(x, token, text, ...) lint_scan_say((x), DIAG_NOTE, (token), (text), TEXT_ARGS(__VA_ARGS__))
/* The pieces [from, to) as they are written. */
const char *lint_scan_written(const struct lint_scan *x, size_t from, size_t to, char buffer[LINT_SHOWN_BYTES]);
bool lint_scan_word(uint32_t c); /* whether \w takes it */
void lint_edges(struct lint_scan *x);

void lint_regex(struct lint *l, const struct lint_pattern *p);
void lint_words(struct lint *l, const struct lint_pattern *p);
void lint_word(struct lint *l, const struct lint_pattern *p, size_t i); /* the i-th of its list */
void lint_conditions(struct lint *l);
void lint_tags(struct lint *l);
void lint_always(struct lint *l, const struct lint_pattern *p);
/* Whether `about` holds of a text in which that pattern is found, and no other. */
bool lint_alone(const struct lint *l, uint32_t pattern);

/* lint_common.c: whether a word, folded, is one that everybody uses: "es", "en" or "pt", or NULL. */
const char *lint_common(const char *word, size_t len);
