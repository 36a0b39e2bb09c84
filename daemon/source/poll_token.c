/* source/poll_api: tokens: asked for, kept, and only then used. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "platform/auth.h"
#include "platform/params.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"

/* Who refuses us is not asked again at once: whoever can mend that needs longer. */
static void refuse(struct poll *p, int r, const char *why)
{
	p->lasting = r == AUTH_E_REFUSED;
	if (r == AUTH_E_REFUSED) /* what is kept is worth nothing: the next poll begins with what the source says */
		p->api->progress.token = AUTH_TOKEN_NONE;
	poll_api_fail(p, COURSE_BROKEN, r == AUTH_E_REFUSED ? "unauthorized" : "token", why);
}

/* A token that could not be exchanged may be good for weeks: nobody falls silent before its end. */
static bool postpone(struct poll *p)
{
	struct auth_token *token = &p->api->progress.token;

	if (p->api->renewals || !auth_postpone(p->config->params, token, clock_wall_ms(), poll_texts(p), token))
		return false;
	LOG_LIMITED("source.token_not_renewed", LOG_S("source", p->name));
	poll_api_keep(p);
	return true;
}

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;
	struct poll_api *api = p->api;
	const char *why = "";
	int r;

	p->transfer = NULL;
	poll_note_answer(p, f);
	if (f->outcome != FETCH_OK && postpone(p))
		return;
	if (f->outcome == FETCH_LIMITED) {
		api->step.wait_ms = f->retry_after_ms;
		poll_api_fail(p, COURSE_LIMITED, "limited", "token request");
		return;
	}
	if (f->outcome != FETCH_OK && f->outcome != FETCH_HTTP) {
		poll_api_fail(p, COURSE_BROKEN, poll_copy(p, f->class_name), "token request");
		return;
	}
	r = auth_answer(p->config->params, &api->progress.token, f->status, buf_str(&f->body), f->body.len,
			clock_wall_ms(), poll_texts(p), &api->progress.token, &why);
	if (r) {
		refuse(p, r, why);
		return;
	}
	LOG_INFO("source.token", LOG_S("source", p->name),
		 LOG_I("life_s", (api->progress.token.until_ms - api->progress.token.got_ms) / SECOND_MS));
	poll_api_keep(p);
}

void poll_token_get(struct poll *p, enum auth_do what)
{
	struct poll_api *api = p->api;
	struct request q;
	const char *why = "";

	if (auth_request(p->config->params, &api->progress.token, what, clock_wall_ms(), poll_texts(p), &q, &why) !=
	    0) {
		poll_api_fail(p, COURSE_BROKEN, "token", why);
		return;
	}
	p->transfer = poll_api_start(p, &q, on_fetched);
	if (!p->transfer)
		poll_try_again(p, poll_api_go);
}
