#include "platform/template.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/schema.h"

/* --- reading --- */

static const char *const names[] = {
	[TEMPLATE_CURSOR] = "cursor", [TEMPLATE_PAGE] = "page",      [TEMPLATE_SINCE] = "since",
	[TEMPLATE_UNTIL] = "until",   [TEMPLATE_IDS] = "ids",        [TEMPLATE_AUTH] = "auth",
	[TEMPLATE_TOKEN] = "token",   [TEMPLATE_REFRESH] = "refresh"};
static const char *const formats[] = {
	[TEMPLATE_TEXT] = "text",         [TEMPLATE_NUMBER] = "number", [TEMPLATE_EPOCH] = "epoch",
	[TEMPLATE_EPOCH_MS] = "epoch_ms", [TEMPLATE_ISO] = "iso",       [TEMPLATE_DATE] = "date",
	[TEMPLATE_DAY] = "day",           [TEMPLATE_STAMP] = "stamp"};

static bool is_word(const char *text, size_t len, const char *word)
{
	return word && strlen(word) == len && memcmp(text, word, len) == 0;
}

/* "NAME" or "NAME:FORMAT", with an @ before our own. */
static bool read_name(struct schema_run *run, const char *text, size_t len, struct template_part *part)
{
	const char *colon = memchr(text, ':', len);
	size_t i;

	part->what = TEMPLATE_PARAM;
	part->text = text;
	part->len = colon ? (size_t)(colon - text) : len;
	for (i = 0; *text == '@' && i < ARRAY_LEN(names); i++) {
		if (is_word(part->text + 1, part->len - 1, names[i]))
			part->what = (enum template_what)i;
	}
	if (!colon) {
		part->format =
			part->what == TEMPLATE_SINCE || part->what == TEMPLATE_UNTIL ? TEMPLATE_ISO : TEMPLATE_TEXT;
		return true;
	}
	for (i = 0; i < ARRAY_LEN(formats); i++) {
		if (is_word(colon + 1, len - part->len - 1, formats[i])) {
			part->format = (enum template_format)i;
			return true;
		}
	}
	return schema_fail_at(run, part->pos, NULL, NULL, TEXT_PLATFORM_TEMPLATE_FORMAT,
			      TEXT_ARGS(arena_memdup0(schema_arena(run), colon + 1, len - part->len - 1)));
}

static struct template_part *add_part(struct template *t, struct template_part part)
{
	t->parts[t->n] = part;
	return &t->parts[t->n++];
}

/* The next part of the text at *at. */
static bool read_part(struct schema_run *run, const struct yaml_node *node, size_t *at, struct template *t)
{
	const char *p = node->text + *at, *end;
	struct template_part part = {.what = TEMPLATE_LITERAL, .text = p, .param = -1};

	part.pos = yaml_pos_at(schema_doc(run), node, *at);
	if (*p == '{' && p[1] != '{') {
		end = strchr(p, '}');
		if (!end || end == p + 1)
			return schema_fail_at(run, part.pos, NULL, NULL, TEXT_PLATFORM_TEMPLATE_BRACE, TEXT_ARGS());
		if (!read_name(run, p + 1, (size_t)(end - p) - 1, &part))
			return false;
		*at += (size_t)(end - p) + 1;
	} else if (*p == '{' || *p == '}') {
		if (p[1] != *p)
			return schema_fail_at(run, part.pos, NULL, NULL, TEXT_PLATFORM_TEMPLATE_BRACE, TEXT_ARGS());
		part.len = 1;
		*at += 2;
	} else {
		part.len = strcspn(p, "{}");
		*at += part.len;
	}
	add_part(t, part);
	return true;
}

static bool read_template(struct schema_run *run, const struct yaml_node *node, struct template *ret)
{
	struct template t = {.pos = node->pos};
	char most[24];
	size_t at = 0;

	t.parts = ARENA_ARRAY(schema_arena(run), struct template_part, TEMPLATE_PARTS_MAX);
	while (at < node->n) {
		if (t.n == TEMPLATE_PARTS_MAX) {
			snprintf(most, sizeof(most), "%d", TEMPLATE_PARTS_MAX);
			return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_TEMPLATE_PARTS, most);
		}
		if (!read_part(run, node, &at, &t))
			return false;
	}
	t.parts =
		memcpy(ARENA_ARRAY(schema_arena(run), struct template_part, t.n + 1), t.parts, t.n * sizeof(*t.parts));
	*ret = t;
	return true;
}

bool template_decode(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING, .may_be_empty = true};
	const char *s;

	(void)row;
	return schema_value(run, node, &text, &s) && read_template(run, node, ret);
}

/* --- writing --- */

static const char hex[] = "0123456789ABCDEF";

static void put_encoded(struct buf *b, const char *text, const char *also)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c) || strchr(also, c)) {
			buf_putc(b, *text);
		} else {
			buf_putc(b, '%');
			buf_putc(b, hex[c >> 4]);
			buf_putc(b, hex[c & 15]);
		}
	}
}

void template_put_query(struct buf *b, const char *text)
{
	put_encoded(b, text, "");
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

/* A name of a host, or an address, and perhaps a port: nothing that ends it. */
static bool fits_host(const char *text)
{
	return *text &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]_")] == '\0';
}

/* "." and ".." as a whole part of a path lead elsewhere, percent-encoded or not. */
static bool fits_path(const char *text)
{
	return *text && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static bool fits_address(const char *text)
{
	bool web = strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;

	return web && !has_control(text) && !strpbrk(text, " \"<>\\^`{|}");
}

enum url_part { URL_BEGIN, URL_HOST, URL_PATH, URL_QUERY };

/* In which part the address stands, so far. */
static enum url_part part_of(const char *url, size_t len)
{
	const char *end = url + len, *host = memmem(url, len, "://", 3);

	if (!len)
		return URL_BEGIN;
	if (memchr(url, '?', len))
		return URL_QUERY;
	host = host ? host + 3 : end;
	return memchr(host, '/', (size_t)(end - host)) ? URL_PATH : URL_HOST;
}

static int put_in_url(struct buf *b, size_t from, const char *text)
{
	size_t len = strlen(text);

	switch (part_of(buf_str(b) + from, b->len - from)) {
	case URL_BEGIN:
		if (!fits_address(text))
			return TEMPLATE_E_VALUE;
		while (len && text[len - 1] == '/') /* "{site}/posts.json": one slash, however it was written */
			len--;
		buf_put(b, text, len);
		return 0;
	case URL_HOST:
		if (!fits_host(text))
			return TEMPLATE_E_VALUE;
		buf_puts(b, text);
		return 0;
	case URL_PATH:
		if (!fits_path(text))
			return TEMPLATE_E_VALUE;
		put_encoded(b, text, "!$&'()*+,;=:@"); /* RFC 3986, pchar */
		return 0;
	default:
		put_encoded(b, text, "");
		return 0;
	}
}

static void put_time(struct buf *b, enum template_format format, int64_t ms)
{
	int64_t days = ms >= 0 ? ms / DAY_MS : (ms - DAY_MS + 1) / DAY_MS, year,
		rest = (ms - days * DAY_MS) / SECOND_MS;
	char iso[CLOCK_RFC3339_SIZE];
	int month, day;

	clock_civil_from_days(days, &year, &month, &day);
	switch (format) {
	case TEMPLATE_EPOCH:
	case TEMPLATE_NUMBER:
		buf_put_int(b, ms / SECOND_MS);
		break;
	case TEMPLATE_EPOCH_MS:
		buf_put_int(b, ms);
		break;
	case TEMPLATE_DATE:
		buf_printf(b, "%04lld-%02d-%02d", (long long)year, month, day);
		break;
	case TEMPLATE_DAY:
		buf_printf(b, "%04lld%02d%02d", (long long)year, month, day);
		break;
	case TEMPLATE_STAMP:
		buf_printf(b, "%04lld%02d%02d%02d%02d%02d", (long long)year, month, day, (int)(rest / 3600),
			   (int)(rest / 60 % 60), (int)(rest % 60));
		break;
	default:
		buf_puts(b, clock_rfc3339(ms, 0, iso));
	}
}

enum { TIME_MAX_BYTES = 64 };

/* What stands for a name. of: room for a time. NULL: nothing. */
static const char *value_of(const struct template_part *part, const struct template_values *v, struct buf *of)
{
	int64_t ms = part->what == TEMPLATE_SINCE ? v->since_ms : v->until_ms;

	switch (part->what) {
	case TEMPLATE_PARAM:
		return v->params && part->param >= 0 ? v->params[part->param] : NULL;
	case TEMPLATE_CURSOR:
		return v->cursor;
	case TEMPLATE_PAGE:
		return v->page;
	case TEMPLATE_IDS:
		return v->ids;
	case TEMPLATE_AUTH:
		return v->auth;
	case TEMPLATE_TOKEN:
		return v->token;
	case TEMPLATE_REFRESH:
		return v->refresh;
	default:
		if (ms == TIME_NONE)
			return NULL;
		put_time(of, part->format, ms);
		return buf_str(of);
	}
}

static int put_value(struct buf *b, size_t from, const char *text, enum template_place place)
{
	switch (place) {
	case TEMPLATE_URL:
		return put_in_url(b, from, text);
	case TEMPLATE_QUERY:
		template_put_query(b, text);
		return 0;
	case TEMPLATE_HEADER:
		if (has_control(text))
			return TEMPLATE_E_VALUE;
		/* fall through */
	default:
		buf_puts(b, text);
		return 0;
	}
}

int template_put(struct buf *b, const struct template *t, const struct template_values *v, enum template_place place,
		 const struct template_part **ret_part)
{
	size_t from = b->len, i;
	int r = 0;

	for (i = 0; i < t->n && !r; i++) {
		const struct template_part *part = &t->parts[i];
		struct buf of = BUF_INIT(TIME_MAX_BYTES);
		const char *text;

		if (part->what == TEMPLATE_LITERAL) {
			if (place == TEMPLATE_QUERY) {
				cleanup(freep) char *literal = xstrndup(part->text, part->len);

				template_put_query(b, literal);
			} else {
				buf_put(b, part->text, part->len);
			}
			continue;
		}
		text = value_of(part, v, &of);
		r = text ? put_value(b, from, text, place) : TEMPLATE_E_ABSENT;
		buf_done(&of);
		if (r && ret_part)
			*ret_part = part;
	}
	return r;
}
