/* source/poll: the end of a poll: how it went, what is kept of it, when it goes on. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "source/config.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/progress.h"
#include "source/habits.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/reconnect.h"

enum {
	DETAIL_MAX_BYTES = 300,
	LOG_RETRY_MS = 5 * 60 * 1000, /* after what a source stands at could not be read */
};

/* Only of what was heard well, and in full: whatever else is known of it is for the log to say. */
static bool worth_recalling(const struct poll *p)
{
	const struct source_state *s = &p->state;

	return p->url && !p->config->params && s->address && s->baselined && !s->gone && !s->failures && !s->error &&
	       p->end == POLL_END_OK && s->ok_ms != TIME_NONE;
}

void poll_finish(struct poll *p)
{
	struct poll_report *r = &p->report;

	r->end = p->end;
	r->failures = p->state.failures;
	r->error = p->state.error;
	r->detail = p->state.error_detail;
	r->title = p->state.title;
	r->ok_ms = p->state.ok_ms;
	r->new_ms = p->state.new_ms;
	r->next_ms = p->state.next_ms;
	r->retry_after_ms = p->retry_after_ms;
	if (p->end != POLL_END_OK)
		r->moved_to = NULL;
	r->recall = worth_recalling(p) ? &p->state : NULL;
	poll_means_note(p);
	r->took_ms = clock_steady_ms() - p->started_ms;
	p->on_end(p->arg, r);
	poll_free(p);
}

/* SplitMix64 (Steele, Lea, Flood 2014): only to spread waits, so that the kernel need not be asked at each poll. */
uint32_t poll_chance(const struct poll *p)
{
	uint64_t z;

	if (!p->env.chance)
		return 0;
	z = *p->env.chance += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

int64_t poll_slowest_ms(const struct poll *p)
{
	if (!p->url)
		return p->config->every_ms;
	return p->config->slowest_ms ? p->config->slowest_ms : pace_slowest_ms(p->config->every_ms);
}

/* Whether it is heard: a step, and what it means for the ledger. */
static void look_at_health(struct poll *p, struct poll_outcome *outcome, int64_t asked_ms)
{
	struct poll_report *r = &p->report;
	const struct health_poll poll = {
		.now_ms = outcome->now_ms,
		.every_ms = p->config->every_ms,
		.asked_ms = asked_ms,
		.end = p->end,
		.failures = p->state.failures,
		.answered = r->answered,
		/* what is sent to us may well speak of nothing that is a mention */
		.read = p->end == POLL_END_OK && !r->unchanged && !poll_is_inbox(p),
		.items = r->items,
		.ok_ms = p->state.ok_ms,
		.new_ms = p->state.new_ms,
		.gap_ms = r->gap_ms,
	};
	size_t i;

	r->health = p->health;
	r->say = health_step(&r->health, &poll, &r->deaf_ms);
	r->deaf_kind = (enum health_kind)(r->say == HEALTH_SAY_HEARD ? p->health.kind : r->health.kind);
	outcome->n_deaf = health_marks(&p->health, &r->health, poll.now_ms, outcome->deaf);
	if (!outcome->n_deaf && !r->health.told_ms && poll_stream_gap(p, &outcome->deaf[0]))
		outcome->n_deaf = 1;
	for (i = 0; i < outcome->n_deaf; i++) {
		if (outcome->deaf[i].to_ms != TIME_NONE)
			continue;
		outcome->deaf[i].why = p->state.error;
		outcome->deaf[i].detail = p->state.error_detail;
	}
}

/* Whether its items hold what they used to. */
static void look_at_fields(struct poll *p, struct poll_outcome *outcome)
{
	const struct fields before = p->fields;
	struct poll_report *r = &p->report;
	enum fields_say say;
	int64_t since_ms;

	if (!p->config->params)
		return;
	say = fields_step(&p->fields, &p->shown, outcome->now_ms, &since_ms);
	p->shown = (struct fields_seen){.items = 0};
	if (fields_mark(&before, &p->fields, outcome->now_ms, p->missing, &outcome->deaf[outcome->n_deaf]))
		outcome->n_deaf++;
	if (say != FIELDS_SAY_NOTHING) {
		r->fields_say = say;
		r->fields_ms = since_ms;
	}
	r->missing = p->fields.gone;
	r->missing_ms = p->fields.line_ms;
}

static void keep_habits(struct poll *p)
{
	struct buf b = BUF_INIT(HABITS_MAX_BYTES + PROGRESS_MAX_BYTES), rest = BUF_INIT(PROGRESS_MAX_BYTES);
	const struct progress *progress = p->api ? &p->api->progress : poll_hydrate_progress(p);
	const char *kept;
	size_t kept_len = 0;

	habits_put(&b, &p->report.health, &p->report.wish, p->config->params ? &p->fields : NULL);
	kept = habits_rest(p->state.habits, p->state.habits_len, &kept_len);
	if (progress)
		progress_put(&rest, p->config->params, progress);
	else if (kept && p->config->params)
		buf_put(&rest, kept, kept_len);
	if (rest.len)
		habits_put_rest(&b, &rest);
	buf_done(&rest);
	p->state.habits = arena_memdup0(poll_texts(p), buf_str(&b), b.len);
	p->state.habits_len = b.len;
	buf_done(&b);
}

/* It is due so long after now, by both clocks. */
void poll_wait(struct poll *p, int64_t now, int64_t wait_ms)
{
	p->state.next_ms = now + wait_ms;
	p->report.due_ms = clock_steady_ms() + wait_ms;
}

/* It is told what comes as it comes. */
static bool is_live(const struct poll *p)
{
	return p->stream || (p->config->params && p->config->params->platform->transport == PLATFORM_LONGPOLL);
}

/* A long poll that brought nothing. Who holds one until something comes, or its time is over, may be asked at once again; who doesn't, is not
 * asked each second. */
static int64_t in_vain_ms(const struct poll *p)
{
	const struct poll_api *api = p->api;

	if (!p->asked || !api || p->stream || p->end != POLL_END_OK)
		return 0;
	if (api->from != api->progress.cursor &&
	    (!api->from || !api->progress.cursor || strcmp(api->from, api->progress.cursor) != 0))
		return 0;
	return reconnect_empty_ms(p->asked, poll_chance(p), clock_steady_ms());
}

/* How it went, and when it goes on. */
static void judge(struct poll *p, int64_t now)
{
	struct pace_ask ask;
	int64_t in_vain;

	p->state.polled_ms = now;
	if (p->end == POLL_END_FAILED || p->end == POLL_END_LIMITED)
		p->state.failures++;
	else
		p->state.failures = 0;
	if (p->end == POLL_END_OK) {
		p->state.ok_ms = now;
		p->state.error = p->state.error_detail = NULL;
	}
	p->state.gone = p->end == POLL_END_GONE;
	in_vain = in_vain_ms(p);
	ask = (struct pace_ask){.every_ms = p->config->every_ms,
				.slowest_ms = poll_slowest_ms(p),
				.now_ms = now,
				.end = p->end,
				.failures = p->state.failures,
				.retry_after_ms = in_vain > p->retry_after_ms ? in_vain : p->retry_after_ms,
				.longest_ms = is_live(p) ? RECONNECT_LONGEST_MS : 0,
				.lasting = p->lasting,
				.random = poll_chance(p)};
	if (p->url) {
		ask.fresh_ms = p->fresh_ms;
		ask.wish = p->report.wish;
		ask.quiet_ms = p->state.new_ms != TIME_NONE && p->state.new_ms < now ? now - p->state.new_ms : 0;
	}
	poll_wait(p, now, pace_wait_ms(&ask));
}

void poll_commit(struct poll *p, const struct answer *answer, struct arena *answer_arena)
{
	bool last = p->recheck   ? false
		    : p->hydrate ? poll_hydrate_ends(p)
		    : p->api     ? p->api->last
				 : p->file >= p->files.n;
	struct poll_outcome outcome = {.answer = answer, .now_ms = clock_wall_ms(), .more = !last || p->skipped};
	int64_t asked_ms = p->state.polled_ms;

	if (last && !p->reminding)
		judge(p, outcome.now_ms);
	if (last && !(p->inbox_read && p->report.say != HEALTH_SAY_NOTHING)) /* one poll of many bodies tells once */
		look_at_health(p, &outcome, asked_ms);
	if (answer && !p->recheck) /* counts that are read again are all that such an answer has */
		fields_count(&p->shown, answer);
	if (last)
		look_at_fields(p, &outcome);
	if (last || p->api || p->hydrate) /* of what comes behind the last one, too */
		keep_habits(p);
	outcome.state = p->state;
	outcome.inbox = p->inbox;
	p->owed = p->committing = true;
	p->env.ops->commit(p->env.ops_arg, &outcome, answer_arena, p);
}

/* class and detail are copied. */
void poll_fail(struct poll *p, enum poll_end end, const char *class_name, const char *detail)
{
	p->end = end;
	p->state.error = poll_copy(p, class_name);
	p->state.error_detail =
		detail && *detail ? arena_memdup0(poll_texts(p), detail, strnlen(detail, DETAIL_MAX_BYTES)) : NULL;
	poll_commit(p, NULL, NULL);
}

/* A body could not be read. class_name is a literal. */
void poll_fail_body(struct poll *p, const char *class_name, const char *detail)
{
	p->state.etag = p->state.last_modified = NULL; /* they would hide what was never read */
	p->state.body_hash = 0;
	p->report.answered = true;
	if (!p->files.n) {
		poll_fail(p, POLL_END_FAILED, class_name, detail);
		return;
	}
	free(p->bad_detail);
	p->bad_class = class_name;
	p->bad_end = POLL_END_FAILED;
	p->bad_detail = xasprintf("%s: %.*s", p->files.paths[p->file - 1], DETAIL_MAX_BYTES, detail ? detail : "");
	if (p->file < p->files.n) {
		poll_load(p);
		return;
	}
	p->state.baselined = p->state.baselined || p->read; /* or a bad last file would make every poll the first */
	poll_fail(p, POLL_END_FAILED, p->bad_class, p->bad_detail);
}

/* The log can't say or keep anything: it will be asked again as if this poll had not been. */
void poll_fail_log(struct poll *p, int r)
{
	int64_t wait;

	p->report.health = p->health; /* not the source's doing */
	p->report.say = HEALTH_SAY_NOTHING;
	p->report.fields_say = FIELDS_SAY_NOTHING;
	if (p->reminding) { /* it stays gone, and people are reminded tomorrow */
		poll_finish(p);
		return;
	}
	p->end = POLL_END_FAILED;
	p->state.error = "log";
	p->state.error_detail = strerror(-r);
	p->state.failures++;
	wait = p->config->every_ms;
	if (!p->report.loaded && wait > LOG_RETRY_MS) /* nobody was asked: it costs nothing to try again soon */
		wait = LOG_RETRY_MS;
	poll_wait(p, clock_wall_ms(), p->retry_after_ms > wait ? p->retry_after_ms : wait);
	poll_finish(p);
}

void poll_committed(struct poll *p, int r, const struct poll_result *result)
{
	p->owed = p->committing = false;
	if (!p->on_end) {
		poll_free(p);
		return;
	}
	if (r < 0) {
		poll_fail_log(p, r);
		return;
	}
	if (p->files.n && p->known && p->file_read)
		files_known_add(p->known, p->files.signatures[p->file - 1]);
	p->report.result.new_mentions += result->new_mentions;
	p->report.result.edited += result->edited;
	p->report.result.hits += result->hits;
	p->report.result.doubles += result->doubles;
	p->report.result.raised += result->raised;
	if (p->recheck)
		poll_recheck_committed(p);
	else if (p->api)
		poll_api_committed(p);
	else if (poll_is_inbox(p))
		poll_inbox_committed(p);
	else if (p->file < p->files.n && !p->draining)
		poll_load(p); /* the next file is read with what this one has shown */
	else
		poll_finish(p);
}

/* --- nothing new --- */

/* A body that was read before in this very form needs no reader. */
bool poll_read_before(struct poll *p, uint64_t signature)
{
	bool same = signature == p->state.body_hash && p->state.baselined;

	p->state.body_hash = signature;
	return same;
}

/* The log has nothing to learn of it, and nobody else: it can go on being remembered. */
static bool all_quiet(struct poll *p)
{
	struct poll_outcome outcome = {.now_ms = clock_wall_ms()};

	judge(p, outcome.now_ms);
	look_at_health(p, &outcome, p->ok_ms);
	return p->report.say == HEALTH_SAY_NOTHING && !outcome.n_deaf && health_same(&p->health, &p->report.health);
}

void poll_unchanged(struct poll *p)
{
	p->report.unchanged = true;
	p->end = POLL_END_OK;
	if (!p->remembered) {
		poll_commit(p, NULL, NULL);
	} else if (all_quiet(p)) {
		p->report.unkept = true;
		poll_finish(p);
	} else {
		poll_load(p);
	}
}
