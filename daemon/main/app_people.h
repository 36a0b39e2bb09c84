#pragma once
/*
 * main/app_people: what is asked about those who speak, and for them: stories, authors, to be forgotten, a tone set right.
 * Ops of serve (serve/serve.h).
 */
#include <stddef.h>

#include "serve/serve.h"

void app_people_stories(void *app, const struct serve_ledger *ledger, struct reply *reply);
void app_people_authors(void *app, const struct serve_ledger *ledger, struct reply *reply);
void app_people_forget(void *app, const char *who, enum serve_forget what, struct reply *reply);
void app_people_tone(void *app, const char *id, const char *label, struct reply *reply);
void app_people_tones(void *app, const char *after, size_t limit, struct reply *reply);
