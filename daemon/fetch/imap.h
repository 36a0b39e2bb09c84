#pragma once
/*
 * fetch/imap: one connection to one mailbox, from the lookup of the server's name to a folder that is looked at and not touched:
 * EXAMINE and BODY.PEEK[], so that nothing is marked as read.
 *
 *   imap_open() → on_done → imap_search(), imap_sizes(), imap_fetch() → on_done … → imap_close()
 *
 * libcurl connects, agrees on TLS and logs in (CURLOPT_CONNECT_ONLY), within its multi interface and without waiting, by LOGIN or by
 * SASL's PLAIN, CRAM-MD5, XOAUTH2 and so on, as the server offers. What comes then is ours (fetch/imap_text): its own FETCH takes lines of a mail
 * for the server's, and marks it as read. Each session has a multi to itself: in one with others libcurl may take the connection for
 * an idle one, and close it.
 *
 * Owner:  whoever called imap_open(); closed before fetch. One question at a time.
 * Blocks: never; at most IMAP_TURN_BYTES are read in one turn of the loop. Nobody waits for a server's goodbye.
 * Trust:  addresses are judged by fetch/guard; without TLS none but this machine's own are gone to. What a server says is
 *         bounded in bytes and time. No detail holds the password, whatever the server says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "fetch/guard.h"

struct fetch;
struct imap;

enum {
	IMAP_CONNECT_MS = 20 * 1000,   /* until it is logged in: defaults of imap_request */
	IMAP_SILENT_MS = 30 * 1000,    /* no byte of an answer for so long */
	IMAP_ANSWER_MS = 180 * 1000,   /* for all of an answer */
	IMAP_GREETING_MAX = 64 * 1024, /* bytes that a server may say until it is logged in */
	IMAP_WINDOW = 100 * 1000,      /* UIDs that one search may span */
	IMAP_PAGE = 50,                /* mails of one question */
	IMAP_PAGE_BYTES = 4 << 20,     /* … which are to come to this much, */
	IMAP_MAIL_BYTES = 1 << 20,     /* … of each so much at the most; the rest is left where it is */
	IMAP_ANSWER_MAX = 16 << 20,    /* bytes of an answer */
	IMAP_TURN_BYTES = 256 * 1024,
	IMAP_WORDS_MAX = 300, /* of a server's words */
};

enum imap_tls {
	IMAP_TLS,      /* from the first byte on */
	IMAP_STARTTLS, /* before who we are is told */
	IMAP_LOCAL,    /* none, to a loopback address alone */
};

/* Everything is copied. 0 takes the default. */
struct imap_request {
	const char *server; /* "imap.example.com", "192.0.2.1:993", "[2001:db8::1]:143" */
	enum imap_tls tls;
	const char *user, *password;
	const char *token;   /* XOAUTH2 or OAUTHBEARER, in place of the password; NULL: none */
	const char *folder;  /* UTF-8 */
	const char *ca_file; /* NULL: fetch's */
	const struct cidr *allow_private;
	size_t n_allow_private;
	uint32_t connect_ms, silent_ms, answer_ms;
};

struct imap_mail {
	uint32_t uid, size; /* size as the server says */
	int64_t arrived_ms; /* TIME_NONE: not said */
	const char *bytes;  /* NULL: its size alone was asked for */
	size_t len;
	bool cut; /* it is longer */
};

/* All of it lasts until the next question. */
struct imap_result {
	const char *class_name; /* NULL: done. A literal: the classes of fetch/outcome, and those below */
	const char *detail;     /* the server's words, else libcurl's; valid UTF-8 on one line; "" if done */
	bool refused;           /* the server said no to this question, and lives: another may be asked */
	bool limited;           /* … and to come back later */
	bool lasting;           /* trying again soon does not mend it */
	bool answered;          /* something came from it */
	int64_t cert_until_ms;  /* TIME_NONE: no TLS */
	uint32_t uidvalidity, uidnext, exists; /* of the folder, as it was opened; uidnext 0: not said */
	const uint32_t *uids;                  /* of a search: sorted, each once */
	size_t n_uids;
	const struct imap_mail *mails; /* of those asked for that are there, in no order */
	size_t n_mails;
};
/* "login", "unauthorized": it does not take this user and password, or this token. "no_login": it offers no way to log in that we have. "no_tls": TLS is needed,
 * and it has none; or none is wanted, and it isn't this machine. "folder": there is no such folder. "mail_server": any other no. */

/* on_done comes once for this and for each question, never from within; it may ask the next, or close. NULL: the server's name can't
 * be read. */
struct imap *imap_open(struct fetch *f, const struct imap_request *request,
		       void (*on_done)(void *arg, const struct imap_result *result), void *arg) must_use;
struct imap *imap_close(struct imap *s); /* NULL is fine; returns NULL. on_done doesn't come any more */
DEFINE_CLEANUP(struct imap, imap_close)

/* The UIDs from from to to, at most IMAP_WINDOW of them, that arrived, and that were sent, on that day or later (TIME_NONE: whenever). */
struct imap_search {
	uint32_t from, to;
	int64_t arrived_ms, sent_ms;
};
void imap_search(struct imap *s, const struct imap_search *search);
void imap_sizes(struct imap *s, const uint32_t *uids, size_t n); /* at most IMAP_PAGE */
void imap_fetch(struct imap *s, const uint32_t *uids, size_t n);
