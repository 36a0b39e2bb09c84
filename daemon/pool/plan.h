#pragma once
/*
 * pool/plan: what a pool decides, as a pure step: an event and the time in, actions out. No processes, no sockets, no
 * clock: nurseries, readers and jobs are numbers here, so that a simulator can drive years of it.
 *
 *   nursery:  loading → serving → draining → ending → gone
 *   reader:   starting (forked, its sandbox not yet up) → idle ⇄ busy → dying → gone
 *   job:      waiting ⇄ with a reader → done | set aside
 *
 * A job gets a strike when its reader died, was late or broken while it held it; when the nursery went down with its
 * readers the job is blameless. Each strike doubles the job's time, since a loaded machine looks like a hanging reader.
 *
 * A reader that has done its job goes all the same where the answer makes it suspect, or where it took more than half of
 * the job's time: what it read may have made it its own (pool/border). A fresh job is given to a reader that has had none;
 * where there is none such, an idle one makes room for it.
 *
 * Owner:  the caller; actions are valid until the next plan_step().
 * Bounds: PLAN_*_MAX below; who submits jobs bounds their number.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct plan;

enum {
	PLAN_READERS_MAX = 64,  /* of all generations, dying ones too */
	PLAN_NURSERIES_MAX = 4, /* one serves, one loads, others drain or end */
	PLAN_STRIKES_MAX = 3,
	PLAN_READER_JOBS_MAX = 500, /* then a reader is replaced by a fresh one: a millisecond, and foreign bytes start anew */
	PLAN_PRIORITIES = 2,          /* 0 goes first */
	PLAN_REPLY_MS = 5000,         /* for a fork, a death after a kill, a nursery's end */
	PLAN_LOAD_MS = 60 * 1000,
	PLAN_BACKOFF_MIN_MS = 100, /* doubled at each failure in a row */
	PLAN_BACKOFF_MAX_MS = 30 * 1000,
};

enum plan_event_kind {
	PLAN_TICK,            /* plan_due() has come: deadlines are looked at in this event alone */
	PLAN_LOAD,            /* generation: new rules are wanted */
	PLAN_SUBMIT,          /* job, priority, fresh, time_ms: its deadline, counted from when a reader has it */
	PLAN_CANCEL,          /* job */
	PLAN_NURSERY_READY,   /* nursery */
	PLAN_NURSERY_FAILED,  /* nursery: its rules are wrong */
	PLAN_NURSERY_GONE,    /* nursery, status: the process ended, or could not be started */
	PLAN_READER_FORKED,   /* reader */
	PLAN_READER_UP,       /* reader: its sandbox is closed */
	PLAN_READER_ANSWERED, /* reader, job, suspect */
	PLAN_READER_BROKEN,   /* reader: what it sent is no answer of ours */
	PLAN_READER_CLOSED,   /* reader: its socket ended */
	PLAN_READER_EXITED,   /* reader, status; also when it could not be forked */
};

struct plan_event {
	enum plan_event_kind kind;
	uint64_t nursery, reader, job, generation;
	int status; /* as waitpid() gives it; PLAN_STATUS_NONE: there was no process */
	unsigned priority;
	bool fresh, suspect;
	int64_t time_ms;
};
enum { PLAN_STATUS_NONE = -1 };

enum plan_action_kind {
	PLAN_SPAWN,        /* nursery, generation */
	PLAN_END,          /* nursery: close its socket */
	PLAN_KILL_NURSERY, /* nursery */
	PLAN_FORK,         /* reader, of nursery */
	PLAN_SEND,         /* job, to reader */
	PLAN_CLOSE,        /* reader: close its socket, it has done its work */
	PLAN_KILL,         /* reader; if it was forked, and lives */
	PLAN_DROP,         /* reader: gone, forget it */
	PLAN_DONE,         /* job, with the answer that reader just gave */
	PLAN_SET_ASIDE,    /* job, told, status: its third strike */
	PLAN_FORGET,       /* job: it was cancelled */
	PLAN_SERVES,       /* generation, nursery: from now on */
	PLAN_REFUSED,      /* generation, nursery, told, status: it could not be loaded */
	PLAN_TELL,         /* told, with nursery or reader and job (0: none), strikes, status */
};

enum plan_told { PLAN_DIED, PLAN_LATE, PLAN_BROKEN, PLAN_RULES /* wrong: its findings came before */ };

struct plan_action {
	enum plan_action_kind kind;
	uint64_t nursery, reader, job, generation;
	enum plan_told told;
	int status;
	unsigned strikes;
};

struct plan_actions {
	const struct plan_action *v;
	size_t n;
};

struct plan_config {
	unsigned readers;  /* 1 … PLAN_READERS_MAX / PLAN_NURSERIES_MAX */
	unsigned patience; /* PLAN_REPLY_MS and PLAN_LOAD_MS are this many times as long; 0: 1 */
};

struct plan *plan_new(const struct plan_config *config) must_use;
struct plan *plan_free(struct plan *p); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct plan, plan_free)

/* Events about what the plan does not know any more are ignored. */
struct plan_actions plan_step(struct plan *p, const struct plan_event *event, int64_t now_ms);
int64_t plan_due(const struct plan *p); /* when the next PLAN_TICK is due; TIME_NONE: never */

struct plan_status {
	unsigned readers, busy; /* of the serving generation, up; all that hold a job */
	size_t waiting;
	uint64_t generation, nursery; /* that serve; 0: none */
	bool loading;
	uint64_t done, set_aside, strikes, reader_deaths, nursery_restarts;
};
void plan_status(const struct plan *p, struct plan_status *ret);
