#include "main/app_deliver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alert/notices.h"
#include "alert/rota.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wire.h"
#include "main/app_deliver_inside.h"
#include "main/config_oncall.h"
#include "store/delivery.h"
#include "store/series.h"
#include "store/store.h"

enum {
	SOON_MS = 200, /* hits that come together are read together */
	AGAIN_MS = 5000,
	LOOK_MS = 30000, /* the wall clock may have been set */
	READ_ROWS = 500,
	LAST_ROWS = 10,   /* one would do, but for rows that are damaged */
	KEEP_ROWS = 5000, /* hits that changed nothing are read again by a start, but not more than so many */
};

static void go_on(struct app_deliver *k);

static bool has_cards(const struct config *c)
{
	size_t i;

	for (i = 0; i < c->n_deliver; i++)
		if (c->deliver[i].every == DELIVER_NOW)
			return true;
	return false;
}

/* --- kept --- */

static void on_put(void *arg, int r, const struct notice_row *notices, size_t n)
{
	struct app_deliver *k = arg;
	size_t i;

	k->busy = false;
	if (k->stopped)
		return;
	if (r < 0) { /* the message waits with its words, and nothing else is done before */
		app_log_failed(k->app, "deliver.keep", r);
		loop_timer_set(k->timer, AGAIN_MS);
		return;
	}
	for (i = 0; i < n && k->app->notices; i++)
		if (!notices_post(k->app->notices, &notices[i]))
			LOG_WARN("deliver.waits", LOG_S("person", notices[i].person)); /* a start finds it in the log */
	if (k->job) {
		deliver_job_free(k->job);
		k->job = NULL;
	}
	go_on(k);
}

static void put(struct app_deliver *k)
{
	cleanup(buf_done) struct buf b = BUF_INIT(STORE_DELIVERY_KEPT_MAX_BYTES);
	const bool sends = k->job && k->job->has_row;

	deliver_put(k->state, &b);
	k->busy = true;
	k->changed = false;
	k->n_read = 0;
	store_delivery_put(k->app->store, &(struct store_delivery){.read = k->read, .kept = buf_str(&b), .len = b.len},
			   sends ? &k->job->row : NULL, sends, on_put, k);
}

void deliver_made(struct deliver_job *job)
{
	struct app_deliver *k = job->all;

	k->busy = false;
	if (job->has_row)
		LOG_INFO("deliver.send", LOG_S("delivery", job->delivery), LOG_S("person", job->person),
			 LOG_I("mentions", (int64_t)job->n_cards), LOG_S("key", job->row.key));
	put(k);
}

/* --- hits --- */

static void on_said(void *arg, int r, const struct mention *const *v, size_t n, struct stream_id last)
{
	struct app_deliver *k = arg;
	size_t i;

	k->busy = false;
	if (k->stopped)
		return;
	if (r < 0) {
		app_log_failed(k->app, "deliver.said", r);
		loop_timer_set(k->timer, AGAIN_MS);
		return;
	}
	for (i = 0; i < n; i++)
		k->changed = deliver_hit(k->state, v[i], clock_wall_ms()) || k->changed;
	k->n_read += n;
	if (stream_id_cmp(last, k->read) == 0)
		k->more = false;
	k->read = last;
	go_on(k);
}

static void read_on(struct app_deliver *k)
{
	k->busy = true;
	store_said(k->app->store, k->read, READ_ROWS, on_said, k);
}

void app_deliver_poke(struct app_deliver *k, struct stream_id last)
{
	if (!k || !k->known || k->stopped)
		return;
	if (!has_cards(k->app->config)) { /* a digest reads the log itself */
		k->read = stream_id_cmp(last, k->read) > 0 && !k->more && !k->busy ? last : k->read;
		return;
	}
	if (!k->more && !k->busy)
		loop_timer_set(k->timer, SOON_MS);
	k->more = true;
}

/* --- one thing at a time --- */

static bool begin(struct app_deliver *k)
{
	struct deliver_send send;

	if (!deliver_due(k->state, clock_wall_ms(), &send))
		return false;
	k->job = NEW(struct deliver_job);
	k->job->app = k->app;
	k->job->all = k;
	k->job->send = send;
	k->job->arena = arena_new(8 << 20);
	snprintf(k->job->delivery, sizeof(k->job->delivery), "%s", send.delivery->name);
	snprintf(k->job->person, sizeof(k->job->person), "%s", send.person->name);
	k->busy = true;
	deliver_make(k->job);
	return true;
}

static void wait_for_next(struct app_deliver *k)
{
	int64_t next_ms = deliver_next(k->state), ms = LOOK_MS;

	if (next_ms != TIME_NONE && next_ms - clock_wall_ms() < ms)
		ms = next_ms > clock_wall_ms() ? next_ms - clock_wall_ms() : 0;
	loop_timer_set(k->timer, ms);
}

static void go_on(struct app_deliver *k)
{
	if (!k->known || k->busy || k->stopped)
		return;
	if (k->job) /* made, and not kept yet */
		put(k);
	else if (k->more)
		read_on(k);
	else if (begin(k))
		return;
	else if (k->changed || k->n_read >= KEEP_ROWS)
		put(k);
	else
		wait_for_next(k);
}

static void on_timer(void *arg)
{
	go_on(arg);
}

/* --- a start --- */

static void configure(struct app_deliver *k)
{
	const struct config *c = k->app->config;

	rotas_free(k->rotas);
	k->rotas = config_rotas(c);
	deliver_configure(k->state,
			  &(struct deliver_setup){.v = c->deliver,
						  .n = c->n_deliver,
						  .rotas = k->rotas,
						  .people = c->people,
						  .n_people = c->n_people,
						  .timezone = c->timezone},
			  clock_wall_ms());
}

static void is_known(struct app_deliver *k)
{
	k->known = true;
	k->more = has_cards(k->app->config);
	go_on(k);
}

/* Nothing was ever delivered: what is there already is no news. */
static void on_last(void *arg, int r, const struct store_row *rows, size_t n)
{
	struct app_deliver *k = arg;

	k->busy = false;
	if (k->stopped)
		return;
	if (r < 0)
		app_log_failed(k->app, "deliver.last", r);
	if (n)
		k->read = rows[n - 1].id;
	k->changed = r == 0;
	is_known(k);
}

static void on_found(void *arg, int r, const struct store_delivery *found)
{
	const struct store_hits_filter newest = {.limit = LAST_ROWS};
	struct app_deliver *k = arg;
	struct wire_in in;

	k->busy = false;
	if (k->stopped)
		return;
	if (r < 0)
		app_log_failed(k->app, "deliver.found", r);
	if (!found) {
		k->busy = true;
		store_hits(k->app->store, &newest, on_last, k);
		return;
	}
	in = (struct wire_in)WIRE_IN((const char *)found->kept, found->len);
	if (deliver_get(k->state, &in, clock_wall_ms()) != 0)
		LOG_WARN("deliver.unreadable", LOG_I("bytes", (int64_t)found->len));
	k->read = found->read;
	is_known(k);
}

struct app_deliver *app_deliver_new(struct app *a)
{
	struct app_deliver *k = NEW(struct app_deliver);

	k->app = a;
	k->state = deliver_new();
	k->timer = loop_timer_new(a->loop, on_timer, k);
	configure(k);
	k->busy = true;
	store_delivery(a->store, on_found, k);
	return k;
}

void app_deliver_configure(struct app_deliver *k)
{
	size_t i;

	configure(k);
	if (k->job)
		deliver_job_configure(k->job);
	for (i = 0; i < k->n_looks; i++)
		deliver_job_configure(k->looks[i]);
	k->more = k->more || (k->known && has_cards(k->app->config));
	if (k->known && !k->busy)
		loop_timer_set(k->timer, 0);
}

void app_deliver_stop(struct app_deliver *k)
{
	if (k)
		k->stopped = true;
}

struct app_deliver *app_deliver_free(struct app_deliver *k)
{
	if (!k)
		return NULL;
	if (k->job)
		deliver_job_free(k->job);
	deliver_free(k->state);
	rotas_free(k->rotas);
	loop_timer_free(k->timer);
	free(k);
	return NULL;
}
