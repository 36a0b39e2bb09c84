#include "parse/prescan.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "parse/html.h"

struct name {
	const char *s;
	size_t len;
};

struct scan {
	const char *p, *end;
	struct buf *out;
	struct name open[PRESCAN_DEPTH_MAX];
	size_t depth;
	bool rooted;     /* the root was met */
	bool odd;        /* U+FFFE or U+FFFF somewhere: valid UTF-8, and no XML */
	bool open_ended; /* some "-->", "?>" or ">" is not there any more: looked for once, or it is O(n²) */
	const char *why; /* the first mend */
};

static int refuse(struct scan *sc, const char *why)
{
	sc->why = why;
	return PRESCAN_E_REFUSED;
}

static void mend(struct scan *sc, const char *why)
{
	if (!sc->why)
		sc->why = why;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

static const char *skip_name(const char *p, const char *end)
{
	while (p < end && is_name(*p))
		p++;
	return p;
}

/* Where the needle ends, NULL: it isn't there. */
static const char *behind(const char *p, const char *end, const char *needle)
{
	const char *at = memmem(p, (size_t)(end - p), needle, strlen(needle));

	return at ? at + strlen(needle) : NULL;
}

static bool starts(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - p) >= len && memcmp(p, word, len) == 0;
}

/* Characters as they are, but for the two that no XML may hold. */
static void put_raw(struct scan *sc, const char *from, const char *to)
{
	const char *p = from;

	if (!sc->odd) {
		buf_put(sc->out, from, (size_t)(to - from));
		return;
	}
	while (p < to) {
		if (to - p >= 3 && memcmp(p, "\xEF\xBF", 2) == 0 && (unsigned char)p[2] >= 0xBE) {
			buf_puts(sc->out, "\xEF\xBF\xBD");
			p += 3;
		} else {
			buf_putc(sc->out, *p++);
		}
	}
}

static void put_char(struct scan *sc, uint32_t cp)
{
	switch (cp) {
	case '<':
		buf_puts(sc->out, "&lt;");
		break;
	case '>':
		buf_puts(sc->out, "&gt;");
		break;
	case '&':
		buf_puts(sc->out, "&amp;");
		break;
	case '"':
		buf_puts(sc->out, "&quot;");
		break;
	case '\'':
		buf_puts(sc->out, "&apos;");
		break;
	default:
		if ((cp < ' ' && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0xFFFE || cp == 0xFFFF)
			cp = 0xFFFD;
		utf8_put(sc->out, cp);
	}
}

/* At an '&', in text or in an attribute's value. Returns behind what it took. */
static const char *reference(struct scan *sc, const char *p, const char *end)
{
	static const char *const known[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};
	uint32_t cp[2];
	size_t i, n, len;

	for (i = 0; i < ARRAY_LEN(known); i++) {
		if (starts(p, end, known[i])) {
			buf_puts(sc->out, known[i]);
			return p + strlen(known[i]);
		}
	}
	len = html_entity(p, (size_t)(end - p), cp, &n);
	if (len == 0 || p[len - 1] != ';') { /* "?a=1&copy=2": XML knows no reference without its semicolon */
		mend(sc, "a bare &");
		buf_puts(sc->out, "&amp;");
		return p + 1;
	}
	if (p[1] != '#')
		mend(sc, "an entity that XML doesn't know");
	for (i = 0; i < n; i++)
		put_char(sc, cp[i]);
	return p + len;
}

/* One attribute's value, between its quotes. */
static void put_value(struct scan *sc, const char *p, const char *end)
{
	const char *from = p;

	buf_putc(sc->out, '"');
	while (p < end) {
		if (*p != '&' && *p != '<' && *p != '"') {
			p++;
			continue;
		}
		put_raw(sc, from, p);
		if (*p == '&') {
			p = reference(sc, p, end);
		} else {
			if (*p == '<')
				mend(sc, "a < inside an attribute");
			put_char(sc, (unsigned char)*p++);
		}
		from = p;
	}
	put_raw(sc, from, end);
	buf_putc(sc->out, '"');
}

/* Where a quoted value ends; p is behind the quote. A '>' and then a '<' before the other quote means that it was
 * forgotten: XML allows no '<' in there. */
static const char *value_end(const char *p, const char *end, char quote, bool *ret_quoted)
{
	const char *close = memchr(p, quote, (size_t)(end - p));
	const char *gt = memchr(p, '>', (size_t)((close ? close : end) - p));

	*ret_quoted = true;
	if (gt && (!close || memchr(gt, '<', (size_t)(close - gt)))) {
		*ret_quoted = false;
		return gt > p && gt[-1] == '/' ? gt - 1 : gt;
	}
	return close;
}

/* name, name=value, name="value"; p at the name. Puts it well-formed. NULL: the text ends inside. */
static const char *attribute(struct scan *sc, const char *p)
{
	const char *name = p, *name_end = skip_name(p, sc->end), *value;
	bool quoted;

	p = skip_space(name_end, sc->end);
	buf_putc(sc->out, ' ');
	buf_put(sc->out, name, (size_t)(name_end - name));
	buf_putc(sc->out, '=');
	if (p == sc->end || *p != '=') {
		mend(sc, "an attribute without a value");
		buf_puts(sc->out, "\"\"");
		return name_end;
	}
	value = skip_space(p + 1, sc->end);
	if (value < sc->end && (*value == '"' || *value == '\'')) {
		char quote = *value++;

		p = value_end(value, sc->end, quote, &quoted);
		if (!p)
			return NULL;
		put_value(sc, value, p);
		if (!quoted)
			mend(sc, "a quote left open");
		return quoted ? p + 1 : p;
	}
	mend(sc, "an attribute without quotes");
	for (p = value; p < sc->end && !is_space(*p) && *p != '>'; p++)
		;
	put_value(sc, value, p);
	return p;
}

enum { TAG_CUT = -1 }; /* the text ends inside the tag */

/* From behind a tag's name to behind its '>'. */
static int attributes(struct scan *sc, const char *start, const char *p, bool *ret_empty)
{
	size_t n = 0;

	*ret_empty = false;
	for (;;) {
		if (p)
			p = skip_space(p, sc->end);
		if (p && p - start > PRESCAN_TAG_MAX_BYTES)
			return refuse(sc, "a tag of more than 32 KB");
		if (!p || p == sc->end) {
			mend(sc, "it ends inside a tag");
			return TAG_CUT;
		}
		if (*p == '>') {
			sc->p = p + 1;
			return 0;
		}
		if (*p == '<') { /* the '>' is missing */
			mend(sc, "a tag left open");
			sc->p = p;
			return 0;
		}
		*ret_empty = *p == '/';
		if (!is_name_start(*p)) {
			if (*p != '/')
				mend(sc, "a stray character inside a tag");
			p++;
			continue;
		}
		if (++n > PRESCAN_ATTRS_MAX)
			return refuse(sc, "a tag of more than 256 attributes");
		p = attribute(sc, p);
	}
}

static bool name_is(struct name n, const char *word)
{
	return n.len == strlen(word) && strncasecmp(n.s, word, n.len) == 0;
}

static void close_to(struct scan *sc, size_t depth)
{
	while (sc->depth > depth) {
		struct name n = sc->open[--sc->depth];

		buf_puts(sc->out, "</");
		buf_put(sc->out, n.s, n.len);
		buf_putc(sc->out, '>');
	}
}

/* HTML's elements without content, which authors of RSS leave open in unescaped texts. */
static bool is_void(struct name n)
{
	return name_is(n, "br") || name_is(n, "hr") || name_is(n, "img") || name_is(n, "wbr");
}

/* An <item> inside an <item>: the first one's end was forgotten. */
static void close_forgotten(struct scan *sc, struct name n)
{
	size_t i;

	if (!name_is(n, "item") && !name_is(n, "entry"))
		return;
	for (i = sc->depth; i > 0; i--) {
		if (sc->open[i - 1].len == n.len && memcmp(sc->open[i - 1].s, n.s, n.len) == 0) {
			mend(sc, "an item left open");
			close_to(sc, i - 1);
			return;
		}
	}
}

static int start_tag(struct scan *sc)
{
	const char *start = sc->p, *name_end = skip_name(start + 1, sc->end);
	struct name n = {start + 1, (size_t)(name_end - start - 1)};
	size_t mark;
	bool empty;
	int r;

	if (name_end < sc->end && !is_space(*name_end) && *name_end != '>' && *name_end != '/') { /* <me@example.com> */
		mend(sc, "a bare <");
		if (sc->depth > 0)
			buf_puts(sc->out, "&lt;");
		sc->p++;
		return 0;
	}
	if (sc->rooted && sc->depth == 0) { /* a second root: the document is over */
		mend(sc, "elements behind the end");
		sc->p = sc->end;
		return 0;
	}
	close_forgotten(sc, n);
	mark = sc->out->len;
	buf_putc(sc->out, '<');
	buf_put(sc->out, n.s, n.len);
	r = attributes(sc, start, name_end, &empty);
	if (r == TAG_CUT) { /* an element with half its attributes is none */
		sc->out->len = mark;
		sc->p = sc->end;
		return 0;
	}
	if (r != 0)
		return r;
	sc->rooted = true;
	if (empty || is_void(n)) {
		buf_puts(sc->out, "/>");
		return 0;
	}
	buf_putc(sc->out, '>');
	if (sc->depth == PRESCAN_DEPTH_MAX)
		return refuse(sc, "more than 256 elements in each other");
	sc->open[sc->depth++] = n;
	return 0;
}

/* How deep the innermost open element of that name lies, from 1; 0: none. Letters' case is forgiven if nothing else
 * fits. */
static size_t find_open(const struct scan *sc, struct name n)
{
	size_t i;

	for (i = sc->depth; i > 0; i--) {
		if (sc->open[i - 1].len == n.len && memcmp(sc->open[i - 1].s, n.s, n.len) == 0)
			return i;
	}
	for (i = sc->depth; i > 0; i--) {
		if (sc->open[i - 1].len == n.len && strncasecmp(sc->open[i - 1].s, n.s, n.len) == 0)
			return i;
	}
	return 0;
}

static void end_tag(struct scan *sc)
{
	const char *name_end = skip_name(sc->p + 2, sc->end), *p = name_end;
	struct name n = {sc->p + 2, (size_t)(name_end - sc->p - 2)};
	size_t at = n.len ? find_open(sc, n) : 0;

	while (p < sc->end && *p != '>' && *p != '<')
		p++;
	if (p == sc->end || *p == '<')
		mend(sc, "an end tag left open");
	sc->p = p < sc->end && *p == '>' ? p + 1 : p;
	if (at == 0) {
		if (!is_void(n))
			mend(sc, "an end tag of nothing open");
		return;
	}
	if (at != sc->depth)
		mend(sc, "an element left open");
	close_to(sc, at - 1);
}

static void cdata(struct scan *sc)
{
	const char *text = sc->p + strlen("<![CDATA["), *stop = behind(text, sc->end, "]]>");

	if (!stop)
		mend(sc, "CDATA left open");
	if (sc->depth > 0) {
		buf_puts(sc->out, "<![CDATA[");
		put_raw(sc, text, stop ? stop - strlen("]]>") : sc->end);
		buf_puts(sc->out, "]]>");
	}
	sc->p = stop ? stop : sc->end;
}

/* <!ENTITY name "…">: one that HTML knows means what it means there; any other is refused (FAULTS P1 to P3). */
static bool entity_is_htmls(const char *p, const char *end)
{
	char ref[HTML_ENTITY_NAME_MAX + 3];
	const char *name = skip_space(p + strlen("<!ENTITY"), end), *name_end = skip_name(name, end);
	size_t len = (size_t)(name_end - name), n;
	uint32_t cp[2];

	if (len == 0 || len > HTML_ENTITY_NAME_MAX)
		return false;
	ref[0] = '&';
	memcpy(ref + 1, name, len);
	ref[len + 1] = ';';
	return html_entity(ref, len + 2, cp, &n) == len + 2;
}

static int doctype(struct scan *sc)
{
	const char *p = sc->p;
	bool inside = false;

	while (p < sc->end) {
		if (*p == '"' || *p == '\'') {
			const char *close = memchr(p + 1, *p, (size_t)(sc->end - p - 1));

			p = close ? close + 1 : p + 1;
		} else if (*p == '[') {
			inside = true;
			p++;
		} else if (*p == ']') {
			inside = false;
			p++;
		} else if (starts(p, sc->end, "<!--")) {
			const char *stop = behind(p, sc->end, "-->");

			p = stop ? stop : sc->end;
		} else if (starts(p, sc->end, "<!ENTITY") && !entity_is_htmls(p, sc->end)) {
			return refuse(sc, "a DTD with entities of its own");
		} else if (*p++ == '>' && !inside) {
			break;
		}
	}
	sc->p = p;
	return 0;
}

/* <!…> and <?…>: all but CDATA goes. */
static int declaration(struct scan *sc)
{
	const char *stop;

	if (starts(sc->p, sc->end, "<![CDATA[")) {
		cdata(sc);
		return 0;
	}
	if (sc->end - sc->p >= 9 && strncasecmp(sc->p, "<!DOCTYPE", 9) == 0)
		return doctype(sc);
	if (sc->open_ended)
		stop = NULL;
	else if (starts(sc->p, sc->end, "<!--"))
		stop = behind(sc->p + 4, sc->end, "-->");
	else if (sc->p[1] == '?')
		stop = behind(sc->p + 2, sc->end, "?>");
	else
		stop = behind(sc->p, sc->end, ">");
	if (!stop) {
		mend(sc, "a comment left open");
		sc->open_ended = true;
		stop = sc->p + 2;
	}
	sc->p = stop;
	return 0;
}

static int markup(struct scan *sc)
{
	char next = sc->p + 1 < sc->end ? sc->p[1] : '\0';

	if (next == '!' || next == '?')
		return declaration(sc);
	if (next == '/') {
		end_tag(sc);
		return 0;
	}
	if (is_name_start(next))
		return start_tag(sc);
	mend(sc, "a bare <");
	if (sc->depth > 0)
		buf_puts(sc->out, "&lt;");
	sc->p++;
	return 0;
}

/* What stands before the XML declaration (warnings of PHP, blank lines, HTML of a broken plugin) is none of the feed's,
 * unless the feed began without one. */
static void skip_head(struct scan *sc)
{
	static const char *const roots[] = {"<rss",  "<feed", "<rdf:RDF",  "<opml",
					    "<html", "<HTML", "<!DOCTYPE", "<!doctype"};
	size_t len = (size_t)(sc->end - sc->p), i;
	const char *decl;

	if (len > PRESCAN_HEAD_BYTES)
		len = PRESCAN_HEAD_BYTES;
	decl = memmem(sc->p, len, "<?xml ", 6);
	if (!decl || decl == sc->p)
		return;
	for (i = 0; i < ARRAY_LEN(roots); i++) {
		if (memmem(sc->p, (size_t)(decl - sc->p), roots[i], strlen(roots[i])))
			return;
	}
	mend(sc, "text before the XML declaration");
	sc->p = decl;
}

static int scan(struct scan *sc)
{
	int r;

	while (sc->p < sc->end) {
		const char *from = sc->p, *p = from;

		while (p < sc->end && *p != '<' && *p != '&')
			p++;
		sc->p = p;
		if (sc->depth > 0)
			put_raw(sc, from, p);
		else if (skip_space(from, p) != p)
			mend(sc, sc->rooted ? "text behind the end" : "text before the first element");
		if (p == sc->end)
			break;
		if (*p == '&') {
			if (sc->depth > 0)
				sc->p = reference(sc, p, sc->end);
			else
				sc->p++;
			continue;
		}
		r = markup(sc);
		if (r != 0)
			return r;
	}
	if (sc->depth > 0)
		mend(sc, "it ends in mid-document");
	close_to(sc, 0);
	return 0;
}

int prescan(const char *s, size_t len, struct buf *out, const char **ret_why)
{
	struct scan sc = {.p = s, .end = s + len, .out = out};
	int r;

	*ret_why = NULL;
	if (!s || len == 0)
		return PRESCAN_E_NO_XML;
	sc.odd = memmem(s, len, "\xEF\xBF\xBE", 3) || memmem(s, len, "\xEF\xBF\xBF", 3);
	skip_head(&sc);
	r = scan(&sc);
	*ret_why = sc.why;
	if (r != 0)
		return r;
	if (!sc.rooted)
		return PRESCAN_E_NO_XML;
	return out->full ? PRESCAN_E_SIZE : 0;
}
