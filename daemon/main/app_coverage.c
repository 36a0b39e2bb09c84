/* What is not heard: kept in the ledger, told to whoever runs it, and asked for. escuchad itself is one of those that may be
 * deaf: not running, asleep with its machine, or with a log that takes no more. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "main/telling.h"
#include "main/unheard.h"
#include "serve/serve.h"
#include "source/sources.h"
#include "store/store.h"

enum { ALIVE_EVERY_MS = 30 * 1000, LINE_MAX_BYTES = 16 * 1024 };

/* --- the ledger --- */

static void on_put(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "coverage.put", r);
}

static void put(struct app *a, const char *source, const struct deaf_mark *mark)
{
	store_deaf_put(a->store, source, mark, on_put, a);
}

/* --- sources --- */

void app_coverage_deaf(void *arg, const struct source_deaf *d)
{
	static const enum telling_state states[] = {[HEALTH_SAY_DEAF] = TELLING_BEGINS,
						    [HEALTH_SAY_STILL] = TELLING_LASTS,
						    [HEALTH_SAY_HEARD] = TELLING_OVER};
	cleanup(freep) char *shown = d->title ? xasprintf("%s (%s)", d->title, d->source) : xstrdup(d->source);
	bool over = d->say == HEALTH_SAY_HEARD;
	struct telling t = {.kind = "source_deaf",
			    .subject = d->source,
			    .state = states[d->say],
			    .since_ms = d->since_ms,
			    .until_ms = over ? d->now_ms : TIME_NONE,
			    .text = d->left ? TEXT_TELL_SOURCE_LEFT
				    : over  ? TEXT_TELL_SOURCE_HEARD
					    : TEXT_TELL_SOURCE_DEAF,
			    .args = TEXT_ARGS(shown)};
	struct app *a = arg;
	size_t i;

	for (i = 0; i < d->n_marks; i++)
		put(a, d->source, &d->marks[i]);
	if (!over) {
		t.why = d->why ? d->why : d->kind;
		t.detail = d->detail;
	}
	if (d->say != HEALTH_SAY_NOTHING && !a->once)
		app_tell_operators(a, &t);
}

void app_coverage_fields(void *arg, const struct source_fields *f)
{
	static const enum telling_state states[] = {[FIELDS_SAY_GONE] = TELLING_BEGINS,
						    [FIELDS_SAY_STILL] = TELLING_LASTS,
						    [FIELDS_SAY_BACK] = TELLING_OVER};
	cleanup(freep) char *shown = f->title ? xasprintf("%s (%s)", f->title, f->source) : xstrdup(f->source);
	bool over = f->say == FIELDS_SAY_BACK;
	char names[FIELDS_NAMES_MAX_BYTES];
	struct app *a = arg;

	if (f->mark)
		put(a, f->source, f->mark);
	if (a->once)
		return;
	app_tell_operators(a, &(struct telling){.kind = "source_fields",
						.subject = f->source,
						.state = states[f->say],
						.since_ms = f->since_ms,
						.until_ms = over ? f->now_ms : TIME_NONE,
						.text = over ? TEXT_TELL_FIELDS_BACK : TEXT_TELL_FIELDS,
						.args = TEXT_ARGS(shown),
						.why = over ? NULL : "field",
						.detail = over ? NULL : fields_names(f->missing, names)});
}

/* --- escuchad itself --- */

/* Nothing at all was heard between these times, for a reason that is over. */
static void stood_still(struct app *a, const char *why, int64_t from_ms, int64_t to_ms)
{
	const struct telling t = {.kind = "stood_still",
				  .state = TELLING_HAPPENED,
				  .since_ms = from_ms,
				  .until_ms = to_ms,
				  .text = TEXT_TELL_STOOD_STILL,
				  .why = why};
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];

	LOG_WARN("stood_still", LOG_S("why", why), LOG_S("from", clock_rfc3339(from_ms, 0, from)),
		 LOG_S("to", clock_rfc3339(to_ms, 0, to)));
	a->coverage.gap_why = why;
	a->coverage.gap_from_ms = from_ms;
	a->coverage.gap_to_ms = to_ms;
	app_tell_operators(a, &t);
}

static void tell_full(struct app *a, enum telling_state state)
{
	struct app_coverage *c = &a->coverage;
	bool over = state == TELLING_OVER;
	const struct telling t = {.kind = "log_full",
				  .state = state,
				  .since_ms = c->full_ms,
				  .until_ms = over ? clock_wall_ms() : TIME_NONE,
				  .text = over ? TEXT_TELL_LOG_ROOM : TEXT_TELL_LOG_FULL};

	c->full_told_ms = clock_steady_ms();
	app_tell_operators(a, &t);
}

void app_log_full(void *arg, bool full)
{
	struct app *a = arg;
	struct app_coverage *c = &a->coverage;
	struct deaf_mark mark = {.kind = "paused", .to_ms = TIME_NONE};

	if (full)
		LOG_ERROR("polling.paused", LOG_S("why", "the log is full"));
	else
		LOG_INFO("polling.resumed");
	a->log_full = full;
	if (a->sources)
		sources_pause(a->sources, full);
	if (a->once || full == (c->full_ms != 0))
		return;
	if (full)
		c->full_ms = clock_wall_ms();
	mark.from_ms = c->full_ms;
	if (!full)
		mark.to_ms = clock_wall_ms() > c->full_ms ? clock_wall_ms() : c->full_ms;
	put(a, NULL, &mark);
	tell_full(a, full ? TELLING_BEGINS : TELLING_OVER);
	if (!full)
		c->full_ms = 0;
}

static void on_alive(void *arg, int r, const struct store_gap *gap)
{
	struct app *a = arg;

	if (r < 0)
		app_log_failed(a, "coverage.alive", r);
	else if (gap->from_ms < gap->to_ms)
		stood_still(a, "down", gap->from_ms, gap->to_ms);
}

/* Steady time goes on while the machine sleeps, and doesn't jump when its clock is set. */
static void note_sleep(struct app *a)
{
	struct app_coverage *c = &a->coverage;
	int64_t slept_ms = clock_steady_ms() - c->alive_ms, now_ms = clock_wall_ms();
	const struct deaf_mark mark = {.kind = "asleep", .from_ms = now_ms - slept_ms, .to_ms = now_ms};

	if (slept_ms <= STORE_DOWN_MS)
		return;
	put(a, NULL, &mark);
	stood_still(a, "asleep", mark.from_ms, now_ms);
}

static void on_timer(void *arg)
{
	struct app *a = arg;
	struct app_coverage *c = &a->coverage;

	note_sleep(a);
	c->alive_ms = clock_steady_ms();
	store_alive(a->store, false, on_alive, a);
	if (c->full_ms && c->alive_ms - c->full_told_ms >= HEALTH_AGAIN_MS)
		tell_full(a, TELLING_LASTS);
	loop_timer_set(c->timer, ALIVE_EVERY_MS);
}

void app_coverage_start(struct app *a)
{
	struct app_coverage *c = &a->coverage;

	if (a->once) /* it never said that it would be there at other times */
		return;
	c->alive_ms = clock_steady_ms();
	c->timer = loop_timer_new(a->loop, on_timer, a);
	loop_timer_set(c->timer, ALIVE_EVERY_MS);
	store_alive(a->store, true, on_alive, a);
}

void app_coverage_stop(struct app *a)
{
	if (!a->coverage.timer)
		return;
	a->coverage.timer = loop_timer_free(a->coverage.timer);
	store_alive(a->store, false, on_alive, a);
}

/* --- what is asked --- */

struct asked {
	struct app *app;
	struct reply *reply;
};

static bool put_line(struct reply *reply, const struct store_deaf *d)
{
	struct buf b = BUF_INIT(LINE_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	char cursor[48];
	bool room;

	snprintf(cursor, sizeof(cursor), "%" PRId64 "-%" PRIu64, d->cursor.ms, d->cursor.seq);

	json_begin_object(&j, NULL);
	json_text(&j, "cursor", cursor);
	json_text(&j, "source", d->source);
	json_text(&j, "title", d->title);
	json_text(&j, "kind", d->mark.kind);
	json_time(&j, "from", d->mark.from_ms, true);
	json_time(&j, "to", d->mark.to_ms, true);
	json_text(&j, "why", d->mark.why);
	json_text(&j, "detail", d->mark.detail);
	json_end_object(&j);
	room = reply_line(reply, buf_str(&b), b.len);
	buf_done(&b);
	return room;
}

static void on_lines(void *arg, int r, const struct store_deaf *v, size_t n, bool more)
{
	static const char behind[] = "{\"more\":true}";
	cleanup(freep) struct asked *q = arg;
	size_t i;

	if (r < 0) {
		app_log_failed(q->app, "coverage.list", r);
		reply_error(q->reply, 500, "log", strerror(-r));
		return;
	}
	for (i = 0; i < n && put_line(q->reply, &v[i]); i++)
		;
	if (more && i == n)
		(void)reply_line(q->reply, behind, sizeof(behind) - 1);
	reply_end(q->reply);
}

void app_coverage_ask(void *arg, const struct serve_coverage *ask, struct reply *reply)
{
	cleanup(freep) char *list = ask->source ? xasprintf("%s/", ask->source) : NULL;
	const char *const names[] = {ask->source, list};
	const struct store_deaf_filter filter = {
		.from_ms = ask->back_ms == TIME_NONE ? TIME_NONE : clock_wall_ms() - ask->back_ms,
		.to_ms = TIME_NONE,
		.sources = ask->source ? names : NULL,
		.n_sources = ask->source ? ARRAY_LEN(names) : 0,
		.after = ask->after,
		.limit = ask->limit,
	};
	struct asked *q = NEW(struct asked);

	*q = (struct asked){arg, reply};
	store_deaf(((struct app *)arg)->store, &filter, on_lines, q);
}

/* --- what nobody listens to --- */

static void hear(void *arg, const struct source_glance *s)
{
	if (s->platform)
		unheard_platform(arg, s->platform);
	else if (s->url)
		unheard_feed(arg, s->url);
}

void app_coverage_status(struct app *a, struct json *j)
{
	struct app_coverage *c = &a->coverage;
	int i;

	if (a->sources && c->heard_of != sources_changes(a->sources)) { /* seldom: very many addresses take long */
		c->heard_of = sources_changes(a->sources);
		c->unheard = (struct unheard){.heard = {false}};
		sources_glance(a->sources, hear, &c->unheard);
	}
	json_begin_array(j, "unheard");
	for (i = 0; i < UNHEARD_PLACES; i++) {
		if (c->unheard.heard[i])
			continue;
		json_begin_object(j, NULL);
		json_text(j, "what", unheard_code((enum unheard_place)i));
		json_text(j, "why", unheard_possible((enum unheard_place)i) ? "no_source" : "not_available");
		json_text(j, "takes", unheard_takes(app_lang(a), (enum unheard_place)i));
		json_end_object(j);
	}
	json_end_array(j);
	if (c->full_ms)
		json_time(j, "paused", c->full_ms, false);
	if (!c->gap_why)
		return;
	json_begin_object(j, "gap");
	json_time(j, "from", c->gap_from_ms, false);
	json_time(j, "to", c->gap_to_ms, false);
	json_text(j, "why", c->gap_why);
	json_end_object(j);
}
