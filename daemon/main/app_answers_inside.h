#pragma once
/*
 * main/app_answers_inside: what the files of app_answers share. Nobody else includes it.
 */
#include "alert/links.h"
#include "alert/notice_object.h"
#include "alert/pair.h"
#include "main/app_answers.h"
#include "main/app_crisis.h"
#include "main/app_inside.h"
#include "mention/notice_row.h"
#include "store/answers.h"

struct channel_config;
struct incoming;
struct person_config;

/* Whose a chat is. */
struct known_chat {
	char *channel, *person, *chat;
};

struct app_answers {
	struct app *app;
	void (*on_known)(struct app *a);
	bool known; /* the key is, and the chats are */
	uint8_t key[LINK_KEY_BYTES];
	struct pair pair;
	struct known_chat *chats;
	size_t n_chats;
	struct incoming **waiting; /* said before a start, and not done then */
	size_t n_waiting;
};

/* One answer, until it was done. Texts are its own; NULL: none. */
struct incoming {
	struct app *app;
	char *channel, *from, *text;
	uint8_t mark[ANSWERS_MARK_BYTES];
	char person[INCIDENT_NAME_SIZE];
	uint64_t incident;
	char *key;     /* mail: of the message that it answers */
	char *chat;    /* where it was written; NULL: by mail */
	char *message; /* in the chat: what was written; of a button, the message that it stands under */
	char *press;   /* what the chat calls the pressing; NULL: it was written */
	char *under;   /* of a button: what its message says */
};

/* app_answers.c */
enum text_lang answers_lang(const struct app *a, const char *person); /* of whoever reads it */
/* "La crisis n.º 3 (acme): abierta; no la tiene nadie." */
char *answers_state(enum text_lang lang, const struct crisis_said *how) must_use;
/* What this person may say to the crisis as it stands, as buttons; none: it is closed. */
size_t answers_buttons(const struct app *a, const char *person, uint64_t incident, struct notice_answer *v,
		       size_t max) must_use;

/* app_answers_box.c */
struct incoming *incoming_new(struct app *a, const char *channel) must_use;
void incoming_free(struct incoming *x);
void incoming_act(struct incoming *x);                    /* takes it: kept, then done, once */
void incoming_done(struct incoming *x);                   /* it needn't be found by a start any more */
void incoming_tell(struct incoming *x, const char *text); /* by the ways that all of theirs go */
void answers_said_found(struct app_answers *k, const struct store_said *v, size_t n);
void answers_said_free(struct app_answers *k);

/* app_answers_chat.c: what is written in chats, and buttons */
struct mention;
bool answers_take_chat(struct app *a, const struct channel_config *c, const struct mention *m, bool news);
void answers_do_chat(struct incoming *x); /* takes it */

/* app_answers_pair.c: whose a chat is */
void answers_chats_found(struct app_answers *k, const struct store_chat *v, size_t n);
void answers_chats_free(struct app_answers *k);
const struct person_config *answers_chat_person(const struct app *a, const struct channel_config *c, const char *chat);
/* Whether it was about a code, and was answered. p: whose chat it is already; NULL: nobody's. */
bool answers_pair(struct app *a, const struct channel_config *c, const char *chat, const char *text,
		  const struct person_config *p);
