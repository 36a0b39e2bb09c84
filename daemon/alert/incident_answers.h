#pragma once
/*
 * alert/incident_answers: how the reader of a crisis' message may answer, as buttons; of what incident_news_json() wrote. Blocks: never.
 */
#include "base/text.h"

struct arena;
struct notice_object;

/* Texts are of the arena. News that can't be read add nothing. */
void incident_answers(const char *json, enum text_lang lang, struct arena *a, struct notice_object *ret);
