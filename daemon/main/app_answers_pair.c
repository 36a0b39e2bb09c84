/* Whose a chat is: who writes the code there that `escuchactl pair NAME` printed (alert/pair), until that is undone. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "alert/channel_kind.h"
#include "alert/notices.h"
#include "alert/verbs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/suggest.h"
#include "main/app_answers_inside.h"
#include "main/config_people.h"

enum { ANSWER_MAX_BYTES = 16 * 1024 };

/* --- what is known --- */

static struct known_chat *find(const struct app_answers *k, const char *channel, const char *person)
{
	size_t i;

	for (i = 0; k && i < k->n_chats; i++)
		if (strcmp(k->chats[i].channel, channel) == 0 && strcmp(k->chats[i].person, person) == 0)
			return &k->chats[i];
	return NULL;
}

static void forget(struct known_chat *c)
{
	free(c->channel);
	free(c->person);
	free(c->chat);
}

static void know(struct app_answers *k, const char *channel, const char *person, const char *chat)
{
	struct known_chat *c = find(k, channel, person);

	if (!c) {
		k->chats = xreallocarray(k->chats, k->n_chats + 1, sizeof(*k->chats));
		c = &k->chats[k->n_chats++];
	} else {
		forget(c);
	}
	*c = (struct known_chat){xstrdup(channel), xstrdup(person), xstrdup(chat)};
}

void answers_chats_found(struct app_answers *k, const struct store_chat *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		know(k, v[i].channel, v[i].person, v[i].chat);
}

void answers_chats_free(struct app_answers *k)
{
	while (k->n_chats)
		forget(&k->chats[--k->n_chats]);
	free(k->chats);
	k->chats = NULL;
}

const char *app_answers_paired(void *arg, const char *channel, const char *person)
{
	const struct app *a = arg;
	const struct known_chat *c = find(a->answers, channel, person);

	return c ? c->chat : NULL;
}

/* Where this person is by this reach; NULL: not known. */
static const char *where(const struct app *a, const struct person_config *p, const struct reach_config *reach)
{
	if (strcmp(reach->address, REACH_PAIRED) != 0)
		return reach->address;
	return app_answers_paired((void *)a, reach->name, p->name);
}

/* The platform vouches for who writes in a chat. */
const struct person_config *answers_chat_person(const struct app *a, const struct channel_config *c, const char *chat)
{
	const struct config *config = a->config;
	size_t i, k;

	for (i = 0; i < config->n_people; i++) {
		const struct person_config *p = &config->people[i];

		for (k = 0; k < p->n_reach; k++) {
			const char *there = p->reach[k].channel == c ? where(a, p, &p->reach[k]) : NULL;

			if (there && strcmp(there, chat) == 0)
				return p;
		}
	}
	return NULL;
}

static bool pairs(const struct person_config *p, const char *channel)
{
	size_t i;

	for (i = 0; i < p->n_reach; i++)
		if (strcmp(p->reach[i].address, REACH_PAIRED) == 0 &&
		    (!channel || strcmp(p->reach[i].name, channel) == 0))
			return true;
	return false;
}

/* --- codes in a chat --- */

static void on_told(void *arg, const struct channel_result *r)
{
	(void)arg;
	(void)r;
}

static void tell_chat(struct app *a, const char *channel, const char *chat, const char *text)
{
	char key[NOTICE_KEY_SIZE];
	const struct notice_object o = {
		.kind = NOTICE_CARD, .to = chat, .key = key, .subject = text, .text = "", .now_ms = clock_wall_ms()};

	notices_key(key);
	if (a->notices)
		(void)!notices_say(a->notices, channel, &o, on_told, NULL);
}

/* One that is being tied, until the log has it. */
struct tying {
	struct app *app;
	char *channel, *person, *chat; /* chat NULL: it is untied */
	struct reply *reply;           /* untied: who asked; NULL: another of theirs answers */
};

static void tying_free(struct tying *t)
{
	free(t->channel);
	free(t->person);
	free(t->chat);
	free(t);
}

static void on_tied(void *arg, int r)
{
	struct tying *t = arg;
	struct app *a = t->app;
	const enum text_lang lang = answers_lang(a, t->person);
	cleanup(freep) char *text = NULL;

	if (r < 0) {
		app_log_failed(a, "pair", r);
		text = xstrdup(text_raw(lang, TEXT_ANSWER_FAILED));
	} else if (a->answers) {
		know(a->answers, t->channel, t->person, t->chat);
		pair_used(&a->answers->pair, t->person);
		LOG_INFO("pair.tied", LOG_S("who", t->person), LOG_S("channel", t->channel));
		text = TEXT(lang, TEXT_PAIR_DONE, t->person);
	}
	if (r != -ECANCELED && text)
		tell_chat(a, t->channel, t->chat, text);
	tying_free(t);
}

static void tie(struct app *a, const char *channel, const char *person, const char *chat)
{
	struct tying *t = NEW(struct tying);

	*t = (struct tying){.app = a, .channel = xstrdup(channel), .person = xstrdup(person), .chat = xstrdup(chat)};
	store_answer_chat(a->store, &(struct store_chat){channel, person, chat}, on_tied, t);
}

/* A right code: whose it is, may be here. */
static void on_right(struct app *a, const struct channel_config *c, const char *chat, const char *person,
		     const struct person_config *owner)
{
	const struct person_config *p = config_person(a->config, person);
	const enum text_lang lang = answers_lang(a, person);
	cleanup(freep) char *text = NULL;

	if (!p || !pairs(p, c->name))
		text = TEXT(lang, TEXT_PAIR_NOT_HERE, person, c->name);
	else if (owner && owner != p)
		text = TEXT(lang, TEXT_PAIR_TAKEN, owner->name);
	else if (*chat == '-' && !p->group)
		text = TEXT(lang, TEXT_PAIR_GROUP, person);
	else
		tie(a, c->name, person, chat);
	if (text)
		tell_chat(a, c->name, chat, text);
}

bool answers_pair(struct app *a, const struct channel_config *c, const char *chat, const char *text,
		  const struct person_config *p)
{
	const struct hash_part parts[] = {{c->name, strlen(c->name) + 1}, {chat, strlen(chat)}};
	struct verb_said v;
	const char *person = NULL;
	enum pair_heard heard;

	verbs_read(text, &v);
	if (p && v.verb != VERBS) /* a word to a crisis, however much it looks like a code */
		return false;
	heard = pair_hear(&a->answers->pair, hash_u64(parts, ARRAY_LEN(parts)), text, clock_steady_ms(), &person);
	if (heard == PAIR_NO_CODE)
		return false;
	LOG_LIMITED("pair.heard", LOG_S("channel", c->name), LOG_S("chat", chat), LOG_I("right", heard == PAIR_RIGHT));
	if (heard == PAIR_RIGHT)
		on_right(a, c, chat, person, p);
	else if (*chat != '-' && heard == PAIR_WRONG)
		tell_chat(a, c->name, chat, text_raw(answers_lang(a, p ? p->name : NULL), TEXT_PAIR_WRONG));
	else if (*chat != '-' && heard == PAIR_HELLO)
		tell_chat(a, c->name, chat, text_raw(answers_lang(a, p ? p->name : NULL), TEXT_PAIR_HELLO));
	return heard == PAIR_RIGHT || *chat != '-';
}

/* --- the API --- */

void app_answers_status(const struct app *a, struct json *j)
{
	const struct config *c = a->config;
	size_t i, k;

	if (!a->answers || !a->answers->known)
		return;
	json_begin_array(j, "unpaired");
	for (i = 0; i < c->n_people; i++)
		for (k = 0; k < c->people[i].n_reach; k++) {
			if (where(a, &c->people[i], &c->people[i].reach[k]))
				continue;
			json_begin_object(j, NULL);
			json_text(j, "person", c->people[i].name);
			json_text(j, "channel", c->people[i].reach[k].name);
			json_end_object(j);
		}
	json_end_array(j);
}

static void say(struct reply *reply, const char *text, const char *code)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	json_begin_object(&j, NULL);
	json_text(&j, "message", text);
	json_text(&j, "code", code);
	json_end_object(&j);
	reply_json(reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}

static void on_untied(void *arg, int r)
{
	struct tying *t = arg;
	struct app *a = t->app;
	struct known_chat *c = r == 0 && a->answers ? find(a->answers, t->channel, t->person) : NULL;
	cleanup(freep) char *text = TEXT(app_lang(a), TEXT_PAIR_ENDED, t->person);

	if (c) {
		forget(c);
		*c = a->answers->chats[--a->answers->n_chats];
		LOG_INFO("pair.untied", LOG_S("who", t->person), LOG_S("channel", t->channel));
	}
	if (r < 0) /* the log answers those asked one after the other: an earlier failure is logged */
		app_log_failed(a, "pair", r);
	if (t->reply && r < 0)
		reply_error(t->reply, 500, "log", text_raw(app_lang(a), TEXT_ANSWER_FAILED));
	else if (t->reply)
		say(t->reply, text, NULL);
	tying_free(t);
}

static void end(struct app *a, const struct serve_pair *ask, struct reply *reply)
{
	cleanup(freep) char *none = NULL;
	struct tying *last = NULL;
	size_t i;

	pair_used(&a->answers->pair, ask->person);
	for (i = 0; i < a->answers->n_chats; i++) {
		const struct known_chat *c = &a->answers->chats[i];

		if (strcmp(c->person, ask->person) != 0)
			continue;
		last = NEW(struct tying);
		*last = (struct tying){.app = a, .channel = xstrdup(c->channel), .person = xstrdup(c->person)};
		store_answer_chat(a->store, &(struct store_chat){c->channel, c->person, NULL}, on_untied, last);
	}
	if (last) {
		last->reply = reply; /* the log answers later, in this order */
		return;
	}
	none = TEXT(app_lang(a), TEXT_PAIR_WAS_NOT, ask->person);
	reply_error(reply, 409, "pair", none);
}

void app_answers_pair(void *arg, const struct serve_pair *ask, struct reply *reply)
{
	struct app *a = arg;
	const struct config *c = a->config;
	const struct person_config *p = config_person(c, ask->person);
	const char *guess =
		!p && c->n_people ? suggest(ask->person, &c->people[0].name, c->n_people, sizeof(*c->people)) : NULL;
	uint8_t chance[PAIR_CODE_LEN];
	char code[PAIR_CODE_SIZE];
	cleanup(freep) char *text = NULL;

	if (!a->answers || !a->answers->known || getrandom(chance, sizeof(chance), 0) != (ssize_t)sizeof(chance)) {
		reply_error(reply, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY));
		return;
	}
	if (ask->end) { /* also of somebody who is no more */
		end(a, ask, reply);
		return;
	}
	if (!p || !pairs(p, NULL)) {
		text = p       ? TEXT(app_lang(a), TEXT_PAIR_NO_WAY, ask->person)
		       : guess ? TEXT(app_lang(a), TEXT_INCIDENT_NO_PERSON_GUESS, ask->person, guess)
			       : TEXT(app_lang(a), TEXT_INCIDENT_NO_PERSON, ask->person);
		reply_error(reply, p ? 409 : 404, p ? "pair" : "not_found", text);
		return;
	}
	pair_begin(&a->answers->pair, p->name, chance, clock_steady_ms(), code);
	LOG_INFO("pair.asked", LOG_S("who", p->name));
	text = TEXT(app_lang(a), TEXT_PAIR_CODE, p->name, code);
	say(reply, text, code);
}
