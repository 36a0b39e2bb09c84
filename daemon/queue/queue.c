#include "queue/queue.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "queue/behind.h"
#include "queue/config.h"
#include "queue/exchange.h"
#include "queue/outbox.h"
#include "queue/redis.h"
#include "queue/sentinel.h"
#include "queue/upkeep.h"
#include "queue/water.h"

struct queue_token {
	LIST_ENTRY(queue_token) entry;
	struct queue *queue; /* NULL: it is gone */
};

struct queue {
	struct loop *loop;
	const struct queue_config *config;
	const struct queue_ops *ops;
	void *arg;

	struct outbox outbox;
	struct redis *redis;
	struct sentinel *sentinel; /* NULL: the address is the master's */
	struct loop_timer *watch;  /* of what they say while all is well */
	char *master;              /* its host, as they said last; NULL: nothing yet */
	uint16_t master_port;
	struct exchange exchange;
	struct upkeep upkeep; /* in place of the exchange, while outbox.work is WORK_TRIM */
	struct behind *behind;
	uint64_t trimmed;
	char trim_why[QUEUE_ERROR_MAX_BYTES + 1]; /* why it can't be trimmed, as it was logged; "": it can */
	struct loop_timer *timer;
	struct loop_timer *look; /* at how many rows wait */
	bool looking, look_armed;
	struct water water;
	LIST_HEAD(, queue_token) tokens; /* what the log owes */

	char error[QUEUE_ERROR_MAX_BYTES + 1]; /* the last one; "": none */
	char told[QUEUE_ERROR_MAX_BYTES + 1];  /* as it was logged */
	int64_t since_ms;
	struct stream_id last_sent;
	uint64_t sent;
	size_t n_marking; /* rows that the log is marking as sent */
	struct stream_id marking;
};

static struct queue_token *token_new(struct queue *q)
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

static uint32_t random_u32(void)
{
	uint32_t v = 0;

	(void)getrandom(&v, sizeof(v), GRND_NONBLOCK); /* only to spread waits: zero would do */
	return v;
}

/* --- what is told --- */

static void note(struct queue *q, const char *why)
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
		LOG_INFO("queue.connected", LOG_S("redis", q->config->redis.shown), LOG_S("stream", q->config->stream));
		return;
	}
	if (words)
		note(q, words);
	if (was_well)
		q->since_ms = clock_wall_ms();
	if (strcmp(q->error, q->told) == 0)
		return;
	memcpy(q->told, q->error, sizeof(q->told));
	LOG_WARN(events[a->told], LOG_S("redis", q->config->redis.shown), LOG_S("why", q->error),
		 LOG_I("retry_ms", a->wait_ms));
}

/* --- what is done --- */

static void send_commands(struct queue *q, const struct buf *commands)
{
	redis_send(q->redis, commands, q->exchange.n_commands);
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
	cleanup(buf_done) struct buf b = BUF_INIT(EXCHANGE_MAX_BYTES);
	size_t n;

	if (begin)
		upkeep_begin(&q->upkeep, q->config->stream, trim_keep_from(clock_wall_ms(), q->config->keep_ms));
	n = upkeep_next(&q->upkeep, &b);
	redis_send(q->redis, &b, n);
}

static void greet(struct queue *q)
{
	cleanup(buf_done) struct buf b = BUF_INIT(EXCHANGE_MAX_BYTES);

	exchange_greet(&q->exchange, q->config, &b);
	send_commands(q, &b);
}

static void check(struct queue *q, const struct outbox_action *a)
{
	cleanup(buf_done) struct buf b = BUF_INIT(EXCHANGE_MAX_BYTES);

	exchange_check(&q->exchange, q->config->stream, a->ids, a->n, &b);
	send_commands(q, &b);
}

static void mark(struct queue *q, const struct outbox_action *a)
{
	q->n_marking = a->n;
	q->marking = a->ids[a->n - 1];
	q->ops->sent(q->arg, a->ids, a->n, token_new(q));
}

static void rename_rows(struct queue *q, const struct outbox_action *a)
{
	size_t i;

	LOG_LIMITED("queue.new_ids", LOG_I("rows", (int64_t)a->n),
		    LOG_S("why", "the stream holds something else at their ids: is another writer at work, or the log "
				 "an old copy?"));
	for (i = 0; i < a->n; i++)
		q->ops->new_id(q->arg, a->ids[i], a->id, token_new(q));
}

static void send_group(struct queue *q, const struct outbox_action *a, const struct outbox_row *rows)
{
	cleanup(buf_done) struct buf b = BUF_INIT(EXCHANGE_MAX_BYTES);

	exchange_group(&q->exchange, q->config->stream, rows, a->n, &b);
	send_commands(q, &b);
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
		q->ops->rewind(q->arg, a->id, clock_wall_ms() - q->config->rewind_ms, token_new(q));
		break;
	case OUTBOX_GET:
		q->ops->read(q->arg, OUTBOX_GROUP_MAX, token_new(q));
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
	case OUTBOX_TELL:
		tell(q, a);
		break;
	}
}

static void look_soon(struct queue *q)
{
	if (q->looking || q->look_armed)
		return;
	q->look_armed = true;
	loop_timer_set(q->look, QUEUE_LOOK_MS);
}

/* No action calls back from within. */
static void step_with(struct queue *q, struct outbox_event e, const struct outbox_row *rows)
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
		look_soon(q);
	due = outbox_due(&q->outbox);
	if (due == TIME_NONE)
		loop_timer_stop(q->timer);
	else
		loop_timer_set(q->timer, due - now);
}

static void step(struct queue *q, struct outbox_event e)
{
	step_with(q, e, NULL);
}

static void on_timer(void *arg)
{
	step(arg, (struct outbox_event){.kind = OUTBOX_TICK});
}

/* --- what Redis says --- */

static void on_up(void *arg)
{
	step(arg, (struct outbox_event){.kind = OUTBOX_UP});
}

static void on_down(void *arg, const char *why)
{
	struct queue *q = arg;

	note(q, why);
	step(q, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
}

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
		note(q, why);
		step(q, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
	} else if (q->outbox.link == LINK_READY && a && !is_master(q, a)) {
		note(q, "the Sentinels name another master");
		redis_close(q->redis);
		step(q, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_ELSEWHERE});
	}
}

static void on_watch(void *arg)
{
	struct queue *q = arg;

	if (q->outbox.link == LINK_READY)
		sentinel_ask(q->sentinel, q->config, false);
	loop_timer_set(q->watch, QUEUE_WATCH_MS);
}

static void watch_sentinels(struct queue *q)
{
	q->sentinel = sentinel_new(q->loop, on_master, q);
	q->watch = loop_timer_new(q->loop, on_watch, q);
	q->outbox.backoff_max_ms = SENTINEL_AGAIN_MS;
	loop_timer_set(q->watch, QUEUE_WATCH_MS);
}

/* --- what trimming comes to --- */

/* Trimming can wait: an error in it says nothing against sending, but for those that say that it is the wrong server. */
static void end_trim(struct queue *q)
{
	const struct upkeep *u = &q->upkeep;

	if (u->fault == FAULT_ELSEWHERE || u->fault == FAULT_CLUSTER) {
		note(q, u->why);
		step(q, (struct outbox_event){.kind = OUTBOX_FAULT, .fault = u->fault});
		return;
	}
	if (u->fault && strcmp(q->trim_why, u->why) != 0)
		LOG_WARN("queue.not_trimmed", LOG_S("stream", q->config->stream), LOG_S("why", u->why));
	memcpy(q->trim_why, u->why, sizeof(q->trim_why));
	if (!u->fault)
		behind_note(q->behind, q->config->stream, u->groups, u->n_groups, u->keep_from, clock_wall_ms());
	q->trimmed += (uint64_t)u->trimmed;
	if (u->trimmed)
		LOG_INFO("queue.trimmed", LOG_S("stream", q->config->stream), LOG_I("entries", u->trimmed));
	step(q, (struct outbox_event){.kind = OUTBOX_TRIMMED, .more = upkeep_more(u) ? OUTBOX_MORE_SOON : OUTBOX_DONE});
}

static void on_upkeep(struct queue *q, const struct redisReply *reply)
{
	if (!upkeep_reply(&q->upkeep, reply))
		return;
	if (upkeep_ended(&q->upkeep))
		end_trim(q);
	else
		step(q, (struct outbox_event){.kind = OUTBOX_TRIMMED, .more = OUTBOX_ANOTHER_ROUND});
}

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
	if (!exchange_reply(x, reply))
		return;
	e.n = x->n;
	e.fault = x->fault;
	e.id = x->top;
	if (x->fault)
		note(q, x->why);
	if (failed_whole(x, kind))
		e.kind = OUTBOX_FAULT;
	else if (kind == EXCHANGE_GREETING)
		e.kind = OUTBOX_GREETED;
	else if (kind == EXCHANGE_GROUP)
		e.kind = OUTBOX_TAKEN;
	else
		e.kind = OUTBOX_CHECKED;
	step(q, e);
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
	step_with(q, e, rows);
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
	step(q, (struct outbox_event){.kind = OUTBOX_MARKED, .failed = r < 0});
}

void queue_new_id_done(struct queue_token *t, int r, struct stream_id id)
{
	struct queue *q = token_end(t);
	struct outbox_event e = {.kind = OUTBOX_RENAMED, .failed = r < 0 && r != -ENOENT};

	if (!q)
		return;
	if (r == 0)
		e.id = id;
	step(q, e);
}

void queue_rewind_done(struct queue_token *t, int r, size_t set_back, size_t left_before)
{
	struct queue *q = token_end(t);

	if (!q)
		return;
	if (r == 0 && (set_back || left_before))
		LOG_WARN("queue.rewound", LOG_S("stream", q->config->stream), LOG_I("sent_again", (int64_t)set_back),
			 LOG_I("too_old", (int64_t)left_before),
			 LOG_S("why", left_before ? "the stream lacks what it had taken; the older ones are sent by: "
						    "escuchactl outbox requeue"
						  : "the stream lacks what it had taken"));
	step(q, (struct outbox_event){.kind = OUTBOX_REWOUND, .failed = r < 0});
}

/* --- how many wait --- */

static void note_water(struct queue *q, int64_t rows)
{
	switch (water_note(&q->water, rows, q->config->high_water)) {
	case WATER_SAME:
		break;
	case WATER_HIGH:
		LOG_ERROR("queue.high_water", LOG_S("redis", q->config->redis.shown), LOG_I("pending", rows),
			  LOG_I("high_water", q->config->high_water),
			  LOG_S("why", "Redis does not take what is found"));
		break;
	case WATER_WELL:
		LOG_INFO("queue.high_water_over", LOG_S("redis", q->config->redis.shown), LOG_I("pending", rows));
		break;
	}
}

/* As long as any wait. */
static void on_look(void *arg)
{
	struct queue *q = arg;

	q->look_armed = false;
	if (outbox_idle(&q->outbox)) {
		note_water(q, 0);
	} else if (!q->looking) {
		q->looking = true;
		q->ops->pending(q->arg, token_new(q));
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
	look_soon(q);
}

/* --- the queue --- */

struct queue *queue_new(struct loop *l, const struct queue_config *config, const struct queue_ops *ops, void *arg)
{
	static const struct redis_ops redis_ops = {.on_up = on_up, .on_reply = on_reply, .on_down = on_down};
	struct queue *q = NEW(struct queue);

	*q = (struct queue){.loop = l, .config = config, .ops = ops, .arg = arg, .since_ms = clock_wall_ms()};
	LIST_INIT(&q->tokens);
	outbox_init(&q->outbox);
	q->outbox.trim_ms = 0;
	q->behind = behind_new();
	q->redis = redis_new(l, &redis_ops, q);
	q->timer = loop_timer_new(l, on_timer, q);
	q->look = loop_timer_new(l, on_look, q);
	if (config->redis.master)
		watch_sentinels(q);
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
	free(q);
	return NULL;
}

/* What is under way borrows the old configuration. */
static void ask_anew(struct queue *q)
{
	sentinel_stop(q->sentinel);
	if (q->outbox.link != LINK_CONNECTING)
		return;
	redis_close(q->redis);
	sentinel_ask(q->sentinel, q->config, false);
}

void queue_configure(struct queue *q, const struct queue_config *config)
{
	q->config = config;
	if (q->sentinel)
		ask_anew(q);
	step(q, (struct outbox_event){.kind = OUTBOX_RETRY});
}

void queue_poke(struct queue *q)
{
	step(q, (struct outbox_event){.kind = OUTBOX_POKE});
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
		.high_water = q->water.high,
	};
	ret->n_behind = behind_list(q->behind, ret->behind, QUEUE_BEHIND_SHOWN_MAX);
}
