#include "enrich/emoticon.h"

#include <string.h>

enum { ROW_MIN = 2 };

static bool one_of(const char *set, char c)
{
	return c && strchr(set, c);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Of a word: a letter or a digit, of any script. */
static bool of_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static const char *run_end(const char *s, const char *end)
{
	char first = *s;

	while (s < end && *s == first)
		s++;
	return s;
}

static bool take(struct emoticon *ret, const char *to, const char *form, size_t len)
{
	ret->end = to;
	ret->len = len;
	memcpy(ret->form, form, len);
	return true;
}

/* ":)", ":-)", ":')" ":dd"; eyes and mouth are its form, and a tear, which says something else. */
static bool face(char before, const char *s, const char *end, const char *noses, struct emoticon *ret)
{
	const char *mouth = s + 1, *to;
	bool tear = false;

	if (*noses) {
		if (mouth == end || !one_of(noses, *mouth))
			return false;
		tear = *mouth++ == '\'';
	}
	if (mouth == end || !one_of(")(][}{dpos/\\|*3x$@cv", *mouth) || (is_digit(*mouth) && is_digit(before)))
		return false;
	to = run_end(mouth, end);
	if (to < end && of_word(*to))
		return false;
	return tear ? take(ret, to, (char[]){*s, '\'', *mouth}, 3) : take(ret, to, (char[]){*s, *mouth}, 2);
}

static bool mirrored(const char *s, const char *end, struct emoticon *ret)
{
	if (end - s < 2 || !one_of(":;=", s[1]) || (end - s > 2 && s[2] != ' ' && s[2] != '\n'))
		return false;
	return take(ret, s + 2, (char[]){s[1], *s == '(' ? ')' : '('}, 2);
}

static bool heart(const char *s, const char *end, struct emoticon *ret)
{
	const char *three = s + 1 + (end - s > 1 && s[1] == '/'), *to;

	if (*s != '<' || three >= end || *three != '3')
		return false;
	to = run_end(three, end);
	return (to == end || !of_word(*to)) && take(ret, to, s, (size_t)(three + 1 - s));
}

/* Two to four signs before a blank or the end. */
static bool row(const char *s, const char *end, struct emoticon *ret)
{
	const char *to = s;

	if (!one_of(":;=<>^", *s) && (end - s < 2 || memcmp(s, "-_", 2) != 0))
		return false;
	while (to < end && to - s <= EMOTICON_MAX && *to > ' ' && *to < 0x7F)
		to++;
	return to - s >= ROW_MIN && to - s <= EMOTICON_MAX && take(ret, to, s, (size_t)(to - s));
}

bool emoticon_at(char before, const char *s, const char *end, struct emoticon *ret)
{
	if (one_of(":;=", *s) && (face(before, s, end, "", ret) || face(before, s, end, "-'^o", ret)))
		return true;
	if ((*s == '(' || *s == ')') && before == ' ')
		return mirrored(s, end, ret);
	return heart(s, end, ret) || row(s, end, ret);
}
