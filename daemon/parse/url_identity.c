/* url_normalise(): the form of an address that its article is known by. */
#include "parse/url.h"

#include <string.h>

#include "base/buf.h"
#include "parse/url_parts.h"

static int hex(char c)
{
	if (url_is_digit(c))
		return c - '0';
	c = url_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_unreserved(char c)
{
	return url_is_alpha(c) || url_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Percent-encoding in its one form: capitals, and none for what needs none; bytes above ASCII and a '%' that
 * encodes nothing encoded: "%2%44" must not become "%2D". */
static void put_normal(struct buf *b, struct url_part p)
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

static bool is_trace(struct url_part p)
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

static void put_query(struct buf *b, struct url_part query)
{
	const char *s = query.s, *end = s ? s + query.len : NULL;
	char sep = '?';

	while (s < end) {
		struct url_part p = url_part_until(&s, end, URL_AT_AND);

		s += s < end;
		if (p.len == 0 || is_trace(p))
			continue;
		buf_putc(b, sep);
		put_normal(b, p);
		sep = '&';
	}
}

/* "#xtor=RSS-1", "#Echobox=1700000000", "#:~:text=…" are traces; another may be the article (a changelog's "#v2"). */
static void put_fragment(struct buf *b, struct url_part fragment)
{
	if (!fragment.s || fragment.len == 0 || is_trace(fragment) ||
	    (fragment.len >= 3 && memcmp(fragment.s, ":~:", 3) == 0))
		return;
	buf_putc(b, '#');
	put_normal(b, fragment);
}

static void put_authority(struct buf *b, const struct url_parts *u)
{
	struct url_part port, host = url_host_of(u->authority, &port);
	size_t i;

	for (i = 0; i < host.len; i++)
		buf_putc(b, url_lower(host.s[i]));
	if (port.len && !url_part_is(port, u->scheme.len == 4 ? "80" : "443")) {
		buf_putc(b, ':');
		url_put_part(b, port);
	}
}

static void put_normalised(struct buf *b, const struct url_parts *u)
{
	size_t path;

	buf_puts(b, u->scheme.len == 4 ? "http://" : "https://");
	put_authority(b, u);
	path = b->len;
	if (u->path.len == 0)
		buf_putc(b, '/');
	put_normal(b, u->path);
	if (!b->full)
		url_remove_dot_segments(b, path);
	put_query(b, u->query);
	put_fragment(b, u->fragment);
}

int url_normalise(const char *url, struct buf *out)
{
	struct buf text = BUF_INIT(URL_MAX_BYTES), made = BUF_INIT(3 * URL_MAX_BYTES); /* one byte encoded is three */
	struct url_parts u = {0};
	int r = URL_E_SYNTAX;

	if (url_read(url, true, &text, &u) && u.scheme.s) {
		if (!url_scheme_is_http(u.scheme)) {
			(void)url_tidy(url, &made);
			r = 0;
		} else if (url_has_host(&u)) {
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
