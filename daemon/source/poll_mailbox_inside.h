#pragma once
/*
 * source/poll_mailbox_inside: what the files of source/poll_mailbox share; nobody else includes it.
 *
 *   poll_mailbox.c the connection: made, made anew, lost
 *   poll_mails.c   what is asked of it, what is answered, and where the next poll goes on
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/imap.h"

struct poll;

enum asking { ASKING_OPEN, ASKING_SEARCH, ASKING_SIZES, ASKING_MAILS };

struct poll_mailbox {
	struct imap *session;
	enum asking asking;
	uint32_t validity;
	uint64_t from;     /* the first UID that nobody looked for */
	uint64_t end;      /* the last that there was as it was opened … */
	bool end_known;    /* … as the server said; else it could be any */
	uint32_t done;     /* the last that is read */
	int64_t sent_ms;   /* counted anew: what was sent before is known; TIME_NONE: all is wanted */
	uint32_t *uids;    /* of the present window, … */
	size_t n_uids, at; /* … and which of them is next */
	uint32_t page[IMAP_PAGE];
	size_t n_page, taken; /* asked for now; of uids, with this page */
	size_t careful;       /* so many are asked for one by one: one of them did harm */
	unsigned pages, windows;
	bool more;          /* the rest is the next poll's */
	unsigned comebacks; /* the connection went while mails were asked for, and was made anew */
	uint32_t lost_uid;  /* the mail that was asked for alone as it went, … */
	unsigned losses;    /* … so many times */
	bool in_doubt;      /* a mail is passed over for that, and none was given since */
};

/* poll_mails.c */
void poll_mails_next(struct poll *p);         /* the next question, or the end */
void poll_mails_pass(struct poll_mailbox *m); /* the page is over, whatever became of it */
void poll_mails_spare(struct poll *p, const char *class_name, const char *why); /* a page did harm, or was refused */
void poll_mails_note_unread(struct poll *p, const char *class_name,
			    const char *why); /* the mail that was asked for alone */
void poll_mails_opened(struct poll *p, const struct imap_result *r);
void poll_mails_found(struct poll *p, const struct imap_result *r);
void poll_mails_sized(struct poll *p, const struct imap_result *r);
void poll_mails_fetched(struct poll *p, const struct imap_result *r);
