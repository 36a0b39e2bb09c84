/* sources, poll, reload: what the running daemon listens to, and what it is told to do. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "main/ctl_client.h"
#include "main/ctl_options.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"
#include "main/ctl_why.h"

enum { OUT_MAX_BYTES = 64 * 1024 * 1024 };

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

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
				    *next = local_time(c, text_of(s, "next")),
				    *why = source_why(c->lang, text_of(s, "why"), text_of(s, "detail"));

		TABLE_ROW(list->table, list->last, state_of(c, s), last, next, why);
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
		fwrite(buf_str(&out), 1, out.len, stdout);
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
	polled = xasprintf("%lld", (long long)json_integer_value(json_object_get(answer, "polled")));
	if (c->json)
		json_print(answer);
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
	body = json_pack("{}");
	done = client_post(k, "/v1/reload", body, INVALID, &status, &answer);
	json_decref(body);
	if (!done)
		return CTL_NO;
	if (c->json)
		json_print(answer);
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
