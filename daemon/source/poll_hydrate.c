/* source/poll: of what was sent to us some events hold an id alone (the fact "hydrate", one a line): they are asked for, several at once,
 * by the platform's lookup, and what is answered is read, judged and kept like any answer.
 *
 *   body → what it holds in full → commit → (what may be spent → kept) → ask → reader → commit, the last one without the body …
 *
 * So the body stands in the log's inbox until all of it is known, and after a crash it is asked for once more; what was kept already is
 * known then. Where it can't be had the body stays, those behind it are read, and the poll is a failure, tried again as any: soon, then
 * less often; a body that comes meanwhile is no reason to ask sooner. After HYDRATE_KEEP_MS it is given up: the event is kept as it came. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "mention/answer.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/progress.h"
#include "source/config.h"
#include "source/habits.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"

#define HYDRATE_KEEP_MS DAY_MS
enum { HYDRATE_IDS_MAX = 100 /* of one body; a map that gives more loses those behind */ };

struct poll_hydrate {
	struct progress progress;
	struct zone *zone;
	struct budget budget;
	uint32_t failures;               /* in a row, before this poll */
	bool held;                       /* what was refused lately is not asked for again yet */
	int64_t after;                   /* rows up to this one stay */
	bool stays;                      /* one of them does, … */
	const char *class_name, *detail; /* … because of that; NULL: it is held */
	bool limited;

	int64_t given_up; /* the last that was; 0: none */
	int64_t row;      /* the one at hand; 0: none */
	const char *ids[HYDRATE_IDS_MAX];
	size_t n, at, asked;
	bool reserved, well; /* well: the answer that is being read is one, not an error */
	enum { IDLE, BEFORE, SPENDING, ASKING, TAKING, OVER } step;
};

static const struct platform_lookup *lookup_of(const struct poll *p)
{
	return p->config->params->platform->lookup;
}

void poll_hydrate_free(struct poll_hydrate *h)
{
	if (!h)
		return;
	zone_free(h->zone);
	free(h);
}

/* Of a platform that has events of ids. */
void poll_hydrate_begin(struct poll *p)
{
	const struct platform *platform = p->config->params->platform;
	struct poll_hydrate *h;
	const char *kept;
	size_t len;

	if (p->hydrate || !platform->lookup || !platform_has_fact(platform, "hydrate"))
		return;
	h = p->hydrate = NEW(struct poll_hydrate);
	kept = habits_rest(p->state.habits, p->state.habits_len, &len);
	(void)progress_get(p->config->params, kept, len, poll_texts(p), &h->progress);
	if (platform->cost->zone && zone_load(platform->cost->zone, &h->zone) != 0)
		LOG_LIMITED("source.zone", LOG_S("source", p->name), LOG_S("zone", platform->cost->zone));
	h->budget = poll_api_budget(p->config, h->zone);
	h->failures = p->state.failures;
	h->held = p->posted && h->failures && p->state.next_ms != TIME_NONE && clock_wall_ms() < p->state.next_ms;
}

const struct progress *poll_hydrate_progress(const struct poll *p)
{
	return p->hydrate ? &p->hydrate->progress : NULL;
}

int64_t poll_hydrate_after(const struct poll *p)
{
	return p->hydrate ? p->hydrate->after : 0;
}

bool poll_hydrate_wants(struct poll *p)
{
	if (!p->hydrate || !p->inbox)
		return false;
	if (clock_wall_ms() - p->inbox_ms < HYDRATE_KEEP_MS)
		return true;
	if (p->hydrate->given_up != p->inbox) { /* once, however often a reader has to be asked */
		p->hydrate->given_up = p->inbox;
		p->report.textless++;
		LOG_LIMITED("webhook.hydrate_given_up", LOG_S("source", p->name), LOG_I("row", p->inbox));
	}
	return false;
}

bool poll_hydrate_asks(const struct poll *p)
{
	return p->hydrate && p->hydrate->step == ASKING;
}

/* While a body stays, or is asked for, no other says that all is well. */
bool poll_hydrate_ends(const struct poll *p)
{
	const struct poll_hydrate *h = p->hydrate;

	return h->step == OVER || (p->inbox && !h->stays);
}

/* --- what may be spent --- */

static struct budget_spent *spent_of(struct poll *p)
{
	struct progress *progress = &p->hydrate->progress;

	return lookup_of(p)->calls_per_day ? &progress->spent_lookup : &progress->spent;
}

static struct budget budget_of(const struct poll *p)
{
	const int64_t apart = lookup_of(p)->calls_per_day / (p->config->sharing ? p->config->sharing : 1);

	if (!lookup_of(p)->calls_per_day)
		return p->hydrate->budget;
	return (struct budget){.calls_day = apart ? apart : 1, .zone = p->hydrate->zone};
}

static void settle(struct poll *p, int64_t items)
{
	const struct budget b = budget_of(p);

	if (p->hydrate->reserved)
		budget_settle(&b, spent_of(p), clock_wall_ms(), 1, 1, items);
	p->hydrate->reserved = false;
}

/* --- what can't be had --- */

/* The body stays, and the next one is read. */
static void leave(struct poll *p)
{
	struct poll_hydrate *h = p->hydrate;

	h->after = h->row;
	h->stays = true;
	h->row = 0;
	h->step = IDLE;
	poll_load(p);
}

static void fail(struct poll *p, bool limited, const char *class_name, const char *detail)
{
	struct poll_hydrate *h = p->hydrate;

	settle(p, h->well ? (int64_t)h->asked : 0); /* well, and not read: with all that was asked for */
	LOG_LIMITED("webhook.hydrate_failed", LOG_S("source", p->name), LOG_S("class", class_name),
		    LOG_S("detail", detail), LOG_I("row", h->row));
	h->limited = limited;
	h->class_name = poll_copy(p, class_name);
	h->detail = poll_copy(p, detail);
	h->held = true; /* what refuses one refuses the next: they wait for the same poll */
	leave(p);
}

void poll_hydrate_fail(struct poll *p, const char *class_name, const char *detail)
{
	fail(p, false, class_name, detail);
}

bool poll_hydrate_end(struct poll *p)
{
	struct poll_hydrate *h = p->hydrate;

	if (!h || !h->stays)
		return false;
	h->step = OVER;
	if (h->class_name) {
		p->state.failures = h->failures;
		p->report.answered = true;
		poll_fail(p, h->limited ? POLL_END_LIMITED : POLL_END_FAILED, h->class_name, h->detail);
		return true;
	}
	p->end = POLL_END_FAILED; /* as it was before, and when it is due has been said then */
	p->report.due_ms = clock_steady_ms() + (p->state.next_ms - clock_wall_ms());
	poll_finish(p);
	return true;
}

/* --- a batch --- */

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;

	p->transfer = NULL;
	poll_note_answer(p, f);
	p->hydrate->well = f->outcome == FETCH_OK;
	if ((f->outcome != FETCH_OK && f->outcome != FETCH_HTTP) || !f->body.len) {
		if (f->retry_after_ms > p->retry_after_ms)
			p->retry_after_ms = f->retry_after_ms;
		fail(p, f->outcome == FETCH_LIMITED, f->outcome == FETCH_OK ? "empty" : f->class_name, f->detail);
		return;
	}
	p->body_address = p->url ? p->url : p->body_address;
	p->content_type = poll_copy(p, f->content_type);
	p->body = f->body; /* of an error, too: it has the platform's own words */
	f->body = (struct buf)BUF_INIT(0);
	poll_submit(p);
}

static void ask(struct poll *p)
{
	struct poll_hydrate *h = p->hydrate;
	const size_t most = (size_t)lookup_of(p)->most;
	struct request_place place = {.ids = h->ids + h->at, .since_ms = TIME_NONE, .until_ms = clock_wall_ms()};
	const char *why;
	struct request q;

	place.n_ids = h->asked = h->n - h->at < most ? h->n - h->at : most;
	h->step = ASKING;
	h->well = false;
	if (request_make(p->config->params, &place, poll_texts(p), &q, &why) != 0) {
		fail(p, false, "bad_request", why);
		return;
	}
	p->transfer = poll_api_start(p, &q, on_fetched);
	if (!p->transfer)
		poll_try_again(p, ask);
}

static void next(struct poll *p)
{
	struct poll_hydrate *h = p->hydrate;
	const struct budget b = budget_of(p);
	struct budget_say say;

	if (p->draining) { /* the body stays for whoever comes after */
		poll_finish(p);
		return;
	}
	if (h->held) {
		leave(p);
		return;
	}
	if (!budget_bounded(&b)) {
		ask(p);
		return;
	}
	budget_step(&b, spent_of(p), clock_wall_ms(), p->config->every_ms, 1, &say);
	if (!say.pages) {
		p->retry_after_ms = say.wait_ms;
		p->report.own_limit = true;
		fail(p, true, "budget", NULL);
		return;
	}
	budget_reserve(&b, spent_of(p), 1);
	h->reserved = true;
	h->step = SPENDING;
	poll_commit(p, NULL, NULL);
}

/* The ids that a body holds: one a line. */
static size_t split(struct poll *p, const char *lines)
{
	struct poll_hydrate *h = p->hydrate;
	const char *s = lines, *end;

	for (h->n = h->at = 0; *s && h->n < HYDRATE_IDS_MAX; s = *end ? end + 1 : end) {
		end = s + strcspn(s, "\n");
		if (end > s)
			h->ids[h->n++] = arena_memdup0(poll_texts(p), s, (size_t)(end - s));
	}
	return h->n;
}

/* An answer to what was asked. Of ids that are not in it nothing can be had: they are gone, or not for us. */
static void take(struct poll *p, struct answer *answer, struct arena **arena)
{
	struct poll_hydrate *h = p->hydrate;
	const char *error = answer_fact(answer, "error");

	if (!h->well || (error && !answer->n_items)) {
		fail(p, false, "refused", error);
		return;
	}
	settle(p, (int64_t)answer->n_items);
	h->at += h->asked;
	if (h->at == h->n) { /* with this the body has told all that it has */
		p->inbox = h->row;
		h->row = 0;
	}
	h->step = TAKING;
	poll_take(p, answer, TAKE(*arena), true);
}

bool poll_hydrate_read(struct poll *p, struct answer *answer, struct arena **arena)
{
	struct poll_hydrate *h = p->hydrate;
	const char *lines;

	if (poll_hydrate_asks(p)) {
		take(p, answer, arena);
		return true;
	}
	lines = h ? answer_fact(answer, "hydrate") : NULL;
	if (!lines || !split(p, lines))
		return false;
	h->row = p->inbox;
	p->inbox = 0;
	h->step = BEFORE;
	if (answer->n_items)
		poll_take(p, answer, TAKE(*arena), true);
	else
		next(p);
	return true;
}

bool poll_hydrate_committed(struct poll *p)
{
	struct poll_hydrate *h = p->hydrate;

	switch (h ? h->step : IDLE) {
	case SPENDING:
		if (p->draining)
			poll_finish(p);
		else
			ask(p);
		return true;
	case OVER:
		poll_finish(p);
		return true;
	case TAKING:
		if (p->inbox) {
			h->step = IDLE;
			return false;
		}
		poll_pause(p, p->config->params->platform->limits->gap_ms, next);
		return true;
	case BEFORE:
		next(p);
		return true;
	default:
		return false;
	}
}
