/* A new configuration while the old one serves: read, its rules compiled by a nursery of their own, checked, and only then
 * swapped in. What is asked for meanwhile comes after, once, however often it was asked (FAULTS C2, C3). */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/suggest.h"
#include "main/app_inside.h"
#include "main/app_metrics.h"
#include "main/app_webhook.h"
#include "main/config_alerts.h"
#include "main/config_deliver.h"
#include "pool/pool.h"
#include "queue/queue.h"
#include "serve/serve.h"
#include "source/sources.h"
#include "store/store.h"

enum { LINE_MAX_BYTES = 16 * 1024 };

/* --- whom it is told --- */

static void answer(struct app_reload *r, int status, const struct diag *d)
{
	while (r->n_replies)
		reply_findings(r->replies[--r->n_replies], status, d);
}

static void log_findings(const struct diag *d)
{
	size_t i;

	for (i = 0; i < diag_len(d); i++) {
		struct buf b = BUF_INIT(LINE_MAX_BYTES);

		diag_render(&b, diag_at(d, i), TEXT_EN); /* the log speaks one language */
		LOG_WARN("reload.finding", LOG_S("finding", buf_str(&b)));
		buf_done(&b);
	}
}

static void begin(struct app *a);

void app_reload_next(struct app *a)
{
	struct app_reload *r = &a->reload;

	if (!r->wanted)
		return;
	r->wanted = false;
	memcpy(r->replies, r->later, r->n_later * sizeof(*r->later));
	r->n_replies = r->n_later;
	r->n_later = 0;
	begin(a);
}

static void drop_config(struct app_reload *r)
{
	if (r->config && r->http_fd >= 0)
		close(r->http_fd);
	r->config = config_free(r->config);
	r->http_fd = -1;
}

/* This one is over. */
static void end(struct app *a)
{
	drop_config(&a->reload);
	a->reload.generation = 0;
	app_reload_next(a);
}

static void refuse(struct app *a, const struct diag *d)
{
	LOG_ERROR("reload.failed", LOG_S("file", a->config->file), LOG_I("errors", (int64_t)diag_count(d, DIAG_ERROR)));
	log_findings(d);
	a->reload.failed = true;
	app_metrics_reload(a->metrics, false);
	app_systemd_ready(a);
	answer(&a->reload, 422, d);
	end(a);
}

/* --- what is checked --- */

bool app_check_topics(const struct config *c, const struct catalogue *catalogue, struct diag *d)
{
	bool right = true;
	size_t i;

	for (i = 0; i < c->n_sources; i++) {
		const struct source_config *s = &c->sources[i];
		cleanup(freep) char *key = NULL;
		const char *guess;

		if (!s->topic || catalogue_topic(catalogue, s->topic))
			continue;
		guess = catalogue->n_topics ? suggest(s->topic, &catalogue->topics[0].name, catalogue->n_topics,
						      sizeof(catalogue->topics[0]))
					    : NULL;
		key = xasprintf("sources[%zu].topic", i);
		diag_error(d, s->topic_pos, key, guess, TEXT_MAIN_NO_TOPIC, s->name, s->topic);
		right = false;
	}
	right = config_alerts_topics(c, catalogue, d) && right;
	return config_deliver_topics(c, catalogue, d) && right;
}

/* What a running process can't change: it would have to let go of what it owns. */
static bool check_lasting(const struct app *a, const struct config *c, struct diag *d)
{
	const char *contact = a->config->contact ? a->config->contact : "";

	if (strcmp(a->config->state, c->state) != 0)
		diag_error(d, c->state_pos, "state", NULL, TEXT_MAIN_NEEDS_RESTART);
	if (strcmp(a->config->socket, c->socket) != 0)
		diag_error(d, c->socket_pos, "socket", NULL, TEXT_MAIN_NEEDS_RESTART);
	if (strcmp(contact, c->contact ? c->contact : "") != 0)
		diag_error(d, c->contact_pos, "contact", NULL, TEXT_MAIN_NEEDS_RESTART);
	if (a->config->readers != c->readers)
		diag_error(d, c->readers_pos, "readers", NULL, TEXT_MAIN_NEEDS_RESTART);
	if (a->config->prefilter != c->prefilter)
		diag_error(d, c->prefilter_pos, "prefilter", NULL, TEXT_MAIN_NEEDS_RESTART);
	return diag_count(d, DIAG_ERROR) == 0;
}

/* A new address is taken while the old one serves: whether that can be done is known before anything changes. */
static bool listen_anew(const struct app *a, const struct config *c, struct diag *d, int *ret_fd)
{
	cleanup(freep) char *why = NULL;
	int r;

	*ret_fd = -1;
	if (!c->http || !a->serve || serve_listens(a->serve, &c->http->listen))
		return true;
	r = serve_listen(&c->http->listen, ret_fd);
	if (r == 0)
		return true;
	why = text_errno(app_lang(a), -r);
	diag_error(d, c->http->listen_pos, "http.listen", NULL, TEXT_HTTP_TAKEN, c->http->listen.shown, why);
	return false;
}

/* --- the way --- */

static void begin(struct app *a)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(config_freep) struct config *c = NULL;
	int r, http_fd;

	app_systemd_reloading(a);
	r = config_load(a->config->file, d, &c);
	if (r != 0 || !check_lasting(a, c, d) || !listen_anew(a, c, d, &http_fd)) {
		refuse(a, d);
		return;
	}
	a->reload.config = TAKE(c);
	a->reload.http_fd = http_fd;
	pool_maps(a->pool, a->reload.config->maps, a->reload.config->n_maps);
	pool_lexicon(a->pool, a->reload.config->lexicon);
	a->reload.generation = pool_reload(a->pool, a->reload.config->rules, a->reload.config->n_rules);
}

void app_reload(struct app *a, struct reply *reply)
{
	struct app_reload *r = &a->reload;
	bool busy = r->config != NULL || !a->serving;
	struct reply **list = busy ? r->later : r->replies;
	size_t *n = busy ? &r->n_later : &r->n_replies;

	if (a->stopping) {
		if (reply)
			reply_error(reply, 503, "stopping", text_raw(app_lang(a), TEXT_MAIN_STOPPING));
		return;
	}
	if (reply && *n == APP_REPLIES_MAX) {
		reply_error(reply, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY));
		return;
	}
	if (reply)
		list[(*n)++] = reply;
	if (busy)
		r->wanted = true;
	else
		begin(a);
}

static bool same_queue(const struct queue_config *a, const struct queue_config *b)
{
	return a == b || (a && b && queue_config_same(a, b));
}

/* The new configuration is whole: everything takes its part of it. */
static void swap(struct app *a)
{
	struct config *old = a->config, *c = TAKE(a->reload.config);
	const struct store_config store = app_store_config(c);
	bool queue_stays = same_queue(old->queue, c->queue);

	a->config = c;
	app_log_configure(c);
	store_configure(a->store, &store);
	sources_configure(a->sources, c->sources, c->n_sources);
	app_webhook_configure(a);
	if (!queue_stays) {
		app_queues_close(a);
		app_queues_open(a);
	} else {
		app_queues_configure(a);
	}
	app_alert_configure(a);
	if (a->serve && serve_configure(a->serve, app_lang(a), c->http, a->reload.http_fd) < 0)
		LOG_ERROR("serve.failed", LOG_S("address", c->http->listen.shown)); /* memory is out */
	a->reload.http_fd = -1;
	config_free(old);
}

void app_reload_ready(struct app *a, uint64_t generation, const struct diag *warnings)
{
	if (!a->reload.config || generation < a->reload.generation)
		return; /* a nursery that was started anew: the same rules */
	swap(a);
	a->reload.failed = false;
	app_metrics_reload(a->metrics, true);
	LOG_INFO("reload.done", LOG_S("file", a->config->file), LOG_I("generation", (int64_t)generation),
		 LOG_I("topics", (int64_t)a->catalogue.n_topics), LOG_I("sources", (int64_t)a->config->n_sources));
	app_systemd_ready(a);
	answer(&a->reload, 200, warnings);
	end(a);
}

void app_reload_failed(struct app *a, uint64_t generation, const struct diag *findings)
{
	if (a->reload.config && generation >= a->reload.generation) {
		refuse(a, findings);
		return;
	}
	LOG_ERROR("rules.failed",
		  LOG_I("errors", (int64_t)diag_count(findings, DIAG_ERROR))); /* a nursery started anew */
	log_findings(findings);
	a->reload.failed = true;
	app_metrics_reload(a->metrics, false);
}

void app_reload_done(struct app *a)
{
	struct app_reload *r = &a->reload;
	const char *stopping = text_raw(app_lang(a), TEXT_MAIN_STOPPING);

	while (r->n_replies)
		reply_error(r->replies[--r->n_replies], 503, "stopping", stopping);
	while (r->n_later)
		reply_error(r->later[--r->n_later], 503, "stopping", stopping);
	drop_config(r);
}
