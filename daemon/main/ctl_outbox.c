/* outbox: what waits for Redis; sent again, or let go. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

enum { OUT_MAX_BYTES = 64 * 1024 * 1024, LIMIT_MAX = 1000 };

static const char *stream_of(bool incidents)
{
	return incidents ? "incidents" : "hits";
}

static char *count_of(const json_t *answer, const char *key)
{
	return xasprintf("%lld", (long long)json_integer_value(json_object_get(answer, key)));
}

/* --- list --- */

struct listing {
	const struct ctl *ctl;
	struct table *table;
	bool incidents;
	size_t n;
};

static bool on_row(void *arg, json_t *row, const char *bytes, size_t len)
{
	struct listing *l = arg;
	const char *id = said_in(row, "cursor"), *title = said_in(row, "title");

	if (!id)
		return true;
	l->n++;
	if (l->ctl->json) {
		fwrite(bytes, 1, len, stdout);
		putchar('\n');
	} else {
		const json_t *event = json_array_get(json_object_get(row, "events"), 0); /* of an incident */
		cleanup(freep) char *seen = local_time(l->ctl, event ? said_in(event, "at") : said_in(row, "seen"));
		cleanup(freep) char *number = count_of(row, "incident");

		if (l->incidents)
			TABLE_ROW(l->table, id, seen, number, said_in(event, "what"));
		else
			TABLE_ROW(l->table, id, seen, said_in(row, "source"), title ? title : said_in(row, "text"));
	}
	return true;
}

static int list(struct ctl *c, struct client *k, long limit, bool incidents)
{
	cleanup(freep) char *target = xasprintf("/v1/outbox?limit=%ld&stream=%s", limit, stream_of(incidents));
	struct listing l = {.ctl = c, .table = table_new(4), .incidents = incidents};
	int r;

	local_zone(c);
	TABLE_ROW(l.table, text_raw(c->lang, TEXT_CTL_COLUMN_ID), text_raw(c->lang, TEXT_CTL_COLUMN_SEEN),
		  text_raw(c->lang, incidents ? TEXT_CTL_COLUMN_INCIDENT : TEXT_CTL_COLUMN_SOURCE),
		  text_raw(c->lang, incidents ? TEXT_CTL_COLUMN_CHANGE : TEXT_CTL_COLUMN_TITLE));
	r = client_lines(k, target, false, on_row, &l) == CLIENT_WHOLE ? CTL_DONE : CTL_NO;
	if (r == CTL_DONE && !c->json) {
		struct buf out = BUF_INIT(OUT_MAX_BYTES);

		if (l.n)
			table_print(l.table, &out);
		else
			buf_printf(&out, "%s\n", text_raw(c->lang, TEXT_CTL_OUTBOX_EMPTY));
		fwrite(buf_str(&out), 1, out.len, stdout);
		buf_done(&out);
	}
	table_free(l.table);
	return r;
}

/* --- requeue, drop --- */

static int post(struct ctl *c, struct client *k, const char *target, json_t *body, json_t **ret) /* takes body */
{
	long status;
	bool done;

	if (!body) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(k, target, body, 0, &status, ret);
	json_decref(body);
	if (!done)
		return CTL_NO;
	if (c->json)
		json_print(*ret);
	return CTL_DONE;
}

static int requeue(struct ctl *c, struct client *k, const char *since, bool incidents)
{
	json_t *answer = NULL;
	int r = post(c, k, "/v1/outbox/requeue",
		     json_pack("{s:s, s:s*}", "stream", stream_of(incidents), "since", since), &answer);

	if (r == CTL_DONE && !c->json) {
		cleanup(freep) char *n = count_of(answer, "requeued"), *older = count_of(answer, "older");

		CTL_SAY(c, incidents ? TEXT_CTL_CHANGES_REQUEUED : TEXT_CTL_OUTBOX_REQUEUED, n);
		if (strcmp(older, "0") != 0)
			CTL_SAY(c, incidents ? TEXT_CTL_CHANGES_OLDER : TEXT_CTL_OUTBOX_OLDER, older);
	}
	json_decref(answer);
	return r;
}

static int drop(struct ctl *c, struct client *k, int n, char **ids, bool incidents)
{
	json_t *answer = NULL, *list = json_array();
	int i, r;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(list, json_string(ids[i]));
	r = post(c, k, "/v1/outbox/drop", json_pack("{s:o, s:s}", "ids", list, "stream", stream_of(incidents)),
		 &answer);
	if (r == CTL_DONE && !c->json) {
		cleanup(freep) char *dropped = count_of(answer, "dropped");

		CTL_SAY(c, incidents ? TEXT_CTL_CHANGES_DROPPED : TEXT_CTL_OUTBOX_DROPPED, dropped);
	}
	if (r == CTL_DONE && json_integer_value(json_object_get(answer, "dropped")) < n)
		r = CTL_NO;
	json_decref(answer);
	return r;
}

struct values {
	long lines;
	const char *since;
	bool incidents;
};

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const char *what = call->args[0];
	int64_t back_ms;

	if (!(strcmp(what, "drop") == 0
		      ? call->n > 1
		      : (strcmp(what, "list") == 0 || strcmp(what, "requeue") == 0) && call->n == 1)) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_OUTBOX_WHICH);
		return false;
	}
	if (v->since && units_duration(v->since, &back_ms) != 0) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_OUTBOX_SINCE, v->since);
		return false;
	}
	return true;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;

	if (strcmp(call->args[0], "list") == 0)
		return list(call->ctl, call->client, v->lines, v->incidents);
	if (strcmp(call->args[0], "drop") == 0)
		return drop(call->ctl, call->client, call->n - 1, call->args + 1, v->incidents);
	return requeue(call->ctl, call->client, v->since, v->incidents);
}

static const struct values defaults = {.lines = 100};
static const struct ctl_option options[] = {
	{"lines", 'n', CTL_NUMBER, offsetof(struct values, lines), 1, LIMIT_MAX},
	{"since", 0, CTL_VALUE, offsetof(struct values, since)},
	{"incidents", 'i', CTL_FLAG, offsetof(struct values, incidents)},
};
const struct ctl_command ctl_outbox = {
	.name = "outbox",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_OUTBOX,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = LIMIT_MAX,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
