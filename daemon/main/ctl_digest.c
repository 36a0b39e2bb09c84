/* escuchactl digest: what a person would be sent now, or who reads of a topic; nothing leaves. */
#include <jansson.h>
#include <stdio.h>

#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

struct values {
	const char *since;
	bool html;
};

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;
	int64_t ms;

	if (!v->since || units_duration(v->since, &ms) == 0)
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_COVERAGE_SINCE_WRONG, v->since);
	return false;
}

static void print(const struct ctl_call *call, const json_t *answer)
{
	const struct values *v = call->values;

	if (call->ctl->json)
		json_print(answer);
	else if (v->html)
		fputs(said_in(answer, "html"), stdout);
	else
		printf("%s\n\n%s", said_in(answer, "subject"), said_in(answer, "text"));
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	cleanup(freep) char *of = client_escape(call->args[0]);
	cleanup(freep) char *path =
		xasprintf("/v1/digest?of=%s%s%s", of, v->since ? "&since=" : "", v->since ? v->since : "");
	json_t *answer = NULL;
	long code;
	bool done = client_get(call->client, path, 0, &code, &answer);

	if (done)
		print(call, answer);
	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

static const struct ctl_option options[] = {
	{"since", 0, CTL_VALUE, offsetof(struct values, since)},
	{"html", 0, CTL_FLAG, offsetof(struct values, html)},
};
const struct ctl_command ctl_digest = {
	.name = "digest",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_DIGEST,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
