#include "match/literals.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "match/literal_sets.h"

enum { LONG_S = 0x17F, KELVIN = 0x212A, NO_END = -1 };

struct options {
	bool caseless, extended;
};

struct walk {
	const char *s;
	size_t len, i;
	struct arena *a;
	struct options options;
	bool quoted; /* inside \Q…\E */
	bool lost;   /* something was not understood: nothing is said of the whole */
	unsigned depth;
};

static int peek(const struct walk *w, size_t ahead)
{
	return w->i + ahead < w->len ? (unsigned char)w->s[w->i + ahead] : NO_END;
}

static struct part lose(struct walk *w)
{
	w->lost = true;
	return part_unknown();
}

/* Moves behind the next end; false: there is none, which compiles nowhere. */
static bool skip_through(struct walk *w, char end)
{
	const char *found = w->i < w->len ? memchr(w->s + w->i, end, w->len - w->i) : NULL;

	if (!found)
		return false;
	w->i = (size_t)(found - w->s) + 1;
	return true;
}

static struct part unknown_through(struct walk *w, char end)
{
	return skip_through(w, end) ? part_unknown() : lose(w);
}

/* --- characters --- */

/* In the scanned form. False: it has other forms, which are not all known here. */
static bool scanned_form(const struct walk *w, uint32_t cp, char out[4], size_t *ret_len)
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

static struct part character(struct walk *w, uint32_t cp)
{
	char bytes[4];
	size_t len;

	if (!scanned_form(w, cp, bytes, &len))
		return part_unknown();
	return part_text(w->a, bytes, len);
}

static uint32_t next_character(struct walk *w)
{
	const char *p = w->s + w->i;
	uint32_t cp = utf8_next(&p, w->s + w->len);

	w->i = (size_t)(p - w->s);
	return cp;
}

/* \xhh or \x{…}, behind the x. */
static bool hex(struct walk *w, uint32_t *ret)
{
	bool braces = peek(w, 0) == '{';
	size_t n, max = braces ? 8 : 2;

	*ret = 0;
	w->i += braces;
	for (n = 0; n < max && isxdigit(peek(w, 0)); n++, w->i++)
		*ret = *ret << 4 | (uint32_t)(isdigit(peek(w, 0)) ? peek(w, 0) - '0' : tolower(peek(w, 0)) - 'a' + 10);
	if (!braces)
		return true;
	w->i++;
	return n && w->s[w->i - 1] == '}';
}

/* An escape for one character, at its backslash; moves only then. */
static bool escaped_character(struct walk *w, uint32_t *ret)
{
	static const char letters[] = "nrtfea", values[] = "\n\r\t\f\x1b\a";
	int c = peek(w, 1);
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
	if (c == NO_END || isalnum(c))
		return false;
	w->i++;
	*ret = next_character(w); /* \. and \á are themselves */
	return true;
}

/* \d, \p{L} …: one of many. At its backslash; false: another escape. */
static bool escaped_set(struct walk *w)
{
	int c = peek(w, 1);

	if (c == 'p' || c == 'P') {
		w->i += 2;
		if (peek(w, 0) == '{')
			w->lost |= !skip_through(w, '}');
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
static struct part reference(struct walk *w)
{
	int open = peek(w, 2);

	w->i += 3;
	if (open == '{')
		return unknown_through(w, '}');
	if (open == '<')
		return unknown_through(w, '>');
	if (open == '\'')
		return unknown_through(w, '\'');
	while (isdigit(peek(w, 0)))
		w->i++;
	return part_unknown();
}

static struct part escape(struct walk *w)
{
	int c = peek(w, 1);
	uint32_t cp;

	if (escaped_set(w))
		return part_unknown();
	if (escaped_character(w, &cp))
		return character(w, cp);
	if (c == 'g' || c == 'k')
		return reference(w);
	if (c >= '1' && c <= '9') { /* a group's text again, or an octal number */
		for (w->i += 2; isdigit(peek(w, 0)); w->i++)
			;
		return part_unknown();
	}
	if (isalpha(c) && strchr("bBAZzGK", c)) {
		w->i += 2;
		return part_empty();
	}
	if ((c == 'N' && peek(w, 2) != '{') || c == 'R' || c == 'X') {
		w->i += 2;
		return part_unknown();
	}
	return lose(w);
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
static bool posix_class(struct walk *w)
{
	size_t n = 2;

	if (peek(w, 0) != '[' || (peek(w, 1) != ':' && peek(w, 1) != '.' && peek(w, 1) != '='))
		return false;
	while (isalpha(peek(w, n)) || peek(w, n) == '^')
		n++;
	if (peek(w, 1) != ':' || peek(w, n) != ':' || peek(w, n + 1) != ']') {
		w->lost = true; /* [[:<:]] is a place, not a class */
		return true;
	}
	w->i += n + 2;
	return true;
}

/* One character of a class; false: a set of them, or no character at all. */
static bool class_character(struct walk *w, uint32_t *ret)
{
	if (peek(w, 0) != '\\') {
		*ret = next_character(w);
		return true;
	}
	if (escaped_set(w))
		return false;
	if (peek(w, 1) == 'b') {
		*ret = '\b';
		w->i += 2;
		return true;
	}
	if (!escaped_character(w, ret))
		w->lost = true; /* \Q…\E, octal numbers, \c */
	return !w->lost;
}

static void class_member(struct walk *w, struct class *c)
{
	uint32_t from, to;

	if (posix_class(w) || !class_character(w, &from)) {
		c->many = true;
		if (peek(w, 0) == '-' && peek(w, 1) != ']')
			w->i++; /* behind a set it is no range */
		return;
	}
	if (peek(w, 0) != '-' || peek(w, 1) == ']') {
		class_add(c, from, from);
		return;
	}
	w->i++;
	if (class_character(w, &to))
		class_add(c, from, to);
	else
		c->many = true; /* [a-\d] */
}

static struct part class_part(struct walk *w, const struct class *c)
{
	struct choice either;
	size_t i;

	choice_init(&either);
	for (i = 0; i < c->n; i++) {
		struct part p = character(w, c->v[i]);
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

static struct part class(struct walk *w)
{
	struct class c = {.n = 0};
	bool first = true;

	w->i++;
	if (peek(w, 0) == '^') {
		c.many = true;
		w->i++;
	}
	for (; !w->lost && peek(w, 0) != NO_END && (first || peek(w, 0) != ']'); first = false)
		class_member(w, &c);
	w->i++;
	return w->lost || c.many ? part_unknown() : class_part(w, &c);
}

/* --- groups --- */

static struct part alternation(struct walk *w);

/* The expression inside, and its closing parenthesis. */
static struct part inside(struct walk *w)
{
	struct part p = alternation(w);

	if (peek(w, 0) != ')')
		return lose(w);
	w->i++;
	return p;
}

/* Looks on or back (with a *, and may come back to look otherwise): matches a place, and what it wants must be in the text too. */
static struct part look(struct walk *w, size_t skip, bool wanted)
{
	struct part p, place = part_empty();

	w->i += skip;
	p = inside(w);
	if (wanted)
		place.need = part_need(&p);
	return place;
}

/* Letters behind "(?" up to : or ). */
static struct part with_options(struct walk *w, bool *ret_whole)
{
	struct options saved = w->options, set = saved;
	bool on = true, x = false;

	for (; peek(w, 0) != NO_END && strchr("imsxnJU-^", peek(w, 0)); w->i++) {
		int c = peek(w, 0);

		if (c == '-')
			on = false;
		else if (c == '^')
			set = (struct options){.caseless = false};
		else if (c == 'i')
			set.caseless = on;
		else if (c == 'x' && x)
			w->lost = true; /* xx: spaces in classes don't count either */
		else if (c == 'x')
			set.extended = x = on;
	}
	w->options = set;
	if (peek(w, 0) == ')') { /* for the rest of the group that it stands in */
		w->i++;
		*ret_whole = false;
		return part_empty();
	}
	if (peek(w, 0) != ':')
		return lose(w);
	w->i++;
	struct part p = inside(w);

	w->options = saved;
	return p;
}

/* At "(?". *ret_whole false: nothing that a quantifier could be for. */
static struct part special_group(struct walk *w, bool *ret_whole)
{
	int c = peek(w, 2), next = peek(w, 3);

	if (c == '=' || c == '!' || c == '*')
		return look(w, 3, c != '!');
	if (c == '<' && (next == '=' || next == '!' || next == '*'))
		return look(w, 4, next != '!');
	if (c == '#') {
		*ret_whole = false;
		return skip_through(w, ')') ? part_empty() : lose(w);
	}
	if (c == '<' || c == '\'' || (c == 'P' && next == '<')) { /* a name */
		w->i += c == 'P' ? 4 : 3;
		if (!skip_through(w, c == '\'' ? '\'' : '>'))
			return lose(w);
		return inside(w);
	}
	if (c == '>' || c == '|') {
		w->i += 3;
		return inside(w);
	}
	if (c == 'R' || c == '&' || c == '+' || (c == 'P' && (next == '>' || next == '=')) || isdigit(c) ||
	    (c == '-' && isdigit(next)))
		return unknown_through(w, ')'); /* a group again */
	w->i += 2;
	return with_options(w, ret_whole); /* loses itself on conditions and callouts */
}

static struct part group(struct walk *w, bool *ret_whole)
{
	if (peek(w, 1) == '*')
		return lose(w); /* a verb: (*ACCEPT) ends a match anywhere */
	if (peek(w, 1) == '?')
		return special_group(w, ret_whole);
	w->i++;
	return inside(w);
}

/* --- one behind another --- */

/* What stands for nothing: blanks and comments under (?x), (?#…), the ends of \Q and \E. */
static bool skip_ignored(struct walk *w)
{
	size_t from = w->i;

	for (;;) {
		int c = peek(w, 0), next = peek(w, 1);

		if (c == '\\' && next == 'E') {
			w->quoted = false;
			w->i += 2;
		} else if (w->quoted) {
			break;
		} else if (c == '\\' && next == 'Q') {
			w->quoted = true;
			w->i += 2;
		} else if (c == '(' && next == '?' && peek(w, 2) == '#') {
			w->lost |= !skip_through(w, ')');
		} else if (w->options.extended && isspace(c)) {
			w->i++;
		} else if (w->options.extended && c == '#') {
			while (peek(w, 0) != NO_END && peek(w, 0) != '\n' && peek(w, 0) != '\r')
				w->i++;
		} else {
			break;
		}
		if (w->lost)
			break;
	}
	return w->i > from;
}

static struct part plain(struct walk *w)
{
	uint32_t cp = next_character(w);

	if (w->options.extended && (cp == 0x85 || cp == 0x200E || cp == 0x200F || cp == 0x2028 || cp == 0x2029))
		return lose(w); /* blanks of (?x) as well */
	return character(w, cp);
}

static struct part atom(struct walk *w, bool *ret_whole)
{
	int next = peek(w, 1);

	*ret_whole = true;
	if (w->quoted)
		return plain(w);
	switch (peek(w, 0)) {
	case '\\':
		return escape(w);
	case '[':
		return class(w);
	case '(':
		return group(w, ret_whole);
	case '.':
		w->i++;
		return part_unknown();
	case '^':
	case '$':
		w->i++;
		return part_empty();
	case '*':
	case '+':
	case '?':
		return lose(w);
	case '{':
		if (isdigit(next) || next == ' ' || next == ',' || next == '\t')
			return lose(w); /* literal for some PCRE2, a quantifier for others */
		return plain(w);
	default:
		return plain(w);
	}
}

static size_t number(struct walk *w)
{
	size_t n = 0;

	for (; isdigit(peek(w, 0)); w->i++)
		n = n < LITERALS_MAX ? n * 10 + (size_t)(peek(w, 0) - '0') : n;
	return n;
}

/* {2}, {2,} or {2,5}, at its brace. */
static bool braces(struct walk *w, size_t *ret_min, size_t *ret_max)
{
	size_t from = w->i;

	w->i++;
	if (isdigit(peek(w, 0))) {
		*ret_min = *ret_max = number(w);
		if (peek(w, 0) == ',') {
			w->i++;
			*ret_max = isdigit(peek(w, 0)) ? number(w) : SIZE_MAX;
		}
		if (peek(w, 0) == '}') {
			w->i++;
			return true;
		}
	}
	w->i = from;
	return false;
}

/* One quantifier, with ? or + behind; false: none stands here. */
static bool quantifier(struct walk *w, size_t *ret_min, size_t *ret_max)
{
	int c = peek(w, 0);

	*ret_min = c == '+';
	*ret_max = c == '?' ? 1 : SIZE_MAX;
	if (c == '?' || c == '*' || c == '+')
		w->i++;
	else if (c != '{' || !braces(w, ret_min, ret_max))
		return false;
	if (peek(w, 0) == '?' || peek(w, 0) == '+')
		w->i++;
	return true;
}

/* What stands at w, with the quantifiers behind it, onto the chain. */
static void piece(struct walk *w, struct chain *chain)
{
	struct part more = part_unknown(), p;
	bool whole, open = false;
	size_t min, max;

	p = atom(w, &whole);
	skip_ignored(w);
	while (whole && !w->quoted && !w->lost && quantifier(w, &min, &max)) {
		if (open) /* a+{2} */
			p = part_unknown();
		open = !open && p.exact && min && max > min; /* ab+c: ab, and then who knows */
		p = part_repeat(w->a, &p, min, open ? min : max);
		skip_ignored(w);
	}
	chain_add(chain, w->a, &p);
	if (open)
		chain_add(chain, w->a, &more);
}

static struct part sequence(struct walk *w)
{
	struct chain chain;

	chain_init(&chain);
	while (!w->lost) {
		skip_ignored(w);
		if (peek(w, 0) == NO_END || (!w->quoted && (peek(w, 0) == '|' || peek(w, 0) == ')')))
			break;
		piece(w, &chain);
	}
	return chain_end(&chain);
}

/* Up to the group's closing parenthesis, which stays. */
static struct part alternation(struct walk *w)
{
	struct options saved = w->options;
	struct choice choice;
	struct part only;
	bool more;

	if (++w->depth > LITERALS_DEPTH_MAX)
		return lose(w);
	only = sequence(w);
	if (peek(w, 0) == '|') {
		choice_init(&choice);
		choice_add(&choice, w->a, &only);
		do {
			struct part p;

			w->i++;
			p = sequence(w);
			choice_add(&choice, w->a, &p);
			more = !w->lost && peek(w, 0) == '|';
		} while (more);
		only = choice_end(&choice);
	}
	w->options = saved;
	w->depth--;
	return only;
}

/* --- the whole --- */

static bool holds(const struct literal *l, const struct literal *part)
{
	return memmem(l->s, l->len, part->s, part->len) != NULL;
}

/* Leaves out what holds another of the set: "acme mx" beside "acme". Longer sets only grow the prefilter a little. */
static void needless_drop(struct literal_set *set)
{
	enum { LOOKED_AT_MAX = 64 };
	bool needless[LOOKED_AT_MAX] = {false};
	size_t i, k, n = 0;

	if (set->n > LOOKED_AT_MAX)
		return;
	for (i = 0; i < set->n; i++)
		for (k = 0; k < set->n && !needless[i]; k++)
			needless[i] =
				k != i && holds(&set->v[i], &set->v[k]) && (set->v[i].len > set->v[k].len || k < i);
	for (i = 0; i < set->n; i++)
		if (!needless[i])
			set->v[n++] = set->v[i];
	set->n = n;
}

void literals_find(const char *regex, size_t len, bool caseless, struct arena *a, struct literal_set *ret)
{
	struct walk w = {.s = regex, .len = len, .a = a, .options = {.caseless = caseless}};
	struct part p = alternation(&w);
	struct literal_set need = part_need(&p);

	*ret = (struct literal_set){.n = 0};
	if (w.lost || w.i != len || !need.n)
		return;
	ret->v = ARENA_ARRAY(a, struct literal, need.n);
	ret->n = need.n;
	memcpy(ret->v, need.v, need.n * sizeof(*need.v));
	needless_drop(ret);
}
