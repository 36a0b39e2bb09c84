#pragma once
/*
 * store/notice: notices in the log: what is to be sent, is being sent, was sent, was given up (mention/notice_row.h).
 *
 * Owner, threads and answers are as store/store.h says. A notice is taken even while the log is full: that it is full is
 * one of the things that people are told.
 */
#include <stddef.h>
#include <stdint.h>

#include "mention/notice_row.h"

struct store;

enum {
	STORE_NOTICES_OPEN_MAX = 1000, /* of one answer; more wait in the log for the next start */
	STORE_NOTICES_RECENT = 10,
	STORE_NOTICE_THREAD_DAYS = 7, /* what comes later about the same matter begins a thread of its own */
	STORE_NOTICE_KEEP_DAYS = 90,  /* after its end */
	STORE_NOTICE_LOST_DAYS = 7,   /* so long one that was given up counts as undelivered */
};

/* Adds the row, or changes the one of that key (state, tries, facts, …; never its thread). thread is valid for the call;
 * NULL: the notice begins one. */
typedef void store_notice_cb(void *arg, int r, const char *thread);
void store_notice_put(struct store *s, const struct notice_row *row, store_notice_cb *cb, void *arg);

struct store_notices {
	const struct notice_row *rows; /* those that are not ended, oldest first */
	size_t n;
	int64_t recent_ms[STORE_NOTICES_RECENT]; /* when the last ones of this kind were made, oldest first */
	size_t n_recent;
	size_t lost; /* given up within STORE_NOTICE_LOST_DAYS */
};
typedef void store_notices_cb(void *arg, int r, const struct store_notices *notices); /* NULL unless r is 0 */
void store_notices(struct store *s, const char *kind, store_notices_cb *cb, void *arg);
