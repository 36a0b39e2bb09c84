/* source/poll: what a platform says now of posts that were asked for by their ids: those whose counts have changed are judged twice, by the
 * old counts and by the new, and what the new ones alone have gained them is committed. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mention/answer.h"
#include "mention/job.h"
#include "pool/pool.h"
#include "source/config.h"
#include "source/poll_inside.h"
#include "source/poll_recheck.h"

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

static void on_judged(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct poll *p = arg;
	cleanup(arena_freep) struct arena *arena = arena_new(RECHECK_TEXTS_MAX_BYTES);
	struct answer *answer = poll_lookup_answer(p, outcome, bytes, len, arena);

	if (answer)
		take_judgement(p, answer, TAKE(arena));
}

static void judge(struct poll *p)
{
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES);

	job_match_put(&payload, p->config->topic, false, p->recheck->then, 2 * p->recheck->n_changed);
	if (payload.full) {
		buf_done(&payload);
		poll_recheck_give_up(p, "too_large", NULL);
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

void poll_judge_counts(struct poll *p, const struct answer *answer)
{
	compare(p, answer);
	if (p->recheck->n_changed)
		judge(p);
	else
		poll_recheck_batch_done(p);
}
