/* try: what a source stands at, as far as it matters to who keeps nothing. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "main/ctl_try.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/progress.h"
#include "source/config.h"
#include "source/habits.h"
#include "store/stored.h"

/* Whether asking for a token may make another one worthless. */
static bool is_replaced(const struct platform_auth *auth)
{
	return auth->kind == PLATFORM_AUTH_REFRESH || auth->kind == PLATFORM_AUTH_XOAUTH2;
}

/* Of one that is got by what the source says itself a new one does no harm, and is surely good. */
static bool is_got_anew(const struct platform_auth *auth)
{
	return !is_replaced(auth) && auth->kind != PLATFORM_AUTH_EXCHANGE;
}

static void put_habits(const struct params *params, const struct progress *progress, struct arena *a,
		       struct source_state *ret)
{
	struct buf b = BUF_INIT(HABITS_MAX_BYTES + PROGRESS_MAX_BYTES), rest = BUF_INIT(PROGRESS_MAX_BYTES);

	habits_put(&b, &(struct health){.watched_ms = 0}, &(struct pace_wish){.ttl_s = 0}, NULL);
	progress_put(&rest, params, progress);
	habits_put_rest(&b, &rest);
	ret->habits = arena_memdup0(a, buf_str(&b), b.len);
	ret->habits_len = b.len;
	buf_done(&b);
	buf_done(&rest);
}

enum try_kept try_kept(const char *state_folder, const struct source_config *s, struct arena *a,
		       struct source_state *ret)
{
	struct source_state kept = {.habits = NULL};
	struct progress progress;
	const char *bytes;
	size_t len;
	int r;

	*ret = (struct source_state){.name = s->name,
				     .baselined = true, /* else it would be a first poll, and "backfill" hide some */
				     .polled_ms = TIME_NONE,
				     .ok_ms = TIME_NONE,
				     .new_ms = TIME_NONE,
				     .next_ms = TIME_NONE};
	if (!s->params)
		return TRY_KEPT;
	r = stored_source(state_folder, s->name, a, &kept);
	bytes = habits_rest(kept.habits, kept.habits_len, &len);
	(void)progress_get(s->params, bytes, len, a, &progress);
	progress.cursor = NULL;
	progress.since_ms = TIME_NONE;
	if (is_got_anew(s->params->platform->auth))
		progress.token = AUTH_TOKEN_NONE;
	put_habits(s->params, &progress, a, ret);
	if (is_replaced(s->params->platform->auth) &&
	    auth_step(s->params, &progress.token, clock_wall_ms(), false) != AUTH_USE)
		return TRY_KEPT_TOKEN_DUE;
	return r == 0 || r == STORED_E_NONE ? TRY_KEPT : TRY_KEPT_UNREADABLE;
}
