#include "fetch/imap_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/utf8.h"

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* --- what is said --- */

void imap_put_quoted(struct buf *b, const char *text)
{
	const char *p;

	buf_putc(b, '"');
	for (p = text; *p && !strpbrk(text, "\r\n"); p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *p);
	}
	buf_putc(b, '"');
}

/* Bits that leave in groups of six. */
struct sixes {
	struct buf *b;
	uint32_t bits;
	unsigned n;
};

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static void put_sixes(struct sixes *s, uint16_t unit)
{
	s->bits = s->bits << 16 | unit;
	for (s->n += 16; s->n >= 6; s->n -= 6)
		buf_putc(s->b, digits[s->bits >> (s->n - 6) & 63]);
	s->bits &= (1u << s->n) - 1;
}

/* What is left, filled up with zeros. */
static void end_sixes(struct sixes *s)
{
	if (s->n)
		buf_putc(s->b, digits[s->bits << (6 - s->n) & 63]);
	*s = (struct sixes){.b = s->b};
	buf_putc(s->b, '-');
}

void imap_put_folder(struct buf *b, const char *name)
{
	cleanup(buf_done) struct buf coded = BUF_INIT(8 * IMAP_FOLDER_MAX_BYTES);
	const char *p = name, *end = name + strnlen(name, IMAP_FOLDER_MAX_BYTES);
	struct sixes s = {.b = &coded};
	bool shifted = false;

	while (p < end) {
		uint32_t cp = utf8_next(&p, end);
		bool plain = cp >= 0x20 && cp < 0x7F;

		if (plain && shifted)
			end_sixes(&s);
		else if (!plain && !shifted)
			buf_putc(&coded, '&');
		shifted = !plain;
		if (plain) {
			buf_putc(&coded, (char)cp);
			if (cp == '&')
				buf_putc(&coded, '-');
		} else if (cp < 0x10000) {
			put_sixes(&s, (uint16_t)cp);
		} else {
			put_sixes(&s, (uint16_t)(0xD800 + ((cp - 0x10000) >> 10)));
			put_sixes(&s, (uint16_t)(0xDC00 + ((cp - 0x10000) & 0x3FF)));
		}
	}
	if (shifted)
		end_sixes(&s);
	imap_put_quoted(b, buf_str(&coded));
}

void imap_put_day(struct buf *b, int64_t ms)
{
	time_t s = (time_t)(ms / SECOND_MS);
	struct tm tm;

	if (gmtime_r(&s, &tm))
		buf_printf(b, "%d-%s-%d", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
}

/* --- responses --- */

void imap_reader_init(struct imap_reader *r)
{
	*r = (struct imap_reader){.line = BUF_INIT(IMAP_LINE_MAX), .literal = BUF_INIT(IMAP_LITERAL_KEPT_MAX)};
}

void imap_reader_done(struct imap_reader *r)
{
	buf_done(&r->line);
	buf_done(&r->literal);
}

static void begin(struct imap_reader *r)
{
	buf_reset(&r->line);
	buf_reset(&r->literal);
	r->begun = 0;
	r->has_literal = false;
}

/* Digits alone, up to 2^32 - 1. */
static bool number(const char *s, size_t len, uint32_t *ret)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < len && s[i] >= '0' && s[i] <= '9' && n <= UINT32_MAX; i++)
		n = n * 10 + (uint64_t)(s[i] - '0');
	*ret = (uint32_t)n;
	return len > 0 && i == len && n <= UINT32_MAX;
}

/* "* 5 FETCH (": where its items begin; NULL: another response. */
static const char *fetch_items(const char *line)
{
	const char *p = line;

	if (strncmp(p, "* ", 2) != 0)
		return NULL;
	p += 2 + strspn(p + 2, "0123456789");
	return p > line + 2 && strncasecmp(p, " FETCH (", 8) == 0 ? p + 8 : NULL;
}

/* Whether the line, whose end just came, goes on behind a literal. Only messages are asked for, and other responses may well hold
 * words that end like that. */
static bool literal_begins(struct imap_reader *r)
{
	const char *line = buf_str(&r->line), *open = memrchr(line, '{', r->line.len);
	size_t len = r->line.len;
	uint32_t n;

	if (!open || line[len - 1] != '}' || !fetch_items(line) ||
	    !number(open + 1, (size_t)(line + len - 1 - (open + 1)), &n))
		return false;
	r->left = n;
	r->keeps = !r->has_literal && memmem(line + r->begun, len - r->begun, "BODY[]", 6);
	if (r->keeps) {
		r->has_literal = true;
		r->literal_len = n;
	}
	r->begun = len;
	return true;
}

/* Of a literal. */
static size_t take_literal(struct imap_reader *r, const char *bytes, size_t len)
{
	size_t n = r->left < len ? (size_t)r->left : len, room = IMAP_LITERAL_KEPT_MAX - r->literal.len;

	if (r->keeps)
		buf_put(&r->literal, bytes, n < room ? n : room);
	r->left -= n;
	return n;
}

int imap_read(struct imap_reader *r, const char *bytes, size_t len, size_t *ret_used)
{
	const char *p = bytes, *end = bytes + len, *newline;

	if (r->line.len && r->line.data[r->line.len - 1] == '\n') /* it was given */
		begin(r);
	while (p < end) {
		if (r->left) {
			p += take_literal(r, p, (size_t)(end - p));
			continue;
		}
		newline = memchr(p, '\n', (size_t)(end - p));
		buf_put(&r->line, p, (size_t)((newline ? newline : end) - p));
		p = newline ? newline + 1 : end;
		if (r->line.full)
			return IMAP_READ_WRONG;
		if (!newline)
			break;
		if (r->line.len > r->begun && r->line.data[r->line.len - 1] == '\r')
			r->line.data[--r->line.len] = '\0';
		if (literal_begins(r))
			continue;
		*ret_used = (size_t)(p - bytes);
		if (memchr(buf_str(&r->line), '\0', r->line.len)) /* what is text to us would end there */
			return IMAP_READ_WRONG;
		buf_putc(&r->line, '\n');
		return r->line.full ? IMAP_READ_WRONG : 0;
	}
	*ret_used = len;
	return IMAP_READ_MORE;
}

enum imap_status imap_status_of(const char *line, const char *tag, const char **ret_words)
{
	static const struct {
		const char *name;
		enum imap_status status;
	} names[] = {{"OK", IMAP_OK}, {"NO", IMAP_NO}, {"BAD", IMAP_BAD}, {"BYE", IMAP_BYE}, {"PREAUTH", IMAP_PREAUTH}};
	size_t len = strlen(tag), i;

	if (strncmp(line, tag, len) != 0 || line[len] != ' ')
		return IMAP_NONE;
	line += len + 1;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		len = strlen(names[i].name);
		if (strncasecmp(line, names[i].name, len) == 0 && strchr(" \r\n", line[len])) {
			*ret_words = line + len + strspn(line + len, " ");
			return names[i].status;
		}
	}
	return IMAP_NONE;
}

bool imap_has_code(const char *words, const char *code)
{
	size_t len = strlen(code);

	return *words == '[' && strncasecmp(words + 1, code, len) == 0 &&
	       (words[1 + len] == ']' || words[1 + len] == ' ');
}

bool imap_number_code(const char *words, const char *code, uint32_t *ret)
{
	const char *p = words + 2 + strlen(code);

	return imap_has_code(words, code) && p[-1] == ' ' && number(p, strcspn(p, "]\n"), ret);
}

bool imap_exists(const char *line, uint32_t *ret)
{
	size_t len = strncmp(line, "* ", 2) == 0 ? strspn(line + 2, "0123456789") : 0;

	return len && strncasecmp(line + 2 + len, " EXISTS", 7) == 0 && number(line + 2, len, ret);
}

bool imap_search_each(const char *line, void (*on_number)(void *arg, uint32_t n), void *arg)
{
	const char *p = line + 8;
	uint32_t n;
	size_t len;

	if (strncasecmp(line, "* SEARCH", 8) != 0)
		return false;
	for (p += strspn(p, " "); (len = strspn(p, "0123456789")); p += len + strspn(p + len, " "))
		if (number(p, len, &n))
			on_number(arg, n);
	return true;
}

/* --- a message's items --- */

/* Behind a quoted string that begins at p; NULL: it has no end. */
static const char *skip_quoted(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && !*++p)
			return NULL;
	return *p ? p + 1 : NULL;
}

/* Behind the value that begins at p: an atom, a string, or a list of them. NULL: there is none, or it has no end. */
static const char *skip_value(const char *p)
{
	unsigned deep = 0;

	do {
		if (*p == '"') {
			p = skip_quoted(p);
		} else if (*p == '(') {
			deep++;
			p++;
		} else if (*p == ')' && deep) {
			deep--;
			p++;
		} else if (*p == ' ' && deep) {
			p++;
		} else {
			size_t len = strcspn(p, " ()\"\n");

			p = len ? p + len : NULL;
		}
	} while (p && deep && *p);
	return deep ? NULL : p;
}

/* "22-Nov-2026 13:01:11 +0000", quoted. */
static int64_t time_of(const char *p, size_t len)
{
	char text[40], month[4] = "", sign = '+';
	struct tm tm = {.tm_isdst = 0};
	int zone = 0, i;

	if (len < 3 || len >= sizeof(text))
		return TIME_NONE;
	*stpncpy(text, p + 1, len - 2) = '\0';
	if (sscanf(text, " %2d-%3[A-Za-z]-%4d %2d:%2d:%2d %c%4d", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour,
		   &tm.tm_min, &tm.tm_sec, &sign, &zone) != 8)
		return TIME_NONE;
	for (i = 0; i < 12 && strcasecmp(month, months[i]) != 0; i++)
		;
	if (i == 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_year < 1970)
		return TIME_NONE;
	tm.tm_mon = i;
	tm.tm_year -= 1900;
	zone = zone / 100 * 60 + zone % 100;
	return ((int64_t)timegm(&tm) - (int64_t)(sign == '-' ? -zone : zone) * 60) * SECOND_MS;
}

static bool is_name(const char *p, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(p, name, len) == 0;
}

static void take_body(const char *line, const char *value, size_t len, struct imap_item *ret)
{
	if (*value == '{') {
		ret->has_body = true;
	} else if (*value == '"') {
		ret->has_body = true;
		ret->text_at = (size_t)(value + 1 - line);
		ret->text_len = len - 2;
	}
}

/* The name of an item ends at a space, but for those within its brackets. */
static size_t name_len(const char *p)
{
	size_t len = strcspn(p, " [()\"\n");

	if (p[len] == '[') {
		len += strcspn(p + len, "]\n");
		len += strcspn(p + len, " ()\"\n");
	}
	return len;
}

bool imap_item_of(const char *line, struct imap_item *ret)
{
	const char *p = fetch_items(line), *value, *end;
	size_t len;

	if (!p)
		return false;
	*ret = (struct imap_item){.arrived_ms = TIME_NONE};
	for (; (len = name_len(p)) && p[len] == ' '; p = end + strspn(end, " ")) {
		value = p + len + 1;
		end = skip_value(value);
		if (!end)
			return true; /* what came before it counts */
		if (is_name(p, len, "UID"))
			(void)number(value, (size_t)(end - value), &ret->uid);
		else if (is_name(p, len, "RFC822.SIZE"))
			(void)number(value, (size_t)(end - value), &ret->size);
		else if (is_name(p, len, "INTERNALDATE"))
			ret->arrived_ms = time_of(value, (size_t)(end - value));
		else if (len >= 6 && strncasecmp(p, "BODY[]", 6) == 0)
			take_body(line, value, (size_t)(end - value), ret);
	}
	return true;
}
