#include "parse/feed_text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "parse/html.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void text_fold(const char *s, size_t len, struct buf *out)
{
	const char *end = s + len;
	bool first = true;

	while (s < end) {
		const char *word = s;
		bool line = false;
		size_t room, n;

		while (word < end && is_space(*word))
			line |= *word++ == '\n';
		for (s = word; s < end && !is_space(*s); s++)
			;
		if (s == word)
			return;
		room = out->max > out->len + 1 ? out->max - out->len - 1 : 0;
		n = utf8_cut(word, (size_t)(s - word), room);
		if (n > 0 && !first)
			buf_putc(out, line ? '\n' : ' ');
		buf_put(out, word, n);
		if (n < (size_t)(s - word)) {
			out->full = true; /* last: nothing is put into a full one */
			return;
		}
		first = false;
	}
}

/* What people put into titles and summaries. Sorted. */
static const char *const tags[] = {
	"a",          "abbr",   "acronym", "address", "article", "aside",   "audio",  "b",          "big",
	"blockquote", "body",   "br",      "button",  "caption", "center",  "cite",   "code",       "col",
	"dd",         "del",    "dfn",     "div",     "dl",      "dt",      "em",     "figcaption", "figure",
	"font",       "footer", "form",    "h1",      "h2",      "h3",      "h4",     "h5",         "h6",
	"head",       "header", "hr",      "html",    "i",       "iframe",  "img",    "input",      "ins",
	"kbd",        "label",  "li",      "main",    "mark",    "nav",     "object", "ol",         "p",
	"pre",        "q",      "s",       "samp",    "script",  "section", "select", "small",      "span",
	"strike",     "strong", "style",   "sub",     "sup",     "table",   "tbody",  "td",         "tfoot",
	"th",         "thead",  "time",    "tr",      "tt",      "u",       "ul",     "var",        "video",
};

static int compare(const void *key, const void *tag)
{
	return strcmp(key, *(const char *const *)tag);
}

/* p behind "<" or "</". */
static bool is_tag(const char *p, const char *end)
{
	char name[12];
	size_t len = 0;

	while (p < end && len < sizeof(name) - 1 && isalnum((unsigned char)*p))
		name[len++] = (char)tolower((unsigned char)*p++);
	name[len] = '\0';
	if (p < end && isalnum((unsigned char)*p))
		return false;
	return bsearch(name, tags, ARRAY_LEN(tags), sizeof(*tags), compare) != NULL;
}

bool text_looks_like_html(const char *s, size_t len)
{
	const char *end = s + len, *p;
	bool sign = false;
	uint32_t cp[2];
	size_t n, taken;

	for (p = s; p < end; p++) {
		if (*p == '&') {
			taken = html_entity(p, (size_t)(end - p), cp, &n);
			sign = sign || (taken > 0 && p[taken - 1] == ';');
		} else if (*p == '<' && end - p > 1) {
			bool closing = p[1] == '/';

			if (end - p < 2 + closing || !isalpha((unsigned char)p[1 + closing]))
				continue;
			if (!is_tag(p + 1 + closing, end))
				return false;
			sign = sign || closing;
		}
	}
	return sign;
}
