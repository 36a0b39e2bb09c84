#pragma once
/*
 * fetch/mail: hands finished messages to one mail server (SMTP), one after another, on a thread of its own.
 *
 * Why a thread, and not the multi that everything else is fetched by: libcurl 7.88 waits for the server's answer behind
 * the message, and for the one to QUIT, inside curl_multi_socket_action(), so that a server which takes half a minute to
 * look at a mail would stop the loop for as long. A server that hangs holds up its own queue alone.
 *
 * Owner:  whoever called mailer_new(); freed before the loop.
 * Blocks: never, but for mailer_free(): a mail on its way is cut off, which takes MAIL_STOP_MS at the most.
 * Bounds: MAIL_WAITING_MAX messages wait; each ends within its server's timeout.
 * Trust:  what stands in the envelope is checked by who asks (libcurl passes a line break on, as a command of its own).
 *         No proxy of the environment is used, and nothing but SMTP is spoken. The address of the server is not judged:
 *         someone wrote its name into the configuration. But where MAIL_TLS_LOCAL leaves TLS out, the server must be on
 *         this very machine.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct loop;
struct mail;
struct mailer;

enum { MAIL_WAITING_MAX = 1000, MAIL_STOP_MS = 2000, MAIL_ANSWER_MAX_BYTES = 500 };

enum mail_tls {
	MAIL_TLS_NEEDED, /* smtps://, or STARTTLS before anything else is said */
	MAIL_TLS_LOCAL,  /* none, to a loopback address alone */
	MAIL_TLS_NONE,
};

/* Everything is copied. */
struct mail_server {
	const char *url;             /* smtp:// or smtps://, host, port */
	const char *user, *password; /* NULL: it asks for none */
	const char *ca_file;         /* NULL: libcurl's own default file */
	enum mail_tls tls;
	int64_t timeout_ms; /* of one message, from the lookup of the server's name to its last answer */
};

enum mail_outcome {
	MAIL_TAKEN,   /* the server has it, and said so */
	MAIL_LATER,   /* it said: not now (4xx) */
	MAIL_REFUSED, /* it said: never (5xx) */
	MAIL_LOGIN,   /* it does not know this user or password */
	MAIL_NO_TLS,  /* TLS is needed, and it offers none, or a certificate that nobody vouches for */
	MAIL_AWAY,    /* no connection, or it broke off, or was silent */
	MAIL_FAILED,  /* anything else; the answer says what */
	MAIL_OUTCOMES
};
const char *mail_outcome_name(enum mail_outcome o); /* "taken", "later", "refused", … */

struct mail_result {
	enum mail_outcome outcome;
	int code;           /* SMTP's, of the last answer; 0: none came */
	const char *answer; /* its words, or libcurl's where none came: valid UTF-8 on one line */
	bool maybe;         /* not taken, but the whole message was sent: it may have arrived all the same */
};

int mailer_new(struct loop *l, const struct mail_server *server, struct mailer **ret) must_use;
struct mailer *mailer_free(struct mailer *m); /* no callback comes any more; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct mailer, mailer_free)

/* from and to are bare addresses; message is whole (RFC 5322, lines end with CRLF), and copied. The callback comes once,
 * never from within, unless it is cancelled. NULL: MAIL_WAITING_MAX are waiting. */
struct mail *mail_send(struct mailer *m, const char *from, const char *to, const char *message, size_t len,
		       void (*on_sent)(void *arg, const struct mail_result *result), void *arg) must_use;
/* The same as far as a login: the server is asked for nothing but a sign of life (NOOP), and nobody is written to. */
struct mail *mail_try(struct mailer *m, void (*on_tried)(void *arg, const struct mail_result *result),
		      void *arg) must_use;
void mail_cancel(struct mail *mail); /* not in or after its callback; what is under way is cut off */
