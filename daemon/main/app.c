#include "main/app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "alert/notices.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/secret.h"
#include "fetch/fetch.h"
#include "main/app_answers.h"
#include "main/app_canary.h"
#include "main/app_crisis.h"
#include "main/app_deliver.h"
#include "main/app_heartbeat.h"
#include "main/app_inside.h"
#include "main/app_mutes.h"
#include "main/app_inspect.h"
#include "main/app_metrics.h"
#include "main/app_quiet.h"
#include "main/app_series.h"
#include "main/app_webhook.h"
#include "pool/pool.h"
#include "queue/queue.h"
#include "serve/serve.h"
#include "source/sources.h"
#include "store/store.h"

enum { CATALOGUE_MAX_BYTES = 256 * 1024 * 1024 };

void app_stop(struct app *a, int status)
{
	if (!a->status)
		a->status = status;
	loop_stop(a->loop);
}

/* --- what happens --- */

static void on_signal(int signo, void *arg)
{
	struct app *a = arg;

	if (signo == SIGHUP) {
		app_reload(a, NULL);
		return;
	}
	app_drain(a, signo);
}

static void on_log_wake(void *arg) /* on the log's threads */
{
	struct app *a = arg;

	loop_wakeup_poke(a->log_answers);
}

static void on_log_answers(void *arg)
{
	struct app *a = arg;

	store_dispatch(a->store);
}

/* What was learnt of topics is there, or is on its way. */
static bool series_known(struct app *a)
{
	if (a->once)
		return true;
	if (!a->series)
		a->series = app_series_new(a, app_follow_known);
	return app_series_known(a->series) && app_crisis_known(a->crisis);
}

/* Rules are there and the log's end is known: the floors above may begin. */
static void serve_now(struct app *a)
{
	if (a->serving || a->stopping || !a->rules_ms || !a->follow.known || !series_known(a))
		return;
	a->serving = true;
	app_queues_open(a);
	a->sources = sources_new(a->loop, a->fetch, a->pool, a->once, &app_sources_ops, a);
	sources_configure(a->sources, a->config->sources,
			  a->config->n_sources -
				  (a->once ? a->config->n_own_sources : 0)); /* nobody is there to act on answers */
	sources_pause(a->sources, a->log_full);
	app_webhook_configure(a);
	LOG_INFO("listening", LOG_I("sources", (int64_t)a->config->n_sources),
		 LOG_I("topics", (int64_t)a->catalogue.n_topics));
	app_coverage_start(a);
	app_trouble_start(a);
	if (a->answers)
		app_answers_resume(a);
	app_systemd_ready(a);
	app_reload_next(a);
}

void app_follow_known(struct app *a)
{
	serve_now(a);
}

static bool take_catalogue(struct app *a, const char *bytes, size_t len)
{
	cleanup(arena_freep) struct arena *arena = arena_new(CATALOGUE_MAX_BYTES);
	struct catalogue catalogue;

	if (catalogue_get(bytes, len, arena, &catalogue) != 0)
		return false;
	arena_free(a->catalogue_arena);
	a->catalogue_arena = TAKE(arena);
	a->catalogue = catalogue;
	a->rules_ms = clock_wall_ms();
	return true;
}

/* The pool asks before it lets a generation serve: each is judged by the configuration that it belongs to. */
static bool accept_rules(void *arg, uint64_t generation, const char *bytes, size_t len, struct diag *findings)
{
	cleanup(arena_freep) struct arena *arena = arena_new(CATALOGUE_MAX_BYTES);
	struct app *a = arg;
	bool reloading = a->reload.config && generation >= a->reload.generation;
	struct catalogue catalogue;

	if (catalogue_get(bytes, len, arena, &catalogue) != 0)
		return false;
	return app_check_topics(reloading ? a->reload.config : a->config, &catalogue, findings);
}

static void on_ready(void *arg, uint64_t generation, const struct diag *warnings, const char *catalogue, size_t len)
{
	struct app *a = arg;

	if (!take_catalogue(a, catalogue, len))
		return;
	app_rules_serve(a, generation);
	app_quiet_configure(a->quiet);
	if (a->series)
		app_series_configure(a->series);
	if (a->crisis && !a->reload.config) /* with a reload its configuration comes in a moment */
		app_crisis_configure(a->crisis);
	if (a->serving)
		app_reload_ready(a, generation, warnings);
	else
		serve_now(a);
}

static void on_failed(void *arg, uint64_t generation, const struct diag *findings)
{
	struct app *a = arg;

	if (a->serving) {
		app_reload_failed(a, generation, findings);
		return;
	}
	diag_print(findings, stderr, app_lang(a));
	app_stop(a, APP_CONFIG);
}

/* --- the tree --- */

/* path may be NULL: the text's arguments are it and what the system's error means. */
static void complain_errno(const struct app *a, enum text_id id, const char *path, int error)
{
	cleanup(freep) char *why = text_errno(app_lang(a), error);
	cleanup(freep) char *text = text_make(app_lang(a), id, path ? TEXT_ARGS(path, why) : TEXT_ARGS(why));

	fprintf(stderr, "escuchad: %s\n", text);
}

static int open_log(struct app *a)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	const struct store_config config = app_store_config(a->config);
	int r = store_open(a->config->state, &config, on_log_wake, a, d, &a->store);

	diag_print(d, stderr, app_lang(a));
	if (r == 0)
		store_on_full(a->store, app_log_full, a);
	if (r == STORE_E_BUSY)
		return APP_TEMPORARY;
	if (r < 0 && !diag_len(d))
		complain_errno(a, TEXT_MAIN_NO_LOG, a->config->state, -r);
	return r ? r == STORE_E_NEWER ? APP_CONFIG : 1 : 0;
}

static int open_socket(struct app *a)
{
	struct serve_config config = {.socket = a->config->socket, .lang = app_lang(a), .http = a->config->http};
	int r = 0;

	if (a->once)
		return 0;
	if (config.http)
		r = serve_listen(&config.http->listen, &config.http_fd);
	if (r < 0) {
		complain_errno(a, TEXT_HTTP_TAKEN, config.http->listen.shown, -r);
		return r == -EADDRINUSE ? APP_TEMPORARY : APP_CONFIG;
	}
	config.fd = app_systemd_socket(a->config->socket);
	r = serve_new(a->loop, &config, &app_serve_ops, a, &a->serve);
	if (r == 0)
		return 0;
	complain_errno(a, TEXT_MAIN_NO_SOCKET, a->config->socket,
		       r < 0               ? -r
		       : r == SERVE_E_BUSY ? EADDRINUSE
					   : ENOTSOCK);
	return r == SERVE_E_BUSY ? APP_TEMPORARY : APP_CONFIG;
}

/* Before whoever sends by it. */
static int open_fetch(struct app *a)
{
	const struct fetch_config fetch = {.contact = a->config->contact};
	int r = fetch_new(a->loop, &fetch, &a->fetch);

	if (r < 0)
		complain_errno(a, TEXT_MAIN_NO_FETCH, NULL, -r);
	return r < 0;
}

static int open_pool(struct app *a)
{
	static const struct pool_ops ops = {.on_ready = on_ready,
					    .on_failed = on_failed,
					    .accept = accept_rules,
					    .on_event = app_trouble_event,
					    .on_judged = app_rules_judged};
	cleanup(freep) char *tried = xasprintf("%s/rules.tried", a->config->state);
	const struct pool_config pool = {
		.rules = a->config->rules,
		.maps = a->config->maps,
		.n_maps = a->config->n_maps,
		.lexicon = a->config->lexicon,
		.tried = tried,
		.n_rules = a->config->n_rules,
		.readers = (unsigned)a->config->readers,
		.no_prefilter = !a->config->prefilter,
	};
	int r = pool_new(a->loop, &pool, &ops, a, &a->pool);

	if (r < 0) {
		complain_errno(a, TEXT_MAIN_NO_READER, NULL, -r);
		return 1;
	}
	return 0;
}

static int start_looking(struct app *a)
{
	int r = a->once ? 0 : app_inspect_new(a, &a->inspect);

	if (r < 0)
		complain_errno(a, TEXT_MAIN_NO_LOOP, NULL, -r);
	return r < 0;
}

static int build(struct app *a)
{
	static const int signals[] = {SIGHUP, SIGTERM, SIGINT};
	size_t i;
	int r = loop_new(&a->loop);

	if (r == 0)
		r = loop_wakeup_new(a->loop, on_log_answers, a, &a->log_answers);
	for (i = 0; r == 0 && i < ARRAY_LEN(signals); i++)
		r = loop_signal_new(a->loop, signals[i], on_signal, a, &a->signals[i]);
	if (r < 0) {
		complain_errno(a, TEXT_MAIN_NO_LOOP, NULL, -r);
		return 1;
	}
	app_systemd_start(a);
	a->metrics = app_metrics_new(a);
	a->rules = app_rules_new();
	a->quiet = app_quiet_new(a);
	app_metrics_reload(a->metrics, true);
	r = open_log(a);
	if (r == 0)
		r = open_fetch(a);
	if (r == 0)
		app_alert_start(a);
	if (r == 0)
		r = open_socket(a);
	if (r == 0)
		r = open_pool(a);
	if (r == 0)
		r = start_looking(a);
	if (r == 0)
		app_follow_start(a);
	return r;
}

/* In reverse; the log last of those that speak to it, since it calls every callback that it still owes. */
static void tear_down(struct app *a)
{
	size_t i;

	app_reload_done(a);
	app_drain_done(a);
	app_systemd_done(a);
	loop_timer_free(a->summary.again);
	a->sources = sources_free(a->sources);
	app_queues_close(a);
	serve_free(a->serve);
	a->serve = NULL;
	a->webhooks = app_webhooks_free(a->webhooks);
	pool_free(a->pool);
	a->pool = NULL;
	app_coverage_stop(a);
	app_inspect_free(a->inspect);
	a->inspect = NULL;
	app_trouble_stop(a);
	a->notices = notices_free(a->notices);
	a->heartbeat = app_heartbeat_free(a->heartbeat);
	a->canary = app_canary_free(a->canary);
	a->fetch = fetch_free(a->fetch); /* channels have transfers of it */
	a->crisis = app_crisis_free(a->crisis);
	a->answers = app_answers_free(a->answers);
	a->mutes = app_mutes_free(a->mutes);
	if (a->series)
		app_series_stop(a->series);
	app_deliver_stop(a->deliver);
	store_close(a->store);
	a->series = app_series_free(a->series);
	a->deliver = app_deliver_free(a->deliver);
	for (i = 0; i < ARRAY_LEN(a->signals); i++)
		loop_signal_free(a->signals[i]);
	loop_wakeup_free(a->log_answers);
	app_metrics_free(a->metrics);
	app_quiet_free(a->quiet);
	app_rules_free(a->rules);
	loop_free(a->loop);
	arena_free(a->catalogue_arena);
	config_free(a->config);
}

int app_run(struct config *config, bool once)
{
	struct app a = {.config = config, .once = once, .started_ms = clock_wall_ms()};
	int r;

	app_log_configure(config);
	r = build(&a);
	if (r == 0) {
		LOG_INFO("started", LOG_S("version", ESCUCHAD_VERSION), LOG_S("config", config->file),
			 LOG_S("state", config->state));
		loop_run(a.loop);
		r = a.status;
	}
	tear_down(&a);
	if (!once)
		LOG_INFO("stopped", LOG_I("status", r));
	return r;
}
