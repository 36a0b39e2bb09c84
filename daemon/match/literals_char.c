#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "match/literals_inside.h"

enum { LONG_S = 0x17F, KELVIN = 0x212A };

struct part literals_lose(struct literals_walk *w)
{
	w->lost = true;
	return part_unknown();
}

bool literals_skip_through(struct literals_walk *w, char end)
{
	const char *found = w->i < w->len ? memchr(w->s + w->i, end, w->len - w->i) : NULL;

	if (!found)
		return false;
	w->i = (size_t)(found - w->s) + 1;
	return true;
}

struct part literals_unknown_through(struct literals_walk *w, char end)
{
	return literals_skip_through(w, end) ? part_unknown() : literals_lose(w);
}

/* --- characters --- */

/* In the scanned form. False: it has other forms, which are not all known here. */
static bool scanned_form(const struct literals_walk *w, uint32_t cp, char out[4], size_t *ret_len)
{
	if (cp == LONG_S)
		cp = 's';
	else if (cp == KELVIN)
		cp = 'k';
	else if (cp < 0x80)
		cp = (uint32_t)tolower((int)cp);
	else if (w->options.caseless || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
		return false;
	*ret_len = utf8_encode(cp, out);
	return true;
}

struct part literals_character(struct literals_walk *w, uint32_t cp)
{
	char bytes[4];
	size_t len;

	if (!scanned_form(w, cp, bytes, &len))
		return part_unknown();
	return part_text(w->a, bytes, len);
}

uint32_t literals_next(struct literals_walk *w)
{
	const char *p = w->s + w->i;
	uint32_t cp = utf8_next(&p, w->s + w->len);

	w->i = (size_t)(p - w->s);
	return cp;
}

/* \xhh or \x{…}, behind the x. */
static bool hex(struct literals_walk *w, uint32_t *ret)
{
	bool braces = literals_peek(w, 0) == '{';
	size_t n, max = braces ? 8 : 2;

	*ret = 0;
	w->i += braces;
	for (n = 0; n < max && isxdigit(literals_peek(w, 0)); n++, w->i++)
		*ret = *ret << 4 | (uint32_t)(isdigit(literals_peek(w, 0)) ? literals_peek(w, 0) - '0'
									   : tolower(literals_peek(w, 0)) - 'a' + 10);
	if (!braces)
		return true;
	w->i++;
	return n && w->s[w->i - 1] == '}';
}

/* An escape for one character, at its backslash; moves only then. */
static bool escaped_character(struct literals_walk *w, uint32_t *ret)
{
	static const char letters[] = "nrtfea", values[] = "\n\r\t\f\x1b\a";
	int c = literals_peek(w, 1);
	const char *found;

	if (c == 'x') {
		w->i += 2;
		if (!hex(w, ret))
			w->lost = true;
		return true;
	}
	found = isalpha(c) ? strchr(letters, c) : NULL;
	if (found) {
		*ret = (unsigned char)values[found - letters];
		w->i += 2;
		return true;
	}
	if (c == LITERALS_NO_END || isalnum(c))
		return false;
	w->i++;
	*ret = literals_next(w); /* \. and \á are themselves */
	return true;
}

/* \d, \p{L} …: one of many. At its backslash; false: another escape. */
static bool escaped_set(struct literals_walk *w)
{
	int c = literals_peek(w, 1);

	if (c == 'p' || c == 'P') {
		w->i += 2;
		if (literals_peek(w, 0) == '{')
			w->lost |= !literals_skip_through(w, '}');
		else
			w->i++;
		return true;
	}
	if (!isalpha(c) || !strchr("dDwWsShHvV", c))
		return false;
	w->i += 2;
	return true;
}

/* \g and \k with a name or number in {}, <> or '', or \g-1: a part of the text, or of the expression, again. */
static struct part reference(struct literals_walk *w)
{
	int open = literals_peek(w, 2);

	w->i += 3;
	if (open == '{')
		return literals_unknown_through(w, '}');
	if (open == '<')
		return literals_unknown_through(w, '>');
	if (open == '\'')
		return literals_unknown_through(w, '\'');
	while (isdigit(literals_peek(w, 0)))
		w->i++;
	return part_unknown();
}

struct part literals_escape(struct literals_walk *w)
{
	int c = literals_peek(w, 1);
	uint32_t cp;

	if (escaped_set(w))
		return part_unknown();
	if (escaped_character(w, &cp))
		return literals_character(w, cp);
	if (c == 'g' || c == 'k')
		return reference(w);
	if (c >= '1' && c <= '9') { /* a group's text again, or an octal number */
		for (w->i += 2; isdigit(literals_peek(w, 0)); w->i++)
			;
		return part_unknown();
	}
	if (isalpha(c) && strchr("bBAZzGK", c)) {
		w->i += 2;
		return part_empty();
	}
	if ((c == 'N' && literals_peek(w, 2) != '{') || c == 'R' || c == 'X') {
		w->i += 2;
		return part_unknown();
	}
	return literals_lose(w);
}

/* --- classes --- */

struct class
{
	uint32_t v[LITERALS_CLASS_MAX];
	size_t n;
	bool many; /* more than that, or not known which */
};

static void class_add(struct class *c, uint32_t from, uint32_t to)
{
	if (to < from || to - from >= LITERALS_CLASS_MAX - c->n) {
		c->many = true;
		return;
	}
	for (; from <= to; from++)
		c->v[c->n++] = from;
}

/* [:name:], and what only looks like it. */
static bool posix_class(struct literals_walk *w)
{
	size_t n = 2;

	if (literals_peek(w, 0) != '[' ||
	    (literals_peek(w, 1) != ':' && literals_peek(w, 1) != '.' && literals_peek(w, 1) != '='))
		return false;
	while (isalpha(literals_peek(w, n)) || literals_peek(w, n) == '^')
		n++;
	if (literals_peek(w, 1) != ':' || literals_peek(w, n) != ':' || literals_peek(w, n + 1) != ']') {
		w->lost = true; /* [[:<:]] is a place, not a class */
		return true;
	}
	w->i += n + 2;
	return true;
}

/* One character of a class; false: a set of them, or no character at all. */
static bool class_character(struct literals_walk *w, uint32_t *ret)
{
	if (literals_peek(w, 0) != '\\') {
		*ret = literals_next(w);
		return true;
	}
	if (escaped_set(w))
		return false;
	if (literals_peek(w, 1) == 'b') {
		*ret = '\b';
		w->i += 2;
		return true;
	}
	if (!escaped_character(w, ret))
		w->lost = true; /* \Q…\E, octal numbers, \c */
	return !w->lost;
}

static void class_member(struct literals_walk *w, struct class *c)
{
	uint32_t from, to;

	if (posix_class(w) || !class_character(w, &from)) {
		c->many = true;
		if (literals_peek(w, 0) == '-' && literals_peek(w, 1) != ']')
			w->i++; /* behind a set it is no range */
		return;
	}
	if (literals_peek(w, 0) != '-' || literals_peek(w, 1) == ']') {
		class_add(c, from, from);
		return;
	}
	w->i++;
	if (class_character(w, &to))
		class_add(c, from, to);
	else
		c->many = true; /* [a-\d] */
}

static struct part class_part(struct literals_walk *w, const struct class *c)
{
	struct choice either;
	size_t i;

	choice_init(&either);
	for (i = 0; i < c->n; i++) {
		struct part p = literals_character(w, c->v[i]);
		size_t k;

		for (k = 0; p.exact && k < either.all.n; k++)
			if (either.all.v[k].len == p.all.v[0].len &&
			    !memcmp(either.all.v[k].s, p.all.v[0].s, p.all.v[0].len))
				break;
		if (!p.exact || k == either.all.n)
			choice_add(&either, w->a, &p);
	}
	return choice_end(&either);
}

struct part literals_class(struct literals_walk *w)
{
	struct class c = {.n = 0};
	bool first = true;

	w->i++;
	if (literals_peek(w, 0) == '^') {
		c.many = true;
		w->i++;
	}
	for (; !w->lost && literals_peek(w, 0) != LITERALS_NO_END && (first || literals_peek(w, 0) != ']');
	     first = false)
		class_member(w, &c);
	w->i++;
	return w->lost || c.many ? part_unknown() : class_part(w, &c);
}
