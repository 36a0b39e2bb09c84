/* incidents, show, ack, note, close, false-alarm, pass, merge, step, open: crises, and what people say to them. */
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert/incident_line.h"
#include "base/buf.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_number.h"
#include "main/ctl_drill.h"
#include "main/ctl_output.h"

enum { OUT_MAX_BYTES = 4 * 1024 * 1024, STEP_MAX_DIGITS = 4 };

/* How bad it is; of one that is over: how bad it was. */
static const char *severity(const struct ctl *c, const json_t *one)
{
	const char *s = said_in(one, "state");

	return severity_text(said_in(one, s && strcmp(s, "closed") == 0 ? "peak" : "severity"), c->lang);
}

static const char *state(const struct ctl *c, const json_t *one)
{
	bool by_mistake = json_is_true(json_object_get(one, "false_alarm"));

	return incident_state_text(by_mistake ? "false_alarm" : said_in(one, "state"), c->lang);
}

static char *number_of(const json_t *one)
{
	return xasprintf("%lld", (long long)json_integer_value(json_object_get(one, "incident")));
}

/* --- incidents --- */

struct list_values {
	bool open;
	long lines;
};

struct listing {
	const struct ctl *ctl;
	struct table *table;
	size_t n;
};

static bool on_line(void *arg, json_t *line, const char *bytes, size_t len)
{
	struct listing *l = arg;
	cleanup(freep) char *n = number_of(line), *since = local_time(l->ctl, said_in(line, "opened"));
	const char *owner = said_in(line, "owner");

	l->n++;
	if (l->ctl->json) {
		fwrite(bytes, 1, len, stdout);
		putchar('\n');
		return true;
	}
	TABLE_ROW(l->table, n, since, said_in(line, "topic"), severity(l->ctl, line), state(l->ctl, line),
		  owner ? owner : "");
	return true;
}

static int run_list(const struct ctl_call *call)
{
	const struct list_values *v = call->values;
	const struct ctl *c = call->ctl;
	cleanup(freep) char *target = xasprintf("/v1/incidents?limit=%ld%s", v->lines, v->open ? "&open=1" : "");
	struct listing l = {.ctl = c, .table = table_new(6)};
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	bool whole;

	local_zone(c);
	TABLE_ROW(l.table, text_raw(c->lang, TEXT_CTL_INCIDENTS_NUMBER), text_raw(c->lang, TEXT_CTL_INCIDENTS_SINCE),
		  text_raw(c->lang, TEXT_CTL_TOPICS_TOPIC), text_raw(c->lang, TEXT_CTL_INCIDENTS_SEVERITY),
		  text_raw(c->lang, TEXT_CTL_TOPICS_STATE), text_raw(c->lang, TEXT_CTL_INCIDENTS_OWNER));
	whole = client_lines(call->client, target, false, on_line, &l) == CLIENT_WHOLE;
	if (whole && !c->json && l.n)
		table_print(l.table, &out);
	else if (whole && !c->json)
		CTL_SAY(c, v->open ? TEXT_CTL_INCIDENTS_NONE_OPEN : TEXT_CTL_INCIDENTS_NONE);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
	table_free(l.table);
	return whole ? CTL_DONE : CTL_NO;
}

/* --- show --- */

static bool check_step(const struct ctl_call *call)
{
	size_t len = strlen(call->args[1]);

	if (len && len <= STEP_MAX_DIGITS && strspn(call->args[1], "0123456789") == len && call->args[1][0] != '0')
		return ctl_check_crisis(call);
	CTL_COMPLAIN(call->ctl, TEXT_CTL_INCIDENTS_BAD_STEP, call->args[1]);
	return false;
}

static bool check_numbers(const struct ctl_call *call)
{
	return ctl_is_crisis(call, call->args[0]) && ctl_is_crisis(call, call->args[1]);
}

static void print_steps(const struct ctl *c, const json_t *steps)
{
	const json_t *step;
	size_t i;

	if (json_array_size(steps))
		CTL_SAY(c, TEXT_CTL_INCIDENTS_STEPS);
	json_array_foreach(steps, i, step)
	{
		cleanup(freep) char *at = local_time(c, said_in(step, "at"));
		const char *who = said_in(step, "who");

		printf("  [%c] %zu. %s", json_is_true(json_object_get(step, "done")) ? 'x' : ' ', i + 1,
		       said_in(step, "text") ? said_in(step, "text") : "");
		if (who)
			printf(" (%s, %s)", who, at);
		putchar('\n');
	}
}

static void print_one(const struct ctl *c, const json_t *one)
{
	cleanup(freep) char *n = number_of(one);
	cleanup(freep) char *how = xasprintf("%s; %s", severity(c, one), state(c, one));
	const json_t *events = json_object_get(one, "events"), *event;
	struct table *table = table_new(2);
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	size_t i;

	if (json_is_true(json_object_get(one, "drill")))
		CTL_SAY(c, TEXT_DRILL_IS);
	CTL_SAY(c, TEXT_CTL_INCIDENTS_ONE, n, said_in(one, "topic"), how);
	json_array_foreach(events, i, event)
	{
		cleanup(freep) char *at = local_time(c, said_in(event, "at")),
				    *text = incident_line_text(c->lang, said_in(event, "what"), said_in(event, "who"),
							       said_in(event, "text"));

		TABLE_ROW(table, at, text);
	}
	table_print(table, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
	table_free(table);
	print_steps(c, json_object_get(one, "steps"));
	drill_print(c, json_object_get(one, "people"));
}

static int run_show(const struct ctl_call *call)
{
	cleanup(freep) char *target = xasprintf("/v1/incidents/%s", call->args[0]);
	json_t *answer = NULL;
	long status;
	bool done = client_get(call->client, target, 0, &status, &answer);

	local_zone(call->ctl);
	if (done && call->ctl->json)
		json_print(answer);
	else if (done)
		print_one(call->ctl, answer);
	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

/* --- what people say --- */

struct say_values {
	const char *as;
	bool undo;
};

/* Who runs this, unless somebody else is named. */
static const char *who(const struct ctl_call *call)
{
	const struct say_values *v = call->values;
	const struct passwd *user = v->as ? NULL : getpwuid(getuid());

	return v->as ? v->as : user ? user->pw_name : "?";
}

static int say(const struct ctl_call *call, json_t *body, bool note)
{
	const struct ctl *c = call->ctl;
	json_t *answer = NULL;
	long status;
	bool done;

	if (!body) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(call->client, "/v1/incidents", body, 0, &status, &answer);
	if (done && c->json) {
		json_print(answer);
	} else if (done) {
		cleanup(freep) char *n = number_of(answer);

		if (note)
			CTL_SAY(c, TEXT_CTL_INCIDENTS_NOTED, n);
		else
			CTL_SAY(c, TEXT_CTL_INCIDENTS_DONE, n, state(c, answer));
	}
	json_decref(body);
	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

static int say_verb(const struct ctl_call *call, const char *verb)
{
	return say(call,
		   json_pack("{s:s,s:I,s:s}", "do", verb, "incident", (json_int_t)strtoll(call->args[0], NULL, 10),
			     "who", who(call)),
		   false);
}

static int run_ack(const struct ctl_call *call)
{
	return say_verb(call, "ack");
}

static int run_close(const struct ctl_call *call)
{
	return say_verb(call, "close");
}

static int run_false_alarm(const struct ctl_call *call)
{
	return say_verb(call, "false-alarm");
}

static int run_note(const struct ctl_call *call)
{
	return say(call,
		   json_pack("{s:s,s:I,s:s,s:s}", "do", "note", "incident",
			     (json_int_t)strtoll(call->args[0], NULL, 10), "who", who(call), "text", call->args[1]),
		   true);
}

static int run_pass(const struct ctl_call *call)
{
	return say(call,
		   json_pack("{s:s,s:I,s:s,s:s}", "do", "pass", "incident",
			     (json_int_t)strtoll(call->args[0], NULL, 10), "who", who(call), "to", call->args[1]),
		   false);
}

static int run_merge(const struct ctl_call *call)
{
	return say(call,
		   json_pack("{s:s,s:I,s:s,s:I}", "do", "merge", "incident",
			     (json_int_t)strtoll(call->args[0], NULL, 10), "who", who(call), "into",
			     (json_int_t)strtoll(call->args[1], NULL, 10)),
		   false);
}

static int run_step(const struct ctl_call *call)
{
	const struct say_values *v = call->values;

	return say(call,
		   json_pack("{s:s,s:I,s:s,s:I,s:b}", "do", "step", "incident",
			     (json_int_t)strtoll(call->args[0], NULL, 10), "who", who(call), "step",
			     (json_int_t)strtoll(call->args[1], NULL, 10), "undo", v->undo),
		   true);
}

static int run_open(const struct ctl_call *call)
{
	return say(call, json_pack("{s:s,s:s,s:s}", "do", "open", "topic", call->args[0], "who", who(call)), false);
}

/* --- the commands --- */

static const struct list_values list_defaults = {.lines = 20};
static const struct ctl_option list_options[] = {
	{"open", 0, CTL_FLAG, offsetof(struct list_values, open)},
	{"lines", 'n', CTL_NUMBER, offsetof(struct list_values, lines), 1, 1000},
};
const struct ctl_command ctl_incidents = {
	.name = "incidents",
	.run = run_list,
	.help = TEXT_CTL_HELP_INCIDENTS,
	.needs = CTL_NEEDS_DAEMON,
	.options = list_options,
	.n_options = ARRAY_LEN(list_options),
	.defaults = &list_defaults,
	.values_bytes = sizeof(struct list_values),
};
const struct ctl_command ctl_show = {
	.name = "show",
	.run = run_show,
	.check = ctl_check_crisis,
	.help = TEXT_CTL_HELP_SHOW,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = 1,
};

static const struct ctl_option say_options[] = {{"as", 0, CTL_VALUE, offsetof(struct say_values, as)}};
#define SAYS(verb, does, text, most, checked)                                                                          \
	{                                                                                                              \
		.name = verb, .run = does, .check = checked, .help = text, .needs = CTL_NEEDS_DAEMON, .min = most,     \
		.max = most, .options = say_options, .n_options = ARRAY_LEN(say_options),                              \
		.values_bytes = sizeof(struct say_values)                                                              \
	}
const struct ctl_command ctl_ack = SAYS("ack", run_ack, TEXT_CTL_HELP_ACK, 1, ctl_check_crisis);
const struct ctl_command ctl_note = SAYS("note", run_note, TEXT_CTL_HELP_NOTE, 2, ctl_check_crisis);
const struct ctl_command ctl_close = SAYS("close", run_close, TEXT_CTL_HELP_CLOSE, 1, ctl_check_crisis);
const struct ctl_command ctl_false_alarm =
	SAYS("false-alarm", run_false_alarm, TEXT_CTL_HELP_FALSE_ALARM, 1, ctl_check_crisis);
const struct ctl_command ctl_pass = SAYS("pass", run_pass, TEXT_CTL_HELP_PASS, 2, ctl_check_crisis);
const struct ctl_command ctl_merge = SAYS("merge", run_merge, TEXT_CTL_HELP_MERGE, 2, check_numbers);
static const struct ctl_option step_options[] = {{"as", 0, CTL_VALUE, offsetof(struct say_values, as)},
						 {"undo", 0, CTL_FLAG, offsetof(struct say_values, undo)}};
const struct ctl_command ctl_step = {
	.name = "step",
	.run = run_step,
	.check = check_step,
	.help = TEXT_CTL_HELP_STEP,
	.needs = CTL_NEEDS_DAEMON,
	.min = 2,
	.max = 2,
	.options = step_options,
	.n_options = ARRAY_LEN(step_options),
	.values_bytes = sizeof(struct say_values),
};
const struct ctl_command ctl_open = SAYS("open", run_open, TEXT_CTL_HELP_OPEN, 1, NULL);
