/* canary: does what people would be told come through, from a feed to their channels? */
#include "main/ctl_canary.h"

#include <jansson.h>
#include <string.h>

#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "serve/serve.h"

#define WITHIN "20s" /* so that the answer comes before the daemon gives up on it */

struct canary_values {
	const char *within;
};

const char *canary_stage(enum text_lang lang, const char *stage)
{
	static const struct {
		const char *stage;
		enum text_id text;
	} names[] = {{"reader", TEXT_CANARY_READER}, {"match", TEXT_CANARY_MATCH}, {"log", TEXT_CANARY_LOG},
		     {"queue", TEXT_CANARY_QUEUE},   {"alert", TEXT_CANARY_ALERT}, {"channel", TEXT_CANARY_CHANNEL}};
	size_t i;

	for (i = 0; stage && i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].stage, stage) == 0)
			return text_raw(lang, names[i].text);
	return stage;
}

static void show(const struct ctl *c, const json_t *answer, bool ok)
{
	const json_t *stages = json_object_get(answer, "stages"), *one;
	const char *why = said_in(answer, "why");
	size_t i;

	json_array_foreach(stages, i, one)
	{
		cleanup(freep) char *ms = xasprintf("%lld", (long long)json_integer_value(json_object_get(one, "ms")));
		const char *name = canary_stage(c->lang, said_in(one, "stage"));

		CTL_SAY(c, TEXT_CANARY_PASSED, name ? name : "?", ms);
	}
	if (ok) {
		CTL_SAY(c, TEXT_CANARY_THROUGH);
		return;
	}
	fflush(stdout);
	CTL_COMPLAIN(c, TEXT_CANARY_STUCK, canary_stage(c->lang, said_in(answer, "failed")), why ? why : "?");
}

static int run(const struct ctl_call *call)
{
	const struct canary_values *v = call->values;
	json_t *body = json_pack("{s:s}", "within", v->within ? v->within : WITHIN), *answer = NULL;
	long status;
	bool done, ok;

	if (!body) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(call->client, "/v1/canary", body, 0, &status, &answer);
	json_decref(body);
	if (!done)
		return CTL_NO;
	ok = json_is_true(json_object_get(answer, "ok"));
	if (call->ctl->json)
		json_print(answer);
	else
		show(call->ctl, answer, ok);
	json_decref(answer);
	return ok ? CTL_DONE : CTL_NO;
}

static bool check(const struct ctl_call *call)
{
	const struct canary_values *v = call->values;
	int64_t ms;

	if (!v->within ||
	    (units_duration(v->within, &ms) == 0 && ms >= SERVE_WITHIN_LEAST_MS && ms <= SERVE_WITHIN_MOST_MS))
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CANARY_BAD_TIME, v->within);
	return false;
}

static const struct ctl_option options[] = {{"within", 0, CTL_VALUE, offsetof(struct canary_values, within)}};
const struct ctl_command ctl_canary = {
	.name = "canary",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_CANARY,
	.needs = CTL_NEEDS_DAEMON,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct canary_values),
};
