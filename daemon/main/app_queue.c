/* What the queue asks of the log: between two rooms that may not see each other. */
#include <errno.h>

#include "main/app_inside.h"
#include "queue/queue.h"
#include "store/erase.h"
#include "store/store.h"

/* An answer on its way: to whom. */
struct owed {
	struct app *app;
	struct queue_token *token;
};

static struct owed *owe(struct app *a, struct queue_token *token)
{
	struct owed *o = NEW(struct owed);

	*o = (struct owed){a, token};
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
	if (a->once && a->queue && r == 0 && !n)
		app_once_look(a);
}

static void queue_read(void *arg, struct stream_id after, size_t max, struct queue_token *token)
{
	struct app *a = arg;

	store_outbox_read(a->store, after, max, on_read, owe(a, token));
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
	struct app *a = arg;

	store_outbox_sent(a->store, ids, n, on_sent, owe(a, token));
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
	struct app *a = arg;

	store_outbox_new_id(a->store, old, above, on_new_id, owe(a, token));
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
	struct app *a = arg;

	store_outbox_rewind(a->store, to, not_before_ms, on_rewound, owe(a, token));
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
	struct app *a = arg;

	store_erase(a->store, after, late, max, on_erase_read, owe(a, token));
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
	struct app *a = arg;

	store_erased(a->store, rows, n, on_erased, owe(a, token));
}

static void on_pending(void *arg, int r, const struct store_status *log)
{
	struct queue_token *token;
	struct app *a = settle(arg, &token);

	if (r < 0)
		app_log_failed(a, "outbox.pending", r);
	queue_pending_done(token, r, r == 0 ? log->pending : 0);
}

static void queue_pending(void *arg, struct queue_token *token)
{
	struct app *a = arg;

	store_status(a->store, on_pending, owe(a, token));
}

const struct queue_ops app_queue_ops = {
	.read = queue_read,
	.sent = queue_sent,
	.new_id = queue_new_id,
	.rewind = queue_rewind,
	.erase_read = queue_erase_read,
	.erased = queue_erased,
	.pending = queue_pending,
};
