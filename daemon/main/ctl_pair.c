/* pair, unpair: whose a chat is. */
#include <jansson.h>
#include <stdio.h>

#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

static int post(const struct ctl_call *call, const char *verb)
{
	json_t *body = json_pack("{s:s,s:s}", "do", verb, "person", call->args[0]), *answer = NULL;
	long status;
	bool done;

	if (!body) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(call->client, "/v1/pairs", body, 0, &status, &answer);
	if (done && call->ctl->json)
		json_print(answer);
	else if (done)
		printf("%s\n", said_in(answer, "message"));
	json_decref(body);
	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

static int run_pair(const struct ctl_call *call)
{
	return post(call, "pair");
}

static int run_unpair(const struct ctl_call *call)
{
	return post(call, "unpair");
}

const struct ctl_command ctl_pair = {
	.name = "pair", .run = run_pair, .help = TEXT_CTL_HELP_PAIR, .needs = CTL_NEEDS_DAEMON, .min = 1, .max = 1};
const struct ctl_command ctl_unpair = {.name = "unpair",
				       .run = run_unpair,
				       .help = TEXT_CTL_HELP_UNPAIR,
				       .needs = CTL_NEEDS_DAEMON,
				       .min = 1,
				       .max = 1};
