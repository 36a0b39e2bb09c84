#pragma once
/*
 * source/poll_api: a poll of a platform's source: who we are, what is left of the budget, page after page, each committed with the
 * mentions that it held, and in the last one's commit where the next poll goes on. Inside source/poll.
 *
 *   begin → budget → (token → kept) → (what may be spent → kept) → ask → reader → commit → load → ask …
 *
 *   poll_api.c    its course: what it may ask for, and what comes behind each commit
 *   poll_page.c   one page, from the request to what it says of the next
 *   poll_token.c  its tokens
 *   poll_means.c  what it may spend, and what is told of that
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/budget.h"
#include "platform/course.h"
#include "platform/progress.h"

struct answer;
struct arena;
struct fetch_result;
struct poll;
struct request;
struct transfer;
struct zone;

enum {
	API_PAUSE_MAX_MS = 60 * 1000, /* between two pages of one poll; who wants more ends it */
	API_LONG_S = 75,              /* of a long poll; platforms hold one for 60 s at most */
	API_RENEWALS = 1,             /* of a token that the platform refused, in one poll */
};

struct poll_api {
	struct progress progress; /* as it was kept, then as it will be; its texts are the poll's */
	struct course course;
	struct course_answer answer; /* of the request that ended last */
	struct course_step step;
	struct budget budget;
	struct budget_say say;
	struct zone *zone;
	int64_t reserved; /* pages that are set aside and kept */
	int64_t answered; /* requests for pages that were sent, whatever they were answered with: each counts */
	bool unread;      /* the last of them came well, and what it held is not known yet */
	bool keeping; /* the commit that runs is of what must not be forgotten before the next step, and nothing else */
	bool rejected; /* the platform said that the token is too old */
	unsigned renewals;
	const char *from;  /* the cursor with which it began; NULL: none */
	bool last;         /* the commit that comes next is the poll's last */
	bool going;        /* pages were asked: a load is on the way to the next one */
	const char *frame; /* of a stream: the id that the batch ends with; NULL: none */
	const char *map;   /* how its answers are read: the platform's name; NULL: as a feed */
};

void poll_api_begin(struct poll *p);
void poll_api_loaded(struct poll *p);    /* what is known is up to date again: on to the next page */
void poll_api_committed(struct poll *p); /* and it isn't the end */
void poll_api_free(struct poll_api *api);

/* A reader's answer, or (answer NULL) what became of it. class_name is a literal. */
void poll_api_read(struct poll *p, struct answer *answer, struct arena *arena, const char *class_name, const char *why);

/* poll_token.c: gets or refreshes what is wanted, keeps it, and goes on with poll_api_go(); ends the poll where it can't. */
void poll_token_get(struct poll *p, enum auth_do what);

/* poll_means.c */
struct source_config;
struct budget poll_api_budget(const struct source_config *config, const struct zone *zone);

/* poll_api.c, for the others */
void poll_api_go(struct poll *p);
void poll_api_keep(struct poll *p);
void poll_api_fail(struct poll *p, enum course_next next, const char *class_name, const char *detail);
void poll_api_settle(struct poll *p); /* what was set aside, and was not spent, may be spent by another */

/* poll_page.c, for whoever asks by ids, or for a token */
struct transfer *poll_api_start(struct poll *p, const struct request *q,
				void (*on_fetched)(struct fetch_result *, void *));

/* poll_page.c, for poll_mailbox.c */
void poll_api_renew(struct poll *p); /* the platform said that the token is too old; its words are the step's detail */
void poll_api_keep_course(struct poll *p); /* what the course stands at is kept with the next commit */

/* poll_page.c, for poll_stream.c */
void poll_api_ask(struct poll *p);
int poll_api_open(struct poll *p, const struct request *q,
		  void (*on_refused)(struct fetch_result *, void *)); /* as stream_open() */
void poll_api_fetched(struct fetch_result *f, void *arg);
void poll_api_framed(struct poll *p, const char *id); /* a batch stands in p->body: as if a page had come */
void poll_api_quiet(struct poll *p);                  /* it is heard, and says nothing */
