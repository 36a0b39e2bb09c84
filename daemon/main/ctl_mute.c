/* mute, unmute: no messages about a topic for a while. */
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

struct mute_values {
	const char *for_, *until, *why, *as;
	bool critical, is_long;
};

static const char *who(const struct mute_values *v)
{
	const struct passwd *user = v->as ? NULL : getpwuid(getuid());

	return v->as ? v->as : user ? user->pw_name : "?";
}

/* "18:00", the next one; "2026-12-24 18:00". By the configuration's clock. False: neither. */
static bool seconds_until(const char *text, time_t now, long long *ret)
{
	struct tm t, day;
	const char *end;
	time_t at;

	(void)localtime_r(&now, &day);
	t = day;
	t.tm_sec = 0;
	end = strptime(text, "%H:%M", &t);
	if (!end || *end) {
		memset(&t, 0, sizeof(t));
		end = strptime(text, "%Y-%m-%d %H:%M", &t);
	}
	if (!end || *end)
		return false;
	t.tm_isdst = -1;
	at = mktime(&t);
	if (at <= now && strlen(text) <= 5) {
		t.tm_mday++;
		t.tm_isdst = -1;
		at = mktime(&t);
	}
	*ret = (long long)at - (long long)now;
	return at != (time_t)-1;
}

static bool check(const struct ctl_call *call)
{
	const struct mute_values *v = call->values;
	int64_t ms;

	if (!v->for_ == !v->until || (v->for_ && units_duration(v->for_, &ms) != 0)) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_MUTE_END);
		return false;
	}
	return true;
}

static int run_mute(const struct ctl_call *call)
{
	const struct mute_values *v = call->values;
	cleanup(freep) char *length = v->for_ ? xstrdup(v->for_) : NULL;
	long long s;

	local_zone(call->ctl);
	if (!length && !seconds_until(v->until, time(NULL), &s)) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_MUTE_END);
		return CTL_USAGE;
	}
	if (!length)
		length = xasprintf("%llds", s > 0 ? s : 0);
	return client_post_said(call->client, "/v1/mutes",
				json_pack("{s:s,s:s,s:s*,s:s,s:s*,s:s,s:b,s:b}", "do", "mute", "topic", call->args[0],
					  "severity", call->n > 1 ? call->args[1] : NULL, "for", length, "why", v->why,
					  "who", who(v), "critical", v->critical, "long", v->is_long));
}

static int run_unmute(const struct ctl_call *call)
{
	return client_post_said(
		call->client, "/v1/mutes",
		json_pack("{s:s,s:s,s:s}", "do", "unmute", "topic", call->args[0], "who", who(call->values)));
}

static const struct ctl_option mute_options[] = {
	{"for", 0, CTL_VALUE, offsetof(struct mute_values, for_)},
	{"until", 0, CTL_VALUE, offsetof(struct mute_values, until)},
	{"why", 0, CTL_VALUE, offsetof(struct mute_values, why)},
	{"as", 0, CTL_VALUE, offsetof(struct mute_values, as)},
	{"critical", 0, CTL_FLAG, offsetof(struct mute_values, critical)},
	{"long", 0, CTL_FLAG, offsetof(struct mute_values, is_long)},
};
static const struct ctl_option unmute_options[] = {{"as", 0, CTL_VALUE, offsetof(struct mute_values, as)}};
const struct ctl_command ctl_mute = {
	.name = "mute",
	.run = run_mute,
	.check = check,
	.help = TEXT_CTL_HELP_MUTE,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = 2,
	.options = mute_options,
	.n_options = ARRAY_LEN(mute_options),
	.values_bytes = sizeof(struct mute_values),
};
const struct ctl_command ctl_unmute = {
	.name = "unmute",
	.run = run_unmute,
	.help = TEXT_CTL_HELP_UNMUTE,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = 1,
	.options = unmute_options,
	.n_options = ARRAY_LEN(unmute_options),
	.values_bytes = sizeof(struct mute_values),
};
