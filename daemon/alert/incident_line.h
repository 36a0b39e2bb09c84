#pragma once
/*
 * alert/incident_line: one line of what happened in an incident, in words: "Ana took it". The names of what happens are those of
 * main/app_crisis_keep. Pure.
 */
#include "base/text.h"

const char *severity_text(const char *name,
			  enum text_lang lang); /* of severity_names; what is none stays as it is, NULL is "" */
const char *incident_state_text(const char *name, enum text_lang lang); /* of incident_state_names; "false_alarm" too */
/* what is none of ours stays as it is. who and text may be NULL. To be freed. */
char *incident_line_text(enum text_lang lang, const char *what, const char *who, const char *text) must_use;
