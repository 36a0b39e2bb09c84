/* A line that somebody said in their own words (alert/verbs), done; and what they are told. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "main/app_answers_inside.h"
#include "main/app_mutes.h"
#include "main/config_people.h"

enum { TEXT_MAX_BYTES = 16 * 1024, SHOWN_BYTES = 60, LISTED_MAX = 10 };

/* One who said something, until they are told. */
struct speaker {
	struct app *app;
	enum text_lang lang;
	char *person;
	enum verb verb;
	uint64_t step; /* of VERB_STEP */
	void (*on_answer)(void *arg, const char *text);
	void *arg;
};

/* Takes the text. */
static void answer(struct speaker *s, char *text)
{
	s->on_answer(s->arg, text);
	free(text);
	free(s->person);
	free(s);
}

static char *open_ones(const struct speaker *s, const uint64_t *ids, size_t n)
{
	cleanup(buf_done) struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	size_t i;

	for (i = 0; i < n && i < LISTED_MAX; i++) {
		struct crisis_said how;
		cleanup(freep) char *one =
			app_crisis_look(s->app->crisis, ids[i], &how) ? answers_state(s->lang, &how) : NULL;

		if (one)
			buf_printf(&b, "%s%s", b.len ? "\n" : "", one);
	}
	return xstrdup(buf_str(&b));
}

static void on_said(void *arg, const struct crisis_said *how)
{
	struct speaker *s = arg;
	cleanup(freep) char *n = xasprintf("%" PRIu64, how->id), *step = xasprintf("%" PRIu64, s->step);
	cleanup(freep) char *steps = xasprintf("%zu", how->steps);
	const struct config *c = s->app->config;
	const char *guess = NULL;
	char *text = NULL;

	switch (how->outcome) {
	case CRISIS_SAID_DONE:
		if (s->verb == VERB_NOTE)
			text = TEXT(s->lang, TEXT_ANSWER_NOTED, n, how->topic);
		else if (s->verb == VERB_STEP)
			text = TEXT(s->lang, TEXT_ANSWER_STEPPED, step, n, how->topic);
		else if (s->verb == VERB_OPEN)
			text = TEXT(s->lang, TEXT_ANSWER_OPENED, n, how->topic);
		else if (s->verb == VERB_TAKE && strcmp(how->owner, s->person) != 0)
			text = TEXT(s->lang, TEXT_ANSWER_OTHER, how->owner);
		else
			text = answers_state(s->lang, how);
		break;
	case CRISIS_SAID_UNKNOWN:
		text = TEXT(s->lang, TEXT_INCIDENT_UNKNOWN, n);
		break;
	case CRISIS_SAID_CLOSED:
	case CRISIS_SAID_SAME:
		text = TEXT(s->lang, TEXT_INCIDENT_CLOSED, n);
		break;
	case CRISIS_SAID_NO_STEP:
		text = how->steps ? TEXT(s->lang, TEXT_INCIDENT_NO_STEP, n, steps)
				  : TEXT(s->lang, TEXT_INCIDENT_NO_PLAYBOOK, n);
		break;
	case CRISIS_SAID_NO_BRAND: /* no words of a line ask for it */
	case CRISIS_SAID_NO_TOPIC:
		text = TEXT(s->lang, TEXT_INCIDENT_NO_TOPIC, how->name);
		break;
	case CRISIS_SAID_IS_OPEN:
		text = TEXT(s->lang, TEXT_INCIDENT_IS_OPEN, how->name, n);
		break;
	case CRISIS_SAID_NO_PERSON:
		guess = c->n_people ? suggest(how->name, &c->people[0].name, c->n_people, sizeof(*c->people)) : NULL;
		text = guess ? TEXT(s->lang, TEXT_INCIDENT_NO_PERSON_GUESS, how->name, guess)
			     : TEXT(s->lang, TEXT_INCIDENT_NO_PERSON, how->name);
		break;
	case CRISIS_SAID_BUSY:
		text = xstrdup(text_raw(s->lang, TEXT_MAIN_RELOAD_BUSY));
		break;
	case CRISIS_SAID_FAILED:
		text = xstrdup(text_raw(s->lang, TEXT_ANSWER_FAILED));
		break;
	}
	answer(s, text);
}

/* Which crisis is meant: the one that was named, the one that this answers, the only one. 0: told. */
static uint64_t which(struct speaker *s, uint64_t named, uint64_t answered)
{
	uint64_t ids[LISTED_MAX];
	size_t n;

	if (named || answered)
		return named ? named : answered;
	n = app_crisis_open(s->app->crisis, ids, LISTED_MAX);
	if (n == 1)
		return ids[0];
	if (!n) {
		answer(s, xstrdup(text_raw(s->lang, TEXT_ANSWER_NONE)));
	} else {
		cleanup(freep) char *number = xasprintf("%" PRIu64, ids[0]);
		cleanup(freep) char *list = open_ones(s, ids, n), *head = TEXT(s->lang, TEXT_ANSWER_WHICH, number);

		answer(s, xasprintf("%s\n%s", head, list));
	}
	return 0;
}

static void tell_state(struct speaker *s, uint64_t id)
{
	uint64_t ids[LISTED_MAX] = {id};
	size_t n = id ? 1 : app_crisis_open(s->app->crisis, ids, LISTED_MAX);
	cleanup(freep) char *list = open_ones(s, ids, n);
	cleanup(freep) char *number = xasprintf("%" PRIu64, id);

	if (*list)
		answer(s, TAKE(list));
	else
		answer(s,
		       id ? TEXT(s->lang, TEXT_INCIDENT_CLOSED, number) : xstrdup(text_raw(s->lang, TEXT_ANSWER_NONE)));
}

static void on_added(void *arg, bool added)
{
	struct speaker *s = arg;

	answer(s, xstrdup(text_raw(s->lang, added ? TEXT_ANSWER_ADDED : TEXT_ANSWER_FAILED)));
}

static void on_muted(void *arg, bool done, const char *text)
{
	(void)done;
	answer(arg, xstrdup(text));
}

static void not_understood(struct speaker *s, const char *line)
{
	size_t len = strcspn(line, "\r\n");
	cleanup(freep) char *shown = xstrndup(line, len <= SHOWN_BYTES ? len : utf8_cut(line, len, SHOWN_BYTES));
	cleanup(freep) char *text = TEXT(s->lang, TEXT_ANSWER_UNKNOWN, shown);

	answer(s, xasprintf("%s\n%s", text, text_raw(s->lang, TEXT_ANSWER_HELP)));
}

static void mute(struct speaker *s, const struct verb_said *v, uint64_t answered)
{
	struct crisis_said how = {.topic = ""};
	struct app_mute_say say = {.topic = v->name,
				   .who = s->person,
				   .severity = v->severity,
				   .for_ms = v->for_ms,
				   .why = v->text,
				   .lang = s->lang,
				   .end = v->verb == VERB_UNMUTE};

	if (!*v->name && answered && app_crisis_look(s->app->crisis, answered, &how))
		say.topic = how.topic;
	app_mutes_say(s->app, &say, on_muted, s);
}

static void say_to_crisis(struct speaker *s, const struct verb_said *v, uint64_t answered)
{
	static const enum serve_verb verbs[VERBS] = {[VERB_TAKE] = SERVE_ACK,
						     [VERB_PASS] = SERVE_PASS,
						     [VERB_NOTE] = SERVE_NOTE,
						     [VERB_CLOSE] = SERVE_CLOSE,
						     [VERB_FALSE_ALARM] = SERVE_FALSE_ALARM,
						     [VERB_OPEN] = SERVE_OPEN,
						     [VERB_STEP] = SERVE_STEP};
	struct serve_incident said = {.verb = verbs[v->verb],
				      .who = s->person,
				      .text = v->text,
				      .topic = v->name,
				      .to = v->name,
				      .step = v->step};

	if (v->verb != VERB_OPEN) {
		said.id = which(s, v->id, answered);
		if (!said.id)
			return;
	}
	app_crisis_say(s->app, &said, true, on_said, s);
}

/* The first line that is understood; the rest of a text belongs to it where it takes one. */
static void read_text(const char *text, struct verb_said *ret)
{
	enum { LINES_LOOKED_AT = 5 };
	size_t i;

	ret->verb = VERBS;
	for (i = 0; *text && i < LINES_LOOKED_AT; i++) {
		size_t len = strcspn(text, "\n");
		cleanup(freep) char *line = xstrndup(text, len);

		verbs_read(line, ret);
		if (ret->verb !=
		    VERBS) { /* its text lies in the copy: the same place of the original, and what follows */
			if (ret->text)
				ret->text = text + (ret->text - line);
			return;
		}
		text += len + (text[len] == '\n');
	}
}

void app_answers_line(struct app *a, const struct answers_line *said, void (*on_answer)(void *arg, const char *text),
		      void *arg)
{
	struct speaker *s = NEW(struct speaker);
	struct verb_said v;

	if (said->verb)
		v = *said->verb;
	else
		read_text(said->line, &v);
	*s = (struct speaker){.app = a,
			      .lang = answers_lang(a, said->person),
			      .person = xstrdup(said->person),
			      .verb = v.verb,
			      .step = v.step,
			      .on_answer = on_answer,
			      .arg = arg};
	LOG_INFO("answer.said", LOG_S("who", s->person), LOG_S("verb", v.verb == VERBS ? "?" : verb_names[v.verb]),
		 LOG_I("incident", (int64_t)(v.id ? v.id : said->incident)));
	switch (v.verb) {
	case VERBS:
		not_understood(s, said->line);
		break;
	case VERB_STATE:
		tell_state(s, v.id ? v.id : said->incident);
		break;
	case VERB_ADD:
		app_api_add(a, &(struct serve_add){.text = v.text, .author = s->person}, on_added, s);
		break;
	case VERB_MUTE:
	case VERB_UNMUTE:
		mute(s, &v, said->incident);
		break;
	default:
		say_to_crisis(s, &v, said->incident);
	}
}
