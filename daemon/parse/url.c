#include "parse/url.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "parse/url_parts.h"

/* The base's path up to its last slash, then ref's. */
static void merge_paths(struct buf *b, const struct url_parts *base, const struct url_parts *ref)
{
	const char *slash = base->path.len ? memrchr(base->path.s, '/', base->path.len) : NULL;

	if (base->authority.s && base->path.len == 0)
		buf_putc(b, '/');
	else if (slash)
		buf_put(b, base->path.s, (size_t)(slash + 1 - base->path.s));
	url_put_part(b, ref->path);
}

/* In lower case: who asks whether an address is of the web compares with "http://" (RFC 3986 §3.1: only produce lower case). */
static void put_scheme(struct buf *b, struct url_part scheme)
{
	size_t i;

	for (i = 0; i < scheme.len; i++)
		buf_putc(b, url_lower(scheme.s[i]));
	buf_putc(b, ':');
}

/* RFC 3986 §5.2.2, with the old exception of §5.2.2: "http:x" against an http base is a relative "x". */
static int transform(struct url_parts base, struct url_parts ref, struct buf *out)
{
	const struct url_parts *from = &ref;
	struct url_part query = ref.query;
	size_t path;

	if (url_scheme_is_http(ref.scheme) && !ref.authority.s && base.scheme.s && base.scheme.len == ref.scheme.len &&
	    strncasecmp(base.scheme.s, ref.scheme.s, ref.scheme.len) == 0)
		ref.scheme = (struct url_part){0};
	if (!ref.scheme.s && !base.scheme.s)
		return URL_E_SYNTAX;
	if (!ref.scheme.s && !ref.authority.s)
		from = &base; /* its authority */
	put_scheme(out, ref.scheme.s ? ref.scheme : base.scheme);
	if (from->authority.s) {
		buf_puts(out, "//");
		url_put_part(out, from->authority);
	}
	path = out->len;
	if (from == &ref || (ref.path.len && ref.path.s[0] == '/')) {
		url_put_part(out, ref.path);
	} else if (ref.path.len) {
		merge_paths(out, &base, &ref);
	} else {
		url_put_part(out, base.path);
		query = ref.query.s ? ref.query : base.query;
	}
	if (out->len > path && out->data[path] == '/')
		url_remove_dot_segments(out, path);
	if (query.s) {
		buf_putc(out, '?');
		url_put_part(out, query);
	}
	if (ref.fragment.s) {
		buf_putc(out, '#');
		url_put_part(out, ref.fragment);
	}
	return out->full ? URL_E_SYNTAX : 0;
}

/* Can something be relative to it? Not to "mailto:x" or "urn:x". */
static bool read_base(const char *base, struct buf *text, struct url_parts *ret)
{
	return base && url_read(base, false, text, ret) && ret->scheme.s &&
	       (ret->authority.s || (ret->path.len && ret->path.s[0] == '/'));
}

/* "scheme://…": the same against any base. */
static bool is_whole(const char *ref)
{
	size_t n;

	ref += strspn(ref, " \t\r\n\f\v");
	n = url_scheme_length(ref, strlen(ref));
	return n && ref[n + 1] == '/' && ref[n + 2] == '/';
}

int url_resolve(const char *base, const char *ref, struct buf *out)
{
	struct buf base_text = BUF_INIT(URL_MAX_BYTES), ref_text = BUF_INIT(URL_MAX_BYTES),
		   made = BUF_INIT(URL_MAX_BYTES);
	bool empty = ref[strspn(ref, " \t\r\n\f\v")] == '\0'; /* the base itself, then */
	struct url_parts b = {0}, u = {0};
	int r = URL_E_SYNTAX;

	if (is_whole(ref) || !read_base(base, &base_text, &b))
		b = (struct url_parts){0};
	if (empty || url_read(ref, url_scheme_is_http(b.scheme), &ref_text, &u))
		r = transform(b, u, &made);
	if (r == 0) {
		url_split(made.data, made.len, &u);
		if (url_scheme_is_http(u.scheme) && !url_has_host(&u))
			r = URL_E_SYNTAX;
	}
	if (r == 0) {
		buf_put(out, made.data, made.len);
		r = out->full ? URL_E_SYNTAX : 0;
	}
	buf_done(&base_text);
	buf_done(&ref_text);
	buf_done(&made);
	return r;
}

bool url_is_http(const char *url)
{
	struct url_parts u;

	while (*url && (unsigned char)*url <= ' ')
		url++;
	url_split(url, strlen(url), &u);
	return url_scheme_is_http(u.scheme) && url_has_host(&u);
}

bool url_is_absolute_uri(const char *s)
{
	size_t len = strlen(s), n = url_scheme_length(s, len), i;
	struct url_parts u;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ')
			return false;
	if (n < 2 || n + 1 == len)
		return false;
	url_split(s, len, &u);
	if (url_scheme_is_http(u.scheme))
		return url_has_host(&u);
	if (url_part_is(u.scheme, "tag") || url_part_is(u.scheme, "urn"))
		return true;
	return u.authority.s && (u.authority.len || u.path.len > 1);
}

int url_site(const char *url, struct buf *out)
{
	struct url_parts u;
	struct url_part host, port;
	size_t i, mark = out->len;

	while (*url && (unsigned char)*url <= ' ')
		url++;
	url_split(url, strlen(url), &u);
	if (!url_scheme_is_http(u.scheme) || !url_has_host(&u))
		return URL_E_SYNTAX;
	host = url_host_of(u.authority, &port);
	if (host.len > 4 && strncasecmp(host.s, "www.", 4) == 0) {
		host.s += 4;
		host.len -= 4;
	}
	for (i = 0; i < host.len; i++)
		buf_putc(out, url_lower(host.s[i]));
	if (!out->full)
		return 0;
	out->len = mark;
	return URL_E_SYNTAX;
}

static int hex_of(char c)
{
	if (url_is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int url_parameter(const char *url, const char *name, struct buf *out)
{
	const size_t from = out->len, len = strlen(name);
	const char *p = strchr(url, '?');

	while (p && (strncmp(p + 1, name, len) != 0 || p[1 + len] != '='))
		p = strchr(p + 1, '&');
	if (!p || strcspn(url, "#") < (size_t)(p - url))
		return URL_E_SYNTAX;
	for (p += len + 2; *p && *p != '&' && *p != '#'; p++) {
		int high = *p == '%' ? hex_of(p[1]) : -1, low = high >= 0 ? hex_of(p[2]) : -1;

		if (low >= 0)
			p += 2;
		buf_putc(out, low >= 0 ? (char)(high * 16 + low) : *p == '+' ? ' ' : *p);
	}
	if (!out->full && out->len > from && utf8_valid_text(out->data + from, out->len - from))
		return 0;
	if (out->data)
		out->data[from] = '\0';
	out->len = from;
	return URL_E_SYNTAX;
}
