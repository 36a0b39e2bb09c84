#pragma once
/*
 * main/ctl_why: what the parts of `escuchactl why` share. A sandboxed reader judges and says why (match/explain, as JSON);
 * here that becomes words.
 *
 *   ctl_why.c           the command: what is asked, and the exit status
 *   ctl_why_mention.c   the mention that is asked about: a text, a record, one of the log
 *   ctl_why_print.c     topics and rules
 *   ctl_why_tree.c      a condition, part by part
 *   ctl_why_words.c     one part
 *   ctl_why_patterns.c  --patterns
 *
 * What a reader says is foreign: texts are cleaned before they are shown, and places looked up within bounds.
 */
#include <stdbool.h>
#include <stddef.h>

#include "main/ctl.h"
#include "mention/frame.h"
#include "mention/job.h"

struct arena;
struct ask;
struct buf;
struct client;
struct json_t;

/* --- ctl_why_mention.c --- */

struct why_asked {
	struct job_why job;    /* its mention, what its source speaks of, patterns that the daemon has switched off */
	struct json_t *stored; /* as the log has it, hits and all; NULL: it was given as a text. To be freed */
	struct arena *arena;   /* of the texts; to be freed */
};
void why_asked_done(struct why_asked *a);
/* what: 32 hex digits are an id, "{…}" is a record, "-" stands for standard input, all else is a text. False: told, *ret is the
 * exit status. Blocks: asks the daemon, or reads the log. */
bool why_mention(struct ctl *c, const char *what, struct why_asked *ret_asked, int *ret) must_use;

/* --- ctl_why_words.c --- */

struct why_view {
	const struct ctl *c;
	const struct mention *m; /* places refer to its texts */
	struct buf *out;
	size_t width; /* of the terminal; 0: no bound */
	bool full;    /* with the text around what was found */
};

/* "near(name, theft, 12): 15 words between «Acme» and «fraude»; 12 at most". negated: it stands under a `not`. brief: the words
 * that were looked for in vain are left out. To be freed. */
char *why_part(const struct why_view *v, const struct json_t *node, bool negated, bool brief) must_use;
/* The text around a place that was found, the place in [ ]; NULL: it has none. To be freed. */
char *why_context(const struct why_view *v, const struct json_t *span) must_use;

/* What a member of the JSON says. */
bool why_is(const struct json_t *node, const char *key, const char *value);
bool why_flag(const struct json_t *node, const char *key);

/* --- ctl_why_tree.c --- */

/* A line, or as many as it takes, behind so many blanks; what follows the first is indented by hang more. */
void why_line(const struct why_view *v, size_t indent, size_t hang, const char *text);
/* All parts of a condition, each with its verdict. */
void why_tree(const struct why_view *v, size_t indent, const struct json_t *condition);
/* Those that would have to be otherwise. */
void why_misses(const struct why_view *v, size_t indent, const struct json_t *condition);
/* The tree says "no" of other parts, too. */
bool why_hides_misses(const struct json_t *condition);

/* --- ctl_why_print.c --- */

/* "acme.yaml:12", of a rule, pattern or condition: no folders, which the topic's name makes up for (JSON has them), and of a
 * pack that came with the program without its remark. NULL: it has none. To be freed. */
char *why_place(const struct json_t *what) must_use;
void why_print(const struct why_view *v, const struct json_t *reasons, bool one_rule);

/* --- ctl_why_patterns.c --- */

/* Returns an exit status. pattern, topic NULL: all. */
int why_patterns(const struct ctl *c, struct ask *ask, const char *topic, const char *pattern) must_use;

/* --- ctl_why.c --- */

/* What a reader answers to FRAME_WHY or FRAME_PATTERNS. NULL: told. To be freed. */
struct json_t *why_ask(const struct ctl *c, struct ask *ask, enum frame_type type, const struct buf *job) must_use;
