#include "parse/prescan_scan.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

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
		scan_put_raw(sc, from, p);
		if (*p == '&') {
			p = scan_reference(sc, p, end);
		} else {
			if (*p == '<')
				scan_mend(sc, "a < inside an attribute");
			scan_put_char(sc, (unsigned char)*p++);
		}
		from = p;
	}
	scan_put_raw(sc, from, end);
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
	const char *name = p, *name_end = scan_skip_name(p, sc->end), *value;
	bool quoted;

	p = scan_skip_space(name_end, sc->end);
	buf_putc(sc->out, ' ');
	buf_put(sc->out, name, (size_t)(name_end - name));
	buf_putc(sc->out, '=');
	if (p == sc->end || *p != '=') {
		scan_mend(sc, "an attribute without a value");
		buf_puts(sc->out, "\"\"");
		return name_end;
	}
	value = scan_skip_space(p + 1, sc->end);
	if (value < sc->end && (*value == '"' || *value == '\'')) {
		char quote = *value++;

		p = value_end(value, sc->end, quote, &quoted);
		if (!p)
			return NULL;
		put_value(sc, value, p);
		if (!quoted)
			scan_mend(sc, "a quote left open");
		return quoted ? p + 1 : p;
	}
	scan_mend(sc, "an attribute without quotes");
	for (p = value; p < sc->end && !scan_is_space(*p) && *p != '>'; p++)
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
			p = scan_skip_space(p, sc->end);
		if (p && p - start > PRESCAN_TAG_MAX_BYTES)
			return scan_refuse(sc, "a tag of more than 32 KB");
		if (!p || p == sc->end) {
			scan_mend(sc, "it ends inside a tag");
			return TAG_CUT;
		}
		if (*p == '>') {
			sc->p = p + 1;
			return 0;
		}
		if (*p == '<') { /* the '>' is missing */
			scan_mend(sc, "a tag left open");
			sc->p = p;
			return 0;
		}
		*ret_empty = *p == '/';
		if (!scan_is_name_start(*p)) {
			if (*p != '/')
				scan_mend(sc, "a stray character inside a tag");
			p++;
			continue;
		}
		if (++n > PRESCAN_ATTRS_MAX)
			return scan_refuse(sc, "a tag of more than 256 attributes");
		p = attribute(sc, p);
	}
}

static bool name_is(struct name n, const char *word)
{
	return n.len == strlen(word) && strncasecmp(n.s, word, n.len) == 0;
}

void scan_close_to(struct scan *sc, size_t depth)
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
			scan_mend(sc, "an item left open");
			scan_close_to(sc, i - 1);
			return;
		}
	}
}

int scan_start_tag(struct scan *sc)
{
	const char *start = sc->p, *name_end = scan_skip_name(start + 1, sc->end);
	struct name n = {start + 1, (size_t)(name_end - start - 1)};
	size_t mark;
	bool empty;
	int r;

	if (name_end < sc->end && !scan_is_space(*name_end) && *name_end != '>' &&
	    *name_end != '/') { /* <me@example.com> */
		scan_mend(sc, "a bare <");
		if (sc->depth > 0)
			buf_puts(sc->out, "<![CDATA[<]]>");
		sc->p++;
		return 0;
	}
	if (sc->rooted && sc->depth == 0) { /* a second root: the document is over */
		scan_mend(sc, "elements behind the end");
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
		return scan_refuse(sc, "more than 256 elements in each other");
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

void scan_end_tag(struct scan *sc)
{
	const char *name_end = scan_skip_name(sc->p + 2, sc->end), *p = name_end;
	struct name n = {sc->p + 2, (size_t)(name_end - sc->p - 2)};
	size_t at = n.len ? find_open(sc, n) : 0;

	while (p < sc->end && *p != '>' && *p != '<')
		p++;
	if (p == sc->end || *p == '<')
		scan_mend(sc, "an end tag left open");
	sc->p = p < sc->end && *p == '>' ? p + 1 : p;
	if (at == 0) {
		if (!is_void(n))
			scan_mend(sc, "an end tag of nothing open");
		return;
	}
	if (at != sc->depth)
		scan_mend(sc, "an element left open");
	scan_close_to(sc, at - 1);
}
