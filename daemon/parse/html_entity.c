/* Character references (WHATWG HTML §13.2.5.72 ff.); the half of parse/html that needs no tags. */
#include "parse/html.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "parse/html_entities.h" /* made at build time: entities[], sorted by name */

enum { BARE_NAME_MAX = 6 }; /* "Aacute" and its like: the longest that need no semicolon */

static const struct entity *find_entity(const char *name, size_t len)
{
	size_t lo = 0, hi = ARRAY_LEN(entities);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = strncmp(entities[mid].name, name, len);

		if (order == 0 && entities[mid].name[len] == '\0')
			return &entities[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid; /* a longer name with this beginning, too, stands behind it */
	}
	return NULL;
}

/* What a number means: windows-1252 where C1 was meant, U+FFFD where nothing can be. */
static uint32_t numbered(uint32_t cp)
{
	static const uint16_t c1[32] = {
		0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
		0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
		0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
	};

	if (cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0xFFFD;
	return cp >= 0x80 && cp < 0xA0 ? c1[cp - 0x80] : cp;
}

static int digit(char c, int base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "&#233;", "&#xE9"; s[1] is '#'. */
static size_t number(const char *s, size_t len, uint32_t ret_cp[2])
{
	int base = len > 2 && (s[2] | 0x20) == 'x' ? 16 : 10;
	size_t from = base == 16 ? 3 : 2, i;
	uint32_t cp = 0;

	for (i = from; i < len && digit(s[i], base) >= 0; i++)
		if (cp <= 0x10FFFF)
			cp = cp * (uint32_t)base + (uint32_t)digit(s[i], base);
	if (i == from)
		return 0;
	ret_cp[0] = numbered(cp);
	return i + (i < len && s[i] == ';');
}

static bool is_alnum(char c)
{
	return digit(c, 10) >= 0 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

size_t html_entity(const char *s, size_t len, uint32_t ret_cp[2], size_t *ret_n)
{
	const struct entity *e = NULL;
	size_t n = 0;

	if (len < 3 || s[0] != '&')
		return 0;
	if (s[1] == '#') {
		*ret_n = 1;
		return number(s, len, ret_cp);
	}
	while (n < HTML_ENTITY_NAME_MAX && 1 + n < len && is_alnum(s[1 + n]))
		n++;
	if (n && 1 + n < len && s[1 + n] == ';')
		e = find_entity(s + 1, n);
	if (e) {
		n += 2;
	} else { /* without the semicolon: the longest name that begins here */
		for (n = n < BARE_NAME_MAX ? n : BARE_NAME_MAX; n >= 2; n--) {
			e = find_entity(s + 1, n);
			if (e && e->bare)
				break;
		}
		if (n < 2)
			return 0;
		n += 1;
	}
	ret_cp[0] = e->cp[0];
	ret_cp[1] = e->cp[1];
	*ret_n = e->cp[1] ? 2 : 1;
	return n;
}

void html_unescape(const char *s, size_t len, struct buf *out)
{
	const char *end = s + len;

	while (s < end && !out->full) {
		const char *amp = memchr(s, '&', (size_t)(end - s));
		uint32_t cp[2];
		size_t n, used, i;

		if (!amp)
			amp = end;
		utf8_scrub(out, s, (size_t)(amp - s));
		s = amp;
		if (s == end)
			return;
		used = html_entity(s, (size_t)(end - s), cp, &n);
		if (used == 0) {
			buf_putc(out, '&');
			s++;
			continue;
		}
		for (i = 0; i < n; i++)
			if (cp[i] >= 0x20 || cp[i] == '\t' || cp[i] == '\n' || cp[i] == '\r')
				utf8_put(out, cp[i]);
		s += used;
	}
}
