#pragma once
/*
 * store/answers: what the log keeps so that people can answer from where they are: the key that signs links (made with the log), which
 * links and messages were used up, what was said and is not done yet, whose each chat is, and to whom a message went.
 *
 * Owner, threads and answers are as store/store.h says. All of it is taken even while the log is full.
 * Bounds: ANSWERS_CHATS_MAX chats; of what is not done ANSWERS_SAID_MAX are read; marks go when they run out.
 */
#include <stddef.h>
#include <stdint.h>

struct store;

enum { ANSWERS_KEY_BYTES = 32, ANSWERS_MARK_BYTES = 16, ANSWERS_CHATS_MAX = 10000, ANSWERS_SAID_MAX = 1000 };

struct store_chat {
	const char *channel, *person, *chat; /* chat: as the channel names it */
};
struct store_said {
	uint8_t mark[ANSWERS_MARK_BYTES];
	const char *text; /* whatever store_answer_take() was given */
};
struct store_answers {
	const uint8_t *key; /* ANSWERS_KEY_BYTES */
	const struct store_chat *chats;
	size_t n_chats;
	const struct store_said *said; /* taken, and not done: a crash came in between */
	size_t n_said;
};
typedef void store_answers_cb(void *arg, int r, const struct store_answers *found); /* NULL unless r is 0 */
void store_answers(struct store *s, store_answers_cb *cb, void *arg);

/* Once: 0; -EEXIST: it was before. until_ms: when nobody can come with it any more. */
typedef void store_answer_cb(void *arg, int r);
void store_answer_use(struct store *s, const uint8_t mark[ANSWERS_MARK_BYTES], int64_t until_ms, store_answer_cb *cb,
		      void *arg);
/* As store_answer_use(), with what is to be done: it is found by store_answers() until store_answer_done(). */
void store_answer_take(struct store *s, const struct store_said *said, int64_t until_ms, store_answer_cb *cb,
		       void *arg);
void store_answer_done(struct store *s, const uint8_t mark[ANSWERS_MARK_BYTES], store_answer_cb *cb, void *arg);
/* Whether it was used: 0; -EEXIST. */
void store_answer_look(struct store *s, const uint8_t mark[ANSWERS_MARK_BYTES], store_answer_cb *cb, void *arg);

/* chat NULL: theirs is forgotten. -ENOSPC past the bound. */
void store_answer_chat(struct store *s, const struct store_chat *chat, store_answer_cb *cb, void *arg);

/* To whom the message of this key went, about what ("17 ana"); person NULL: there is none. */
typedef void store_answer_sent_cb(void *arg, int r, const char *person, const char *matter);
void store_answer_sent(struct store *s, const char *key, store_answer_sent_cb *cb, void *arg);
