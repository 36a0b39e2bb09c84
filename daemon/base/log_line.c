#include "base/log_line.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

/* --- what could break a line or a terminal --- */

static bool is_hidden(uint32_t cp)
{
	return (cp >= 0x80 && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

static bool is_broken(uint32_t cp, const char *at, const char *next)
{
	return cp == 0xFFFD && !((unsigned char)at[0] == 0xEF && next - at == 3);
}

static void escape(struct buf *b, const char *text, size_t len, bool backslash_too)
{
	const char *s = text, *end = text + len;

	while (s < end) {
		const char *at = s;
		uint32_t cp = utf8_next(&s, end);

		if (cp == '\n')
			buf_puts(b, "\\n");
		else if (cp == '\r')
			buf_puts(b, "\\r");
		else if (cp == '\t')
			buf_puts(b, "\\t");
		else if (cp == '\\' && backslash_too)
			buf_puts(b, "\\\\");
		else if (cp < 0x20 || cp == 0x7F)
			buf_printf(b, "\\x%02x", cp);
		else if (is_broken(cp, at, s))
			for (; at < s; at++)
				buf_printf(b, "\\x%02x", (unsigned char)*at);
		else if (is_hidden(cp))
			buf_printf(b, "\\u{%04x}", cp);
		else
			buf_put(b, at, (size_t)(s - at));
	}
}

void log_escape(struct buf *b, const char *text, size_t len)
{
	escape(b, text, len, true);
}

void log_escape_shown(struct buf *b, const char *text, size_t len)
{
	escape(b, text, len, false);
}

/* A JSON string. Unlike base/json's, also safe on a terminal: what is hidden there comes as \uXXXX, which JSON reads back. */
static void put_json_string(struct buf *b, const char *text, size_t len)
{
	const char *s = text, *end = text + len;

	buf_putc(b, '"');
	while (s < end) {
		const char *at = s;
		uint32_t cp = utf8_next(&s, end);

		if (cp == '"' || cp == '\\')
			buf_printf(b, "\\%c", (char)cp);
		else if (cp < 0x20 || cp == 0x7F || is_hidden(cp))
			buf_printf(b, "\\u%04x", cp);
		else if (is_broken(cp, at, s))
			utf8_put(b, cp);
		else
			buf_put(b, at, (size_t)(s - at));
	}
	buf_putc(b, '"');
}

/* --- what nobody may read --- */

/* The first of stops from s on, or end. */
static const char *reach(const char *s, const char *end, const char *stops)
{
	while (s < end && !strchr(stops, *s))
		s++;
	return s;
}

static void mask_address(struct buf *b, const char *url, const char *end)
{
	const char *scheme = memmem(url, (size_t)(end - url), "://", 3), *host = scheme ? scheme + 3 : url;
	const char *path = reach(host, end, "/?#"), *at = memrchr(host, '@', (size_t)(path - host));
	const char *fragment = reach(host, end, "#"), *query = reach(host, fragment, "?"), *name;

	buf_put(b, url, (size_t)(host - url));
	if (at) {
		buf_puts(b, "***@");
		host = at + 1;
	}
	buf_put(b, host, (size_t)(query - host));
	while (query < fragment) { /* at ? or & */
		name = query;
		query = reach(query + 1, fragment, "=&");
		buf_put(b, name, (size_t)(query - name));
		if (query < fragment && *query == '=') {
			buf_puts(b, "=***");
			query = reach(query, fragment, "&");
		}
	}
}

void log_address(struct buf *b, const char *url)
{
	size_t len = strlen(url);
	struct buf masked = BUF_INIT(2 * len + 64);

	mask_address(&masked, url, url + len);
	log_escape(b, buf_str(&masked), masked.len);
	buf_done(&masked);
}

static bool in_scheme(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
	       c == '.';
}

/* Addresses in the middle of a text. */
static void mask(struct buf *b, const char *text, size_t len)
{
	const char *end = text + len, *colon;

	while ((colon = memmem(text, (size_t)(end - text), "://", 3))) {
		const char *start = colon, *stop = colon + 3;

		while (start > text && in_scheme(start[-1]))
			start--;
		while (stop < end && (unsigned char)*stop > ' ' && !strchr("\"'<>", *stop))
			stop++;
		buf_put(b, text, (size_t)(start - text));
		mask_address(b, start, stop);
		text = stop;
	}
	buf_put(b, text, (size_t)(end - text));
}

/* Masked, then cut: never the other way round, or half a password would pass for the rest of a text. */
static void show(struct buf *b, const char *text)
{
	enum { MASKED_MAX_BYTES = 1024 * 1024 };
	struct buf masked = BUF_INIT(MASKED_MAX_BYTES);
	size_t len;

	mask(&masked, text, strnlen(text, MASKED_MAX_BYTES / 4));
	len = utf8_cut(buf_str(&masked), masked.len, LOG_VALUE_MAX_BYTES);
	buf_put(b, buf_str(&masked), len);
	if (len < masked.len)
		buf_puts(b, "…");
	buf_done(&masked);
}

/* --- the forms --- */

static const char *level_name(enum log_level level)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};

	return names[level];
}

void log_line_value(struct buf *b, const struct log_field *f)
{
	struct buf shown = BUF_INIT(LOG_VALUE_MAX_BYTES * 2);

	if (!f->text) {
		buf_printf(b, "%" PRId64, f->number);
		return;
	}
	show(&shown, f->text);
	log_escape(b, buf_str(&shown), shown.len);
	buf_done(&shown);
}

static void put_quoted(struct buf *b, const struct log_field *f)
{
	struct buf value = BUF_INIT(LOG_VALUE_MAX_BYTES * 8);
	const char *s;

	log_line_value(&value, f);
	if (value.len && !strpbrk(buf_str(&value), " \"=")) {
		buf_puts(b, buf_str(&value));
	} else {
		buf_putc(b, '"');
		for (s = buf_str(&value); *s; s++) {
			if (*s == '"')
				buf_putc(b, '\\');
			buf_putc(b, *s);
		}
		buf_putc(b, '"');
	}
	buf_done(&value);
}

void log_line_message(struct buf *b, const struct log_entry *e)
{
	size_t i;

	buf_printf(b, "event=%s", e->event);
	for (i = 0; i < e->n; i++) {
		buf_printf(b, " %s=", e->fields[i].key);
		put_quoted(b, &e->fields[i]);
	}
	if (e->held)
		buf_printf(b, " held_back=%" PRIu64, e->held);
}

void log_line_plain(struct buf *b, const struct log_entry *e)
{
	char at[CLOCK_RFC3339_SIZE];

	buf_printf(b, "%s %s ", clock_rfc3339(e->at_ms, 1, at), level_name(e->level));
	log_line_message(b, e);
}

static void put_json_field(struct json *j, const struct log_field *f)
{
	struct buf shown = BUF_INIT(LOG_VALUE_MAX_BYTES * 2), string = BUF_INIT(LOG_VALUE_MAX_BYTES * 8);

	if (f->text) {
		show(&shown, f->text);
		put_json_string(&string, buf_str(&shown), shown.len);
		json_raw(j, f->key, buf_str(&string));
	} else {
		json_int(j, f->key, f->number);
	}
	buf_done(&shown);
	buf_done(&string);
}

void log_line_json(struct buf *b, const struct log_entry *e)
{
	struct json j = JSON_OUT(b);
	size_t i;

	json_begin_object(&j, NULL);
	json_time(&j, "time", e->at_ms, true);
	json_text(&j, "level", level_name(e->level));
	json_text(&j, "event", e->event);
	for (i = 0; i < e->n; i++)
		put_json_field(&j, &e->fields[i]);
	if (e->held)
		json_int(&j, "held_back", (int64_t)e->held);
	json_end_object(&j);
}
