/* source/poll: asks for a batch of hits by their ids, and reads what is said. Ids that a platform refuses together are asked for in halves,
 * down to the one that it minds, which is left alone then; posts that it says nothing of are gone, and are left alone, too. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "mention/answer.h"
#include "mention/job.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/poll_recheck.h"

static const struct platform *platform_of(const struct poll *p)
{
	return p->config->params->platform;
}

/* It was well answered, and nobody knows with how many: with all of them, then. */
static void settle_unread(struct poll *p)
{
	const bool well = p->recheck->status >= 200 && p->recheck->status < 300;

	poll_recheck_settle(p, well ? (int64_t)p->recheck->n : 0);
}

/* --- what is refused --- */

/* What is left of the batch is left alone: its ids are asked for again when their next step is due. */
static void pass_over(struct poll *p, const char *words)
{
	struct poll_recheck *recheck = p->recheck;

	if (recheck->sorted >= RECHECK_SORT_MAX && recheck->upto > recheck->at + recheck->n)
		recheck->n = recheck->upto - recheck->at; /* enough was asked to find out which */
	LOG_LIMITED("source.recheck_refused", LOG_S("source", p->name), LOG_I("posts", (int64_t)recheck->n),
		    LOG_I("status", recheck->status), LOG_S("detail", words));
	recheck->refused += recheck->n;
	poll_recheck_batch_done(p);
}

/* One of these ids is the reason, and nothing says which. */
static void sort_out(struct poll *p, const char *words)
{
	struct poll_recheck *recheck = p->recheck;

	if (recheck->n <= 1 || recheck->sorted >= RECHECK_SORT_MAX) {
		pass_over(p, words);
		return;
	}
	if (recheck->upto < recheck->at + recheck->n)
		recheck->upto = recheck->at + recheck->n;
	recheck->within = recheck->at + recheck->n;
	poll_pause(p, platform_of(p)->limits->gap_ms, poll_recheck_next);
}

/* words: the platform's own; NULL: it had none. */
static void refused(struct poll *p, const char *words)
{
	const int status = p->recheck->status;
	const struct course_answer answer = {.status = status};

	poll_recheck_settle(p, 0);
	if (course_is_about_us(platform_of(p), &answer, words))
		poll_recheck_give_up(p, "limited", words);
	else if (status >= 200 && status < 300) /* it says that there is none of them any more */
		pass_over(p, words);
	else if (status == 400 || status == 404 || status == 410 || status == 414 || status == 422)
		sort_out(p, words);
	else
		poll_recheck_give_up(p, "refused", words);
}

struct answer *poll_lookup_answer(struct poll *p, enum pool_outcome outcome, const char *bytes, size_t len,
				  struct arena *arena)
{
	struct answer *answer = ARENA_NEW(arena, struct answer);

	p->job = 0;
	if (outcome == POOL_DONE && answer_get(bytes, len, arena, answer) == 0 && answer->status == ANSWER_OK)
		return answer;
	if (p->recheck->status >= 400) { /* an error in no form of the platform's, as a proxy's page */
		refused(p, NULL);
		return NULL;
	}
	settle_unread(p);
	if (outcome == POOL_DONE)
		poll_recheck_give_up(p, "malformed", answer->why);
	else
		poll_recheck_give_up(p, outcome == POOL_ENDED ? "ended" : "set_aside",
				     outcome == POOL_ENDED ? NULL : bytes);
	return NULL;
}

static void on_read(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct poll *p = arg;
	cleanup(arena_freep) struct arena *arena = arena_new(RECHECK_TEXTS_MAX_BYTES);
	struct answer *answer;
	const char *words;

	buf_done(&p->body);
	answer = poll_lookup_answer(p, outcome, bytes, len, arena);
	if (!answer)
		return;
	words = answer_fact(answer, "error");
	if (p->recheck->status >= 300 || (words && !answer->n_items)) {
		refused(p, words);
		return;
	}
	poll_recheck_settle(p, (int64_t)answer->n_items);
	poll_judge_counts(p, answer);
}

/* Nothing is known to the reader: each item comes with its counts. */
static void submit(struct poll *p)
{
	const struct platform *platform = platform_of(p);
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES), ctx = BUF_INIT(MAP_CTX_MAX_BYTES);
	struct job_feed job = {.source = p->name,
			       .platform = platform->map->scope,
			       .address = p->url,
			       .content_type = p->content_type,
			       .format = "map",
			       .map = platform->name,
			       .seen_ms = clock_wall_ms(),
			       .not_before_ms = TIME_NONE,
			       .body = buf_str(&p->body),
			       .body_len = p->body.len};

	params_json(&ctx, p->config->params, NULL);
	job.ctx = buf_str(&ctx);
	job_feed_put(&payload, &job);
	buf_done(&ctx);
	p->job = payload.full ? 0 : pool_submit(p->env.pool, FRAME_FEED, &payload, p->name, POOL_FEED, on_read, p);
	if (p->job)
		return;
	if (!payload.full) {
		poll_try_again(p, submit);
		return;
	}
	buf_done(&payload);
	buf_done(&p->body);
	settle_unread(p);
	poll_recheck_give_up(p, "too_large", NULL);
}

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;

	p->transfer = NULL;
	p->recheck->status = f->status;
	if (f->outcome != FETCH_OK && f->outcome != FETCH_HTTP && f->outcome != FETCH_GONE) {
		settle_unread(p);
		poll_recheck_give_up(p, f->class_name, f->detail);
		return;
	}
	if (!f->body.len && f->outcome == FETCH_OK) {
		poll_recheck_settle(p, 0);
		poll_recheck_give_up(p, "empty", NULL);
		return;
	}
	if (!f->body.len) {
		refused(p, NULL);
		return;
	}
	p->content_type = poll_copy(p, f->content_type);
	p->body = f->body;
	f->body = (struct buf)BUF_INIT(0);
	submit(p);
}

void poll_lookup_ask(struct poll *p)
{
	const struct poll_recheck *recheck = p->recheck;
	const char *ids[PLATFORM_IDS_MAX], *why;
	struct request_place place = {.ids = ids,
				      .since_ms = TIME_NONE,
				      .until_ms = clock_wall_ms(),
				      .access = p->api->progress.token.access};
	struct request q;

	for (place.n_ids = 0; place.n_ids < recheck->n; place.n_ids++)
		ids[place.n_ids] = recheck->due.v[recheck->at + place.n_ids].guid;
	if (request_make(p->config->params, &place, poll_texts(p), &q, &why) != 0) {
		p->recheck->status = 414; /* they are too many for one address */
		refused(p, why);
		return;
	}
	p->transfer = poll_api_start(p, &q, on_fetched);
	if (!p->transfer)
		poll_try_again(p, poll_lookup_ask);
}
