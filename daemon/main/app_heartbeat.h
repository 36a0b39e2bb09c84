#pragma once
/*
 * main/app_heartbeat: a sign of life to an address of the configuration, for whoever watches from outside: every so often, and only while
 * alert/heartbeat finds nothing that would keep a crisis from being told. What is wrong there is logged, and looked at again after
 * HEARTBEAT_AGAIN_MS; a sign that did not arrive is sent again as soon.
 *
 * Owner:  app; NULL with --once. Freed before fetch. Blocks: never.
 */
#include "base/clock.h"
#include "base/err.h"

struct app;
struct app_heartbeat;

#define HEARTBEAT_AGAIN_MS (15 * SECOND_MS)

struct app_heartbeat *app_heartbeat_new(struct app *a) must_use;
struct app_heartbeat *app_heartbeat_free(struct app_heartbeat *h); /* NULL is fine; returns NULL */
void app_heartbeat_configure(struct app_heartbeat *h);             /* a->config is another one */
