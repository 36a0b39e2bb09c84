#pragma once
/*
 * parse/charset_names: which encodings are allowed, and by which names they go. Part of parse/charset.
 *
 * The table is constant; an encoding is told by its address in it.
 */
#include <stddef.h>

#include "base/err.h"

/* How the bytes are read. */
enum charset_kind { CHARSET_UTF8, CHARSET_WIDE, CHARSET_WIDE_UNSURE, CHARSET_BYTE, CHARSET_MULTIBYTE, CHARSET_REFUSED };

struct charset {
	const char *name;
	const char *iconv; /* glibc's name; NULL: read here */
	enum charset_kind kind;
	unsigned char unit; /* bytes that are skipped past an error */
	const char *aliases;
};

enum { CHARSETS_MAX = 48 }; /* rows of the table, and so open descriptors */
extern const struct charset charsets[];
extern const size_t n_charsets;

/* Rows that are asked for by what they are, not by name. */
enum {
	CHARSET_ROW_UTF8,
	CHARSET_ROW_UTF7,
	CHARSET_ROW_UTF16LE,
	CHARSET_ROW_UTF16BE,
	CHARSET_ROW_UTF32LE,
	CHARSET_ROW_UTF32BE,
	CHARSET_ROW_WINDOWS_1252,
};

/* NULL: nobody knows the name, or it isn't allowed. Case and punctuation don't count. */
const struct charset *charset_find(const char *name, size_t len);
