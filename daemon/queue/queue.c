#include "queue/queue_inside.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "queue/behind.h"
#include "queue/config.h"
#include "queue/redis.h"
#include "queue/sentinel.h"

static uint32_t random_u32(void)
{
	uint32_t v = 0;

	(void)getrandom(&v, sizeof(v), GRND_NONBLOCK); /* only to spread waits: zero would do */
	return v;
}

/* --- what is told --- */

const char *queue_stream(const struct queue *q)
{
	return q->which == OUTBOX_HITS ? q->config->stream : q->config->incidents;
}

void queue_note(struct queue *q, const char *why)
{
	exchange_why(q->error, why, strlen(why));
}

/* Faults that Redis has no words for, or none that help. */
static const char *words_of(enum outbox_told told, enum fault fault)
{
	if (told == OUTBOX_AHEAD)
		return "the stream's last id is larger than any that may come after it";
	if (fault == FAULT_UNREACHED)
		return "no connection in time";
	if (fault == FAULT_LATE)
		return "no answer in time";
	if (fault == FAULT_CLUSTER)
		return "Redis Cluster is not supported: a single server is wanted";
	return NULL;
}

/* Once, until it changes: the connection is sought every 30 s for as long as it takes. */
static void tell(struct queue *q, const struct outbox_action *a)
{
	static const char *const events[] = {
		[OUTBOX_AWAY] = "queue.away", [OUTBOX_HELD] = "queue.held", [OUTBOX_AHEAD] = "queue.stream_ahead"};
	const char *words = words_of(a->told, a->fault);
	bool was_well = !q->told[0];

	if (a->told == OUTBOX_WELL) {
		q->error[0] = q->told[0] = '\0';
		q->since_ms = clock_wall_ms();
		LOG_INFO("queue.connected", LOG_S("redis", q->config->redis.shown), LOG_S("stream", queue_stream(q)));
		return;
	}
	if (words)
		queue_note(q, words);
	if (was_well)
		q->since_ms = clock_wall_ms();
	if (strcmp(q->error, q->told) == 0)
		return;
	memcpy(q->told, q->error, sizeof(q->told));
	LOG_WARN(events[a->told], LOG_S("redis", q->config->redis.shown), LOG_S("stream", queue_stream(q)),
		 LOG_S("why", q->error), LOG_I("retry_ms", a->wait_ms));
}

/* --- what is done --- */

static void send_commands(struct queue *q)
{
	redis_send(q->redis, &q->out, q->exchange.n_commands);
}

static void open_redis(struct queue *q)
{
	if (q->sentinel)
		sentinel_ask(q->sentinel, q->config, q->outbox.failures > 0);
	else
		redis_open(q->redis, &q->config->redis);
}

static void close_redis(struct queue *q)
{
	if (q->sentinel)
		sentinel_stop(q->sentinel);
	redis_close(q->redis);
}

static void trim(struct queue *q, bool begin)
{
	size_t n;

	if (begin)
		upkeep_begin(&q->upkeep, queue_stream(q), trim_keep_from(clock_wall_ms(), q->config->keep_ms));
	n = upkeep_next(&q->upkeep, &q->out);
	redis_send(q->redis, &q->out, n);
}

static void erase(struct queue *q)
{
	redis_send(q->redis, &q->out, erase_next(&q->erase, &q->out));
}

static void greet(struct queue *q)
{
	exchange_greet(&q->exchange, q->config, queue_stream(q), &q->out);
	send_commands(q);
}

static void check(struct queue *q, const struct outbox_action *a)
{
	exchange_check(&q->exchange, queue_stream(q), a->ids, a->n, &q->out);
	send_commands(q);
}

static void mark(struct queue *q, const struct outbox_action *a)
{
	q->n_marking = a->n;
	q->marking = a->ids[a->n - 1];
	q->ops->sent(q->arg, a->ids, a->n, queue_token_new(q));
}

static void rename_rows(struct queue *q, const struct outbox_action *a)
{
	size_t i;

	LOG_LIMITED("queue.new_ids", LOG_S("stream", queue_stream(q)), LOG_I("rows", (int64_t)a->n),
		    LOG_S("why", "the stream holds something else at their ids: is another writer at work, or the log "
				 "an old copy?"));
	for (i = 0; i < a->n; i++)
		q->ops->new_id(q->arg, a->ids[i], a->id, queue_token_new(q));
}

static void send_group(struct queue *q, const struct outbox_action *a, const struct outbox_row *rows)
{
	exchange_group(&q->exchange, queue_stream(q), rows, a->n, &q->out);
	send_commands(q);
}

/* rows: those that the log has just read. */
static void perform(struct queue *q, const struct outbox_action *a, const struct outbox_row *rows)
{
	switch (a->kind) {
	case OUTBOX_CONNECT:
		open_redis(q);
		break;
	case OUTBOX_CLOSE:
		close_redis(q);
		break;
	case OUTBOX_GREET:
		greet(q);
		break;
	case OUTBOX_REWIND:
		q->ops->rewind(q->arg, a->id, clock_wall_ms() - q->config->rewind_ms, queue_token_new(q));
		break;
	case OUTBOX_GET:
		q->ops->read(q->arg, a->id, OUTBOX_GROUP_MAX, queue_token_new(q));
		break;
	case OUTBOX_SEND:
		send_group(q, a, rows);
		break;
	case OUTBOX_CHECK:
		check(q, a);
		break;
	case OUTBOX_MARK:
		mark(q, a);
		break;
	case OUTBOX_RENAME:
		rename_rows(q, a);
		break;
	case OUTBOX_TRIM:
		trim(q, a->begin);
		break;
	case OUTBOX_ERASE_GET:
		q->ops->erase_read(q->arg, a->id, a->begin, OUTBOX_GROUP_MAX, queue_token_new(q));
		break;
	case OUTBOX_ERASE:
		erase(q);
		break;
	case OUTBOX_ERASE_MARK:
		q->ops->erased(q->arg, q->erase.rows, q->erase.n, queue_token_new(q));
		break;
	case OUTBOX_TELL:
		tell(q, a);
		break;
	}
}

void queue_step_with(struct queue *q, struct outbox_event e, const struct outbox_row *rows)
{
	const int64_t now = clock_steady_ms();
	struct outbox_actions actions;
	int64_t due;
	size_t i;

	e.random = random_u32();
	actions = outbox_step(&q->outbox, &e, now);
	for (i = 0; i < actions.n; i++)
		perform(q, &actions.v[i], rows);
	if (!outbox_idle(&q->outbox))
		queue_look_soon(q);
	due = outbox_due(&q->outbox);
	if (due == TIME_NONE)
		loop_timer_stop(q->timer);
	else
		loop_timer_set(q->timer, due - now);
}

void queue_step(struct queue *q, struct outbox_event e)
{
	queue_step_with(q, e, NULL);
}

static void on_timer(void *arg)
{
	queue_step(arg, (struct outbox_event){.kind = OUTBOX_TICK});
}

/* --- the queue --- */

struct queue *queue_new(struct loop *l, const struct queue_config *config, enum outbox_stream which,
			const struct queue_ops *ops, void *arg)
{
	struct queue *q = NEW(struct queue);

	*q = (struct queue){
		.loop = l, .config = config, .which = which, .ops = ops, .arg = arg, .since_ms = clock_wall_ms()};
	LIST_INIT(&q->tokens);
	outbox_init(&q->outbox);
	buf_init(&q->out, EXCHANGE_MAX_BYTES);
	q->outbox.trim_ms = 0;
	q->outbox.erases = true;
	q->behind = behind_new();
	q->redis = redis_new(l, &queue_redis_ops, q);
	q->timer = loop_timer_new(l, on_timer, q);
	q->look = loop_timer_new(l, queue_look, q);
	if (config->redis.master)
		queue_watch_sentinels(q);
	loop_timer_set(q->timer, 0);
	return q;
}

struct queue *queue_free(struct queue *q)
{
	struct queue_token *t;

	if (!q)
		return NULL;
	LIST_FOREACH(t, &q->tokens, entry)
	t->queue = NULL;
	redis_free(q->redis);
	sentinel_free(q->sentinel);
	if (q->watch)
		loop_timer_free(q->watch);
	free(q->master);
	loop_timer_free(q->timer);
	loop_timer_free(q->look);
	behind_free(q->behind);
	buf_done(&q->out);
	free(q);
	return NULL;
}

void queue_configure(struct queue *q, const struct queue_config *config)
{
	q->config = config;
	if (q->sentinel)
		queue_ask_sentinels_anew(q);
	queue_step(q, (struct outbox_event){.kind = OUTBOX_RETRY});
}

void queue_poke(struct queue *q)
{
	queue_step(q, (struct outbox_event){.kind = OUTBOX_POKE});
}

void queue_erase(struct queue *q)
{
	queue_step(q, (struct outbox_event){.kind = OUTBOX_ERASE_ASKED});
}

bool queue_idle(const struct queue *q)
{
	return outbox_idle(&q->outbox);
}

void queue_status(const struct queue *q, struct queue_status *ret)
{
	*ret = (struct queue_status){
		.connected = q->outbox.well,
		.error = q->error[0] ? q->error : NULL,
		.since_ms = q->since_ms,
		.last_sent = q->last_sent,
		.sent = q->sent,
		.trimmed = q->trimmed,
		.erased = q->erased,
		.high_water = q->water.high,
	};
	ret->n_behind = behind_list(q->behind, ret->behind, QUEUE_BEHIND_SHOWN_MAX);
}
