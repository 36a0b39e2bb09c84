#pragma once
/*
 * store/mutes: what somebody silenced, until when and why.
 *
 * Owner, threads and answers are as store/store.h says. Taken even while the log is full.
 * Bounds: MUTES_MAX of one answer; one that is over is dropped after MUTES_KEEP_DAYS.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

enum { MUTES_MAX = 500, MUTES_KEEP_DAYS = 30 };

struct store_mute {
	int64_t id;
	const char *topic;
	int severity;               /* what is of this severity or below; its number in alert/config */
	bool critical;              /* what is critical, too */
	int64_t since_ms, until_ms; /* wall */
	const char *who, *why;
};

typedef void store_mutes_cb(void *arg, int r, const struct store_mute *v, size_t n); /* as they were said */
void store_mutes(struct store *s, store_mutes_cb *cb, void *arg);                    /* those that are not over */
/* id 0: a new one; the callback has its number. Else it ends at until_ms. */
typedef void store_mute_cb(void *arg, int r, int64_t id);
void store_mute_put(struct store *s, const struct store_mute *m, store_mute_cb *cb, void *arg);
