#pragma once
/*
 * parse/mail_bound: what of a message GMime gets, which has few bounds of its own: ten megabytes of headers cost it one gigabyte, as
 * many of boundaries half a minute.
 *
 * Up to where one of MAIL_*_MAX is reached: what comes before is a message, too. A header over MAIL_VALUE_MAX_BYTES is cut there, and
 * what follows it stays; a line of a body that looks like a header's is cut alike, since a body is told from headers by GMime alone.
 * What a mailbox file or an editor puts before a message (a mark, empty lines, "From ") is left out.
 *
 * Owner: the caller, of what is returned. Blocks: no; linear.
 */
#include <glib.h>
#include <stddef.h>

/* ret_why: what was left out, in a few words; NULL: nothing. */
GByteArray *mail_bound(const char *bytes, size_t len, const char **ret_why);
