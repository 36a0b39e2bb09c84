#pragma once
/*
 * parse/mail: the bytes of one message (RFC 5322 and MIME) → who wrote what to whom, as a person would read it.
 *
 * GMime takes the message to pieces; charsets are parse/charset's, which knows those that lie, and mail_words'.
 *
 * Text:   of alternatives the plain one, where it says anything; else HTML, as it came. What a message forwards
 *         (message/rfc822) is read too, under its subject. Parts that follow each other are joined; where plain text and HTML
 *         meet, the HTML becomes text. Quoted replies and signatures stay: what is complained of often stands in the part
 *         that is forwarded, and no rule tells a quote from it in every mail program's words. Attachments are named, never
 *         decoded.
 * Owner:  the arena; all of a struct mail lies in it. mail_init() holds what GMime needs for the life of the process.
 * Blocks: no; CPU alone, and no file once mail_init() was called.
 * Bounds: below. A message past one is read up to there, and why says so.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;

enum {
	MAIL_MAX_BYTES = 32 * 1024 * 1024,
	MAIL_HEADERS_MAX = 10 * 1000,        /* of all parts; GMime takes 500 bytes for each */
	MAIL_HEADERS_MAX_BYTES = 512 * 1024, /* of all parts; GMime takes 80 for each byte of parameters */
	MAIL_VALUE_MAX_BYTES = 16 * 1024,    /* of one header; GMime decodes words with the square of it: 40 ms */
	MAIL_BOUNDARIES_MAX = 2000,    /* lines that begin with "--": GMime compares each with all that are open */
	MAIL_PARTS_MAX = 500,          /* that are looked at */
	MAIL_DEPTH_MAX = 32,           /* parts within parts, forwarded messages too */
	MAIL_TEXT_MAX_BYTES = 4 << 20, /* decoded, of all parts: as much as a map's text may have */
	MAIL_REFERENCES_MAX = 50,      /* the last ones are the nearest */
	MAIL_ATTACHMENTS_MAX = 50,
};

struct mail_attachment {
	const char *name; /* NULL: it has none */
	const char *type; /* "image/png" */
};

/* Texts are valid UTF-8; NULL: there is none. */
struct mail {
	const char *message_id, *in_reply_to; /* "<a@b>", as ids are compared */
	const char *const *references;        /* the oldest first */
	size_t n_references;
	const char *subject;
	const char *from_addr, *from_name; /* of the first author, else of the sender */
	const char *date;                  /* without comments: parse/date reads it */
	const char *content_language;      /* the first one's tag */
	bool automatic; /* a machine's reply to a message: "I am away" (RFC 3834), undeliverable (RFC 3464), was read (RFC 8098) */
	const char *text;
	const char *html; /* only where there is no text */
	const struct mail_attachment *attachments;
	size_t n_attachments;
	const char *why; /* what of it was not read, in a few words */
};

void mail_init(void); /* in the nursery; later calls cost nothing */

enum { MAIL_E_NONE = 1 }; /* no message: it has none of the headers that every message has some of */
int mail_parse(const char *bytes, size_t len, struct arena *a, struct mail *ret) must_use;
