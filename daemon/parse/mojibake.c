#include "parse/mojibake.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { NONE = 0, NBSP = 0xA0, SHY = 0xAD };

/* What one step reads: the code points from here on, as bytes of windows-1252. */
struct view {
	const char *start, *at, *end;
};

static bool is_lower(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= 0xDF && cp <= 0xFF && cp != 0xF7);
}

static bool is_upper(uint32_t cp)
{
	return (cp >= 'A' && cp <= 'Z') || (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7);
}

static bool is_letter(uint32_t cp)
{
	return is_lower(cp) || is_upper(cp);
}

static bool is_ascii_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The byte that windows-1252, or Latin-1, has for cp; 0: none above ASCII. */
static unsigned byte_of(uint32_t cp)
{
	static const struct {
		uint16_t cp;
		uint8_t byte;
	} high[] = {
		{0x0152, 0x8C}, {0x0153, 0x9C}, {0x0160, 0x8A}, {0x0161, 0x9A}, {0x0178, 0x9F}, {0x017D, 0x8E},
		{0x017E, 0x9E}, {0x0192, 0x83}, {0x02C6, 0x88}, {0x02DC, 0x98}, {0x2013, 0x96}, {0x2014, 0x97},
		{0x2018, 0x91}, {0x2019, 0x92}, {0x201A, 0x82}, {0x201C, 0x93}, {0x201D, 0x94}, {0x201E, 0x84},
		{0x2020, 0x86}, {0x2021, 0x87}, {0x2022, 0x95}, {0x2026, 0x85}, {0x2030, 0x89}, {0x2039, 0x8B},
		{0x203A, 0x9B}, {0x20AC, 0x80}, {0x2122, 0x99},
	};
	size_t i;

	if (cp <= 0xFF)
		return cp >= 0x80 ? cp : NONE;
	for (i = 0; i < ARRAY_LEN(high); i++)
		if (high[i].cp == cp)
			return high[i].byte;
	return NONE;
}

static uint32_t windows_1252(uint32_t cp)
{
	uint32_t high;

	for (high = 0x152; cp >= 0x80 && cp < 0xA0 && high <= 0x2122; high++)
		if (byte_of(high) == cp)
			return high;
	return cp;
}

static uint32_t peek(const char *at, const char *end)
{
	return at < end ? utf8_next(&at, end) : NONE;
}

static uint32_t before(const struct view *v)
{
	const char *p = v->at;

	if (p == v->start)
		return NONE;
	do
		p--;
	while (p > v->start && ((unsigned char)*p & 0xC0) == 0x80);
	return utf8_next(&p, v->end);
}

/* Reads the characters at v->at as the bytes of one UTF-8 sequence. NONE: they are none. */
static uint32_t sequence(const struct view *v, const char **ret_end, unsigned bytes[4])
{
	const char *p = v->at, *q;
	char raw[4];
	size_t need, i;
	uint32_t cp;

	bytes[0] = byte_of(utf8_next(&p, v->end));
	if (bytes[0] < 0xC2 || bytes[0] > 0xF4)
		return NONE;
	need = bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
	raw[0] = (char)bytes[0];
	for (i = 1; i < need; i++) {
		bytes[i] = p < v->end ? byte_of(utf8_next(&p, v->end)) : NONE;
		if (bytes[i] < 0x80 || bytes[i] > 0xBF)
			return NONE;
		raw[i] = (char)bytes[i];
	}
	if (!utf8_valid(raw, need))
		return NONE;
	q = raw;
	cp = utf8_next(&q, raw + need);
	*ret_end = p;
	return cp;
}

/* Signs that close a quotation or a sentence, and so stand behind a capital of their own right: "IRMÃ”", "CAFÉ»". */
static bool may_close(unsigned byte)
{
	return byte == 0x85 || byte == 0x92 || byte == 0x94 || byte == 0x96 || byte == 0x97 || byte == 0x99 ||
	       byte == 0x9B || byte == NBSP || byte == 0xAE || byte == 0xBB;
}

/* Two characters that make one letter or sign of Latin-1: the Spanish case. */
static bool latin_fits(const struct view *v, const char *end, const unsigned bytes[4])
{
	uint32_t prev = before(v), next = peek(end, v->end);

	if (!may_close(bytes[1]))
		return true;
	if (bytes[1] == NBSP) /* "lÃ ", "Â " but not "IRMÃ " */
		return !is_upper(prev);
	return is_letter(next) || is_lower(prev) ||
	       (!is_letter(prev) && bytes[0] == 0xC2); /* no Â or Ã follows a small letter */
}

/* Is there another sequence behind this one: then it is no accident, whatever the script. */
static bool another_follows(const struct view *v, const char *end, unsigned lead)
{
	struct view next = {v->start, end, v->end};
	unsigned bytes[4];
	const char *unused;

	return end < v->end && sequence(&next, &unused, bytes) != NONE && (bytes[0] & 0xF0) == (lead & 0xF0);
}

/* What the characters at v->at were before they were mangled. NONE: they were not. run: those in front were, in
 * the same way. */
static uint32_t unmangled(const struct view *v, bool run, const char **ret_end, unsigned *ret_lead)
{
	unsigned bytes[4];
	uint32_t cp = sequence(v, ret_end, bytes);

	*ret_lead = bytes[0];
	if (cp == NONE)
		return NONE;
	if (bytes[0] == 0xC2 || bytes[0] == 0xC3)
		return latin_fits(v, *ret_end, bytes) ? windows_1252(cp) : NONE;
	if (bytes[0] == 0xE2 && cp >= 0x2000 && cp <= 0x2BFF) /* ’ “ … € and other signs */
		return cp;
	if (cp == 0xFEFF || cp == 0xFE0F || cp == 0xFFFD || (cp >= 0x1F000 && cp <= 0x1FAFF)) /* marks and emoji */
		return cp;
	if ((cp == 0x0152 || cp == 0x0153 || cp == 0x0160 || cp == 0x0161 || cp == 0x017D || cp == 0x017E ||
	     cp == 0x0192) &&
	    is_letter(peek(*ret_end, v->end))) /* Œ Š Ž: windows-1252's own, mangled twice or French, inside a word */
		return cp;
	if ((bytes[0] == 0xC4 || bytes[0] == 0xC5) &&
	    is_lower(before(v))) /* ć č ő behind a small letter: no place for Ä or Å */
		return cp;
	return run || another_follows(v, *ret_end, bytes[0]) ? cp : NONE;
}

/* The words that end in í and are as frequent as they are short; behind others "Ã" and a space may have been "à". */
static bool spanish_ends_so(const struct view *v)
{
	static const char *const words[] = {"s",    "as",    "aqu",   "ah",     "all",   "m",     "le",   "re",
					    "cre",  "com",   "viv",   "sal",    "ped",   "perd",  "part", "sent",
					    "segu", "recib", "decid", "escrib", "conoc", "aprend"};
	const char *from = v->at;
	size_t i, len;

	while (from > v->start && is_ascii_letter(from[-1]))
		from--;
	len = (size_t)(v->at - from);
	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], from, len) == 0)
			return from == v->start || (unsigned char)from[-1] < 0x80;
	return false;
}

/* An "Ã" whose soft hyphen was lost on the way: an í. An Ã among capitals, as in SÃO, is meant. */
static bool bare_i(const struct view *v, const char *end)
{
	uint32_t prev = before(v), next = peek(end, v->end);

	if (!is_letter(prev) ||
	    ((prev == 'S' || prev == 'N') && next == 'o')) /* SÃo, NÃo: a Portuguese slip of the shift key */
		return false;
	if (is_lower(next))
		return true;
	if (!is_lower(prev) || is_letter(next))
		return false;
	if (next == ' ' || next == NBSP || next == '\n' || next == '\t' || next == NONE)
		return spanish_ends_so(v);
	return next < 0x80 && strchr(".,;:!?)]\"'-/<", (int)next) != NULL;
}

/* An "Â" that is left of a no-break space which HTML folded away. No word begins or ends so: "ciutats.Â A". */
static bool bare_space(const struct view *v, const char *end)
{
	uint32_t prev = before(v), next = peek(end, v->end);

	return prev != NONE && prev != ' ' && prev != '\n' && prev != '\t' && !is_upper(prev) &&
	       (next == ' ' || next == '\n' || next == NONE);
}

/* Is what begins here, at a 0xC3, to be looked at more closely? Only behind U+0080 to U+00BF, which begin with 0xC2, and the
 * signs of byte_of() can it be a sequence, and only Â and Ã are left of one. */
static bool is_suspect(const char *at, const char *end)
{
	unsigned char second = (unsigned char)at[1], next = end - at > 2 ? (unsigned char)at[2] : 0;

	return second == 0x82 || second == 0x83 || next == 0xC2 || next == 0xC5 || next == 0xC6 || next == 0xCB ||
	       next == 0xE2;
}

/* One round. True: something was mended. */
static bool mend(const char *s, size_t len, struct buf *out)
{
	struct view v = {s, s, s + len};
	bool mended = false, run = false;
	const char *from = s; /* what is not yet copied */
	unsigned run_lead = 0, lead;

	while (v.at < v.end) {
		const char *end = v.at;
		uint32_t cp;

		if ((unsigned char)*v.at != 0xC3) { /* leads of UTF-8 are U+00C2 to U+00F4 */
			run = run && (*v.at == ' ' || *v.at == '-');
			v.at = run ? v.at + 1 : memchr(v.at, 0xC3, (size_t)(v.end - v.at));
			if (!v.at)
				break;
			continue;
		}
		if (!is_suspect(v.at, v.end)) {
			run = false;
			v.at += 2;
			continue;
		}
		cp = unmangled(&v, run, &end, &lead);
		if (cp == NONE) {
			end = v.at + 2;
			cp = peek(v.at, v.end) == 0xC3 && bare_i(&v, end) ? 0xED : NONE;
			if (peek(v.at, v.end) == 0xC2 && bare_space(&v, end))
				cp = NBSP; /* folded below */
			lead = 0;
		}
		run = cp != NONE && (!run || (lead & 0xF0) == (run_lead & 0xF0)) && lead >= 0xC4;
		run_lead = lead;
		if (cp != NONE) {
			buf_put(out, from, (size_t)(v.at - from));
			if (cp != 0xFEFF)
				utf8_put(out, cp);
			from = end;
			mended = true;
		}
		v.at = end;
	}
	if (mended)
		buf_put(out, from, (size_t)(v.end - from));
	return mended;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

/* Where that lead byte stands next, from s on, or end; was: what was said of a place before. */
static const char *next_lead(const char *was, const char *s, const char *end, int lead)
{
	const char *at = was > s ? was : s < end ? memchr(s, lead, (size_t)(end - s)) : NULL;

	return at ? at : end;
}

/* NO-BREAK SPACE, FIGURE SPACE, NARROW NO-BREAK SPACE to a space, or to nothing beside another; no soft hyphens. True: what
 * went stood between two spaces, or at an end. */
static bool put_spaced(const char *s, size_t len, struct buf *out)
{
	const char *const end = s + len;
	const char *from = s, *c2 = s, *e2 = s; /* the next of each, from s on: in Western text both are rare */
	size_t start = out->len;
	bool loose = false;

	for (;;) {
		const char *at;
		uint32_t cp;
		bool space, after, before;

		c2 = next_lead(c2, s, end, 0xC2);
		e2 = next_lead(e2, s, end, 0xE2);
		at = s = c2 < e2 ? c2 : e2;
		if (s == end)
			break;
		cp = utf8_next(&s, end);
		space = cp == NBSP || cp == 0x2007 || cp == 0x202F;
		if (!space && cp != SHY)
			continue;
		buf_put(out, from, (size_t)(at - from));
		from = s;
		after = out->len == start || is_space(out->data[out->len - 1]);
		before = s == end || is_space(*s);
		if (space && !after && !before)
			buf_putc(out, ' ');
		loose = loose || (after && before);
	}
	buf_put(out, from, (size_t)(end - from));
	return loose;
}

bool mojibake_repair(const char *s, size_t len, struct buf *out)
{
	struct buf rounds[2] = {BUF_INIT(len), BUF_INIT(len)};
	bool loose;
	int i;

	for (i = 0; i < MOJIBAKE_ROUNDS; i++) {
		struct buf *to = &rounds[i % 2];

		buf_reset(to);
		if (!mend(s, len, to))
			break;
		s = buf_str(to);
		len = to->len;
	}
	loose = put_spaced(s, len, out) || i > 0;
	buf_done(&rounds[0]);
	buf_done(&rounds[1]);
	return loose;
}
