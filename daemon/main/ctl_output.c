#include "main/ctl_output.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "main/ctl_terminal.h"
#include "main/source_why.h"

enum { GAP = 2, LAST_LEAST = 20, STACK_INDENT = 2, SNIPPET_BEFORE = 80, SNIPPET_MAX = 280, SHOWN_MAX = 256 * 1024 };

static const char BOLD[] = "\033[1m", DIM[] = "\033[2m", MARK[] = "\033[1;33m", PLAIN[] = "\033[0m";

/* Not C0, DEL, C1, what turns the order of letters around, and what is no character (nor may stand in YAML). */
static bool may_be_shown(uint32_t cp)
{
	return cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0) && !(cp >= 0x202a && cp <= 0x202e) &&
	       !(cp >= 0x2066 && cp <= 0x2069) && cp != 0x2028 && cp != 0x2029 && cp != 0xfeff &&
	       (cp & 0xfffe) != 0xfffe;
}

void text_clean(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		uint32_t cp = utf8_next(&s, end);

		if (cp == '\n' || cp == '\t' || cp == '\r')
			cp = ' ';
		if (may_be_shown(cp))
			utf8_put(b, cp);
	}
}

size_t text_width(const char *s)
{
	const char *end = s + strlen(s);
	size_t n = 0;

	while (s < end) {
		int w = wcwidth((wchar_t)utf8_next(&s, end));

		if (w > 0)
			n += (size_t)w;
	}
	return n;
}

struct table {
	size_t n_columns, n, cap, width[TABLE_COLUMNS_MAX];
	char **cells; /* n of them, row by row */
};

struct table *table_new(size_t n_columns)
{
	struct table *t = NEW(struct table);

	t->n_columns = n_columns < TABLE_COLUMNS_MAX ? n_columns : TABLE_COLUMNS_MAX;
	return t;
}

struct table *table_free(struct table *t)
{
	size_t i;

	if (!t)
		return NULL;
	for (i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t);
	return NULL;
}

void table_row(struct table *t, const char *const cells[])
{
	size_t i, w;

	if (t->n / t->n_columns >= TABLE_ROWS_MAX)
		return;
	for (i = 0; i < t->n_columns; i++) {
		struct buf b = BUF_INIT(TABLE_CELL_MAX_BYTES);
		const char *s = cells[i] && *cells[i] ? cells[i] : "-";

		text_clean(&b, s, strlen(s));
		t->cells = GROW(t->cells, t->n, &t->cap);
		w = text_width(buf_str(&b));
		if (w > t->width[i])
			t->width[i] = w;
		t->cells[t->n++] = buf_steal(&b);
	}
}

/* Where the columns leave the last one too little room: what belongs together below each other. A number says nothing without
 * the head that it had no column to stand under; the last column speaks for itself. */
static void print_stacked(const struct table *t, size_t width, struct buf *out)
{
	size_t i;

	for (i = t->n_columns; i < t->n; i++) {
		size_t column = i % t->n_columns, at = STACK_INDENT;

		if (column == 0) {
			text_wrap(out, t->cells[i], 0, STACK_INDENT, width);
		} else if (strcmp(t->cells[i], "-") != 0) {
			buf_printf(out, "%*s", STACK_INDENT, "");
			if (column + 1 < t->n_columns && t->cells[i][0] >= '0' && t->cells[i][0] <= '9') {
				buf_printf(out, "%s: ", t->cells[column]);
				at += text_width(t->cells[column]) + 2;
			}
			text_wrap(out, t->cells[i], at, STACK_INDENT, width);
		}
	}
}

void table_print(const struct table *t, struct buf *out)
{
	size_t width = terminal_width(), before = 0, i, k;

	for (k = 0; k + 1 < t->n_columns; k++)
		before += t->width[k] + GAP;
	if (width && t->n_columns > 2 && before + t->width[k] > width && before + LAST_LEAST > width) {
		print_stacked(t, width, out);
		return;
	}
	for (i = 0; i < t->n; i++) {
		size_t column = i % t->n_columns;

		if (column + 1 == t->n_columns) {
			text_wrap(out, t->cells[i], before, before, width);
			continue;
		}
		buf_puts(out, t->cells[i]);
		for (k = text_width(t->cells[i]); k < t->width[column] + GAP; k++)
			buf_putc(out, ' ');
	}
}

void local_zone(const struct ctl *c)
{
	if (c->timezone) {
		cleanup(freep) char *zone = xasprintf(":%s", c->timezone);

		(void)setenv("TZ", zone, 1);
	}
	tzset();
}

/* Milliseconds of ".123Z"; what is finer is dropped. */
static int64_t fraction_ms(const char *s)
{
	int64_t ms = 0, part = SECOND_MS / 10;

	for (; *s >= '0' && *s <= '9'; s++, part /= 10)
		ms += (*s - '0') * part;
	return ms;
}

int rfc3339_parse(const char *s, int64_t *ret_ms)
{
	int year, month, day, hour, minute, second, n = 0;
	int64_t ms = 0;

	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &n) != 6)
		return 1;
	if (s[n] == '.') {
		ms = fraction_ms(s + n + 1);
		n += 1 + (int)strspn(s + n + 1, "0123456789");
	}
	if (strcmp(s + n, "Z") != 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59 || second < 0 || second > 59)
		return 1;
	*ret_ms = clock_days_from_civil(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS +
		  second * SECOND_MS + ms;
	return 0;
}

char *local_time(const struct ctl *c, const char *rfc3339)
{
	char out[32];
	int64_t ms;
	struct tm tm;
	time_t t;

	(void)c;
	if (!rfc3339 || rfc3339_parse(rfc3339, &ms) != 0)
		return xstrdup("-");
	t = (time_t)(ms / SECOND_MS);
	if (!localtime_r(&t, &tm) || !strftime(out, sizeof(out), "%Y-%m-%d %H:%M:%S", &tm))
		return xstrdup("-");
	return xstrdup(out);
}

char *time_for(const struct ctl *c, int64_t ms)
{
	cleanup(freep) char *d = xasprintf("%lld", (long long)(ms / DAY_MS)),
			    *h = xasprintf("%lld", (long long)(ms % DAY_MS / HOUR_MS)),
			    *m = xasprintf("%lld", (long long)(ms % HOUR_MS / MINUTE_MS));

	if (ms >= DAY_MS)
		return TEXT(c->lang, TEXT_CTL_FOR_DAYS, d, h);
	return ms >= HOUR_MS ? TEXT(c->lang, TEXT_CTL_FOR_HOURS, h, m) : TEXT(c->lang, TEXT_CTL_FOR_MINUTES, m);
}

/* --- hits --- */

/* A text as code points, and which of them a pattern matched. */
struct marked {
	uint32_t *cp;
	bool *hit;
	size_t n;
};

static void mark_spans(struct marked *m, const json_t *hits, const char *where)
{
	size_t i, k, at;
	json_t *hit, *span;

	json_array_foreach(hits, i, hit)
	{
		json_array_foreach(json_object_get(hit, "spans"), k, span)
		{
			const char *in = json_string_value(json_object_get(span, "in"));
			const json_t *range = json_object_get(span, "at");
			json_int_t from = json_integer_value(json_array_get(range, 0)),
				   to = json_integer_value(json_array_get(range, 1));

			if (!in || strcmp(in, where) != 0 || from < 0)
				continue;
			for (at = (size_t)from; at < m->n && (json_int_t)at < to; at++)
				m->hit[at] = true;
		}
	}
}

static struct marked marked_of(const json_t *mention, const char *where)
{
	const json_t *text = json_object_get(mention, where);
	const char *s = json_string_value(text), *end;
	struct marked m = {NULL};

	if (!s)
		return m;
	end = s + json_string_length(text);
	m.cp = xcalloc((size_t)(end - s) + 1, sizeof(*m.cp));
	m.hit = xcalloc((size_t)(end - s) + 1, sizeof(*m.hit));
	while (s < end)
		m.cp[m.n++] = utf8_next(&s, end);
	mark_spans(&m, json_object_get(mention, "hits"), where);
	return m;
}

static void marked_done(struct marked *m)
{
	free(m->cp);
	free(m->hit);
}

/* [from, to) on one line: white space runs become one space. */
static void marked_print(const struct ctl *c, const struct marked *m, size_t from, size_t to, const char *base,
			 struct buf *out)
{
	bool on = false, space = false;
	size_t i;

	for (i = from; i < to; i++) {
		uint32_t cp = m->cp[i];

		if (cp == ' ' || cp == '\n' || cp == '\t' || cp == '\r' || cp == 0xa0) {
			space = true;
			continue;
		}
		if (!may_be_shown(cp))
			continue;
		if (c->colour && on && !m->hit[i]) {
			buf_puts(out, PLAIN);
			buf_puts(out, base);
			on = false;
		}
		if (space)
			buf_putc(out, ' ');
		space = false;
		if (c->colour && !on && m->hit[i]) {
			buf_puts(out, MARK);
			on = true;
		}
		utf8_put(out, cp);
	}
	if (on)
		buf_puts(out, PLAIN);
}

static void print_title(const struct ctl *c, const json_t *mention, struct buf *out)
{
	struct marked m = marked_of(mention, "title");

	if (m.n) {
		buf_puts(out, "  ");
		buf_puts(out, c->colour ? BOLD : "");
		marked_print(c, &m, 0, m.n < SNIPPET_MAX ? m.n : SNIPPET_MAX, BOLD, out);
		buf_puts(out, c->colour ? PLAIN : "");
		buf_puts(out, m.n > SNIPPET_MAX ? "…\n" : "\n");
	}
	marked_done(&m);
}

/* The part of the text around its first mark. */
static void print_text(const struct ctl *c, const json_t *mention, struct buf *out)
{
	struct marked m = marked_of(mention, "text");
	size_t first, from, to;

	for (first = 0; first < m.n && !m.hit[first]; first++)
		;
	from = first < m.n && first > SNIPPET_BEFORE ? first - SNIPPET_BEFORE : 0;
	to = m.n - from > SNIPPET_MAX ? from + SNIPPET_MAX : m.n;
	if (m.n) {
		buf_puts(out, from ? "  …" : "  ");
		marked_print(c, &m, from, to, "", out);
		buf_puts(out, to < m.n ? "…\n" : "\n");
	}
	marked_done(&m);
}

static void put_text(struct buf *out, const char *before, const json_t *value, const char *after)
{
	const char *s = json_string_value(value);

	if (!s)
		return;
	buf_puts(out, before);
	text_clean(out, s, json_string_length(value));
	buf_puts(out, after);
}

static void put_names(struct buf *out, const char *before, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) put_text(out, i ? ", " : before, name, "");
}

enum text_id tone_text(const char *label)
{
	if (!strcmp(label, "negative"))
		return TEXT_TONE_NEGATIVE;
	return strcmp(label, "positive") != 0 ? TEXT_TONE_NEUTRAL : TEXT_TONE_POSITIVE;
}

/* What most mentions are, neutral, is left out. */
static void put_tone(const struct ctl *c, const json_t *mention, struct buf *out)
{
	const char *label = json_string_value(json_object_get(json_object_get(mention, "sentiment"), "label"));

	if (label && strcmp(label, "neutral") != 0)
		buf_printf(out, "  %s %s", strcmp(label, "negative") != 0 ? "+" : "−",
			   text_raw(c->lang, tone_text(label)));
}

void hit_print(const struct ctl *c, const json_t *mention, struct buf *out)
{
	const char *published = json_string_value(json_object_get(mention, "published"));
	cleanup(freep) char *when = local_time(c, published);
	const json_t *hit;
	size_t i;

	buf_puts(out, c->colour ? DIM : "");
	buf_puts(out, when);
	put_text(out, "  ", json_object_get(mention, "source"), "");
	put_text(out, "  ", json_object_get(json_object_get(mention, "author"), "name"), "");
	buf_puts(out, c->colour ? PLAIN : "");
	json_array_foreach(json_object_get(mention, "hits"), i, hit)
	{
		put_text(out, "  [", json_object_get(hit, "topic"), "");
		put_names(out, ": ", json_object_get(hit, "rules"));
		put_names(out, " #", json_object_get(hit, "tags"));
		buf_putc(out, ']');
	}
	put_tone(c, mention, out);
	buf_putc(out, '\n');
	print_title(c, mention, out);
	print_text(c, mention, out);
	put_text(out, "  ", json_object_get(mention, "url"), "\n");
}

const char *said_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

char *deaf_words(const struct ctl *c, const json_t *deaf)
{
	const char *heard = said_in(deaf, "since");
	cleanup(freep) char *since = local_time(c, heard),
			    *why = source_why(c->lang, said_in(deaf, "why"), said_in(deaf, "detail"));

	return heard ? TEXT(c->lang, TEXT_CTL_STATUS_DEAF_ONE, said_in(deaf, "source"), since, why)
		     : TEXT(c->lang, TEXT_CTL_STATUS_DEAF_NEVER, said_in(deaf, "source"), why);
}

char *lacking_words(const struct ctl *c, const json_t *source)
{
	const json_t *missing = json_object_get(source, "missing"), *one;
	cleanup(freep) char *since = local_time(c, said_in(source, "missing_since")), *why = NULL;
	const json_int_t textless = json_integer_value(json_object_get(source, "textless"));
	cleanup(freep) char *number = xasprintf("%" JSON_INTEGER_FORMAT, textless);
	struct buf b = BUF_INIT(TABLE_CELL_MAX_BYTES);
	size_t i;

	json_array_foreach(missing, i, one)
	{
		buf_printf(&b, "%s%s", i ? "," : "", json_string_value(one));
	}
	if (b.len)
		why = source_why(c->lang, "field", buf_str(&b));
	buf_done(&b);
	if (why)
		return TEXT(c->lang, TEXT_CTL_SOURCES_LACKING, why, since);
	return textless ? TEXT(c->lang, TEXT_CTL_SOURCES_TEXTLESS, number) : NULL;
}

void json_print(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
}

void findings_print(const json_t *findings)
{
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
	{
		struct buf b = BUF_INIT(TABLE_CELL_MAX_BYTES);
		const char *file = said_in(f, "file"), *key = said_in(f, "key"), *message = said_in(f, "message");

		if (file)
			buf_printf(&b, "%s:", file);
		if (json_object_get(f, "line"))
			buf_printf(&b, "%lld:", (long long)json_integer_value(json_object_get(f, "line")));
		if (json_object_get(f, "column"))
			buf_printf(&b, "%lld:", (long long)json_integer_value(json_object_get(f, "column")));
		buf_printf(&b, "%s%s%s%s", b.len ? " " : "", key ? key : "", key ? ": " : "", message ? message : "");
		fprintf(stderr, "%s\n", buf_str(&b));
		buf_done(&b);
	}
}
