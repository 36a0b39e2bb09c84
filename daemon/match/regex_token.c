#include "match/regex_token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

struct scan {
	const char *s;
	size_t len, i;
};

static int peek(const struct scan *x, size_t ahead)
{
	return x->i + ahead < x->len ? (unsigned char)x->s[x->i + ahead] : -1;
}

/* Up to the byte c and with it, or to the end. */
static void skip_through(struct scan *x, char c)
{
	const char *found = x->i < x->len ? memchr(x->s + x->i, c, x->len - x->i) : NULL;

	x->i = found ? (size_t)(found - x->s) + 1 : x->len;
}

static uint32_t number(struct scan *x)
{
	uint32_t n = 0;

	for (; isdigit(peek(x, 0)); x->i++)
		n = n < 100000 ? n * 10 + (uint32_t)(x->s[x->i] - '0') : n;
	return n;
}

static void literal(struct scan *x, struct rx_token *t)
{
	const char *s = x->s + x->i;

	t->kind = RX_LITERAL;
	t->c = utf8_next(&s, x->s + x->len);
	x->i = (size_t)(s - x->s);
}

/* \x41, \x{1F600}: behind the x. */
static void code(struct scan *x, struct rx_token *t)
{
	char digits[9] = "";
	size_t n = 0;

	t->kind = RX_LITERAL;
	if (peek(x, 0) == '{') {
		x->i++;
		while (isxdigit(peek(x, 0)) && n < sizeof(digits) - 1)
			digits[n++] = x->s[x->i++];
		skip_through(x, '}');
	} else {
		while (isxdigit(peek(x, 0)) && n < 2)
			digits[n++] = x->s[x->i++];
	}
	t->c = (uint32_t)strtoul(digits, NULL, 16);
}

/* Behind the backslash. */
static void escape(struct scan *x, struct rx_token *t)
{
	int c = peek(x, 0);

	t->kind = RX_OTHER;
	if (c < 0)
		return;
	if (c >= 0x80 || ispunct(c) || c == ' ') {
		literal(x, t);
		return;
	}
	x->i++;
	if (c == 'x') {
		code(x, t);
	} else if (strchr("wWdDsShHvVRN", c)) {
		t->kind = RX_SET;
		t->c = (uint32_t)c;
	} else if (strchr("ntrfe", c)) {
		t->kind = RX_LITERAL;
		t->c = c == 'e' ? 0x1B : c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : '\f';
	} else if (c == 'b') {
		t->kind = RX_BOUND;
	} else if (c == 'A') {
		t->kind = RX_CARET;
	} else if (c == 'z' || c == 'Z') {
		t->kind = RX_DOLLAR;
	} else if ((c == 'p' || c == 'P' || c == 'k' || c == 'g') && (peek(x, 0) == '{' || peek(x, 0) == '<')) {
		skip_through(x, peek(x, 0) == '{' ? '}' : '>');
	} else if (c == 'p' || c == 'P') {
		x->i += x->i < x->len;
	}
}

/* Behind the [: members, of which a ] that comes first is one; [:alpha:] has brackets of its own. */
static void bracket(struct scan *x)
{
	if (peek(x, 0) == '^')
		x->i++;
	if (peek(x, 0) == ']')
		x->i++;
	while (x->i < x->len && x->s[x->i] != ']') {
		if (peek(x, 0) == '\\' && x->i + 1 < x->len) {
			x->i += 2;
		} else if (peek(x, 0) == '[' && peek(x, 1) == ':') {
			x->i += 2;
			skip_through(x, ']');
		} else {
			x->i++;
		}
	}
	x->i += x->i < x->len;
}

/* Behind the (. */
static void open_group(struct scan *x, struct rx_token *t)
{
	t->kind = RX_OPEN;
	t->c = ':';
	if (peek(x, 0) == '*') {
		t->kind = RX_OTHER;
		skip_through(x, ')');
		return;
	}
	if (peek(x, 0) != '?')
		return;
	x->i++;
	if (peek(x, 0) == '#' || peek(x, 0) == '^' || peek(x, 0) == '-' || isalpha(peek(x, 0))) {
		size_t n = 0;

		if (peek(x, 0) == '#' || peek(x, 0) == 'P' || peek(x, 0) == 'R' || peek(x, 0) == 'C') {
			t->kind = peek(x, 0) == '#' ? RX_OPTION : RX_OTHER;
			skip_through(x, peek(x, 0) == 'P' && peek(x, 1) == '<' ? '>' : ')');
			t->kind = x->s[x->i - 1] == '>' ? RX_OPEN : t->kind;
			return;
		}
		while (isalpha(peek(x, n)) || peek(x, n) == '-' || peek(x, n) == '^')
			n++;
		x->i += n;
		if (peek(x, 0) == ')')
			t->kind = RX_OPTION;
		x->i += x->i < x->len; /* ) or : */
		return;
	}
	if (peek(x, 0) == '=' || peek(x, 0) == '!' || (peek(x, 0) == '<' && (peek(x, 1) == '=' || peek(x, 1) == '!'))) {
		t->c = 'l';
		x->i += peek(x, 0) == '<' ? 2 : 1;
		return;
	}
	if (peek(x, 0) == ':' || peek(x, 0) == '|' || peek(x, 0) == '>') {
		x->i++;
		return;
	}
	if (peek(x, 0) == '<' || peek(x, 0) == '\'') {
		char end = peek(x, 0) == '<' ? '>' : '\'';

		x->i++;
		skip_through(x, end);
		return;
	}
	t->c = 0;
	if (isdigit(peek(x, 0)) || peek(x, 0) == '&' || peek(x, 0) == '+') {
		t->kind = RX_OTHER; /* a group called by its number */
		skip_through(x, ')');
	}
}

/* {2}, {2,}, {2,5}; any other { is a letter like others. */
static bool counted(struct scan *x, struct rx_token *t)
{
	struct scan y = *x;

	y.i++;
	if (!isdigit(peek(&y, 0)))
		return false;
	t->min = t->max = number(&y);
	if (peek(&y, 0) == ',') {
		y.i++;
		t->max = isdigit(peek(&y, 0)) ? number(&y) : RX_NO_MAX;
	}
	if (peek(&y, 0) != '}')
		return false;
	x->i = y.i + 1;
	return true;
}

static void quantifier(struct scan *x, struct rx_token *t, char c)
{
	t->kind = RX_QUANT;
	if (c != '{') {
		t->min = c == '+';
		t->max = c == '?' ? 1 : RX_NO_MAX;
		x->i++;
	}
	if (peek(x, 0) == '?' || peek(x, 0) == '+')
		t->c = (uint32_t)x->s[x->i++];
}

static void token(struct scan *x, struct rx_token *t)
{
	char c = x->s[x->i];

	switch (c) {
	case '\\':
		x->i++;
		escape(x, t);
		return;
	case '[':
		x->i++;
		bracket(x);
		t->kind = RX_CLASS;
		return;
	case '(':
		x->i++;
		open_group(x, t);
		return;
	case '{':
		if (!counted(x, t)) {
			literal(x, t);
			return;
		}
		/* fallthrough */
	case '*':
	case '+':
	case '?':
		quantifier(x, t, c);
		return;
	case '.':
	case '^':
	case '$':
	case '|':
	case ')':
		x->i++;
		t->kind = c == '.' ? RX_DOT : c == '^' ? RX_CARET : c == '$' ? RX_DOLLAR : c == '|' ? RX_ALT : RX_CLOSE;
		return;
	default:
		literal(x, t);
	}
}

struct rx_token *regex_tokens(const char *regex, size_t len, size_t *ret_n)
{
	struct scan x = {regex, len, 0};
	struct rx_token *v = xcalloc(len + 1, sizeof(*v));
	size_t n = 0;

	while (x.i < len) {
		struct rx_token *t = &v[n++];

		t->at = x.i;
		if (len - x.i >= 2 && !memcmp(regex + x.i, "\\Q", 2)) { /* letters up to \E: of no use here */
			const char *end = memmem(regex + x.i, len - x.i, "\\E", 2);

			t->kind = RX_OTHER;
			x.i = end ? (size_t)(end - regex) + 2 : len;
		} else {
			token(&x, t);
		}
		t->len = x.i - t->at;
	}
	v[n] = (struct rx_token){.kind = RX_END, .at = len};
	*ret_n = n + 1;
	return v;
}
