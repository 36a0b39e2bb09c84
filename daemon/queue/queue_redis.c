/* queue/queue_redis: what Redis and the Sentinels say, as the outbox understands it (queue/queue.h). */
#include "queue/queue_inside.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "queue/behind.h"
#include "queue/config.h"
#include "queue/redis.h"
#include "queue/sentinel.h"

/* --- what Redis says --- */

static void on_up(void *arg)
{
	queue_step(arg, (struct outbox_event){.kind = OUTBOX_UP});
}

static void on_down(void *arg, const char *why)
{
	struct queue *q = arg;

	queue_note(q, why);
	queue_step(q, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
}

/* --- what trimming comes to --- */

/* Trimming can wait: an error in it says nothing against sending, but for those that say that it is the wrong server. */
static void end_trim(struct queue *q)
{
	const struct upkeep *u = &q->upkeep;

	if (u->fault == FAULT_ELSEWHERE || u->fault == FAULT_CLUSTER) {
		queue_note(q, u->why);
		queue_step(q, (struct outbox_event){.kind = OUTBOX_FAULT, .fault = u->fault});
		return;
	}
	if (u->fault && strcmp(q->trim_why, u->why) != 0)
		LOG_WARN("queue.not_trimmed", LOG_S("stream", queue_stream(q)), LOG_S("why", u->why));
	memcpy(q->trim_why, u->why, sizeof(q->trim_why));
	if (!u->fault)
		behind_note(q->behind, queue_stream(q), u->groups, u->n_groups, u->keep_from, clock_wall_ms());
	q->trimmed += (uint64_t)u->trimmed;
	if (u->trimmed)
		LOG_INFO("queue.trimmed", LOG_S("stream", queue_stream(q)), LOG_I("entries", u->trimmed));
	queue_step(q, (struct outbox_event){.kind = OUTBOX_TRIMMED,
					    .more = upkeep_more(u) ? OUTBOX_MORE_SOON : OUTBOX_DONE});
}

static void on_upkeep(struct queue *q, const struct redisReply *reply)
{
	if (!upkeep_reply(&q->upkeep, reply))
		return;
	if (upkeep_ended(&q->upkeep))
		end_trim(q);
	else
		queue_step(q, (struct outbox_event){.kind = OUTBOX_TRIMMED, .more = OUTBOX_ANOTHER_ROUND});
}

/* --- what deleting comes to --- */

/* Nor does an error in this. */
static void end_erase(struct queue *q)
{
	const struct erase *e = &q->erase;

	if (e->fault == FAULT_ELSEWHERE || e->fault == FAULT_CLUSTER) {
		queue_note(q, e->why);
		queue_step(q, (struct outbox_event){.kind = OUTBOX_FAULT, .fault = e->fault});
		return;
	}
	if (e->fault && strcmp(q->erase_why, e->why) != 0)
		LOG_WARN("queue.not_erased", LOG_S("stream", queue_stream(q)), LOG_S("why", e->why));
	memcpy(q->erase_why, e->why, sizeof(q->erase_why));
	q->erased += (uint64_t)e->deleted;
	if (e->deleted)
		LOG_INFO("queue.erased", LOG_S("stream", queue_stream(q)), LOG_I("entries", e->deleted));
	queue_step(q, (struct outbox_event){.kind = OUTBOX_ERASED, .failed = e->fault != FAULT_NONE});
}

static void on_erase(struct queue *q, const struct redisReply *reply)
{
	if (!erase_reply(&q->erase, reply))
		return;
	if (erase_ended(&q->erase))
		end_erase(q);
	else
		queue_step(q, (struct outbox_event){.kind = OUTBOX_ERASED, .more = OUTBOX_ANOTHER_ROUND});
}

/* --- what sending comes to --- */

/* Some rows may be in although others failed: then it is no fault of the whole. */
static bool failed_whole(const struct exchange *x, enum exchange_kind kind)
{
	size_t i;

	for (i = 0; kind == EXCHANGE_GROUP && i < x->n; i++) {
		if (x->fates[i] != OUTBOX_FAILED)
			return false;
	}
	return x->fault != FAULT_NONE;
}

static void on_reply(void *arg, const struct redisReply *reply)
{
	struct queue *q = arg;
	struct exchange *x = &q->exchange;
	const enum exchange_kind kind = x->kind;
	struct outbox_event e = {.fates = x->fates};

	if (q->outbox.work == WORK_TRIM) {
		on_upkeep(q, reply);
		return;
	}
	if (q->outbox.work == WORK_ERASE) {
		on_erase(q, reply);
		return;
	}
	if (!exchange_reply(x, reply))
		return;
	e.n = x->n;
	e.fault = x->fault;
	e.id = x->top;
	if (x->fault)
		queue_note(q, x->why);
	if (failed_whole(x, kind))
		e.kind = OUTBOX_FAULT;
	else if (kind == EXCHANGE_GREETING)
		e.kind = OUTBOX_GREETED;
	else if (kind == EXCHANGE_GROUP)
		e.kind = OUTBOX_TAKEN;
	else
		e.kind = OUTBOX_CHECKED;
	queue_step(q, e);
}

const struct redis_ops queue_redis_ops = {.on_up = on_up, .on_reply = on_reply, .on_down = on_down};

/* --- what the Sentinels say --- */

static bool is_master(const struct queue *q, const struct redis_address *a)
{
	return q->master && q->master_port == a->port && strcmp(q->master, a->host) == 0;
}

static void connect_master(struct queue *q, const struct redis_address *a)
{
	if (!is_master(q, a)) {
		free(q->master);
		q->master = xstrdup(a->host);
		q->master_port = a->port;
		LOG_INFO("queue.master", LOG_S("redis", q->config->redis.shown), LOG_S("host", a->host),
			 LOG_I("port", a->port));
	}
	redis_open(q->redis, a);
}

/* Asked for a connection, or, while there is one, whether it is the right one still: a master that was cut off from the
 * others answers on, and forgets all of it when it finds back to them as a replica (FAULTS R4). */
static void on_master(void *arg, const struct redis_address *a, const char *why)
{
	struct queue *q = arg;

	if (q->outbox.link == LINK_CONNECTING && a) {
		connect_master(q, a);
	} else if (q->outbox.link == LINK_CONNECTING) {
		queue_note(q, why);
		queue_step(q, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
	} else if (q->outbox.link == LINK_READY && a && !is_master(q, a)) {
		queue_note(q, "the Sentinels name another master");
		redis_close(q->redis);
		queue_step(q, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_ELSEWHERE});
	}
}

static void on_watch(void *arg)
{
	struct queue *q = arg;

	if (q->outbox.link == LINK_READY)
		sentinel_ask(q->sentinel, q->config, false);
	loop_timer_set(q->watch, QUEUE_WATCH_MS);
}

void queue_watch_sentinels(struct queue *q)
{
	q->sentinel = sentinel_new(q->loop, on_master, q);
	q->watch = loop_timer_new(q->loop, on_watch, q);
	q->outbox.backoff_max_ms = SENTINEL_AGAIN_MS;
	loop_timer_set(q->watch, QUEUE_WATCH_MS);
}

/* What is under way borrows the old configuration. */
void queue_ask_sentinels_anew(struct queue *q)
{
	sentinel_stop(q->sentinel);
	if (q->outbox.link != LINK_CONNECTING)
		return;
	redis_close(q->redis);
	sentinel_ask(q->sentinel, q->config, false);
}
