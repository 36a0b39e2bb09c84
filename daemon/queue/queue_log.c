/* queue/queue_log: what is asked of the log, and what it says (queue/queue.h). */
#include "queue/queue_inside.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "queue/config.h"

struct queue_token *queue_token_new(struct queue *q)
{
	struct queue_token *t = NEW(struct queue_token);

	t->queue = q;
	LIST_INSERT_HEAD(&q->tokens, t, entry);
	return t;
}

static struct queue *token_end(struct queue_token *t)
{
	struct queue *q = t->queue;

	if (q)
		LIST_REMOVE(t, entry);
	free(t);
	return q;
}

/* --- what the log says --- */

void queue_read_done(struct queue_token *t, int r, const struct outbox_row *rows, size_t n)
{
	struct queue *q = token_end(t);
	struct outbox_event e = {.kind = OUTBOX_READ, .failed = r < 0};
	struct stream_id ids[OUTBOX_GROUP_MAX];
	size_t i;

	if (!q)
		return;
	if (r == 0)
		e.n = exchange_fit(rows, n, &e.bytes);
	for (i = 0; i < e.n; i++)
		ids[i] = rows[i].id;
	e.ids = ids;
	queue_step_with(q, e, rows);
}

void queue_sent_done(struct queue_token *t, int r)
{
	struct queue *q = token_end(t);

	if (!q)
		return;
	if (r == 0) {
		q->sent += q->n_marking;
		if (stream_id_cmp(q->marking, q->last_sent) > 0)
			q->last_sent = q->marking;
	}
	queue_step(q, (struct outbox_event){.kind = OUTBOX_MARKED, .failed = r < 0});
}

void queue_new_id_done(struct queue_token *t, int r, struct stream_id id)
{
	struct queue *q = token_end(t);
	struct outbox_event e = {.kind = OUTBOX_RENAMED, .failed = r < 0 && r != -ENOENT};

	if (!q)
		return;
	if (r == 0)
		e.id = id;
	queue_step(q, e);
}

void queue_rewind_done(struct queue_token *t, int r, size_t set_back, size_t left_before)
{
	struct queue *q = token_end(t);

	if (!q)
		return;
	if (r == 0 && (set_back || left_before))
		LOG_WARN("queue.rewound", LOG_S("stream", queue_stream(q)), LOG_I("sent_again", (int64_t)set_back),
			 LOG_I("too_old", (int64_t)left_before),
			 LOG_S("why", left_before ? "the stream lacks what it had taken; the older ones are sent by: "
						    "escuchactl outbox requeue"
						  : "the stream lacks what it had taken"));
	queue_step(q, (struct outbox_event){.kind = OUTBOX_REWOUND, .failed = r < 0});
}

/* --- what is to go --- */

void queue_erase_read_done(struct queue_token *t, int r, const struct outbox_erase *rows, size_t n)
{
	struct queue *q = token_end(t);
	struct outbox_event e = {.kind = OUTBOX_ERASE_READ, .failed = r < 0};

	if (!q)
		return;
	if (r == 0 && n) {
		erase_begin(&q->erase, queue_stream(q), rows, n);
		e.n = q->erase.n;
		e.id = q->erase.rows[e.n - 1].id;
	}
	queue_step(q, e);
}

void queue_erased_done(struct queue_token *t, int r)
{
	struct queue *q = token_end(t);

	if (q)
		queue_step(q, (struct outbox_event){.kind = OUTBOX_ERASE_MARKED, .failed = r < 0});
}

/* --- how many wait --- */

void queue_look_soon(struct queue *q)
{
	if (q->looking || q->look_armed)
		return;
	q->look_armed = true;
	loop_timer_set(q->look, QUEUE_LOOK_MS);
}

static void note_water(struct queue *q, int64_t rows)
{
	switch (water_note(&q->water, rows, q->config->high_water)) {
	case WATER_SAME:
		break;
	case WATER_HIGH:
		LOG_ERROR("queue.high_water", LOG_S("redis", q->config->redis.shown), LOG_S("stream", queue_stream(q)),
			  LOG_I("pending", rows), LOG_I("high_water", q->config->high_water),
			  LOG_S("why", "Redis does not take what is found"));
		break;
	case WATER_WELL:
		LOG_INFO("queue.high_water_over", LOG_S("redis", q->config->redis.shown),
			 LOG_S("stream", queue_stream(q)), LOG_I("pending", rows));
		break;
	}
}

/* As long as any wait. */
void queue_look(void *arg)
{
	struct queue *q = arg;

	q->look_armed = false;
	if (outbox_idle(&q->outbox)) {
		note_water(q, 0);
	} else if (!q->looking) {
		q->looking = true;
		q->ops->pending(q->arg, queue_token_new(q));
	}
}

void queue_pending_done(struct queue_token *t, int r, int64_t rows)
{
	struct queue *q = token_end(t);

	if (!q)
		return;
	q->looking = false;
	if (r == 0)
		note_water(q, rows);
	queue_look_soon(q);
}
