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

typedef uint8_t block __attribute__((vector_size(16)));

static block leads_of_two(block v)
{
	return (block)((v - 0xC2) < 0xE0 - 0xC2);
}

/* How many bytes of a block that begins with a character, and not the text, are whole characters of one or two bytes; 0: there are
 * others. One who writes accents has one in every block: branches on each would all be guesses. */
static size_t western(const char *s)
{
	block v, before, wrong;
	uint64_t any[2];

	memcpy(&v, s, sizeof(v));
	memcpy(&before, s - 1, sizeof(before));
	wrong = (block)((v & 0xC0) == 0x80) ^
		leads_of_two(before); /* what follows a lead, and nothing else, continues it */
	wrong |= (block)(v >= 0xE0) | (block)((v & 0xFE) == 0xC0);
	memcpy(any, &wrong, sizeof(any));
	if (any[0] | any[1])
		return 0;
	return sizeof(v) - ((uint8_t)s[sizeof(v) - 1] >= 0xC2);
}

bool utf8_valid(const char *s, size_t len)
{
	const char *const from = s, *const end = s + len;
	size_t n;

	while (s < end) {
		if (s > from && end - s >= (ptrdiff_t)sizeof(block) && (n = western(s)) > 0)
			;
		else if ((unsigned char)*s < 0x80)
			n = 1;
		else if (decode((const unsigned char *)s, (size_t)(end - s), &n) == DECODE_ERROR)
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
