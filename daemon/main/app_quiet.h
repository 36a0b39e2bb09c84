#pragma once
/*
 * main/app_quiet: rules that have stopped finding anything (main/rule_quiet), between the log, the ledger and people.
 *
 * What is known of a topic's rules is kept behind what is learnt of its series (main/app_series), which asks for it.
 *
 * Owner:  app; one for its whole life. With --once it learns nothing and tells nothing. Blocks: never.
 */
#include <stddef.h>

#include "base/err.h"

struct app;
struct app_quiet;
struct buf;
struct json;
struct poll_result;
struct wire_in;

struct app_quiet *app_quiet_new(struct app *a) must_use;
struct app_quiet *app_quiet_free(struct app_quiet *q); /* NULL is fine; returns NULL */

/* The catalogue is another one. What is forgotten is told only once a start has read what was known. */
void app_quiet_configure(struct app_quiet *q);
void app_quiet_known(struct app_quiet *q); /* all was read: from now on it looks */
/* source: who brought it; NULL: a hand-made mention. */
void app_quiet_said(struct app_quiet *q, const char *source, const struct poll_result *result);
void app_quiet_look(struct app_quiet *q); /* now and then */

void app_quiet_put(const struct app_quiet *q, const char *topic, struct buf *b);
void app_quiet_get(struct app_quiet *q, const char *topic, struct wire_in *in); /* at its end: nothing was kept */

void app_quiet_status(const struct app_quiet *q, struct json *j); /* "quiet" */
size_t app_quiet_count(const struct app_quiet *q);                /* rules that are quiet */
