/* pair, unpair: whose a chat is. */
#include <jansson.h>

#include "main/ctl_client.h"
#include "main/ctl_command.h"

static int post(const struct ctl_call *call, const char *verb)
{
	return client_post_said(call->client, "/v1/pairs", json_pack("{s:s,s:s}", "do", verb, "person", call->args[0]));
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
