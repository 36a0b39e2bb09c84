#pragma once
/*
 * alert/channel: the channels of a configuration, and one message by one of them.
 *
 * Each channel has its own queue and its own connection to the outside, so that one that hangs holds up no other.
 *
 * Owner:  whoever called channels_new(); freed before the loop. Blocks: never, but for channels_free(), as mailer_free().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct channel_config;
struct channel_making;
struct channels;
struct fetch;
struct job_body;
struct loop;
struct notice_object;
struct notice_sent_as;
struct sending;

enum { CHANNEL_MESSAGE_MAX_BYTES = 1 << 20 };

struct channel_result {
	bool taken;
	bool never; /* trying again soon is of no use */
	bool maybe; /* not taken, but it may have arrived all the same */
	const char *
		result; /* "sent", "later", "limited", "refused", "login", "no_tls", "away", "down", "failed": for metrics */
	int code;       /* the server's; 0: none */
	const char *answer; /* its words, or what went wrong: one line */
	int64_t wait_ms;    /* not taken: of no use before; 0: not known */
	const char *id;     /* taken: what the channel calls the message that later ones follow; NULL: nothing */
};

/* What it needs from above. */
struct channels_ops {
	/* A notice is to become a request's body: → channels_made(), once, never from within. job is borrowed for the call. False: not
	 * at present. */
	bool (*make)(void *arg, const char *channel, const struct job_body *job, struct channel_making *token);
	/* A message was taken that later ones may follow, which is to be known after a restart (→ channels_sent_as()). May be NULL. */
	void (*on_sent_as)(void *arg, const struct notice_sent_as *as);
};
/* done: the reader answered; made: with the JSON in text; else text says why not. */
void channels_made(struct channel_making *token, bool done, bool made, const char *text, size_t len);

/* fetch and ops (both may be NULL: mail alone) are borrowed. */
struct channels *channels_new(struct loop *l, struct fetch *fetch, const struct channels_ops *ops, void *arg) must_use;
struct channels *channels_free(struct channels *c); /* no callback comes any more; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct channels, channels_free)

/* The channels from now on; copied. What is under way by another one goes on to its end. */
void channels_configure(struct channels *c, const struct channel_config *v, size_t n);

/* What was known before a restart. */
void channels_sent_as(struct channels *c, const struct notice_sent_as *as);

/* The callback comes once, never from within; it may send more, but not free or configure the channels. NULL: no such
 * channel, or too much waits for it. */
struct sending *channels_send(struct channels *c, const char *name, const struct notice_object *message,
			      void (*on_sent)(void *arg, const struct channel_result *result), void *arg) must_use;
size_t channels_sending(const struct channels *c);
