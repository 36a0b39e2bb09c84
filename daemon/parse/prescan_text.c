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
		if ((cp < ' ' && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0xFFFE || cp == 0xFFFF)
			cp = 0xFFFD;
		utf8_put(sc->out, cp);
	}
}

/* XML's own five, as they stand. Most of a feed's '&' are these: its HTML is escaped. */
static size_t known_reference(const char *p, size_t len)
{
	static const struct {
		const char *text;
		size_t len;
	} known[] = {{"&lt;", 4}, {"&gt;", 4}, {"&amp;", 5}, {"&quot;", 6}, {"&apos;", 6}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++) {
		if (len >= known[i].len && p[1] == known[i].text[1] && memcmp(p, known[i].text, known[i].len) == 0)
			return known[i].len;
	}
	return 0;
}

const char *scan_text_end(struct scan *sc)
{
	const char *p = sc->p;
	size_t len;

	if (!sc->less || sc->less < p) {
		sc->less = memchr(p, '<', (size_t)(sc->end - p));
		if (!sc->less)
			sc->less = sc->end;
	}
	while ((p = memchr(p, '&', (size_t)(sc->less - p))) && (len = known_reference(p, (size_t)(sc->less - p))) > 0)
		p += len;
	return p ? p : sc->less;
}

const char *scan_reference(struct scan *sc, const char *p, const char *end)
{
	uint32_t cp[2];
	size_t i, n, len = known_reference(p, (size_t)(end - p));

	if (len > 0) {
		buf_put(sc->out, p, len);
		return p + len;
	}
	len = html_entity(p, (size_t)(end - p), cp, &n);
	if (len == 0 || p[len - 1] != ';') { /* "?a=1&copy=2": XML knows no reference without its semicolon */
		scan_mend(sc, "a bare &");
		buf_puts(sc->out, "&amp;");
		return p + 1;
	}
	if (p[1] != '#')
		scan_mend(sc, "an entity that XML doesn't know");
	for (i = 0; i < n; i++)
		scan_put_char(sc, cp[i]);
	return p + len;
}
