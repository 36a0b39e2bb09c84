#pragma once
/*
 * The simulator: sources, their polls, the readers' pool and the queue as they are, in a world of its own: a clock that jumps
 * ahead from event to event, sites that misbehave, readers that die, a log that fails, a Redis that goes, forgets and refuses,
 * a machine that sleeps and a daemon that is killed. One number decides all of it, so that what failed once fails again.
 *
 *   sim_clock.c    time, and loop/ in virtual time (the linker takes loop_timer_set() and its kin from there)
 *   sim_log.c      what is kept: states, seen items, rows of the outbox; it alone survives a crash
 *   sim_web.c      sites and their items (fetch_start() comes from there)
 *   sim_readers.c  pool/plan with processes that are none (pool_submit() comes from there)
 *   sim_redis.c    queue/outbox and the Redis that it speaks to
 *   sim_health.c   what health may say, and when
 *   simulate.c     the story: faults, crashes, the end; prints the seed that broke a promise
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mention/outbox_row.h"
#include "source/health.h"

struct answer;
struct arena;
struct deaf_mark;
struct poll_report;
struct sim;
struct source_deaf;
struct source_status;

#define SIM_START_MS INT64_C(1790000000000) /* wall */

/* --- the world's own --- */

enum {
	SITES_MAX = 700,
	SHOWN = 12, /* items that a site shows at a time */
};

/* A broken promise: printed with seed and time; the program ends. */
void sim_broken(const struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
void sim_trace(const struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define PROMISE(s, condition, ...) ((condition) ? (void)0 : sim_broken(s, __VA_ARGS__))

uint64_t sim_roll(struct sim *s, uint64_t below);
static inline bool sim_one_in(struct sim *s, uint64_t n)
{
	return sim_roll(s, n) == 0;
}

/* Something is under way: now and then, just then, the daemon is killed or the clock is set. */
void sim_dice(struct sim *s, uint64_t seldom);
void sim_set_clock(struct sim *s);

/* --- time --- */

struct sim_event {
	int64_t at_ms;
	uint64_t order;
	size_t place; /* in the heap, from 1; 0: not set */
	void (*fn)(void *arg);
	void *arg;
	bool once; /* freed when it has come */
};

struct sim_clock {
	struct sim_event **heap; /* from 1 */
	size_t n, cap;
	uint64_t orders;
	int64_t steady_ms, wall_ahead_ms;
	uint64_t sets; /* of the wall clock */
};

void sim_clock_use(struct sim *s); /* base/clock tells this world's time */
void sim_clock_done(struct sim *s);
void sim_at(struct sim *s, struct sim_event *e, int64_t wait_ms); /* anew, if it is set */
void sim_not(struct sim *s, struct sim_event *e);
void sim_later(struct sim *s, int64_t wait_ms, void (*fn)(void *arg), void *arg);
bool sim_next(struct sim *s); /* the next event happens; false: none is left */

/* --- the log --- */

struct kept { /* of one source */
	struct arena *arena;
	struct kept_state *state;
};

struct sim_row {
	struct stream_id id;
	size_t site, item;
	bool sent;
};

struct sim_log {
	struct log_op *first, **last; /* in the order asked; applied one after another */
	struct sim_event work;
	struct sim_row *rows;
	size_t n_rows, cap_rows;
	size_t *row_of, cap_row_of; /* by id.ms: number of the row, from 1 */
	int64_t last_id, unsent;    /* ids up to unsent are sent */
	int64_t stalls_until_ms, fails_until_ms;
};

void log_crash(struct sim *s); /* some of what was asked for is kept, from the first on; nobody hears of it */
void log_done(struct sim *s);
/* From redis: kinds of outbox/actions about the log, answered by redis_log_answers(). */
enum log_ask { LOG_READ, LOG_MARK, LOG_RENAME, LOG_REWIND };
void log_outbox(struct sim *s, enum log_ask ask, const struct stream_id *ids, size_t n, struct stream_id id);
const struct sim_row *log_row(const struct sim *s, struct stream_id id); /* NULL: there is none */

/* --- sites --- */

enum site_mode {
	SITE_WELL,
	SITE_NO_TAG, /* well, and sends its body each time */
	SITE_HANGS,
	SITE_500,
	SITE_LIMITS, /* 429, with Retry-After or without */
	SITE_GONE,
	SITE_VANISHED, /* no such name */
	SITE_NO_FEED,
	SITE_POISON, /* kills whoever reads it */
	SITE_MODES,
};

struct site {
	struct sim *sim;
	struct source_config *config;
	unsigned host;
	enum site_mode mode;
	int64_t retry_after_ms; /* LIMITS; 0: not said */
	struct sim_event change, news;
	int64_t rhythm_ms;

	/* items 0 … n-1; the last SHOWN are shown */
	size_t n, cap;
	uint8_t *committed;    /* by item */
	struct stream_id *row; /* of each; ms 0: none */

	/* what is promised of it, by the steady clock */
	int64_t asked_ms;   /* last; TIME_NONE: never */
	int64_t allowed_ms; /* between two polls, as it stands with it */
	int64_t queue_ms;   /* for its turn, should all of its host hang */
	int64_t ask_by_ms;  /* at the latest */
	int64_t not_before_ms, kept_not_before_ms,
		retry_ms;  /* as said last; as the log knows it; what Retry-After means */
	uint32_t failures; /* in a row, as the log knows them */
	struct {           /* the last question of which the log was not told at once: when, and by which clock */
		int64_t asked_ms;
		uint64_t sets;
	} unkept;
	bool gone, asked_for, jumped;

	/* what it said when it was asked last: mode and retry_after_ms may be others by now */
	bool answered; /* with a body */
	int64_t answered_retry_ms;

	/* what was said of its health */
	enum { NOT_TOLD, TOLD, UNSURE } told; /* that it is deaf */
	int64_t told_ms;
	int64_t line_ms, line_end_ms;   /* the ledger's open line, TIME_NONE: none; where the one before ended */
	int64_t ok_wall_ms, kept_ok_ms; /* heard last, and as the log knows it; TIME_NONE: never */
	bool answered_badly;            /* since it was heard: there was something that could not be read */
	bool clock_was_set;             /* since then: its times prove nothing */
};

struct sim_web {
	unsigned hosts, transfers[64];         /* under way, by host */
	int64_t held_from_ms[64], held_ms[64]; /* asked for patience until; of this life of the daemon */
	int64_t second_ms;                     /* how many began in this second … */
	unsigned in_second;
	int64_t started_ms; /* the daemon */
	int64_t woke_ms;    /* … after all were due at once */
	uint64_t asked, answered;
};

void web_init(struct sim *s);
void web_done(struct sim *s);
void web_woke(struct sim *s, bool restarted); /* the daemon runs again: what is late may be so for a while */
void web_clock_was_set(struct sim *s);
void web_limited(struct site *x, int64_t retry_after_ms);
void web_unkept(struct site *x, int64_t ok_ms); /* heard, and the log will be told some time */
void web_check(struct sim *s);                  /* nobody starves */
void web_mend(struct sim *s);                   /* all sites are well from now on */
size_t web_body(const struct sim *s, const struct site *x, char *out, size_t size);
struct site *web_site(struct sim *s, const char *source);

/* --- readers --- */

enum { READERS = 3, WORLD_READERS = 4096 };

struct sim_pool {
	struct plan *plan;
	bool serves; /* a nursery did, in this life */
	struct sim_event tick;
	struct sim_process *first; /* nurseries and readers that live */
	struct sim_job *jobs;
	uint64_t n_jobs, sick_until_ms;
	uint64_t done, aside, deaths;
};

void pool_begin(struct sim *s);
void pool_end(struct sim *s); /* they die with the daemon */
void pool_kill_some(struct sim *s);
void pool_rest(struct sim *s); /* the end is near: nothing may be owed */

/* --- Redis --- */

struct redis_entry {
	struct stream_id id;
	size_t site, item; /* site SITES_MAX: a stranger's */
	int64_t at_ms;
};

struct sim_redis {
	struct outbox *outbox; /* NULL: the daemon is down */
	struct sim_event tick, answer;
	struct redis_entry *v;
	size_t n, cap;
	struct stream_id top;
	bool down, hangs, refuses, read_only;
	bool connected, connecting;
	enum redis_ask { REDIS_NOTHING, REDIS_CONNECT, REDIS_GREET, REDIS_SEND, REDIS_CHECK } asked;
	struct stream_id ids[128];
	size_t n_ids;
	bool log_owes;
	uint64_t connects, lost;
};

void redis_begin(struct sim *s);
void redis_crash(struct sim *s);
void redis_poke(struct sim *s);
void redis_log_answers(struct sim *s, enum log_ask ask, bool failed, const struct stream_id *ids, size_t n);
void redis_mood(struct sim *s); /* another one */
void redis_mend(struct sim *s);
bool redis_idle(const struct sim *s);
void redis_check(struct sim *s); /* at the end: each row is in the stream once */
void redis_done(struct sim *s);

/* --- health --- */

void health_mark(struct site *x, const struct deaf_mark *mark);
void health_told(struct sim *s, const struct source_deaf *deaf);
void health_check(struct sim *s, const struct source_status *status, const struct poll_report *report);
void health_forget(struct sim *s); /* the daemon died: what it knew by heart is gone */

/* --- all --- */

struct sim {
	uint64_t seed, dice;
	bool tracing, calm; /* calm: nothing goes wrong any more */
	struct sim_clock clock;
	struct sim_log log;
	struct sim_web web;
	struct sim_pool pool;
	struct sim_redis redis;
	struct site sites[SITES_MAX];
	struct kept kept[SITES_MAX];
	struct source_config *configs;
	size_t n;
	struct sources *sources; /* NULL: the daemon is down */
	uint64_t life, polls, crashes;
};
