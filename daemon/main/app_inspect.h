#pragma once
/*
 * main/app_inspect: the daily look at the whole log, and what follows from it: log, metrics, whoever runs escuchad.
 *
 * Owner:  app. Blocks: never; app_inspect_free() ends a look that is under way, for some milliseconds.
 */
#include <stdint.h>

#include "base/err.h"

struct app;
struct app_inspect;

enum {
	APP_INSPECT_FIRST_MS = 60 * 60 * 1000, /* after the start, which has enough to do */
	APP_INSPECT_EVERY_MS = 24 * 60 * 60 * 1000,
	APP_INSPECT_AGAIN_MS = 10 * 60 * 1000, /* damage was met while one was under way */
};
int app_inspect_new(struct app *a, struct app_inspect **ret) must_use;
struct app_inspect *app_inspect_free(struct app_inspect *i); /* before the log closes; NULL is fine; returns NULL */
void app_inspect_met_damage(struct app_inspect *i);          /* a statement has: look now */
