#pragma once
/*
 * parse/mail_words: the value of a header as a person reads it: unfolded, its encoded words (RFC 2047) decoded.
 *
 * Looser than the RFC where mail programs are: words may hold blanks, may touch other text, and a character may be cut through
 * between two of them. Bytes beyond ASCII and each word's charset are parse/charset's to judge: a charset that lies, or that
 * nobody knows, is read as what the bytes look like. UTF-7 stays as it was written.
 *
 * Blocks: no; words that never end cost the square of len, which the caller bounds. Bounds: out->max.
 */
#include <stddef.h>

struct buf;

enum mail_words_in {
	MAIL_WORDS_TEXT,    /* a subject */
	MAIL_WORDS_ADDRESS, /* a list of addresses: what is decoded is quoted, so that its commas are no list's */
};
/* Appends valid UTF-8. */
void mail_words(const char *value, size_t len, enum mail_words_in in, struct buf *out);
