#include "main/ctl_export_csv.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "main/ctl_output.h"

enum { JOINED_MAX_BYTES = 64 * 1024, NUMBER_BYTES = 32 };

static const char BOM[] = "\xef\xbb\xbf";

/* Where Spanish is written with a decimal point. */
static bool has_decimal_point(const char *zone)
{
	static const char *const zones[] = {
		"America/Mexico_City", "America/Monterrey",     "America/Tijuana",     "America/Cancun",
		"America/Merida",      "America/Hermosillo",    "America/Chihuahua",   "America/Ciudad_Juarez",
		"America/Mazatlan",    "America/Matamoros",     "America/Ojinaga",     "America/Bahia_Banderas",
		"America/Guatemala",   "America/El_Salvador",   "America/Tegucigalpa", "America/Managua",
		"America/Panama",      "America/Santo_Domingo", "America/Puerto_Rico"};
	size_t i;

	for (i = 0; zone && i < ARRAY_LEN(zones); i++)
		if (strcmp(zone, zones[i]) == 0)
			return true;
	return false;
}

struct csv csv_of(const struct ctl *c, const char *zone)
{
	bool point = c->lang == TEXT_EN || has_decimal_point(zone);

	return (struct csv){.ctl = c, .separator = point ? ',' : ';', .decimal = point ? '.' : ','};
}

/* --- cells --- */

/* Whether a spreadsheet would calculate it. */
static bool is_formula(const char *s)
{
	static const char *const wide[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};
	size_t i;

	s += strspn(s, " \t\r\n\v\f");
	while (!strncmp(s, "\u00a0", 2) || !strncmp(s, BOM, 3))
		s += *s == BOM[0] ? 3 : 2;
	for (i = 0; i < ARRAY_LEN(wide); i++)
		if (!strncmp(s, wide[i], 3))
			return true;
	return *s && strchr("=+-@", *s);
}

/* How many of its bytes a cell takes. */
static size_t fitting(const char *s)
{
	const char *at = s, *end = s + strlen(s), *before;
	size_t units = 0;

	while (at < end) {
		before = at;
		units += utf8_next(&at, end) > 0xffff ? 2 : 1;
		if (units > CSV_CELL_MAX_UNITS)
			return (size_t)(before - s);
	}
	return (size_t)(end - s);
}

void csv_cell(const char *text, struct buf *out)
{
	bool formula;
	size_t len, i;

	if (!text || !*text)
		return;
	formula = is_formula(text);
	len = fitting(text);
	if (!formula && !text[len] && !strpbrk(text, "\"\r\n\t;,") && text[0] != ' ' && text[len - 1] != ' ') {
		buf_put(out, text, len);
		return;
	}
	buf_puts(out, formula ? "\"'" : "\"");
	for (i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, text[i]);
	}
	buf_puts(out, text[len] ? "\u2026\"" : "\"");
}

/* --- rows --- */

static void put_text(const struct csv *csv, const char *text, struct buf *out)
{
	csv_cell(text, out);
	buf_putc(out, csv->separator);
}

static void put_time(const struct csv *csv, const char *rfc3339, struct buf *out)
{
	cleanup(freep) char *at = rfc3339 ? local_time(csv->ctl, rfc3339) : NULL;

	put_text(csv, at, out);
}

/* A number of ours is no formula, though it may begin with a minus. */
static void put_number(const struct csv *csv, const json_t *value, struct buf *out)
{
	char text[NUMBER_BYTES], *point;

	if (json_is_integer(value)) {
		buf_put_int(out, json_integer_value(value));
	} else if (json_is_real(value)) {
		snprintf(text, sizeof(text), "%.2f", json_real_value(value));
		point = strchr(text, '.');
		if (point)
			*point = csv->decimal;
		buf_puts(out, text);
	}
	buf_putc(out, csv->separator);
}

/* Each once, with blanks between. */
static void join(struct buf *b, const char *name)
{
	cleanup(freep) char *padded = xasprintf(" %s ", name), *have = xasprintf(" %s ", buf_str(b));

	if (strstr(have, padded))
		return;
	if (b->len)
		buf_putc(b, ' ');
	buf_puts(b, name);
}

static void put_of_hits(const struct csv *csv, const json_t *hits, const char *key, struct buf *out)
{
	struct buf all = BUF_INIT(JOINED_MAX_BYTES);
	const json_t *hit, *name;
	size_t i, k;

	json_array_foreach(hits, i, hit)
	{
		const json_t *value = json_object_get(hit, key);

		if (json_is_string(value))
			join(&all, json_string_value(value));
		json_array_foreach(value, k, name)
		{
			if (json_is_string(name))
				join(&all, json_string_value(name));
		}
	}
	put_text(csv, buf_str(&all), out);
	buf_done(&all);
}

static void put_intents(const struct csv *csv, const json_t *intents, struct buf *out)
{
	struct buf all = BUF_INIT(JOINED_MAX_BYTES);
	const json_t *name;
	size_t i;

	json_array_foreach(intents, i, name)
	{
		if (json_is_string(name))
			join(&all, json_string_value(name));
	}
	put_text(csv, buf_str(&all), out);
	buf_done(&all);
}

void csv_head(const struct csv *csv, struct buf *out)
{
	const char *all = text_raw(csv->ctl->lang, TEXT_CTL_EXPORT_COLUMNS);

	buf_puts(out, BOM);
	while (*all) {
		size_t n = strcspn(all, "|");
		cleanup(freep) char *name = xstrndup(all, n);

		csv_cell(name, out);
		all += n;
		if (*all == '|')
			buf_putc(out, csv->separator);
		all += *all == '|';
	}
	buf_puts(out, "\r\n");
}

static void put_who(const struct csv *csv, const json_t *author, struct buf *out)
{
	const char *handle = said_in(author, "handle");

	put_text(csv, said_in(author, "name"), out);
	put_text(csv, handle && *handle == '@' ? handle + 1 : handle, out);
	put_number(csv, json_object_get(author, "followers"), out);
}

void csv_row(const struct csv *csv, const json_t *m, struct buf *out)
{
	static const char *const counts[] = {"likes", "shares", "replies", "views", "rating"};
	const json_t *hits = json_object_get(m, "hits"), *tone = json_object_get(m, "sentiment");
	const char *label = said_in(tone, "label"), *story = said_in(m, "story"), *why = said_in(m, "uncounted");
	cleanup(freep) char *marked = story ? xasprintf("s%s", story) : NULL;
	size_t i;

	put_time(csv, said_in(m, "seen"), out);
	put_time(csv, said_in(m, "published"), out);
	put_of_hits(csv, hits, "topic", out);
	put_text(csv, said_in(m, "source"), out);
	put_text(csv, said_in(m, "platform"), out);
	put_text(csv, said_in(m, "kind"), out);
	put_text(csv, label ? text_raw(csv->ctl->lang, tone_text(label)) : NULL, out);
	put_number(csv, json_object_get(tone, "score"), out);
	put_text(csv, said_in(m, "title"), out);
	put_text(csv, said_in(m, "text"), out);
	put_who(csv, json_object_get(m, "author"), out);
	put_text(csv, said_in(m, "url"), out);
	for (i = 0; i < ARRAY_LEN(counts); i++)
		put_number(csv, json_object_get(m, counts[i]), out);
	put_text(csv, said_in(m, "lang"), out);
	put_text(csv, said_in(m, "country"), out);
	put_intents(csv, json_object_get(m, "intents"), out);
	put_of_hits(csv, hits, "rules", out);
	put_of_hits(csv, hits, "tags", out);
	put_text(csv, marked, out);
	put_text(csv, why, out);
	put_text(csv, json_is_true(json_object_get(m, "own")) ? "1" : NULL, out);
	csv_cell(said_in(m, "id"), out);
	buf_puts(out, "\r\n");
}
