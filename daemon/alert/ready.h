#pragma once
/*
 * alert/ready: a message that is kept with its words: deliveries, of which each is for one person, and made once.
 *
 * As JSON: {"kind":"card","subject":"…","text":"…","html":"…","topic":"acme","matter":"incident-12-1790000000","incident":12,
 * "ended":true,"mentions":[{"title":…}]}: what alert/notice_object says of these; matter, incident and ended where it is about one. Blocks: never.
 * Bounds: NOTICE_FACTS_MAX_BYTES; html that would pass them is left out.
 */
#include <stdbool.h>

#include "alert/notice_object.h"

struct arena;
struct buf;

void ready_json(const struct notice_object *o, struct buf *b);
/* Fills kind, subject, text, html, topic, matter, incident, ended and mentions, all else untouched. False: ready_json() did not write it. a may be NULL:
 * then it is looked at alone. */
bool ready_parse(const char *json, struct arena *a, struct notice_object *ret);
