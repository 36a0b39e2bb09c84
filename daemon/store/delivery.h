#pragma once
/*
 * store/delivery: how far deliveries have read the stream of hits, what waits of them, and the messages that follow: all in one
 * transaction, so that no end of the process tells a mention twice or never.
 *
 * Owner, threads and answers are as store/store.h says. It is taken even while the log is full. What waits (kept) is a blob of
 * whoever steps it.
 * Bounds: STORE_DELIVERY_KEPT_MAX_BYTES.
 */
#include <stddef.h>

#include "mention/notice_row.h"
#include "mention/outbox_row.h"

struct store;

enum { STORE_DELIVERY_KEPT_MAX_BYTES = 8 << 20 };
#define STORE_DELIVERY_NOTICES "delivery" /* the kind of its messages */

struct store_delivery {
	struct stream_id read; /* hits up to this one were stepped */
	const void *kept;
	size_t len;
};

/* Everything is copied. notices have their threads if r is 0; borrowed for the call, as is everything below. */
typedef void store_delivery_put_cb(void *arg, int r, const struct notice_row *notices, size_t n);
void store_delivery_put(struct store *s, const struct store_delivery *row, const struct notice_row *notices, size_t n,
			store_delivery_put_cb *cb, void *arg);

/* NULL with r 0: nothing was kept yet. */
typedef void store_delivery_cb(void *arg, int r, const struct store_delivery *found);
void store_delivery(struct store *s, store_delivery_cb *cb, void *arg);
