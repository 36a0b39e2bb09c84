/* What the queue asks of the log: between two rooms that may not see each other. */
#include <errno.h>

#include "main/app_inside.h"
#include "queue/queue.h"
#include "store/erase.h"
#include "store/store.h"

/* An answer on its way: to whom. */
struct owed {
	struct app *app;
	enum outbox_stream which;
	struct queue_token *token;
};

static struct owed *owe(struct app_queue *q, struct queue_token *token)
{
	struct owed *o = NEW(struct owed);

	*o = (struct owed){q->app, q->which, token};
	return o;
}

static struct app *settle(struct owed *o, struct queue_token **ret_token)
{
	struct app *a = o->app;

	*ret_token = o->token;
	free(o);
	return a;
}

static void on_read(void *arg, int r, const struct outbox_row *rows, size_t n)
{
	struct queue_token *token;
	struct app *a = settle(arg, &token);

	if (r < 0)
		app_log_failed(a, "outbox.read", r);
	queue_read_done(token, r, rows, n);
	/* All is delivered, perhaps. (At the end the queue goes before the log, which still answers.) */
	if (a->once && a->queues[OUTBOX_HITS].queue && r == 0 && !n)
		app_once_look(a);
}

static void queue_read(void *arg, struct stream_id after, size_t max, struct queue_token *token)
{
	struct app_queue *q = arg;

	store_outbox_read(q->app->store, q->which, after, max, on_read, owe(q, token));
}

static void on_sent(void *arg, int r)
{
	struct queue_token *token;
	struct app *a = settle(arg, &token);

	if (r < 0)
		app_log_failed(a, "outbox.sent", r);
	queue_sent_done(token, r);
}

static void queue_sent(void *arg, const struct stream_id *ids, size_t n, struct queue_token *token)
{
	struct app_queue *q = arg;

	store_outbox_sent(q->app->store, q->which, ids, n, on_sent, owe(q, token));
}

static void on_new_id(void *arg, int r, struct stream_id id)
{
	struct queue_token *token;
	struct app *a = settle(arg, &token);

	if (r < 0 && r != -ENOENT) /* one that is kept no more needs no id */
		app_log_failed(a, "outbox.new_id", r);
	queue_new_id_done(token, r, id);
}

static void queue_new_id(void *arg, struct stream_id old, struct stream_id above, struct queue_token *token)
{
	struct app_queue *q = arg;

	store_outbox_new_id(q->app->store, q->which, old, above, on_new_id, owe(q, token));
}

static void on_rewound(void *arg, int r, size_t set_back, size_t left_before)
{
	struct queue_token *token;
	struct app *a = settle(arg, &token);

	if (r < 0)
		app_log_failed(a, "outbox.rewind", r);
	queue_rewind_done(token, r, set_back, left_before);
}

static void queue_rewind(void *arg, struct stream_id to, int64_t not_before_ms, struct queue_token *token)
{
	struct app_queue *q = arg;

	store_outbox_rewind(q->app->store, q->which, to, not_before_ms, on_rewound, owe(q, token));
}

static void on_erase_read(void *arg, int r, const struct outbox_erase *rows, size_t n)
{
	struct queue_token *token;
	struct app *a = settle(arg, &token);

	if (r < 0)
		app_log_failed(a, "erase.read", r);
	queue_erase_read_done(token, r, rows, n);
}

static void queue_erase_read(void *arg, struct stream_id after, bool late, size_t max, struct queue_token *token)
{
	struct app_queue *q = arg;

	store_erase(q->app->store, q->which, after, late, max, on_erase_read, owe(q, token));
}

static void on_erased(void *arg, int r)
{
	struct queue_token *token;
	struct app *a = settle(arg, &token);

	if (r < 0)
		app_log_failed(a, "erase.done", r);
	queue_erased_done(token, r);
}

static void queue_erased(void *arg, const struct outbox_erase *rows, size_t n, struct queue_token *token)
{
	struct app_queue *q = arg;

	store_erased(q->app->store, q->which, rows, n, on_erased, owe(q, token));
}

static void on_pending(void *arg, int r, const struct store_status *log)
{
	const enum outbox_stream which = ((struct owed *)arg)->which;
	struct queue_token *token;
	struct app *a = settle(arg, &token);
	int64_t rows = 0;

	if (r < 0)
		app_log_failed(a, "outbox.pending", r);
	else
		rows = which == OUTBOX_HITS ? log->pending : log->incidents.pending;
	queue_pending_done(token, r, rows);
}

static void queue_pending(void *arg, struct queue_token *token)
{
	struct app_queue *q = arg;

	store_status(q->app->store, on_pending, owe(q, token));
}

static const struct queue_ops ops = {
	.read = queue_read,
	.sent = queue_sent,
	.new_id = queue_new_id,
	.rewind = queue_rewind,
	.erase_read = queue_erase_read,
	.erased = queue_erased,
	.pending = queue_pending,
};

void app_queues_open(struct app *a)
{
	int i;

	for (i = 0; a->config->queue && i < OUTBOX_STREAMS; i++) {
		struct app_queue *q = &a->queues[i];

		*q = (struct app_queue){.app = a, .which = (enum outbox_stream)i};
		q->queue = queue_new(a->loop, a->config->queue, q->which, &ops, q);
	}
}

void app_queues_close(struct app *a)
{
	int i;

	for (i = 0; i < OUTBOX_STREAMS; i++)
		a->queues[i].queue = queue_free(a->queues[i].queue);
}

void app_queues_configure(struct app *a)
{
	int i;

	for (i = 0; i < OUTBOX_STREAMS && a->queues[i].queue; i++)
		queue_configure(a->queues[i].queue, a->config->queue);
}

void app_queue_poke(struct app *a, enum outbox_stream which)
{
	if (a->queues[which].queue)
		queue_poke(a->queues[which].queue);
}

void app_queues_erase(struct app *a)
{
	int i;

	for (i = 0; i < OUTBOX_STREAMS && a->queues[i].queue; i++)
		queue_erase(a->queues[i].queue);
}

bool app_queues_on(const struct app *a)
{
	return a->queues[OUTBOX_HITS].queue != NULL;
}

bool app_queues_idle(const struct app *a)
{
	int i;

	for (i = 0; i < OUTBOX_STREAMS; i++)
		if (a->queues[i].queue && !queue_idle(a->queues[i].queue))
			return false;
	return true;
}

void app_queues_status(const struct app *a, struct queue_status *ret)
{
	struct queue_status other;

	queue_status(a->queues[OUTBOX_HITS].queue, ret);
	queue_status(a->queues[OUTBOX_INCIDENTS].queue, &other);
	ret->high_water |= other.high_water;
	if (other.connected || !ret->connected) /* which is not: what that says */
		return;
	ret->connected = false;
	ret->error = other.error;
	ret->since_ms = other.since_ms;
}
