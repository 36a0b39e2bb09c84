#include "main/app_heartbeat.h"

#include <string.h>

#include "alert/heartbeat.h"
#include "base/log.h"
#include "fetch/fetch.h"
#include "main/app_canary.h"
#include "main/app_inside.h"
#include "source/sources.h"
#include "store/store.h"

enum { ANSWER_MAX_BYTES = 64 * 1024, TIMEOUT_MS = 20000, STARTING_MS = 500 };

struct app_heartbeat {
	struct app *app;
	struct loop_timer *timer;
	struct transfer *transfer;
	const char *held; /* what keeps it, as it was logged last; NULL: nothing */
};

static int64_t again_ms(const struct app_heartbeat *h)
{
	const struct heartbeat_config *c = h->app->config->heartbeat;

	return c->every_ms < HEARTBEAT_AGAIN_MS ? c->every_ms : HEARTBEAT_AGAIN_MS;
}

static void on_sent(struct fetch_result *result, void *arg)
{
	struct app_heartbeat *h = arg;
	bool secret = h->app->config->heartbeat->url.secret;

	h->transfer = NULL;
	if (result->outcome == FETCH_OK) {
		loop_timer_set(h->timer, h->app->config->heartbeat->every_ms);
		return;
	}
	LOG_LIMITED("heartbeat.failed", LOG_S("class", result->class_name),
		    LOG_S("detail", secret ? "***" : result->detail));
	loop_timer_set(h->timer, again_ms(h));
}

static void send_one(struct app_heartbeat *h)
{
	const struct heartbeat_config *c = h->app->config->heartbeat;

	h->transfer = fetch_start(h->app->fetch,
				  &(struct fetch_request){.url = c->url.text,
							  .accept = "*/*",
							  .allow_private = c->allow_private,
							  .n_allow_private = c->n_allow_private,
							  .max_bytes = ANSWER_MAX_BYTES,
							  .total_ms = TIMEOUT_MS},
				  on_sent, h);
	if (!h->transfer)
		loop_timer_set(h->timer, again_ms(h));
}

struct ears {
	size_t all, deaf;
};

static void count_ears(void *arg, const struct source_glance *s)
{
	struct ears *e = arg;

	e->all++;
	e->deaf += s->deaf != HEALTH_WELL || s->standing == SOURCE_FAILING;
}

static void on_status(void *arg, int r, const struct store_status *status)
{
	struct app *a = arg;
	struct app_heartbeat *h = a->heartbeat;
	struct heartbeat_facts f = {.serving = a->serving && !a->stopping,
				    .log_read = r == 0,
				    .log_full = a->log_full,
				    .canary = app_canary_holds(a),
				    .oldest_ms = TIME_NONE};
	struct ears ears = {.all = 0};
	const char *held;

	if (!h || !a->config->heartbeat || h->transfer)
		return;
	if (a->sources)
		sources_glance(a->sources, count_ears, &ears);
	f.sources = ears.all;
	f.deaf = ears.deaf;
	if (r == 0 && app_queues_on(a) && status->pending)
		f.oldest_ms = status->oldest_pending.ms;
	held = heartbeat_held_by(&f, clock_wall_ms());
	if (held && (!h->held || strcmp(held, h->held) != 0))
		LOG_WARN("heartbeat.held", LOG_S("why", held));
	else if (!held && h->held)
		LOG_INFO("heartbeat.again", LOG_S("was", h->held));
	h->held = held;
	if (held)
		loop_timer_set(h->timer, again_ms(h));
	else
		send_one(h);
}

static void on_timer(void *arg)
{
	struct app_heartbeat *h = arg;

	if (!h->app->serving) {
		loop_timer_set(h->timer, STARTING_MS);
		return;
	}
	store_status(h->app->store, on_status, h->app);
}

void app_heartbeat_configure(struct app_heartbeat *h)
{
	fetch_cancel(h->transfer);
	h->transfer = NULL;
	if (h->app->config->heartbeat)
		loop_timer_set(h->timer, 0);
	else
		loop_timer_stop(h->timer);
}

struct app_heartbeat *app_heartbeat_new(struct app *a)
{
	struct app_heartbeat *h = NEW(struct app_heartbeat);

	h->app = a;
	h->timer = loop_timer_new(a->loop, on_timer, h);
	app_heartbeat_configure(h);
	return h;
}

struct app_heartbeat *app_heartbeat_free(struct app_heartbeat *h)
{
	if (!h)
		return NULL;
	fetch_cancel(h->transfer);
	loop_timer_free(h->timer);
	free(h);
	return NULL;
}
