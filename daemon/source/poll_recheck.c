/* source/poll: behind the last page: hits of this source that came so long ago (config->recheck) are asked for by their ids, many at
 * once, and judged again by the counts that they have now.
 *
 *   due → (what may be spent → kept) → ask → reader: counts → reader: rules, by the old counts and by the new → commit → ask …
 *
 * It is an appendix: what goes wrong here costs the poll nothing, is told in the log alone, and is tried again by the next. Where the
 * budget is short, what is new comes first, and nothing is asked here. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "mention/again.h"
#include "mention/answer.h"
#include "mention/job.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "pool/pool.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"

enum {
	AGAIN_REQUESTS_MAX = 10, /* of one poll */
	AGAIN_BACK_TIMES = 2,    /* what is older than so many times the longest step is left alone: it was missed */
	AGAIN_LAG_MS = 60 * 60 * 1000, /* marks move on without anything being due once they lag so much */
	AGAIN_TEXTS_MAX_BYTES = 64 << 20,
};
_Static_assert((int)SOURCE_RECHECKS_MAX <= (int)AGAIN_STEPS_MAX && (int)SOURCE_RECHECKS_MAX <= (int)PROGRESS_AGAIN_MAX,
	       "steps");

struct poll_recheck {
	struct arena *arena; /* of due */
	struct again_ask ask;
	struct again_due due;
	size_t at, n;         /* of due: the batch that is asked for */
	struct mention *then; /* of it those whose counts have changed, as the log has them */
	size_t n_changed;
	bool reserved; /* what the batch may cost is set aside */
	bool over;     /* the commit that runs is the last */
	size_t changed;
};

void poll_recheck_free(struct poll_recheck *recheck)
{
	if (!recheck)
		return;
	arena_free(recheck->arena);
	free(recheck);
}

static const struct platform *platform_of(const struct poll *p)
{
	return p->config->params->platform;
}

/* --- the marks --- */

/* From where on a step looks. One that is new begins with what comes due from now on. */
static struct stream_id mark_of(const struct poll *p, int64_t age_ms, int64_t now)
{
	const struct progress *progress = &p->api->progress;
	const int64_t most = AGAIN_BACK_TIMES * p->config->recheck[p->config->n_recheck - 1];
	struct stream_id mark = {.ms = now - age_ms};
	size_t i;

	for (i = 0; i < progress->n_again; i++)
		if (progress->again[i].age_ms == age_ms)
			mark = (struct stream_id){progress->again[i].at_ms, progress->again[i].at_seq};
	if (mark.ms > now - age_ms) /* the clock was set back */
		mark = (struct stream_id){.ms = now - age_ms};
	return mark.ms < now - most ? (struct stream_id){.ms = now - most} : mark;
}

static void keep_marks(struct poll *p)
{
	const struct poll_recheck *recheck = p->recheck;
	struct progress *progress = &p->api->progress;
	size_t i;

	for (i = 0; i < recheck->ask.n_steps; i++)
		progress->again[i] = (struct progress_again){.age_ms = recheck->ask.steps[i].age_ms,
							     .at_ms = recheck->due.marks[i].ms,
							     .at_seq = recheck->due.marks[i].seq};
	progress->n_again = recheck->ask.n_steps;
}

/* Nothing is due: worth a commit only if the next look would be long, or a step begins. */
static bool marks_lag(const struct poll *p)
{
	const struct progress *progress = &p->api->progress;
	size_t i;

	if (progress->n_again != p->recheck->ask.n_steps)
		return true;
	for (i = 0; i < progress->n_again; i++)
		if (progress->again[i].age_ms != p->recheck->ask.steps[i].age_ms ||
		    p->recheck->due.marks[i].ms - progress->again[i].at_ms >= AGAIN_LAG_MS)
			return true;
	return false;
}

/* --- the end --- */

static void end(struct poll *p, bool looked_at_all)
{
	if (looked_at_all)
		keep_marks(p);
	p->recheck->over = true;
	poll_commit(p, NULL, NULL);
}

static void give_up(struct poll *p, const char *class_name, const char *detail)
{
	LOG_LIMITED("source.recheck_failed", LOG_S("source", p->name), LOG_S("class", class_name),
		    LOG_S("detail", detail));
	end(p, false);
}

/* --- what it may spend --- */

/* Requests by ids are counted apart where the platform does so. */
static struct budget budget_of(const struct poll *p)
{
	const int64_t sharing = p->config->sharing ? p->config->sharing : 1;
	const int64_t apart = platform_of(p)->lookup->calls_per_day / sharing;

	if (!platform_of(p)->lookup->calls_per_day)
		return p->api->budget;
	return (struct budget){.calls_day = apart ? apart : 1, .zone = p->api->zone};
}

static struct budget_spent *spent_of(struct poll *p)
{
	struct progress *progress = &p->api->progress;

	return platform_of(p)->lookup->calls_per_day ? &progress->spent_lookup : &progress->spent;
}

static bool may_spend(struct poll *p, const struct budget *b)
{
	struct budget_say say;

	budget_step(b, spent_of(p), clock_wall_ms(), p->config->every_ms, 1, &say);
	return say.pages > 0 && !say.wait_ms;
}

/* Requests of this poll that it can pay for: what is more would be asked for in part, and by the next poll from the start again. */
static size_t affordable(struct poll *p)
{
	const struct budget b = budget_of(p);
	struct budget_say say = {.pages = AGAIN_REQUESTS_MAX};

	if (budget_bounded(&b))
		budget_step(&b, spent_of(p), clock_wall_ms(), p->config->every_ms, AGAIN_REQUESTS_MAX, &say);
	return say.pages > 1 ? (size_t)say.pages : 1;
}

static void settle(struct poll *p, int64_t items)
{
	const struct budget b = budget_of(p);

	if (p->recheck->reserved)
		budget_settle(&b, spent_of(p), clock_wall_ms(), 1, 1, items);
	p->recheck->reserved = false;
}

/* --- a batch --- */

static void next(struct poll *p);

static void batch_done(struct poll *p)
{
	p->recheck->at += p->recheck->n;
	p->recheck->n = 0;
	poll_pause(p, platform_of(p)->limits->gap_ms, next);
}

static bool holds(const struct hit *v, size_t n, const char *topic, const struct hit **ret)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i].topic, topic) == 0) {
			*ret = &v[i];
			return true;
		}
	}
	return false;
}

static size_t without(const char **v, size_t n, const char *const *old, size_t n_old)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if (!mention_names_have(old, n_old, v[i]))
			v[k++] = v[i];
	return k;
}

/* What the new counts alone have gained it: rules that were edited meanwhile are no matter of its counts. */
static void keep_gains(struct mention *now, const struct mention *then)
{
	const struct hit *old;
	size_t i, n = 0;

	for (i = 0; i < now->n_hits; i++) {
		struct hit h = now->hits[i];

		if (holds(then->hits, then->n_hits, h.topic, &old)) {
			h.n_rules = without(h.rules, h.n_rules, old->rules, old->n_rules);
			h.n_tags = without(h.tags, h.n_tags, old->tags, old->n_tags);
			h.n_intents = without(h.intents, h.n_intents, old->intents, old->n_intents);
			if (!h.n_rules && !h.n_tags && !h.n_intents)
				continue;
		}
		now->hits[n++] = h;
	}
	now->n_hits = n;
}

/* Pairs, as they were sent: each by its old counts, and by its new. */
static void take_judgement(struct poll *p, struct answer *answer, struct arena *arena)
{
	const size_t n = answer->n_mentions / 2;
	struct item_mark *items = ARENA_ARRAY(arena, struct item_mark, n);
	struct mention *now = ARENA_ARRAY(arena, struct mention, n);
	size_t i;

	for (i = 0; i < n; i++) {
		now[i] = answer->mentions[2 * i + 1];
		keep_gains(&now[i], &answer->mentions[2 * i]);
		items[i] = (struct item_mark){.state = ITEM_JUDGED, .counts = now[i].counts};
		memcpy(items[i].key.id, now[i].id, MENTION_ID_BYTES);
		items[i].key.content = mention_content_hash(&now[i]);
		items[i].key.counts = mention_counts_hash(&now[i].counts);
	}
	answer->items = items;
	answer->mentions = now;
	answer->n_items = answer->n_mentions = n;
	p->recheck->changed += n;
	poll_commit(p, answer, arena);
}

/* The answer to a job; NULL: it was none, and that is done with. */
static struct answer *read_answer(struct poll *p, enum pool_outcome outcome, const char *bytes, size_t len,
				  struct arena *arena)
{
	struct answer *answer = ARENA_NEW(arena, struct answer);

	p->job = 0;
	if (outcome == POOL_DONE && answer_get(bytes, len, arena, answer) == 0 && answer->status == ANSWER_OK)
		return answer;
	settle(p, 0);
	if (outcome == POOL_DONE)
		give_up(p, "malformed", answer->why);
	else
		give_up(p, outcome == POOL_ENDED ? "ended" : "set_aside", outcome == POOL_ENDED ? NULL : bytes);
	return NULL;
}

static void on_judged(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct poll *p = arg;
	cleanup(arena_freep) struct arena *arena = arena_new(AGAIN_TEXTS_MAX_BYTES);
	struct answer *answer = read_answer(p, outcome, bytes, len, arena);

	if (answer)
		take_judgement(p, answer, TAKE(arena));
}

static void judge(struct poll *p)
{
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES);

	job_match_put(&payload, p->config->topic, false, p->recheck->then, 2 * p->recheck->n_changed);
	if (payload.full) {
		buf_done(&payload);
		give_up(p, "too_large", NULL);
		return;
	}
	p->job = pool_submit(p->env.pool, FRAME_MATCH, &payload, p->name, POOL_FEED, on_judged, p);
	if (!p->job)
		poll_try_again(p, judge);
}

static int64_t newer(int64_t now, int64_t before)
{
	return now >= 0 ? now : before;
}

static bool changes(struct mention_counts *c, const struct mention_counts *now)
{
	const struct mention_counts before = *c;

	c->likes = newer(now->likes, c->likes);
	c->shares = newer(now->shares, c->shares);
	c->replies = newer(now->replies, c->replies);
	c->views = newer(now->views, c->views);
	return memcmp(&before, c, sizeof(*c)) != 0;
}

/* Of the batch those whose counts differ, twice: as they were, and as they are. */
static void compare(struct poll *p, const struct answer *answer)
{
	struct poll_recheck *recheck = p->recheck;
	size_t i, k;

	recheck->then = ARENA_ARRAY(recheck->arena, struct mention, 2 * recheck->n);
	recheck->n_changed = 0;
	for (i = recheck->at; i < recheck->at + recheck->n; i++) {
		struct mention was = recheck->due.v[i], is;

		for (k = 0; k < answer->n_items; k++)
			if (memcmp(answer->items[k].key.id, was.id, MENTION_ID_BYTES) == 0)
				break;
		was.hits = NULL; /* what is to be judged has none yet */
		was.n_hits = 0;
		is = was;
		if (k == answer->n_items || !changes(&is.counts, &answer->items[k].counts))
			continue;
		recheck->then[2 * recheck->n_changed] = was;
		recheck->then[2 * recheck->n_changed++ + 1] = is;
	}
}

static void on_read(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct poll *p = arg;
	cleanup(arena_freep) struct arena *arena = arena_new(AGAIN_TEXTS_MAX_BYTES);
	struct answer *answer;

	buf_done(&p->body);
	answer = read_answer(p, outcome, bytes, len, arena);
	if (!answer)
		return;
	settle(p, (int64_t)answer->n_items);
	if (answer_fact(answer, "error") && !answer->n_items) {
		give_up(p, "refused", answer_fact(answer, "error"));
		return;
	}
	compare(p, answer);
	if (p->recheck->n_changed)
		judge(p);
	else
		batch_done(p);
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
	settle(p, 0);
	give_up(p, "too_large", NULL);
}

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;

	p->transfer = NULL;
	if (f->outcome != FETCH_OK || !f->body.len) {
		settle(p, 0);
		give_up(p, f->outcome == FETCH_OK ? "empty" : f->class_name, f->detail);
		return;
	}
	p->content_type = poll_copy(p, f->content_type);
	p->body = f->body;
	f->body = (struct buf)BUF_INIT(0);
	submit(p);
}

static void ask(struct poll *p)
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
		give_up(p, "bad_request", why);
		return;
	}
	p->transfer = poll_api_start(p, &q, on_fetched);
	if (!p->transfer)
		poll_try_again(p, ask);
}

/* The next batch, if there is one and it may be asked for. */
static void next(struct poll *p)
{
	struct poll_recheck *recheck = p->recheck;
	const size_t most = (size_t)platform_of(p)->lookup->most;
	const struct budget b = budget_of(p);

	if (recheck->at == recheck->due.n) {
		LOG_DEBUG("source.rechecked", LOG_S("source", p->name), LOG_I("asked", (int64_t)recheck->due.n),
			  LOG_I("changed", (int64_t)recheck->changed),
			  LOG_I("raised", (int64_t)p->report.result.raised));
		end(p, true);
		return;
	}
	recheck->n = recheck->due.n - recheck->at < most ? recheck->due.n - recheck->at : most;
	if (!budget_bounded(&b)) {
		ask(p);
	} else if (!may_spend(p, &b)) {
		give_up(p, "budget", NULL);
	} else {
		budget_reserve(&b, spent_of(p), 1);
		recheck->reserved = true;
		poll_commit(p, NULL, NULL);
	}
}

void poll_recheck_committed(struct poll *p)
{
	if (p->recheck->over || p->draining)
		poll_finish(p);
	else if (p->recheck->reserved)
		ask(p);
	else
		batch_done(p);
}

/* --- the beginning --- */

void poll_due_again(struct poll *p, int r, const struct again_due *due, struct arena *arena)
{
	p->owed = false;
	if (!p->on_end || r < 0 || p->draining) {
		arena_free(arena);
		if (p->on_end)
			poll_finish(p);
		else
			poll_free(p);
		return;
	}
	p->recheck->arena = arena;
	p->recheck->due = *due;
	if (due->n)
		next(p);
	else if (marks_lag(p))
		end(p, true);
	else
		poll_finish(p);
}

bool poll_recheck_begin(struct poll *p)
{
	const struct source_config *c = p->config;
	const struct platform_lookup *lookup = platform_of(p)->lookup;
	const int64_t now = clock_wall_ms();
	struct again_ask *ask_for;
	size_t i;

	if (!c->n_recheck || !lookup || p->end != POLL_END_OK || p->env.trial)
		return false;
	p->recheck = NEW(struct poll_recheck);
	ask_for = &p->recheck->ask;
	*ask_for = (struct again_ask){.source = p->name,
				      .now_ms = now,
				      .n_steps = c->n_recheck,
				      .limit = (size_t)lookup->most * affordable(p)};
	for (i = 0; i < c->n_recheck; i++)
		ask_for->steps[i] = (struct again_step){c->recheck[i], mark_of(p, c->recheck[i], now)};
	p->owed = true;
	p->env.ops->again(p->env.ops_arg, ask_for, p);
	return true;
}
