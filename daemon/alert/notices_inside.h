#pragma once
/*
 * alert/notices_inside: what the files behind alert/notices share: an item for each message that is not ended, and the ways
 * that it may go.
 *
 * notices.c       the surface, and the steps: what is due, what follows from an outcome
 * notices_item.c  an item's life, and what the log is told of it
 * notices_send.c  ways to a person, words, and the channel
 * notices_found.c items made of rows: at a start, and of messages to people
 *
 * Owner: struct notices. Inside alert/.
 */
#include <sys/queue.h>

#include "alert/channel.h"
#include "alert/config.h"
#include "alert/gather.h"
#include "alert/notice_step.h"
#include "alert/notices.h"

struct channels;
struct facts;
struct loop_timer;
struct zone;

enum { ROUTES_MAX = OPERATORS_MAX * REACH_MAX };

/* One way to one person. */
struct notice_route {
	const struct person_config *person;
	const struct reach_config *reach;
	struct zone *zone; /* NULL: UTC */
};

struct notice_item {
	TAILQ_ENTRY(notice_item) entry;
	struct notices *all;
	struct notice notice;
	char key[NOTICE_KEY_SIZE];
	char *thread, *matter, *why;
	struct facts *facts;          /* for operators; else NULL, and … */
	char *to, *news;              /* … the person whom it is for, and what it says (alert/incident_text), or … */
	bool ready;                   /* … with its words (alert/ready) */
	int64_t created_ms, first_ms; /* wall; steady: of the first news */
	bool keeping, again;          /* the log has an order that it did not answer; what changed since must follow */
	bool trying_kept;             /* that order says that it is tried */
	bool sending;
	char person[100 + 1], channel[100 + 1]; /* of the last try */
};

struct notices {
	struct loop *loop;
	struct notices_ops ops;
	void *arg;
	struct notices_setup setup;
	struct notice_pace pace;
	struct channels_ops channel_ops;
	struct channels *channels;
	struct notice_route routes[ROUTES_MAX];
	size_t n_routes;
	TAILQ_HEAD(notice_items, notice_item) items;
	size_t n_items, n_for_people; /* the former without the latter */
	struct notice_item *open;     /* takes what is told until it leaves; NULL: none */
	struct gather gather;
	struct loop_timer *timer;
	struct notice_token *tokens; /* orders that the log has not answered */
	size_t lost;
	bool found; /* what the log has is known */
};

struct notice_token {
	struct notice_token *next;
	struct notices *all; /* NULL: gone meanwhile */
	struct notice_item *item;
};

/* --- notices.c --- */

void notices_event(struct notice_item *x, struct notice_event e); /* by alert/notice_step, and what follows from it */
void notices_look(struct notices *n); /* what is due is tried; the timer is set to what comes next */

/* --- notices_item.c --- */

struct notice_item *notices_item(struct notices *n) must_use; /* a new one; in the list */
void notices_item_free(struct notice_item *x);
void notices_keep(struct notice_item *x); /* orders the log to have it as it is now */

/* --- notices_send.c --- */

struct zone *notices_zone(const char *name); /* NULL: UTC */
const struct person_config *notices_person(const struct notices *n, const char *name);
/* The ways there are for it: those of operators, or of the one whom it is for. */
size_t notices_ways(const struct notice_item *x);
/* By the route that was chosen, which a new configuration may have taken away meanwhile. */
void notices_send(struct notice_item *x);
