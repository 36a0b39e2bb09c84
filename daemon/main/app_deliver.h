#pragma once
/*
 * main/app_deliver: deliveries (alert/deliver), wired to the log, the clock, the configuration and the API: hits are read behind a
 * mark of their own, stepped, and what is to be sent is made of what the log has now; state, mark and messages are kept in one
 * transaction; only then do they leave (alert/notices).
 *
 *   app_deliver        the state: a start, a reload, hits, the clock, one thing at a time
 *   app_deliver_make   a message: its mentions or its days are asked for and put into words
 *
 * Owner:  app; NULL with --once. Stopped before the log, freed after it, which still answers. Blocks: app_deliver_configure() reads
 *         files of time zones.
 * Bounds: one message is made at a time, and APP_DELIVER_ASKED_MAX for who asks for a look at one.
 */
#include <stdint.h>

#include "base/err.h"
#include "mention/outbox_row.h"

struct app;
struct app_deliver;
struct reply;

enum { APP_DELIVER_ASKED_MAX = 8 };

struct app_deliver *app_deliver_new(struct app *a) must_use;
struct app_deliver *app_deliver_free(struct app_deliver *k); /* NULL is fine; returns NULL */
void app_deliver_stop(struct app_deliver *k);                /* the end: what the log still answers is passed over */
void app_deliver_configure(struct app_deliver *k);           /* a->config is another one */
void app_deliver_poke(struct app_deliver *k, struct stream_id last); /* hits were committed, up to this one */

/* Op of serve: the digest that a person, or whoever reads of a topic, would get now. back_ms TIME_NONE: of a day. */
void app_deliver_ask(void *arg, const char *name, int64_t back_ms, struct reply *reply);
