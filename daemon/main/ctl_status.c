/* status: how the running daemon goes. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "main/ctl_canary.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_means.h"
#include "main/ctl_output.h"
#include "main/source_why.h"
#include "main/unheard.h"

enum { OUT_MAX_BYTES = 64 * 1024, MONTH_DAYS = 30 };

/* A number as text, "0" where it is absent; to be freed. */
static char *count_of(const json_t *object, const char *key)
{
	return xasprintf("%lld", (long long)json_integer_value(json_object_get(object, key)));
}

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

static void status_deaf(const struct ctl *c, struct table *t, const json_t *deaf, json_int_t more)
{
	const json_t *one;
	size_t i;

	json_array_foreach(deaf, i, one)
	{
		status_row(c, t, TEXT_CTL_STATUS_DEAF, deaf_words(c, one));
	}
	if (more > 0) {
		cleanup(freep) char *n = xasprintf("%lld", (long long)more);

		status_row(c, t, TEXT_CTL_STATUS_DEAF, TEXT(c->lang, TEXT_CTL_STATUS_DEAF_MORE, n));
	}
}

/* Sources that are heard, and of whom something else is to be said all the same. */
static void status_warnings(const struct ctl *c, struct table *t, const json_t *sources,
			    char *(*words_of)(const struct ctl *c, const json_t *one))
{
	const json_t *one;
	size_t i;

	json_array_foreach(sources, i, one)
	{
		cleanup(freep) char *words = words_of(c, one);

		if (words && said_in(one, "source"))
			status_row(c, t, TEXT_CTL_STATUS_WARNING, xasprintf("%s: %s", said_in(one, "source"), words));
	}
}

/* What somebody silenced. */
static void status_mutes(const struct ctl *c, struct table *t, const json_t *mutes)
{
	const json_t *one;
	size_t i;

	json_array_foreach(mutes, i, one)
	{
		cleanup(freep) char *until = local_time(c, said_in(one, "until"));
		const char *topic = said_in(one, "topic"), *who = said_in(one, "who"), *why = said_in(one, "why");

		if (topic && who)
			status_row(c, t, TEXT_CTL_STATUS_MUTED,
				   why ? TEXT(c->lang, TEXT_CTL_STATUS_MUTE_WHY, topic, until, who, why)
				       : TEXT(c->lang, TEXT_CTL_STATUS_MUTE, topic, until, who));
	}
}

/* The mention that nobody wrote, where it gets stuck. */
static void status_canary(const struct ctl *c, struct table *t, const json_t *canary)
{
	cleanup(freep) char *since = local_time(c, said_in(canary, "since"));
	const char *failed = said_in(canary, "failed"), *why = said_in(canary, "why");

	if (failed)
		status_row(
			c, t, TEXT_CTL_STATUS_WARNING,
			TEXT(c->lang, TEXT_CTL_STATUS_CANARY, canary_stage(c->lang, failed), since, why ? why : "-"));
}

/* When escuchad itself did not listen; and where nobody does. */
static void status_coverage(const struct ctl *c, struct table *t, const json_t *s)
{
	const json_t *gap = json_object_get(s, "gap"), *unheard = json_object_get(s, "unheard"), *one;
	struct unheard u = {.heard = {false}};
	cleanup(freep) char *names = NULL;
	size_t i;

	if (gap) {
		cleanup(freep) char *from = local_time(c, said_in(gap, "from")),
				    *to = local_time(c, said_in(gap, "to")),
				    *why = source_why(c->lang, said_in(gap, "why"), NULL);

		status_row(c, t, TEXT_CTL_STATUS_DEAF, TEXT(c->lang, TEXT_CTL_STATUS_GAP, from, to, why));
	}
	if (said_in(s, "paused")) {
		cleanup(freep) char *since = local_time(c, said_in(s, "paused"));

		status_row(c, t, TEXT_CTL_STATUS_WARNING, TEXT(c->lang, TEXT_CTL_STATUS_PAUSED, since));
	}
	memset(u.heard, true, sizeof(u.heard));
	json_array_foreach(unheard, i, one)
	{
		int place = unheard_find(said_in(one, "what"));

		if (place >= 0)
			u.heard[place] = false;
	}
	names = unheard_names(&u, c->lang);
	if (names)
		status_row(c, t, TEXT_CTL_STATUS_UNHEARD, TEXT(c->lang, TEXT_CTL_STATUS_UNHEARD_ARE, names));
}

static void status_queue(const struct ctl *c, struct table *t, const json_t *queue)
{
	cleanup(freep) char *pending = count_of(queue, "pending");
	cleanup(freep) char *why = system_why(c->lang, said_in(queue, "why"));

	if (!queue)
		status_row(c, t, TEXT_CTL_STATUS_QUEUE, TEXT(c->lang, TEXT_CTL_STATUS_QUEUE_NONE));
	else if (json_is_true(json_object_get(queue, "connected")))
		status_row(c, t, TEXT_CTL_STATUS_QUEUE, TEXT(c->lang, TEXT_CTL_STATUS_QUEUE_UP, pending));
	else
		status_row(c, t, TEXT_CTL_STATUS_QUEUE, TEXT(c->lang, TEXT_CTL_STATUS_QUEUE_DOWN, why, pending));
}

/* A word more where it is not as the stream of hits is. */
static void status_changes(const struct ctl *c, struct table *t, const json_t *queue)
{
	const json_t *changes = json_object_get(queue, "incidents");
	cleanup(freep) char *pending = count_of(changes, "pending");
	cleanup(freep) char *why = system_why(c->lang, said_in(changes, "why"));

	if (!changes || (json_is_true(json_object_get(changes, "connected")) && strcmp(pending, "0") == 0))
		return;
	if (json_is_true(json_object_get(changes, "connected")))
		status_row(c, t, TEXT_CTL_STATUS_CHANGES, TEXT(c->lang, TEXT_CTL_STATUS_CHANGES_UP, pending));
	else
		status_row(c, t, TEXT_CTL_STATUS_CHANGES, TEXT(c->lang, TEXT_CTL_STATUS_CHANGES_DOWN, why, pending));
}

/* What it holds up, or what is held up there. */
static void status_queue_warnings(const struct ctl *c, struct table *t, const json_t *queue)
{
	cleanup(freep) char *pending = count_of(queue, "pending");
	const json_t *one;
	size_t i;

	if (json_is_true(json_object_get(queue, "high_water")))
		status_row(c, t, TEXT_CTL_STATUS_WARNING, TEXT(c->lang, TEXT_CTL_STATUS_HIGH_WATER, pending));
	json_array_foreach(json_object_get(queue, "behind"), i, one)
	{
		cleanup(freep) char *oldest = local_time(c, said_in(one, "oldest"));

		status_row(c, t, TEXT_CTL_STATUS_WARNING,
			   TEXT(c->lang, TEXT_CTL_STATUS_BEHIND, said_in(one, "group"), oldest));
	}
}

static void status_log(const struct ctl *c, struct table *t, const json_t *log)
{
	cleanup(freep) char *mentions = count_of(log, "mentions"), *hits = count_of(log, "hits");
	char size[UNITS_TEXT_SIZE];

	(void)units_size_text(json_integer_value(json_object_get(log, "bytes")) / 1024 * 1024, size);
	status_row(c, t, TEXT_CTL_STATUS_LOG, TEXT(c->lang, TEXT_CTL_STATUS_LOG_IS, mentions, hits, size));
}

/* Whether what operators are told reaches them. */
static void status_notices(const struct ctl *c, struct table *t, const json_t *notices)
{
	cleanup(freep) char *operators = count_of(notices, "operators"), *waiting = count_of(notices, "waiting"),
			    *failing = count_of(notices, "failing"), *lost = count_of(notices, "undelivered");
	cleanup(freep) char *since = local_time(c, said_in(notices, "since"));

	if (!notices)
		return;
	if (strcmp(operators, "0") == 0)
		status_row(c, t, TEXT_CTL_STATUS_NOTICES, TEXT(c->lang, TEXT_CTL_STATUS_NOTICES_NOBODY));
	else
		status_row(c, t, TEXT_CTL_STATUS_NOTICES, TEXT(c->lang, TEXT_CTL_STATUS_NOTICES_ARE, waiting));
	if (strcmp(failing, "0") != 0)
		status_row(c, t, TEXT_CTL_STATUS_WARNING,
			   TEXT(c->lang, TEXT_CTL_STATUS_NOTICES_FAILING, failing, since, said_in(notices, "why")));
	if (strcmp(lost, "0") != 0)
		status_row(c, t, TEXT_CTL_STATUS_WARNING, TEXT(c->lang, TEXT_CTL_STATUS_NOTICES_LOST, lost));
}

/* Patterns that are given up: what rests on them is not known. */
static void status_limits(const struct ctl *c, struct table *t, const json_t *rules)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(rules, "limits"), i, one)
	{
		cleanup(freep) char *times = count_of(one, "times");
		bool off = json_is_true(json_object_get(one, "off"));

		status_row(c, t, TEXT_CTL_STATUS_WARNING,
			   off ? TEXT(c->lang, TEXT_CTL_STATUS_RULE_OFF, said_in(one, "pattern"), said_in(one, "topic"))
			       : TEXT(c->lang, TEXT_CTL_STATUS_RULE_LIMIT, said_in(one, "pattern"),
				      said_in(one, "topic"), times));
	}
}

/* Rules that have stopped finding anything. */
static void status_quiet(const struct ctl *c, struct table *t, const json_t *rules)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(rules, "quiet"), i, one)
	{
		double usual = json_number_value(json_object_get(one, "usual_a_day"));
		bool daily = usual >= 1;
		cleanup(freep) char *since = local_time(c, said_in(one, "since")),
				    *n = xasprintf("%.0f", fmax(1, daily ? usual : usual * MONTH_DAYS));

		status_row(c, t, TEXT_CTL_STATUS_WARNING,
			   TEXT(c->lang, TEXT_CTL_STATUS_QUIET, said_in(one, "rule"), said_in(one, "topic"), since, n,
				text_raw(c->lang, daily ? TEXT_CTL_STATUS_QUIET_DAY : TEXT_CTL_STATUS_QUIET_MONTH)));
	}
}

static void status_print(const struct ctl *c, const json_t *s)
{
	const json_t *rules = json_object_get(s, "rules"), *readers = json_object_get(s, "readers");
	cleanup(freep) char *pid = count_of(s, "pid"), *started = local_time(c, said_in(s, "started")),
			    *topics = count_of(rules, "topics"), *loaded = local_time(c, said_in(rules, "loaded")),
			    *alive = count_of(readers, "alive"), *waiting = count_of(readers, "waiting"),
			    *restarts = count_of(readers, "restarts");
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct table *t = table_new(2);

	status_row(c, t, TEXT_CTL_STATUS_PROGRAM,
		   TEXT(c->lang, TEXT_CTL_STATUS_PROGRAM_IS, said_in(s, "version"), pid, started));
	status_sources(c, t, json_object_get(s, "sources"));
	status_deaf(c, t, json_object_get(s, "deaf"), json_integer_value(json_object_get(s, "deaf_more")));
	status_warnings(c, t, json_object_get(s, "lacking"), lacking_words);
	status_warnings(c, t, json_object_get(s, "short"), means_words);
	status_coverage(c, t, s);
	status_mutes(c, t, json_object_get(s, "mutes"));
	status_canary(c, t, json_object_get(s, "canary"));
	status_row(c, t, TEXT_CTL_STATUS_RULES, TEXT(c->lang, TEXT_CTL_STATUS_RULES_ARE, topics, loaded));
	if (json_is_true(json_object_get(rules, "failed")))
		status_row(c, t, TEXT_CTL_STATUS_WARNING, TEXT(c->lang, TEXT_CTL_STATUS_RELOAD_FAILED));
	status_limits(c, t, rules);
	status_quiet(c, t, rules);
	status_row(c, t, TEXT_CTL_STATUS_READERS, TEXT(c->lang, TEXT_CTL_STATUS_READERS_ARE, alive, waiting, restarts));
	status_log(c, t, json_object_get(s, "log"));
	status_queue(c, t, json_object_get(s, "queue"));
	status_changes(c, t, json_object_get(s, "queue"));
	status_queue_warnings(c, t, json_object_get(s, "queue"));
	status_notices(c, t, json_object_get(s, "notices"));
	table_print(t, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	table_free(t);
	buf_done(&out);
}

static int run(const struct ctl_call *call)
{
	const struct ctl *c = call->ctl;
	json_t *answer;
	long status;

	if (!client_get(call->client, "/v1/status", 0, &status, &answer))
		return CTL_NO;
	local_zone(c);
	if (c->json)
		json_print(answer);
	else
		status_print(c, answer);
	json_decref(answer);
	return CTL_DONE;
}

const struct ctl_command ctl_status = {
	.name = "status",
	.run = run,
	.help = TEXT_CTL_HELP_STATUS,
	.needs = CTL_NEEDS_DAEMON,
};
