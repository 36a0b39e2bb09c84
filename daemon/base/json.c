#include "base/json.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

/* Bytes that may have to be escaped. '<' is looked at and not '/', of which every address has some. */
static const bool special[256] = {
	[0 ... 0x1F] = true, ['"'] = true, ['\\'] = true, ['<'] = true, [0x7F] = true, [0xE2] = true};

typedef unsigned char block __attribute__((vector_size(16)));

/* May any of these sixteen bytes be special? */
static bool may_be_special(const char *s)
{
	uint64_t found[2];
	block b;

	memcpy(&b, s, sizeof(b));
	b = (block)((b < 0x20) | (b == '"') | (b == '\\') | (b == '<') | (b == 0x7F) | (b == 0xE2));
	memcpy(found, &b, sizeof(found));
	return found[0] | found[1];
}

/* Most of a text needs no look at each of its bytes. */
static const char *skip_plain(const char *s, const char *end)
{
	while (end - s >= (ptrdiff_t)sizeof(block) && !may_be_special(s))
		s += sizeof(block);
	while (s < end && !special[(unsigned char)*s])
		s++;
	return s;
}

static void put_escaped(struct buf *b, const char *s, size_t len)
{
	const char *run = s, *end = s + len;

	(void)buf_reserve(b, len + 2); /* its quotes; what must be escaped finds its own room */
	buf_putc(b, '"');
	for (s = skip_plain(s, end); s < end; s = skip_plain(s + 1, end)) {
		unsigned char c = (unsigned char)*s;
		const char *escape = NULL;
		char hex[8];
		size_t skip = 1;

		if (c == '"')
			escape = "\\\"";
		else if (c == '\\')
			escape = "\\\\";
		else if (c == '\n')
			escape = "\\n";
		else if (c == '\r')
			escape = "\\r";
		else if (c == '\t')
			escape = "\\t";
		else if (c == '<' && end - s >= 2 && s[1] == '/') {
			escape = "<\\/";
			skip = 2;
		} else if (c == 0xE2 && end - s >= 3 && (unsigned char)s[1] == 0x80 &&
			   ((unsigned char)s[2] & 0xFE) == 0xA8) {
			escape = (unsigned char)s[2] == 0xA8 ? "\\u2028" : "\\u2029";
			skip = 3;
		} else if (c < 0x20 || c == 0x7F) {
			snprintf(hex, sizeof(hex), "\\u%04x", c);
			escape = hex;
		} else {
			continue;
		}
		buf_put(b, run, (size_t)(s - run));
		buf_puts(b, escape);
		s += skip - 1;
		run = s + 1;
	}
	buf_put(b, run, (size_t)(end - run));
	buf_putc(b, '"');
}

static char *put_quoted(char *to, const char *s, size_t len)
{
	*to++ = '"';
	memcpy(to, s, len);
	to += len;
	*to++ = '"';
	return to;
}

static bool is_plain(const char *s, size_t len)
{
	return skip_plain(s, s + len) == s + len;
}

static void put_string(struct buf *b, const char *s, size_t len)
{
	char *to;

	if (!is_plain(s, len)) {
		put_escaped(b, s, len);
		return;
	}
	to = buf_reserve(b, len + 2);
	if (to)
		buf_commit(b, (size_t)(put_quoted(to, s, len) - to));
}

/* A comma, if one is due, and the key: at once, since a mention has twenty. */
static void lead(struct json *j, const char *key)
{
	const bool comma = j->comma;
	const size_t len = key ? strlen(key) : 0;
	char *from, *to;

	j->comma = true;
	if (!comma && !key)
		return;
	if (key && !is_plain(key, len)) {
		if (comma)
			buf_putc(j->b, ',');
		put_escaped(j->b, key, len);
		buf_putc(j->b, ':');
		return;
	}
	from = to = buf_reserve(j->b, len + 4);
	if (!to)
		return;
	if (comma)
		*to++ = ',';
	if (key) {
		to = put_quoted(to, key, len);
		*to++ = ':';
	}
	buf_commit(j->b, (size_t)(to - from));
}

void json_begin_object(struct json *j, const char *key)
{
	lead(j, key);
	buf_putc(j->b, '{');
	j->comma = false;
}

void json_begin_array(struct json *j, const char *key)
{
	lead(j, key);
	buf_putc(j->b, '[');
	j->comma = false;
}

void json_end_object(struct json *j)
{
	buf_putc(j->b, '}');
	j->comma = true;
}

void json_end_array(struct json *j)
{
	buf_putc(j->b, ']');
	j->comma = true;
}

void json_text_n(struct json *j, const char *key, const char *value, size_t len)
{
	lead(j, key);
	put_string(j->b, value, len);
}

void json_text(struct json *j, const char *key, const char *value)
{
	if (value)
		json_text_n(j, key, value, strlen(value));
}

void json_int(struct json *j, const char *key, int64_t value)
{
	lead(j, key);
	buf_put_int(j->b, value);
}

void json_double(struct json *j, const char *key, double value)
{
	if (!isfinite(value))
		return;
	lead(j, key);
	buf_printf(j->b, "%.10g", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	lead(j, key);
	buf_puts(j->b, value ? "true" : "false");
}

void json_put_null(struct json *j, const char *key)
{
	lead(j, key);
	buf_puts(j->b, "null");
}

void json_time(struct json *j, const char *key, int64_t wall_ms, bool with_ms)
{
	char out[CLOCK_RFC3339_SIZE];

	if (wall_ms != TIME_NONE)
		json_text(j, key, clock_rfc3339(wall_ms, with_ms, out));
}

void json_raw(struct json *j, const char *key, const char *json_value)
{
	lead(j, key);
	buf_puts(j->b, json_value);
}
