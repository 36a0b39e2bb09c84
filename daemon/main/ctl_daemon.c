/* sources, poll, reload: what the running daemon listens to, and what it is told to do. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_means.h"
#include "main/ctl_opml.h"
#include "main/ctl_output.h"
#include "main/source_why.h"

enum { OUT_MAX_BYTES = 64 * 1024 * 1024 };

struct source_list {
	const struct ctl *ctl;
	struct table *table;
	struct buf *means; /* what they live on is told, too; NULL: it isn't */
	char *last;        /* the name to ask after */
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
	const char *state = said_in(s, "state");
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
	if (!said_in(s, "name"))
		return true;
	free(list->last);
	list->last = xstrdup(said_in(s, "name"));
	list->n++;
	if (c->json) {
		fwrite(bytes, 1, len, stdout);
		putchar('\n');
	} else {
		cleanup(freep) char *last = local_time(c, said_in(s, "last")),
				    *next = local_time(c, said_in(s, "next")),
				    *why = source_why(c->lang, said_in(s, "why"), said_in(s, "detail")),
				    *since = local_time(c, said_in(s, "deaf_since")),
				    *deaf = TEXT(c->lang, TEXT_CTL_SOURCES_DEAF, why, since),
				    *lacking = lacking_words(c, s), *means = means_words(c, s);

		TABLE_ROW(list->table, list->last, state_of(c, s), last, next,
			  said_in(s, "deaf_since") ? deaf
			  : said_in(s, "why")      ? why
			  : lacking                ? lacking
						   : means);
		if (list->means)
			means_print(c, s, list->means);
	}
	return true;
}

/* All pages. False: told. */
static bool read_sources(struct client *k, const char *state, const char *name, struct source_list *list)
{
	enum { PAGE = 1000 };
	cleanup(freep) char *escaped = name ? client_escape(name) : NULL;
	size_t before;

	do {
		cleanup(freep) char *after = list->last ? client_escape(list->last) : NULL;
		cleanup(freep) char *target = xasprintf(
			"/v1/sources?limit=%d%s%s%s%s%s%s", PAGE, state ? "&state=" : "", state ? state : "",
			after ? "&after=" : "", after ? after : "", escaped ? "&name=" : "", escaped ? escaped : "");

		before = list->n;
		list->more = false;
		if (client_lines(k, target, false, on_source, list) != CLIENT_WHOLE)
			return false;
	} while (list->n > before && (list->more || list->n - before == PAGE));
	return true;
}

struct sources_values {
	const char *state;
	bool opml;
};

static bool sources_check(const struct ctl_call *call)
{
	const struct sources_values *v = call->values;

	if (!v->state || strcmp(v->state, "ok") == 0 || strcmp(v->state, "new") == 0 ||
	    strcmp(v->state, "failing") == 0 || strcmp(v->state, "gone") == 0)
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_STATE_UNKNOWN, v->state);
	return false;
}

static bool sources_alone(const struct ctl_call *call)
{
	return ((const struct sources_values *)call->values)->opml;
}

static int sources_run(const struct ctl_call *call)
{
	const struct sources_values *v = call->values;
	const struct ctl *c = call->ctl;
	const char *name = call->n ? call->args[0] : NULL;
	struct buf means = BUF_INIT(OUT_MAX_BYTES);
	struct source_list list = {.ctl = c, .means = name && !c->json ? &means : NULL};
	int r;

	if (v->opml)
		return opml_export(c);
	local_zone(c);
	list.table = table_new(5);
	TABLE_ROW(list.table, text_raw(c->lang, TEXT_CTL_COLUMN_SOURCE), text_raw(c->lang, TEXT_CTL_COLUMN_STATE),
		  text_raw(c->lang, TEXT_CTL_COLUMN_LAST), text_raw(c->lang, TEXT_CTL_COLUMN_NEXT),
		  text_raw(c->lang, TEXT_CTL_COLUMN_WHY));
	r = read_sources(call->client, v->state, name, &list) ? CTL_DONE : CTL_NO;
	if (r == CTL_DONE && name && !list.n) {
		CTL_COMPLAIN(c, TEXT_CTL_SOURCES_UNKNOWN, name);
		r = CTL_NO;
	}
	if (r == CTL_DONE && !c->json) {
		struct buf out = BUF_INIT(OUT_MAX_BYTES);

		if (list.n)
			table_print(list.table, &out);
		else
			buf_printf(&out, "%s\n", text_raw(c->lang, TEXT_CTL_SOURCES_NONE));
		buf_puts(&out, buf_str(&means));
		fwrite(buf_str(&out), 1, out.len, stdout);
		buf_done(&out);
	}
	table_free(list.table);
	free(list.last);
	buf_done(&means);
	return r;
}

static const struct ctl_option sources_options[] = {
	{"state", 's', CTL_VALUE, offsetof(struct sources_values, state)},
	{"opml", 0, CTL_FLAG, offsetof(struct sources_values, opml)},
};
const struct ctl_command ctl_sources = {
	.name = "sources",
	.run = sources_run,
	.check = sources_check,
	.alone = sources_alone,
	.help = TEXT_CTL_HELP_SOURCES,
	.needs = CTL_NEEDS_DAEMON,
	.max = 1,
	.options = sources_options,
	.n_options = ARRAY_LEN(sources_options),
	.values_bytes = sizeof(struct sources_values),
};

/* --- poll, reload --- */

struct poll_values {
	bool all;
};

static bool poll_check(const struct ctl_call *call)
{
	const struct poll_values *v = call->values;

	if (v->all != (call->n == 1))
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_POLL_WHICH);
	return false;
}

static int poll_run(const struct ctl_call *call)
{
	const struct poll_values *v = call->values;
	const struct ctl *c = call->ctl;
	cleanup(freep) char *polled = NULL;
	json_t *body, *answer;
	long status;
	bool done;

	body = v->all ? json_pack("{s:b}", "all", 1) : json_pack("{s:s}", "name", call->args[0]);
	if (!body) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(call->client, "/v1/sources/poll", body, 0, &status, &answer);
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

static const struct ctl_option poll_options[] = {{"all", 'a', CTL_FLAG, offsetof(struct poll_values, all)}};
const struct ctl_command ctl_poll = {
	.name = "poll",
	.run = poll_run,
	.check = poll_check,
	.help = TEXT_CTL_HELP_POLL,
	.needs = CTL_NEEDS_DAEMON,
	.max = 1,
	.options = poll_options,
	.n_options = ARRAY_LEN(poll_options),
	.values_bytes = sizeof(struct poll_values),
};

/* As diag_print() would: the daemon's findings, rendered over there. */
static int reload_run(const struct ctl_call *call)
{
	enum { INVALID = 422 };
	const struct ctl *c = call->ctl;
	json_t *body, *answer;
	long status;
	bool done;

	body = json_pack("{}");
	done = client_post(call->client, "/v1/reload", body, INVALID, &status, &answer);
	json_decref(body);
	if (!done)
		return CTL_NO;
	if (c->json)
		json_print(answer);
	else
		findings_print(json_object_get(answer, "findings"));
	json_decref(answer);
	if (status == INVALID) {
		CTL_COMPLAIN(c, TEXT_CTL_RELOAD_FAILED);
		return CTL_CONFIG;
	}
	if (!c->json)
		CTL_SAY(c, TEXT_CTL_RELOADED);
	return CTL_DONE;
}

const struct ctl_command ctl_reload = {
	.name = "reload",
	.run = reload_run,
	.help = TEXT_CTL_HELP_RELOAD,
	.needs = CTL_NEEDS_DAEMON,
};
