/* escuchactl export: hits, or all mentions, as one file to be shared; who speaks in them is a pseudonym. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_export_csv.h"
#include "main/ctl_output.h"

enum { CURSOR_MAX_BYTES = 48 };

struct values {
	const char *topic, *rule, *sentiment, *since, *until, *format, *separator, *out;
	bool all, names;
};

struct writing {
	const struct ctl *ctl;
	FILE *to;
	bool as_csv, more, failed;
	struct csv csv;
	char cursor[CURSOR_MAX_BYTES]; /* where the next page begins; "": at the first */
	long long n;
};

/* --- what is asked --- */

/* "7d" back from now, or a day of the reader's clock, with or without a time. Of a day alone the end is meant where end is set. */
static bool time_of(const char *text, bool end, int64_t *ret)
{
	struct tm t = {.tm_isdst = -1};
	const char *rest;
	int64_t back_ms;
	time_t at;

	*ret = TIME_NONE;
	if (!text)
		return true;
	if (units_duration(text, &back_ms) == 0) {
		*ret = clock_wall_ms() - back_ms;
		return true;
	}
	rest = strptime(text, "%Y-%m-%d %H:%M", &t);
	if (!rest) {
		t = (struct tm){.tm_isdst = -1};
		rest = strptime(text, "%Y-%m-%d", &t);
		t.tm_mday += end;
	}
	if (!rest || *rest)
		return false;
	at = mktime(&t);
	*ret = (int64_t)at * SECOND_MS;
	return at > 0;
}

static bool is_one_of(const char *s, const char *const *v, size_t n)
{
	while (n--)
		if (strcmp(s, v[n]) == 0)
			return true;
	return false;
}
#define IS(s, ...) is_one_of((s), (const char *const[]){__VA_ARGS__}, ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const struct ctl *c = call->ctl;
	int64_t ms;

	if (!time_of(v->since, false, &ms) || !time_of(v->until, true, &ms)) {
		CTL_COMPLAIN(c, TEXT_CTL_EXPORT_TIME, time_of(v->since, false, &ms) ? v->until : v->since);
		return false;
	}
	if (v->format && !IS(v->format, "jsonl", "csv")) {
		CTL_COMPLAIN(c, TEXT_CTL_EXPORT_FORMAT, v->format);
		return false;
	}
	if (v->sentiment && !IS(v->sentiment, "negative", "neutral", "positive")) {
		CTL_COMPLAIN(c, TEXT_CTL_EXPORT_TONE, v->sentiment);
		return false;
	}
	if (v->separator && !IS(v->separator, ";", ",", "tab")) {
		CTL_COMPLAIN(c, TEXT_CTL_EXPORT_SEPARATOR, v->separator);
		return false;
	}
	return true;
}

static void put_parameter(struct buf *b, const char *name, const char *value)
{
	cleanup(freep) char *escaped = value ? client_escape(value) : NULL;

	if (escaped)
		buf_printf(b, "&%s=%s", name, escaped);
}

/* Without its cursor. The bounds are reckoned once: all pages have the same. To be freed. */
static char *target_of(const struct values *v)
{
	struct buf b = BUF_INIT(64 * 1024);
	int64_t since_ms, until_ms;

	if (!time_of(v->since, false, &since_ms) || !time_of(v->until, true, &until_ms))
		return NULL;
	buf_puts(&b, "/v1/export?limit=1000");
	put_parameter(&b, "topic", v->topic);
	put_parameter(&b, "rule", v->rule);
	put_parameter(&b, "sentiment", v->sentiment);
	if (since_ms != TIME_NONE)
		buf_printf(&b, "&since=%lld", (long long)(since_ms > 0 ? since_ms : 0));
	if (until_ms != TIME_NONE)
		buf_printf(&b, "&until=%lld", (long long)(until_ms > 0 ? until_ms : 0));
	if (v->all)
		buf_puts(&b, "&all=1");
	if (v->names)
		buf_puts(&b, "&names=1");
	return buf_steal(&b);
}

/* --- what comes --- */

/* The line as it came, without the cursor that it begins with. */
static void put_line(struct writing *w, const char *bytes, size_t len)
{
	const char *comma = memchr(bytes, ',', len);
	size_t skip = comma ? (size_t)(comma + 1 - bytes) : 1;

	fputc('{', w->to);
	fwrite(bytes + skip, 1, len - skip, w->to);
	fputc('\n', w->to);
}

static bool on_line(void *arg, json_t *line, const char *bytes, size_t len)
{
	struct writing *w = arg;
	const char *next = said_in(line, "next"), *cursor = said_in(line, "cursor");

	if (next || cursor)
		snprintf(w->cursor, sizeof(w->cursor), "%s", next ? next : cursor);
	w->more |= next || json_is_true(json_object_get(line, "more"));
	if (!cursor)
		return true;
	if (w->as_csv) {
		struct buf row = BUF_INIT(CSV_ROW_MAX_BYTES);

		csv_row(&w->csv, line, &row);
		fwrite(buf_str(&row), 1, row.len, w->to);
		buf_done(&row);
	} else {
		put_line(w, bytes, len);
	}
	w->n++;
	w->failed = ferror(w->to);
	return !w->failed;
}

static bool take_pages(const struct ctl_call *call, struct writing *w)
{
	cleanup(freep) char *target = target_of(call->values);
	char before[CURSOR_MAX_BYTES];

	do {
		cleanup(freep) char *page = xasprintf("%s%s%s", target, *w->cursor ? "&after=" : "", w->cursor);

		memcpy(before, w->cursor, sizeof(before));
		w->more = false;
		if (client_lines(call->client, page, false, on_line, w) != CLIENT_WHOLE)
			return false;
	} while (w->more && strcmp(before, w->cursor) != 0);
	return true;
}

/* --- the file --- */

static bool is_csv(const struct values *v)
{
	size_t len = v->out ? strlen(v->out) : 0;

	return v->format ? strcmp(v->format, "csv") == 0 : len > 4 && strcasecmp(v->out + len - 4, ".csv") == 0;
}

static struct csv style_of(const struct ctl *c, const struct values *v)
{
	struct csv csv = csv_of(c, c->timezone);

	if (v->separator)
		csv.separator = strcmp(v->separator, "tab") == 0 ? '\t' : *v->separator;
	return csv;
}

static bool begin(struct writing *w, const char *part)
{
	struct buf head = BUF_INIT(CSV_ROW_MAX_BYTES);

	w->to = part ? fopen(part, "we") : stdout;
	if (!w->to)
		return false;
	if (w->as_csv) {
		csv_head(&w->csv, &head);
		fwrite(buf_str(&head), 1, head.len, w->to);
	}
	buf_done(&head);
	return true;
}

/* What was begun takes the name that was asked for when it is whole. */
static bool end(struct writing *w, const char *part, const char *out, bool whole)
{
	w->failed |= fflush(w->to) != 0;
	if (!part)
		return !w->failed;
	w->failed |= fclose(w->to) != 0;
	if (whole && !w->failed && rename(part, out) == 0)
		return true;
	w->failed |= whole;
	(void)unlink(part);
	return false;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const struct ctl *c = call->ctl;
	struct writing w = {.ctl = c, .as_csv = is_csv(v)};
	cleanup(freep) char *part = v->out ? xasprintf("%s.part", v->out) : NULL, *n = NULL;
	bool whole;

	local_zone(c);
	w.csv = style_of(c, v);
	if (!begin(&w, part)) {
		ctl_complain_errno(c, TEXT_CTL_FILE, part, errno);
		return CTL_NO;
	}
	whole = take_pages(call, &w);
	errno = 0;
	if (!end(&w, part, v->out, whole)) {
		if (w.failed)
			ctl_complain_errno(c, TEXT_CTL_FILE, v->out ? v->out : "-", errno ? errno : EIO);
		return CTL_NO;
	}
	n = xasprintf("%lld", w.n);
	if (whole && v->out && w.n)
		CTL_SAY(c, v->names || c->names ? TEXT_CTL_EXPORT_WRITTEN_NAMES : TEXT_CTL_EXPORT_WRITTEN, v->out, n);
	else if (whole && !w.n)
		CTL_COMPLAIN(c, TEXT_CTL_EXPORT_NONE);
	return whole && w.n ? CTL_DONE : CTL_NO;
}

static const struct ctl_option options[] = {
	{"topic", 't', CTL_VALUE, offsetof(struct values, topic)},
	{"rule", 'r', CTL_VALUE, offsetof(struct values, rule)},
	{"sentiment", 0, CTL_VALUE, offsetof(struct values, sentiment)},
	{"since", 0, CTL_VALUE, offsetof(struct values, since)},
	{"until", 0, CTL_VALUE, offsetof(struct values, until)},
	{"all", 'a', CTL_FLAG, offsetof(struct values, all)},
	{"format", 'f', CTL_VALUE, offsetof(struct values, format)},
	{"separator", 0, CTL_VALUE, offsetof(struct values, separator)},
	{"out", 'o', CTL_VALUE, offsetof(struct values, out)},
	{"names", 0, CTL_FLAG, offsetof(struct values, names)},
};
const struct ctl_command ctl_export = {
	.name = "export",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_EXPORT,
	.needs = CTL_NEEDS_DAEMON,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
