#pragma once
/*
 * main/app_canary: once a day a mention that nobody wrote goes the way of all others, and operators hear of it only where it gets stuck, and
 * when it comes through again (alert/canary decides).
 *
 *   app_canary       when; what is told and kept; who asks
 *   app_canary_way   the stages
 *
 * It goes the true way without being seen on it: a feed of our own making through a reader and the rules in use, at its place among
 * feeds; the thread that commits mentions, and back; a detector and an escalation of its own, by the configuration as it is at that moment; and each
 * channel by which somebody is reached, up to the connection and the login. It is in no count, story, list or stream, opens no crisis, and
 * nobody gets a message. Of Redis it is asked that everything which was committed before it has gone out: an entry of its own would reach workers.
 *
 * Owner:  app; NULL with --once. Freed behind the readers and notices, before the log. Blocks: app_canary_configure() reads the file of a time zone.
 * Bounds: CANARY_REPLIES_MAX ask at once.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct app;
struct app_canary;
struct json;
struct reply;

enum { CANARY_REPLIES_MAX = 8 };

struct app_canary *app_canary_new(struct app *a) must_use;
struct app_canary *app_canary_free(struct app_canary *k); /* NULL is fine; returns NULL */
void app_canary_configure(struct app_canary *k);          /* a->config is another one */

void app_canary_status(const struct app *a, struct json *j); /* "canary" */
/* It got stuck where no crisis would be told: whoever watches from outside is to be alarmed. */
bool app_canary_holds(const struct app *a);

/* Of serve_ops: now; patience_ms: of each stage, 0: their own. Answers how it went. */
void app_canary_ask(void *arg, int64_t patience_ms, struct reply *reply);
