#pragma once
/*
 * main/app_answers: how people answer from where they are: links in their messages, mails, chats. What they say goes to the crisis the
 * same way, whatever it came by (app_crisis_say()).
 *
 *   app_answers        a start; the links of a message
 *   app_answers_page   who follows one
 *   app_answers_line   a line of somebody's own words
 *   app_answers_box    what comes to the source that a channel names as its `replies`: answers are kept, then done, once
 *   app_answers_chat   of it, what is written in chats, and buttons that are pressed there
 *   app_answers_pair   whose a chat is: codes, and what the API asks
 *
 * Owner:  app; NULL with --once. Freed before the log. Blocks: never.
 */
#include <stdbool.h>
#include <stdint.h>

#include "alert/incident.h"
#include "serve/serve.h"

struct app;
struct app_answers;
struct arena;
struct incident_news;
struct verb_said;

/* on_known(): once, when the log has said what it keeps of it. */
struct app_answers *app_answers_new(struct app *a, void (*on_known)(struct app *a)) must_use;
struct app_answers *app_answers_free(struct app_answers *k); /* NULL is fine; returns NULL */

/* What this person may answer to this message, as links; none without http: public_url. */
void app_answers_offer(const struct app *a, const char *person, struct arena *arena, struct incident_news *news);

/* A line that somebody said. incident: what it is an answer to; 0: nothing. The callback has what to tell them, once. */
struct answers_line {
	const char *person;
	uint64_t incident;
	const char *line;
	const struct verb_said *verb; /* of a button; NULL: as the line says */
};
void app_answers_line(struct app *a, const struct answers_line *said, void (*on_answer)(void *arg, const char *text),
		      void *arg);

/* Of sources: what came to one of them; true: it is an answer to us, and no mention. news: it came by a poll that is not the first. */
struct mention;
bool app_answers_came(void *arg, const char *source, const struct mention *m, bool news);

/* What a start found that was said and not done: once all is there that it may be about. */
void app_answers_resume(struct app *a);

/* notices_ops.paired */
const char *app_answers_paired(void *arg, const char *channel, const char *person);
struct json;
void app_answers_status(const struct app *a, struct json *j); /* "unpaired" */

/* Ops of serve. */
void app_answers_pair(void *arg, const struct serve_pair *ask, struct reply *reply);
void app_answers_page(void *arg, const struct serve_answer *ask, struct reply *reply);
