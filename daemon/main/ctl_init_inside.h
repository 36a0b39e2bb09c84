#pragma once
/*
 * main/ctl_init_inside: what the files of `init` share, and nobody else sees.
 *
 * Blocks: a question waits for its answer on standard input.
 */
#include <stdbool.h>

#include "base/text.h"
#include "main/ctl_init.h"

struct ctl;

enum { INIT_ASK_TRIES = 5 };

struct asking {
	struct ctl *c;
	struct init_answers *a;
	bool ask;   /* false: options and defaults alone */
	bool ended; /* no more answers will come */
};

/* The question, what happens on Enter, the answer. NULL: none. To be freed. */
char *init_ask(struct asking *q, enum text_id question, const char *otherwise) must_use;
/* The same; what is typed is not shown. */
char *init_ask_secret(struct asking *q, enum text_id question) must_use;

/* The options that say who is told, and how; NULL: not given. */
struct init_notify_given {
	const char *channel, *person, *to, *smtp;
};
/* False: told; a usage error. */
bool init_notify_ask(struct asking *q, const struct init_notify_given *given) must_use;
void init_notify_done(struct init_notify *n);

/* Channels, people, escalations: as far as they were answered; else how they are written. */
void init_notify_put(struct buf *b, const struct init_answers *a);
/* What the person has to do so that the first message arrives. */
void init_notify_next(const struct ctl *c, const struct init_answers *a, const char *folder);
const char *init_notify_secret_file(const struct init_notify *n); /* below the folder; NULL: it needs none */

/* A text of the catalogue as comment lines, behind indent; an empty line stays empty. */
void init_put_comment(struct buf *b, const char *indent, enum text_lang lang, enum text_id id,
		      const char *const args[]);
