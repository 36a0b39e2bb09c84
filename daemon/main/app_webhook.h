#pragma once
/*
 * main/app_webhook: what platforms send by themselves: from serve's /in/NAME through the judgement of platform/hook into the log's
 * inbox, and from there to the source, which reads it.
 *
 * The sender hears 200 once it is on the disk, or was before. All else is told (rate-limited) and counted:
 * escuchad_webhooks_total{result}.
 *
 * Owner: app. Blocks: never. Bound: each source takes WEBHOOK_BURST at once, and then one each WEBHOOK_REGAIN_MS; what is not signed
 * as it should be counts as nothing there, so that strangers can't shut out whom they can't imitate.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct app;
struct app_webhooks;
struct diag;
struct config;
struct reply;
struct serve_hook;

enum { WEBHOOK_BURST = 600, WEBHOOK_REGAIN_MS = 50 /* 20 a second */ };

void app_webhook_configure(struct app *a);                                            /* a->config is another one */
struct app_webhooks *app_webhooks_free(struct app_webhooks *all);                     /* NULL is fine; returns NULL */
void app_webhook_take(void *arg, const struct serve_hook *hook, struct reply *reply); /* serve_ops */

/* For --check: sources that nothing can reach, since nothing listens. */
void app_webhook_check(const struct config *c, struct diag *d);
