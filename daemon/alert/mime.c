#include "alert/mime.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "alert/mime_parts.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "base/zone.h"

enum {
	LINE_MAX_BYTES = 76, /* with an encoded word in it, RFC 2047 §2 */
	QP_LINE_MAX_BYTES = 76,
	SUBJECT_MAX_BYTES = 200, /* of text, before it is encoded */
};

static const char hex[] = "0123456789ABCDEF";

/* What nobody sees, and what turns the order of what is seen. */
static bool is_unseen(uint32_t cp)
{
	return (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7F && cp < 0xA0) || cp == 0x200E || cp == 0x200F ||
	       (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7E)
			return false;
	return true;
}

/* --- headers --- */

/* Text on one line: what breaks lines becomes a space. */
static void put_clean_line(struct buf *b, const char *text, size_t max)
{
	const char *end = text + strlen(text);
	bool cut = (size_t)(end - text) > max;

	end = text + utf8_cut(text, (size_t)(end - text), max);
	while (text < end) {
		uint32_t cp = utf8_next(&text, end);

		if (cp == '\n' || cp == '\t' || cp == '\r' || cp == 0x2028 || cp == 0x2029)
			buf_putc(b, ' ');
		else if (!is_unseen(cp))
			utf8_put(b, cp);
	}
	if (cut)
		buf_puts(b, "…");
}

/* =?utf-8?Q?…?=, as many as it takes, each on a line of its own: "Q" keeps the letters of a Spanish subject readable. line:
 * how long it is already. */
static void put_words(struct buf *b, const char *text, size_t line)
{
	static const char open[] = "=?utf-8?Q?";
	const char *end = text + strlen(text);

	buf_puts(b, open);
	line += sizeof(open) - 1;
	while (text < end) {
		size_t n = 1, i, cost = 0;

		while (text + n < end && (text[n] & 0xC0) == 0x80) /* a character is never parted */
			n++;
		cost = n > 1 || !((*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
				  (*text >= 'a' && *text <= 'z') || *text == ' ')
			       ? 3 * n
			       : 1;
		if (line + cost + 2 > LINE_MAX_BYTES) {
			buf_printf(b, "?=\r\n %s", open);
			line = sizeof(open); /* and the blank */
		}
		line += cost;
		for (i = 0; i < n; i++, text++) {
			if (cost > 1)
				buf_printf(b, "=%c%c", hex[(unsigned char)*text >> 4], hex[*text & 15]);
			else
				buf_putc(b, *text == ' ' ? '_' : *text);
		}
	}
	buf_puts(b, "?=");
}

static void put_text_header(struct buf *b, const char *name, const char *text)
{
	struct buf line = BUF_INIT(4 * SUBJECT_MAX_BYTES);

	put_clean_line(&line, text, SUBJECT_MAX_BYTES);
	buf_printf(b, "%s: ", name);
	if (is_plain(buf_str(&line)) && line.len + strlen(name) + 2 <= LINE_MAX_BYTES && !strstr(buf_str(&line), "=?"))
		buf_puts(b, buf_str(&line));
	else
		put_words(b, buf_str(&line), strlen(name) + 2);
	buf_puts(b, "\r\n");
	buf_done(&line);
}

static void put_date(struct buf *b, const struct mime_message *m)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct zone_time t;
	int minutes;

	zone_local(m->zone, m->now_ms, &t);
	minutes = (t.offset_s < 0 ? -t.offset_s : t.offset_s) / 60;
	buf_printf(b, "Date: %s, %d %s %lld %02d:%02d:%02d %c%02d%02d\r\n", days[t.weekday], t.day, months[t.month - 1],
		   (long long)t.year, t.hour, t.minute, t.second, t.offset_s < 0 ? '-' : '+', minutes / 60,
		   minutes % 60);
}

/* --- the body --- */

static void put_encoded(struct buf *b, char c, size_t *line)
{
	if (*line + 3 > QP_LINE_MAX_BYTES - 1) {
		buf_puts(b, "=\r\n");
		*line = 0;
	}
	buf_printf(b, "=%c%c", hex[(unsigned char)c >> 4], hex[c & 15]);
	*line += 3;
}

/* RFC 2045 §6.7. Encoded are moreover a dot and an F at a line's beginning: of the end of a message, and of "From ". */
static void put_quoted(struct buf *b, const char *text)
{
	size_t line = 0;

	for (; *text; text++) {
		bool blank = *text == ' ' || *text == '\t', last = text[1] == '\n' || !text[1];

		if (*text == '\n') {
			buf_puts(b, "\r\n");
			line = 0;
			continue;
		}
		if (*text == '=' || *text < 0x20 || *text > 0x7E || (blank && last) ||
		    (line == 0 && (*text == '.' || *text == 'F'))) {
			if (*text != '\t' || last) {
				put_encoded(b, *text, &line);
				continue;
			}
		}
		if (line + 1 > QP_LINE_MAX_BYTES - 1) {
			buf_puts(b, "=\r\n");
			line = 0;
			if (*text == '.' || *text == 'F') {
				put_encoded(b, *text, &line);
				continue;
			}
		}
		buf_putc(b, *text);
		line++;
	}
	if (line)
		buf_puts(b, "\r\n");
}

void mime_put_text(struct buf *b, const char *text)
{
	const char *end = text + strlen(text);
	struct buf clean = BUF_INIT(b->max);

	while (text < end) {
		uint32_t cp = utf8_next(&text, end);

		if (cp == 0x2028 || cp == 0x2029)
			buf_putc(&clean, '\n');
		else if (!is_unseen(cp))
			utf8_put(&clean, cp);
	}
	put_quoted(b, buf_str(&clean));
	buf_done(&clean);
}

/* --- the whole --- */

void mime_put(struct buf *b, const struct mime_message *m)
{
	const char *domain = strchr(m->from, '@') + 1;

	buf_printf(b, "From: escuchad <%s>\r\nTo: <%s>\r\n", m->from, m->to);
	put_text_header(b, "Subject", m->subject);
	put_date(b, m);
	buf_printf(b, "Message-ID: <%s@%s>\r\n", m->key, domain);
	if (m->thread)
		buf_printf(b, "In-Reply-To: <%s@%s>\r\nReferences: <%s@%s>\r\n", m->thread, domain, m->thread, domain);
	buf_puts(b, "Auto-Submitted: auto-generated\r\n"); /* RFC 3834: nobody's holiday answer comes back */
	buf_printf(b, "Content-Language: %s\r\n", m->lang);
	buf_puts(b, "MIME-Version: 1.0\r\n");
	mime_put_parts(b, m);
}
