/* What sources and the queue ask of the log: between floors that may not see each other. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "main/app_answers.h"
#include "main/app_inside.h"
#include "main/app_inspect.h"
#include "main/app_metrics.h"
#include "main/app_quiet.h"
#include "main/app_series.h"
#include "queue/queue.h"
#include "source/sources.h"
#include "store/again.h"
#include "store/inbox.h"
#include "store/store.h"

/* An answer on its way: to whom. */
struct owed {
	struct app *app;
	struct poll *poll;
	char *source; /* who brings something; NULL: who only asks */
};

static struct owed *owe(struct app *a, struct poll *poll)
{
	struct owed *o = NEW(struct owed);

	*o = (struct owed){.app = a, .poll = poll};
	return o;
}

struct store_config app_store_config(const struct config *c)
{
	return (struct store_config){
		.keep_mentions_ms = c->keep->mentions_ms,
		.keep_hits_ms = c->keep->hits_ms,
		.keep_evidence_ms = c->keep->evidence_ms,
		.outbox = c->queue != NULL,
		.on_corrupt = c->on_corrupt,
		.vip = c->voices->vip,
		.ignore = c->voices->ignore,
		.size_bytes = c->keep->size_bytes,
	};
}

void app_log_failed(struct app *a, const char *what, int r)
{
	if (r == -ECANCELED)
		return;
	app_metrics_log(a->metrics, r);
	if (r == -EBADMSG && a->inspect)
		app_inspect_met_damage(a->inspect);
	LOG_LIMITED("log.failed", LOG_S("what", what), LOG_S("error", strerror(-r)));
	if (r == -EIO) /* what was promised before stays; a new start finds out what the disk still has (FAULTS D7) */
		app_stop(a, APP_TEMPORARY);
}

void app_log_committed(struct app *a, const char *source, const struct poll_result *result)
{
	app_metrics_log(a->metrics, 0);
	app_metrics_hits(a->metrics, result);
	if (a->series)
		app_series_said(a->series, result);
	app_quiet_said(a->quiet, source, result);
}

/* --- sources --- */

static void on_loaded(void *arg, int r, struct store_source *source)
{
	struct owed *o = arg;

	if (r < 0)
		app_log_failed(o->app, "source.load", r);
	if (r < 0)
		poll_loaded(o->poll, r, NULL, NULL, 0, NULL);
	else
		poll_loaded(o->poll, 0, source->known ? &source->state : NULL, source->seen, source->n_seen,
			    TAKE(source->arena));
	free(o);
}

static void source_load(void *arg, const char *name, struct poll *poll)
{
	struct app *a = arg;

	store_source_load(a->store, name, on_loaded, owe(a, poll));
}

static void on_committed(void *arg, int r, const struct poll_result *result)
{
	struct owed *o = arg;

	if (r < 0)
		app_log_failed(o->app, "poll.commit", r);
	else
		app_log_committed(o->app, o->source, result);
	if (r == 0 && (result->hits || result->raised)) {
		app_queue_poke(o->app, OUTBOX_HITS);
		app_follow_poke(o->app, result->last);
	}
	poll_committed(o->poll, r, result);
	free(o->source);
	free(o);
}

static void source_commit(void *arg, const struct poll_outcome *outcome, struct arena *answer, struct poll *poll)
{
	struct app *a = arg;
	struct owed *o = owe(a, poll);

	o->source = xstrdup(outcome->state.name);
	store_poll(a->store, outcome, answer, on_committed, o);
}

static void on_due_again(void *arg, int r, const struct again_due *due, struct arena **arena)
{
	struct owed *o = arg;

	if (r < 0)
		app_log_failed(o->app, "source.again", r);
	poll_due_again(o->poll, r, due, TAKE(*arena));
	free(o);
}

static void source_again(void *arg, const struct again_ask *ask, struct poll *poll)
{
	struct app *a = arg;

	store_again(a->store, ask, on_due_again, owe(a, poll));
}

static void on_inbox(void *arg, int r, int64_t id, int64_t at_ms, const void *body, size_t len)
{
	struct owed *o = arg;

	if (r < 0)
		app_log_failed(o->app, "source.inbox", r);
	poll_posted(o->poll, r, id, at_ms, body, len);
	free(o);
}

static void source_inbox(void *arg, const char *name, int64_t after, struct poll *poll)
{
	struct app *a = arg;

	store_inbox_next(a->store, name, after, on_inbox, owe(a, poll));
}

static void on_marked(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "poll.marks", r);
}

static void source_marks(void *arg, const struct source_mark *v, size_t n)
{
	struct app *a = arg;

	store_marks(a->store, v, n, on_marked, a);
}

static void on_report(void *arg, const struct source_status *status, const struct poll_report *report)
{
	struct app *a = arg;

	app_metrics_poll(a->metrics, status, report);
	if (report->textless)
		app_trouble_textless(a, status->name);
	if (a->once)
		app_once_report(a, status, report);
}

static void on_settled(void *arg)
{
	app_once_settled(arg);
}

const struct sources_ops app_sources_ops = {
	.log = {.load = source_load,
		.commit = source_commit,
		.again = source_again,
		.inbox = source_inbox,
		.marks = source_marks,
		.came = app_evidence_came,
		.reply = app_answers_came},
	.on_report = on_report,
	.on_deaf = app_coverage_deaf,
	.on_fields = app_coverage_fields,
	.on_cert = app_on_cert,
	.on_settled = on_settled,
};
