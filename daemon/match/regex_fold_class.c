#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "match/regex_fold_inside.h"

/* One member; returns its character, FOLD_SCAN_NO_VALUE for a set such as \d. */
static long member(struct fold_scan *x)
{
	const char *p;
	size_t at;

	if (x->s[x->i] == '\\')
		return fold_scan_escape(x);
	at = fold_scan_literal(x);
	p = x->s + at;
	if (x->fold.len == 0 || utf8_count(x->fold.bytes, x->fold.len) > 1)
		fold_scan_fail(x, REGEX_E_MEMBER, at);
	fold_scan_folded(x, at, (unsigned char)*p >= 0x80);
	return (long)utf8_next(&p, x->s + x->len);
}

/* [:name:] */
static bool posix_class(struct fold_scan *x)
{
	const char *name = x->s + x->i + 2, *end = x->s + x->len, *close;

	if (fold_scan_peek(x, 0) != '[' || fold_scan_peek(x, 1) != ':')
		return false;
	for (close = name; close < end && (isalpha((unsigned char)*close) || strchr("^<>", *close)); close++)
		;
	if (end - close < 2 || close[0] != ':' || close[1] != ']')
		return false;
	if (fold_scan_asks_case(name, (size_t)(close - name)))
		fold_scan_fail(x, REGEX_E_CASE, x->i);
	fold_scan_copy(x, (size_t)(close + 2 - (x->s + x->i)));
	return true;
}

/* The capitals of an ASCII range as small letters too. */
static void range_small(struct fold_scan *x, long from, long to, size_t at)
{
	char range[3] = {(char)tolower((int)(from > 'A' ? from : 'A')), '-', (char)tolower((int)(to < 'Z' ? to : 'Z'))};

	if (from <= 'Z' && to >= 'A' && range[0] <= range[2])
		fold_scan_put(x, range, sizeof(range), at);
}

/* A member and, if one follows, the range that it begins. In a range ASCII ends stay as they are, small ones are added. */
static void member_or_range(struct fold_scan *x)
{
	size_t at = x->i, out = x->ret->out.len;
	long from = member(x), to;
	int next = fold_scan_peek(x, 1);

	if (x->error || fold_scan_peek(x, 0) != '-' || next < 0 || next == ']')
		return;
	if (from == FOLD_SCAN_NO_VALUE || (next == '[' && fold_scan_peek(x, 2) == ':') ||
	    (next == '\\' && fold_scan_peek(x, 2) == 'E'))
		return; /* the - is one */
	if (from >= 0x80) {
		fold_scan_fail(x, REGEX_E_RANGE, at);
		return;
	}
	if (x->s[at] != '\\') /* as it was written */
		x->ret->out.data[out] = (char)from;
	fold_scan_copy(x, 1);
	if (next == '\\') {
		to = fold_scan_escape(x);
	} else {
		const char *p = x->s + x->i;

		to = (long)utf8_next(&p, x->s + x->len);
		fold_scan_copy(x, (size_t)(p - (x->s + x->i)));
	}
	if (to >= 0x80)
		fold_scan_fail(x, REGEX_E_RANGE, at);
	else if (to >= from)
		range_small(x, from, to, at);
}

static void class_quoted(struct fold_scan *x)
{
	fold_scan_copy(x, 2);
	while (!x->error && x->i < x->len && !(x->s[x->i] == '\\' && fold_scan_peek(x, 1) == 'E')) {
		size_t at = fold_scan_literal(x);

		if (utf8_count(x->fold.bytes, x->fold.len) != 1)
			fold_scan_fail(x, REGEX_E_MEMBER, at);
		fold_scan_put(x, x->fold.bytes, x->fold.len, at);
	}
	fold_scan_copy(x, 2);
}

void fold_scan_class(struct fold_scan *x)
{
	fold_scan_copy(x, 1);
	if (fold_scan_peek(x, 0) == '^')
		fold_scan_copy(x, 1);
	if (fold_scan_peek(x, 0) == ']')
		fold_scan_copy(x, 1);
	while (!x->error && x->i < x->len && x->s[x->i] != ']') {
		if (x->s[x->i] == '\\' && fold_scan_peek(x, 1) == 'Q')
			class_quoted(x);
		else if (x->s[x->i] == '\\' && fold_scan_peek(x, 1) == 'E')
			fold_scan_copy(x, 2);
		else if (!posix_class(x))
			member_or_range(x);
	}
	fold_scan_copy(x, 1);
}
