/* source/poll: behind the last page: hits of this source that came so long ago (config->recheck) are asked for by their ids, many at
 * once, and judged again by the counts that they have now.
 *
 *   due → (what may be spent → kept) → ask → reader: counts → reader: rules, by the old counts and by the new → commit → ask …
 *
 * It is an appendix: what goes wrong here costs the poll nothing, is told in the log alone, and is tried again by the next. Where the
 * budget is short, what is new comes first, and nothing is asked here. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/poll_recheck.h"

enum {
	AGAIN_BACK_TIMES = 2, /* what is older than so many times the longest step is left alone: it was missed */
	AGAIN_LAG_MS = 60 * 60 * 1000, /* marks move on without anything being due once they lag so much */
};
_Static_assert((int)SOURCE_RECHECKS_MAX <= (int)AGAIN_STEPS_MAX && (int)SOURCE_RECHECKS_MAX <= (int)PROGRESS_AGAIN_MAX,
	       "steps");

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

static void tell(const struct poll *p, const char *class_name, const char *detail)
{
	LOG_LIMITED("source.recheck_failed", LOG_S("source", p->name), LOG_S("class", class_name),
		    LOG_S("detail", detail));
}

void poll_recheck_give_up(struct poll *p, const char *class_name, const char *detail)
{
	tell(p, class_name, detail);
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
	struct budget_say say = {.pages = RECHECK_REQUESTS_MAX};

	if (budget_bounded(&b))
		budget_step(&b, spent_of(p), clock_wall_ms(), p->config->every_ms, RECHECK_REQUESTS_MAX, &say);
	return say.pages > 1 ? (size_t)say.pages : 1;
}

void poll_recheck_settle(struct poll *p, int64_t items)
{
	const struct budget b = budget_of(p);

	if (p->recheck->reserved)
		budget_settle(&b, spent_of(p), clock_wall_ms(), 1, 1, items);
	p->recheck->reserved = false;
}

/* --- a batch --- */

void poll_recheck_batch_done(struct poll *p)
{
	p->recheck->at += p->recheck->n;
	p->recheck->n = 0;
	poll_pause(p, platform_of(p)->limits->gap_ms, poll_recheck_next);
}

/* Of what is known to hold one that is refused a half, then the rest of what was refused with it; else as many as the platform takes. */
static size_t batch(struct poll_recheck *recheck, size_t most)
{
	const size_t left = recheck->due.n - recheck->at;

	if (recheck->at >= recheck->upto)
		return left < most ? left : most;
	recheck->sorted++;
	if (recheck->at >= recheck->within)
		return recheck->upto - recheck->at;
	return recheck->within - recheck->at > 1 ? (recheck->within - recheck->at) / 2 : 1;
}

/* The next batch, if there is one and it may be asked for. */
void poll_recheck_next(struct poll *p)
{
	struct poll_recheck *recheck = p->recheck;
	const struct budget b = budget_of(p);

	if (recheck->at == recheck->due.n) {
		LOG_DEBUG("source.rechecked", LOG_S("source", p->name), LOG_I("asked", (int64_t)recheck->due.n),
			  LOG_I("changed", (int64_t)recheck->changed), LOG_I("refused", (int64_t)recheck->refused),
			  LOG_I("raised", (int64_t)p->report.result.raised));
		end(p, true);
		return;
	}
	recheck->n = batch(recheck, (size_t)platform_of(p)->lookup->most);
	if (!budget_bounded(&b)) {
		poll_lookup_ask(p);
	} else if (!may_spend(p, &b)) {
		tell(p, "budget", NULL);
		end(p, recheck->sorted > 0); /* what was refused would cost as much again tomorrow, and be refused */
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
		poll_lookup_ask(p);
	else
		poll_recheck_batch_done(p);
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
		poll_recheck_next(p);
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
