/* test-channel: does a channel work, and what does its server say? */
#include <jansson.h>
#include <string.h>

#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

static char *why_of(enum text_lang lang, const char *result)
{
	static const struct {
		const char *result;
		enum text_id text;
	} says[] = {{"later", TEXT_CHANNEL_LATER},
		    {"refused", TEXT_CHANNEL_REFUSED},
		    {"login", TEXT_CHANNEL_LOGIN},
		    {"no_tls", TEXT_CHANNEL_NO_TLS},
		    {"away", TEXT_CHANNEL_AWAY}};
	size_t i;

	for (i = 0; result && i < ARRAY_LEN(says); i++)
		if (strcmp(says[i].result, result) == 0)
			return TEXT(lang, says[i].text);
	return TEXT(lang, TEXT_CHANNEL_FAILED);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

static int run(const struct ctl_call *call)
{
	const struct ctl *c = call->ctl;
	json_t *body = json_pack("{s:s, s:s*}", "channel", call->args[0], "person", call->args[1]), *answer;
	long status;
	bool done, sent;

	if (!body) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(call->client, "/v1/channels/test", body, 0, &status, &answer);
	json_decref(body);
	if (!done)
		return CTL_NO;
	sent = json_is_true(json_object_get(answer, "sent"));
	if (c->json) {
		json_print(answer);
	} else if (sent) {
		CTL_SAY(c, TEXT_CTL_TESTED, text_of(answer, "person"), text_of(answer, "address"),
			text_of(answer, "channel"), text_of(answer, "answer"));
	} else {
		cleanup(freep) char *why = why_of(c->lang, text_of(answer, "result"));

		CTL_COMPLAIN(c, TEXT_CTL_TESTED_NOT, text_of(answer, "person"), text_of(answer, "address"),
			     text_of(answer, "channel"), why, text_of(answer, "answer"));
	}
	json_decref(answer);
	return sent ? CTL_DONE : CTL_NO;
}

const struct ctl_command ctl_test_channel = {
	.name = "test-channel",
	.run = run,
	.help = TEXT_CTL_HELP_TEST_CHANNEL,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = 2,
};
