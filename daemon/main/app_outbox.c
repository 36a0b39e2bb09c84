/* What people do about the outbox: see what waits, send it again, let it go. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "main/app_outbox.h"
#include "queue/queue.h"
#include "serve/serve.h"
#include "store/store.h"

enum { COUNTS_MAX_BYTES = 256 };

struct asked {
	struct app *app;
	struct reply *reply;
	enum outbox_stream which;
};

/* NULL: no queue is configured, and that was answered. */
static struct asked *ask(struct app *a, enum outbox_stream which, struct reply *reply)
{
	struct asked *q;

	if (!a->config->queue) {
		reply_error(reply, 409, "no_queue", text_raw(app_lang(a), TEXT_OUTBOX_NO_QUEUE));
		return NULL;
	}
	q = NEW(struct asked);
	*q = (struct asked){a, reply, which};
	return q;
}

static void fail(struct asked *q, int r)
{
	app_log_failed(q->app, "api", r);
	reply_error(q->reply, 500, "log", strerror(-r));
}

/* One count, or two. */
static void answer(struct reply *reply, const char *name, size_t n, const char *other, size_t n_other)
{
	struct buf b = BUF_INIT(COUNTS_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	json_begin_object(&j, NULL);
	json_int(&j, name, (int64_t)n);
	if (other)
		json_int(&j, other, (int64_t)n_other);
	json_end_object(&j);
	reply_json(reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}

static void on_rows(void *arg, int r, const struct outbox_row *rows, size_t n)
{
	cleanup(freep) struct asked *q = arg;
	size_t i;

	if (r < 0) {
		fail(q, r);
		return;
	}
	for (i = 0; i < n && reply_hit(q->reply, rows[i].id, rows[i].json, strlen(rows[i].json)); i++)
		;
	reply_end(q->reply);
}

void app_outbox_list(void *arg, enum outbox_stream which, struct stream_id after, size_t limit, struct reply *reply)
{
	struct app *a = arg;
	struct asked *q = ask(a, which, reply);

	if (q)
		store_outbox_read(a->store, which, after, limit, on_rows, q);
}

static const char *stream_of(const struct asked *q)
{
	return q->which == OUTBOX_HITS ? "hits" : "incidents";
}

static void on_requeued(void *arg, int r, size_t set_back, size_t left_before)
{
	cleanup(freep) struct asked *q = arg;

	if (r < 0) {
		fail(q, r);
		return;
	}
	LOG_INFO("outbox.requeued", LOG_S("stream", stream_of(q)), LOG_I("rows", (int64_t)set_back),
		 LOG_I("older", (int64_t)left_before));
	app_queue_poke(q->app, q->which);
	answer(q->reply, "requeued", set_back, "older", left_before);
}

/* What is in the stream still is known again there and enters once (queue/exchange). What was trimmed is not: so not
 * farther back than the stream is sure to be kept, unless that is asked for. */
void app_outbox_requeue(void *arg, enum outbox_stream which, int64_t back_ms, struct reply *reply)
{
	struct app *a = arg;
	struct asked *q = ask(a, which, reply);
	int64_t from_ms;

	if (!q)
		return;
	from_ms = clock_wall_ms() - (back_ms == TIME_NONE ? a->config->queue->keep_ms : back_ms);
	store_outbox_rewind(a->store, which, (struct stream_id){.ms = 0}, from_ms > 0 ? from_ms : 0, on_requeued, q);
}

static void on_dropped(void *arg, int r, size_t n)
{
	cleanup(freep) struct asked *q = arg;

	if (r < 0) {
		fail(q, r);
		return;
	}
	LOG_INFO("outbox.dropped", LOG_S("stream", stream_of(q)), LOG_I("rows", (int64_t)n));
	answer(q->reply, "dropped", n, NULL, 0);
}

void app_outbox_drop(void *arg, enum outbox_stream which, const struct stream_id *ids, size_t n, struct reply *reply)
{
	struct app *a = arg;
	struct asked *q = ask(a, which, reply);

	if (q)
		store_outbox_drop(a->store, which, ids, n, on_dropped, q);
}
