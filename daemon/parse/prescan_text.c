#include "parse/prescan_scan.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "parse/html.h"

int scan_refuse(struct scan *sc, const char *why)
{
	sc->why = why;
	return PRESCAN_E_REFUSED;
}

void scan_mend(struct scan *sc, const char *why)
{
	if (!sc->why)
		sc->why = why;
}

static bool is_name(char c)
{
	return scan_is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

const char *scan_behind(const char *p, const char *end, const char *needle)
{
	size_t len = strlen(needle);

	/* memmem() goes byte by byte where a needle is this short; what they begin with is rare */
	for (; (p = memchr(p, needle[0], (size_t)(end - p))); p++)
		if ((size_t)(end - p) >= len && memcmp(p, needle, len) == 0)
			return p + len;
	return NULL;
}

const char *scan_skip_space(const char *p, const char *end)
{
	while (p < end && scan_is_space(*p))
		p++;
	return p;
}

const char *scan_skip_name(const char *p, const char *end)
{
	while (p < end && is_name(*p))
		p++;
	return p;
}

void scan_put_raw(struct scan *sc, const char *from, const char *to)
{
	const char *at;

	while (sc->odd && (at = memmem(from, (size_t)(to - from), "\xEF\xBF", 2)) && to - at >= 3) {
		buf_put(sc->out, from, (size_t)(at - from) + 2);
		buf_putc(sc->out, (unsigned char)at[2] >= 0xBE ? '\xBD' : at[2]); /* U+FFFD in their place */
		from = at + 3;
	}
	buf_put(sc->out, from, (size_t)(to - from));
}

/* U+FFFD for what a reference may name and no XML may hold. */
static uint32_t xml_char(uint32_t cp)
{
	bool space = cp == '\t' || cp == '\n' || cp == '\r';

	return (cp < ' ' && !space) || cp == 0xFFFE || cp == 0xFFFF ? 0xFFFD : cp;
}

void scan_put_char(struct scan *sc, uint32_t cp)
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
		utf8_put(sc->out, xml_char(cp));
	}
}

/* XML's own five, as they stand. Most of a feed's '&' are these: its HTML is escaped. Returns its length, 0: it is none. */
static size_t known_reference(const char *p, size_t len, char *ret)
{
	if (len >= 4 && p[2] == 't' && p[3] == ';' && (p[1] == 'l' || p[1] == 'g')) {
		*ret = p[1] == 'l' ? '<' : '>';
		return 4;
	}
	if (len >= 5 && memcmp(p, "&amp;", 5) == 0) {
		*ret = '&';
		return 5;
	}
	if (len >= 6 && (memcmp(p, "&quot;", 6) == 0 || memcmp(p, "&apos;", 6) == 0)) {
		*ret = p[1] == 'q' ? '"' : '\'';
		return 6;
	}
	return 0;
}

const char *scan_text_end(const struct scan *sc)
{
	const char *less = memchr(sc->p, '<', (size_t)(sc->end - sc->p));

	return less ? less : sc->end;
}

/* What a reference other than XML's own stands for. Returns its length, 0: it is a bare &. */
static size_t other_reference(struct scan *sc, const char *p, const char *end, uint32_t ret_cp[2], size_t *ret_n)
{
	size_t len = html_entity(p, (size_t)(end - p), ret_cp, ret_n);

	if (len == 0 || p[len - 1] != ';') { /* "?a=1&copy=2": XML knows no reference without its semicolon */
		scan_mend(sc, "a bare &");
		return 0;
	}
	if (p[1] != '#')
		scan_mend(sc, "an entity that XML doesn't know");
	return len;
}

const char *scan_reference(struct scan *sc, const char *p, const char *end)
{
	uint32_t cp[2];
	char known;
	size_t i, n, len = known_reference(p, (size_t)(end - p), &known);

	if (len > 0) {
		buf_put(sc->out, p, len);
		return p + len;
	}
	len = other_reference(sc, p, end, cp, &n);
	if (len == 0) {
		buf_puts(sc->out, "&amp;");
		return p + 1;
	}
	for (i = 0; i < n; i++)
		scan_put_char(sc, cp[i]);
	return p + len;
}

/* A reference as the characters that it stands for. Returns behind it. */
static const char *put_meaning(struct scan *sc, const char *p, const char *end)
{
	uint32_t cp[2];
	char known;
	size_t i, n, len = known_reference(p, (size_t)(end - p), &known);

	if (len > 0) {
		buf_putc(sc->out, known);
		return p + len;
	}
	len = other_reference(sc, p, end, cp, &n);
	if (len == 0) {
		buf_putc(sc->out, '&');
		return p + 1;
	}
	for (i = 0; i < n; i++)
		utf8_put(sc->out, xml_char(cp[i]));
	return p + len;
}

/* Text as it stands, its references by put(). */
static void put_parts(struct scan *sc, const char *p, const char *end,
		      const char *(*put)(struct scan *sc, const char *p, const char *end))
{
	while (p < end) {
		const char *amp = memchr(p, '&', (size_t)(end - p));

		scan_put_raw(sc, p, amp ? amp : end);
		p = amp ? put(sc, amp, end) : end;
	}
}

/* Escaped HTML has a reference every few bytes: read here, it is copied with what stands between them, and not looked at once
 * more behind us. False: its characters hold CDATA's own end, and nothing was put. */
static bool put_as_cdata(struct scan *sc, const char *p, const char *end)
{
	size_t mark = sc->out->len, from;

	buf_puts(sc->out, "<![CDATA[");
	from = sc->out->len;
	put_parts(sc, p, end, put_meaning);
	if (scan_behind(buf_str(sc->out) + from, buf_str(sc->out) + sc->out->len, "]]>")) {
		sc->out->len = mark;
		return false;
	}
	buf_puts(sc->out, "]]>");
	return true;
}

void scan_put_text(struct scan *sc, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	if (!memchr(from, '&', len))
		scan_put_raw(sc, from, to);
	else if (!put_as_cdata(sc, from, to))
		put_parts(sc, from, to, scan_reference);
}
