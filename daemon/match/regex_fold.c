#include "match/regex_fold.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "match/regex_fold_inside.h"

enum { NAME_MAX_BYTES = 32 };

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

void fold_scan_fail(struct fold_scan *x, int error, size_t at)
{
	if (x->error)
		return;
	x->error = error;
	x->at = at;
}

void fold_scan_put(struct fold_scan *x, const char *bytes, size_t len, size_t origin)
{
	struct regex_folded *f = x->ret;
	size_t i;

	buf_put(&f->out, bytes, len);
	if (f->out.full) {
		fold_scan_fail(x, REGEX_E_LONG, origin);
		return;
	}
	if (f->origin_cap < f->out.len) {
		f->origin_cap = 2 * f->out.len;
		f->origin = xreallocarray(f->origin, f->origin_cap, sizeof(*f->origin));
	}
	for (i = f->out.len - len; i < f->out.len; i++)
		f->origin[i] = (uint16_t)origin;
}

void fold_scan_copy(struct fold_scan *x, size_t n)
{
	for (; n && x->i < x->len; n--, x->i++)
		fold_scan_put(x, x->s + x->i, 1, x->i);
}

/* Up to the byte end and with it; all the rest where there is none. */
static void copy_through(struct fold_scan *x, char end)
{
	const char *found = memchr(x->s + x->i, end, x->len - x->i);

	fold_scan_copy(x, found ? (size_t)(found - (x->s + x->i)) + 1 : x->len);
}

/* --- literals --- */

size_t fold_scan_literal(struct fold_scan *x)
{
	size_t at = x->i, n = 1;

	/* A mark on a metacharacter is a character of its own: "(" must stay what it is. */
	if ((unsigned char)x->s[at] >= 0x80 || isalnum((unsigned char)x->s[at]))
		n = fold_cluster_len(x->s + at, x->s + x->len);
	fold_text(&x->fold, x->s + at, n);
	x->i += n;
	return at;
}

void fold_scan_folded(struct fold_scan *x, size_t at, bool foreign)
{
	size_t i;

	for (i = 0; i < x->fold.len; i++) {
		char c = x->fold.bytes[i];

		if (foreign && (ispunct((unsigned char)c) || c == ' '))
			fold_scan_put(x, "\\", 1, at);
		fold_scan_put(x, &c, 1, at);
	}
}

static void literal(struct fold_scan *x)
{
	size_t at = fold_scan_literal(x);
	bool foreign = (unsigned char)x->s[at] >= 0x80, one = utf8_count(x->fold.bytes, x->fold.len) == 1;

	if (!one) /* a quantifier behind it is for all of it */
		fold_scan_put(x, "(?:", 3, at);
	fold_scan_folded(x, at, foreign);
	if (!one)
		fold_scan_put(x, ")", 1, at);
}

/* \Q…\E: all of it is literal. */
static void quoted(struct fold_scan *x)
{
	fold_scan_copy(x, 2);
	while (x->i < x->len && !(x->s[x->i] == '\\' && fold_scan_peek(x, 1) == 'E')) {
		size_t at = fold_scan_literal(x);

		fold_scan_put(x, x->fold.bytes, x->fold.len, at);
	}
	fold_scan_copy(x, 2);
}

/* --- escapes --- */

/* The number in digits of a base, at the place from; *ret_len is their count, at most max. */
static long number(const struct fold_scan *x, size_t from, size_t max, int base, size_t *ret_len)
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
			return FOLD_SCAN_NO_VALUE;
	}
	*ret_len = n;
	return n ? value : FOLD_SCAN_NO_VALUE;
}

/* Which character \xhh, \x{…}, \o{…}, \N{U+…} or \0oo at x->i names; FOLD_SCAN_NO_VALUE for any other escape. */
static long escape_value(const struct fold_scan *x)
{
	size_t n;

	switch (fold_scan_peek(x, 1)) {
	case 'x':
		return fold_scan_peek(x, 2) == '{' ? number(x, x->i + 3, 8, 16, &n) : number(x, x->i + 2, 2, 16, &n);
	case 'o':
		return fold_scan_peek(x, 2) == '{' ? number(x, x->i + 3, 8, 8, &n) : FOLD_SCAN_NO_VALUE;
	case 'N':
		return fold_scan_peek(x, 2) == '{' && fold_scan_peek(x, 3) == 'U' ? number(x, x->i + 5, 8, 16, &n)
										  : FOLD_SCAN_NO_VALUE;
	case '0':
		return number(x, x->i + 1, 3, 8, &n);
	default:
		return FOLD_SCAN_NO_VALUE;
	}
}

bool fold_scan_asks_case(const char *s, size_t len)
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

static void property(struct fold_scan *x)
{
	size_t at = x->i;
	const char *name = x->s + at + 3, *close = NULL;

	if (fold_scan_peek(x, 2) != '{') {
		fold_scan_copy(x, 3); /* \pL: of one letter, and none of them asks for capitals */
		return;
	}
	close = memchr(name, '}', x->len - at - 3);
	if (close && fold_scan_asks_case(name, (size_t)(close - name)))
		fold_scan_fail(x, REGEX_E_CASE, at);
	copy_through(x, '}');
}

/* The part behind the letter: {…}, <…> or '…', for those that take one. */
static void escape_argument(struct fold_scan *x, int letter)
{
	int open = fold_scan_peek(x, 0), n;

	if (open == '{' && strchr("xoNgk", letter)) {
		copy_through(x, '}');
	} else if (open == '<' && strchr("gk", letter)) {
		copy_through(x, '>');
	} else if (open == '\'' && strchr("gk", letter)) {
		fold_scan_copy(x, 1);
		copy_through(x, '\'');
	} else if (letter == 'x') {
		for (n = 0; n < 2 && isxdigit(fold_scan_peek(x, 0)); n++)
			fold_scan_copy(x, 1);
	} else if (letter == 'c') {
		fold_scan_copy(x, 1);
	}
}

long fold_scan_escape(struct fold_scan *x)
{
	int letter = fold_scan_peek(x, 1);
	long value = escape_value(x);

	if (letter < 0) {
		fold_scan_copy(x, 1);
	} else if (letter == 'p' || letter == 'P') {
		property(x);
	} else if (letter >= 0x80) { /* \á is á */
		x->i++;
		fold_scan_folded(x, fold_scan_literal(x), true);
	} else {
		fold_scan_copy(x, 2);
		escape_argument(x, letter);
		if (ispunct(letter))
			value = letter;
	}
	return value;
}

/* An escape outside classes. Alone, a letter that folding changes can't be found. */
static void escape_outside(struct fold_scan *x)
{
	size_t at = x->i;
	long value = fold_scan_escape(x);
	char raw[4];
	size_t len;

	if (value < 0 || (value < 0x80 && !isupper((int)value)))
		return;
	len = utf8_encode((uint32_t)value, raw);
	fold_text(&x->fold, raw, len);
	if (utf8proc_category((int32_t)value) <= UTF8PROC_CATEGORY_LO &&
	    utf8proc_category((int32_t)value) >= UTF8PROC_CATEGORY_LU &&
	    (x->fold.len != len || memcmp(x->fold.bytes, raw, len)))
		fold_scan_fail(x, REGEX_E_ESCAPE, at);
}

/* --- groups --- */

/* Behind "(?": names, numbers, options, comments. Stops where an expression begins. */
static void group(struct fold_scan *x)
{
	int c = fold_scan_peek(x, 0), next = fold_scan_peek(x, 1);

	if (c == '<' && (next == '=' || next == '!' || next == '*')) {
		fold_scan_copy(x, 2);
	} else if (c == '<') {
		copy_through(x, '>');
	} else if (c == '\'') {
		fold_scan_copy(x, 1);
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
		while (fold_scan_peek(x, 0) >= 0 &&
		       (isalpha(fold_scan_peek(x, 0)) || fold_scan_peek(x, 0) == '-' || fold_scan_peek(x, 0) == '^')) {
			x->extended |= fold_scan_peek(x, 0) == 'x';
			fold_scan_copy(x, 1);
		}
		if (fold_scan_peek(x, 0) >= 0 && strchr(":=!>|*)", fold_scan_peek(x, 0)))
			fold_scan_copy(x, 1);
	}
}

/* "(*VERB:name)", or "(*positive_lookahead:" and an expression. */
static void verb(struct fold_scan *x)
{
	const char *s = x->s + x->i;
	size_t left = x->len - x->i, n = 2;

	while (n < left && (islower((unsigned char)s[n]) || s[n] == '_'))
		n++;
	if (n > 2 && n < left && s[n] == ':')
		fold_scan_copy(x, n + 1);
	else
		copy_through(x, ')');
}

static void step(struct fold_scan *x)
{
	char c = x->s[x->i];

	if (c == '\\' && fold_scan_peek(x, 1) == 'Q') {
		quoted(x);
	} else if (c == '\\') {
		escape_outside(x);
	} else if (c == '[') {
		fold_scan_class(x);
	} else if (c == '(' && fold_scan_peek(x, 1) == '*') {
		verb(x);
	} else if (c == '(' && fold_scan_peek(x, 1) == '?') {
		fold_scan_copy(x, 2);
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
	struct fold_scan x = {.s = regex, .len = len, .ret = ret};

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
