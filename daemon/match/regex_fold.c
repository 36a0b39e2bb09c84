#include "match/regex_fold.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "match/fold.h"

enum { NO_VALUE = -1, NAME_MAX_BYTES = 32 };

struct scan {
	const char *s;
	size_t len, i;
	struct fold fold;
	struct regex_folded *ret;
	bool extended; /* (?x) was seen: # begins a comment */
	int error;
	size_t at;
};

void regex_folded_init(struct regex_folded *f)
{
	*f = (struct regex_folded){.out = BUF_INIT(REGEX_FOLDED_MAX_BYTES)};
}

void regex_folded_done(struct regex_folded *f)
{
	buf_done(&f->out);
	free(f->origin);
	*f = (struct regex_folded){.out = BUF_INIT(REGEX_FOLDED_MAX_BYTES)};
}

static void fail(struct scan *x, int error, size_t at)
{
	if (x->error)
		return;
	x->error = error;
	x->at = at;
}

static void put(struct scan *x, const char *bytes, size_t len, size_t origin)
{
	struct regex_folded *f = x->ret;
	size_t i;

	buf_put(&f->out, bytes, len);
	if (f->out.full) {
		fail(x, REGEX_E_LONG, origin);
		return;
	}
	if (f->origin_cap < f->out.len) {
		f->origin_cap = 2 * f->out.len;
		f->origin = xreallocarray(f->origin, f->origin_cap, sizeof(*f->origin));
	}
	for (i = f->out.len - len; i < f->out.len; i++)
		f->origin[i] = (uint16_t)origin;
}

/* n bytes as they stand, or what is left. */
static void copy(struct scan *x, size_t n)
{
	for (; n && x->i < x->len; n--, x->i++)
		put(x, x->s + x->i, 1, x->i);
}

static int peek(const struct scan *x, size_t ahead)
{
	return x->i + ahead < x->len ? (unsigned char)x->s[x->i + ahead] : -1;
}

/* Up to the byte end and with it; all the rest where there is none. */
static void copy_through(struct scan *x, char end)
{
	const char *found = memchr(x->s + x->i, end, x->len - x->i);

	copy(x, found ? (size_t)(found - (x->s + x->i)) + 1 : x->len);
}

/* --- literals --- */

/* The next literal character with its marks; advances and returns its first byte's place. */
static size_t literal_fold(struct scan *x)
{
	size_t at = x->i, n = 1;

	/* A mark on a metacharacter is a character of its own: "(" must stay what it is. */
	if ((unsigned char)x->s[at] >= 0x80 || isalnum((unsigned char)x->s[at]))
		n = fold_cluster_len(x->s + at, x->s + x->len);
	fold_text(&x->fold, x->s + at, n);
	x->i += n;
	return at;
}

/* What x->fold holds, where a literal stands; NFKC makes metacharacters of full-width ones. */
static void folded_put(struct scan *x, size_t at, bool foreign)
{
	size_t i;

	for (i = 0; i < x->fold.len; i++) {
		char c = x->fold.bytes[i];

		if (foreign && (ispunct((unsigned char)c) || c == ' '))
			put(x, "\\", 1, at);
		put(x, &c, 1, at);
	}
}

static void literal(struct scan *x)
{
	size_t at = literal_fold(x);
	bool foreign = (unsigned char)x->s[at] >= 0x80, one = utf8_count(x->fold.bytes, x->fold.len) == 1;

	if (!one) /* a quantifier behind it is for all of it */
		put(x, "(?:", 3, at);
	folded_put(x, at, foreign);
	if (!one)
		put(x, ")", 1, at);
}

/* \Q…\E: all of it is literal. */
static void quoted(struct scan *x)
{
	copy(x, 2);
	while (x->i < x->len && !(x->s[x->i] == '\\' && peek(x, 1) == 'E')) {
		size_t at = literal_fold(x);

		put(x, x->fold.bytes, x->fold.len, at);
	}
	copy(x, 2);
}

/* --- escapes --- */

/* The number in digits of a base, at the place from; *ret_len is their count, at most max. */
static long number(const struct scan *x, size_t from, size_t max, int base, size_t *ret_len)
{
	static const char digits[] = "0123456789abcdef";
	long value = 0;
	size_t n;

	for (n = 0; n < max && from + n < x->len; n++) {
		int c = tolower((unsigned char)x->s[from + n]);
		const char *digit = c ? memchr(digits, c, (size_t)base) : NULL;

		if (!digit)
			break;
		value = value * base + (digit - digits);
		if (value > 0x10FFFF)
			return NO_VALUE;
	}
	*ret_len = n;
	return n ? value : NO_VALUE;
}

/* Which character \xhh, \x{…}, \o{…}, \N{U+…} or \0oo at x->i names; NO_VALUE for any other escape. */
static long escape_value(const struct scan *x)
{
	size_t n;

	switch (peek(x, 1)) {
	case 'x':
		return peek(x, 2) == '{' ? number(x, x->i + 3, 8, 16, &n) : number(x, x->i + 2, 2, 16, &n);
	case 'o':
		return peek(x, 2) == '{' ? number(x, x->i + 3, 8, 8, &n) : NO_VALUE;
	case 'N':
		return peek(x, 2) == '{' && peek(x, 3) == 'U' ? number(x, x->i + 5, 8, 16, &n) : NO_VALUE;
	case '0':
		return number(x, x->i + 1, 3, 8, &n);
	default:
		return NO_VALUE;
	}
}

/* Whether a property or class name, as PCRE2 reads it (case, space, - and _ don't count), asks for capitals. */
static bool name_asks_case(const char *s, size_t len)
{
	static const char *const names[] = {"lu", "lt", "upper", "uppercase", "cwl", "changeswhenlowercased"};
	char name[NAME_MAX_BYTES] = "";
	size_t n = 0, i;

	for (i = 0; i < len && n < sizeof(name) - 1; i++)
		if (!strchr("^ _-", s[i]))
			name[n++] = (char)tolower((unsigned char)s[i]);
	for (i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static void property(struct scan *x)
{
	size_t at = x->i;
	const char *name = x->s + at + 3, *close = NULL;

	if (peek(x, 2) != '{') {
		copy(x, 3); /* \pL: of one letter, and none of them asks for capitals */
		return;
	}
	close = memchr(name, '}', x->len - at - 3);
	if (close && name_asks_case(name, (size_t)(close - name)))
		fail(x, REGEX_E_CASE, at);
	copy_through(x, '}');
}

/* The part behind the letter: {…}, <…> or '…', for those that take one. */
static void escape_argument(struct scan *x, int letter)
{
	int open = peek(x, 0), n;

	if (open == '{' && strchr("xoNgk", letter)) {
		copy_through(x, '}');
	} else if (open == '<' && strchr("gk", letter)) {
		copy_through(x, '>');
	} else if (open == '\'' && strchr("gk", letter)) {
		copy(x, 1);
		copy_through(x, '\'');
	} else if (letter == 'x') {
		for (n = 0; n < 2 && isxdigit(peek(x, 0)); n++)
			copy(x, 1);
	} else if (letter == 'c') {
		copy(x, 1);
	}
}

/* An escape but \Q; returns the character that it names, or NO_VALUE. */
static long escape(struct scan *x)
{
	int letter = peek(x, 1);
	long value = escape_value(x);

	if (letter < 0) {
		copy(x, 1);
	} else if (letter == 'p' || letter == 'P') {
		property(x);
	} else if (letter >= 0x80) { /* \á is á */
		x->i++;
		folded_put(x, literal_fold(x), true);
	} else {
		copy(x, 2);
		escape_argument(x, letter);
		if (ispunct(letter))
			value = letter;
	}
	return value;
}

/* An escape outside classes. Alone, a letter that folding changes can't be found. */
static void escape_outside(struct scan *x)
{
	size_t at = x->i;
	long value = escape(x);
	char raw[4];
	size_t len;

	if (value < 0 || (value < 0x80 && !isupper((int)value)))
		return;
	len = utf8_encode((uint32_t)value, raw);
	fold_text(&x->fold, raw, len);
	if (utf8proc_category((int32_t)value) <= UTF8PROC_CATEGORY_LO &&
	    utf8proc_category((int32_t)value) >= UTF8PROC_CATEGORY_LU &&
	    (x->fold.len != len || memcmp(x->fold.bytes, raw, len)))
		fail(x, REGEX_E_ESCAPE, at);
}

/* --- classes --- */

/* One member; returns its character, NO_VALUE for a set such as \d. */
static long member(struct scan *x)
{
	const char *p;
	size_t at;

	if (x->s[x->i] == '\\')
		return escape(x);
	at = literal_fold(x);
	p = x->s + at;
	if (x->fold.len == 0 || utf8_count(x->fold.bytes, x->fold.len) > 1)
		fail(x, REGEX_E_MEMBER, at);
	folded_put(x, at, (unsigned char)*p >= 0x80);
	return (long)utf8_next(&p, x->s + x->len);
}

/* [:name:] */
static bool posix_class(struct scan *x)
{
	const char *name = x->s + x->i + 2, *end = x->s + x->len, *close;

	if (peek(x, 0) != '[' || peek(x, 1) != ':')
		return false;
	for (close = name; close < end && (isalpha((unsigned char)*close) || strchr("^<>", *close)); close++)
		;
	if (end - close < 2 || close[0] != ':' || close[1] != ']')
		return false;
	if (name_asks_case(name, (size_t)(close - name)))
		fail(x, REGEX_E_CASE, x->i);
	copy(x, (size_t)(close + 2 - (x->s + x->i)));
	return true;
}

/* The capitals of an ASCII range as small letters too. */
static void range_small(struct scan *x, long from, long to, size_t at)
{
	char range[3] = {(char)tolower((int)(from > 'A' ? from : 'A')), '-', (char)tolower((int)(to < 'Z' ? to : 'Z'))};

	if (from <= 'Z' && to >= 'A' && range[0] <= range[2])
		put(x, range, sizeof(range), at);
}

/* A member and, if one follows, the range that it begins. In a range ASCII ends stay as they are, small ones are added. */
static void member_or_range(struct scan *x)
{
	size_t at = x->i, out = x->ret->out.len;
	long from = member(x), to;
	int next = peek(x, 1);

	if (x->error || peek(x, 0) != '-' || next < 0 || next == ']')
		return;
	if (from == NO_VALUE || (next == '[' && peek(x, 2) == ':') || (next == '\\' && peek(x, 2) == 'E'))
		return; /* the - is one */
	if (from >= 0x80) {
		fail(x, REGEX_E_RANGE, at);
		return;
	}
	if (x->s[at] != '\\') /* as it was written */
		x->ret->out.data[out] = (char)from;
	copy(x, 1);
	if (next == '\\') {
		to = escape(x);
	} else {
		const char *p = x->s + x->i;

		to = (long)utf8_next(&p, x->s + x->len);
		copy(x, (size_t)(p - (x->s + x->i)));
	}
	if (to >= 0x80)
		fail(x, REGEX_E_RANGE, at);
	else if (to >= from)
		range_small(x, from, to, at);
}

static void class_quoted(struct scan *x)
{
	copy(x, 2);
	while (!x->error && x->i < x->len && !(x->s[x->i] == '\\' && peek(x, 1) == 'E')) {
		size_t at = literal_fold(x);

		if (utf8_count(x->fold.bytes, x->fold.len) != 1)
			fail(x, REGEX_E_MEMBER, at);
		put(x, x->fold.bytes, x->fold.len, at);
	}
	copy(x, 2);
}

static void class(struct scan *x)
{
	copy(x, 1);
	if (peek(x, 0) == '^')
		copy(x, 1);
	if (peek(x, 0) == ']')
		copy(x, 1);
	while (!x->error && x->i < x->len && x->s[x->i] != ']') {
		if (x->s[x->i] == '\\' && peek(x, 1) == 'Q')
			class_quoted(x);
		else if (x->s[x->i] == '\\' && peek(x, 1) == 'E')
			copy(x, 2);
		else if (!posix_class(x))
			member_or_range(x);
	}
	copy(x, 1);
}

/* --- groups --- */

/* Behind "(?": names, numbers, options, comments. Stops where an expression begins. */
static void group(struct scan *x)
{
	int c = peek(x, 0), next = peek(x, 1);

	if (c == '<' && (next == '=' || next == '!' || next == '*')) {
		copy(x, 2);
	} else if (c == '<') {
		copy_through(x, '>');
	} else if (c == '\'') {
		copy(x, 1);
		copy_through(x, '\'');
	} else if (c == 'P' && next == '<') {
		copy_through(x, '>');
	} else if (c == '(') { /* a condition: an assertion, or a name or number */
		if (next != '?' && next != '*')
			copy_through(x, ')');
	} else if (c == '#' || c == '&' || c == 'P' || c == 'R' || c == 'C' || c == '+' || isdigit(c) ||
		   (c == '-' && isdigit(next))) {
		copy_through(x, ')');
	} else { /* options, and what kind of group */
		while (peek(x, 0) >= 0 && (isalpha(peek(x, 0)) || peek(x, 0) == '-' || peek(x, 0) == '^')) {
			x->extended |= peek(x, 0) == 'x';
			copy(x, 1);
		}
		if (peek(x, 0) >= 0 && strchr(":=!>|*)", peek(x, 0)))
			copy(x, 1);
	}
}

/* "(*VERB:name)", or "(*positive_lookahead:" and an expression. */
static void verb(struct scan *x)
{
	const char *s = x->s + x->i;
	size_t left = x->len - x->i, n = 2;

	while (n < left && (islower((unsigned char)s[n]) || s[n] == '_'))
		n++;
	if (n > 2 && n < left && s[n] == ':')
		copy(x, n + 1);
	else
		copy_through(x, ')');
}

static void step(struct scan *x)
{
	char c = x->s[x->i];

	if (c == '\\' && peek(x, 1) == 'Q') {
		quoted(x);
	} else if (c == '\\') {
		escape_outside(x);
	} else if (c == '[') {
		class(x);
	} else if (c == '(' && peek(x, 1) == '*') {
		verb(x);
	} else if (c == '(' && peek(x, 1) == '?') {
		copy(x, 2);
		if (x->i < x->len)
			group(x);
	} else if (c == '#' && x->extended) {
		copy_through(x, '\n');
	} else {
		literal(x);
	}
}

int regex_fold(const char *regex, size_t len, struct regex_folded *ret, size_t *ret_at)
{
	struct scan x = {.s = regex, .len = len, .ret = ret};

	*ret_at = 0;
	if (len > REGEX_MAX_BYTES) {
		*ret_at = REGEX_MAX_BYTES;
		return REGEX_E_LONG;
	}
	fold_init(&x.fold);
	while (x.i < len && !x.error)
		step(&x);
	fold_done(&x.fold);
	*ret_at = x.at;
	return x.error;
}
