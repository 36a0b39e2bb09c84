#pragma once
/*
 * main/app_series: what is said of each topic over time (stats/topic), between the log and the clock: it learns anew at a start
 * what the log has, takes hits as they are committed, closes the bins, keeps what was learnt.
 *
 * Owner:  app; NULL with --once. Stopped after sources, freed after the log, which still answers. Blocks: app_series_new() reads the file of a time zone.
 */
#include <stdbool.h>

#include "base/err.h"

struct app;
struct app_series;
struct poll_result;
struct reply;
struct topic;

/* Reads what the log has; app_series_known() is true, and on_known() called, when it is learnt: nothing is committed before. */
struct app_series *app_series_new(struct app *a, void (*on_known)(struct app *a)) must_use;
struct app_series *app_series_free(struct app_series *s); /* NULL is fine; returns NULL */
bool app_series_known(const struct app_series *s);
/* NULL: no such topic. *ret_hour: of the day, where people live. */
struct topic *app_series_topic(const struct app_series *s, const char *name, int *ret_hour);

void app_series_configure(struct app_series *s); /* other rules, or another configuration */
void app_series_said(struct app_series *s, const struct poll_result *result);
void app_series_keep(struct app_series *s); /* what was learnt so far */
void app_series_stop(struct app_series *s); /* the end: that, and what the log still answers is passed over */

void app_series_ask(void *arg, struct reply *reply); /* GET /v1/topics */
