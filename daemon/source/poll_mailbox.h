#pragma once
/*
 * source/poll_mailbox: a poll of a mailbox (transport imap): what came since the UID that was read last, page by page, each committed
 * with the UID that it ends with. Inside source/poll.
 *
 *   open → search a window of UIDs → sizes → mails → reader → commit → load → sizes … → the next window … → close
 *
 * The cursor is "UIDVALIDITY:UID", and behind a second colon, while a mailbox that counts anew is read again, since when (seconds).
 * A server that numbers its mails anew (another UIDVALIDITY, or a UIDNEXT that went back) is read from the first one on, but for what
 * was sent MAILBOX_ANEW_MS and more before it was last heard; what is known by its Message-ID is no news.
 * A mail that kills its readers, or that the server can't give, costs its page a second try, mail by mail, and then itself alone:
 * it is passed over and told. So does one at which the server hangs up.
 *
 * Bounds: pages and bytes as fetch/imap; MAILBOX_PAGES_MAX pages and MAILBOX_WINDOWS_MAX windows a poll, the rest with the next.
 */
#include <stdbool.h>
#include <stddef.h>

struct answer;
struct arena;
struct poll;
struct poll_mailbox;

enum {
	MAILBOX_PAGES_MAX = 100,
	MAILBOX_WINDOWS_MAX = 100,
	MAILBOX_COMEBACKS_MAX = 8, /* other connections of a poll, because one went … */
	MAILBOX_LOSSES_MAX = 3,    /* … with the same mail, so many times */
	MAILBOX_TRY_MAILS = 10,    /* of a trial: the last ones */
};
#define MAILBOX_ANEW_MS INT64_C(172800000) /* two days: a mail may have been on its way so long */

bool poll_is_mailbox(const struct poll *p);
void poll_mailbox_step(struct poll *p); /* who we are is known, and what is kept is up to date */
/* A reader's answer, or (answer NULL) what became of it. class_name is a literal. */
void poll_mailbox_read(struct poll *p, struct answer *answer, struct arena *arena, const char *class_name,
		       const char *why);
struct poll_mailbox *poll_mailbox_free(struct poll_mailbox *m); /* NULL is fine; returns NULL */
