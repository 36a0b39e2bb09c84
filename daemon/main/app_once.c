/* --once: the hits on the terminal as they come, and what it came to. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "main/ctl_output.h"
#include "main/source_why.h"
#include "pool/pool.h"
#include "queue/queue.h"
#include "source/sources.h"
#include "store/store.h"

enum { HIT_MAX_BYTES = 1024 * 1024 };

static void say(const struct app *a, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(app_lang(a), id, args);

	printf("%s\n", text);
}

void app_once_report(struct app *a, const struct source_status *status, const struct poll_report *report)
{
	struct app_once *o = &a->summary;

	if (report->end != POLL_END_OK) {
		cleanup(freep) char *why = source_why(app_lang(a), report->error, report->detail);

		say(a, TEXT_MAIN_ONCE_FAILED, TEXT_ARGS(status->name, why));
	}
	o->sources++;
	o->failed += report->end != POLL_END_OK;
	o->new_mentions += report->result.new_mentions;
	o->hits += report->result.hits;
}

void app_once_fell(struct app *a, const struct pool_event *e)
{
	struct app_once *o = &a->summary;
	cleanup(freep) char *text = NULL;
	struct pool_status pool;

	if (e->kind == POOL_JOB_SET_ASIDE || e->source) /* that is its job's fault, which is set aside */
		return;
	pool_status(a->pool, &pool);
	if (pool.done != o->jobs)
		o->falls = 0;
	o->jobs = pool.done;
	if (++o->falls != APP_ONCE_FALLS)
		return;
	text = TEXT(app_lang(a), TEXT_MAIN_ONCE_NO_READER, e->why ? e->why : "-");
	fprintf(stderr, "escuchad: %s\n", text);
	app_stop(a, APP_SOURCE_FAILED);
}

void app_once_hit(struct app *a, const char *json)
{
	const char *no_colour = getenv("NO_COLOR");
	struct ctl look = {.lang = app_lang(a), .timezone = (char *)a->config->timezone};
	struct buf out = BUF_INIT(HIT_MAX_BYTES);
	json_t *hit = json_loads(json, 0, NULL);

	look.colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
	if (!a->summary.printed++)
		local_zone(&look);
	if (hit) {
		hit_print(&look, hit, &out);
		fwrite(buf_str(&out), 1, out.len, stdout);
		fflush(stdout);
	}
	json_decref(hit);
	buf_done(&out);
}

static void on_status(void *arg, int r, const struct store_status *status)
{
	struct app *a = arg;
	struct app_once *o = &a->summary;
	cleanup(freep) char *sources = xasprintf("%zu", o->sources), *failed = xasprintf("%zu", o->failed);
	cleanup(freep) char *mentions = xasprintf("%zu", o->new_mentions), *hits = xasprintf("%zu", o->hits);

	say(a, TEXT_MAIN_ONCE_SUMMARY, TEXT_ARGS(sources, failed, mentions, hits));
	if (r == 0 && app_queues_on(a) && (status->pending || status->incidents.pending)) {
		cleanup(freep) char *pending =
			xasprintf("%lld", (long long)(status->pending + status->incidents.pending));
		cleanup(freep) char *why = NULL;
		struct queue_status queue;

		app_queues_status(a, &queue);
		why = system_why(app_lang(a), queue.error);
		say(a, TEXT_MAIN_ONCE_PENDING, TEXT_ARGS(pending, why));
	} else if (r == 0 && app_queues_on(a)) {
		say(a, TEXT_MAIN_ONCE_SENT, TEXT_ARGS(a->config->queue->stream));
	}
	app_stop(a, o->failed ? APP_SOURCE_FAILED : APP_DONE);
}

static void finish(struct app *a)
{
	a->summary.settled = false; /* once */
	loop_timer_stop(a->summary.again);
	store_status(a->store, on_status, a);
}

/* With nothing left to send, a Redis that is away is not waited for. */
static void on_pending(void *arg, int r, const struct store_status *status)
{
	struct app *a = arg;
	struct queue_status queue;

	if (!a->summary.settled || !app_queues_on(a)) /* told to stop meanwhile */
		return;
	app_queues_status(a, &queue);
	if (r < 0 || app_queues_idle(a) ||
	    (!status->pending && !status->incidents.pending && !queue.connected && queue.error) ||
	    clock_steady_ms() >= a->summary.until_ms)
		finish(a);
	else
		loop_timer_set(a->summary.again, APP_ONCE_LOOK_MS);
}

void app_once_look(struct app *a)
{
	if (!a->summary.settled || a->follow.reading || a->summary.printed < a->summary.hits)
		return;
	if (app_queues_on(a))
		store_status(a->store, on_pending, a);
	else
		finish(a);
}

static void on_again(void *arg)
{
	app_once_look(arg);
}

void app_once_settled(struct app *a)
{
	a->summary.settled = true;
	a->summary.until_ms = clock_steady_ms() + APP_ONCE_REDIS_MS;
	a->summary.again = loop_timer_new(a->loop, on_again, a);
	app_queue_poke(a, OUTBOX_HITS);
	app_queue_poke(a, OUTBOX_INCIDENTS);
	app_once_look(a);
}
