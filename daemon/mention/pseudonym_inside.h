#pragma once
/*
 * mention/pseudonym_inside: what its files share, and nobody else sees.
 *
 *   pseudonym.c          the pseudonym itself, and the mention's fields
 *   pseudonym_text.c     a text, from its begin to its end
 *   pseudonym_address.c  whom an address names
 *   pseudonym_phone.c    which digits are a telephone number
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/pseudonym.h"

struct buf;

struct pseudonym {
	uint8_t key[PSEUDONYM_KEY_BYTES];
	char **handles, **sites; /* own ones, in small letters; handles in strcmp's order */
	size_t n_handles, cap_handles, n_sites, cap_sites;
};

/* "u-0123456789ab" of who is called so: kind keeps a name apart from the same handle. */
void pseudonym_put(const struct pseudonym *p, const char *kind, const char *who, size_t len, struct buf *b);
bool pseudonym_is_own(const struct pseudonym *p, const char *handle,
		      size_t len); /* with or without @, with or without its server */
bool pseudonym_is_own_site(const struct pseudonym *p, const char *host, size_t len); /* or one below it */

/* Of a name: a letter of any script with its marks, a digit, '_'. The bytes of one at s; 0: it is none. */
size_t name_char(const char *s, const char *end);

/* --- addresses --- */

enum address_kind {
	ADDRESS_PLAIN, /* names nobody, or oneself */
	ADDRESS_NAMES, /* somebody, from `from` on, `len` bytes; what follows leads to them */
	ADDRESS_POST,  /* at X: it is found by its number alone, `len` digits at `from` */
};
struct address {
	enum address_kind kind;
	size_t from, len;
};
/* author: a handle without @ that is not to stand in it; NULL: none is known. */
struct address address_look(const struct pseudonym *p, const char *url, size_t len, const char *author);
#define ADDRESS_POST_BEGIN "https://x.com/i/status/"

/* --- telephone numbers --- */

/* The digits at `at`, or behind its '+' or '(': how many bytes are one number, or (*ret_phone false) none. 0: no digits. */
size_t phone_at(const char *text, const char *at, const char *end, bool *ret_phone);

/* --- texts --- */

/* In code points: what was [from, to) is [at, at + len) now. */
struct text_edit {
	size_t from, to, at, len;
};
struct text_edits {
	struct text_edit *v;
	size_t n, cap;
};
/* Whose text it is: their handle, without @, and their name; NULL: not known. */
struct text_author {
	const char *handle, *name;
};
/* A copy without names into b, and what was changed into edits (NULL: nobody asks). */
void text_without_names(const struct pseudonym *p, const char *text, const struct text_author *author, struct buf *b,
			struct text_edits *edits);
