#pragma once
/*
 * store/sent_as: what services called the first message about a matter to an address (mention/notice_row.h), so that what follows
 * it after a restart still answers or changes it.
 *
 * Owner, threads and answers are as store/store.h says. Taken even while the log is full.
 * Bounds: STORE_SENT_AS_MAX of one answer, the newest; a row is dropped after STORE_SENT_AS_KEEP_DAYS.
 */
#include <stddef.h>

#include "mention/notice_row.h"

struct store;

enum { STORE_SENT_AS_MAX = 1024, STORE_SENT_AS_KEEP_DAYS = 90 };

/* In the place of the row of the same channel, address and matter. */
typedef void store_sent_as_put_cb(void *arg, int r);
void store_sent_as_put(struct store *s, const struct notice_sent_as *as, store_sent_as_put_cb *cb, void *arg);

typedef void store_sent_as_cb(void *arg, int r, const struct notice_sent_as *v, size_t n); /* oldest first */
void store_sent_as(struct store *s, store_sent_as_cb *cb, void *arg);
