#pragma once
/*
 * pool/inside: what pool.c (jobs, callbacks), crew.c (the processes) and tell.c (words) of one pool share. For them alone.
 */
#include "base/buf.h"
#include "pool/link.h"
#include "pool/plan.h"
#include "pool/pool.h"
#include "pool/spawn.h"
#include "pool/words.h"

struct arena;
struct border;
struct loop_timer;
struct loop_watch;

enum { JOB_BUCKETS = 256 };

/* The rules of one generation: the one that serves, one that loads, one that waits to be loaded. */
struct rules {
	struct rules *next;
	uint64_t generation;
	struct arena *arena; /* of what follows */
	const char **paths;
	size_t n;
	const struct map_source *maps;
	size_t n_maps;
	const char *lexicon;
};

struct job {
	struct job *next; /* in its bucket */
	uint64_t number;
	enum frame_type type;
	struct buf payload;
	char *source;
	pool_fn *fn; /* NULL: cancelled */
	void *arg;
};

struct nursery {
	struct nursery *next;
	struct pool *pool;
	uint64_t id, generation;
	struct nursery_process process;
	struct link *link;
	struct loop_watch *watch; /* of its pidfd */
	struct words *words;
	struct buf load;       /* FRAME_LOAD's bytes, borrowed by the link */
	bool ours, stranger;   /* its first frame said that it is of our build, or of another; nothing yet: neither */
	struct diag *findings; /* once it failed or is ready */
	const char *catalogue; /* borrowed from the frame, while it is handed on */
	size_t catalogue_len;
	struct border *border; /* of that catalogue; NULL: not ready yet */
};

struct reader {
	struct reader *next;
	struct pool *pool;
	uint64_t id, nursery;
	struct link *link;
	pid_t pid; /* 0: not known yet */
	bool up;
	uint64_t job;
	size_t told_off; /* how many of the pool's off it has been told of */
};

struct pool {
	struct loop *loop;
	struct plan *plan;
	const struct pool_ops *ops;
	void *arg;
	struct pool_config config; /* its program and rules are not to be used */
	char *program;
	struct rules *rules;
	struct arena *maps_arena; /* of those of the generations to come */
	const struct map_source *maps;
	size_t n_maps;
	char *lexicon; /* the same */
	char *tried;
	struct nursery *nurseries;
	struct reader *readers;
	struct job *jobs[JOB_BUCKETS];
	size_t n_jobs;
	uint64_t jobs_bytes, last_job, last_generation;
	uint64_t serving; /* the generation that served last; 0: none yet */
	struct buf off[POOL_OFF_MAX]; /* FRAME_OFF's bytes: what its readers are not to try */
	size_t n_off;

	struct plan_event *events; /* that the plan has not seen */
	size_t n_events, cap_events;
	bool stepping, late, ending;
	int64_t due_ms;
	struct loop_timer *due;     /* the plan's deadlines */
	struct loop_timer *turn;    /* events that came from outside the loop's callbacks */
	const struct frame *answer; /* the frame that PLAN_DONE is about */
	const char *broken;         /* what was wrong with it; NULL: not an answer at all */
};

/* pool.c */
void pool_happened(struct pool *p, const struct plan_event *event); /* from the loop: steps at once */
struct job *pool_job(const struct pool *p, uint64_t number);        /* NULL: none */

/* crew.c: does what the plan says; what comes of it goes to pool_happened(). */
void crew_spawn(struct pool *p, uint64_t nursery, uint64_t generation);
void crew_end(struct pool *p, uint64_t nursery);
void crew_kill_nursery(struct pool *p, uint64_t nursery);
void crew_fork(struct pool *p, uint64_t nursery, uint64_t reader);
void crew_send(struct pool *p, uint64_t reader, const struct job *job);
void crew_close(struct pool *p, uint64_t reader);
void crew_kill(struct pool *p, uint64_t reader);
void crew_drop(struct pool *p, uint64_t reader);
void crew_forget(struct pool *p, uint64_t nursery);              /* the plan has seen that it is gone */
struct nursery *crew_nursery(const struct pool *p, uint64_t id); /* NULL: none */
void crew_free(struct pool *p);                                  /* all of them, at once */

/* tell.c */
void tell_event(struct pool *p, const struct plan_action *a);
void tell_set_aside(struct pool *p, const struct plan_action *a, const struct job *job, struct buf *why);
void tell_refused(struct pool *p, const struct plan_action *a);
