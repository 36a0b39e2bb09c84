#include "parse/charset.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "parse/charset_names.h"

enum {
	STEP_BYTES = 64 * 1024, /* of output that iconv is given at once */
	SHAPE_BYTES = 512,      /* are looked at for the zeros of UTF-16 */
	FEW_ERRORS = 10, /* one impossible sequence in so many bytes that aren't ASCII is an accident, more a lie */
};

/* The process's descriptors, parallel to charsets; (iconv_t)-1 where this libc has none. */
static iconv_t descriptors[CHARSETS_MAX];
static bool opened;

struct bytes {
	const char *s;
	size_t len;
};

void charset_open_all(void)
{
	size_t i;

	if (opened)
		return;
	for (i = 0; i < n_charsets; i++)
		descriptors[i] = charsets[i].iconv ? iconv_open("UTF-8", charsets[i].iconv) : (iconv_t)-1;
	opened = true;
}

void charset_close_all(void)
{
	size_t i;

	for (i = 0; opened && i < n_charsets; i++)
		if (descriptors[i] != (iconv_t)-1)
			iconv_close(descriptors[i]);
	opened = false;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The value behind `word=` in s, quoted or up to a delimiter; empty: there is none. */
static struct bytes attribute(struct bytes s, const char *word)
{
	size_t n = strlen(word), i, from, to;
	struct bytes none = {"", 0};

	for (i = 0; i + n < s.len; i++) {
		if (strncasecmp(s.s + i, word, n) != 0 || (i && isalnum((unsigned char)s.s[i - 1])))
			continue;
		from = i + n;
		while (from < s.len && is_space(s.s[from]))
			from++;
		if (from == s.len || s.s[from] != '=')
			continue;
		from++;
		while (from < s.len && is_space(s.s[from]))
			from++;
		if (from < s.len && (s.s[from] == '"' || s.s[from] == '\'')) {
			const char *close = memchr(s.s + from + 1, s.s[from], s.len - from - 1);

			return close ? (struct bytes){s.s + from + 1, (size_t)(close - s.s) - from - 1} : none;
		}
		for (to = from; to < s.len && !is_space(s.s[to]) && !strchr(";,?>", s.s[to]);)
			to++;
		return (struct bytes){s.s + from, to - from};
	}
	return none;
}

static const struct charset *find_in(struct bytes s, const char *word)
{
	struct bytes name = attribute(s, word);

	return charset_find(name.s, name.len);
}

/* The XML declaration among the first bytes; text before it was met in real feeds. */
static struct bytes xml_declaration(struct bytes text)
{
	size_t head = text.len < CHARSET_HEAD_BYTES ? text.len : CHARSET_HEAD_BYTES;
	const char *from = memmem(text.s, head, "<?xml", 5), *to;

	if (!from || (size_t)(from + 5 - text.s) >= head || !is_space(from[5]))
		return (struct bytes){"", 0};
	to = memchr(from, '>', head - (size_t)(from - text.s));
	return to ? (struct bytes){from, (size_t)(to - from)} : (struct bytes){"", 0};
}

/* ---- shapes ---- */

static const struct charset *byte_order_mark(struct bytes in, size_t *ret_len)
{
	static const struct {
		const char *mark;
		size_t len;
		int charset;
	} marks[] = {
		{"\xEF\xBB\xBF", 3, CHARSET_ROW_UTF8},        {"\x00\x00\xFE\xFF", 4, CHARSET_ROW_UTF32BE},
		{"\xFF\xFE\x00\x00", 4, CHARSET_ROW_UTF32LE}, {"\xFE\xFF", 2, CHARSET_ROW_UTF16BE},
		{"\xFF\xFE", 2, CHARSET_ROW_UTF16LE},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(marks); i++)
		if (in.len >= marks[i].len && memcmp(in.s, marks[i].mark, marks[i].len) == 0) {
			*ret_len = marks[i].len;
			return &charsets[marks[i].charset];
		}
	*ret_len = 0;
	return NULL;
}

/* UTF-16 and UTF-32 without a mark show where the zeros of their ASCII stand. NULL: it is neither. */
static const struct charset *wide_shape(struct bytes in)
{
	size_t zeros[4] = {0}, n = in.len < SHAPE_BYTES ? in.len & ~(size_t)3 : SHAPE_BYTES, i;

	if (in.len >= 2 && n < 4) { /* two to three bytes: one character of UTF-16, perhaps */
		if (in.s[0] && !in.s[1])
			return &charsets[CHARSET_ROW_UTF16LE];
		return !in.s[0] && in.s[1] ? &charsets[CHARSET_ROW_UTF16BE] : NULL;
	}
	for (i = 0; i < n; i++)
		zeros[i % 4] += in.s[i] == '\0';
	n /= 4;
	if (n == 0)
		return NULL;
	if (zeros[0] == n && zeros[1] == n && zeros[3] < n / 4 + 1)
		return &charsets[CHARSET_ROW_UTF32BE];
	if (zeros[2] == n && zeros[3] == n && zeros[0] < n / 4 + 1)
		return &charsets[CHARSET_ROW_UTF32LE];
	/* markup makes a third of the zeros even in Chinese; a stray NUL in other text makes few */
	if (zeros[1] + zeros[3] > n / 2 && zeros[0] + zeros[2] < (zeros[1] + zeros[3]) / 4 + 1)
		return &charsets[CHARSET_ROW_UTF16LE];
	if (zeros[0] + zeros[2] > n / 2 && zeros[1] + zeros[3] < (zeros[0] + zeros[2]) / 4 + 1)
		return &charsets[CHARSET_ROW_UTF16BE];
	return NULL;
}

static size_t count_high(struct bytes in)
{
	size_t n = 0, i;

	for (i = 0; i < in.len; i++)
		n += (unsigned char)in.s[i] >> 7;
	return n;
}

/* ---- reading ---- */

typedef uint8_t block __attribute__((vector_size(16)));

/* May one of the block be a C0 control that vanishes, or 0xEF? */
static bool may_vanish(const char *s)
{
	block v, vanish;
	uint64_t any[2];

	memcpy(&v, s, sizeof(v));
	vanish = (block)(v < 0x20) & (block)(v != '\t') & (block)(v != '\n') & (block)(v != '\r');
	vanish |= (block)(v == 0xEF);
	memcpy(any, &vanish, sizeof(any));
	return any[0] | any[1];
}

/* How many bytes vanish at s: a control character, U+FFFE, U+FFFF. */
static size_t vanishes(const char *s, const char *end)
{
	unsigned char c = (unsigned char)*s;

	if (c < 0x20)
		return c != '\t' && c != '\n' && c != '\r';
	return c == 0xEF && end - s > 2 && (unsigned char)s[1] == 0xBF && (unsigned char)s[2] >= 0xBE ? 3 : 0;
}

/* How many bytes from s on stay as they are. */
static size_t stays(const char *s, const char *end)
{
	const char *from = s;

	while (s < end) {
		if (end - s >= (ptrdiff_t)sizeof(block) && !may_vanish(s))
			s += sizeof(block);
		else if (vanishes(s, end))
			break;
		else
			s++;
	}
	return (size_t)(s - from);
}

/* Drops what no text and no XML may hold from out->data[from…]: NUL, the C0 controls but tab, LF and CR, U+FFFE, U+FFFF. */
static void clean(struct buf *out, size_t from)
{
	char *s = out->data + from, *to = s;
	const char *end = out->data + out->len;

	if (!out->data)
		return;
	while (s < end) {
		size_t n = stays(s, end), gone = n ? 0 : vanishes(s, end);

		if (n && to != s)
			memmove(to, s, n);
		to += n;
		s += n + gone;
	}
	out->len = (size_t)(to - out->data);
	*to = '\0';
}

static size_t room(const struct buf *out, size_t in_left)
{
	size_t want = in_left < STEP_BYTES / 4 ? in_left * 4 + 16 : STEP_BYTES, have = out->max - out->len;

	return want < have ? want : have;
}

/* Through iconv, errors as U+FFFD. Returns their number; out->full says that it did not fit. */
static size_t convert(const struct charset *cs, struct bytes in, struct buf *out)
{
	iconv_t cd = descriptors[cs - charsets];
	char *from = (char *)(uintptr_t)in.s; /* iconv's prototype; it doesn't write */
	size_t left = in.len, errors = 0;

	iconv(cd, NULL, NULL, NULL, NULL);
	while (left && !out->full) {
		size_t space = room(out, left), before = space, r;
		char *to = buf_reserve(out, space);

		if (!to)
			return errors;
		r = iconv(cd, &from, &left, &to, &space);
		buf_commit(out, before - space);
		if (r != (size_t)-1)
			continue;
		if (errno == E2BIG) {
			if (before == space) /* not one character fits any more */
				out->full = true;
			continue;
		}
		errors++;
		utf8_put(out, 0xFFFD);
		from += cs->unit < left && errno == EILSEQ ? cs->unit : left; /* EINVAL: the end is torn off */
		left = in.len - (size_t)(from - in.s);
	}
	return errors;
}

/* What windows-1252 makes of one byte; 0: nothing. */
static uint32_t windows_1252(unsigned char c)
{
	static const uint16_t high[32] = {
		0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
		0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
		0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
	};

	return c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c;
}

/* A lone byte among UTF-8: a letter, a quotation mark or ¡¿«» that someone pasted in windows-1252 ("Espa\xF1a"), or the rest
 * of a character that was cut. 0xC2, 0xC3 and 0xE2 begin most of what Western text holds, so they count as cut. */
static uint32_t stray(const char *at, size_t n, const char *from)
{
	unsigned char c = (unsigned char)*at;
	bool behind_ascii = at == from || (unsigned char)at[-1] < 0x80;

	if (n != 1 || c == 0xC2 || c == 0xC3 || c == 0xE2)
		return 0xFFFD;
	if (c >= 0xC0)
		return c;
	if (behind_ascii && (c == 0x85 || (c >= 0x91 && c <= 0x97) || c == 0xA1 || c == 0xAA || c == 0xAB ||
			     c == 0xBA || c == 0xBB || c == 0xBF))
		return windows_1252(c);
	return 0xFFFD;
}

/* UTF-8 that has a few bytes of something else in it. */
static void mend_utf8(struct bytes in, struct buf *out)
{
	const char *s = in.s, *end = in.s + in.len, *run = s;

	while (s < end && !out->full) {
		const char *at = s;

		if ((unsigned char)*s < 0x80) {
			s++;
			continue;
		}
		if (utf8_next(&s, end) != 0xFFFD || ((size_t)(s - at) == 3 && memcmp(at, "\xEF\xBF\xBD", 3) == 0))
			continue;
		buf_put(out, run, (size_t)(at - run));
		utf8_put(out, stray(at, (size_t)(s - at), in.s));
		run = s;
	}
	buf_put(out, run, (size_t)(end - run));
}

/* Is it UTF-8 with a few mistakes, rather than something else? Other encodings hold hardly a sequence that is well-formed by
 * chance, so one in five of those that aren't ASCII is enough. */
static bool mostly_utf8(struct bytes in)
{
	const char *s = in.s, *end = in.s + in.len;
	size_t good = 0, bad = 0;

	while (s < end) {
		const char *at = s;

		if ((unsigned char)*s < 0x80) {
			s++;
			continue;
		}
		if (utf8_next(&s, end) == 0xFFFD && !((size_t)(s - at) == 3 && memcmp(at, "\xEF\xBF\xBD", 3) == 0))
			bad++;
		else
			good++;
	}
	return good * 4 >= bad;
}

static bool try_utf8(struct bytes in, struct buf *out)
{
	if (utf8_valid(in.s, in.len))
		buf_put(out, in.s, in.len);
	else if (mostly_utf8(in))
		mend_utf8(in, out);
	else
		return false;
	return true;
}

/* Reads in as cs and says whether the bytes agree; where they don't, out is as before. */
static bool try_charset(const struct charset *cs, struct bytes in, struct buf *out, const struct charset **ret)
{
	size_t mark = out->len, high, errors;

	if (cs->kind == CHARSET_UTF8) {
		*ret = cs;
		return try_utf8(in, out);
	}
	if (cs->kind == CHARSET_WIDE_UNSURE)
		cs = wide_shape(in);
	if (!cs || descriptors[cs - charsets] == (iconv_t)-1)
		return false;
	high = count_high(in);
	if (cs->kind == CHARSET_WIDE && !memchr(in.s, '\0', in.len) && utf8_valid(in.s, in.len))
		return false;
	if (cs->kind == CHARSET_BYTE && high && utf8_valid(in.s, in.len))
		return false; /* no text in one of these is well-formed UTF-8 by chance */
	errors = convert(cs, in, out);
	if (cs->kind != CHARSET_BYTE && errors > 1 + high / FEW_ERRORS) {
		out->len = mark;
		return false;
	}
	*ret = cs;
	return true;
}

/* The first of the words that fits, else UTF-8, else windows-1252, which fits everything. */
static int read_as(const struct charset *const words[], size_t n, struct bytes in, struct buf *out,
		   const struct charset **ret)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!words[i])
			continue;
		if (words[i]->kind == CHARSET_REFUSED)
			return CHARSET_E_REFUSED;
		if (try_charset(words[i], in, out, ret))
			return 0;
	}
	if (try_charset(&charsets[CHARSET_ROW_UTF8], in, out, ret))
		return 0;
	*ret = &charsets[CHARSET_ROW_WINDOWS_1252];
	convert(*ret, in, out);
	return 0;
}

/* Blanks encoding="…" of the declaration in out->data[from…]: what it says is no longer so. */
static void blank_encoding(struct buf *out, size_t from)
{
	struct bytes text = {buf_str(out) + from, out->len - from}, value;
	struct bytes declaration = xml_declaration(text);
	char *at;
	size_t end;

	value = attribute(declaration, "encoding");
	if (value.len == 0)
		return;
	end = (size_t)(value.s - out->data) + value.len;
	if (out->data[end] == '"' || out->data[end] == '\'')
		end++;
	at = out->data + (declaration.s - out->data);
	while (strncasecmp(at, "encoding", 8) != 0)
		at++;
	memset(at, ' ', end - (size_t)(at - out->data));
}

static int finish(int r, struct buf *out, size_t mark, const struct charset *cs, const char **ret_name)
{
	if (r == 0 && out->full)
		r = CHARSET_E_SIZE;
	if (r) {
		out->len = mark;
		if (out->data)
			out->data[mark] = '\0';
		return r;
	}
	clean(out, mark);
	if (ret_name)
		*ret_name = cs->name;
	return 0;
}

int charset_to_utf8(const char *bytes, size_t len, const char *content_type, struct buf *out, const char **ret_name)
{
	struct bytes in = {bytes, len}, header = {content_type, content_type ? strlen(content_type) : 0};
	const struct charset *words[3], *used = NULL;
	size_t mark_len, mark = out->len;
	int r;

	charset_open_all();
	words[0] = byte_order_mark(in, &mark_len);
	in.s += mark_len;
	in.len -= mark_len;
	if (!words[0])
		words[0] = wide_shape(in);
	words[1] = find_in(header, "charset");
	words[2] = find_in(xml_declaration(in), "encoding");
	r = read_as(words, ARRAY_LEN(words), in, out, &used);
	r = finish(r, out, mark, used, ret_name);
	if (r == 0)
		blank_encoding(out, mark);
	return r;
}

int charset_named_to_utf8(const char *bytes, size_t len, const char *name, struct buf *out, const char **ret_name)
{
	struct bytes in = {bytes, len};
	const struct charset *words[2], *used = NULL;
	size_t mark_len, mark = out->len;
	int r;

	charset_open_all();
	words[0] = byte_order_mark(in, &mark_len);
	in.s += mark_len;
	in.len -= mark_len;
	words[1] = name ? charset_find(name, strlen(name)) : NULL;
	r = read_as(words, ARRAY_LEN(words), in, out, &used);
	return finish(r, out, mark, used, ret_name);
}
