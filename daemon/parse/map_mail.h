#pragma once
/*
 * parse/map_mail: a message as the document that maps which read mail get:
 *
 *   {message_id, subject, from: {addr, name}, date, in_reply_to, references: [...], text, html, content_language,
 *    automatic, attachments: [{name, type}], uid, uidvalidity}
 *
 * As parse/mail tells them; what is absent is null, and html is there only where text is not. uid and uidvalidity are $ctx's: where
 * in its mailbox the message lies; $ctx.arrived (seconds since 1970) stands for a date that is none.
 *
 * Owner: the document is the caller's. Blocks: no.
 */
#include <jv.h>
#include <stddef.h>

#include "base/err.h"

struct arena;

enum { MAP_MAIL_E_NONE = 1 }; /* no message; ret_why says what it is */
/* ret_why: what of the message was not read, else NULL. */
int map_mail(const char *bytes, size_t len, jv ctx, struct arena *a, jv *ret, const char **ret_why) must_use;
