#include "parse/html.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"

enum { TAG_NAME_MAX = 10 }; /* blockquote, figcaption; a longer name is none that matters */

/* What stands between the last text and the next. */
enum gap { GAP_NONE, GAP_SPACE, GAP_LINE };

struct strip {
	const char *at, *end;
	struct buf *out;
	size_t start; /* of our text in out */
	enum gap gap;
	bool cdata;       /* inside <![CDATA[ … ]]> */
	bool no_close;    /* no '>' is left: what looks like a tag is text */
	bool no_quote[2]; /* no " or ' is left */
};

enum tag { TAG_INLINE, TAG_LINE, TAG_CELL, TAG_HIDDEN };

/* Sorted. Hidden ones go with what they hold: it is code, or shown in their stead by what can't show them. */
static const struct {
	const char *name;
	enum tag tag;
} tags[] = {
	{"address", TAG_LINE},    {"applet", TAG_HIDDEN}, {"article", TAG_LINE}, {"aside", TAG_LINE},
	{"blockquote", TAG_LINE}, {"br", TAG_LINE},       {"caption", TAG_LINE}, {"center", TAG_LINE},
	{"dd", TAG_LINE},         {"details", TAG_LINE},  {"dialog", TAG_LINE},  {"dir", TAG_LINE},
	{"div", TAG_LINE},        {"dl", TAG_LINE},       {"dt", TAG_LINE},      {"fieldset", TAG_LINE},
	{"figcaption", TAG_LINE}, {"figure", TAG_LINE},   {"footer", TAG_LINE},  {"form", TAG_LINE},
	{"h1", TAG_LINE},         {"h2", TAG_LINE},       {"h3", TAG_LINE},      {"h4", TAG_LINE},
	{"h5", TAG_LINE},         {"h6", TAG_LINE},       {"header", TAG_LINE},  {"hgroup", TAG_LINE},
	{"hr", TAG_LINE},         {"iframe", TAG_HIDDEN}, {"legend", TAG_LINE},  {"li", TAG_LINE},
	{"main", TAG_LINE},       {"menu", TAG_LINE},     {"nav", TAG_LINE},     {"ol", TAG_LINE},
	{"optgroup", TAG_LINE},   {"option", TAG_LINE},   {"p", TAG_LINE},       {"pre", TAG_LINE},
	{"script", TAG_HIDDEN},   {"section", TAG_LINE},  {"style", TAG_HIDDEN}, {"summary", TAG_LINE},
	{"table", TAG_LINE},      {"tbody", TAG_LINE},    {"td", TAG_CELL},      {"template", TAG_HIDDEN},
	{"tfoot", TAG_LINE},      {"th", TAG_CELL},       {"thead", TAG_LINE},   {"tr", TAG_LINE},
	{"ul", TAG_LINE},
};

/* How a byte is read in text. */
enum { C_TEXT, C_SPACE, C_DROP, C_LESS, C_AMP, C_NBSP_LEAD };
static const unsigned char class_of[256] = {
	['\0' ... 0x08] = C_DROP, ['\t'] = C_SPACE, ['\n'] = C_SPACE,         ['\v'] = C_DROP,
	['\f'] = C_SPACE,         ['\r'] = C_SPACE, [0x0E ... 0x1F] = C_DROP, [' '] = C_SPACE,
	['<'] = C_LESS,           ['&'] = C_AMP,    [0x7F] = C_DROP,          [0xC2] = C_NBSP_LEAD,
};

static unsigned char class_at(const char *s)
{
	return class_of[(unsigned char)*s];
}

typedef uint8_t block __attribute__((vector_size(16)));

/* How many of the bytes behind text are text, too, or single spaces in it; 0: that is to be looked at closer. */
static size_t text_ahead(const char *s)
{
	block v, before, odd;
	uint64_t any[2];

	memcpy(&v, s, sizeof(v));
	memcpy(&before, s - 1, sizeof(before));
	odd = (block)(v < ' ') | (block)(v == '<') | (block)(v == '&') | (block)(v == 0x7F) | (block)(v == 0xC2);
	odd |= (block)(v == ' ') & (block)(before == ' ');
	memcpy(any, &odd, sizeof(any));
	if (any[0] | any[1])
		return 0;
	return sizeof(v) - (s[sizeof(v) - 1] == ' '); /* what stands behind a space that is the last decides of it */
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool at_line_start(const struct strip *st)
{
	return st->out->len == st->start || st->gap == GAP_LINE;
}

/* NO-BREAK SPACE is kept for parse/mojibake ("Ã" and it are an à), but alone makes no line, nor ends one. */
static void trim_line(struct strip *st)
{
	struct buf *out = st->out;

	while (out->len > st->start) {
		size_t len = out->len - st->start;
		const char *end = out->data + out->len;

		if (end[-1] == ' ')
			out->len--;
		else if (len >= 2 && memcmp(end - 2, "\xC2\xA0", 2) == 0 &&
			 !(len >= 4 && memcmp(end - 4, "\xC3\x83", 2) == 0))
			out->len -= 2;
		else
			return;
	}
}

static void gap(struct strip *st, enum gap at_least)
{
	if (at_least == GAP_LINE && st->gap != GAP_LINE)
		trim_line(st);
	if (st->gap < at_least)
		st->gap = at_least;
}

/* Text without white space or with single spaces; cut where out ends. */
static void put(struct strip *st, const char *s, size_t len)
{
	struct buf *out = st->out;

	if (st->gap != GAP_NONE && out->len > st->start)
		buf_putc(out, st->gap == GAP_LINE ? '\n' : ' ');
	st->gap = GAP_NONE;
	if (!out->full && len > out->max - out->len) {
		buf_put(out, s, utf8_cut(s, len, out->max - out->len));
		out->full = true;
	}
	buf_put(out, s, len);
}

static void put_cp(struct strip *st, uint32_t cp)
{
	char bytes[4];
	size_t n;

	if (cp == ' ' || cp == '\t' || cp == '\n' || cp == '\f' || cp == '\r') {
		gap(st, GAP_SPACE);
		return;
	}
	if (cp < 0x20 || cp == 0x7F || (cp == 0xA0 && at_line_start(st)))
		return;
	n = utf8_encode(cp, bytes);
	put(st, bytes, n);
}

/* Behind the next mark, or to the end. False: there is none. */
static bool skip_past(struct strip *st, const char *mark)
{
	size_t n = strlen(mark);
	const char *p = memmem(st->at, (size_t)(st->end - st->at), mark, n);

	st->at = p ? p + n : st->end;
	return p != NULL;
}

/* "<!-- … -->"; one that never ends hides the rest, as in a browser. */
static void comment(struct strip *st)
{
	const char *p = st->at + 4;
	size_t left = (size_t)(st->end - p);

	if (left >= 1 && *p == '>')
		st->at = p + 1;
	else if (left >= 2 && memcmp(p, "->", 2) == 0)
		st->at = p + 2;
	else
		(void)skip_past(st, "-->");
}

/* "<!DOCTYPE …>", "<?php …>", "</ …>". */
static void declaration(struct strip *st)
{
	const char *from = st->at;

	if (skip_past(st, ">"))
		return;
	st->no_close = true;
	st->at = from + 1;
	put(st, from, 1);
}

/* Behind the '>' that ends the tag at st->at; quoted values may hold one. NULL: it never ends. */
static const char *tag_end(struct strip *st, const char *p)
{
	while (p < st->end && *p != '>') {
		if (*p++ != '=')
			continue;
		while (p < st->end && class_at(p) == C_SPACE)
			p++;
		if (p < st->end && (*p == '"' || *p == '\'')) {
			bool *none = &st->no_quote[*p == '\''];
			const char *close = *none ? NULL : memchr(p + 1, *p, (size_t)(st->end - p - 1));

			*none = !close; /* sought once: or a text of open quotes would take its square */
			p = close ? close + 1 : p + 1;
		}
	}
	return p < st->end ? p + 1 : NULL;
}

static enum tag find_tag(const char *s, const char *end)
{
	char name[TAG_NAME_MAX + 1];
	size_t n = 0, lo = 0, hi = ARRAY_LEN(tags);

	for (; s < end && class_at(s) != C_SPACE && *s != '/' && *s != '>'; s++) {
		if (n == TAG_NAME_MAX)
			return TAG_INLINE;
		name[n++] = (char)(*s >= 'A' && *s <= 'Z' ? *s | 0x20 : *s);
	}
	name[n] = '\0';
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = tags[mid].name[0] - name[0];

		if (order == 0)
			order = strcmp(tags[mid].name, name);
		if (order == 0)
			return tags[mid].tag;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return TAG_INLINE;
}

/* Past "</name", of the hidden element whose name starts at name; without it, past everything. */
static void skip_hidden(struct strip *st, const char *name, size_t len)
{
	const char *p = st->at;

	while ((p = memmem(p, (size_t)(st->end - p), "</", 2)) != NULL) {
		p += 2;
		if ((size_t)(st->end - p) >= len && strncasecmp(p, name, len) == 0 &&
		    ((size_t)(st->end - p) == len || !is_letter(p[len]))) {
			st->at = p;
			(void)skip_past(st, ">");
			return;
		}
	}
	st->at = st->end;
}

/* A '<' and a letter, or "</" and a letter. */
static void tag(struct strip *st)
{
	bool closing = st->at[1] == '/';
	const char *name = st->at + 1 + closing, *end = tag_end(st, name);
	enum tag kind;
	size_t len;

	if (!end) {
		/* A tag that was cut off has attributes; "a <b" has none, and is text. */
		if (memchr(name, '=', (size_t)(st->end - name))) {
			st->at = st->end;
			return;
		}
		st->no_close = true;
		put(st, st->at++, 1);
		return;
	}
	st->at = end;
	kind = find_tag(name, end);
	if (kind == TAG_LINE)
		gap(st, GAP_LINE);
	else if (kind == TAG_CELL)
		gap(st, GAP_SPACE);
	else if (kind == TAG_HIDDEN && !closing && end[-2] != '/') {
		for (len = 0; is_letter(name[len]); len++)
			;
		skip_hidden(st, name, len);
	}
}

static bool starts(const struct strip *st, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(st->end - st->at) >= n && memcmp(st->at, with, n) == 0;
}

static void less(struct strip *st)
{
	size_t left = (size_t)(st->end - st->at);
	char next = left > 1 ? st->at[1] : '\0', third = left > 2 ? st->at[2] : '\0';

	if (starts(st, "<!--")) {
		comment(st);
	} else if (starts(st, "<![CDATA[")) { /* a feed that wrapped its markup twice: what it holds is to be read */
		st->at += strlen("<![CDATA[");
		st->cdata = true;
	} else if (!st->no_close && (is_letter(next) || (next == '/' && is_letter(third)))) {
		tag(st);
	} else if (!st->no_close && (((next == '!' || next == '?') && (is_letter(third) || third == '[')) ||
				     (next == '/' && (third == ' ' || third == '>')))) {
		declaration(st);
	} else { /* "a < b", "<3", "</3" */
		put(st, st->at++, 1);
	}
}

static void ampersand(struct strip *st)
{
	uint32_t cp[2];
	size_t n, i, used = html_entity(st->at, (size_t)(st->end - st->at), cp, &n);

	if (used == 0) {
		put(st, st->at++, 1);
		return;
	}
	st->at += used;
	for (i = 0; i < n; i++)
		put_cp(st, cp[i]);
}

/* A run of bytes that mean nothing but themselves, its single spaces too. */
static void text(struct strip *st)
{
	const char *from = st->at, *p = from;
	size_t n;

	for (;;) {
		while (p > from && st->end - p >= (ptrdiff_t)sizeof(block) && (n = text_ahead(p)) > 0)
			p += n;
		while (p < st->end && class_at(p) == C_TEXT)
			p++;
		if (p < st->end && class_at(p) == C_NBSP_LEAD && p + 1 < st->end &&
		    ((unsigned char)p[1] != 0xA0 || p > from || !at_line_start(st)))
			p += 2;
		else if (st->end - p > 1 && *p == ' ' && class_at(p + 1) == C_TEXT)
			p++;
		else
			break;
	}
	if (st->cdata) {
		const char *close = memmem(from, (size_t)(p - from), "]]>", 3);

		if (close) {
			if (close > from)
				put(st, from, (size_t)(close - from));
			st->at = close + 3;
			st->cdata = false;
			return;
		}
	}
	if (p > from)
		put(st, from, (size_t)(p - from));
	else
		p += p < st->end ? 2 : 0; /* a NO-BREAK SPACE that starts a line */
	st->at = p < st->end ? p : st->end;
}

static void strip(struct strip *st)
{
	while (st->at < st->end && !st->out->full) {
		switch (class_at(st->at)) {
		case C_SPACE:
			gap(st, GAP_SPACE);
			st->at++;
			break;
		case C_DROP:
			st->at++;
			break;
		case C_LESS:
			less(st);
			break;
		case C_AMP:
			ampersand(st);
			break;
		default:
			text(st);
		}
	}
	trim_line(st);
	if (st->out->data)
		st->out->data[st->out->len] = '\0';
}

void html_to_text(const char *html, size_t len, struct buf *out)
{
	struct buf valid = BUF_INIT(3 * len + 1); /* one bad byte becomes three */
	struct strip st = {.at = html, .end = html + len, .out = out, .start = out->len};

	if (!utf8_valid(html, len)) {
		utf8_scrub(&valid, html, len);
		st.at = buf_str(&valid);
		st.end = st.at + valid.len;
	}
	strip(&st);
	buf_done(&valid);
}
