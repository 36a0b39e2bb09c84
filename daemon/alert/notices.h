#pragma once
/*
 * alert/notices: messages to people, from the first news until somebody has it. What operators are told is gathered
 * (alert/gather) and tried by one channel and person after another (alert/notice_step); what one person is told of an incident
 * goes at once, by that person's channels alone, and a newer message takes the place of one that still waits. All of it is
 * kept in the log before it leaves.
 *
 * Owner:  main; freed before the loop and the log. Blocks: notices_configure() reads the files of time zones;
 *         notices_free() as channels_free().
 * Bounds: NOTICES_MAX at once for operators; what comes beyond goes with the last of them. NOTICES_PEOPLE_MAX besides for people;
 *         further ones are refused.
 * What it needs of the log comes by callbacks, since the log is a room that it may not see.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"
#include "mention/notice_row.h"

struct channel_config;
struct channel_making;
struct channel_result;
struct fact;
struct fetch;
struct job_body;
struct loop;
struct notice_token;
struct notices;
struct notices_config;
struct operator_config;
struct person_config;

enum { NOTICES_MAX = 200, NOTICES_PEOPLE_MAX = 2000 };
#define NOTICES_KIND      "operators"
#define NOTICES_TO_PERSON "incident"
#define NOTICES_DELIVERY                                                                                               \
	"delivery" /* to a person, too: with its words (alert/ready); none takes the place of another */

struct notices_ops {
	/* → notices_kept(), once, never from within. row is borrowed for the call. */
	void (*keep)(void *arg, const struct notice_row *row, struct notice_token *token);
	/* A try ended, or (channel NULL, "undelivered") a notice was given up: to count it. */
	void (*on_result)(void *arg, const char *channel, const char *result);
	/* Of NOTICES_TO_PERSON: one person has what they were sent about a matter, by that channel; or (channel NULL) all of theirs were tried in
	 * vain, and will be again. May be NULL. It must not call notices_post() from within. */
	void (*on_person)(void *arg, const char *matter, const char *person, const char *channel);
	/* Where somebody is whose address is REACH_PAIRED; borrowed for the moment. NULL: not known yet. May be NULL. */
	const char *(*paired)(void *arg, const char *channel, const char *person);
	/* As channels_ops' own; may be NULL. */
	bool (*make)(void *arg, const char *channel, const struct job_body *job, struct channel_making *token);
	void (*on_sent_as)(void *arg, const struct notice_sent_as *as);
};
void notices_kept(struct notice_token *t, int r, const char *thread);

/* What it works by; borrowed until the next notices_configure() or notices_free(). */
struct notices_setup {
	const struct channel_config *channels;
	size_t n_channels;
	const struct operator_config *operators; /* in the order in which they are told */
	size_t n_operators;
	const struct person_config *people;
	size_t n_people;
	const struct notices_config *pace;
	enum text_lang lang; /* of who has none of their own */
	const char *timezone;
};

/* fetch (NULL: channels of mail and commands alone) is borrowed. */
struct notices *notices_new(struct loop *l, struct fetch *fetch, const struct notices_ops *ops, void *arg) must_use;
struct notices *notices_free(struct notices *n); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct notices, notices_free)

void notices_configure(struct notices *n, const struct notices_setup *setup);

/* Once, before anything leaves: what the log has that is not ended (copied), when the last ones were made, and how many
 * were given up lately. */
void notices_found(struct notices *n, const struct notice_row *rows, size_t n_rows, const int64_t *recent_ms,
		   size_t n_recent, size_t lost);

/* What channels called earlier messages, before notices_found(). */
void notices_sent_as(struct notices *n, const struct notice_sent_as *as);
/* Those for people, before notices_found(). */
void notices_resume(struct notices *n, const struct notice_row *rows, size_t n_rows);

void notices_key(char key[NOTICE_KEY_SIZE]); /* of a new message */
/* A message to one person (NOTICES_TO_PERSON or NOTICES_DELIVERY, NOTICE_NEW) that the log has. False: it can't be read, or there is no room. */
bool notices_post(struct notices *n, const struct notice_row *row);

void notices_tell(struct notices *n, const struct fact *fact); /* without operators it goes nowhere */

/* A message that is not kept, to an address: an answer to who wrote from there. False: as notices_test(). */
struct channel_result;
struct notice_object;
bool notices_say(struct notices *n, const char *channel, const struct notice_object *o,
		 void (*on_said)(void *arg, const struct channel_result *result), void *arg) must_use;

/* A marked message to show that a channel works; not kept. False: there is no such channel or address to send it to, or
 * too much waits. The callback comes once, never from within. */
bool notices_test(struct notices *n, const char *channel, const struct person_config *person, const char *address,
		  void (*on_tested)(void *arg, const struct channel_result *result), void *arg) must_use;

/* The same as far as its last step (notice_object.dry): what an incident would say, to nobody. */
bool notices_dry(struct notices *n, const char *channel, const struct person_config *person, const char *address,
		 void (*on_tried)(void *arg, const struct channel_result *result), void *arg) must_use;

struct notices_status {
	size_t waiting;     /* for their time, or for an answer */
	size_t failing;     /* of them: were tried, and nobody took them yet */
	size_t undelivered; /* given up, lately */
	int64_t since_ms;   /* wall: when the oldest that is failing was made; TIME_NONE: none is */
	const char *why;    /* what its last try failed by; NULL */
};
void notices_status(const struct notices *n, struct notices_status *ret);
size_t notices_sending(const struct notices *n); /* messages on their way */
