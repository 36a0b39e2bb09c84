#include "source/poll.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "fetch/fetch.h"
#include "loop/loop.h"
#include "pool/pool.h"
#include "source/config.h"
#include "source/habits.h"
#include "source/poll_inside.h"
#include "source/poll_api.h"
#include "source/poll_mailbox.h"
#include "source/recall.h"
#include "source/stream.h"

enum { BUSY_RETRY_MS = 500 /* the pool's or the loop's queue is full */ };

/* --- its life --- */

void poll_free(struct poll *p)
{
	loop_timer_free(p->timer);
	files_list_done(&p->files);
	poll_recheck_free(p->recheck);
	poll_hydrate_free(p->hydrate);
	buf_done(&p->body);
	arena_free(p->arena);
	arena_free(p->texts);
	poll_api_free(p->api);
	p->mailbox = poll_mailbox_free(p->mailbox);
	stream_free(p->own_stream);
	free(p->bad_detail);
	free(p);
}

/* For texts: most polls of a feed that stays as it was need none. */
struct arena *poll_texts(struct poll *p)
{
	if (!p->texts)
		p->texts = arena_new(POLL_TEXTS_MAX_BYTES);
	return p->texts;
}

/* NULL stays NULL. */
const char *poll_copy(struct poll *p, const char *text)
{
	return text ? arena_strdup(poll_texts(p), text) : NULL;
}

void poll_rebind(struct poll *p, const struct source_config *config)
{
	p->config = config;
}

void poll_abandon(struct poll *p)
{
	if (!p)
		return;
	fetch_cancel(p->transfer);
	if (p->work)
		loop_work_cancel(p->work);
	if (p->job)
		pool_cancel(p->env.pool, p->job);
	if (p->timer)
		loop_timer_stop(p->timer);
	poll_stream_abandon(p);
	p->mailbox = poll_mailbox_free(p->mailbox);
	p->on_end = NULL;
	if (!p->owed)
		poll_free(p);
}

bool poll_drain(struct poll *p)
{
	p->draining = true;
	return p->job || p->body.len || p->committing;
}

static void on_timer(void *arg)
{
	struct poll *p = arg;

	p->again(p);
}

/* The next step, after a while. */
void poll_pause(struct poll *p, int64_t ms, void (*again)(struct poll *p))
{
	p->again = again;
	if (!p->timer)
		p->timer = loop_timer_new(p->env.loop, on_timer, p);
	loop_timer_set(p->timer, ms);
}

/* Something is full just now: the same step once more, soon. */
void poll_try_again(struct poll *p, void (*again)(struct poll *p))
{
	poll_pause(p, BUSY_RETRY_MS, again);
}

void poll_load(struct poll *p)
{
	p->owed = true;
	p->env.ops->load(p->env.ops_arg, p->name, p);
}

const char *poll_platform(const struct poll *p)
{
	return p->config->params ? source_platform_name(p->config) : p->url ? "feed" : "file";
}

/* --- the beginning --- */

/* What was learnt of it comes back with its state, also after a restart. */
static void recall_habits(struct poll *p)
{
	(void)habits_get(p->state.habits, p->state.habits_len, &p->health, &p->report.wish, &p->fields);
	p->report.health = p->health;
	p->report.missing = p->fields.gone;
	p->report.missing_ms = p->fields.line_ms;
	p->report.loaded = true;
}

/* It said that it is gone, and is not asked any more. Whoever could mend that is reminded once a day. */
static void stay_gone(struct poll *p)
{
	struct health health = p->health;
	const struct health_poll poll = {.now_ms = clock_wall_ms(),
					 .asked_ms = TIME_NONE,
					 .end = POLL_END_GONE,
					 .ok_ms = p->state.ok_ms,
					 .new_ms = p->state.new_ms};
	int64_t since_ms;

	p->report.early = true;
	p->end = POLL_END_GONE;
	if (health_step(&health, &poll, &since_ms) == HEALTH_SAY_NOTHING) {
		poll_finish(p);
		return;
	}
	p->reminding = true;
	poll_commit(p, NULL, NULL);
}

/* The configuration names another place than the one that was heard last: it is due now, and the old one's validators would
 * hide it. What was shown there stays known: most feeds that move show the same. */
static void follow_address(struct poll *p)
{
	struct source_state *s = &p->state;

	if (!p->url || !s->address || strcmp(s->address, p->url) == 0)
		return;
	s->address = p->url;
	s->etag = s->last_modified = NULL;
	s->body_hash = 0;
	s->gone = false;
	s->failures = 0;
	s->next_ms = TIME_NONE;
}

/* Of a source that the log doesn't know. */
static const struct source_state blank = {
	.polled_ms = TIME_NONE, .ok_ms = TIME_NONE, .new_ms = TIME_NONE, .next_ms = TIME_NONE};

/* The log says all of what was remembered in part, as it was when it was told last. */
static void go_on(struct poll *p, const struct source_state *remembered, bool known)
{
	p->remembered = false;
	if (!known) { /* the log has lost it: nothing that came since is worth anything to it */
		buf_done(&p->body);
		poll_ask(p);
		return;
	}
	p->state.polled_ms = p->state.ok_ms = p->ok_ms;
	p->state.address = p->url;
	p->state.etag = remembered->etag;
	p->state.last_modified = remembered->last_modified;
	p->state.body_hash = remembered->body_hash;
	poll_digest(p);
}

/* Whether it is due, and then its first step. */
static void begin(struct poll *p)
{
	int64_t now, due;

	recall_habits(p);
	follow_address(p);
	if (poll_is_inbox(p)) { /* due whenever something waits, which only the log knows */
		poll_inbox_begin(p);
		return;
	}
	if (!p->at_once && p->state.gone && p->url && p->state.address) {
		stay_gone(p);
		return;
	}
	now = clock_wall_ms();
	due = pace_resume_ms(p->state.polled_ms, p->state.next_ms, p->state.failures, now, p->config->every_ms,
			     poll_slowest_ms(p));
	if (!p->at_once && !p->due && due > now) {
		p->report.early = true;
		poll_wait(p, now, due - now);
		poll_finish(p);
		return;
	}
	if (p->config->params)
		poll_api_begin(p);
	else if (p->url)
		poll_ask(p);
	else
		poll_find(p);
}

void poll_loaded(struct poll *p, int r, const struct source_state *state, const struct seen_key *seen, size_t n_seen,
		 struct arena *arena)
{
	const struct source_state before = p->state;

	p->owed = false;
	if (!p->on_end || r < 0) {
		arena_free(arena);
		if (p->on_end)
			poll_fail_log(p, r);
		else
			poll_free(p);
		return;
	}
	arena_free(p->arena);
	p->arena = arena;
	p->state = state ? *state : blank;
	p->state.name = p->name;
	p->state.platform = poll_platform(p);
	p->seen = seen;
	p->n_seen = n_seen;
	if (p->api)
		poll_api_loaded(p);
	else if (p->file > 0)
		poll_next_file(p);
	else if (p->remembered)
		go_on(p, &before, state && state->baselined);
	else
		begin(p);
}

/* What was remembered stands for the state, until something comes that needs all of it. */
static void remember(struct poll *p, const struct poll_target *target)
{
	const struct recall *r = target->recall;

	p->remembered = true;
	p->ok_ms = target->ok_ms;
	p->health = p->report.health = target->health;
	p->report.loaded = true;
	p->state.platform = "feed";
	p->state.address = p->url;
	p->state.baselined = true;
	p->state.polled_ms = p->state.ok_ms = target->ok_ms;
	p->state.new_ms = r->new_ms;
	p->state.body_hash = r->body_hash;
	p->state.etag = recall_etag(r);
	p->state.last_modified = recall_last_modified(r);
}

struct poll *poll_start(const struct poll_env *env, const struct poll_target *target,
			void (*on_end)(void *arg, const struct poll_report *report), void *arg)
{
	struct poll *p = NEW(struct poll);

	p->env = *env;
	p->config = target->config;
	p->on_end = on_end;
	p->arg = arg;
	p->at_once = target->at_once;
	p->due = target->due;
	p->posted = target->posted;
	p->known = target->known;
	p->stream = target->stream;
	p->asked = target->asked;
	p->started_ms = clock_steady_ms();
	p->name = target->name;
	p->url = target->url;
	p->moved = target->moved;
	p->report.asked_moved = target->moved != NULL;
	p->report.wish = target->wish;
	p->body = (struct buf)BUF_INIT(POLL_FILE_MAX_BYTES);
	p->state = blank;
	p->state.name = p->name;
	if (target->recall && p->url) {
		remember(p, target);
		poll_ask(p);
	} else {
		poll_load(p);
	}
	return p;
}
