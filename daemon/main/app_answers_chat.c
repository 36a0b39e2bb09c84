/* What people write in a chat that is theirs, and the buttons that they press there. They are answered in the chat; the message that a
 * button stands under says then how things are. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/channel.h"
#include "alert/notices.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "main/app_answers_inside.h"
#include "main/config_people.h"
#include "mention/mention.h"

enum { UNDER_MAX_BYTES = 8 * 1024 };
#define FRESH_MS (7 * DAY_MS)    /* what was written before is about something that is long over */
#define PRESS    "press-"        /* in a guid, "CHAT:press-ID" */
#define MARK     "\xe2\x96\xb8 " /* "▸ ": before how things are, in a message that was changed */

/* --- what they are told --- */

static void on_said(void *arg, const struct channel_result *r)
{
	struct incoming *x = arg;

	if (!r->taken && !x->press) /* else it is seen by what it did */
		incoming_tell(x, x->under);
	incoming_free(x);
}

static void on_shown(void *arg, const struct channel_result *r)
{
	(void)arg;
	(void)r;
}

/* Takes x. */
static void say(struct incoming *x, struct notice_object *o)
{
	char key[NOTICE_KEY_SIZE];

	notices_key(key);
	o->kind = NOTICE_CARD;
	o->key = key;
	o->to = x->chat;
	o->person = x->person;
	o->now_ms = clock_wall_ms();
	if (!x->app->notices || !notices_say(x->app->notices, x->channel, o, on_said, x))
		on_said(x, &(struct channel_result){.taken = false});
}

/* On the phone, at once, over the chat. */
static void show(const struct incoming *x, const char *text)
{
	char key[NOTICE_KEY_SIZE];
	const struct notice_object o = {.kind = NOTICE_PRESSED,
					.to = x->chat,
					.person = x->person,
					.key = key,
					.subject = text,
					.text = text,
					.earlier = x->press,
					.now_ms = clock_wall_ms()};

	notices_key(key);
	if (x->app->notices)
		(void)!notices_say(x->app->notices, x->channel, &o, on_shown, NULL);
}

/* What the message said before anything was said to it. */
static const char *said_first(const char *under)
{
	const char *end = strncmp(under, MARK, strlen(MARK)) == 0 ? strstr(under, "\n\n") : NULL;

	return end ? end + 2 : under;
}

/* The message under which the button stands says now how things are, and what can still be said. */
static void change(struct incoming *x, const char *text)
{
	struct notice_answer buttons[NOTICE_ANSWERS_MAX];
	cleanup(freep) char *first = xasprintf(MARK "%s", text);
	struct notice_object o = {.subject = first,
				  .text = said_first(x->under ? x->under : ""),
				  .earlier = x->message,
				  .quiet = true,
				  .incident = x->incident,
				  .answers = buttons};

	o.n_answers = answers_buttons(x->app, x->person, x->incident, buttons, NOTICE_ANSWERS_MAX);
	say(x, &o);
}

static void on_press_done(void *arg, const char *text)
{
	struct incoming *x = arg;

	incoming_done(x);
	show(x, text);
	change(x, text);
}

/* Below what they wrote. */
static void on_line_done(void *arg, const char *text)
{
	struct incoming *x = arg;
	size_t len = strcspn(text, "\n");
	cleanup(freep) char *subject = xstrndup(text, len);
	struct notice_object o = {.subject = subject, .text = text[len] ? text + len + 1 : "", .earlier = x->message};

	incoming_done(x);
	free(x->under);
	x->under = xstrdup(text); /* if it can't be said there */
	say(x, &o);
}

/* --- buttons --- */

/* "take 12", "pass luis 12". False: it is none of ours. */
static bool read_press(const char *data, struct verb_said *ret)
{
	const char *number = strrchr(data, ' ');
	size_t verb = strcspn(data, " "), before = number ? (size_t)(number - data) : 0;
	cleanup(freep) char *name = xstrndup(data, verb);

	*ret = (struct verb_said){.verb = verb_of_name(name), .severity = -1};
	if (ret->verb == VERBS || !number || before - verb > VERBS_NAME_SIZE)
		return false;
	if (before > verb) /* between the two: to whom */
		snprintf(ret->name, sizeof(ret->name), "%.*s", (int)(before - verb - 1), data + verb + 1);
	ret->id = strtoull(number + 1, NULL, 10);
	return ret->id > 0 && (!*ret->name || ret->verb == VERB_PASS);
}

/* To whom? One button each. */
static void ask_whom(struct incoming *x, uint64_t incident)
{
	enum { VERB_SIZE = VERBS_NAME_SIZE + 8 };
	const struct config *c = x->app->config;
	const char *text = text_raw(answers_lang(x->app, x->person), TEXT_PAGE_PASS);
	struct notice_answer buttons[NOTICE_ANSWERS_MAX];
	char verbs[NOTICE_ANSWERS_MAX][VERB_SIZE];
	struct notice_object o = {
		.subject = text, .text = "", .earlier = x->message, .incident = incident, .answers = buttons};
	size_t i;

	for (i = 0; i < c->n_people && o.n_answers < NOTICE_ANSWERS_MAX; i++) {
		if (strcmp(c->people[i].name, x->person) == 0)
			continue;
		snprintf(verbs[o.n_answers], VERB_SIZE, "%s %s", verb_names[VERB_PASS], c->people[i].name);
		buttons[o.n_answers] = (struct notice_answer){.verb = verbs[o.n_answers], .label = c->people[i].name};
		o.n_answers++;
	}
	incoming_done(x);
	show(x, text);
	say(x, &o);
}

void answers_do_chat(struct incoming *x)
{
	struct crisis_said how;
	struct verb_said v;

	if (!x->press) {
		app_answers_line(x->app, &(struct answers_line){.person = x->person, .line = x->text}, on_line_done, x);
		return;
	}
	if (!read_press(x->text, &v))
		v = (struct verb_said){.verb = VERB_STATE, .severity = -1};
	x->incident = v.id;
	if (v.verb == VERB_PASS && !*v.name && app_crisis_look(x->app->crisis, v.id, &how))
		ask_whom(x, v.id);
	else
		app_answers_line(
			x->app,
			&(struct answers_line){.person = x->person, .incident = v.id, .line = x->text, .verb = &v},
			on_press_done, x);
}

/* --- what came --- */

/* "-1001234567890:5": a message of a chat; "42:press-17": a button. False: neither. */
static bool read_guid(const char *guid, char chat[NOTICE_FIELD_MAX_BYTES], const char **ret_rest)
{
	size_t len = guid ? strcspn(guid, ":") : 0;

	if (!len || !guid[len] || len >= NOTICE_FIELD_MAX_BYTES)
		return false;
	memcpy(chat, guid, len);
	chat[len] = '\0';
	*ret_rest = guid + len + 1;
	return true;
}

static void fill_press(struct incoming *x, const struct mention *m, const char *rest)
{
	const char *text = m->text ? m->text : "", *colon = m->parent ? strchr(m->parent, ':') : NULL;
	size_t len = strcspn(text, "\n");

	x->press = xstrdup(rest + strlen(PRESS));
	x->text = xstrndup(text, len);
	x->under = xstrndup(text[len] ? text + len + 1 : "", UNDER_MAX_BYTES);
	x->message = xstrdup(colon ? colon + 1 : "");
}

bool answers_take_chat(struct app *a, const struct channel_config *c, const struct mention *m, bool news)
{
	const bool late = m->published_ms < clock_wall_ms() - FRESH_MS;
	char chat[NOTICE_FIELD_MAX_BYTES];
	const struct person_config *p;
	const char *rest;
	struct incoming *x;
	bool press;

	if (!read_guid(m->guid, chat, &rest))
		return c->own_replies;
	press = strncmp(rest, PRESS, strlen(PRESS)) == 0;
	p = answers_chat_person(a, c, chat);
	if (!press && !late && answers_pair(a, c, chat, m->text ? m->text : "", p))
		return true;
	if (!p) {
		if (press || c->own_replies)
			LOG_LIMITED("answer.refused", LOG_S("channel", c->name), LOG_S("why", "nobody's chat"),
				    LOG_S("from", m->guid));
		return c->own_replies;
	}
	/* the first poll of a bot brings what was written while nobody read it; a button is of a message of ours, whenever it is pressed */
	if (late || (!press && !news && m->published_ms < a->started_ms))
		return true;
	x = incoming_new(a, c->name);
	memcpy(x->mark, m->id, sizeof(x->mark));
	x->chat = xstrdup(chat);
	snprintf(x->person, sizeof(x->person), "%s", p->name);
	if (press) {
		fill_press(x, m, rest);
	} else {
		x->text = xstrdup(m->text ? m->text : "");
		x->message = xstrdup(rest);
	}
	incoming_act(x);
	return true;
}
