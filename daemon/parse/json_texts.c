#include "parse/json_texts.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "parse/feed_text.h"
#include "parse/html.h"
#include "parse/mojibake.h"

void json_texts_init(struct json_texts *t, size_t max_bytes)
{
	buf_init(&t->out, JSON_TEXTS_GROWTH * max_bytes);
	buf_init(&t->raw, max_bytes);
	buf_init(&t->clean, JSON_TEXTS_GROWTH * max_bytes);
	buf_init(&t->mended, JSON_TEXTS_GROWTH * max_bytes);
}

void json_texts_done(struct json_texts *t)
{
	buf_done(&t->out);
	buf_done(&t->raw);
	buf_done(&t->clean);
	buf_done(&t->mended);
}

/* --- unescaping --- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code unit of \uXXXX at s; -1: there is none. */
static int32_t unit_at(const char *s, const char *end)
{
	int32_t unit = 0;
	int i;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		int digit = digit_of(s[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* One escape at s, into out; where it ends. Half a pair becomes U+FFFD, as for the map. */
static const char *unescape(const char *s, const char *end, struct buf *out)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	int32_t unit = unit_at(s, end), low;
	const char *letter;

	if (unit >= 0xD800 && unit < 0xDC00 && (low = unit_at(s + 6, end)) >= 0xDC00 && low < 0xE000) {
		utf8_put(out, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
		return s + 12;
	}
	if (unit >= 0) {
		utf8_put(out, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : (uint32_t)unit);
		return s + 6;
	}
	if (end - s < 2)
		return end;
	letter = s[1] ? strchr(letters, s[1]) : NULL;
	buf_putc(out, letter ? meant[letter - letters] : s[1]);
	return s + 2;
}

static void unescape_all(const char *s, const char *end, struct buf *out)
{
	buf_reset(out);
	while (s < end) {
		const char *back = memchr(s, '\\', (size_t)(end - s));

		buf_put(out, s, (size_t)((back ? back : end) - s));
		s = back ? unescape(back, end, out) : end;
	}
}

/* --- as fields have them --- */

static bool same(const struct buf *b, const char *s, size_t len)
{
	return b->len == len && (!len || memcmp(b->data, s, len) == 0);
}

static void add(struct json_texts *t, const struct buf *text)
{
	const char *line = buf_str(text);
	size_t from = t->out.len, i;

	if (!text->len || (t->known && same(t->known, line, text->len)))
		return;
	buf_put(&t->out, line, text->len);
	buf_putc(&t->out, JSON_TEXTS_APART);
	if (!memchr(line, '\n', text->len))
		return;
	from = t->out.len;
	buf_put(&t->out, line, text->len); /* a title, an author: a line */
	buf_putc(&t->out, JSON_TEXTS_APART);
	for (i = from; i < t->out.len; i++)
		if (t->out.data[i] == '\n')
			t->out.data[i] = ' ';
}

/* What text_clean() makes of it behind its markup. */
static void add_mended(struct json_texts *t, const struct buf *text)
{
	buf_reset(&t->mended);
	if (!mojibake_repair(buf_str(text), text->len, &t->mended)) {
		add(t, &t->mended);
		return;
	}
	buf_reset(&t->raw); /* its text is done with */
	buf_put(&t->raw, buf_str(&t->mended), t->mended.len);
	buf_reset(&t->mended);
	text_fold(buf_str(&t->raw), t->raw.len, &t->mended);
	add(t, &t->mended);
}

/* As HTML, and what is HTML in that again. */
static void add_markup(struct json_texts *t, const char *s, size_t len)
{
	struct buf once = BUF_INIT(t->clean.max);

	html_to_text(s, len, &once);
	t->out.full = t->out.full || once.full;
	if (text_looks_like_html(buf_str(&once), once.len)) {
		buf_reset(&t->clean);
		html_to_text(buf_str(&once), once.len, &t->clean);
		add_mended(t, &t->clean);
	}
	add_mended(t, &once);
	buf_done(&once);
}

static void add_forms(struct json_texts *t, const char *s, size_t len)
{
	buf_reset(&t->clean);
	text_fold(s, len, &t->clean);
	add_mended(t, &t->clean);
	if (memchr(s, '<', len) || memchr(s, '&', len))
		add_markup(t, s, len);
}

/* Of a text with anything in it that isn't plain. Short fields are without controls, and handles with their white space. */
static void add_any(struct json_texts *t, const char *s, const char *end)
{
	struct buf scrubbed = BUF_INIT(t->clean.max);
	cleanup(freep) char *held = NULL;
	size_t len;

	unescape_all(s, end, &t->raw);
	len = t->raw.len;
	t->out.full = t->out.full || t->raw.full;
	held = buf_steal(&t->raw); /* the steps below need its place */
	utf8_scrub(&scrubbed, held, len);
	add(t, &scrubbed);
	t->known = &scrubbed;
	add_forms(t, held, len);
	if (!same(&scrubbed, held, len))
		add_forms(t, buf_str(&scrubbed), scrubbed.len);
	t->known = NULL;
	buf_done(&scrubbed);
}

/* Printable ASCII, no markup, no escapes, single spaces: nothing would be done to it. Where it stops being that. */
static const char *skip_plain(const char *s, const char *end)
{
	/* all but " & < and the backslash */
	static const bool plain[256] = {[' ' ... '!'] = true,
					['#' ... '%'] = true,
					['\'' ... ';'] = true,
					['=' ... '['] = true,
					[']' ... '~'] = true};
	bool space = true;

	for (; s < end && plain[(unsigned char)*s]; s++) {
		if (*s == ' ' && space)
			return s;
		space = *s == ' ';
	}
	return s;
}

/* s is behind its first quote; where its last one stands; NULL: nowhere. */
static const char *quote_of(const char *s, const char *end)
{
	for (; (s = memchr(s, '"', (size_t)(end - s))); s++) {
		const char *back = s;

		while (back[-1] == '\\') /* stops at the first quote, if not before */
			back--;
		if ((s - back) % 2 == 0)
			return s;
	}
	return NULL;
}

static bool is_name(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
		s++;
	return s < end && *s == ':';
}

bool json_texts_find(struct json_texts *t, const char *json, size_t len)
{
	const char *s = json, *end = json + len;

	buf_reset(&t->out);
	while ((s = memchr(s, '"', (size_t)(end - s)))) {
		const char *text = s + 1, *plain = skip_plain(text, end), *stop;

		stop = plain < end && *plain == '"' ? plain : quote_of(text, end);
		if (!stop)
			return false;
		s = stop + 1;
		if (stop == text || is_name(s, end))
			continue;
		if (plain == stop && stop[-1] != ' ') {
			buf_put(&t->out, text, (size_t)(stop - text));
			buf_putc(&t->out, JSON_TEXTS_APART);
		} else {
			add_any(t, text, stop);
		}
	}
	return !t->out.full;
}
