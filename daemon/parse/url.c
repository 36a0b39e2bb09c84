#include "parse/url.h"

#include <string.h>

#include "base/buf.h"

struct part {
	const char *s; /* NULL: absent */
	size_t len;
};

/* RFC 3986 §3. */
struct uri {
	struct part scheme, authority, path, query, fragment;
};

static bool is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool part_is(struct part p, const char *word)
{
	return p.len == strlen(word) && strncasecmp(p.s, word, p.len) == 0;
}

static bool scheme_is_http(struct part scheme)
{
	return scheme.s && (part_is(scheme, "http") || part_is(scheme, "https"));
}

static size_t scheme_length(const char *s, size_t len)
{
	size_t n = 0;

	if (len == 0 || !is_alpha(s[0]))
		return 0;
	while (n < len && (is_alpha(s[n]) || is_digit(s[n]) || s[n] == '+' || s[n] == '-' || s[n] == '.'))
		n++;
	return n < len && s[n] == ':' ? n : 0;
}

/* Up to the first of the stops, and moves there. */
static struct part until(const char **s, const char *end, const char *stops)
{
	struct part p = {*s, 0};

	while (*s < end && !strchr(stops, **s))
		++*s;
	p.len = (size_t)(*s - p.s);
	return p;
}

static void split(const char *s, size_t len, struct uri *ret)
{
	const char *end = s + len;
	size_t n = scheme_length(s, len);

	*ret = (struct uri){0};
	if (n) {
		ret->scheme = (struct part){s, n};
		s += n + 1;
	}
	if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
		s += 2;
		ret->authority = until(&s, end, "/?#");
	}
	ret->path = until(&s, end, "?#");
	if (s < end && *s == '?') {
		s++;
		ret->query = until(&s, end, "#");
	}
	if (s < end)
		ret->fragment = (struct part){s + 1, (size_t)(end - s) - 1};
}

/* The address without white space around and line breaks inside; false: empty or too long. */
static bool tidy(const char *url, struct buf *out)
{
	size_t len = strlen(url), i;

	while (len && (unsigned char)url[len - 1] <= ' ')
		len--;
	while (len && (unsigned char)*url <= ' ') {
		url++;
		len--;
	}
	for (i = 0; i < len; i++)
		if (url[i] != '\t' && url[i] != '\n' && url[i] != '\r')
			buf_putc(out, url[i]);
	return !out->full && out->len;
}

static struct part host_of(struct part authority, struct part *ret_port)
{
	const char *at = memrchr(authority.s, '@', authority.len), *colon;
	struct part host = authority;

	if (at) {
		host.len -= (size_t)(at + 1 - host.s);
		host.s = at + 1;
	}
	*ret_port = (struct part){0};
	colon = memrchr(host.s, ':', host.len);
	if (colon && !memchr(colon, ']', host.len - (size_t)(colon - host.s))) {
		*ret_port = (struct part){colon + 1, host.len - (size_t)(colon - host.s) - 1};
		host.len = (size_t)(colon - host.s);
	}
	return host;
}

/* One that has a ':' of its own is an IPv6 address in brackets, or none at all. */
static bool has_host(const struct uri *u)
{
	struct part port, host;

	if (!u->authority.s)
		return false;
	host = host_of(u->authority, &port);
	return host.len && (host.s[0] == '[' || !memchr(host.s, ':', host.len));
}

static void put_part(struct buf *b, struct part p)
{
	buf_put(b, p.s, p.len);
}

/* ---- resolving ---- */

/* RFC 3986 §5.2.4, on b->data[from…]; in place, since it only shortens. */
static void remove_dot_segments(struct buf *b, size_t from)
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

/* The base's path up to its last slash, then ref's. */
static void merge_paths(struct buf *b, const struct uri *base, const struct uri *ref)
{
	const char *slash = base->path.len ? memrchr(base->path.s, '/', base->path.len) : NULL;

	if (base->authority.s && base->path.len == 0)
		buf_putc(b, '/');
	else if (slash)
		buf_put(b, base->path.s, (size_t)(slash + 1 - base->path.s));
	put_part(b, ref->path);
}

/* Appends s as browsers would write it. */
static void put_escaped(struct buf *b, const char *s, size_t len, bool http)
{
	static const char digits[] = "0123456789ABCDEF";
	bool in_path = true;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		in_path = in_path && c != '?' && c != '#';
		if (c == '\\' && http && in_path) {
			buf_putc(b, '/');
		} else if (c <= ' ' || c == 0x7F || strchr("<>\"", c) || (in_path && strchr("`{}", c))) {
			buf_putc(b, '%');
			buf_putc(b, digits[c >> 4]);
			buf_putc(b, digits[c & 15]);
		} else {
			buf_putc(b, (char)c);
		}
	}
}

/* RFC 3986 §5.2.2, with the old exception of §5.2.2: "http:x" against an http base is a relative "x". */
static int transform(struct uri base, struct uri ref, struct buf *out)
{
	const struct uri *from = &ref;
	struct part query = ref.query;
	size_t path;

	if (scheme_is_http(ref.scheme) && !ref.authority.s && base.scheme.s && base.scheme.len == ref.scheme.len &&
	    strncasecmp(base.scheme.s, ref.scheme.s, ref.scheme.len) == 0)
		ref.scheme = (struct part){0};
	if (!ref.scheme.s && !base.scheme.s)
		return URL_E_SYNTAX;
	if (!ref.scheme.s && !ref.authority.s)
		from = &base; /* its authority */
	put_part(out, ref.scheme.s ? ref.scheme : base.scheme);
	buf_putc(out, ':');
	if (from->authority.s) {
		buf_puts(out, "//");
		put_part(out, from->authority);
	}
	path = out->len;
	if (from == &ref || (ref.path.len && ref.path.s[0] == '/')) {
		put_part(out, ref.path);
	} else if (ref.path.len) {
		merge_paths(out, &base, &ref);
	} else {
		put_part(out, base.path);
		query = ref.query.s ? ref.query : base.query;
	}
	if (out->len > path && out->data[path] == '/')
		remove_dot_segments(out, path);
	if (query.s) {
		buf_putc(out, '?');
		put_part(out, query);
	}
	if (ref.fragment.s) {
		buf_putc(out, '#');
		put_part(out, ref.fragment);
	}
	return out->full ? URL_E_SYNTAX : 0;
}

/* The parts of one address, escaped so that they can be put together; text holds them. */
static bool read_uri(const char *s, bool http, struct buf *text, struct uri *ret)
{
	struct buf raw = BUF_INIT(URL_MAX_BYTES);
	bool good = tidy(s, &raw);
	size_t n;

	if (good) {
		n = scheme_length(raw.data, raw.len);
		if (n)
			http = scheme_is_http((struct part){raw.data, n});
		put_escaped(text, raw.data, raw.len, http);
		split(buf_str(text), text->len, ret);
	}
	buf_done(&raw);
	return good && !text->full;
}

/* Can something be relative to it? Not to "mailto:x" or "urn:x". */
static bool read_base(const char *base, struct buf *text, struct uri *ret)
{
	return base && read_uri(base, false, text, ret) && ret->scheme.s &&
	       (ret->authority.s || (ret->path.len && ret->path.s[0] == '/'));
}

int url_resolve(const char *base, const char *ref, struct buf *out)
{
	struct buf base_text = BUF_INIT(URL_MAX_BYTES), ref_text = BUF_INIT(URL_MAX_BYTES),
		   made = BUF_INIT(URL_MAX_BYTES);
	bool empty = ref[strspn(ref, " \t\r\n\f\v")] == '\0'; /* the base itself, then */
	struct uri b = {0}, u = {0};
	int r = URL_E_SYNTAX;

	if (!read_base(base, &base_text, &b))
		b = (struct uri){0};
	if (empty || read_uri(ref, scheme_is_http(b.scheme), &ref_text, &u))
		r = transform(b, u, &made);
	if (r == 0) {
		split(made.data, made.len, &u);
		if (scheme_is_http(u.scheme) && !has_host(&u))
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

/* ---- normalising ---- */

static bool is_unreserved(char c)
{
	return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Percent-encoding in its one form: capitals, and none for what needs none; bytes above ASCII and a '%' that
 * encodes nothing encoded: "%2%44" must not become "%2D". */
static void put_normal(struct buf *b, struct part p)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < p.len; i++) {
		int c = (unsigned char)p.s[i];
		bool encoded = c == '%' && p.len - i > 2 && hex(p.s[i + 1]) >= 0 && hex(p.s[i + 2]) >= 0;

		if (encoded) {
			c = hex(p.s[i + 1]) << 4 | hex(p.s[i + 2]);
			i += 2;
		}
		if (encoded ? !is_unreserved((char)c) : c >= 0x80 || c == '%') {
			buf_putc(b, '%');
			buf_putc(b, digits[c >> 4]);
			buf_putc(b, digits[c & 15]);
		} else {
			buf_putc(b, (char)c);
		}
	}
}

/* What only tells how a visitor came, by the makers of newsletters, ads and statistics. One with '*' is a beginning. */
static const char *const traces[] = {
	"utm_*",
	"mtm_*",
	"pk_campaign",
	"pk_kwd",
	"pk_source",
	"pk_medium",
	"hsa_*",
	"at_medium",
	"at_campaign",
	"at_custom*",
	"at_link_*",
	"at_ptr_*",
	"at_bbc_*",
	"at_format",
	"fbclid",
	"fb_action_ids",
	"fb_action_types",
	"fb_source",
	"gclid",
	"gclsrc",
	"dclid",
	"gbraid",
	"wbraid",
	"msclkid",
	"yclid",
	"ysclid",
	"twclid",
	"ttclid",
	"li_fat_id",
	"igshid",
	"igsh",
	"mc_cid",
	"mc_eid",
	"_hsenc",
	"_hsmi",
	"mkt_tok",
	"ml_subscriber",
	"ml_subscriber_hash",
	"vero_id",
	"oly_enc_id",
	"oly_anon_id",
	"__twitter_impression",
	"__s",
	"_openstat",
	"xtor",
	"ns_campaign",
	"ns_mchannel",
	"ns_source",
	"ns_linkname",
	"ns_fee",
	"ns_mail_uid",
	"wt_mc",
	"wt.mc_id",
	"ocid",
	"ncid",
	"cmpid",
	"s_cid",
	"s_kwcid",
	"echobox",
	"rss_source",
	"ssm",
};

static bool is_trace(struct part p)
{
	const char *eq = memchr(p.s, '=', p.len);
	size_t len = eq ? (size_t)(eq - p.s) : p.len, i;

	if (len > 4 && strncasecmp(p.s, "amp;", 4) == 0) { /* a link that was escaped twice */
		p.s += 4;
		len -= 4;
	}
	for (i = 0; i < ARRAY_LEN(traces); i++) {
		size_t n = strlen(traces[i]);

		if (traces[i][n - 1] == '*' ? len > n - 1 && strncasecmp(p.s, traces[i], n - 1) == 0
					    : len == n && strncasecmp(p.s, traces[i], n) == 0)
			return true;
	}
	return false;
}

static void put_query(struct buf *b, struct part query)
{
	const char *s = query.s, *end = s ? s + query.len : NULL;
	char sep = '?';

	while (s < end) {
		struct part p = until(&s, end, "&");

		s += s < end;
		if (p.len == 0 || is_trace(p))
			continue;
		buf_putc(b, sep);
		put_normal(b, p);
		sep = '&';
	}
}

/* "#xtor=RSS-1", "#Echobox=1700000000", "#:~:text=…" are traces; another may be the article (a changelog's "#v2"). */
static void put_fragment(struct buf *b, struct part fragment)
{
	if (!fragment.s || fragment.len == 0 || is_trace(fragment) ||
	    (fragment.len >= 3 && memcmp(fragment.s, ":~:", 3) == 0))
		return;
	buf_putc(b, '#');
	put_normal(b, fragment);
}

static void put_authority(struct buf *b, const struct uri *u)
{
	struct part port, host = host_of(u->authority, &port);
	size_t i;

	for (i = 0; i < host.len; i++)
		buf_putc(b, lower(host.s[i]));
	if (port.len && !part_is(port, u->scheme.len == 4 ? "80" : "443")) {
		buf_putc(b, ':');
		put_part(b, port);
	}
}

static void put_normalised(struct buf *b, const struct uri *u)
{
	size_t path;

	buf_puts(b, u->scheme.len == 4 ? "http://" : "https://");
	put_authority(b, u);
	path = b->len;
	if (u->path.len == 0)
		buf_putc(b, '/');
	put_normal(b, u->path);
	if (!b->full)
		remove_dot_segments(b, path);
	put_query(b, u->query);
	put_fragment(b, u->fragment);
}

int url_normalise(const char *url, struct buf *out)
{
	struct buf text = BUF_INIT(URL_MAX_BYTES), made = BUF_INIT(3 * URL_MAX_BYTES); /* one byte encoded is three */
	struct uri u = {0};
	int r = URL_E_SYNTAX;

	if (read_uri(url, true, &text, &u) && u.scheme.s) {
		if (!scheme_is_http(u.scheme)) {
			(void)tidy(url, &made);
			r = 0;
		} else if (has_host(&u)) {
			put_normalised(&made, &u);
			r = made.full ? URL_E_SYNTAX : 0;
		}
	}
	if (r == 0) {
		buf_put(out, made.data, made.len);
		r = out->full ? URL_E_SYNTAX : 0;
	}
	buf_done(&text);
	buf_done(&made);
	return r;
}

/* ---- judging ---- */

bool url_is_http(const char *url)
{
	struct uri u;

	while (*url && (unsigned char)*url <= ' ')
		url++;
	split(url, strlen(url), &u);
	return scheme_is_http(u.scheme) && has_host(&u);
}

bool url_is_absolute_uri(const char *s)
{
	size_t len = strlen(s), n = scheme_length(s, len), i;
	struct uri u;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ')
			return false;
	if (n < 2 || n + 1 == len)
		return false;
	split(s, len, &u);
	if (scheme_is_http(u.scheme))
		return has_host(&u);
	if (part_is(u.scheme, "tag") || part_is(u.scheme, "urn"))
		return true;
	return u.authority.s && (u.authority.len || u.path.len > 1);
}

int url_site(const char *url, struct buf *out)
{
	struct uri u;
	struct part host, port;
	size_t i, mark = out->len;

	while (*url && (unsigned char)*url <= ' ')
		url++;
	split(url, strlen(url), &u);
	if (!scheme_is_http(u.scheme) || !has_host(&u))
		return URL_E_SYNTAX;
	host = host_of(u.authority, &port);
	if (host.len > 4 && strncasecmp(host.s, "www.", 4) == 0) {
		host.s += 4;
		host.len -= 4;
	}
	for (i = 0; i < host.len; i++)
		buf_putc(out, lower(host.s[i]));
	if (!out->full)
		return 0;
	out->len = mark;
	return URL_E_SYNTAX;
}
