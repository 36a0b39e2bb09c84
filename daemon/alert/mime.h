#pragma once
/*
 * alert/mime: a text as an e-mail (RFC 5322, 2045, 2046, 2047), alone or with the same as HTML, pictures that stand in it (RFC 2387,
 * 2392) and attachments: nothing that it says can become a header, a second message
 * or a command (FAULTS O1, O2), whatever the text is.
 *
 * Blocks: never. Text is valid UTF-8. What can't be seen and could mislead (controls, bidirectional overrides) is dropped.
 * The body travels as quoted-printable: lines of at most 76 bytes, no byte above 126, no dot at the beginning of a line.
 */
#include <stddef.h>
#include <stdint.h>

struct buf;
struct notice_file;
struct zone;

struct mime_message {
	const char *from, *to;           /* addresses that address_check() found right */
	const char *subject, *body;      /* lines of the body end with \n */
	const char *html;                /* the same; NULL: none, and no file has a cid */
	const struct notice_file *files; /* alert/notice_object.h; names and types are ours */
	size_t n_files;
	const char *key;    /* of Message-ID: letters and digits; stable over tries */
	const char *thread; /* key of the message that this one continues; NULL: none */
	const char *lang;   /* "es" */
	int64_t now_ms;
	const struct zone *zone; /* of the reader; NULL: UTC */
};
void mime_put(struct buf *b, const struct mime_message *m);
