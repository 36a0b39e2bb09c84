#pragma once
/*
 * parse/url_parts: an address taken apart. Part of parse/url; the parts are borrowed from the text.
 */
#include <stdbool.h>
#include <stddef.h>

struct buf;

struct url_part {
	const char *s; /* NULL: absent */
	size_t len;
};

/* RFC 3986 §3. */
struct url_parts {
	struct url_part scheme, authority, path, query, fragment;
};

static inline bool url_is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool url_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char url_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool url_part_is(struct url_part p, const char *word); /* in any case */
bool url_scheme_is_http(struct url_part scheme);       /* or https */
size_t url_scheme_length(const char *s, size_t len);   /* in front of its ':'; 0: there is none */
enum { URL_AT_SLASH = 1, URL_AT_QUERY = 2, URL_AT_FRAGMENT = 4, URL_AT_AND = 8 };
struct url_part url_part_until(const char **s, const char *end, unsigned stops); /* URL_AT_…; moves to the first */
void url_split(const char *s, size_t len, struct url_parts *ret);
void url_put_part(struct buf *b, struct url_part p);

/* Of an authority that is there: without user; ret_port is absent or what stands behind the ':'. */
struct url_part url_host_of(struct url_part authority, struct url_part *ret_port);
bool url_has_host(const struct url_parts *u);

void url_remove_dot_segments(struct buf *b, size_t from); /* of the path b->data[from…], which begins with '/' */

/* Appends the address without white space around and line breaks inside. False: empty, or it doesn't fit. */
bool url_tidy(const char *url, struct buf *out);

/* The same, escaped as browsers do, and taken apart; text holds the parts. http: what a relative one is read as. */
bool url_read(const char *s, bool http, struct buf *text, struct url_parts *ret);
