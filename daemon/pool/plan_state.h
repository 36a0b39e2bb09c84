#pragma once
/*
 * pool/plan_state: what plan.c (the steps), plan_readers.c and plan_nurseries.c of one plan share. For them alone.
 */
#include <stdint.h>

#include "base/clock.h"
#include "pool/plan.h"
#include "pool/plan_jobs.h"

enum nursery_state { NURSERY_NONE, NURSERY_LOADING, NURSERY_SERVING, NURSERY_DRAINING, NURSERY_ENDING };
enum reader_state { READER_NONE, READER_STARTING, READER_IDLE, READER_BUSY, READER_DYING };

struct nursery {
	uint64_t id, generation;
	enum nursery_state state;
	bool asked;  /* somebody waits for the outcome of this load */
	bool killed; /* its end is on the way, and was told */
	int64_t deadline_ms;
};

struct reader {
	uint64_t id;
	struct nursery *nursery;
	enum reader_state state;
	bool forked, up;
	bool killed;
	bool told; /* its end is known already: closed by us, killed as late or broken */
	unsigned jobs;
	struct plan_job *job; /* BUSY; or DYING, and not judged yet */
	int64_t deadline_ms;
};

struct plan {
	unsigned wanted;
	int64_t reply_ms, load_ms;
	struct nursery nurseries[PLAN_NURSERIES_MAX];
	struct reader readers[PLAN_READERS_MAX];
	struct plan_queue waiting[PLAN_PRIORITIES], fresh; /* fresh ones of all priorities wait by themselves */
	uint64_t last_id;
	uint64_t generation;                    /* that served last; 0: none yet */
	uint64_t pending;                       /* to be loaded next; 0: none */
	unsigned fork_failures, spawn_failures; /* in a row */
	int64_t fork_at_ms, spawn_at_ms;        /* not before */
	uint64_t done, set_aside, strikes, reader_deaths, nursery_restarts;
	struct plan_action *actions;
	size_t n_actions, cap_actions;
};

/* plan.c */
void plan_act(struct plan *p, struct plan_action action);
int64_t plan_backoff_ms(unsigned failures); /* in a row, from 1 */

/* plan_nurseries.c */
struct nursery *plan_nursery_in(const struct plan *p, enum nursery_state state); /* some one; NULL: none */
void plan_about_nursery(struct plan *p, const struct plan_event *e, int64_t now_ms);
void plan_nursery_kill(struct plan *p, struct nursery *n);
bool plan_wants_nursery(const struct plan *p, int64_t *ret_from_ms); /* one is to be started, and from when on */
void plan_spawn(struct plan *p, int64_t now_ms);
void plan_retire_nurseries(struct plan *p, int64_t now_ms); /* those whose readers are gone */

/* plan_readers.c: readers, and the jobs that they hold. */
void plan_submit(struct plan *p, const struct plan_event *e);
void plan_cancel(struct plan *p, uint64_t job);
void plan_about_reader(struct plan *p, const struct plan_event *e, int64_t now_ms);
void plan_reader_late(struct plan *p, struct reader *r, int64_t now_ms); /* its deadline has passed */
void plan_readers_lost(struct plan *p, const struct nursery *n); /* with their nursery; their jobs are blameless */
unsigned plan_readers_of(const struct plan *p, const struct nursery *n,
			 bool working);       /* those that work, or will; or all */
bool plan_wants_reader(const struct plan *p); /* one is to be forked, from fork_at_ms on */
void plan_fork(struct plan *p, int64_t now_ms);
void plan_retire_readers(struct plan *p, int64_t now_ms); /* that have done enough, or whose generation has */
void plan_assign(struct plan *p, int64_t now_ms);
