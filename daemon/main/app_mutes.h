#pragma once
/*
 * main/app_mutes: what people silenced (alert/mute): kept in the log, shown in status, held by crises.
 *
 * Owner:  app; NULL with --once. Freed before the log. Blocks: never. Bounds: MUTES_HELD_MAX at once; further ones are refused.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "serve/serve.h"

struct app;
struct app_mutes;
struct json;
struct mute;

struct app_mutes *app_mutes_new(struct app *a) must_use;
struct app_mutes *app_mutes_free(struct app_mutes *k); /* NULL is fine; returns NULL */

/* Until when messages of this topic and severity (enum severity) are held, wall; 0: they aren't. */
int64_t app_mutes_until(const struct app *a, const char *topic, int severity);

/* What somebody says, and what they are told, once. */
struct app_mute_say {
	const char *topic, *who, *why; /* why NULL: not said */
	int severity;                  /* -1: what is not critical */
	int64_t for_ms;                /* 0: MUTE_DEFAULT_MS */
	bool critical, is_long;
	bool end; /* unmutes */
	enum text_lang lang;
};
/* done: it is so now; else text says why not. */
void app_mutes_say(struct app *a, const struct app_mute_say *say,
		   void (*on_told)(void *arg, bool done, const char *text), void *arg);

/* All that is held; some may be over by now. Borrowed until the next event. */
const struct mute *app_mutes_held(const struct app *a, size_t *ret_n);

void app_mutes_status(const struct app *a, struct json *j); /* "mutes" */

/* Op of serve. */
void app_mutes_ask(void *arg, const struct serve_mute *ask, struct reply *reply);
