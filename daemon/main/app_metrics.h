#pragma once
/*
 * main/app_metrics: what escuchad counts of itself, and whether it is ready: /metrics, /readyz.
 *
 * Counters are kept as things happen; what stands elsewhere already (the log's rows, the sources' states) is read at each
 * scrape. The names are a promise: alert rules and dashboards (conf/escuchad.rules.yml, conf/dashboard.json) rest on them.
 *
 * Owner: app. Blocks: never; a scrape asks the log, and is answered without it where the log can't say.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer_limit;
struct app;
struct app_metrics;
struct poll_report;
struct poll_result;
struct reply;
struct source_status;

struct app_metrics *app_metrics_new(struct app *a);
struct app_metrics *app_metrics_free(struct app_metrics *m); /* NULL is fine; returns NULL */

void app_metrics_poll(struct app_metrics *m, const struct source_status *source, const struct poll_report *report);
void app_metrics_hits(struct app_metrics *m, const struct poll_result *committed);
void app_metrics_notice(struct app_metrics *m, const char *channel, const char *result);
void app_metrics_webhook(struct app_metrics *m, const char *result);
void app_metrics_limit(struct app_metrics *m, const struct answer_limit *limit);
void app_metrics_reload(struct app_metrics *m, bool done);
void app_metrics_log(struct app_metrics *m, int r); /* what a write came to: 0, or -errno */
void app_metrics_inspected(struct app_metrics *m, bool damaged); /* the whole log was looked at; newly found */
int64_t app_metrics_lag_us(struct app_metrics *m);  /* the loop's, the longest since this was last asked */
int64_t app_metrics_busy_us(struct app_metrics *m); /* the same in CPU time */

/* serve_ops */
void app_metrics_answer(void *arg, const char *route, int status);
void app_metrics_ask(void *arg, struct reply *reply);
void app_metrics_ready(void *arg, struct reply *reply);
