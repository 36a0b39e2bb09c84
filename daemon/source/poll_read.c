/* source/poll: what came goes to a reader, and what the reader says to the log. */
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "mention/job.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "pool/pool.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/poll_mailbox.h"

static void showed_new(struct poll *p)
{
	int64_t now = clock_wall_ms();

	if ((p->url || poll_is_inbox(p)) && p->state.new_ms != TIME_NONE && p->state.new_ms < now)
		p->report.gap_ms = now - p->state.new_ms;
	p->state.new_ms = now;
}

/* What an answer holds goes to the log. last: it is the poll's last one. */
void poll_take(struct poll *p, struct answer *answer, struct arena *arena, bool last)
{
	size_t i;

	if (answer->identity_changed)
		LOG_WARN("source.identity", LOG_S("source", p->name), LOG_I("policy", answer->identity),
			 LOG_S("why", answer->why));
	else if (answer->why)
		LOG_LIMITED("source.mended", LOG_S("source", p->name), LOG_S("why", answer->why));
	if (answer->recovered) /* cut off, perhaps on its way: validators would keep the whole of it away */
		p->state.etag = p->state.last_modified = NULL;
	for (i = 0; i < answer->n_limits; i++) /* never silently "no match" */
		LOG_LIMITED("rule.limit", LOG_S("pattern", answer->limits[i].pattern),
			    LOG_S("topic", answer->limits[i].topic), LOG_S("source", p->name),
			    LOG_I("times", answer->limits[i].count));
	p->state.identity = answer->identity;
	p->report.wish = (struct pace_wish){answer->feed.ttl_s, answer->feed.skip_hours, answer->feed.skip_days};
	if (answer->feed.title)
		p->state.title = poll_copy(p, answer->feed.title);
	p->report.first = p->report.first || !p->state.baselined;
	p->read = p->file_read = true;
	if (last)
		p->state.baselined = true;
	if (p->files.n)
		p->state.body_hash = last && !p->bad_class ? p->signature : 0;
	p->report.items += answer->n_items;
	p->report.items_left += answer->items_left;
	if (answer->n_mentions)
		showed_new(p);
	p->end = last && p->bad_class ? p->bad_end : POLL_END_OK;
	if (p->end != POLL_END_OK) {
		p->state.error = poll_copy(p, p->bad_class);
		p->state.error_detail = poll_copy(p, p->bad_detail);
	}
	poll_commit(p, answer, arena);
}

/* Of an API's error nobody can read more than its status: that is no fault of the body. */
static void fail(struct poll *p, const char *class_name, const char *why)
{
	if (p->mailbox)
		poll_mailbox_read(p, NULL, NULL, class_name, why);
	else if (p->api)
		poll_api_read(p, NULL, NULL, class_name, why);
	else if (poll_hydrate_asks(p))
		poll_hydrate_fail(p, class_name, why);
	else if (p->inbox)
		poll_inbox_fail(p, class_name, why);
	else
		poll_fail_body(p, class_name, why);
}

/* What is said for the first time by a source that is known: the news of a first poll wake nobody. */
static void tell_came(struct poll *p, const struct answer *answer, struct buf *body)
{
	const struct poll_came came = {.source = p->name,
				       .url = p->body_address,
				       .status = p->report.status,
				       .content_type = p->content_type,
				       .etag = p->got.etag,
				       .last_modified = p->got.last_modified,
				       .answer = answer,
				       .body = body};

	if (p->env.ops->came && answer->n_mentions && p->state.baselined && !p->env.trial)
		p->env.ops->came(p->env.ops_arg, &came);
}

/* Answers to what we sent are no mentions: they and their items are taken out. */
static void take_replies(struct poll *p, struct answer *a)
{
	size_t i, item = 0, from = 0, to = 0;

	if (!p->env.ops->reply || p->env.trial)
		return;
	for (i = 0; i < a->n_items; i++) {
		bool follows = a->items[i].state == ITEM_NEW || a->items[i].state == ITEM_EDITED;

		if (follows && from < a->n_mentions) {
			const struct mention *m = &a->mentions[from++];

			if (p->env.ops->reply(p->env.ops_arg, p->name, m, p->state.baselined))
				continue;
			a->mentions[to++] = *m;
		}
		a->items[item++] = a->items[i];
	}
	a->n_items = item;
	a->n_mentions = to;
}

static void on_read(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	static const char *const classes[] = {
		[ANSWER_NOT_A_FEED] = "not_a_feed", [ANSWER_MALFORMED] = "malformed", [ANSWER_REFUSED] = "refused"};
	struct poll *p = arg;
	cleanup(arena_freep) struct arena *arena = NULL;
	cleanup(buf_done) struct buf body = p->body;
	struct answer *answer;

	p->job = 0;
	p->body = (struct buf)BUF_INIT(body.max);
	if (outcome == POOL_SET_ASIDE) {
		fail(p, "set_aside", bytes);
		return;
	}
	if (outcome == POOL_ENDED) {
		p->inbox = 0; /* nobody looked at it: it stays */
		fail(p, "ended", NULL);
		return;
	}
	arena = arena_new(POLL_TEXTS_MAX_BYTES);
	answer = ARENA_NEW(arena, struct answer);
	if (answer_get(bytes, len, arena, answer) != 0) {
		fail(p, "bad_answer", NULL);
		return;
	}
	if (answer->status == ANSWER_OK)
		take_replies(p, answer);
	if (answer->status == ANSWER_OK)
		tell_came(p, answer, &body);
	if (answer->status != ANSWER_OK) {
		fail(p, classes[answer->status], answer->why);
		return;
	}
	if (p->mailbox)
		poll_mailbox_read(p, answer, TAKE(arena), NULL, NULL);
	else if (p->api)
		poll_api_read(p, answer, TAKE(arena), NULL, NULL);
	else if (!poll_is_inbox(p) || !poll_hydrate_read(p, answer, &arena))
		poll_take(p, answer, TAKE(arena), p->file >= p->files.n);
}

/* The platform whose program reads the body; NULL: it is read as a feed, or as a file says. */
static const struct platform *mapped_by(const struct poll *p)
{
	return (p->api && p->api->map) || p->inbox || poll_hydrate_asks(p) ? p->config->params->platform : NULL;
}

void poll_submit(struct poll *p)
{
	const struct platform *mapped = mapped_by(p);
	struct job_feed job = {
		.source = p->name,
		.platform = mapped ? mapped->map->scope : poll_platform(p),
		.topic = p->config->topic,
		.address = p->body_address,
		.content_type = p->content_type,
		.lang = p->config->lang,
		.format = p->mailbox ? "mails"
			  : mapped   ? "map"
			  : p->url   ? "auto"
				     : p->config->format,
		.map = mapped ? mapped->name : NULL,
		.unwrap = p->api ? p->config->params->platform->map->unwrap : NULL,
		.outlet = p->api && p->config->params->platform->map->outlet,
		.sieve = poll_stream_sifts(p),
		.seen_ms = clock_wall_ms(),
		.identity = p->state.identity,
		.first = !p->state.baselined,
		.not_before_ms = TIME_NONE,
		.seen = p->seen,
		.n_seen = p->n_seen,
		.body = buf_str(&p->body),
		.body_len = p->body.len,
	};
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES), ctx = BUF_INIT(MAP_CTX_MAX_BYTES);

	if (job.map) {
		params_json(&ctx, p->config->params, poll_hydrate_wants(p) ? "hydrate" : NULL);
		job.ctx = buf_str(&ctx);
	}
	if (job.first && p->config->backfill_ms != SOURCE_BACKFILL_ALL)
		job.not_before_ms = p->config->backfill_ms ? job.seen_ms - p->config->backfill_ms : INT64_MAX;
	job_feed_put(&payload, &job);
	buf_done(&ctx);
	if (payload.full) {
		buf_done(&payload);
		fail(p, "too_large", NULL);
		return;
	}
	p->job = pool_submit(p->env.pool, FRAME_FEED, &payload, p->name, POOL_FEED, on_read, p);
	if (!p->job)
		poll_try_again(p, poll_submit);
}
