#include "parse/url_parts.h"

#include <string.h>

#include "base/buf.h"
#include "parse/url.h"

bool url_part_is(struct url_part p, const char *word)
{
	return p.len == strlen(word) && strncasecmp(p.s, word, p.len) == 0;
}

bool url_scheme_is_http(struct url_part scheme)
{
	return scheme.s && (url_part_is(scheme, "http") || url_part_is(scheme, "https"));
}

size_t url_scheme_length(const char *s, size_t len)
{
	size_t n = 0;

	if (len == 0 || !url_is_alpha(s[0]))
		return 0;
	while (n < len && (url_is_alpha(s[n]) || url_is_digit(s[n]) || s[n] == '+' || s[n] == '-' || s[n] == '.'))
		n++;
	return n < len && s[n] == ':' ? n : 0;
}

struct url_part url_part_until(const char **s, const char *end, unsigned stops)
{
	static const unsigned char stop_of[256] = {
		['/'] = URL_AT_SLASH, ['?'] = URL_AT_QUERY, ['#'] = URL_AT_FRAGMENT, ['&'] = URL_AT_AND};
	struct url_part p = {*s, 0};

	while (*s < end && !(stop_of[(unsigned char)**s] & stops))
		++*s;
	p.len = (size_t)(*s - p.s);
	return p;
}

void url_split(const char *s, size_t len, struct url_parts *ret)
{
	const char *end = s + len;
	size_t n = url_scheme_length(s, len);

	*ret = (struct url_parts){0};
	if (n) {
		ret->scheme = (struct url_part){s, n};
		s += n + 1;
	}
	if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
		s += 2;
		ret->authority = url_part_until(&s, end, URL_AT_SLASH | URL_AT_QUERY | URL_AT_FRAGMENT);
	}
	ret->path = url_part_until(&s, end, URL_AT_QUERY | URL_AT_FRAGMENT);
	if (s < end && *s == '?') {
		s++;
		ret->query = url_part_until(&s, end, URL_AT_FRAGMENT);
	}
	if (s < end)
		ret->fragment = (struct url_part){s + 1, (size_t)(end - s) - 1};
}

/* The address without white space around and line breaks inside; false: empty or too long. */
bool url_tidy(const char *url, struct buf *out)
{
	size_t len = strlen(url), n;

	while (len && (unsigned char)url[len - 1] <= ' ')
		len--;
	while (len && (unsigned char)*url <= ' ') {
		url++;
		len--;
	}
	for (; len; url += n, len -= n) {
		n = strcspn(url, "\t\n\r");
		n = n < len ? n : len;
		buf_put(out, url, n);
		n += n < len; /* without what it stopped at */
	}
	return !out->full && out->len;
}

struct url_part url_host_of(struct url_part authority, struct url_part *ret_port)
{
	const char *at = memrchr(authority.s, '@', authority.len), *colon;
	struct url_part host = authority;

	if (at) {
		host.len -= (size_t)(at + 1 - host.s);
		host.s = at + 1;
	}
	*ret_port = (struct url_part){0};
	colon = memrchr(host.s, ':', host.len);
	if (colon && !memchr(colon, ']', host.len - (size_t)(colon - host.s))) {
		*ret_port = (struct url_part){colon + 1, host.len - (size_t)(colon - host.s) - 1};
		host.len = (size_t)(colon - host.s);
	}
	return host;
}

/* One that has a ':' of its own is an IPv6 address in brackets, both of them, or none at all. */
bool url_has_host(const struct url_parts *u)
{
	struct url_part port, host;

	if (!u->authority.s)
		return false;
	host = url_host_of(u->authority, &port);
	if (!host.len)
		return false;
	return host.s[0] == '[' ? host.s[host.len - 1] == ']' : !memchr(host.s, ':', host.len);
}

void url_put_part(struct buf *b, struct url_part p)
{
	buf_put(b, p.s, p.len);
}

/* RFC 3986 §5.2.4, on b->data[from…]; in place, since it only shortens. */
void url_remove_dot_segments(struct buf *b, size_t from)
{
	char *path = b->data + from;
	size_t len = b->len - from, in = 0, out = 0;

	while (in < len) {
		size_t n = 1; /* of this segment, its slash in front */

		while (in + n < len && path[in + n] != '/')
			n++;
		if (n == 2 && memcmp(path + in, "/.", 2) == 0) {
			if (in + n == len)
				path[out++] = '/';
		} else if (n == 3 && memcmp(path + in, "/..", 3) == 0) {
			while (out && path[--out] != '/')
				;
			if (in + n == len)
				path[out++] = '/';
		} else {
			memmove(path + out, path + in, n);
			out += n;
		}
		in += n;
	}
	b->len = from + out;
	path[out] = '\0';
}

/* Appends s as browsers would write it. */
static void put_escaped(struct buf *b, const char *s, size_t len, bool http)
{
	static const char digits[] = "0123456789ABCDEF";
	enum { ESCAPED = 1, IN_PATH = 2, BACKSLASH = 4, PATH_ENDS = 8 };
	static const unsigned char class_of[256] = {
		[0 ... ' '] = ESCAPED, [0x7F] = ESCAPED,  ['<'] = ESCAPED,  ['>'] = ESCAPED,
		['"'] = ESCAPED,       ['`'] = IN_PATH,   ['{'] = IN_PATH,  ['}'] = IN_PATH,
		['\\'] = BACKSLASH,    ['?'] = PATH_ENDS, ['#'] = PATH_ENDS};
	bool in_path = true;
	const char *end = s + len, *from = s;

	for (; s < end; s++) {
		unsigned char c = (unsigned char)*s, class = class_of[c];

		if (!class)
			continue;
		in_path = in_path && class != PATH_ENDS;
		if (class == ESCAPED || (in_path && (class == IN_PATH || (class == BACKSLASH && http)))) {
			const char code[3] = {'%', digits[c >> 4], digits[c & 15]};

			buf_put(b, from, (size_t)(s - from));
			buf_put(b, class == BACKSLASH ? "/" : code, class == BACKSLASH ? 1 : sizeof(code));
			from = s + 1;
		}
	}
	buf_put(b, from, (size_t)(end - from));
}

/* The parts of one address, escaped so that they can be put together; text holds them. */
bool url_read(const char *s, bool http, struct buf *text, struct url_parts *ret)
{
	struct buf raw = BUF_INIT(URL_MAX_BYTES);
	bool good = url_tidy(s, &raw);
	size_t n;

	if (good) {
		n = url_scheme_length(raw.data, raw.len);
		if (n)
			http = url_scheme_is_http((struct url_part){raw.data, n});
		put_escaped(text, raw.data, raw.len, http);
		url_split(buf_str(text), text->len, ret);
	}
	buf_done(&raw);
	return good && !text->full;
}
