#include "parse/mail_bound.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "parse/mail.h"

/* "Subject: …": one word and a colon. */
static bool is_header(const char *line, const char *end)
{
	const char *s = line;

	while (s < end && *s != ':' && isgraph((unsigned char)*s))
		s++;
	return s > line && s < end && *s == ':';
}

/* One that GMime decodes at once, with the square of its length: Subject and its kin. */
static bool is_plain_name(const char *line)
{
	while (isalnum((unsigned char)*line) || *line == '-')
		line++;
	return *line == ':';
}

/* Where a message is on its way to GMime. */
struct bounding {
	GByteArray *out;
	size_t headers, header_bytes, boundaries;
	bool header;   /* the line is one's, or goes on with it */
	bool cuttable; /* its name is plain */
	size_t kept;   /* of this header */
	const char *why;
};

static bool bounds_reached(const struct bounding *b)
{
	return b->headers > MAIL_HEADERS_MAX || b->header_bytes > MAIL_HEADERS_MAX_BYTES ||
	       b->boundaries > MAIL_BOUNDARIES_MAX;
}

/* What of the line [line, next) GMime gets. */
static void line_pass(struct bounding *b, const char *line, const char *next)
{
	size_t len = (size_t)(next - line);

	b->boundaries += len > 2 && line[0] == '-' && line[1] == '-';
	if (*line != ' ' && *line != '\t') { /* else it goes on as what it was */
		b->header = is_header(line, next);
		b->cuttable = b->header && is_plain_name(line);
		b->headers += b->header;
		b->kept = 0;
	}
	if (b->cuttable && b->kept + len > MAIL_VALUE_MAX_BYTES) {
		len = MAIL_VALUE_MAX_BYTES - b->kept;
		b->why = "the end of a header: it is too long";
	}
	if (b->header) {
		b->kept += len;
		b->header_bytes += len;
	}
	if (bounds_reached(b) || !len)
		return;
	g_byte_array_append(b->out, (const guint8 *)line, (guint)len);
	if (line + len < next)
		g_byte_array_append(b->out, (const guint8 *)"\n", 1);
}

/* What a mailbox file or an editor puts before a message. */
static size_t preface(const char *bytes, size_t len)
{
	const char *s = bytes, *end = bytes + len;

	if (len >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0)
		s += 3;
	while (s < end && isspace((unsigned char)*s))
		s++;
	if (end - s > 5 && memcmp(s, "From ", 5) == 0) {
		s = memchr(s, '\n', (size_t)(end - s));
		s = s ? s + 1 : end;
	}
	return (size_t)(s - bytes);
}

GByteArray *mail_bound(const char *bytes, size_t len, const char **ret_why)
{
	const char *line = bytes + preface(bytes, len), *whole = bytes + len, *next;
	const char *end = whole - line > MAIL_MAX_BYTES ? line + MAIL_MAX_BYTES : whole;
	struct bounding b = {.out = g_byte_array_sized_new((guint)(end - line))};

	for (; line < end && !bounds_reached(&b); line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next + 1 : end;
		line_pass(&b, line, next);
	}
	*ret_why = line < whole || bounds_reached(&b) ? "its end: it is too large, or has too many headers or parts"
						      : b.why;
	return b.out;
}
