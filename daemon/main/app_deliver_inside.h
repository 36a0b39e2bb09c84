#pragma once
/*
 * main/app_deliver_inside: what the files of app_deliver share. Nobody else includes it.
 */
#include "alert/card.h"
#include "alert/deliver.h"
#include "alert/notice_object.h"
#include "main/app_deliver.h"
#include "main/app_inside.h"
#include "mention/notice_row.h"

struct digest;
struct rose;
struct zone;

/* One message on its way into words. */
struct deliver_job {
	struct app *app;
	struct app_deliver *all;
	struct deliver_send send;
	char delivery[DELIVER_NAME_SIZE], person[DELIVER_NAME_SIZE]; /* which may be gone with the configuration */
	bool gone;
	struct arena *arena;
	struct card cards[DELIVER_CARDS_MAX];
	size_t n_cards, asked, lost;
	struct digest *digest;
	struct rose *rose; /* words of its days, and of those before */
	struct stream_id at; /* hits were read up to here */
	struct reply *reply; /* a look that somebody asked for: nothing is sent; NULL */
	char *topic;         /* of a look at one; NULL */
	struct notice_row row;
	bool has_row; /* there is something to send */
};

struct app_deliver {
	struct app *app;
	struct deliver *state;
	struct rotas *rotas;
	struct loop_timer *timer;
	struct stream_id read;
	bool known, stopped;
	bool busy;                                        /* the log has a question or an order of ours */
	bool more;                                        /* there may be hits behind what was read */
	bool changed;                                     /* since it was kept */
	size_t n_read;                                    /* since it was kept */
	struct deliver_job *job;                          /* the message that is made; NULL */
	struct deliver_job *looks[APP_DELIVER_ASKED_MAX]; /* that somebody asked for */
	size_t n_looks;
};

/* app_deliver_make.c */
void deliver_make(struct deliver_job *job); /* then deliver_made(), never from within */
void deliver_job_free(struct deliver_job *job);
void deliver_job_configure(struct deliver_job *job); /* a->config is another one */

/* app_deliver.c */
void deliver_made(struct deliver_job *job); /* job->row says what, if has_row */
