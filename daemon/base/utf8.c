#include "base/utf8.h"

#include <endian.h>
#include <string.h>

#include "base/buf.h"

enum { REPLACEMENT = 0xFFFD, DECODE_ERROR = 0xFFFFFFFF };

/* Decodes one sequence; *ret_len is its length, or the length of the maximal subpart when it is ill-formed. */
static uint32_t decode(const unsigned char *s, size_t len, size_t *ret_len)
{
	uint32_t cp;
	unsigned lo = 0x80, hi = 0xBF;
	size_t need, i;

	*ret_len = 1;
	if (s[0] < 0x80)
		return s[0];
	if (s[0] >= 0xC2 && s[0] <= 0xDF) {
		need = 1;
		cp = s[0] & 0x1F;
	} else if ((s[0] & 0xF0) == 0xE0) {
		need = 2;
		cp = s[0] & 0x0F;
		lo = s[0] == 0xE0 ? 0xA0 : 0x80;
		hi = s[0] == 0xED ? 0x9F : 0xBF;
	} else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
		need = 3;
		cp = s[0] & 0x07;
		lo = s[0] == 0xF0 ? 0x90 : 0x80;
		hi = s[0] == 0xF4 ? 0x8F : 0xBF;
	} else {
		return DECODE_ERROR;
	}
	for (i = 1; i <= need; i++) {
		if (i >= len || s[i] < lo || s[i] > hi) {
			*ret_len = i;
			return DECODE_ERROR;
		}
		cp = cp << 6 | (s[i] & 0x3F);
		lo = 0x80;
		hi = 0xBF;
	}
	*ret_len = need + 1;
	return cp;
}

uint32_t utf8_next(const char **s, const char *end)
{
	size_t len;
	uint32_t cp = decode((const unsigned char *)*s, (size_t)(end - *s), &len);

	*s += len;
	return cp == DECODE_ERROR ? REPLACEMENT : cp;
}

const char *utf8_skip_ascii(const char *s, const char *end)
{
	while (end - s >= 8) {
		uint64_t eight;

		memcpy(&eight, s, sizeof(eight));
		eight = le64toh(eight) & UINT64_C(0x8080808080808080);
		if (eight)
			return s + __builtin_ctzll(eight) / 8;
		s += 8;
	}
	while (s < end && (unsigned char)*s < 0x80)
		s++;
	return s;
}

/* A character of two bytes: of Western text nearly all that are not ASCII. */
static bool two_bytes(const char *s, const char *end)
{
	return (unsigned char)(s[0] - 0xC2) < 0xE0 - 0xC2 && end - s >= 2 && ((unsigned char)s[1] & 0xC0) == 0x80;
}

bool utf8_valid(const char *s, size_t len)
{
	const char *end = s + len;
	size_t n;

	while ((s = utf8_skip_ascii(s, end)) < end) {
		if (two_bytes(s, end)) {
			s += 2;
			continue;
		}
		if (decode((const unsigned char *)s, (size_t)(end - s), &n) == DECODE_ERROR)
			return false;
		s += n;
	}
	return true;
}

bool utf8_valid_text(const char *s, size_t len)
{
	return !memchr(s, '\0', len) && utf8_valid(s, len);
}

size_t utf8_count(const char *s, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xC0) != 0x80;
	return n;
}

size_t utf8_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max && ((unsigned char)s[max] & 0xC0) == 0x80)
		max--;
	return max;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if ((cp >= 0xD800 && cp <= 0xDFFF) || cp > 0x10FFFF)
		cp = REPLACEMENT;
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

void utf8_put(struct buf *b, uint32_t cp)
{
	char out[4];

	buf_put(b, out, utf8_encode(cp, out));
}

void utf8_scrub(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len, *run = s;

	while (s < end) {
		size_t n;
		uint32_t cp = decode((const unsigned char *)s, (size_t)(end - s), &n);
		bool bad = cp == DECODE_ERROR;

		if (bad || (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r')) {
			buf_put(b, run, (size_t)(s - run));
			if (bad)
				utf8_put(b, REPLACEMENT);
			run = s + n;
		}
		s += n;
	}
	buf_put(b, run, (size_t)(end - run));
}
