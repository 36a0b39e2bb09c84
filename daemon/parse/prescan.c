#include "parse/prescan_scan.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "parse/html.h"

static bool starts(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - p) >= len && memcmp(p, word, len) == 0;
}

static void cdata(struct scan *sc)
{
	const char *text = sc->p + strlen("<![CDATA["), *stop = scan_behind(text, sc->end, "]]>");

	if (!stop)
		scan_mend(sc, "CDATA left open");
	if (sc->depth > 0) {
		buf_puts(sc->out, "<![CDATA[");
		scan_put_raw(sc, text, stop ? stop - strlen("]]>") : sc->end);
		buf_puts(sc->out, "]]>");
	}
	sc->p = stop ? stop : sc->end;
}

/* <!ENTITY name "…">: one that HTML knows means what it means there; any other is refused (FAULTS P1 to P3). */
static bool entity_is_htmls(const char *p, const char *end)
{
	char ref[HTML_ENTITY_NAME_MAX + 3];
	const char *name = scan_skip_space(p + strlen("<!ENTITY"), end), *name_end = scan_skip_name(name, end);
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
			const char *stop = scan_behind(p, sc->end, "-->");

			p = stop ? stop : sc->end;
		} else if (starts(p, sc->end, "<!ENTITY") && !entity_is_htmls(p, sc->end)) {
			return scan_refuse(sc, "a DTD with entities of its own");
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
		stop = scan_behind(sc->p + 4, sc->end, "-->");
	else if (sc->p[1] == '?')
		stop = scan_behind(sc->p + 2, sc->end, "?>");
	else
		stop = scan_behind(sc->p, sc->end, ">");
	if (!stop) {
		scan_mend(sc, "a comment left open");
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
		scan_end_tag(sc);
		return 0;
	}
	if (scan_is_name_start(next))
		return scan_start_tag(sc);
	scan_mend(sc, "a bare <");
	if (sc->depth > 0)
		buf_puts(sc->out, "<![CDATA[<]]>");
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
	scan_mend(sc, "text before the XML declaration");
	sc->p = decl;
}

static int scan(struct scan *sc)
{
	int r;

	while (sc->p < sc->end) {
		const char *from = sc->p;

		sc->p = scan_text_end(sc);
		if (sc->depth > 0)
			scan_put_text(sc, from, sc->p);
		else if (scan_skip_space(from, sc->p) != sc->p)
			scan_mend(sc, sc->rooted ? "text behind the end" : "text before the first element");
		if (sc->p == sc->end)
			break;
		r = markup(sc);
		if (r != 0)
			return r;
	}
	if (sc->depth > 0)
		scan_mend(sc, "it ends in mid-document");
	scan_close_to(sc, 0);
	return 0;
}

int prescan(const char *s, size_t len, struct buf *out, const char **ret_why)
{
	struct scan sc = {.p = s, .end = s + len, .out = out};
	int r;

	*ret_why = NULL;
	if (!s || len == 0)
		return PRESCAN_E_NO_XML;
	sc.odd = scan_behind(s, s + len, "\xEF\xBF") != NULL; /* U+FFC0 to U+FFFF: mostly none */
	skip_head(&sc);
	r = scan(&sc);
	*ret_why = sc.why;
	if (r != 0)
		return r;
	if (!sc.rooted)
		return PRESCAN_E_NO_XML;
	return out->full ? PRESCAN_E_SIZE : 0;
}
