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
struct channels;
struct loop;
struct notice_object;
struct sending;

enum { CHANNEL_MESSAGE_MAX_BYTES = 1 << 20 };

struct channel_result {
	bool taken;
	bool never;         /* trying again soon is of no use */
	bool maybe;         /* not taken, but it may have arrived all the same */
	const char *result; /* "sent", "later", "refused", "login", "no_tls", "away", "failed": for metrics */
	int code;           /* the server's; 0: none */
	const char *answer; /* its words, or what went wrong: one line */
};

struct channels *channels_new(struct loop *l) must_use;
struct channels *channels_free(struct channels *c); /* no callback comes any more; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct channels, channels_free)

/* The channels from now on; copied. What is under way by another one goes on to its end. */
void channels_configure(struct channels *c, const struct channel_config *v, size_t n);

/* The callback comes once, never from within; it may send more, but not free or configure the channels. NULL: no such
 * channel, or too much waits for it. */
struct sending *channels_send(struct channels *c, const char *name, const struct notice_object *message,
			      void (*on_sent)(void *arg, const struct channel_result *result), void *arg) must_use;
size_t channels_sending(const struct channels *c);
