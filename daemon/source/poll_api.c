#include "source/poll_api.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/certs.h"
#include "source/config.h"
#include "source/habits.h"
#include "source/poll_inside.h"
#include "source/poll_mailbox.h"
#include "source/stream.h"

void poll_api_free(struct poll_api *api)
{
	if (!api)
		return;
	zone_free(api->zone);
	free(api);
}

static const struct platform *platform_of(const struct poll *p)
{
	return p->config->params->platform;
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- the end --- */

/* What was set aside, and was not spent, may be spent by another. An answer that nobody could read was paid for all the same. */
void poll_api_settle(struct poll *p)
{
	struct poll_api *api = p->api;
	int64_t items = api->course.items + (api->unread ? api->budget.page_items : 0);

	if (api->reserved)
		budget_settle(&api->budget, &api->progress.spent, clock_wall_ms(), api->reserved,
			      longer(api->answered, api->course.pages), items);
	api->reserved = 0;
}

void poll_api_fail(struct poll *p, enum course_next next, const char *class_name, const char *detail)
{
	struct poll_api *api = p->api;

	poll_api_settle(p);
	api->last = true;
	p->report.answered = api->answer.status > 0;
	p->retry_after_ms = longer(p->retry_after_ms, api->step.wait_ms);
	poll_fail(p, next == COURSE_LIMITED ? POLL_END_LIMITED : POLL_END_FAILED, class_name, detail);
}

/* --- what it may ask for --- */

static void tell_budget(const struct poll *p)
{
	const struct poll_api *api = p->api;

	if (api->say.ends_ms != TIME_NONE)
		LOG_LIMITED("source.narrowed", LOG_S("source", p->name), LOG_I("pages", api->say.pages),
			    LOG_I("every_s", longer(api->say.wait_ms, p->config->every_ms) / SECOND_MS),
			    LOG_I("else_ends_s", (api->say.ends_ms - clock_wall_ms()) / SECOND_MS));
}

/* False: nothing is left, and the poll has ended. */
static bool within_budget(struct poll *p)
{
	struct poll_api *api = p->api;

	api->say = (struct budget_say){.pages = api->course.pages_most, .ends_ms = TIME_NONE};
	if (!budget_bounded(&api->budget))
		return true;
	budget_step(&api->budget, &api->progress.spent, clock_wall_ms(), p->config->every_ms, api->course.pages_most,
		    &api->say);
	tell_budget(p);
	if (p->stream && stream_has(p->stream)) /* it was paid for already */
		return true;
	if (api->say.pages > 0) {
		api->course.pages_most = api->say.pages;
		return true;
	}
	p->report.own_limit = true; /* others at its host have nothing to do with it */
	p->retry_after_ms = api->say.wait_ms;
	if (p->stream)
		stream_close(p->stream);
	poll_api_fail(p, COURSE_LIMITED, "budget", NULL);
	return false;
}

/* --- the beginning --- */

void poll_api_begin(struct poll *p)
{
	const struct platform *platform = platform_of(p);
	struct poll_api *api = p->api = NEW(struct poll_api);
	const char *kept;
	size_t len;
	bool same;

	p->report.api = true;
	if (poll_streams(p->config))
		poll_stream_begin(p);
	api->map =
		platform->map->name ? poll_copy(p, platform->name) : NULL; /* the configuration may change meanwhile */
	kept = habits_rest(p->state.habits, p->state.habits_len, &len);
	same = progress_get(p->config->params, kept, len, poll_texts(p), &api->progress);
	if (!same && p->state.baselined) { /* it asks for something else than before: what is there is not news */
		p->state.baselined = false;
		p->state.etag = p->state.last_modified = NULL;
		p->state.body_hash = 0;
	}
	api->from = api->progress.cursor;
	if (platform->cost->zone && zone_load(platform->cost->zone, &api->zone) != 0)
		LOG_LIMITED("source.zone", LOG_S("source", p->name), LOG_S("zone", platform->cost->zone));
	api->budget = poll_api_budget(p->config, api->zone);
	course_begin(&api->course, platform, api->progress.cursor, api->progress.since_ms, clock_wall_ms());
	api->course.origin = p->url;
	api->course.behind = api->progress.behind;
	if (p->env.trial)
		api->course.pages_most = 1;
	if (within_budget(p))
		poll_api_go(p);
}

/* Keeps what must not be forgotten before the next step is taken. */
void poll_api_keep(struct poll *p)
{
	p->api->keeping = true;
	poll_commit(p, NULL, NULL);
}

/* One that can't be renewed any more, and one that has taken its place, are told by whoever asked for the poll. */
static void note_token(struct poll *p, int64_t now)
{
	int64_t from = auth_warn_ms(p->config->params, &p->api->progress.token);
	int64_t until = auth_until_ms(p->config->params, &p->api->progress.token);

	if (from != TIME_NONE && (now >= from || until - now > CERTS_SOON_MS))
		p->report.token_until_ms = until;
}

/* Before each request: who we are, and that it may be spent. */
void poll_api_go(struct poll *p)
{
	struct poll_api *api = p->api;
	int64_t now = clock_wall_ms();
	enum auth_do what = auth_step(p->config->params, &api->progress.token, now, api->rejected);

	if (what != AUTH_USE) {
		api->rejected = false;
		poll_token_get(p, what);
		return;
	}
	note_token(p, now);
	if (budget_bounded(&api->budget) && !api->reserved) {
		api->reserved = api->course.pages_most;
		budget_reserve(&api->budget, &api->progress.spent, api->reserved);
		poll_api_keep(p);
		return;
	}
	if (p->stream)
		poll_stream_step(p);
	else if (poll_is_mailbox(p))
		poll_mailbox_step(p);
	else
		poll_api_ask(p);
}

/* --- on --- */

void poll_api_committed(struct poll *p)
{
	struct poll_api *api = p->api;

	if (api->keeping) {
		api->keeping = false;
		if (p->draining)
			poll_finish(p);
		else
			poll_api_go(p);
		return;
	}
	if (api->last || p->draining) {
		if (p->draining || !poll_recheck_begin(p))
			poll_finish(p);
		return;
	}
	api->going = true;
	poll_pause(p, api->step.wait_ms, poll_load);
}

void poll_api_loaded(struct poll *p)
{
	p->api->going = false;
	poll_api_go(p);
}
