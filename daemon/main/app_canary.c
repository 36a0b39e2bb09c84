#include "main/app_canary.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/zone.h"
#include "main/app_canary_inside.h"
#include "main/telling.h"
#include "serve/serve.h"
#include "store/canary.h"

enum { ANSWER_MAX_BYTES = 16 * 1024, LOOK_MS = 250, CLOCK_MS = 60 * 1000 /* the wall clock may be set meanwhile */ };

/* --- what is told --- */

static void tell(struct app_canary *k, const struct canary_action *action)
{
	static const enum telling_state states[] = {[CANARY_SAY_BEGINS] = TELLING_BEGINS,
						    [CANARY_SAY_LASTS] = TELLING_LASTS,
						    [CANARY_SAY_OVER] = TELLING_OVER};
	static const enum text_id stuck[CANARY_STAGES] = {
		[CANARY_READER] = TEXT_TELL_CANARY_READER, [CANARY_MATCH] = TEXT_TELL_CANARY_MATCH,
		[CANARY_LOG] = TEXT_TELL_CANARY_LOG,       [CANARY_QUEUE] = TEXT_TELL_CANARY_QUEUE,
		[CANARY_ALERT] = TEXT_TELL_CANARY_ALERT,   [CANARY_CHANNEL] = TEXT_TELL_CANARY_CHANNEL};
	bool over = action->say == CANARY_SAY_OVER;

	if (action->say == CANARY_SAY_NOTHING)
		return;
	app_tell_operators(k->app, &(struct telling){.kind = "canary",
						     .state = states[action->say],
						     .since_ms = action->since_ms,
						     .until_ms = over ? clock_wall_ms() : TIME_NONE,
						     .text = over ? TEXT_TELL_CANARY_OVER : stuck[k->state.failed],
						     .args = TEXT_ARGS(buf_str(&k->why))});
}

/* --- who asked --- */

static void answer(struct app_canary *k)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	bool ok = k->state.since_ms == TIME_NONE;
	int i;

	json_begin_object(&j, NULL);
	json_bool(&j, "ok", ok);
	json_begin_array(&j, "stages");
	for (i = 0; i < CANARY_STAGES; i++) {
		if (k->took_ms[i] == TIME_NONE)
			continue;
		json_begin_object(&j, NULL);
		json_text(&j, "stage", canary_stage_names[i]);
		json_int(&j, "ms", k->took_ms[i]);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_text(&j, "failed", ok ? NULL : canary_stage_names[k->state.failed]);
	json_text(&j, "why", ok ? NULL : buf_str(&k->why));
	json_end_object(&j);
	while (k->n_replies)
		reply_json(k->replies[--k->n_replies], 200, buf_str(&b), b.len);
}

/* --- steps --- */

static void on_kept(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "canary.put", r);
}

static void ended(struct app_canary *k, const struct canary_action *action)
{
	const struct canary *c = &k->state;
	int64_t all_ms = 0;
	int i;

	for (i = 0; i < CANARY_STAGES; i++)
		all_ms += k->took_ms[i] == TIME_NONE ? 0 : k->took_ms[i];
	canary_leave(k);
	if (action->late && !k->why.len)
		buf_puts(&k->why, "no answer in time");
	if (c->since_ms == TIME_NONE)
		LOG_INFO("canary.through", LOG_I("ms", all_ms));
	else
		LOG_WARN("canary.stuck", LOG_S("stage", canary_stage_names[c->failed]), LOG_S("why", buf_str(&k->why)));
	store_canary_put(k->app->store,
			 &(struct store_canary){.last_ms = c->last_ms,
						.since_ms = c->since_ms,
						.told_ms = c->told_ms,
						.failed = (int)c->failed},
			 on_kept, k->app);
	tell(k, action);
	answer(k);
}

static void wait_for_next(struct app_canary *k)
{
	int64_t ms = LOOK_MS;

	if (!k->state.running) {
		ms = canary_next(&k->state, k->app->config->canary, k->zone, k->app->started_ms) - clock_wall_ms();
		ms = ms < 0 ? LOOK_MS : ms < CLOCK_MS ? ms : CLOCK_MS;
	}
	if (k->known)
		loop_timer_set(k->timer, ms);
}

static void step(struct app_canary *k, const struct canary_event *e)
{
	enum canary_stage at = k->state.stage;
	struct canary_action action;

	canary_step(&k->state, e, clock_steady_ms(), clock_wall_ms(), &action);
	if (e->kind == CANARY_EV_PASSED && (action.go || action.ended))
		k->took_ms[at] = clock_steady_ms() - k->entered_ms;
	if (action.ended)
		ended(k, &action);
	if (action.go) {
		k->entered_ms = clock_steady_ms();
		canary_go(k);
	}
}

void canary_event(struct app_canary *k, enum canary_event_kind kind, enum canary_stage stage)
{
	step(k, &(struct canary_event){.kind = kind, .stage = stage});
	wait_for_next(k);
}

static void begin(struct app_canary *k, int64_t patience_ms)
{
	int i;

	k->run++;
	for (i = 0; i < CANARY_STAGES; i++)
		k->took_ms[i] = TIME_NONE;
	buf_reset(&k->why);
	step(k, &(struct canary_event){.kind = CANARY_EV_BEGIN, .patience_ms = patience_ms});
}

static bool may_begin(const struct app *a)
{
	return a->serving && !a->stopping && a->notices && a->canary && a->canary->known;
}

static void on_timer(void *arg)
{
	struct app_canary *k = arg;
	const struct canary_config *config = k->app->config->canary;

	if (k->state.running)
		canary_look(k);
	if (k->state.running)
		step(k, &(struct canary_event){.kind = CANARY_EV_DUE, .stage = k->state.stage});
	else if (config->enabled && may_begin(k->app) &&
		 canary_next(&k->state, config, k->zone, k->app->started_ms) <= clock_wall_ms())
		begin(k, 0);
	wait_for_next(k);
}

/* --- who asks --- */

void app_canary_ask(void *arg, int64_t patience_ms, struct reply *reply)
{
	struct app *a = arg;

	if (!may_begin(a) || a->canary->n_replies == CANARY_REPLIES_MAX) {
		reply_error(reply, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY));
		return;
	}
	a->canary->replies[a->canary->n_replies++] = reply;
	if (!a->canary->state.running) /* else they wait for the one that is on its way */
		begin(a->canary, patience_ms);
	wait_for_next(a->canary);
}

void app_canary_status(const struct app *a, struct json *j)
{
	const struct canary *c = a->canary ? &a->canary->state : NULL;

	if (!c)
		return;
	json_begin_object(j, "canary");
	json_bool(j, "enabled", a->config->canary->enabled);
	json_time(j, "last", c->last_ms, false);
	if (c->since_ms != TIME_NONE) {
		json_text(j, "failed", canary_stage_names[c->failed]);
		json_time(j, "since", c->since_ms, false);
		json_text(j, "why", a->canary->why.len ? buf_str(&a->canary->why) : NULL);
	}
	json_end_object(j);
}

bool app_canary_holds(const struct app *a)
{
	const struct app_canary *k = a->canary;

	return k && k->state.since_ms != TIME_NONE &&
	       (k->state.failed < CANARY_CHANNEL || (k->run && !k->state.running && k->n_tried && !k->n_worked));
}

/* --- life --- */

static void on_found(void *arg, int r, const struct store_canary *found)
{
	struct app *a = arg;
	struct app_canary *k = a->canary;

	if (r < 0)
		app_log_failed(a, "canary", r);
	if (!k || r == -ECANCELED)
		return;
	if (found && found->failed >= 0 && found->failed < CANARY_STAGES) {
		int64_t now_ms = clock_wall_ms();

		k->state.last_ms = found->last_ms > now_ms ? now_ms : found->last_ms; /* a clock that was ahead */
		k->state.since_ms = found->since_ms;
		k->state.told_ms = found->told_ms;
		k->state.failed = (enum canary_stage)found->failed;
	}
	k->known = true;
	wait_for_next(k);
}

void app_canary_configure(struct app_canary *k)
{
	k->zone = zone_free(k->zone);
	if (zone_load(k->app->config->timezone, &k->zone) != 0)
		k->zone = NULL;                                    /* UTC */
	if (!k->app->config->canary->enabled && !k->state.running) /* nobody will ever say that it is over */
		k->state.since_ms = k->state.told_ms = TIME_NONE;
	wait_for_next(k);
}

struct app_canary *app_canary_new(struct app *a)
{
	struct app_canary *k = NEW(struct app_canary);

	k->app = a;
	canary_init(&k->state);
	buf_init(&k->why, CANARY_WHY_MAX_BYTES);
	k->timer = loop_timer_new(a->loop, on_timer, k);
	app_canary_configure(k);
	store_canary(a->store, on_found, a);
	return k;
}

struct app_canary *app_canary_free(struct app_canary *k)
{
	if (!k)
		return NULL;
	arena_free(k->arena);
	buf_done(&k->why);
	zone_free(k->zone);
	loop_timer_free(k->timer);
	free(k);
	return NULL;
}
