#include "parse/json_scan.h"

#include <string.h>

#include "base/buf.h"
#include "parse/json_names.h"

struct scan {
	const char *p, *end;
	const char *copied; /* what stands before it is in out, or was left out */
	const struct json_names *names;
	struct buf *out;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && is_space(*s->p))
		s->p++;
}

static void copy_up_to(struct scan *s, const char *to)
{
	buf_put(s->out, s->copied, (size_t)(to - s->copied));
	s->copied = to;
}

/* p is at its first quote; then behind its last. */
static int skip_text(struct scan *s)
{
	const char *quote = s->p, *back;

	for (;;) {
		quote = memchr(quote + 1, '"', (size_t)(s->end - quote - 1));
		if (!quote)
			return JSON_SCAN_E_BROKEN;
		for (back = quote; back[-1] == '\\'; back--) /* stops at the first quote, if not before */
			;
		if ((quote - back) % 2 == 0)
			break;
	}
	s->p = quote + 1;
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code unit of \uXXXX; 0: there is none. */
static unsigned unit_at(const char *s, const char *end)
{
	unsigned unit = 0;
	int i;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return 0;
	for (i = 2; i < 6; i++) {
		char c = s[i];
		unsigned digit = is_digit(c)            ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
							: 16;

		if (digit == 16)
			return 0;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* A text that stays: surrogates without their other half are mended. */
static int text(struct scan *s)
{
	const char *at = s->p, *end;
	int r = skip_text(s);

	if (r)
		return r;
	end = s->p;
	while ((at = memchr(at, '\\', (size_t)(end - at)))) {
		unsigned unit = unit_at(at, end);

		if (unit >= 0xD800 && unit < 0xDC00 && unit_at(at + 6, end) >= 0xDC00 &&
		    unit_at(at + 6, end) < 0xE000) {
			at += 12;
		} else if (unit >= 0xD800 && unit < 0xE000) {
			copy_up_to(s, at);
			buf_puts(s->out, "\\ufffd");
			at += 6;
			s->copied = at;
		} else {
			at += 2;
		}
	}
	return 0;
}

/* true, false, null, and what else jv_parse() will judge. */
static int skip_word(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && ((*s->p >= 'a' && *s->p <= 'z') || (*s->p >= 'A' && *s->p <= 'Z') || is_digit(*s->p) ||
				 *s->p == '+' || *s->p == '-' || *s->p == '.'))
		s->p++;
	return s->p == from ? JSON_SCAN_E_BROKEN : 0;
}

/* A number; one that no double can hold becomes a text. */
static int number(struct scan *s)
{
	static const char most[] = "9007199254740992"; /* 2^53 */
	const char *from = s->p, *digits = from + (*from == '-');
	size_t n;

	for (s->p = digits; s->p < s->end && is_digit(*s->p); s->p++)
		;
	n = (size_t)(s->p - digits);
	if (n == 0 || (s->p < s->end && (*s->p == '.' || *s->p == 'e' || *s->p == 'E')))
		return skip_word(s); /* a fraction, an exponent: nothing to be exact about */
	if (n < sizeof(most) - 1 || (n == sizeof(most) - 1 && memcmp(digits, most, n) <= 0))
		return 0;
	copy_up_to(s, from);
	buf_putc(s->out, '"');
	copy_up_to(s, s->p);
	buf_putc(s->out, '"');
	return 0;
}

/* A value that is left out: brackets are counted, and need not match. */
static int skip_value(struct scan *s)
{
	size_t depth = 0;
	int r;

	do {
		skip_space(s);
		if (s->p == s->end)
			return JSON_SCAN_E_BROKEN;
		switch (*s->p) {
		case '{':
		case '[':
			depth++;
			s->p++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return JSON_SCAN_E_BROKEN;
			depth--;
			s->p++;
			break;
		case ',':
		case ':':
			if (depth == 0)
				return JSON_SCAN_E_BROKEN;
			s->p++;
			break;
		default:
			r = *s->p == '"' ? skip_text(s) : skip_word(s);
			if (r)
				return r;
		}
	} while (depth > 0);
	return 0;
}

static int value(struct scan *s, unsigned depth);

/* Behind a value: is there another? 0; JSON_SCAN_E_END: the closing sign stood there. */
static int comma(struct scan *s, char closing)
{
	skip_space(s);
	if (s->p == s->end || (*s->p != ',' && *s->p != closing))
		return JSON_SCAN_E_BROKEN;
	return *s->p++ == ',' ? 0 : JSON_SCAN_E_END;
}

static int array(struct scan *s, unsigned depth)
{
	int r;

	s->p++;
	skip_space(s);
	if (s->p < s->end && *s->p == ']') {
		s->p++;
		return 0;
	}
	do {
		r = value(s, depth + 1);
		if (r == 0)
			r = comma(s, ']');
	} while (r == 0);
	return r == JSON_SCAN_E_END ? 0 : r;
}

/* p is behind a member that is left out, which began at copied: so is the comma that would be one too many. */
static int close_gap(struct scan *s)
{
	int r = comma(s, '}');

	if (r == 0) {
		skip_space(s);
		s->copied = s->p;
	} else if (r == JSON_SCAN_E_END) {
		struct buf *out = s->out;

		while (out->len && is_space(out->data[out->len - 1]))
			out->len--;
		if (out->len && out->data[out->len - 1] == ',')
			out->len--;
		s->copied = s->p - 1; /* its } */
	}
	return r;
}

static int member(struct scan *s, unsigned depth)
{
	const char *from = s->p, *name = from + 1;
	bool wanted;
	size_t len;
	int r;

	if (s->p == s->end || *s->p != '"' || skip_text(s))
		return JSON_SCAN_E_BROKEN;
	len = (size_t)(s->p - 1 - name);
	wanted = !s->names || json_names_have(s->names, name, len) || memchr(name, '\\', len);
	skip_space(s);
	if (s->p == s->end || *s->p++ != ':')
		return JSON_SCAN_E_BROKEN;
	if (!wanted) {
		copy_up_to(s, from);
		r = skip_value(s);
		return r ? r : close_gap(s);
	}
	r = value(s, depth + 1);
	if (r)
		return r;
	r = comma(s, '}');
	if (r == 0)
		skip_space(s);
	return r;
}

static int object(struct scan *s, unsigned depth)
{
	int r;

	s->p++;
	skip_space(s);
	if (s->p < s->end && *s->p == '}') {
		s->p++;
		return 0;
	}
	do
		r = member(s, depth);
	while (r == 0);
	return r == JSON_SCAN_E_END ? 0 : r;
}

static int value(struct scan *s, unsigned depth)
{
	if (depth > JSON_DEPTH_MAX)
		return JSON_SCAN_E_DEEP;
	skip_space(s);
	if (s->p == s->end)
		return JSON_SCAN_E_BROKEN;
	switch (*s->p) {
	case '{':
		return object(s, depth);
	case '[':
		return array(s, depth);
	case '"':
		return text(s);
	case '-':
	case '0' ... '9':
		return number(s);
	default:
		return skip_word(s);
	}
}

int json_scan(const char **at, const char *end, const struct json_names *names, struct buf *out)
{
	struct scan s = {.p = *at, .end = end, .names = names, .out = out};
	const char *line;
	int r;

	skip_space(&s);
	if (s.p == end)
		return JSON_SCAN_E_END;
	s.copied = *at = s.p;
	r = value(&s, 0);
	if (r == 0)
		copy_up_to(&s, s.p);
	if (r == 0 && !out->full) {
		*at = s.p;
		return 0;
	}
	line = memchr(*at, '\n', (size_t)(end - *at));
	*at = line ? line + 1 : end;
	return r ? r : JSON_SCAN_E_FULL;
}
