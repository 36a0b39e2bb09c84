/* discover: one request, and a reader's word on what came. */
#include "base/arena.h"
#include "base/clock.h"
#include "fetch/fetch.h"
#include "loop/loop.h"
#include "main/ctl_ask.h"
#include "main/ctl_discover.h"
#include "mention/job.h"

static const char accept_pages[] = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, "
				   "application/feed+json, application/json;q=0.9, */*;q=0.8";

struct getting {
	struct discover *d;
	struct came *came;
};

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct getting *g = arg;
	struct arena *a = g->d->a;

	*g->came = (struct came){
		.outcome = f->outcome,
		.class_name = arena_strdup(a, f->class_name),
		.detail = f->detail ? arena_strdup(a, f->detail) : NULL,
		.url = f->effective_url ? arena_strdup(a, f->effective_url) : NULL,
		.content_type = f->content_type ? arena_strdup(a, f->content_type) : NULL,
		.body = f->body,
	};
	f->body = (struct buf)BUF_INIT(0);
	loop_stop(g->d->loop);
}

void discover_get(struct discover *d, const char *url, struct came *ret)
{
	struct getting g = {.d = d, .came = ret};
	const struct fetch_request request = {
		.url = url, .accept = accept_pages, .allow_private = d->allow, .n_allow_private = d->n_allow};

	*ret = (struct came){.outcome = FETCH_FAILED, .class_name = "failed", .body = BUF_INIT(0)};
	if (!fetch_start(d->fetch, &request, on_fetched, &g))
		return; /* nothing else is under way here: can't be */
	loop_run(d->loop);
	if (!ret->url)
		ret->url = url;
}

bool discover_read(struct discover *d, const struct came *came, const char *format, struct answer *ret)
{
	struct job_feed feed = {
		.source = "discover",
		.platform = "feed",
		.address = came->url,
		.content_type = came->content_type,
		.format = format,
		.seen_ms = clock_wall_ms(),
		.not_before_ms = TIME_NONE,
		.body = buf_str(&came->body),
		.body_len = came->body.len,
	};
	struct buf job = BUF_INIT(FRAME_MAX_BYTES);
	bool done;

	job_feed_put(&job, &feed);
	done = ctl_ask(d->ctl, d->ask, FRAME_FEED, &job, came->url, d->a, ret);
	buf_done(&job);
	return done;
}
