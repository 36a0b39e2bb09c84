#pragma once
/*
 * store/replay: the mentions of the log once more, newest first, for who wants to know what other rules would have made of
 * them.
 *
 * It reads by a connection of its own that cannot write, and lets go of its view of the log between two batches: a daemon
 * goes on writing meanwhile, and its WAL does not grow for it. What came after replay_open() is not among them.
 *
 * A mention's facts are those that it was judged by: its counts of that time, not what they have grown to since.
 *
 * Owner:  whoever called replay_open(). Blocks: on the disk.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "mention/mention.h"

struct arena;
struct replay;

enum {
	REPLAY_ROWS_MAX = 256,           /* of one batch */
	REPLAY_ROWS_MAX_BYTES = 1 << 20, /* about, and always the first one whole */
	REPLAY_DEAF_NAMES = 3,
	REPLAY_SPANS_MAX = 10 * 1000, /* times in which nobody listened */
	REPLAY_INCIDENTS_MAX = 1000,
};

enum {
	REPLAY_E_NONE = 1, /* there is no log in this folder */
	REPLAY_E_CORRUPT,  /* it is damaged */
	REPLAY_E_NEWER,    /* a newer escuchad wrote it */
	REPLAY_E_OLDER,    /* an older one, which has not been started in its new version yet */
};
/* state: the log's folder. since_ms: of mentions that were seen then or later. */
int replay_open(const char *state, int64_t since_ms, struct replay **ret) must_use;
struct replay *replay_free(struct replay *r); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct replay, replay_free)

/* Before the first of them: those that were seen before since_ms come, too, down to from_ms. What is asked of the period stays
 * about since_ms. */
void replay_begin_at(struct replay *r, int64_t from_ms);

/* The next ones, with the hits that the log has; ret has room for REPLAY_ROWS_MAX. None: the end. Rows that can't be read are
 * left out and counted. */
int replay_next(struct replay *r, struct arena *a, struct mention *ret, size_t *ret_n) must_use;
/* One by its key, however old; REPLAY_E_NONE. */
int replay_find(struct replay *r, const uint8_t id[MENTION_ID_BYTES], struct arena *a, struct mention *ret) must_use;

/* How far the log sees. */
struct replay_reach {
	int64_t mentions;       /* rows of the period, about: for who shows how far he has come */
	int64_t first_ms;       /* the oldest mention that there is; TIME_NONE: none */
	int64_t plain_first_ms; /* the oldest without a hit: before it nothing can be found anew; TIME_NONE: none */
};
int replay_reach(struct replay *r, struct replay_reach *ret) must_use;

/* What was not heard from since_ms on. */
struct replay_deaf {
	int64_t sources;                      /* that were deaf for a time */
	int64_t down_ms;                      /* in which nothing at all was heard */
	const char *names[REPLAY_DEAF_NAMES]; /* of those, deaf for the longest first; NULL behind the last */
};
int replay_deaf(struct replay *r, int64_t now_ms, struct arena *a, struct replay_deaf *ret) must_use;

/* When nothing at all was heard since from_ms, as it began; of more than REPLAY_SPANS_MAX the first. */
struct replay_span {
	int64_t from_ms, to_ms;
};
int replay_down(struct replay *r, int64_t from_ms, int64_t now_ms, struct arena *a, const struct replay_span **ret,
		size_t *ret_n) must_use;

/* Incidents that were not over by since_ms, as they were opened; of more than REPLAY_INCIDENTS_MAX the newest. */
struct replay_incident {
	int64_t id;
	const char *topic, *alert; /* the alert that opened it */
	int peak, end;
	int64_t opened_ms, closed_ms; /* TIME_NONE: it is not closed */
};
int replay_incidents(struct replay *r, struct arena *a, const struct replay_incident **ret, size_t *ret_n) must_use;

size_t replay_damaged(const struct replay *r); /* rows so far that could not be read */
