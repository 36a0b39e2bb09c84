/* drill: an alarm that is none, and how long each person took to answer it. */
#include "main/ctl_drill.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

enum { OUT_MAX_BYTES = 64 * 1024, LOOK_S = 1 };

struct drill_values {
	const char *for_, *as;
	bool no_wait;
};

static const char *who(const struct drill_values *v)
{
	const struct passwd *user = v->as ? NULL : getpwuid(getuid());

	return v->as ? v->as : user ? user->pw_name : "?";
}

/* --- the table --- */

static char *took(const struct ctl *c, const json_t *person)
{
	const json_t *seconds = json_object_get(person, "seconds");
	long long s = (long long)json_integer_value(seconds);
	cleanup(freep) char *minutes = xasprintf("%lld", s / 60), *rest = xasprintf("%lld", s < 60 ? s : s % 60);

	if (!seconds)
		return xstrdup(text_raw(c->lang, TEXT_DRILL_NEVER));
	return s < 60 ? TEXT(c->lang, TEXT_DRILL_SECONDS, rest) : TEXT(c->lang, TEXT_DRILL_MINUTES, minutes, rest);
}

static char *time_of(const struct ctl *c, const json_t *person, const char *key)
{
	const char *at = said_in(person, key);

	return at ? local_time(c, at) : xstrdup(text_raw(c->lang, TEXT_DRILL_NEVER));
}

void drill_print(const struct ctl *c, const json_t *people)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct table *table;
	const json_t *one;
	size_t i;

	if (!people)
		return;
	putchar('\n');
	if (!json_array_size(people)) {
		CTL_SAY(c, TEXT_DRILL_NOBODY);
		return;
	}
	table = table_new(5);
	TABLE_ROW(table, text_raw(c->lang, TEXT_DRILL_WHO), text_raw(c->lang, TEXT_DRILL_TOLD),
		  text_raw(c->lang, TEXT_DRILL_ARRIVED), text_raw(c->lang, TEXT_DRILL_ANSWERED),
		  text_raw(c->lang, TEXT_DRILL_TOOK));
	json_array_foreach(people, i, one)
	{
		cleanup(freep) char *told = time_of(c, one, "told"), *arrived = time_of(c, one, "arrived"),
				    *answered = time_of(c, one, "answered"), *long_ = took(c, one);

		TABLE_ROW(table, said_in(one, "who"), told, arrived, answered, long_);
	}
	table_print(table, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
	table_free(table);
}

/* --- the command --- */

/* Until it is over: how it stands then. False: told. */
static bool wait_for(const struct ctl_call *call, const char *target, json_t **ret)
{
	const struct timespec look = {.tv_sec = LOOK_S};

	for (;;) {
		const char *state;
		long status;

		if (!client_get(call->client, target, 0, &status, ret))
			return false;
		state = said_in(*ret, "state");
		if (state && strcmp(state, "closed") == 0)
			return true;
		json_decref(*ret);
		*ret = NULL;
		(void)nanosleep(&look, NULL);
	}
}

static int watch(const struct ctl_call *call, const char *number)
{
	const struct ctl *c = call->ctl;
	cleanup(freep) char *target = xasprintf("/v1/incidents/%s", number);
	json_t *end = NULL;
	bool over;

	if (!c->json)
		CTL_SAY(c, TEXT_DRILL_BEGUN, number);
	fflush(stdout);
	over = wait_for(call, target, &end);
	local_zone(c);
	if (over && c->json)
		json_print(end);
	else if (over)
		drill_print(c, json_object_get(end, "people"));
	json_decref(end);
	return over ? CTL_DONE : CTL_NO;
}

static int run(const struct ctl_call *call)
{
	const struct drill_values *v = call->values;
	json_t *body = json_pack("{s:s,s:s,s:s*,s:s*}", "do", "drill", "who", who(v), "topic",
				 call->n ? call->args[0] : NULL, "for", v->for_),
	       *answer = NULL;
	cleanup(freep) char *number = NULL;
	int result = CTL_NO;
	long status;

	if (!body) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	if (client_post(call->client, "/v1/incidents", body, 0, &status, &answer)) {
		number = xasprintf("%lld", (long long)json_integer_value(json_object_get(answer, "incident")));
		if (!v->no_wait)
			result = watch(call, number);
		else if (call->ctl->json)
			json_print(answer);
		else
			CTL_SAY(call->ctl, TEXT_DRILL_STARTED, number);
		result = v->no_wait ? CTL_DONE : result;
	}
	json_decref(body);
	json_decref(answer);
	return result;
}

static bool check(const struct ctl_call *call)
{
	const struct drill_values *v = call->values;
	int64_t ms;

	if (!v->for_ || (units_duration(v->for_, &ms) == 0 && ms > 0))
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_DRILL_BAD_TIME, v->for_);
	return false;
}

static const struct ctl_option options[] = {{"for", 0, CTL_VALUE, offsetof(struct drill_values, for_)},
					    {"no-wait", 0, CTL_FLAG, offsetof(struct drill_values, no_wait)},
					    {"as", 0, CTL_VALUE, offsetof(struct drill_values, as)}};
const struct ctl_command ctl_drill = {
	.name = "drill",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_DRILL,
	.needs = CTL_NEEDS_DAEMON,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct drill_values),
};
