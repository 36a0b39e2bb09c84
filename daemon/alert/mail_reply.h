#pragma once
/*
 * alert/mail_reply: what somebody wrote themselves in a reply by mail: without what it quotes, and without their signature. Pure.
 *
 * Bounds: MAIL_REPLY_MAX_BYTES of it; a quote is known by its marks and by what mail programs write above one, in Spanish and English.
 */
struct buf;

enum { MAIL_REPLY_MAX_BYTES = 16 * 1024 };

void mail_reply_own(const char *text, struct buf *ret); /* lines that end with \n; none: they wrote nothing */
