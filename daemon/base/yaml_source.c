#include "base/yaml_source.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { WINDOW_BYTES = 4096 }; /* how far along a line a finding looks */

/* What libyaml takes for a line end and no editor does, and what it refuses without saying where. */
static bool is_foreign(uint32_t cp)
{
	return (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0xFEFF || cp == 0xFFFE || cp == 0xFFFF;
}

bool yaml_source_check(const struct yaml_source *s, struct diag *d)
{
	const char *p = s->text, *end = s->text + s->len;
	bool indentation = true;

	while (p < end) {
		size_t at = (size_t)(p - s->text);
		uint32_t cp = utf8_next(&p, end);

		if (cp == 0xFFFD && memcmp(s->text + at, "\xEF\xBF\xBD", (size_t)(p - s->text) - at) != 0) {
			diag_error(d, yaml_pos_of(s, at), NULL, NULL, TEXT_YAML_BYTES);
			return false;
		}
		if (is_foreign(cp)) {
			char code[16];

			snprintf(code, sizeof(code), "U+%04X", cp);
			diag_error(d, yaml_pos_of(s, at), NULL, NULL, TEXT_YAML_CONTROL, code);
			return false;
		}
		if (indentation && (cp == '\t' || cp == 0xA0)) {
			diag_error(d, yaml_pos_of(s, at), NULL, NULL,
				   cp == '\t' ? TEXT_YAML_TAB : TEXT_YAML_HARD_SPACE);
			return false;
		}
		indentation = cp == '\n' || cp == '\r' || (indentation && cp == ' ');
	}
	return true;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

size_t yaml_byte_of(struct yaml_source *s, size_t index)
{
	while (s->cursor_index < index && s->cursor < s->len) {
		do
			s->cursor++;
		while (s->cursor < s->len && is_continuation(s->text[s->cursor]));
		s->cursor_index++;
	}
	while (s->cursor_index > index && s->cursor) {
		do
			s->cursor--;
		while (s->cursor && is_continuation(s->text[s->cursor]));
		s->cursor_index--;
	}
	return s->cursor;
}

size_t yaml_line_start(const struct yaml_source *s, size_t byte)
{
	while (byte && s->text[byte - 1] != '\n' && s->text[byte - 1] != '\r')
		byte--;
	return byte;
}

size_t yaml_line_end(const struct yaml_source *s, size_t byte)
{
	return byte + strcspn(s->text + byte, "\r\n");
}

size_t yaml_skip_blanks(const struct yaml_source *s, size_t byte)
{
	return byte + strspn(s->text + byte, " \t");
}

struct diag_pos yaml_pos_of(const struct yaml_source *s, size_t byte)
{
	size_t start = yaml_line_start(s, byte), i;
	struct diag_pos pos = {.file = s->file, .line = 1};

	for (i = 0; i < start; i++)
		pos.line += s->text[i] == '\n' || (s->text[i] == '\r' && s->text[i + 1] != '\n');
	pos.column = (uint32_t)utf8_count(s->text + start, byte - start) + 1;
	return pos;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t yaml_value_end(const struct yaml_source *s, size_t from, bool in_flow)
{
	size_t i, depth = 0;

	for (i = from; s->text[i] && !strchr("\r\n", s->text[i]) && i < from + WINDOW_BYTES; i++) {
		char c = s->text[i];

		if (c == '#' && i > from && is_blank(s->text[i - 1]))
			break;
		if (!in_flow)
			continue;
		if (c == '[' || c == '{')
			depth++;
		else if (!depth && (c == ',' || c == ']' || c == '}'))
			break;
		else if (c == ']' || c == '}')
			depth--;
	}
	while (i > from && is_blank(s->text[i - 1]))
		i--;
	return i;
}

/* The beginning of its line, or what of the line is looked at. */
static size_t near_line_start(const struct yaml_source *s, size_t byte)
{
	size_t least = byte > WINDOW_BYTES ? byte - WINDOW_BYTES : 0;

	while (byte > least && !strchr("\r\n", s->text[byte - 1]))
		byte--;
	return byte;
}

static size_t flow_value_start(const struct yaml_source *s, size_t from, size_t byte)
{
	size_t i, last = from;

	for (i = from; i < byte; i++) {
		char c = s->text[i];

		if (c == ',' || c == '[' || c == '{' || (c == ':' && is_blank(s->text[i + 1])))
			last = yaml_skip_blanks(s, i + 1);
	}
	return last;
}

size_t yaml_value_start(const struct yaml_source *s, size_t byte, bool in_flow)
{
	size_t from = yaml_skip_blanks(s, near_line_start(s, byte)), i;

	if (in_flow)
		from = flow_value_start(s, from, byte);
	while (!in_flow && s->text[from] == '-' && is_blank(s->text[from + 1]))
		from = yaml_skip_blanks(s, from + 1);
	for (i = from; !in_flow && i < byte; i++) {
		if (s->text[i] == ':' && is_blank(s->text[i + 1])) {
			from = yaml_skip_blanks(s, i + 1);
			break;
		}
	}
	return from < byte ? from : byte;
}

static bool is_key_letter(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

const char *yaml_key_of(const struct yaml_source *s, size_t byte, struct arena *a)
{
	size_t start = near_line_start(s, byte), colon, from;

	for (colon = byte; colon > start; colon--) {
		if (s->text[colon - 1] != ':')
			continue;
		for (from = colon - 1; from > start && is_key_letter(s->text[from - 1]); from--)
			;
		if (from < colon - 1 && (colon == byte || is_blank(s->text[colon])))
			return arena_memdup0(a, s->text + from, colon - 1 - from);
	}
	return NULL;
}

size_t yaml_hashtag(const struct yaml_source *s, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++) {
		unsigned char next = (unsigned char)s->text[i + 1];

		if (s->text[i] == '#' && (i == from || strchr(" \t,:[{-", s->text[i - 1])) &&
		    (isalnum(next) || next == '_' || next >= 0x80))
			return i;
	}
	return SIZE_MAX;
}

static bool speaks_of_a_secret(const char *key)
{
	static const char *const words[] = {"password", "token", "secret", "key", "clave"};
	size_t i;

	for (i = 0; key && i < ARRAY_LEN(words); i++) {
		if (strcasestr(key, words[i]))
			return true;
	}
	return false;
}

const char *yaml_quoted(const struct yaml_source *s, size_t from, size_t to, struct arena *a)
{
	struct buf b = BUF_INIT(2 * YAML_QUOTED_MAX_BYTES + 16);
	size_t len = utf8_cut(s->text + from, to - from, YAML_QUOTED_MAX_BYTES), i, start = near_line_start(s, from);
	const char *quoted, *key = yaml_key_of(s, from, a);

	if (!key && start) /* "password:" and its value in the next line */
		key = yaml_key_of(s, start - 1, a);
	if (speaks_of_a_secret(key))
		return "'…'";
	buf_putc(&b, '\'');
	for (i = from; i < from + len; i++) {
		if (s->text[i] == '\'')
			buf_putc(&b, '\'');
		buf_putc(&b, s->text[i] == '\n' || s->text[i] == '\r' ? ' ' : s->text[i]);
	}
	buf_puts(&b, len < to - from ? "…'" : "'");
	quoted = arena_memdup0(a, buf_str(&b), b.len);
	buf_done(&b);
	return quoted;
}
