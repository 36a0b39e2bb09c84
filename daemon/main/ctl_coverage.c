/* coverage: what was not heard, and when; and what nobody listens to. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "main/ctl_terminal.h"
#include "main/source_why.h"
#include "main/unheard.h"

enum { OUT_MAX_BYTES = 64 * 1024 * 1024, PAGE = 1000 };

struct values {
	const char *since;
};

struct ledger {
	const struct ctl *ctl;
	struct table *table;
	char *last; /* the cursor to ask after */
	size_t n;
	bool more;
};

static char *between(const struct ctl *c, const char *from, const char *to)
{
	int64_t from_ms, to_ms = clock_wall_ms();

	if (!from || rfc3339_parse(from, &from_ms) != 0 || (to && rfc3339_parse(to, &to_ms) != 0))
		return NULL;
	return time_for(c, to_ms > from_ms ? to_ms - from_ms : 0);
}

static void add_line(struct ledger *l, const json_t *line)
{
	const struct ctl *c = l->ctl;
	const char *source = said_in(line, "source"), *title = said_in(line, "title"), *to = said_in(line, "to");
	const char *why = said_in(line, "why");
	cleanup(freep) char *named = source && title ? xasprintf("%s (%s)", source, title) : NULL;
	cleanup(freep) char *from = local_time(c, said_in(line, "from")), *until = local_time(c, to),
			    *time = between(c, said_in(line, "from"), to),
			    *words = source_why(c->lang, why ? why : said_in(line, "kind"), said_in(line, "detail"));

	TABLE_ROW(l->table,
		  named    ? named
		  : source ? source
			   : text_raw(c->lang, TEXT_CTL_COVERAGE_EVERYTHING),
		  from, to ? until : text_raw(c->lang, TEXT_CTL_COVERAGE_STILL), time, words);
}

static bool on_line(void *arg, json_t *line, const char *bytes, size_t len)
{
	struct ledger *l = arg;

	if (json_is_true(json_object_get(line, "more"))) {
		l->more = true;
		return true;
	}
	if (!said_in(line, "cursor"))
		return true;
	free(l->last);
	l->last = xstrdup(said_in(line, "cursor"));
	l->n++;
	if (l->ctl->json) {
		fwrite(bytes, 1, len, stdout);
		putchar('\n');
	} else {
		add_line(l, line);
	}
	return true;
}

/* All pages. False: told. */
static bool read_lines(struct client *k, const char *since, const char *source, struct ledger *l)
{
	cleanup(freep) char *name = source ? client_escape(source) : NULL;
	size_t before;

	do {
		cleanup(freep) char *target =
			xasprintf("/v1/coverage?limit=%d&since=%s%s%s%s%s", PAGE, since, name ? "&source=" : "",
				  name ? name : "", l->last ? "&after=" : "", l->last ? l->last : "");

		before = l->n;
		l->more = false;
		if (client_lines(k, target, false, on_line, l) != CLIENT_WHOLE)
			return false;
	} while (l->more && l->n > before);
	return true;
}

static void print_unheard(const struct ctl *c, const json_t *unheard)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	size_t width = terminal_width(), i;
	const json_t *one;

	if (json_array_size(unheard))
		printf("\n%s\n", text_raw(c->lang, TEXT_CTL_COVERAGE_UNHEARD));
	json_array_foreach(unheard, i, one)
	{
		int place = unheard_find(said_in(one, "what"));
		cleanup(freep) char *said = place < 0 ? NULL
						      : TEXT(c->lang, TEXT_CTL_COVERAGE_UNHEARD_ONE,
							     unheard_name(c->lang, (enum unheard_place)place),
							     unheard_takes(c->lang, (enum unheard_place)place));

		if (!said)
			continue;
		buf_puts(&out, "  ");
		text_wrap(&out, said, 2, 4, width);
	}
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

static bool on_source(void *arg, json_t *line, const char *bytes, size_t len)
{
	bool *there = arg;

	(void)bytes;
	(void)len;
	*there = *there || said_in(line, "name") != NULL;
	return true;
}

/* A name without a line in the ledger: of a source that was always heard, or of none. False: told. */
static bool is_source(const struct ctl *c, struct client *k, const char *name)
{
	cleanup(freep) char *escaped = client_escape(name), *target = xasprintf("/v1/sources?limit=1&name=%s", escaped);
	bool there = false;

	if (client_lines(k, target, false, on_source, &there) != CLIENT_WHOLE)
		return false;
	if (!there)
		CTL_COMPLAIN(c, TEXT_CTL_SOURCES_UNKNOWN, name);
	return there;
}

/* No line: all was heard, but for what has not failed for long enough to be written down. */
static void print_none(const struct ctl *c, const json_t *deaf, const char *source, const char *since)
{
	const json_t *one;
	bool any = false;
	size_t i;

	json_array_foreach(deaf, i, one)
	{
		cleanup(freep) char *said = deaf_words(c, one);

		if (source && strcmp(source, said_in(one, "source")) != 0)
			continue;
		if (!any)
			CTL_SAY(c, TEXT_CTL_COVERAGE_NOT_YET, since);
		any = true;
		printf("  %s\n", said);
	}
	if (!any)
		CTL_SAY(c, TEXT_CTL_COVERAGE_ALL_HEARD, since);
}

static void print(const struct ledger *l)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);

	table_print(l->table, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;
	int64_t ms;

	if (units_duration(v->since, &ms) == 0)
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_COVERAGE_SINCE_WRONG, v->since);
	return false;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const struct ctl *c = call->ctl;
	const char *source = call->n ? call->args[0] : NULL;
	struct ledger l = {.ctl = c, .table = table_new(5)};
	json_t *status = NULL;
	long code;
	bool done;

	local_zone(c);
	TABLE_ROW(l.table, text_raw(c->lang, TEXT_CTL_COLUMN_SOURCE), text_raw(c->lang, TEXT_CTL_COLUMN_FROM),
		  text_raw(c->lang, TEXT_CTL_COLUMN_TO), text_raw(c->lang, TEXT_CTL_COLUMN_FOR),
		  text_raw(c->lang, TEXT_CTL_COLUMN_WHY));
	done = read_lines(call->client, v->since, source, &l) && (!source || l.n || is_source(c, call->client, source));
	if (done && !c->json) {
		done = client_get(call->client, "/v1/status", 0, &code, &status);
		if (l.n)
			print(&l);
		else if (done)
			print_none(c, json_object_get(status, "deaf"), source, v->since);
		if (done && !source)
			print_unheard(c, json_object_get(status, "unheard"));
		json_decref(status);
	}
	table_free(l.table);
	free(l.last);
	return done ? CTL_DONE : CTL_NO;
}

static const struct ctl_option options[] = {{"since", 0, CTL_VALUE, offsetof(struct values, since)}};
static const struct values defaults = {.since = "7d"};
const struct ctl_command ctl_coverage = {
	.name = "coverage",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_COVERAGE,
	.needs = CTL_NEEDS_DAEMON,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
