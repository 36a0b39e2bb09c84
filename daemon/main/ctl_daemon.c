/* status, sources, poll, reload: what the running daemon does, and what it is told to do. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_options.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"

enum { OUT_MAX_BYTES = 64 * 1024 * 1024 };

static void print(const struct buf *out)
{
	fwrite(buf_str(out), 1, out->len, stdout);
}

static void print_json(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* A number as text, "0" where it is absent; to be freed. */
static char *count_of(const json_t *object, const char *key)
{
	return xasprintf("%lld", (long long)json_integer_value(json_object_get(object, key)));
}

/* --- status --- */

static void status_row(const struct ctl *c, struct table *t, enum text_id label, char *value) /* takes value */
{
	TABLE_ROW(t, text_raw(c->lang, label), value);
	free(value);
}

static void status_sources(const struct ctl *c, struct table *t, const json_t *s)
{
	static const struct {
		const char *key;
		enum text_id text;
	} parts[] = {{"ok", TEXT_CTL_SOURCES_OK},
		     {"new", TEXT_CTL_SOURCES_NEW},
		     {"failing", TEXT_CTL_SOURCES_FAILING},
		     {"gone", TEXT_CTL_SOURCES_GONE}};
	struct buf b = BUF_INIT(TABLE_CELL_MAX_BYTES);
	cleanup(freep) char *all = count_of(s, "all");
	const char *before = ": ";
	size_t i;

	buf_puts(&b, all);
	for (i = 0; i < ARRAY_LEN(parts); i++) {
		cleanup(freep) char *n = count_of(s, parts[i].key);

		if (strcmp(n, "0") == 0)
			continue;
		buf_puts(&b, before);
		text_put(&b, c->lang, parts[i].text, TEXT_ARGS(n), 1);
		before = ", ";
	}
	status_row(c, t, TEXT_CTL_STATUS_SOURCES, buf_steal(&b));
}

static void status_deaf(const struct ctl *c, struct table *t, const json_t *deaf)
{
	const json_t *one;
	size_t i;

	json_array_foreach(deaf, i, one)
	{
		cleanup(freep) char *since = local_time(c, text_of(one, "since"));
		const char *why = text_of(one, "why");

		status_row(c, t, TEXT_CTL_STATUS_DEAF,
			   TEXT(c->lang, TEXT_CTL_STATUS_DEAF_ONE, text_of(one, "source"), since, why ? why : "-"));
	}
}

static void status_queue(const struct ctl *c, struct table *t, const json_t *queue)
{
	cleanup(freep) char *pending = count_of(queue, "pending");
	const char *why = text_of(queue, "why");

	if (!queue)
		status_row(c, t, TEXT_CTL_STATUS_QUEUE, TEXT(c->lang, TEXT_CTL_STATUS_QUEUE_NONE));
	else if (json_is_true(json_object_get(queue, "connected")))
		status_row(c, t, TEXT_CTL_STATUS_QUEUE, TEXT(c->lang, TEXT_CTL_STATUS_QUEUE_UP, pending));
	else
		status_row(c, t, TEXT_CTL_STATUS_QUEUE,
			   TEXT(c->lang, TEXT_CTL_STATUS_QUEUE_DOWN, why ? why : "-", pending));
}

static void status_log(const struct ctl *c, struct table *t, const json_t *log)
{
	cleanup(freep) char *mentions = count_of(log, "mentions"), *hits = count_of(log, "hits");
	char size[UNITS_TEXT_SIZE];

	(void)units_size_text(json_integer_value(json_object_get(log, "bytes")) / 1024 * 1024, size);
	status_row(c, t, TEXT_CTL_STATUS_LOG, TEXT(c->lang, TEXT_CTL_STATUS_LOG_IS, mentions, hits, size));
}

static void status_print(const struct ctl *c, const json_t *s)
{
	const json_t *rules = json_object_get(s, "rules"), *readers = json_object_get(s, "readers");
	cleanup(freep) char *pid = count_of(s, "pid"), *started = local_time(c, text_of(s, "started")),
			    *topics = count_of(rules, "topics"), *loaded = local_time(c, text_of(rules, "loaded")),
			    *alive = count_of(readers, "alive"), *waiting = count_of(readers, "waiting"),
			    *restarts = count_of(readers, "restarts");
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct table *t = table_new(2);

	status_row(c, t, TEXT_CTL_STATUS_PROGRAM,
		   TEXT(c->lang, TEXT_CTL_STATUS_PROGRAM_IS, text_of(s, "version"), pid, started));
	status_sources(c, t, json_object_get(s, "sources"));
	status_deaf(c, t, json_object_get(s, "deaf"));
	status_row(c, t, TEXT_CTL_STATUS_RULES, TEXT(c->lang, TEXT_CTL_STATUS_RULES_ARE, topics, loaded));
	if (json_is_true(json_object_get(rules, "failed")))
		status_row(c, t, TEXT_CTL_STATUS_WARNING, TEXT(c->lang, TEXT_CTL_STATUS_RELOAD_FAILED));
	status_row(c, t, TEXT_CTL_STATUS_READERS, TEXT(c->lang, TEXT_CTL_STATUS_READERS_ARE, alive, waiting, restarts));
	status_log(c, t, json_object_get(s, "log"));
	status_queue(c, t, json_object_get(s, "queue"));
	table_print(t, &out);
	print(&out);
	table_free(t);
	buf_done(&out);
}

int ctl_status(struct ctl *c, int argc, char **argv)
{
	cleanup(client_freep) struct client *k = NULL;
	json_t *answer;
	long status;
	int r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_STATUS, NULL, 0, 0, 0, &argc, argv, &r))
		return r;
	if (!ctl_settings_read(c))
		return CTL_CONFIG;
	k = client_new(c, false);
	if (!k || !client_get(k, "/v1/status", 0, &status, &answer))
		return CTL_NO;
	local_zone(c);
	if (c->json)
		print_json(answer);
	else
		status_print(c, answer);
	json_decref(answer);
	return CTL_DONE;
}

/* --- sources --- */

struct source_list {
	const struct ctl *ctl;
	struct table *table;
	char *last; /* the name to ask after */
	size_t n;
	bool more;
};

static const char *state_of(const struct ctl *c, const json_t *s)
{
	static const struct {
		const char *state;
		enum text_id text;
	} names[] = {{"ok", TEXT_CTL_STATE_OK},
		     {"new", TEXT_CTL_STATE_NEW},
		     {"failing", TEXT_CTL_STATE_FAILING},
		     {"gone", TEXT_CTL_STATE_GONE}};
	const char *state = text_of(s, "state");
	size_t i;

	for (i = 0; state && i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].state, state) == 0)
			return text_raw(c->lang, names[i].text);
	return state;
}

static bool on_source(void *arg, json_t *s, const char *bytes, size_t len)
{
	struct source_list *list = arg;
	const struct ctl *c = list->ctl;

	if (json_is_true(json_object_get(s, "more"))) {
		list->more = true;
		return true;
	}
	if (!text_of(s, "name"))
		return true;
	free(list->last);
	list->last = xstrdup(text_of(s, "name"));
	list->n++;
	if (c->json) {
		fwrite(bytes, 1, len, stdout);
		putchar('\n');
	} else {
		cleanup(freep) char *last = local_time(c, text_of(s, "last")),
				    *next = local_time(c, text_of(s, "next"));

		TABLE_ROW(list->table, list->last, state_of(c, s), last, next,
			  text_of(s, "why") ? text_of(s, "why") : "");
	}
	return true;
}

/* All pages. False: told. */
static bool read_sources(struct client *k, const char *state, struct source_list *list)
{
	enum { PAGE = 1000 };
	size_t before;

	do {
		cleanup(freep) char *after = list->last ? client_escape(list->last) : NULL;
		cleanup(freep) char *target = xasprintf("/v1/sources?limit=%d%s%s%s%s", PAGE, state ? "&state=" : "",
							state ? state : "", after ? "&after=" : "", after ? after : "");

		before = list->n;
		list->more = false;
		if (client_lines(k, target, false, on_source, list) != CLIENT_WHOLE)
			return false;
	} while (list->n > before && (list->more || list->n - before == PAGE));
	return true;
}

int ctl_sources(struct ctl *c, int argc, char **argv)
{
	const char *state = NULL;
	const struct ctl_option options[] = {{"state", 's', CTL_VALUE, &state}};
	cleanup(client_freep) struct client *k = NULL;
	struct source_list list = {.ctl = c};
	int r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_SOURCES, options, ARRAY_LEN(options), 0, 0, &argc, argv, &r))
		return r;
	if (state && strcmp(state, "ok") != 0 && strcmp(state, "new") != 0 && strcmp(state, "failing") != 0 &&
	    strcmp(state, "gone") != 0) {
		CTL_COMPLAIN(c, TEXT_CTL_STATE_UNKNOWN, state);
		return CTL_USAGE;
	}
	if (!ctl_settings_read(c))
		return CTL_CONFIG;
	k = client_new(c, false);
	if (!k)
		return CTL_NO;
	local_zone(c);
	list.table = table_new(5);
	TABLE_ROW(list.table, text_raw(c->lang, TEXT_CTL_COLUMN_SOURCE), text_raw(c->lang, TEXT_CTL_COLUMN_STATE),
		  text_raw(c->lang, TEXT_CTL_COLUMN_LAST), text_raw(c->lang, TEXT_CTL_COLUMN_NEXT),
		  text_raw(c->lang, TEXT_CTL_COLUMN_WHY));
	r = read_sources(k, state, &list) ? CTL_DONE : CTL_NO;
	if (r == CTL_DONE && !c->json) {
		struct buf out = BUF_INIT(OUT_MAX_BYTES);

		if (list.n)
			table_print(list.table, &out);
		else
			buf_printf(&out, "%s\n", text_raw(c->lang, TEXT_CTL_SOURCES_NONE));
		print(&out);
		buf_done(&out);
	}
	table_free(list.table);
	free(list.last);
	return r;
}

/* --- poll, reload --- */

int ctl_poll(struct ctl *c, int argc, char **argv)
{
	bool all = false;
	const struct ctl_option options[] = {{"all", 'a', CTL_FLAG, &all}};
	cleanup(client_freep) struct client *k = NULL;
	cleanup(freep) char *polled = NULL;
	json_t *body, *answer;
	long status;
	bool done;
	int r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_POLL, options, ARRAY_LEN(options), 0, 1, &argc, argv, &r))
		return r;
	if (all == (argc == 2)) {
		CTL_COMPLAIN(c, TEXT_CTL_POLL_WHICH);
		return CTL_USAGE;
	}
	if (!ctl_settings_read(c))
		return CTL_CONFIG;
	k = client_new(c, false);
	if (!k)
		return CTL_NO;
	body = all ? json_pack("{s:b}", "all", 1) : json_pack("{s:s}", "name", argv[1]);
	if (!body) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(k, "/v1/sources/poll", body, 0, &status, &answer);
	json_decref(body);
	if (!done)
		return CTL_NO;
	polled = count_of(answer, "polled");
	if (c->json)
		print_json(answer);
	else
		CTL_SAY(c, TEXT_CTL_POLLED, polled);
	json_decref(answer);
	return CTL_DONE;
}

/* As diag_print() would: the daemon's findings, rendered over there. */
static void print_findings(const json_t *findings)
{
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
	{
		struct buf b = BUF_INIT(TABLE_CELL_MAX_BYTES);
		const char *file = text_of(f, "file"), *key = text_of(f, "key"), *message = text_of(f, "message");

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

int ctl_reload(struct ctl *c, int argc, char **argv)
{
	enum { INVALID = 422 };
	cleanup(client_freep) struct client *k = NULL;
	json_t *body, *answer;
	long status;
	bool done;
	int r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_RELOAD, NULL, 0, 0, 0, &argc, argv, &r))
		return r;
	if (!ctl_settings_read(c))
		return CTL_CONFIG;
	k = client_new(c, false);
	if (!k)
		return CTL_NO;
	body = json_pack("{}"); /* not json_object(): base/json has one, too */
	done = client_post(k, "/v1/reload", body, INVALID, &status, &answer);
	json_decref(body);
	if (!done)
		return CTL_NO;
	if (c->json)
		print_json(answer);
	else
		print_findings(json_object_get(answer, "findings"));
	json_decref(answer);
	if (status == INVALID) {
		CTL_COMPLAIN(c, TEXT_CTL_RELOAD_FAILED);
		return CTL_CONFIG;
	}
	if (!c->json)
		CTL_SAY(c, TEXT_CTL_RELOADED);
	return CTL_DONE;
}
