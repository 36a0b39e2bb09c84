/* escuchactl forget: what is stored of somebody goes. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

struct values {
	bool yes, welcome;
};

static char *count_of(const json_t *answer, const char *key)
{
	return xasprintf("%lld", (long long)json_integer_value(json_object_get(answer, key)));
}

static long long sum(const json_t *answer)
{
	return json_integer_value(json_object_get(answer, "mentions")) +
	       json_integer_value(json_object_get(answer, "authors"));
}

/* Entries that Redis has go from there behind, and are its readers' as well. */
static void say_entries(const struct ctl *c, const json_t *answer, bool done)
{
	cleanup(freep) char *n = count_of(answer, "sent");
	const char *stream = said_in(answer, "stream");

	if (strcmp(n, "0") != 0 && stream)
		CTL_SAY(c, done ? TEXT_CTL_FORGET_STREAM : TEXT_CTL_FORGET_STREAM_WOULD, n, stream);
}

static void say(const struct ctl *c, const json_t *answer, const char *who, bool done)
{
	cleanup(freep) char *mentions = count_of(answer, "mentions"), *hits = count_of(answer, "hits"),
			    *versions = count_of(answer, "versions"), *waiting = count_of(answer, "waiting"),
			    *stories = count_of(answer, "stories"), *tones = count_of(answer, "tones");

	CTL_SAY(c, done ? TEXT_CTL_FORGET_DONE : TEXT_CTL_FORGET_WOULD, who, mentions, hits);
	CTL_SAY(c, TEXT_CTL_FORGET_MORE, versions, waiting, stories, tones);
	say_entries(c, answer, done);
	CTL_SAY(c, done ? TEXT_CTL_FORGET_AFTER : TEXT_CTL_FORGET_YES, who);
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const struct ctl *c = call->ctl;
	const char *who = call->args[0];
	json_t *body = json_pack("{s:s,s:b,s:b}", "author", who, "really", v->yes, "welcome", v->welcome),
	       *answer = NULL;
	long status;
	int r = CTL_NO;

	if (!body) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	if (client_post(call->client, "/v1/forget", body, 0, &status, &answer)) {
		r = v->yes || v->welcome ? CTL_DONE : CTL_NO; /* nothing was done yet */
		if (c->json)
			json_print(answer);
		else if (v->welcome)
			CTL_SAY(c, TEXT_CTL_FORGET_WELCOME, who);
		else if (sum(answer))
			say(c, answer, who, v->yes);
		else
			CTL_SAY(c, v->yes ? TEXT_CTL_FORGET_NOTHING : TEXT_CTL_FORGET_NOTHING_YET, who);
	}
	json_decref(body);
	json_decref(answer);
	return r;
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;

	if (!v->yes || !v->welcome)
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_FORGET_WHICH);
	return false;
}

static const struct ctl_option options[] = {
	{"yes", 0, CTL_FLAG, offsetof(struct values, yes)},
	{"welcome", 0, CTL_FLAG, offsetof(struct values, welcome)},
};
const struct ctl_command ctl_forget = {
	.name = "forget",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_FORGET,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
