#pragma once
/*
 * store/canary: the mention that nobody wrote (alert/canary), in a row of its own: it is committed by the thread that commits every mention,
 * behind the same door (a full log takes none), and stands in no table that anything is counted, told or sent from.
 *
 * Owner, threads and answers are as store/store.h says.
 */
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum { STORE_CANARY_MAX_BYTES = 64 * 1024 };

struct store_canary {
	int64_t last_ms, since_ms, told_ms; /* wall; TIME_NONE: alert/canary says what that means */
	int failed;                         /* its stage's number */
	const void *mention;                /* NULL: that of before stays; and the full log takes it, too */
	size_t len;
};
void store_canary_put(struct store *s, const struct store_canary *c, store_done_cb *cb, void *arg); /* copied */

typedef void store_canary_cb(void *arg, int r, const struct store_canary *c); /* NULL: there was none yet */
void store_canary(struct store *s, store_canary_cb *cb, void *arg);
