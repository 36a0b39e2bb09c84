/* escuchactl authors, stories: who speaks, and of what many speak. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

enum { OUT_MAX_BYTES = 16 << 20, LINES_MAX = 1000, LINES_DEFAULT = 20, AUTHOR_COLUMNS = 7, STORY_COLUMNS = 6 };

struct values {
	const char *since, *topic;
	long lines;
};

struct listing {
	const struct ctl *ctl;
	struct table *table;
	struct buf *head; /* what stands above the table */
	size_t n;
};

static long long number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static void print(const struct listing *l)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);

	if (l->head->len)
		fwrite(buf_str(l->head), 1, l->head->len, stdout);
	table_print(l->table, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;
	int64_t ms;

	if (!v->since || units_duration(v->since, &ms) == 0)
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_COVERAGE_SINCE_WRONG, v->since);
	return false;
}

static char *target_of(const char *path, const struct values *v)
{
	cleanup(freep) char *topic = v->topic ? client_escape(v->topic) : NULL;

	return xasprintf("%s?limit=%ld%s%s%s%s", path, v->lines, v->since ? "&since=" : "", v->since ? v->since : "",
			 topic ? "&topic=" : "", topic ? topic : "");
}

/* --- authors --- */

/* "41 %" of a share. */
static char *percent(const json_t *o, const char *key)
{
	return xasprintf("%.0f %%", 100 * json_number_value(json_object_get(o, key)));
}

/* Of a topic: what a flood looks like, as figures. Nobody is called a robot. */
static void sum_say(struct listing *l, const json_t *o)
{
	const struct ctl *c = l->ctl;
	const json_t *largest = json_object_get(o, "largest_story");
	cleanup(freep) char *mentions = xasprintf("%lld", number(o, "mentions")),
			    *counted = xasprintf("%lld", number(o, "counted")),
			    *authors = xasprintf("%lld", number(o, "authors")), *first = percent(o, "first_heard"),
			    *loudest = percent(o, "loudest"),
			    *same = largest ? percent(largest, "share") : xstrdup("0 %"),
			    *text = TEXT(c->lang, TEXT_CTL_AUTHORS_SUM, mentions, counted, authors),
			    *shares = TEXT(c->lang, TEXT_CTL_AUTHORS_SHARES, loudest, same, first);

	buf_printf(l->head, "%s\n", text);
	if (number(o, "mentions"))
		buf_printf(l->head, "%s\n\n", shares);
}

static char *who_of(const json_t *author)
{
	const char *handle = said_in(author, "handle"), *name = said_in(author, "name");

	if (handle)
		return xasprintf("@%s%s%s%s", handle, name ? " (" : "", name ? name : "", name ? ")" : "");
	return xstrdup(name ? name : said_in(author, "url") ? said_in(author, "url") : "-");
}

static void author_row(struct listing *l, const json_t *o)
{
	const json_t *author = json_object_get(o, "author"), *followers = json_object_get(author, "followers");
	bool vip = json_is_true(json_object_get(o, "vip")), ignored = json_is_true(json_object_get(o, "ignored"));
	cleanup(freep) char *who = who_of(author), *mentions = xasprintf("%lld", number(o, "mentions")),
			    *negative = xasprintf("%lld", number(o, "negative")),
			    *reach = followers ? xasprintf("%lld", (long long)json_integer_value(followers)) : NULL,
			    *influence = xasprintf("%lld", number(o, "influence")),
			    *last = local_time(l->ctl, said_in(o, "last"));
	const char *mark = vip       ? text_raw(l->ctl->lang, TEXT_CTL_AUTHORS_VIP)
			   : ignored ? text_raw(l->ctl->lang, TEXT_CTL_AUTHORS_IGNORED)
				     : NULL;
	cleanup(freep) char *shown = mark ? xasprintf("%s [%s]", who, mark) : xstrdup(who);

	TABLE_ROW(l->table, mentions, negative, influence, reach, last, said_in(o, "platform"), shown);
	l->n++;
}

static bool on_author(void *arg, json_t *line, const char *bytes, size_t len)
{
	struct listing *l = arg;

	if (l->ctl->json)
		printf("%.*s\n", (int)len, bytes);
	else if (json_object_get(line, "author"))
		author_row(l, line);
	else if (said_in(line, "topic"))
		sum_say(l, line);
	return true;
}

static int list(const struct ctl_call *call, const char *path, struct listing *l,
		bool (*on_line)(void *arg, json_t *line, const char *bytes, size_t len), enum text_id none)
{
	cleanup(freep) char *target = target_of(path, call->values);
	int r = CTL_NO;

	local_zone(call->ctl);
	if (client_lines(call->client, target, false, on_line, l) == CLIENT_WHOLE) {
		r = CTL_DONE;
		if (!call->ctl->json && l->n)
			print(l);
		else if (!call->ctl->json)
			CTL_SAY(call->ctl, none);
	}
	l->table = table_free(l->table);
	buf_done(l->head);
	return r;
}

static int run_authors(const struct ctl_call *call)
{
	const struct ctl *c = call->ctl;
	struct buf head = BUF_INIT(OUT_MAX_BYTES);
	struct listing l = {.ctl = c, .table = table_new(AUTHOR_COLUMNS), .head = &head};

	TABLE_ROW(l.table, text_raw(c->lang, TEXT_CTL_COLUMN_MENTIONS), text_raw(c->lang, TEXT_CTL_COLUMN_NEGATIVE),
		  text_raw(c->lang, TEXT_CTL_COLUMN_INFLUENCE), text_raw(c->lang, TEXT_CTL_COLUMN_FOLLOWERS),
		  text_raw(c->lang, TEXT_CTL_COLUMN_LATEST), text_raw(c->lang, TEXT_CTL_COLUMN_PLATFORM),
		  text_raw(c->lang, TEXT_CTL_COLUMN_AUTHOR));
	return list(call, "/v1/authors", &l, on_author, TEXT_CTL_AUTHORS_NONE);
}

/* --- stories --- */

static bool on_story(void *arg, json_t *line, const char *bytes, size_t len)
{
	struct listing *l = arg;
	const char *title = said_in(line, "title") ? said_in(line, "title") : said_in(line, "text"),
		   *url = said_in(line, "url");

	if (l->ctl->json) {
		printf("%.*s\n", (int)len, bytes);
	} else if (said_in(line, "story")) {
		cleanup(freep) char *mentions = xasprintf("%lld", number(line, "mentions")),
				    *authors = xasprintf("%lld", number(line, "authors")),
				    *sources = xasprintf("%lld", number(line, "sources")),
				    *reach = number(line, "reach_known")
						     ? xasprintf("%lld", number(line, "potential_reach"))
						     : NULL,
				    *first = local_time(l->ctl, said_in(line, "first")),
				    *shown = xasprintf("%s%s%s", title ? title : "-", url ? "  " : "", url ? url : "");

		TABLE_ROW(l->table, mentions, authors, sources, reach, first, shown);
		l->n++;
	}
	return true;
}

static int run_stories(const struct ctl_call *call)
{
	const struct ctl *c = call->ctl;
	struct buf head = BUF_INIT(OUT_MAX_BYTES);
	struct listing l = {.ctl = c, .table = table_new(STORY_COLUMNS), .head = &head};

	TABLE_ROW(l.table, text_raw(c->lang, TEXT_CTL_COLUMN_MENTIONS), text_raw(c->lang, TEXT_CTL_COLUMN_AUTHORS),
		  text_raw(c->lang, TEXT_CTL_COLUMN_SOURCES), text_raw(c->lang, TEXT_CTL_COLUMN_REACH),
		  text_raw(c->lang, TEXT_CTL_COLUMN_FIRST), text_raw(c->lang, TEXT_CTL_COLUMN_STORY));
	return list(call, "/v1/stories", &l, on_story, TEXT_CTL_STORIES_NONE);
}

static const struct values defaults = {.since = "7d", .lines = LINES_DEFAULT};
static const struct ctl_option options[] = {
	{"since", 0, CTL_VALUE, offsetof(struct values, since)},
	{"lines", 'n', CTL_NUMBER, offsetof(struct values, lines), 1, LINES_MAX},
	{"topic", 't', CTL_VALUE, offsetof(struct values, topic)}, /* of authors alone */
};
const struct ctl_command ctl_authors = {
	.name = "authors",
	.run = run_authors,
	.check = check,
	.help = TEXT_CTL_HELP_AUTHORS,
	.needs = CTL_NEEDS_DAEMON,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
const struct ctl_command ctl_stories = {
	.name = "stories",
	.run = run_stories,
	.check = check,
	.help = TEXT_CTL_HELP_STORIES,
	.needs = CTL_NEEDS_DAEMON,
	.options = options,
	.n_options = ARRAY_LEN(options) - 1,
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
