/* Troubles that their own rooms only log or show: Redis that takes nothing, an outbox that grows, jobs that no reader
 * survives, a database that was replaced or has damaged rows. Looked for now and then, and told to whoever runs escuchad:
 * once, each day while it lasts, when it is over. */
#include <stdio.h>
#include <string.h>

#include "alert/canary.h"
#include "base/clock.h"
#include "base/hash.h"
#include "main/app_inside.h"
#include "main/app_quiet.h"
#include "main/source_why.h"
#include "main/telling.h"
#include "pool/pool.h"
#include "queue/queue.h"
#include "store/store.h"

enum { LOOK_MS = 10 * 1000, CERTAIN_MS = 60 * 1000 /* a Redis that is started anew is no trouble */ };

/* What state a trouble that is there, or is not, is to be told in; -1: none. */
static int state_of(struct app_trouble_one *t, bool there)
{
	int64_t now_ms = clock_steady_ms();

	if (there && !t->told_ms) {
		t->since_ms = clock_wall_ms();
		t->told_ms = now_ms;
		return TELLING_BEGINS;
	}
	if (there && now_ms - t->told_ms >= DAY_MS) {
		t->told_ms = now_ms;
		return TELLING_LASTS;
	}
	if (there || !t->told_ms)
		return -1;
	t->told_ms = 0;
	return TELLING_OVER;
}

/* is: kind and words of it while it lasts; was: the words when it is over. */
static void look_one(struct app *a, struct app_trouble_one *t, bool there, const struct telling *is, enum text_id was)
{
	struct telling told = *is;
	int state = state_of(t, there);

	if (state < 0)
		return;
	told.state = (enum telling_state)state;
	told.since_ms = t->since_ms;
	told.until_ms = TIME_NONE;
	if (state == TELLING_OVER) {
		told.until_ms = clock_wall_ms();
		told.text = was;
		told.why = told.detail = NULL;
	}
	app_tell_operators(a, &told);
}

static void look_queue(struct app *a)
{
	struct queue_status q = {.connected = true};
	char high[24] = "";
	bool refuses;

	if (app_queues_on(a)) {
		app_queues_status(a, &q);
		snprintf(high, sizeof(high), "%lld", (long long)a->config->queue->high_water);
	}
	refuses = !q.connected && q.error && clock_wall_ms() - q.since_ms >= CERTAIN_MS;
	look_one(a, &a->trouble.refuses, refuses || (a->trouble.refuses.told_ms && !q.connected),
		 &(struct telling){
			 .kind = "queue_refuses", .text = TEXT_TELL_QUEUE_REFUSES, .why = "redis", .detail = q.error},
		 TEXT_TELL_QUEUE_TAKES);
	look_one(a, &a->trouble.high, q.high_water,
		 &(struct telling){.kind = "queue_high", .text = TEXT_TELL_QUEUE_HIGH, .args = TEXT_ARGS(high)},
		 TEXT_TELL_QUEUE_LOW);
}

static void on_status(void *arg, int r, const struct store_status *log)
{
	struct app *a = arg;
	char rows[24];

	if (r < 0)
		return; /* who asks the log for what matters is told */
	if (log->recreated && !a->trouble.replaced)
		app_tell_operators(a, &(struct telling){.kind = "log_replaced",
							.state = TELLING_HAPPENED,
							.since_ms = a->started_ms,
							.until_ms = TIME_NONE,
							.text = TEXT_TELL_LOG_REPLACED});
	a->trouble.replaced = log->recreated;
	snprintf(rows, sizeof(rows), "%lld", (long long)(log->set_aside + log->incidents.set_aside));
	look_one(a, &a->trouble.damaged, log->set_aside + log->incidents.set_aside > 0,
		 &(struct telling){.kind = "hits_damaged", .text = TEXT_TELL_LOG_DAMAGED, .args = TEXT_ARGS(rows)},
		 TEXT_TELL_LOG_MENDED);
}

static void look(void *arg)
{
	struct app *a = arg;

	look_queue(a);
	app_quiet_look(a->quiet);
	store_status(a->store, on_status, a);
	loop_timer_set(a->trouble.timer, LOOK_MS);
}

void app_trouble_start(struct app *a)
{
	if (a->once)
		return;
	a->trouble.timer = loop_timer_new(a->loop, look, a);
	loop_timer_set(a->trouble.timer, 0);
}

void app_trouble_stop(struct app *a)
{
	a->trouble.timer = loop_timer_free(a->trouble.timer);
}

/* A source may bring one with every poll: it is told once a day. By a hash; two that share a place are told more often. */
static bool told_today(struct app *a, const char *source)
{
	const struct hash_part part = {source, strlen(source)};
	uint64_t hash = hash_u64(&part, 1);
	struct app_trouble_seen *seen = &a->trouble.seen[hash % ARRAY_LEN(a->trouble.seen)];
	int64_t now_ms = clock_steady_ms();

	if (seen->hash == hash && now_ms - seen->told_ms < DAY_MS)
		return true;
	*seen = (struct app_trouble_seen){hash, now_ms};
	return false;
}

void app_trouble_textless(struct app *a, const char *source)
{
	if (a->once || told_today(a, source))
		return;
	app_tell_operators(a, &(struct telling){.kind = "textless",
						.subject = source,
						.state = TELLING_HAPPENED,
						.since_ms = clock_wall_ms(),
						.until_ms = TIME_NONE,
						.text = TEXT_TELL_TEXTLESS,
						.args = TEXT_ARGS(source)});
}

void app_trouble_event(void *arg, const struct pool_event *e)
{
	const char *source = e->source ? e->source : "-";
	struct app *a = arg;

	if (a->once)
		app_once_fell(a, e);
	if (e->kind != POOL_JOB_SET_ASIDE || a->once || strcmp(source, CANARY_TOPIC) == 0 || told_today(a, source))
		return;
	app_tell_operators(a, &(struct telling){.kind = "set_aside",
						.subject = source,
						.state = TELLING_HAPPENED,
						.since_ms = clock_wall_ms(),
						.until_ms = TIME_NONE,
						.text = TEXT_TELL_SET_ASIDE,
						.args = TEXT_ARGS(source, e->why ? e->why : "-")});
}
