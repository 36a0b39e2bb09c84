#pragma once
/*
 * platform/check_inside: what the files of platform/check share; nobody else includes it.
 *
 *   check.c          parameters, where it goes on, fixtures, and the order of all
 *   check_request.c  templates, and the requests that are made of them
 *   check_auth.c     who we are, what it sends by itself, what lies in a mailbox
 */
#include <stdbool.h>

#include "base/arena.h"
#include "platform/platform.h"

/* Where a template stands decides what may be named in it. */
enum place {
	PLACE_ADDRESS = 1, /* of the request */
	PLACE_REQUEST = 2, /* elsewhere in it */
	PLACE_AUTH = 4,    /* what is sent as ourselves */
	PLACE_TOKEN = 8,   /* a request for a token */
	PLACE_LOOKUP = 16, /* a request for posts by their ids */
};

struct checking {
	const struct platform *p;
	struct diag *d;
	const char *key;
	enum place place;
	bool right;
	bool page, cursor, ids, auth; /* placeholders met */
};

void check_fail(struct checking *c, struct diag_pos pos, enum text_id text, const char *const args[]);

/* check_request.c */
void check_template(void *arg, const struct template *t); /* arg: the checking; t may be NULL */
void check_pairs(struct checking *c, const struct platform_pairs *pairs);
void check_headers(struct checking *c, const struct platform_pairs *headers);
void check_request(struct checking *c);
void check_lookup(struct checking *c);

/* check_auth.c */
void check_auth(struct checking *c);
void check_webhook(struct checking *c);
void check_mailbox(struct checking *c);
